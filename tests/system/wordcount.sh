#!/bin/bash
# wordcount counts what grep, tr and sort count, on a tree with everything that is awkward.
#
# test-limit: 300

set -u
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD_DIR:-${BUILD:-build}}
wordcount=$build/examples/wordcount
tmp=${TEST_TMP:-$(mktemp -d)}
tree=$tmp/tree
failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

make_tree() {
	mkdir -p "$tree/a/b/c" "$tree/empty folder"
	: >"$tree/empty"
	printf 'One one ONE\n' >"$tree/a/cases"
	printf 'two_words two words no-newline' >"$tree/a/b/last word"
	printf 'caf\303\251 \377\376\0bin\0ary' >"$tree/a/b/c/binary"
	head -c 300000 /dev/zero | tr '\0' 'x' >"$tree/long" # one word, cut, over several pieces
	seq 1 40000 | tr '0-9' 'a-j' >"$tree/many"          # more than a worker's own table holds
	head -c 1000000 /dev/urandom >"$tree/noise"
	ln -s .. "$tree/a/b/loop"
	ln -s nowhere "$tree/dangling"
	mkfifo "$tree/fifo"
	printf 'secret' >"$tree/unreadable"
	chmod 000 "$tree/unreadable"
}

# The same by other means: files, words, distinct words and the most frequent ones.
count_otherwise() {
	find "$tree" -type f -readable -print0 |
		xargs -0 -n 1 sh -c 'LC_ALL=C tr -c "A-Za-z_" "\n" <"$1"; echo' _ |
		LC_ALL=C tr A-Z a-z | cut -c 1-63 | grep . | LC_ALL=C sort | uniq -c >"$tmp/counts"
	awk '{ n += $1 } END { print n, NR }' "$tmp/counts"
}

check_against_others() {
	local words distinct line
	read -r words distinct < <(count_otherwise)
	"$wordcount" --workers 3 "$tree" >"$tmp/out" 2>"$tmp/err" || fail "exit status $?: $(cat "$tmp/err")"
	line=$(head -n 1 "$tmp/out")
	grep -q ", $words words, $distinct distinct\$" <<<"$line" ||
		fail "'$line', but there are $words words, $distinct distinct"
	LC_ALL=C sort -k1,1nr -k2,2 "$tmp/counts" | head -n 10 | awk '{ print $1, $2 }' >"$tmp/top"
	awk '/^ +[0-9]+  / { print $1, $2 }' "$tmp/out" | cmp -s - "$tmp/top" ||
		fail "the most frequent words: $(cat "$tmp/out") instead of $(cat "$tmp/top")"
}

check_status() {
	local expected=$1
	shift
	timeout -k 2 60 "$@" >"$tmp/out" 2>"$tmp/err"
	local rc=$?
	[ $rc -eq "$expected" ] || fail "$*: exit status $rc instead of $expected: $(cat "$tmp/err")"
}

# A signal ends it soon, cleanly, and with all its children.
check_signal() {
	local pid rc=0
	"$wordcount" --repeat 0 "$tree" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	sleep 0.5
	kill -"$1" $pid
	wait $pid || rc=$?
	[ $rc -eq 0 ] || fail "SIG$1: exit status $rc: $(cat "$tmp/err")"
	grep -q 'rounds, then interrupted' "$tmp/out" || fail "SIG$1: $(cat "$tmp/out")"
}

# Killed, it takes its children with it; a killed child ends it, with a word.
check_killed_child() {
	local pid child rc=0
	"$wordcount" --repeat 0 "$tree" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	sleep 0.5
	child=$(pgrep -P $pid | sed -n 2p)
	kill -KILL "$child"
	wait $pid || rc=$?
	[ $rc -eq 1 ] || fail "killed child: exit status $rc"
	grep -q 'was killed by signal 9' "$tmp/err" || fail "killed child: $(cat "$tmp/err")"
}

make_tree
check_against_others
for n in 1 2 4 8; do
	check_status 0 "$wordcount" --verify --workers $n --repeat 5 "$tree"
done
check_status 0 "$wordcount" --verify "$tree/a/cases"
check_status 0 "$wordcount" "$tree/empty"
check_status 1 "$wordcount" "$tree/nowhere"
check_status 2 "$wordcount" --workers 0 "$tree"
check_status 2 "$wordcount" --workers x "$tree"
check_status 2 "$wordcount" "$tree" "$tree"
check_signal INT
check_signal TERM
check_killed_child

test -n "${TEST_TMP-}" || rm -rf "$tmp"
[ $failures -eq 0 ]
