# The stages of ./dev test, in the order they run. Each can run alone: ./dev test NAME.
# Sourced by ./dev.

stages_quick=(checks build unit integration page browser)
stages_all=(checks build unit integration page browser campaign fuzz asan tsan commands)
python=/usr/bin/python3

declare -A stage_titles=(
  [checks]='Layers and tidiness'
  [build]='Release build'
  [unit]='Unit, property, contract and simulation tests, and the firmware core on RV32'
  [integration]='Real processes against an independent device'
  [page]='The page: lint, unit tests, build, budget'
  [browser]='Pours in a real browser'
  [campaign]='Killed servers, broken disks and networks, hostile clients, random worlds'
  [fuzz]='Any bytes into the codec, any events into the core, to find what breaks'
  [asan]='Everything again under AddressSanitizer and UndefinedBehaviorSanitizer'
  [tsan]='Everything with threads again under ThreadSanitizer'
  [commands]='What the documents tell people to run, each in its short form'
)

stage_checks() {
  check_format
  check_shell
  "$python" -m pytest tests/layering tests/tidy tests/scripts tests/planted tests/mutation \
    tests/commands/test_documents.py
}

# Only the version the style was written for: others disagree with it about details.
check_format() {
  if [[ $(clang-format --version 2>/dev/null) == *'version 14.'* ]]; then
    cpp_files | xargs -0 clang-format --dry-run --Werror
  else
    note 'format not checked: clang-format 14 (Debian 12) is not installed'
  fi
}

check_shell() {
  if command -v shellcheck >/dev/null; then
    shellcheck -x dev .ci/run
  else
    note 'shell scripts not checked: shellcheck is not installed'
  fi
}

stage_build() {
  build_preset release
  build_page
}

