#!/bin/bash
#
# The examples that hang, with IPC_ON_DEADLOCK in their environment: freed, or told why.
#
# test-limit: 120

set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD_DIR:-${BUILD:-build}}
tmp=${TEST_TMP:-$(mktemp -d)}
export IPC_DEADLOCK_AFTER_MS=250

die() { echo "$*" && exit 1; }

# Freed, and every result is there, once and in order.
IPC_ON_DEADLOCK=error timeout -k 2 40 "$build/examples/join-before-drain" >"$tmp/out" 2>"$tmp/err" </dev/null ||
	die "join-before-drain: exit status $?; $(cat "$tmp/out" "$tmp/err")"
{ echo 'the join would never end: draining first' && seq -f 'result %g' 0 63; } | diff - "$tmp/out" ||
	die 'these are not its results'
[ ! -s "$tmp/err" ] || die "with an error it prints nothing: $(cat "$tmp/err")"

# Told, once, and left to hang.
IPC_ON_DEADLOCK=report "$build/examples/join-before-drain" >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
for ((i = 0; i < 600; i++)); do
	grep -q '^Releasing: ' "$tmp/err" && break
	sleep 0.05
done
kill -TERM $pid
wait $pid
[ "$(grep -c '^DEADLOCK (certain): parent' "$tmp/err")" = 1 ] || die "no report: $(cat "$tmp/err")"
grep -q '^parent .* at join-before-drain+0x' "$tmp/err" || die "no call site: $(cat "$tmp/err")"
grep -q '^Pattern: join-before-drain' "$tmp/err" || die "no pattern: $(cat "$tmp/err")"
test -n "${TEST_TMP-}" || rm -rf "$tmp"
