#!/bin/bash
# Each row of tests/behaviour.md names tests, examples or bars that exist and do not merely skip; what is
# beyond sockets alone says so ("none: sockets"). No row is open, and none is there twice.
set -euo pipefail
cd "$(dirname "$0")/../.."

table=tests/behaviour.md
rows=$(grep -E '^\| [A-Z][0-9]+ ' $table)
bad=0

wrong() {
	echo "$table: $*"
	bad=1
}

# Lines of the test @1, wherever it is.
body() {
	local file
	file=$(grep -rlE "^static void $1\(void" tests/unit tests/system | head -n 1)
	[ -z "$file" ] || sed -n "/^static void $1(void/,/^}/p" "$file"
}

check() {
	local name=$1 lines
	case $name in
	bars:\ *) grep -qF "\"${name#bars: }\"" tests/bench/bars.c || wrong "$row: there is no bar ${name#bars: }" ;;
	*__*)
		lines=$(body "$name")
		[ -n "$lines" ] || wrong "$row: there is no test $name"
		# one tab: under no condition
		! grep -q $'^\tskip();' <<<"$lines" || wrong "$row: $name only skips"
		;;
	*)
		[ -e "libipc/examples/expected/$name.txt" ] || [ -e "tests/$name" ] ||
			wrong "$row: there is no test or example $name"
		;;
	esac
}

while IFS='|' read -r _ row _ tests _; do
	row=${row// /}
	[ "$tests" != ' none: sockets ' ] || continue
	names=$(grep -oE '`[^`]+`' <<<"$tests" | tr -d '`') || { wrong "$row names no test" && continue; }
	while read -r name; do
		check "$name"
	done <<<"$names"
done <<<"$rows"

twice=$(awk -F '|' '{ print $2 }' <<<"$rows" | sort | uniq -d)
[ -z "$twice" ] || wrong "twice:$twice"
exit $bad
