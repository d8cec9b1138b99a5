#!/bin/bash
# The fast paths take no more instructions than tests/count/instructions.txt says, give or take 5 %. Who
# makes one longer, or shorter, commits the new number with the change; --write counts and writes them all.
# --print counts and prints. Counted are the instructions of libipc.so itself, by callgrind, to the last
# one: libc's depend on the processor, and time on the weather.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${BUILD_DIR:-build}
file=tests/count/instructions.txt
percent=5
command -v valgrind >/dev/null || { echo "valgrind is not installed (make check-deps)" && exit 1; }
[ -x "$build/tests/count/count" ] || { echo "no $build/tests/count/count: run make instructions" && exit 1; }

memory=/dev/shm
test -w $memory || memory=${TMPDIR:-/tmp}
work=$(mktemp -d "$memory/libipc-count.XXXXXX")
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

# Another compiler makes other instructions, and other numbers are no news then.
cc=${CC:-gcc}
machine=$($cc -dumpmachine)
version=$($cc -dumpversion)
kind=gcc
$cc --version | grep -q clang && kind=clang
who="${machine%%-*}, $kind ${version%%.*}"

# Each file is what was counted on one path, so often as its name says after the slash. A line after
# "calls=" is what a callee took: it stands under the callee's own object once more.
counted() {
	mkdir -m 700 "$work/ipc"
	IPC_DIR=$work/ipc valgrind -q --tool=callgrind --collect-atstart=no --compress-strings=no \
		--compress-pos=no --dump-line=no --callgrind-out-file="$work/out.%p" \
		"$build/tests/count/count" 2>"$work/err" || { cat "$work/err" >&2 && exit 1; }
	for out in "$work"/out.*; do
		awk '
		/^desc: Trigger: Client Request: / { sub(/.*Request: /, ""); split($0, name, " / ") }
		/^ob=/ { own = /\/libipc\.so/ }
		/^calls=/ { skip = 1; next }
		/^[0-9]/ { if (!skip && own) sum += $2; skip = 0 }
		END { if (name[2]) printf "%-32s %8.1f\n", name[1], sum / name[2] }' "$out"
	done | sort
}

counted >"$work/now"
case ${1-} in
--print)
	cat "$work/now"
	exit 0
	;;
--write)
	{
		echo "# Instructions of libipc.so for one operation: see tests/lint/instructions.sh"
		echo "# $who"
		cat "$work/now"
	} >$file
	exit 0
	;;
esac

then=$(sed -n '2s/^# //p' $file)
if [ "$then" != "$who" ]; then
	echo "counted with $then, and this is $who"
	exit 77
fi

awk -v percent=$percent '
	/^#/ { next }
	{ n = $NF; sub(/ +[0-9.]+$/, "") }
	NR == FNR { was[$0] = n; next }
	!($0 in was) { printf "%s: %s, and not in the file\n", $0, n; bad = 1; next }
	{
		change = (n / was[$0] - 1) * 100; seen[$0] = 1
		if (change > percent) { printf "%s: %s instructions, was %s (%+.1f %%)\n", $0, n, was[$0], change; bad = 1 }
		if (change < -percent) { printf "%s: %s instructions, was %s (%+.1f %%): keep it\n", $0, n, was[$0], change; less = 1 }
	}
	END {
		for (path in was) if (!(path in seen)) { printf "%s: in the file, and no longer counted\n", path; bad = 1 }
		if (bad || less) print "if that is meant: make instructions, and commit the file with the change"
		exit bad
	}' $file "$work/now"
echo "$(wc -l <"$work/now") paths"
