#!/bin/bash
# What libipc promises about its speed, held against what is measured here; RUNS times (1), and then the worst
# of the runs of each promise. Fails if any of the runs missed any. Options are ipcbench's. Wants a machine
# that does nothing else: three minutes for a run.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2

runs=${RUNS:-1}
[[ $runs =~ ^[1-9][0-9]?$ ]] || { echo "RUNS is a number from 1 to 99, not '$runs'" >&2 && exit 2; }
all=$(mktemp)
trap 'rm -f "$all"' EXIT
bad=0

for ((run = 1; run <= runs; run++)); do
	[ "$runs" -eq 1 ] || echo "== run $run of $runs"
	build/ipcbench --bars "$@" | tee -a "$all" || bad=1
done
[ "$runs" -gt 1 ] || exit $bad

# What is promised stands in columns 9 to 72 (bar_say() in bars.c), behind it value, unit and limit.
echo "== the worst of $runs runs"
LC_ALL=C awk '
	/^(ok|MISSED) .*\((at most|at least) / {
		text = substr($0, 9, 64); rest = substr($0, 73)
		value = rest + 0; least = rest ~ /\(at least /
		if (!(text in n)) order[++texts] = text
		if (!n[text]++ || (least ? value < worst[text] : value > worst[text])) {
			worst[text] = value
			said[text] = rest
		}
		misses[text] += $1 == "MISSED"
	}
	END {
		for (i = 1; i <= texts; i++) {
			t = order[i]
			printf "%-6s  %s%s", misses[t] ? "MISSED" : "ok", t, said[t]
			if (misses[t]) printf ", in %d of %d", misses[t], n[t]
			printf "\n"
		}
	}' "$all"
exit $bad
