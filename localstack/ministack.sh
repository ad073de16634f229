#!/usr/bin/env bash
# MiniStack on this machine's loopback: a table store that others wrote, in place of LocalStack where there is no Docker.
#
#   localstack/ministack.sh start [--port N] [--dir DIR]    prints its URL once it answers; port 0 takes a free one
#   localstack/ministack.sh stop [--dir DIR]
#
# Needs Python 3 with venv; the first start fetches MiniStack from PyPI into DIR (target/ministack). It keeps nothing when it stops.
set -euo pipefail

version=1.5.33
here=$(cd "$(dirname "$0")" && pwd)
dir=$(dirname "$here")/target/ministack
port=4566
command=${1:-}
[ $# -gt 0 ] && shift
while [ $# -gt 0 ]; do
  case $1 in
    --port) port=${2:?--port needs a number}; shift 2 ;;
    --dir) dir=${2:?--dir needs a folder}; shift 2 ;;
    *) command=help; break ;;
  esac
done

# shellcheck source=localstack/loopback.sh
. "$here/loopback.sh"

# The process that runs from DIR, if there is one.
running() { process_of "$dir/pid" "$dir/venv"; }

start() {
  local pid
  if pid=$(running); then say "MiniStack runs (pid $pid)"; cat "$dir/url"; return; fi
  command -v python3 >/dev/null || fail "there is no python3; install it, with its venv"
  mkdir -p "$dir"
  if [ "$("$dir/venv/bin/pip" show ministack 2>/dev/null | sed -n 's/^Version: //p')" != "$version" ]; then
    python3 -m venv "$dir/venv" >"$dir/log" 2>&1 || fail "python3 makes no venv, $dir/log says why"
    "$dir/venv/bin/pip" install --quiet "ministack==$version" >"$dir/log" 2>&1 || fail "MiniStack cannot be fetched, $dir/log says why"
  fi
  if [ "$port" = 0 ]; then port=$(free_port); fi
  taken "$port" && fail "port $port is taken; give another with --port"
  BIND_HOST=127.0.0.1 GATEWAY_PORT=$port nohup "$dir/venv/bin/ministack" >"$dir/log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$dir/pid"
  for _ in {1..300}; do
    kill -0 "$pid" 2>/dev/null || fail "MiniStack has ended, $dir/log says why"
    if taken "$port"; then echo "http://127.0.0.1:$port" | tee "$dir/url"; return; fi
    sleep 0.1
  done
  fail "MiniStack does not answer, $dir/log may say why"
}

stop() {
  local pid
  pid=$(running) || { say "MiniStack does not run"; return; }
  kill "$pid"
  for _ in {1..100}; do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
  kill -KILL "$pid"
}

case $command in
  start | stop) "$command" ;;
  *) sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
