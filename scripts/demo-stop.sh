#!/usr/bin/env bash
# Stops the application that the demo started: by its own process, named in $DEMO/serve.pid.
set -euo pipefail
file="$DEMO/serve.pid"
[ -f "$file" ] || { echo "演示应用没有在运行 the demo's application is not running"; exit 0; }
pid=$(cat "$file")
rm -f "$file"
# the number may have been given to another program meanwhile
if [ -r "/proc/$pid/cmdline" ] && ! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q "serve $DEMO/data"; then
  echo "演示应用没有在运行 the demo's application is not running"
  exit 0
fi
kill "$pid" 2>/dev/null || { echo "演示应用没有在运行 the demo's application is not running"; exit 0; }
for _ in $(seq 200); do
  kill -0 "$pid" 2>/dev/null || { echo "演示应用已停止 the demo's application is stopped"; exit 0; }
  sleep 0.1
done
echo "进程 $pid 仍在运行 process $pid still runs" >&2
exit 1
