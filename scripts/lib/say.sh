# shellcheck shell=bash
# How the scripts speak: short lines, Vietnamese first, and one clear sentence on stopping.

# shellcheck disable=SC2034 # each script sets its own
step_total=1
step_now=0

# say_step VIETNAMESE ENGLISH: begins the next of $step_total steps.
say_step() {
  step_now=$((step_now + 1))
  printf '[%d/%d] %s (%s)\n' "$step_now" "$step_total" "$1" "$2"
}

say() { printf '      %s\n' "$*"; }

# stop VIETNAMESE ENGLISH [EXIT]: ends the script with one sentence in both languages.
stop() {
  printf '\nDừng: %s\nStopped: %s\n' "$1" "$2" >&2
  exit "${3:-1}"
}

# run_logged LOG COMMAND…: runs quietly; the output is in LOG.
run_logged() {
  local log=$1
  shift
  printf '\n$ %s\n' "$*" >>"$log"
  "$@" >>"$log" 2>&1
}

# show_end LOG: the lines of a log that say why something failed.
show_end() { tail -n 20 "$1" | sed 's/^/      | /' >&2; }
