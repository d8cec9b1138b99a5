#!/bin/bash
# The small examples print exactly what libipc/examples/expected/ says, within a deadline.
#
# test-limit: 180

set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD_DIR:-${BUILD:-build}}
tmp=${TEST_TMP:-$(mktemp -d)}
failures=0
left_out=
n=0

for expected in libipc/examples/expected/*.txt; do
	name=$(basename "$expected" .txt)
	rc=0
	# built only where the library it shows is installed, as make test does
	if [ "$name" = fd-libuv ] && [ ! -x "$build/examples/$name" ]; then
		left_out="fd-libuv was not built: libuv is not installed (make test-deps)"
		continue
	fi
	n=$((n + 1))
	timeout -k 2 30 "$build/examples/$name" >"$tmp/$name.out" 2>"$tmp/$name.err" </dev/null || rc=$?
	if [ $rc -ne 0 ] || [ -s "$tmp/$name.err" ] || ! cmp -s "$expected" "$tmp/$name.out"; then
		failures=$((failures + 1))
		echo "$name: exit status $rc; output compared with what is expected:"
		diff -u "$expected" "$tmp/$name.out" | head -40
		sed 's/^/  stderr: /' "$tmp/$name.err" | head -20
	fi
done
# Without the lock there are never more additions than were made, and as a rule fewer. Whether two
# processes meet is luck: so it may take some tries, and on one core it may never come.
lost=
for ((try = 0; try < 40 && !lost; try++)); do
	sum=$(timeout -k 2 30 "$build/examples/shm-mutex" --no-lock | sed -n 's/ of 200000 additions are there$//p')
	if ! [[ $sum =~ ^[0-9]+$ ]] || [ "$sum" -gt 200000 ] || [ "$sum" -eq 0 ]; then
		echo "shm-mutex --no-lock: '$sum' of 200000 additions" && failures=$((failures + 1))
		break
	fi
	lost=$((200000 - sum))
done
echo "shm-mutex --no-lock: ${lost:-none} of 200000 additions lost, at try $try"
test -n "${TEST_TMP-}" || rm -rf "$tmp"

# Every example has its output there, but for those that are tested otherwise.
for source in libipc/examples/*.c; do
	name=$(basename "$source" .c)
	case $name in
	wordcount | join-before-drain | both-receive | pipe-fileno-deadlock | ipc-tee | crowd) ;;
	*) [ -e "libipc/examples/expected/$name.txt" ] ||
		{ echo "no expected output of $name" && failures=$((failures + 1)); } ;;
	esac
done
echo "$n examples, $failures failures"
[ $failures -eq 0 ] || exit 1
[ -z "$left_out" ] || { echo "$left_out" && exit 77; }
