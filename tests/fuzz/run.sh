#!/bin/bash
# Each target by libFuzzer for $SECONDS_EACH seconds, from the seeds in corpus/ and what earlier runs found
# (BUILD_DIR/found); a line of figures for each, and exit status 1 if there was a finding, which
# then lies in BUILD_DIR/crashes.
#
#   run.sh [REGEX]
set -u
cd "$(dirname "$0")/../.." || exit 2

build=${BUILD_DIR:?}
seconds=${SECONDS_EACH:-60}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$build/crashes"
bad=0

for target in "$build"/tests/fuzz/fuzz_*; do
	name=${target##*/}
	[[ -x $target && $name =~ ${1-} ]] || continue
	mkdir -p "$build/found/$name" "tests/fuzz/corpus/$name"
	TMPDIR=$scratch "$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 \
		-artifact_prefix="$build/crashes/$name-" -print_final_stats=1 \
		"$build/found/$name" "tests/fuzz/corpus/$name" >"$scratch/log" 2>&1
	r=$?
	runs=$(awk '/stat::number_of_executed_units/ { print $2 }' "$scratch/log" | tail -n 1)
	cover=$(grep -oE 'cov: [0-9]+' "$scratch/log" | tail -n 1)
	printf '%-14s %10s inputs in %s s, %s edges, %s kept: %s\n' "$name" "${runs:-?}" "$seconds" \
		"${cover#cov: }" "$(find "$build/found/$name" -type f | wc -l)" "$( ((r)) && echo FOUND || echo nothing found)"
	((r)) && bad=1 && tail -n 40 "$scratch/log"
done
exit $bad
