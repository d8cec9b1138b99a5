#!/bin/bash
# Every pattern a verdict can name has a section in ipc-deadlocks(7).
set -euo pipefail
cd "$(dirname "$0")/../.."

bad=0 n=0
while read -r name; do
	n=$((n + 1))
	grep -qE "^\.It Sy (.* , )?$name( ,|\$)" libipc/man/ipc-deadlocks.7 || { echo "ipc-deadlocks(7) says nothing of $name" && bad=1; }
done < <(grep -A1 -E '^\s*\[[A-Z_]+\] =' libipc/observe/shapes.c | grep -oE '\{"[a-z-]+"' | tr -d '{"')
echo "$n patterns"
[ "$n" -gt 10 ] && exit $bad
