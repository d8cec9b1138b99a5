#!/bin/bash
# Three lists are one: what the headers declare IPC_API, what libipc.map names as global, and what
# libipc.so exports. --list prints the first as lines for the map.
set -euo pipefail
cd "$(dirname "$0")/../.."

lib=${BUILD_DIR:-build}/libipc.so
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

# The name of a declaration is the first ipc_ word before a parenthesis, or for data the last word.
# Comments go by way of the compiler, preprocessor lines with their continuations by sed.
declared() {
	find libipc -name '*.h' | sort | while read -r header; do
		"${CC:-gcc}" -fpreprocessed -dD -E -P "$header" 2>/dev/null |
			sed -e ':a' -e '/\\$/N; s/\\\n//; ta' -e '/^[[:space:]]*#/d'
		echo ';'
	done | tr '\n\t' '  ' | tr ';{}' '\n\n\n' | awk '
		/(^|[^A-Za-z0-9_])IPC_API[^A-Za-z0-9_]/ {
			sub(/.*IPC_API/, "")
			if (match($0, /ipc_[a-z0-9_]+ *\(/)) name = substr($0, RSTART, RLENGTH)
			else { sub(/[[=].*/, ""); n = split($0, w, /[ *]+/); name = w[n] == "" ? w[n - 1] : w[n] }
			gsub(/[ (]/, "", name); print name
		}' | sort -u
}

mapped() {
	sed -e 's|/\*.*\*/||;s/#.*//' libipc/libipc.map | tr '{};:' '\n\n\n\n' | awk '
		/^[[:space:]]*global/ { on = 1; next } /^[[:space:]]*local/ { on = 0; next }
		on && NF == 1 { print $1 } /LIBIPC_/ { on = 0 }' | sort -u
}

if [ "${1-}" = --list ]; then
	declared | sed 's/.*/\t&;/'
	exit 0
fi

declared >"$work/declared"
mapped >"$work/mapped"
nm -D --defined-only "$lib" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/exported"

bad=0
differ() { # A B sentence-for-only-in-A sentence-for-only-in-B
	comm -23 "$work/$1" "$work/$2" | sed "s/\$/: $3/" | grep . && bad=1
	comm -13 "$work/$1" "$work/$2" | sed "s/\$/: $4/" | grep . && bad=1
	return 0
}
if grep -q '[*?]' "$work/mapped"; then
	echo "libipc.map lists its symbols one by one; this prints them: tests/lint/exports.sh --list"
	exit 1
fi
differ declared mapped "declared IPC_API, not in libipc.map" "in libipc.map, not declared IPC_API"
differ mapped exported "in libipc.map, not defined by libipc.so" "exported by libipc.so, not in libipc.map"
if grep -v '^ipc_' "$work/declared"; then
	echo "these would take names from a program; ours begin with ipc_" && bad=1
fi
echo "$(wc -l <"$work/exported") symbols"
exit $bad
