#!/bin/bash
# The crowd that is made to be watched: as many processes and channels as asked for, all of them
# busy, under names that nobody can open; and nothing is left when it is told to end.
#
# test-limit: 120

set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD_DIR:-${BUILD:-build}}
tmp=${TEST_TMP:-$(mktemp -d)}
pid=
trap 'test -z "$pid" || kill -TERM "$pid" 2>/dev/null' EXIT

die() {
	echo "crowd: $*"
	exit 1
}

"$build/examples/crowd" --processes 6 --channels 24 --seconds 90 >"$tmp/out" 2>&1 </dev/null &
pid=$!

# Every channel has had something in it: its high-water mark says so.
busy() {
	"$build/ipcmon" ls 2>/dev/null |
		awk '/crowd-channel-/ && $4 > 0 { n++ } END { exit n != 24 }'
}
deadline=$((SECONDS + 60))
until busy; do
	kill -0 $pid 2>/dev/null || die "it has ended: $(cat "$tmp/out")"
	[ $SECONDS -lt $deadline ] || die "not all are busy: $("$build/ipcmon" ls)"
done
"$build/ipcmon" ls >"$tmp/ls"
[ "$(grep -c ' crowd  *[0-9]*/1 ' "$tmp/ls")" -eq 7 ] || die "not seven processes: $(cat "$tmp/ls")"
kill -TERM $pid
wait $pid || die "exit status $? after SIGTERM: $(cat "$tmp/out")"
pid=
"$build/ipcmon" ls >/dev/null 2>&1 && die "the domain is still there"
"$build/examples/crowd" --processes 0 2>/dev/null && die "a crowd of nobody"
test -n "${TEST_TMP-}" || rm -rf "$tmp"
exit 0
