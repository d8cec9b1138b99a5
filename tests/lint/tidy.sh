#!/bin/bash
# clang-tidy, as .clang-tidy says, over everything but the test cases: their assertions jump, and the
# analyzer takes each for a path it is not. Needs $BUILD_DIR/compile_commands.json, which make writes.
# A file that passed is not looked at again until it, a header of it, the flags or the checks change.
# test-limit: 2400
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${BUILD_DIR:-build}
export build tool=${CLANG_TIDY:-$(command -v clang-tidy-14 || command -v clang-tidy)} cc=${CC:-gcc}
export seen=$build/lint/tidy
mkdir -p "$seen"
[ -n "$tool" ] || { echo "clang-tidy is not installed (make check-deps)" && exit 1; }
[ -f "$build/compile_commands.json" ] || { echo "no $build/compile_commands.json: run make" && exit 1; }

one() {
	local file=$1 flags key
	# The include paths and macros this file is compiled with; the rest is gcc's affair.
	flags=$(grep -F "\"file\": \"$file\"" "$build/compile_commands.json" | grep -oE -- '-[ID] ?[^ ]+' | xargs)
	# shellcheck disable=SC2086 # one word per flag
	key=$({ "$tool" --version && cat .clang-tidy "$file" && grep -F "\"file\": \"$file\"" \
		"$build/compile_commands.json" && $cc -std=gnu11 $flags -E -C "$file"; } | sha256sum | cut -d ' ' -f 1)
	[ -e "$seen/$key" ] && return 0
	"$tool" -p "$build" --quiet "$file" 2>&1 | grep -vE '^[0-9]+ warnings? (generated|treated)' && return 1
	[ "${PIPESTATUS[0]}" -eq 0 ] && touch "$seen/$key"
}
export -f one

grep -oE '"file": "[^"]+"' "$build/compile_commands.json" | cut -d '"' -f 4 |
	grep -vE '^tests/(unit|system|crash|deadlock)/' |
	xargs -r -n 1 -P "$(nproc)" bash -c 'one "$1"' -
