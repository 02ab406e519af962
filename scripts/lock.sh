# One ./dev at a time in a checkout: two would build into the same folder and break each other's
# work. Sourced by ./dev.

lock_file=build/dev.lock

# hold_checkout COMMAND: waits until no other ./dev is at work here, and says on whom it waits. The
# lock belongs to the open file: it goes with this process and the last of its children, however
# they end, so nobody has ever to remove anything.
hold_checkout() {
  # Of a ./dev that another one has started, as the tests do: its parent has the checkout already.
  [[ ${DEV_HOLDS_CHECKOUT:-} != "$PWD" ]] || return 0
  mkdir -p "${lock_file%/*}"
  exec {checkout_lock}>>"$lock_file"
  if ! flock --nonblock "$checkout_lock"; then
    printf 'dev: waiting for %s, which is at work in this checkout (Ctrl-C to give up)\n' \
      "$(<"$lock_file")" >&2
    flock "$checkout_lock"
  fi
  printf './dev %s (process %d)\n' "$1" "$$" >"$lock_file"
  export DEV_HOLDS_CHECKOUT=$PWD
}

# For what follows the build and may last all evening.
release_checkout() {
  [[ -n ${checkout_lock:-} ]] || return 0
  exec {checkout_lock}>&-
  unset DEV_HOLDS_CHECKOUT
}
