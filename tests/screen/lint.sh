#!/bin/bash
# Programs of bad habits, and what ipcmon says of them when it has watched for a while.
. "$(dirname "$0")/terminal.bash"
command -v jq >/dev/null || { echo "jq is not installed" && exit 77; }
PATH=$BUILD:$PATH
job=
n_begun=0

end_job() {
	[ -z "$job" ] || kill "$job" 2>/dev/null
	wait "$job" 2>/dev/null
	job=
}
trap 'end_job; close' EXIT

there() { ipcmon check >/dev/null 2>&1; [ $? -ne 3 ]; }

# begin PROGRAM...: in a domain of its own, until end_job
begin() {
	export IPC_DOMAIN=habits-$((++n_begun)) # who was killed may still tidy up the one before
	"$@" >/dev/null 2>"$T/err" &
	job=$!
	until_true there || fail "$* makes no domain"
}

# finds LINT: within some watching; a busy machine may keep it from showing at once
finds() {
	local i
	for ((i = 0; i < 5; i++)); do
		ipcmon lint --for 6.5s --json >"$T/lints" || fail "lint: $?"
		jq -e --arg id "$1" '.lints[] | select(.id == $id)' "$T/lints" >"$T/lint" && return 0
	done
	fail "$1 is not found: $(cat "$T/lints")"
}

begin "$BUILD/tests/system/prog_habit" spin
finds I014
jq -e '.count >= 1 and .first_ns <= .last_ns and .window_ns >= 5e9 and .now' "$T/lint" >/dev/null ||
	fail "no history: $(cat "$T/lint")"
ipcmon lint -A all -W I007 --for 6.5s | grep -q 'no lints' || fail '-A does not leave it out'
ipcmon lint --for 6.5s | grep -q 'time.*first.*last now' || fail 'the text does not say how often'
ipcmon check --for 6.5s >"$T/out"
[ $? -eq 1 ] && grep -q I014 "$T/out" || fail "check --for: $(cat "$T/out")"

# On the screen: in the header, among the events, and alone.
open 100x30
say 'ipcmon -d 0.5 habits-1'
see '[8] 1 lint I014'
press 8
press l
see 'only  lints'
see 'I014'
press Enter
see 'busy with'
press q q
end_job

begin "$BUILD/tests/system/prog_habit" orders
finds I006
end_job

begin "$BUILD/examples/slow-consumer" --repeat 0
finds I007
jq -e '.text | test("full") and test("slow-consumer.c:[0-9]+")' "$T/lint" >/dev/null || fail "no line: $(cat "$T/lint")"
end_job

# Each worker holds the queue whole, and none of them will empty it.
begin "$BUILD/tests/system/prog_habit" workers
finds I001
[ "$(jq -r .grade "$T/lints")" = warning ] || fail "a habit is no verdict: $(cat "$T/lints")"
end_job

begin "$BUILD/tests/system/prog_habit" third
finds I013
jq -e '.text | test("both ends")' "$T/lint" >/dev/null || fail "not of the third: $(cat "$T/lint")"
end_job

# Of a program without one there is nothing to say.
begin "$BUILD/examples/join-before-drain" --seconds 100
ipcmon lint -A I001 --for 6.5s | grep -q 'no lints' || fail 'a lint of a program that only sleeps'
end_job
ipcmon --for 1s ls 2>/dev/null
[ $? -eq 2 ] || fail '--for is for lint and check'
