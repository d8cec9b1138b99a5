#!/bin/bash
# Show what libipc is about, with ipcmon looking on.
#
#   demo.sh wordcount   a word count by several processes, over and over; with a terminal the live
#                       monitor (q ends both), without one a verified run of five rounds and two looks
#   demo.sh deadlock    a program that joins its child before it drains the queue, and what ipcmon
#                       says of it
#   demo.sh slow        four stages in a row of which one is too slow, and how ipcmon finds its line
#
# Everything happens in a domain of its own, and nothing is left behind.

set -u
build=${BUILD_DIR:-build}
mon=$build/ipcmon
job=

export IPC_DOMAIN=demo-$$
base=${IPC_DIR:-/dev/shm/libipc-$(id -u)}
had_base=$(test -d "$base" && echo yes)

# Ends the program by its pid; its children end with it. The domain goes when its last process
# leaves, but for the case that they were killed.
clean_up() {
	if [ -n "$job" ]; then
		kill -TERM "$job" 2>/dev/null
		wait "$job" 2>/dev/null
	fi
	job=
	rm -rf "${base:?}/$IPC_DOMAIN"
	test -n "$had_base" || rmdir "$base" 2>/dev/null
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() {
	echo "demo: $*" >&2
	exit 1
}

# until_true SECONDS COMMAND...: run it until it succeeds, while the job runs.
until_true() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		kill -0 "$job" 2>/dev/null || return 1
		[ $SECONDS -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

look() {
	printf '\n$ ipcmon ls\n'
	"$mon" ls
}

is_deadlocked() {
	"$mon" check
	[ $? -eq 2 ]
}

# Something to look at: the queue's name shows once the program is past its beginnings.
has_channels() {
	"$mon" dump --json | grep -q '"counts"'
}

wordcount_live() {
	"$build/examples/wordcount" --repeat 0 </dev/null >/dev/null 2>&1 &
	job=$!
	until_true 10 has_channels || fail "wordcount did not start; try it by itself: $build/examples/wordcount"
	"$mon"
}

wordcount_once() {
	local rc=0
	# Five rounds, so that there is something to see where /usr/include is small.
	"$build/examples/wordcount" --verify --repeat 5 </dev/null &
	job=$!
	until_true 60 has_channels && look && look
	echo
	wait "$job" || rc=$?
	job=
	return $rc
}

deadlock() {
	# Not for ever, should this script be killed: the program ends by itself.
	timeout 3600 "$build/examples/join-before-drain" </dev/null >/dev/null &
	job=$!
	echo 'libipc/examples/join-before-drain.c runs: its parent joins the child before it drains the queue.'
	if ! until_true 10 is_deadlocked; then
		kill -0 "$job" 2>/dev/null || fail "join-before-drain ended by itself: see above"
		fail "no deadlock within 10 seconds: $("$mon" check)"
	fi
	printf '\n$ ipcmon check\n'
	"$mon" check
	printf '\n$ ipcmon dump\n'
	"$mon" dump
	if [ -t 0 ] && [ -t 1 ]; then
		printf '\nEnter shows it on the screen of ipcmon (q leaves it); anything else ends the demo: '
		local answer
		read -r answer && [ -z "$answer" ] && "$mon"
	fi
	return 0
}

is_saturated() {
	"$mon" dump | grep -q "^SATURATED"
}

slow() {
	timeout 3600 "$build/examples/slow-consumer" --repeat 0 </dev/null >/dev/null &
	job=$!
	echo 'libipc/examples/slow-consumer.c runs: a stage of its pipeline does not keep up. Which, and where?'
	until_true 30 is_saturated || fail "no queue is full after 30 seconds: $("$mon" check)"
	printf '\n$ ipcmon dump\n'
	"$mon" dump
	if [ -t 0 ] && [ -t 1 ]; then
		printf '\nEnter shows it on the screen of ipcmon (q leaves it); anything else ends the demo: '
		local answer
		read -r answer && [ -z "$answer" ] && "$mon"
	fi
	return 0
}

case ${1-} in
wordcount)
	if [ -t 0 ] && [ -t 1 ]; then
		wordcount_live
	else
		wordcount_once
	fi
	;;
deadlock) deadlock ;;
slow) slow ;;
*)
	echo 'usage: demo.sh wordcount|deadlock|slow' >&2
	exit 2
	;;
esac
