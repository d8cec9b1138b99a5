#!/bin/bash
# ipcbench: every implementation that is here passes the verification of every case it takes part in, in
# a fraction of a second; its output is what it says it is. No figure is looked at.
# test-limit: 300
set -euo pipefail

bench=$BUILD_DIR/ipcbench
bad=0
complain() { echo "$*" && bad=1; }

# "name waits case..." of those that are here
"$bench" --list >"$TEST_TMP/list"
grep -q '^yardstick ' "$TEST_TMP/list" || complain "no yardstick"
grep ' left out: ' "$TEST_TMP/list" || :

# 8 bytes and 1 KiB: all can do both, and the second does not fit beside a slot's head.
"$bench" --json --seconds 0.03 --rounds 1 --size 8 --size 1024 >"$TEST_TMP/json" || complain "exit status $?"
while read -r impl waits cases; do
	case $waits in sleeps | spins) ;; *) continue ;; esac
	for case in $cases; do
		for size in 8 1024; do
			grep -q "^{\"case\":\"$case\",\"impl\":\"$impl\",\"size_bytes\":$size," "$TEST_TMP/json" ||
				complain "$impl has nothing to say on $case with $size bytes"
		done
	done
done <"$TEST_TMP/list"
lines=$(wc -l <"$TEST_TMP/json")
jq -se "length == $lines and all(.[]; (keys == [\"case\", \"impl\", \"metric\", \"size_bytes\", \"unit\", \"value\"])
	and .unit == \"ns\" and .value > 0 and (.metric | IN(\"ns_per_msg\", \"p50_ns\", \"p99_ns\", \"p999_ns\")))" \
	"$TEST_TMP/json" >/dev/null || complain "the JSON is not as documented"

# Large ones, which travel otherwise than small ones.
"$bench" --seconds 0.03 --rounds 1 --size 65536 --size 1048576 --case oneway --case inplace-full >"$TEST_TMP/table" ||
	complain "exit status $? with large messages"
grep -q '^1 MiB .*ns/message' "$TEST_TMP/table" || complain "the table has no line for 1 MiB"

# Any length, verified to its last byte; and the tables of the README.
"$bench" --json --seconds 0.03 --rounds 1 --size 97 --case oneway --impl libipc-pipe --impl pipe >"$TEST_TMP/odd" ||
	complain "exit status $? with 97 bytes"
[ "$(grep -c '"size_bytes":97,' "$TEST_TMP/odd")" -eq 2 ] || complain "nothing about 97 bytes"
"$bench" --markdown --seconds 0.01 --rounds 1 >"$TEST_TMP/tables" || complain "exit status $? of --markdown"
[ "$(grep -c '^| \(yardstick\|libipc-queue\|… to the \)' "$TEST_TMP/tables")" -eq 16 ] ||
	complain "the tables of the README lack rows"

# What is promised: each promise gets a line, kept or not (they are for a machine that does nothing else).
"$bench" --bars --seconds 0.01 --rounds 1 >"$TEST_TMP/bars" || [ $? -eq 1 ] || complain "exit status $? of --bars"
[ "$(grep -cE '^(ok|MISSED) +.* \((at most|at least) [0-9.]+\)$|^- +.* not measured$' "$TEST_TMP/bars")" -ge 20 ] ||
	complain "--bars says too little"

# What it cannot make sense of.
for wrong in '--case nothing' '--impl nothing' '--size 7' '--seconds -1' '--rounds 0.5' 'nothing'; do
	# shellcheck disable=SC2086 # an option and its value
	"$bench" $wrong >/dev/null 2>&1 && complain "takes $wrong"
done
find "$IPC_DIR" -mindepth 1 | grep . && complain "left these behind"
exit $bad
