#!/bin/bash
# A22: a program of the library in a shell pipeline: prod | ipc-tee | cons
#
# What comes out is what went in, to the byte; the end of input ends it; a consumer that
# leaves early ends the producer, not with a signal of ours.
#
# test-limit: 60

set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD_DIR:-build}
tmp=${TEST_TMP:?}
tee=$build/examples/ipc-tee

seq 1 300000 >"$tmp/in"
seq 1 300000 | timeout 30 "$tee" | cat >"$tmp/out"
cmp "$tmp/in" "$tmp/out"

# through two of them, and from and to a file
timeout 30 "$tee" <"$tmp/in" | timeout 30 "$tee" >"$tmp/out2"
cmp "$tmp/in" "$tmp/out2"

# nothing at all
timeout 30 "$tee" </dev/null | cmp - /dev/null

# the consumer leaves early: ipc-tee ends by itself with status 0, and the producer hears of it
rc=0
timeout 30 bash -c 'yes | "$1"; exit "${PIPESTATUS[1]}"' - "$tee" | head -n 3 >"$tmp/head" || rc=$?
[ "$(wc -l <"$tmp/head")" -eq 3 ]
[ "$rc" -eq 0 ] || { echo "ipc-tee ended with status $rc" && exit 1; }

# a queue that does not exist is an error, said so
if timeout 30 "$tee" no-such-queue </dev/null >/dev/null 2>"$tmp/err"; then
	echo "no error for a queue that is not there" && exit 1
fi
grep -q no-such-queue "$tmp/err"
