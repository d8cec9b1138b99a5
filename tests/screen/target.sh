#!/bin/bash
# What is watched, by each of its names: the domain's, its directory, a process of it, a copy, a recording; a
# process in a container; and what is said where it cannot be.
. "$(dirname "$0")/terminal.bash"
PATH=$BUILD:$PATH
cd "$T" || exit 1

deadlocked() {
	ipcmon check "$@" >out.txt 2>err.txt
	[ $? -eq 2 ] && grep -q '^DEADLOCK' out.txt
}
refused() { # STATUS TEXT ARGUMENTS...
	local status=$1 said=$2
	shift 2
	ipcmon "$@" >out.txt 2>err.txt
	[ $? -eq "$status" ] && grep -q -- "$said" out.txt err.txt || fail "ipcmon $*: not ($status, $said): $(cat out.txt err.txt)"
}

begin_deadlock
until_true deadlocked default || fail 'by its name'
deadlocked "$IPC_DIR/default" || fail 'by its directory'
deadlocked "$IPC_DIR/default/registry" || fail 'by its registry'
deadlocked --file "$IPC_DIR/default/registry" || fail 'by --file'
# shellcheck disable=SC2154 # begin_deadlock has set it
IPC_DIR=/nowhere deadlocked "$deadlock" || fail 'by a process of it'
IPC_DIR=/nowhere deadlocked -p "$deadlock" || fail 'by -p'
cp -r "$IPC_DIR/default" copy
ipcmon check ./copy | grep -q '^SUSPECTED' || fail 'by a copy' # its processes cannot be asked
(cd copy && ipcmon check .) | grep -q '^SUSPECTED' || fail 'from within it'
ipcmon record one.rec -n 3 -d 0.05 2>/dev/null
deadlocked one.rec || fail 'by a recording'
deadlocked - <one.rec || fail 'by a recording on standard input'

refused 3 'there is no process 4194305' ls 4194305
IPC_DIR=$PWD/nowhere sleep 60 &
refused 3 'is in no domain' ls $!
kill $!
refused 3 'there is no domain "nobody"' ls nobody
refused 2 'a process id is a number from 1 on, not "abc"' -p abc ls
refused 2 'a process id is a number from 1 on, not "-5"' -p -5 ls
refused 1 'is a directory, and a recording is a file' --replay "$T" ls
refused 2 'two things to watch' ls --dir copy default
refused 2 'two things to watch' --replay one.rec -p $$ ls
refused 2 'two things to watch' ls --domain default other
refused 2 'two things to watch' ls --replay one.rec two.rec
refused 2 'two things to watch' ls --dir copy --file one.rec
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	cp "$(command -v ipcmon)" "$T/own" && chmod 755 "$T/own"
	setpriv --reuid 65534 --clear-groups "$T/own" -p "$deadlock" ls >out.txt 2>err.txt
	is=$?
	[ $is -eq 126 ] || [ $is -eq 4 ] && grep -q 'belongs to user root: run ipcmon as that user\|denied' err.txt || fail "another user's process: $is $(cat err.txt)"
fi

# On the screen: a process that ends, and what was seen of it stays.
open 100x24
say "ipcmon -p $deadlock -d 0.1"
see "pid $deadlock"
see 'DEADLOCK'
end_deadlock
see 'GONE'
see 'DEADLOCK'
press q
see 'ready>'

# In a container: another pid namespace, and files nobody else sees.
unshare -Urpfm --mount-proc true 2>/dev/null || { echo 'no user namespaces here: the container is left out' && exit 0; }
(
	unset IPC_DIR
	exec unshare -Urpfm --mount-proc sh -c "mount -t tmpfs none /dev/shm && exec '$BUILD/examples/join-before-drain' --seconds 60"
) >/dev/null 2>&1 &
outer=$!
inner() {
	pid=$(cat "/proc/$outer/task/$outer/children" 2>/dev/null)
	pid=${pid%% *}
	[ -n "$pid" ] && grep -q '/registry' "/proc/$pid/maps" 2>/dev/null
}
until_true inner || fail 'the container does not come up'
ipcmon waits "$pid" >out.txt 2>err.txt
r=$?
ipcmon ls --table processes "$pid" >processes.txt 2>>err.txt
kill "$pid"
wait "$outer" 2>/dev/null
[ $r -eq 0 ] && grep -q 'drain.c:' out.txt || fail "in a container: $(cat out.txt err.txt)"
grep -q "$pid parent (ns 1)" processes.txt || fail "both pids: $(cat processes.txt)"
exit 0
