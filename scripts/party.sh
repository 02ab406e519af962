# ./dev run: the server with three simulated dispensers, or with real ones. Sourced by ./dev.

bin=build/release/bin
party_taps=(left middle right)
declare -A party_drinks=([left]=Negroni [middle]='Whisky Sour' [right]=Mojito)
# A tap's flash outlives the party, so its machine must stay the same one.
declare -A party_seeds=([left]=2 [middle]=1 [right]=3)
party_folder=build/party
dispenser_pids=()
controls=()
server_pid=

run_party() {
  local taps=()
  trap end_party EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  names_real_taps "$@" || start_dispensers
  exec {server_lines}< <(guarded "$bin/pourtocol" serve "${taps[@]}" "$@")
  server_pid=$!
  announce <&"$server_lines"
  wait "$server_pid"
}

# Whether the arguments or the environment say which devices to use.
names_real_taps() {
  [[ -n ${ESP32_URL:-} ]] && return 0
  local word
  for word in "$@"; do
    case $word in --tap | --tap=* | --config | --config=*) return 0 ;; esac
  done
  return 1
}

# Fills `taps` with the server's options. Each dispenser takes a free port and says which.
start_dispensers() {
  local name
  mkdir -p "$party_folder"
  for name in "${party_taps[@]}"; do
    start_dispenser "$name" "${party_seeds[$name]}" ||
      die "the simulated dispenser '$name' did not start: $(cat "$party_folder/$name.log")"
  done
}

# start_dispenser NAME SEED: returns once it is ready; what it says goes to its log.
start_dispenser() {
  local log=$party_folder/$1.log lines line control=
  exec {lines}< <(guarded "$bin/pourtocol-dispenser" --port 0 --control-port 0 --tap "$1" \
    --seed "$2" --flash "$party_folder/$1.flash")
  dispenser_pids+=($!)
  : >"$log"
  while IFS= read -r line <&"$lines"; do
    printf '%s\n' "$line" >>"$log"
    if [[ $line =~ control\ on\ (http://[^\ ]+) ]]; then control=${BASH_REMATCH[1]}; fi
    if [[ $line =~ ready\ on\ (http://[^\ ]+) ]]; then
      taps+=(--tap "$1=${BASH_REMATCH[1]}" --drink "$1=${party_drinks[$1]}")
      controls+=("$1: $control")
      cat <&"$lines" >>"$log" &
      return 0
    fi
  done
  return 1
}

# In a session of its own, so that Ctrl-C reaches this script first and the server can say goodbye
# to living dispensers; and ended by the kernel should this script die without cleaning up.
guarded() { exec setpriv --pdeathsig TERM setsid "$@" 2>&1 </dev/null; }

announce() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line"
    if [[ $line =~ ready\ on\ http://[^\ ]*:([0-9]+) ]]; then
      printf '\n'
      note "The page: http://localhost:${BASH_REMATCH[1]}    (Ctrl-C stops everything)"
      ((${#controls[@]} == 0)) || tell_controls
      printf '\n'
    fi
  done
}

tell_controls() {
  note "The simulated machines are handled at ${controls[*]}"
  note "(lift the glass: curl -d '{\"present\":false}' ${controls[0]#* }/glass)"
}

# The server first, and its last words: it settles what it can while its dispensers still answer.
end_party() {
  trap '' INT TERM HUP
  if [[ -n $server_pid ]] && kill -TERM "$server_pid" 2>/dev/null; then
    cat <&"$server_lines"
  fi
  local pid
  for pid in "${dispenser_pids[@]}"; do
    kill -TERM "$pid" 2>/dev/null || true
  done
  wait
}
