#!/bin/bash
# Watching changes nothing: no file is opened for writing, nothing is mapped writable and shared,
# nobody gets a signal, a futex, or a tracer.
. "$(dirname "$0")/terminal.bash"
command -v strace >/dev/null || { echo "strace is not installed" && exit 77; }
strace -o /dev/null true 2>/dev/null || { echo "strace is not permitted here" && exit 77; }

begin_deadlock
open 80x24
say 'strace -f -o $T/trace ipcmon -d 0.05'
see 'DEADLOCK'
press 2 3 4 Enter q F1 q
see 'HELD BY'
press 1 Enter
see 'Fix:'
press q q
see 'ready>'
"$BUILD/ipcmon" dump --json >/dev/null || fail 'dump'

# What it writes to is its own terminal, by descriptors 1 and 2.
bad=$(grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|ptrace\(|process_vm|pidfd_send_signal\(|unlink|ftruncate|fallocate|F_SETLK|F_OFD_SETLK|F_SETLKW|flock\(' \
	"$T/trace" | grep -vE 'open(at)?\(.*"/dev/(tty|pts/[0-9]+|null)"')
[ -z "$bad" ] || fail "it did: $bad"
bad=$(grep -E 'mmap\(.*PROT_WRITE.*MAP_SHARED' "$T/trace")
[ -z "$bad" ] || fail "mapped writable and shared: $bad"
# Asking whether a pid exists is no signal; any other kill is.
bad=$(grep -E '[^a-z_](t?g?kill|rt_sigqueueinfo)\(' "$T/trace" | grep -vE 'kill\([0-9]+, 0\)')
[ -z "$bad" ] || fail "it sent a signal: $bad"
# Between processes a futex is not PRIVATE; a wake-up of somebody else's would be one.
bad=$(grep -E 'futex\(' "$T/trace" | grep -v PRIVATE)
[ -z "$bad" ] || fail "a shared futex: $bad"
bad=$(grep -E 'p?writev?[0-9]*\(' "$T/trace" | grep -vE 'write\([12],')
[ -z "$bad" ] || fail "it wrote elsewhere: $bad"
