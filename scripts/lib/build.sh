# shellcheck shell=bash disable=SC2154 # $root, the checkout, is set by the caller
# The release build.

# build_jobs: compilers at a time; each may take about 2 GB.
build_jobs() {
  local cores memory_gb
  cores=$(nproc)
  memory_gb=$(awk '/^MemAvailable/ {print int($2 / 2097152)}' /proc/meminfo)
  [ "$memory_gb" -lt 1 ] && memory_gb=1
  if [ "$memory_gb" -lt "$cores" ]; then echo "$memory_gb"; else echo "$cores"; fi
}

# show_progress: of ninja's lines only each further tenth.
show_progress() {
  awk -F'[][/]' '/^\[[0-9]+\/[0-9]+\]/ {
    tenth = int(10 * $2 / $3)
    if (tenth > last) { last = tenth; printf "      %d %% (%d/%d)\n", tenth * 10, $2, $3; fflush() }
  }'
}

# build_release LOG [TARGET…]: configures once, then lets ninja make what changed.
build_release() {
  local log=$1
  shift
  : >"$log"
  fetch_web_libraries "$log"
  if [ ! -e "$root/build/release/build.ninja" ]; then
    (cd "$root" && run_logged "$log" cmake --preset release) || {
      show_end "$log"
      stop "Không chuẩn bị được bản dựng; xem ${log#"$root"/}." \
        "The build could not be configured; see ${log#"$root"/}."
    }
  fi
  if ! NINJA_STATUS='[%f/%t] ' ninja -C "$root/build/release" -j "$(build_jobs)" "$@" 2>&1 |
    tee -a "$log" | show_progress; then
    grep -A 12 -m 3 '^FAILED' "$log" | sed 's/^/      | /' >&2
    stop "Dựng chương trình không thành; xem ${log#"$root"/}." \
      "The build failed; see ${log#"$root"/}."
  fi
}
