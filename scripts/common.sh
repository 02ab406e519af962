# What every part of ./dev uses. Sourced, never run.

jobs_max=$(nproc)
logs=build/logs
stamps=build/stamps

heading() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }

die() {
  printf 'dev: %s\n' "$*" >&2
  exit 1
}

# quietly LOG COMMAND…: keeps the output of a long command out of the way unless it fails.
quietly() {
  local log=$logs/$1.log
  shift
  mkdir -p "$logs"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    die "this failed: $* (its whole output is in $log)"
  fi
}

# unchanged NAME VALUE: whether VALUE was remembered under NAME by the last run.
unchanged() { [[ -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]; }

remember() {
  mkdir -p "$stamps"
  printf '%s\n' "$2" >"$stamps/$1"
}

hash_of_text() { sha256sum | cut -d ' ' -f 1; }

# hash_of_tree PATH… [find's own conditions]: one hash over names and contents of the files.
hash_of_tree() {
  find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum | hash_of_text
}