# All of them, as the stage before has built them; or of some rooms only, which are built first.
rooms=()
stage_unit() {
  if ((${#rooms[@]} == 0)); then
    run_ctest release
    return
  fi
  build_preset release "${rooms[@]/%//all}"
  local room
  for room in "${rooms[@]}"; do run_ctest "release/$room"; done
}

# Most of these tests wait for a device that does not answer, so many run side by side.
stage_integration() { "$python" -m pytest -n 6 tests/integration; }

stage_page() {
  need_page_packages
  npm --prefix frontend run lint
  npm --prefix frontend test
  build_page
  npm --prefix frontend run budget
}

stage_browser() {
  need_page_packages
  build_page
  export CHROMIUM
  CHROMIUM=$(command -v chromium)
  npm --prefix frontend run e2e
  if networks_allowed; then
    POURTOCOL_OWN_NETWORK=1 in_own_network npm --prefix frontend run e2e -- late-packets
  else
    note 'late packets: told with a proxy only, for nobody may make networks here (CAP_NET_ADMIN)'
  fi
}

# in_own_network COMMAND…: with a network of its own, whose names for others go when it ends.
in_own_network() {
  # shellcheck disable=SC2016  # "$@" is the inner shell's
  unshare --net --mount sh -c 'ip link set lo up && exec "$@"' sh "$@"
}

networks_allowed() {
  in_own_network sh -c 'ip netns add pourtocol-probe && ip netns delete pourtocol-probe &&
    ip link add probe type veth peer name peer' 2>/dev/null
}

# Some rounds of each attack; the long form is ./dev campaign. Floods come alone: they leave no
# processor for anything else. The same worlds on every machine, so that a failure is the change's
# own; ./dev sim --swarm draws anew.
stage_campaign() {
  "$python" -m pytest -n 2 tests/campaign
  "$python" -m pytest tests/hostile
  build/release/bin/pourtocol-sim --swarm --seed 1 --minutes 0.5
  "$python" tests/planted/planted.py --short
  "$python" tests/campaign/party.py --minutes 1 --guests 100 --seed 1
  "$python" tests/campaign/million.py --rows 50000
}

# Each with what the fuzzer starts from.
declare -A fuzz_seeds=(
  [codec_fuzz]=protocol/vectors
  [event_stream_fuzz]=firmware/core/tests/seeds
  [http_routes_fuzz]=backend/routes/tests/seeds/http
  [json_body_fuzz]=backend/routes/tests/seeds/json
  [query_fuzz]=backend/routes/tests/seeds/query
  [csv_fuzz]=backend/routes/tests/seeds/csv
  [device_reply_fuzz]=backend/esp32/tests/seeds
  [configuration_fuzz]=backend/app/tests/seeds
)

# The same draws on every machine, so that a failure is the change's own; ./dev fuzz draws anew.
stage_fuzz() { run_fuzz 60 -seed=1; }

# run_fuzz SECONDS [OPTION…]: every target for so long, as many at a time as there are processors.
# What they come to know is kept in build/fuzz/corpus and tried first the next time; an input that
# breaks something is left in build/fuzz, and given to its target as an argument breaks it again.
run_fuzz() {
  build_preset asan "${!fuzz_seeds[@]}"
  local seconds=$1 target failed=()
  shift
  export -f fuzz_one
  export logs
  printf '%s\0' "${!fuzz_seeds[@]}" | sort -z | while IFS= read -r -d '' target; do
    printf '%s\0%s\0' "$target" "${fuzz_seeds[$target]}"
  done | xargs -0 -n 2 -P "$jobs_max" bash -c 'fuzz_one "$@"' fuzz_one "$seconds" "$*" || true
  for target in "${!fuzz_seeds[@]}"; do
    sed -n -E "s/^(#[0-9]+[[:space:]]+DONE|Done|stat::)/$target: \1/p" "$logs/$target.log"
    grep -q '^Done' "$logs/$target.log" || failed+=("$target")
  done
  for target in "${failed[@]}"; do tail -n 40 "$logs/$target.log" >&2; done
  ((${#failed[@]} == 0)) || die "this found something: ${failed[*]}"
  # shellcheck disable=SC2086  # none, or one word
  /usr/bin/python3 scripts/fuzzing_runs.py ${fuzz_publish:-} "$logs" "${!fuzz_seeds[@]}"
}

# fuzz_one SECONDS OPTIONS TARGET SEEDS
fuzz_one() {
  mkdir -p "build/fuzz/corpus/$3"
  # shellcheck disable=SC2086  # one option per word
  "build/asan/bin/$3" -max_total_time="$1" $2 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/$3-" "build/fuzz/corpus/$3" "$4" >"$logs/$3.log" 2>&1 </dev/null
}

# Of the same build as the fuzzer, for both want the product under the same sanitizers.
stage_asan() {
  build_preset asan pourtocol_tests
  run_ctest asan
}

# Only what has threads: the disk's writer and reader, the resolver, and what is wired to them. All
# else is one thread by design, and is seen by the stage before.
threaded_tests=(app_test database_test esp32_test sqlite_contract_test)
stage_tsan() {
  build_preset tsan "${threaded_tests[@]}"
  run_ctest tsan -R "^($(IFS='|' && echo "${threaded_tests[*]}"))[.]"
}

# Last, since it finds built what the stages before it have built.
stage_commands() { "$python" -m pytest tests/commands/test_short_forms.py; }

# configure PRESET [ON|OFF]: with or without the tests, and with ccache where it is installed. Only
# when something about it changed: ninja itself looks after changed CMakeLists.
configure() {
  local settings=("-DPOURTOCOL_TESTS=${2:-ON}") presets stamp
  ! command -v ccache >/dev/null || settings+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  presets=$(hash_of_text <CMakePresets.json)
  stamp=$(hash_of_text <<<"$presets ${settings[*]}")
  [[ -f build/$1/build.ninja ]] && unchanged "configured-$1" "$stamp" && return 0
  # Afresh where the preset may name another compiler: CMake would forget the rest of what it says.
  unchanged "presets-$1" "$presets" || settings+=(--fresh)
  quietly "configure-$1" cmake --preset "$1" "${settings[@]}"
  remember "presets-$1" "$presets"
  remember "configured-$1" "$stamp"
}

# build_preset PRESET [TARGET…]: all of it, or these targets.
build_preset() {
  configure "$1"
  local targets=("${@:2}")
  quietly "build-$1" without_address_randomization \
    cmake --build "build/$1" -j "$jobs_max" ${targets:+--target "${targets[@]}"}
}

# run_ctest PRESET [OPTION…]. Properties draw the same on every machine, so that a failure is the
# change's own; RC_PARAMS=seed=N, or what a failure prints, draws otherwise.
run_ctest() {
  RC_PARAMS=${RC_PARAMS:-seed=1} without_address_randomization \
    ctest --test-dir "build/$1" -j "$jobs_max" --output-on-failure --timeout 300 \
    --no-tests=error "${@:2}"
}

# Sanitizers that came with older compilers do not start where the kernel spreads addresses widely.
without_address_randomization() {
  if setarch -R true 2>/dev/null; then setarch -R "$@"; else "$@"; fi
}

# run_stages NAME…: all of them, also after a failure, so that one run tells everything; but nothing
# that needs a build after the build has failed.
run_stages() {
  local name again failed=() report=() closing=()
  for name in "$@"; do
    run_stage "$name"
    # Now, for a later stage may run a part of this one once more, and with it its log.
    closing+=("$(closing_lines "$name")")
    if ((stage_status == 0)); then
      report+=("$(printf '%-12s %5d s' "$name" "$stage_seconds")")
    else
      failed+=("$name")
      again="./dev test $name${rooms:+ ${rooms[*]}}"
      report+=("$(printf '%-12s %5d s  FAILED; again: %s' "$name" "$stage_seconds" "$again")")
      [[ $name != build ]] || break
    fi
  done
  heading 'Stages'
  printf '   %s\n' "${report[@]}"
  heading 'In the words of the test runners'
  printf '%s\n' "${closing[@]}"
  ((${#failed[@]} == 0))
}

# run_stage NAME: output to the terminal and to build/logs; sets stage_status and stage_seconds.
# Not to be called in a condition: bash would then ignore failures inside the stage.
run_stage() {
  local began=$SECONDS
  heading "$1: ${stage_titles[$1]}"
  mkdir -p "$logs"
  set +e
  (
    set -euo pipefail
    "stage_$1"
  ) 2>&1 | tee "$logs/stage-$1.log"
  stage_status=${PIPESTATUS[0]}
  set -e
  stage_seconds=$((SECONDS - began))
  note "$1 took $stage_seconds s"
}

# The lines ctest, pytest, vitest, playwright and libFuzzer close with, as they wrote them, and what
# they name as failed: often nobody sees more of a run than its end.
closing_lines() {
  local log=$logs/stage-$1.log lines
  [[ -f $log ]] || return 0
  lines=$(sed -E 's/\x1b\[[0-9;]*m//g' "$log" |
    grep -E -e '% tests passed, ' -e '^Total Test time' \
      -e '^=+ .*[0-9]+ (passed|failed|error|skipped).* in [0-9.]+s' \
      -e '^ *(Test Files|Tests) +[0-9]' \
      -e '^ +[0-9]+ (passed|failed|flaky|skipped)( \(|$)' \
      -e '^[a-z_]+_fuzz: (#|Done)' -e '^[0-9]+ violations in ' \
      -e '^[[:space:]]+[0-9]+ - .* \([A-Z][A-Za-z ]+\)' -e '^RC_PARAMS=' \
      -e '^(FAILED|ERROR) ' -e '^ FAIL ' -e '^    e2e/[^ ]+:[0-9]+:[0-9]+ ' \
      -e '^(VIOLATION of|replay:) ' \
      -e '^[0-9]+ of [0-9]+ planted bugs found') || return 0
  printf '%s:\n%s\n' "$1" "$lines"
}
