#!/bin/bash
# A room includes rooms below it, never above:
#
#     base <- ring <- runtime <- object        base + runtime/layout.h <- observe
#     public headers <- monitor, examples, system tests
#
# Besides: public headers include public headers only; one file of the monitor knows curses; only
# tracepoints/ knows LTTng.
set -euo pipefail
cd "$(dirname "$0")/../.."

bad=0
complain() { echo "$*" && bad=1; }

# allowed ROOM: what its files may name in quotes, beside files of their own room.
allowed() {
	case $1 in
	libipc/base) echo '^base/' ;;
	libipc/ring) echo '^(base|ring)/' ;;
	libipc/runtime) echo '^(base|ring|runtime)/' ;;
	libipc/object) echo '^(base|ring|runtime|object)/' ;;
	libipc/observe) echo '^(base/|observe/|runtime/layout\.h$|ring/slot\.h$)' ;; # the formats of the two files
	tracepoints) echo '^(base|runtime)/' ;;
	tests/system) echo '^(tests/|support/|\.\./support/)' ;;
	*) echo '^$' ;; # public headers, examples, monitor, analyses
	esac
}

room_of() {
	case $1 in
	libipc/include/*) echo libipc/include/ipc ;;
	libipc/examples/*) echo libipc/examples ;;
	monitor/*) echo monitor ;;
	tracepoints/analysis/*) echo tracepoints/analysis ;;
	tracepoints/*) echo tracepoints ;;
	*) dirname "$1" ;;
	esac
}

while IFS=: read -r file line text; do
	room=$(room_of "$file")
	name=$(sed -nE 's/.*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1/p' <<<"$text")
	case $text in
	*'"'*)
		# A file of the same room, by its plain name or from the room's root.
		[ -e "$(dirname "$file")/$name" ] || [ -e "$room/$name" ] &&
			[[ $name != *../* ]] && [ "$room" != libipc/include/ipc ] && continue
		[[ $name =~ $(allowed "$room") ]] ||
			complain "$file:$line: $room does not include \"$name\""
		;;
	*)
		[[ $name != lttng/* || $room == tracepoints* ]] ||
			complain "$file:$line: only tracepoints/ knows LTTng"
		[[ $name =~ ^(base|ring|runtime|object|observe)/ ]] &&
			complain "$file:$line: <$name> is not public; our own are included in quotes"
		;;
	esac
done < <(find libipc monitor tracepoints tests/system -name '*.[ch]' -print0 2>/dev/null |
	xargs -0 -r grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]')

if [ -e monitor/main.c ]; then
	curses=$(grep -rlE '#[[:space:]]*include[[:space:]]*<(ncursesw?/)?n?curses\.h>' monitor || :)
	[ "$(grep -c . <<<"$curses")" -eq 1 ] ||
		complain "one file of the monitor includes curses, not: ${curses:-none}"
fi
exit $bad
