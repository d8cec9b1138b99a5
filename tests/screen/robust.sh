#!/bin/bash
# What is watched goes bad while somebody looks: the screen says so, lives, and finds the successor.
. "$(dirname "$0")/terminal.bash"
registry=$IPC_DIR/default/registry

# Its processes may sleep in what is not there any more, or have died of it.
kill_domain() {
	kill -KILL "$deadlock" $children 2>/dev/null
	wait "$deadlock" 2>/dev/null
	deadlock=
	rm -rf "${IPC_DIR:?}/default"
}

truncated() { : >"$registry"; }
cut_short() { truncate -s 5000 "$registry"; }
garbled() { head -c 200000 /dev/urandom | dd of="$registry" conv=notrunc status=none; }
beyond_the_header() { head -c 400000 /dev/urandom | dd of="$registry" bs=4096 seek=1 conv=notrunc status=none; }
replaced() { head -c 100000 /dev/urandom >"$T/other" && mv "$T/other" "$registry"; }
removed() { rm -f "$registry"; }
all_gone() { rm -rf "${IPC_DIR:?}/default"; }

open 100x30
begin_deadlock
say 'ipcmon -d 0.1'
for harm in truncated cut_short garbled beyond_the_header replaced removed all_gone; do
	see 'LIVE'
	see 'DEADLOCK'
	children=$(pgrep -P "$deadlock")
	$harm
	told() { text | sed -n 1p | grep -q 'GONE\|WAITING' || shows 'damaged '; }
	until_true told || fail "$harm: nothing is said"
	press 2 3 4 5 6 7 8 1 # none of them falls over it
	told || fail "$harm: what was said does not stay"
	kill_domain
	begin_deadlock
	see 'LIVE'
	see_not 'GONE'
	see_not 'damaged '
done
see 'DEADLOCK'
press q
see 'ready>'
end_deadlock

# A disk that is full: what was recorded before is kept, and can be read.
PATH=$BUILD:$PATH
begin_deadlock
mkdir "$T/disk"
record='ipcmon record "$1/full.rec" -n 2000 -d 0.05 2>"$1/../err.txt"; echo $? >"$1/../status"; cp "$1/full.rec" "$1/.."'
readable() {
	grep -q "$1.*samples before that are in it" "$T/err.txt" || fail "not said: $(cat "$T/err.txt")"
	[ "$(cat "$T/status")" != 0 ] || fail 'a recording that ended early is no success'
	ipcmon --replay "$T/full.rec" check >"$T/out"
	[ $? -eq 2 ] && grep -q DEADLOCK "$T/out" || fail "the recording cannot be read: $(cat "$T/out")"
	[ "$(ipcmon --replay "$T/full.rec" -b --since -1h ls -q --table processes -H | wc -l)" -gt 10 ] ||
		fail 'of many samples few are in it'
}
if unshare -rm true 2>/dev/null; then
	unshare -rm sh -c 'mount -t tmpfs -o size=12k tmpfs "$1" && '"$record" sh "$T/disk"
	readable 'No space left on device'
	rm -f "$T/full.rec"
fi
(ulimit -f 8 && sh -c "$record" sh "$T/disk")
readable 'File too large'
exit 0
