# shellcheck shell=bash disable=SC2154 # $root, the checkout, is set by the caller
# Installs the Debian packages of scripts/packages/*.txt that are missing, and nothing else.

# needed_packages LIST…: names in scripts/packages/LIST.txt that apply to this machine.
needed_packages() {
  local list name rest
  for list in "$@"; do
    while read -r name rest; do
      case $name in '' | '#'*) continue ;; esac
      if [[ $rest == unless=* ]] && command -v "$(expr "$rest" : 'unless=\([^ ]*\)')" >/dev/null; then
        continue
      fi
      printf '%s\n' "$name"
    done <"$root/scripts/packages/$list.txt"
  done
}

# missing_packages LIST…: those of them that are not installed.
missing_packages() {
  comm -23 <(needed_packages "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u)
}

# require_disk FOLDER GIGABYTES: stops when the disk of FOLDER has less room.
require_disk() {
  local free_kb
  free_kb=$(df -Pk "$1" | awk 'NR == 2 {print $4}')
  [ "$free_kb" -ge $(($2 * 1024 * 1024)) ] ||
    stop "Ổ đĩa của $1 chỉ còn $((free_kb / 1024)) MB trống; cần ít nhất $2 GB." \
      "The disk of $1 has only $((free_kb / 1024)) MB left; at least $2 GB are needed."
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# While this file stands, packages that bring a service do not start it.
service_guard=/usr/sbin/policy-rc.d
guard_is_ours=no

# While this one stands, PostgreSQL's package makes no database of its own, which would start with
# the machine.
cluster_guard=/etc/postgresql-common/createcluster.d/khochung.conf

forbid_services() {
  as_root mkdir -p "$(dirname "$cluster_guard")"
  echo 'create_main_cluster = false' | as_root tee "$cluster_guard" >/dev/null
  [ -e "$service_guard" ] && return
  guard_is_ours=yes
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$service_guard" >/dev/null
  as_root chmod 755 "$service_guard"
}

allow_services() {
  as_root rm -f "$cluster_guard"
  [ "$guard_is_ours" = yes ] || return 0
  guard_is_ours=no
  as_root rm -f "$service_guard"
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"
}

# show_install_progress: of apt's lines only each further tenth; a package is fetched, unpacked, set up.
show_install_progress() {
  awk '/ newly installed/ { total = 3 * $3 }
    total && /^(Get:|Unpacking |Setting up )/ {
      tenth = int(10 * ++done / total)
      if (tenth > last && tenth <= 10) { last = tenth; printf "      %d %%\n", tenth * 10; fflush() }
    }'
}

# install_packages LOG LIST…: brings the machine to what the lists name.
install_packages() {
  local log=$1 missing
  shift
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} = 0 ]; then
    say "Đã đủ, không cần cài thêm (nothing is missing)."
    return
  fi
  command -v apt-get >/dev/null ||
    stop "Máy này không có apt; hãy dùng Debian 12." "This machine has no apt; please use Debian 12."
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    stop "Cần cài ${#missing[@]} gói nhưng không có quyền root và không có sudo." \
      "${#missing[@]} packages must be installed, which needs root or sudo: ${missing[*]}"
  fi
  require_disk /usr 3
  say "Đang cài ${#missing[@]} gói (installing ${#missing[@]} packages; details in ${log#"$root"/})…"
  # A repository that this machine cannot reach matters only if a package is then missing.
  run_logged "$log" apt_get update || true
  if ! apt-get -q --simulate --no-install-recommends install "${missing[@]}" >>"$log" 2>&1; then
    show_end "$log"
    stop "apt không tìm thấy gói cần thiết; hãy kiểm tra mạng và nguồn gói của Debian 12." \
      "apt does not find a package that is needed; please check the network and the Debian 12 sources."
  fi
  trap allow_services EXIT
  forbid_services
  if ! apt_get --no-install-recommends install "${missing[@]}" 2>&1 | tee -a "$log" | show_install_progress; then
    show_end "$log"
    stop "Cài gói không thành; hãy kiểm tra mạng và chỗ trống rồi chạy lại." \
      "Installing failed; please check the network and the disk, then run this again."
  fi
  allow_services
  trap - EXIT
}

# fetch_npm_packages FOLDER LOG: brings FOLDER/node_modules to what its lock file says.
fetch_npm_packages() {
  local place=$root/$1 log
  log=$(realpath -m "$2") # the folder changes below
  [ "$place/package-lock.json" -nt "$place/node_modules/.package-lock.json" ] || return 0
  (cd "$place" && run_logged "$log" npm ci --no-audit --no-fund --ignore-scripts) || {
    show_end "$log"
    stop "Không lấy được các gói của $1; hãy kiểm tra kho gói npm." \
      "The packages of $1 could not be fetched; please check the npm registry."
  }
}

# What the browser gets from others, which goes into the program.
fetch_web_libraries() { fetch_npm_packages server/web "$1"; }
# What drives the browser in the tests, what checks openapi.yaml, and a provider of sign-in.
fetch_test_libraries() {
  fetch_npm_packages tests/browser "$1"
  fetch_npm_packages tests/openapi "$1"
  fetch_npm_packages tests/oidc "$1"
}
