#!/bin/bash
# Healthy programs under full load, watched at 10 Hz: no verdict, at any time. One of them ends
# by a time limit on an empty queue: that it waits so is said (timed), and is no fault.
#
#   SOAK   seconds (6)
#
# test-limit: 3600
set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD_DIR:-build}
tmp=${TEST_TMP:?run it by tests/support/run.sh}
export IPC_DOMAIN=soak
seconds=${SOAK:-6}

work() {
	local end=$((SECONDS + seconds))
	while [ $SECONDS -lt $end ]; do
		"$build/examples/$1" "${@:2}" >/dev/null 2>"$tmp/$1.err" || return
	done
}

work wordcount libipc & wordcount=$!
work pingpong & pingpong=$!
work multi-prod-cons & queues=$!
until "$build/ipcmon" ls >/dev/null 2>&1; do sleep 0.01; done

scans=0 findings=0
end=$((SECONDS + seconds))
while [ $SECONDS -lt $end ]; do
	"$build/ipcmon" dump --json -d 100ms -n 10 >"$tmp/dump" 2>/dev/null
	scans=$((scans + $(jq -r .grade "$tmp/dump" | wc -l)))
	jq -r '.verdicts[] | select(.class != "timed") | .text' "$tmp/dump" >"$tmp/said"
	[ -s "$tmp/said" ] && findings=$((findings + 1)) && cat "$tmp/said"
done

failed=0
for job in $wordcount $pingpong $queues; do wait "$job" || failed=1; done
[ $failed -eq 0 ] || cat "$tmp"/*.err
echo "$scans scans, $findings with a verdict"
[ $failed -eq 0 ] && [ $findings -eq 0 ] && [ $scans -ge $((seconds * 3)) ]
