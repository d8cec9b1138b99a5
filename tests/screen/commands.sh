#!/bin/bash
# Without a terminal: what the commands print, and what they exit with.
. "$(dirname "$0")/terminal.bash"
command -v jq >/dev/null || { echo "jq is not installed" && exit 77; }
PATH=$BUILD:$PATH

# exits STATUS COMMAND...: its output goes to $T/out and $T/err
exits() {
	local want=$1 is=0
	shift
	"$@" >"$T/out" 2>"$T/err" </dev/null || is=$?
	[ $is -eq "$want" ] || fail "$*: exit status $is, not $want; $(cat "$T/out" "$T/err")"
}
out_has() { grep -q -- "$1" "$T/out" || fail "$1 is not in: $(cat "$T/out")"; }
err_has() { grep -q -- "$1" "$T/err" || fail "$1 is not in: $(cat "$T/err")"; }
lines() { [ "$(wc -l <"$T/out")" -eq "$1" ] || fail "not $1 lines: $(cat "$T/out")"; }

# Wrong usage says what is wrong.
exits 2 ipcmon --no-such-option
exits 2 ipcmon no-such-command && err_has 'no-such-command'
exits 2 ipcmon ls surplus && err_has surplus
exits 2 ipcmon -d 1ms ls && err_has 1ms
exits 2 ipcmon -n 0 ls
exits 2 ipcmon --color red ls
exits 2 ipcmon --domain a --dir b ls
exits 3 ipcmon check --no-such-option # no verdict is not a bad one
exits 0 ipcmon --help && out_has 'check'
exits 0 ipcmon -V && out_has '^ipcmon [0-9]'

# No domain.
for command in ls waits dump graph; do
	exits 3 ipcmon $command && err_has 'no domain "default"'
	[ ! -s "$T/out" ] || fail "$command prints although there is nothing"
done
exits 3 ipcmon
exits 3 ipcmon --domain elsewhere ls && err_has elsewhere
exits 3 ipcmon --dir "$T/nowhere" ls && err_has nowhere
exits 3 ipcmon check && lines 1 && out_has '^UNKNOWN'
exits 3 ipcmon check --json && jq -e '.grade == "unknown"' "$T/out" >/dev/null || fail 'check --json of nothing'

begin_deadlock
stuck() { "$BUILD/ipcmon" check >/dev/null; [ $? -eq 2 ]; }
until_true stuck || fail 'no deadlock is found'

exits 2 ipcmon check && lines 1 && out_has '^DEADLOCK .* wait for one another'
exits 0 ipcmon && out_has 'DEPTH/CAP' && out_has 'BLK/THR' # no terminal: ls
exits 0 ipcmon ls -1 && out_has results
exits 0 ipcmon waits && out_has 'drain.c:[0-9]' && lines 3
exits 0 ipcmon graph && out_has 'closes the circle'
exits 0 ipcmon dump && out_has 'Fix: ' && out_has 'at join-before-drain.c:[0-9]'
exits 0 ipcmon --dir "$IPC_DIR/default" ls && out_has results
exits 0 ipcmon -b -n 3 -d 0.05 && [ "$(grep -c DEPTH/CAP "$T/out")" -eq 3 ] || fail '-n 3 is three'
grep -q $'\e' "$T/out" && fail 'escapes in a file'
exits 0 ipcmon --color always ls && grep -q $'\e\\[' "$T/out" || fail '--color always has no colours'
LC_ALL=C exits 0 ipcmon dump && grep -q $'[^\t -~]' "$T/out" && fail 'more than ASCII in LC_ALL=C'

# JSON.
for command in ls waits dump check graph; do
	"$BUILD/ipcmon" $command --json | jq -e . >/dev/null || fail "$command --json is not JSON"
done
exits 0 ipcmon dump --json -n 2 -d 0.05 && lines 2
exits 0 ipcmon dump --json && lines 1
jq -e '
	.schema == "ipcmon.snapshot/1" and .lints == [] and (.t_mono_ns | type) == "number" and
	([.processes[] | .pid, .sent_messages_total] | all(type == "number")) and
	([.processes[].name] | sort) == ["child", "parent"] and
	(.threads | length) == 2 and
	(.channels | map(select(.name == "results")) | .[0] |
		.queued_messages == 8 and .sent_messages_total == .received_messages_total + .queued_messages and
		(.directions[0] | .blocked_senders == 1 and .capacity_messages == 8 and .oldest_ns > 0) and
		.size_bytes == null) and
	(.waits | length) == 2 and (.waits[] | select(.op == "put") | .site | test("join-before-drain.c:[0-9]+ ")) and
	(.verdicts[0] | .class == "deadlock" and .strength == "certain" and (.since_ns | type) == "number" and
		(.core | length) == 2 and (.core[0] | has("pid") and has("tid") and has("name") and has("op") and has("object")) and
		.behind == [] and .pattern == "join-before-drain" and (.fix | length) > 10 and
		(.text | test("at join-before-drain.c:[0-9]+")))
' "$T/out" >/dev/null || fail "dump --json: $(jq . "$T/out")"

# Somebody who stops reading ends it, quietly.
"$BUILD/ipcmon" -b -d 0.05 2>"$T/err" | head -n 1 >/dev/null
[ ! -s "$T/err" ] || fail "a closed pipe: $(cat "$T/err")"
exits 1 sh -c '"$BUILD/ipcmon" ls >/dev/full' && err_has 'No space left'
