# What kafka.sh and ministack.sh have in common: a server on this machine's loopback, its process and its port.

say() { printf '%s: %s\n' "${0##*/}" "$1" >&2; }
fail() { say "$1"; exit 1; }

# The process that FILE names, if it runs with TEXT among its arguments. A pid can come again: it must be ours.
process_of() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 1
  ps -p "$pid" -o args= 2>/dev/null | grep -qF "$2" && echo "$pid"
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range that the system hands out to outgoing connections.
free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 10000))
    taken "$port" || { echo "$port"; return; }
  done
  fail "no free port between 20000 and 30000"
}
