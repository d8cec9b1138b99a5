#!/bin/bash
# The long torture: ten million messages of 0 bytes to 8 MiB from 20 parties to 20, each to come
# whole, once and in order.
#
#   torture.sh processes|threads
#
# From the environment:
#   BUILD_DIR  build, or build/tsan
#   MESSAGES   how many (10000000)
#   SEED       to send the same messages again; the seed of every run is printed
#   PATIENCE   longest that nothing may be sent or received (60) [s]

set -u
build=${BUILD_DIR:-build}
torture=$build/tests/system/prog_torture
messages=${MESSAGES:-10000000}
memory=/dev/shm
test -w $memory || memory=${TMPDIR:-/tmp}
IPC_DIR=$(mktemp -d "$memory/libipc-torture.XXXXXX") || exit 2
export IPC_DIR BUILD_DIR=$build TSAN_OPTIONS=halt_on_error=1:${TSAN_OPTIONS-}
trap 'rm -rf "$IPC_DIR"' EXIT
trap 'exit 130' INT TERM

failures=0

# run SHARE OPTION...: with one in so many of the messages.
run() {
	local share=$1
	shift
	"${wrap[@]}" "$torture" --messages $((messages / share)) --seed "${SEED:-0}" \
		--patience "${PATIENCE:-60}" "$@" || failures=$((failures + 1))
}

wrap=()
case ${1-} in
processes)
	run 1 --capacity 1000
	run 1 --capacity 0
	run 1 --channel pipe --senders 1 --receivers 1 --capacity 0
	run 10 --channel joinable --capacity 20
	run 10 --channel pipe --senders 5 --receivers 5 --capacity 0
	run 100 --capacity 1
	;;
threads)
	# TSan of gcc 12 cannot place its shadow where the kernel randomises by more than 28 bits.
	setarch "$(uname -m)" -R true 2>/dev/null && wrap=(setarch "$(uname -m)" -R)
	run 1 --threads --capacity 1000
	run 10 --threads --channel joinable --capacity 0
	run 10 --threads --channel pipe --capacity 0
	;;
*)
	echo 'usage: torture.sh processes|threads' >&2
	exit 2
	;;
esac
echo "torture by $1: $failures failures"
[ $failures -eq 0 ]
