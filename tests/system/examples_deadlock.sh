#!/bin/bash
# The examples that are a deadlock on purpose: ipcmon says so, who is in it, and on which line.
#
# test-limit: 120

set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD_DIR:-${BUILD:-build}}
tmp=${TEST_TMP:-$(mktemp -d)}
pid=
trap 'test -z "$pid" || kill -TERM "$pid" 2>/dev/null' EXIT

die() {
	echo "$name: $*"
	exit 1
}

# found NAME PATTERN SITE CHECK: run it until `ipcmon check` is critical, and compare what it says.
found() {
	name=$1
	local pattern=$2 site=$3 says=$4 rc=0 line= deadline=$((SECONDS + 30))
	"$build/examples/$name" --seconds 90 >"$tmp/out" 2>&1 </dev/null &
	pid=$!
	while [ $rc -ne 2 ]; do
		[ $SECONDS -lt $deadline ] || die "after 30 s: exit status $rc, $line"
		kill -0 $pid 2>/dev/null || die "it has ended: $(cat "$tmp/out")"
		rc=0
		line=$("$build/ipcmon" check) || rc=$?
	done
	grep -qE "$says" <<<"$line" || die "not what was to be said: $line"
	"$build/ipcmon" dump >"$tmp/dump"
	grep -q "^Pattern: $pattern " "$tmp/dump" || die "no pattern $pattern: $(cat "$tmp/dump")"
	[ "$(grep -c "  at $site" "$tmp/dump")" -eq 2 ] || die "not two at $site: $(cat "$tmp/dump")"
	kill -TERM $pid
	wait $pid || die "exit status $? after SIGTERM: $(cat "$tmp/out")"
	pid=
}

found both-receive mutual-recv both-receive.c: \
	'^DEADLOCK .*parent [0-9]+ and child [0-9]+ wait for one another: recv\(pipe "talk"\) empty, recv'
found pipe-fileno-deadlock mutual-recv pipe-fileno-deadlock.c: \
	'^DEADLOCK .*parent [0-9]+ and child [0-9]+ wait for one another: '
found join-before-drain join-before-drain join-before-drain.c: \
	'^DEADLOCK .*parent [0-9]+ and child [0-9]+ wait for one another: join\(child [0-9]+\) running, put'
test -n "${TEST_TMP-}" || rm -rf "$tmp"
