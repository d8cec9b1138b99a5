#!/bin/bash
# The small examples print exactly what libipc/examples/expected/ says, within a deadline.
#
# test-limit: 180

set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD_DIR:-${BUILD:-build}}
tmp=${TEST_TMP:-$(mktemp -d)}
failures=0
n=0

for expected in libipc/examples/expected/*.txt; do
	name=$(basename "$expected" .txt)
	rc=0
	n=$((n + 1))
	timeout -k 2 30 "$build/examples/$name" >"$tmp/$name.out" 2>"$tmp/$name.err" </dev/null || rc=$?
	if [ $rc -ne 0 ] || [ -s "$tmp/$name.err" ] || ! cmp -s "$expected" "$tmp/$name.out"; then
		failures=$((failures + 1))
		echo "$name: exit status $rc; output compared with what is expected:"
		diff -u "$expected" "$tmp/$name.out" | head -40
		sed 's/^/  stderr: /' "$tmp/$name.err" | head -20
	fi
done
test -n "${TEST_TMP-}" || rm -rf "$tmp"

# Every example has its output there, but for those that are tested otherwise.
for source in libipc/examples/*.c; do
	name=$(basename "$source" .c)
	case $name in
	wordcount | join-before-drain) ;;
	*) [ -e "libipc/examples/expected/$name.txt" ] ||
		{ echo "no expected output of $name" && failures=$((failures + 1)); } ;;
	esac
done
echo "$n examples, $failures failures"
[ $failures -eq 0 ]
