# The Debian packages each command needs, and how they get here. Sourced by ./dev.
# Names differ between Debian 12 and 13 only for Boost.

packages_of() {
  case $1 in
    run)
      echo g++ cmake ninja-build pkg-config rapidjson-dev libsqlite3-dev libsodium-dev libspdlog-dev
      echo libfmt-dev libcli11-dev libtomlplusplus-dev zlib1g-dev ca-certificates "$(boost_package)"
      ;;
    page) has_node_and_npm || echo nodejs npm ;;
    checks) echo git curl python3 python3-pytest python3-pytest-xdist python3-jsonschema ;;
    test)
      echo libgtest-dev libgmock-dev librapidcheck-dev
      echo gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf libstdc++-arm-none-eabi-dev
      echo qemu-system-misc
      ;;
    # Not the default compiler of Debian 12: clang 14 does not understand its std::expected.
    sanitizers) echo clang-19 libclang-rt-19-dev ;;
    coverage) echo clang-19 libclang-rt-19-dev llvm-19 ;;
    campaign) echo strace ;;
    browser) echo chromium iproute2 ;;
    bench) echo nginx-light wrk python3 python3-flask gunicorn libbenchmark-dev ;;
    *) die "no package group is called $1" ;;
  esac
}

# Debian 12's default Boost is 1.74, too old for the coroutines used here; 1.81 stands beside it.
boost_package() {
  local VERSION_ID=''
  # shellcheck source=/dev/null
  . /etc/os-release
  if [[ $VERSION_ID == 12 ]]; then echo libboost1.81-dev; else echo libboost-dev; fi
}

# need_packages GROUP…: installs what is missing, in one go. Seconds when nothing is.
need_packages() {
  local wanted missing stamp
  wanted=$(for group in "$@"; do packages_of "$group"; done | tr ' ' '\n' | sort -u)
  stamp=$(printf '%s\n' "$wanted" | hash_of_text)
  unchanged "packages-$stamp" "$stamp" && return 0
  command -v dpkg-query >/dev/null ||
    die "this needs Debian 12 or 13; elsewhere install these yourself: $(tr '\n' ' ' <<<"$wanted")"
  missing=$(comm -23 <(printf '%s\n' "$wanted") <(installed_packages))
  # shellcheck disable=SC2086  # one package per word
  [[ -z $missing ]] || install_packages $missing
  remember "packages-$stamp" "$stamp"
}

installed_packages() {
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u
}

install_packages() {
  heading "Installing $# Debian packages (once; a few minutes)"
  note "$*"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3
             -o DPkg::Lock::Timeout=300)
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "these packages are missing, and neither root nor sudo is here to install them: $*"
    apt=(sudo "${apt[@]}")
  fi
  quietly apt-update "${apt[@]}" update
  quietly apt-install "${apt[@]}" install --no-install-recommends "$@"
}
