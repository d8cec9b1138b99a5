#!/bin/bash
# The example with a stage that is too slow: ipcmon names the full queue, who does not keep up,
# and the line where that process takes its work, in the verdict and on the screen.
#
# test-limit: 120

set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD_DIR:-${BUILD:-build}}
source=libipc/examples/slow-consumer.c
tmp=${TEST_TMP:-$(mktemp -d)}
pid=
trap 'test -z "$pid" || kill -TERM "$pid" 2>/dev/null' EXIT

die() {
	echo "slow-consumer: $*"
	exit 1
}

# The line itself: the first get behind the beginning of the culprit's function.
line=$(awk '/^static int scale_pictures/ { in_it = 1 } in_it && /ipc_queue_get/ { print NR; exit }' $source)

"$build/examples/slow-consumer" --repeat 0 >"$tmp/out" 2>&1 </dev/null &
pid=$!
deadline=$((SECONDS + 60))
until "$build/ipcmon" dump 2>&1 | tee "$tmp/dump" | grep -q '^SATURATED'; do
	[ $SECONDS -lt $deadline ] || die "never saturated: $(cat "$tmp/dump")"
	kill -0 $pid 2>/dev/null || die "it has ended: $(cat "$tmp/out")"
done
grep -qE "^SATURATED +queue \"scale\" 1[5-6]/16: .* too slow: scale [0-9]+ at slow-consumer.c:$line scale_pictures" \
	"$tmp/dump" || die "not the culprit's line, $line: $(cat "$tmp/dump")"
kill -TERM $pid
wait $pid
pid=
test -n "${TEST_TMP-}" || rm -rf "$tmp"
