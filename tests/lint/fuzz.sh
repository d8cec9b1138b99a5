#!/bin/bash
# What is read from memory that others can write withstands nonsense: the seeds of tests/fuzz, and what
# can be made of them at random in a few seconds, under ASan and UBSan. `make fuzz` does it at length.
set -euo pipefail
cd "$(dirname "$0")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for target in build/asan/tests/fuzz/fuzz_*; do
	[ -x "$target" ] || continue
	TMPDIR=$scratch "$target" -t 4 "tests/fuzz/corpus/${target##*/}" >"$scratch/log" 2>&1 || {
		cat "$scratch/log"
		echo "a finding of $target; its first line has the seed"
		exit 1
	}
done
