#!/bin/bash
# A word count, a worker of which is killed every 50 ms: round after round it counts what one process
# alone counts, and leaves nothing. ipcmon looks on: nobody is ever stuck, no number is negative, no
# queue holds more than it can, and no dead process stays to be seen.
#
#   RESPAWN   seconds (20)
#
# test-limit: 3600
set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD_DIR:-build}
tmp=${TEST_TMP:?run it by tests/support/run.sh}
seconds=${RESPAWN:-20}
ghost_ns=10000000000 # a dead process is gone by then, on the busiest machine too
failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# Sources, and one file whose words take several messages: killed between two of them is a case, too.
make_tree() {
	mkdir "$tmp/tree"
	cp -r libipc monitor "$tmp/tree"
	seq 1 60000 | tr '0-9' 'a-j' >"$tmp/tree/many"
}

# What a reading must not say, as a line each; and who is not alive in it.
cat >"$tmp/wrong.jq" <<'EOJ'
(.verdicts[] | "verdict: \(.class) \(.text)"),
(paths(numbers) as $p | select(getpath($p) < 0) | "negative: \($p | join(".")) \(getpath($p))"),
(.channels[] | select(.capacity_messages and .queued_messages > .capacity_messages)
	| "more than fits: \(.name) \(.queued_messages)/\(.capacity_messages)"),
(.t_mono_ns as $t | .processes[] | select(.life != "alive") | "gone \(.id) \(.pid) \(.joined_ns) \($t)")
EOJ

# Those of them that were seen for longer than they may be.
ghosts() {
	awk -v limit=$ghost_ns '/^gone / {
		who = $2 " " $3 " " $4
		if (!(who in first)) first[who] = $5
		if ($5 - first[who] > limit) seen[who] = 1
	} END { for (who in seen) print "a ghost that stays:", who }' "$1"
}

watch() {
	local end=$((SECONDS + seconds)) rc
	while [ $SECONDS -lt $end ] && kill -0 "$job" 2>/dev/null; do
		"$build/ipcmon" dump --json -d 50ms -n 20 >"$tmp/dump" 2>"$tmp/dump.err" || fail "dump: $(cat "$tmp/dump.err")"
		scans=$((scans + $(wc -l <"$tmp/dump")))
		jq -r -f "$tmp/wrong.jq" "$tmp/dump" >>"$tmp/said" || fail 'dump is no JSON'
		"$build/ipcmon" check >"$tmp/check"
		rc=$?
		[ $rc -le 1 ] || fail "check: exit status $rc: $(cat "$tmp/check")"
	done
}

make_tree
scans=0
"$build/examples/wordcount" --respawn --kill-every 50ms --verify --repeat 0 "$tmp/tree" >"$tmp/out" 2>"$tmp/err" &
job=$!
until "$build/ipcmon" ls >/dev/null 2>&1 || ! kill -0 $job 2>/dev/null; do sleep 0.01; done
watch
kill -INT $job
wait $job || fail "exit status $?: $(cat "$tmp/err")"
grep -q '^verified: one process alone counts the same' "$tmp/out" || fail "no right count: $(cat "$tmp/out" "$tmp/err")"
rounds=$(sed -n 's/ rounds, then interrupted$//p' "$tmp/out")
kills=$(sed -n 's/ workers were killed and replaced$//p' "$tmp/out")
[ "${kills:-0}" -ge $((seconds / 2)) ] || fail "only ${kills:-0} workers were killed"
grep -v '^gone ' "$tmp/said" | sort | uniq -c | head -n 20 >"$tmp/wrong"
ghosts "$tmp/said" >>"$tmp/wrong"
[ ! -s "$tmp/wrong" ] || fail "ipcmon said: $(cat "$tmp/wrong")"
left=$(find "$IPC_DIR" -mindepth 1)
[ -z "$left" ] || fail "left behind: $left"

echo "$rounds rounds, $kills workers killed, $scans readings of ipcmon, $failures failures"
[ $failures -eq 0 ]
