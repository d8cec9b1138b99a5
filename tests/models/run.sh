#!/bin/bash
# Check the Spin models, and that each of their mutants is caught.
#
#   run.sh [REGEX]     those runs whose "model name" matches
#
# A model says in its first comment how it is to be run, a line each:
#
#     run NAME  HOLDS|FAILS  [-DFLAG...]  [ltl=FORMULA]
#
# HOLDS: all its states were visited and none violates an assertion (nor, with ltl, does any
# run violate that formula). FAILS: one does; the flags took out what would prevent it. Ends
# of processes are not judged: a thread that sleeps for ever is no fault of a model.
#
# One line for each run: what was expected, what was found, states, depth, seconds; then the
# sum. Exit status 0: all as expected.
set -u
cd "$(dirname "$0")" || exit 2

command -v spin >/dev/null || { echo "spin is not installed (make models-deps)" && exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/models.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT

limit=${LIMIT:-600}   # seconds a run may take
memory=${MEMORY:-6000} # megabytes

states() { awk '/states, stored/ { print $1 + 0; exit }' "$1"; }
depth() { sed -n 's/.*depth reached \([0-9]*\).*/\1/p' "$1" | head -n 1; }

# verdict LOG: HOLDS, FAILS, or why it is neither
verdict() {
	if grep -q 'errors: [1-9]' "$1"; then
		echo FAILS
	elif grep -qE 'reached -DMEMLIM|max search depth too small|aborting' "$1"; then
		echo "too large"
	elif grep -q 'errors: 0' "$1"; then
		echo HOLDS
	else
		echo "no result"
	fi
}

# check MODEL FLAGS... : leaves its log in $work/log
check() {
	local model=$PWD/$1 kind=(-DSAFETY) search=() flags=() flag
	shift
	for flag; do
		case $flag in
		ltl=*) kind=() search=(-a -N "${flag#ltl=}") ;;
		*) flags+=("$flag") ;;
		esac
	done
	(cd "$work" && rm -f pan* && spin -a "${flags[@]}" "$model" &&
		${CC:-cc} -O2 -w "${kind[@]}" -DCOLLAPSE -DMEMLIM="$memory" -o pan pan.c &&
		timeout "$limit" ./pan -E -m200000 "${search[@]}") >"$work/log" 2>&1
}

n_good=0 n_bad=0
printf '%-12s %-18s %-8s %-9s %12s %8s %8s\n' model run expected found states depth seconds
for file in m*.pml; do
	model=${file%.pml}
	while read -r _ _ name want flags; do
		[[ -z ${1-} || "$model $name" =~ $1 ]] || continue
		start=$EPOCHREALTIME
		# shellcheck disable=SC2086 # one word per flag
		check "$file" $flags
		took=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $start }")
		found=$(verdict "$work/log")
		printf '%-12s %-18s %-8s %-9s %12s %8s %8s\n' "$model" "$name" "$want" "$found" \
			"$(states "$work/log")" "$(depth "$work/log")" "$took"
		if [ "$found" = "$want" ]; then
			n_good=$((n_good + 1))
		else
			n_bad=$((n_bad + 1))
			grep -v '^Depth=' "$work/log" | tail -n 20 | sed 's/^/    | /'
		fi
	done < <(grep -E '^ \* run [^ ]+ +(HOLDS|FAILS)' "$file")
done
echo "$n_good as expected, $n_bad not"
[ "$n_bad" -eq 0 ] && [ "$n_good" -gt 0 ]
