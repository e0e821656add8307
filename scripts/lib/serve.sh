# shellcheck shell=bash disable=SC2154 # $root, the checkout, is set by the caller
# Starting the built program: its port, the demo archive, waiting until it answers.

# port_is_taken PORT: whether something listens there already.
port_is_taken() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# healthz_answers PORT: whether the server there says that it is well.
healthz_answers() {
  local status
  { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
  printf 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
  read -r -t 5 status <&3 || status=
  exec 3>&- 3<&-
  [[ $status == "HTTP/1.1 200"* ]]
}

# wait_until_well PORT PID: returns when the server answers; fails when it has ended.
wait_until_well() {
  until healthz_answers "$1"; do
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.2
  done
}

# load_demo PROGRAM DATA LOG: takes the demo archive in once. Its receipt, DATA/demo.json, is the
# sign that it is there.
load_demo() {
  local program=$1 data=$2 log=$3 demo=$root/scripts/demo-archive
  [ -e "$data/demo.json" ] && return
  [ -e "$demo/manifest.csv" ] || return 0
  if [ -e "$demo/units.jsonl" ]; then
    run_logged "$log" "$program" unit import "$demo/units.jsonl" --data "$data" || return 1
  fi
  # A file that cannot be read (exit code 1) is told in the receipt; the rest is there.
  "$program" ingest --data "$data" --manifest "$demo/manifest.csv" --no-wait --json \
    >"$data/demo.json.part" 2>>"$log" || [ $? = 1 ] || return 1
  mv "$data/demo.json.part" "$data/demo.json"
}
