#!/bin/bash
# Run tests, one after the other, and count.
#
#   run.sh PROGRAM|SCRIPT...      closes with a line "N passed, N failed"
#
# From the environment:
#   T      run only those whose name matches this regular expression
#   CASE   handed to each program as its cmocka filter
#   SKIP   leave out those whose name matches
#   LIMIT  seconds a test may take (120), where a line "test-limit: N" in its source does not say
#          more; the sanitizers get three times as long
#   V      print every case, and the output of passed tests too
#
# Every test gets, in its environment:
#   BUILD_DIR, SOURCE_DIR  absolute paths; SOURCE_DIR is where it starts
#   MODE                   release, debug, asan or tsan
#   IPC_DIR                an empty directory in memory, its own, gone afterwards
#   TEST_TMP               another, for its files
# and no other IPC_ variable; the locale is C.UTF-8, standard input is empty. It leads a process
# group of its own; what is left of the group when it ends is killed. A program exits 0 or not; a
# script exits 0, or 77 for "skipped, and why is the last line". cmocka programs speak TAP and are
# counted by case.
#
# A test that passes only when run alone is broken; a test that leaves something outside IPC_DIR
# and TEST_TMP is too.

set -u
cd "$(dirname "$0")/../.." || exit 2

source_dir=$PWD
build_dir=$(realpath -m "${BUILD_DIR:-build}")
mode=${MODE:-release}
logs=$build_dir/log
mkdir -p "$logs"

memory=/dev/shm
test -w $memory || memory=${TMPDIR:-/tmp}
scratch=$(mktemp -d "$memory/libipc-test.XXXXXX") || exit 2
chmod 711 "$scratch" # tests of several users open what lies in it to whom they like
running=

cleanup() {
	test -z "$running" || kill -KILL -- "-$running" 2>/dev/null
	rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

unset "${!IPC_@}" "${!LC_@}" MAKEFLAGS MAKELEVEL MFLAGS TMUX NO_COLOR COLUMNS LINES
export BUILD_DIR=$build_dir SOURCE_DIR=$source_dir MODE=$mode
export XDG_CONFIG_HOME=$scratch/config # nobody's settings
export LC_ALL=C.UTF-8 CMOCKA_MESSAGE_OUTPUT=TAP
# The caller's own options come last and win.
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:${ASAN_OPTIONS-}
export UBSAN_OPTIONS=print_stacktrace=1:${UBSAN_OPTIONS-}
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:die_after_fork=0:${TSAN_OPTIONS-}

# TSan of gcc 12 cannot place its shadow where the kernel randomises by more than 28 bits.
wrap=()
test "$mode" = tsan && setarch "$(uname -m)" -R true 2>/dev/null && wrap=(setarch "$(uname -m)" -R)

# tap FILE: prints "<planned> <passed> <failed> <skipped>", then a line per case. Noise of the test may
# stand in front of a result, and a forked child that runs on repeats results; a failure of any
# copy counts. cmocka 1.1 calls a skipped case "not ok N # SKIP".
tap() {
	awk '
	/^1\.\.[0-9]+$/ { planned += substr($0, 4); group++ }
	group && match($0, /(not )?ok [0-9]+ (- |# SKIP )/) {
		head = substr($0, RSTART, RLENGTH); name = substr($0, RSTART + RLENGTH)
		verdict = head ~ /SKIP/ ? "skip" : head ~ /^not/ ? "FAIL" : "ok"
		gsub(/[^0-9]/, "", head); key = group "." head
		if (!(key in is)) { order[++n] = key; is[key] = verdict; names[key] = name }
		else if (verdict == "FAIL") { is[key] = verdict; names[key] = name }
	}
	END {
		for (i = 1; i <= n; i++) count[is[order[i]]]++
		print planned + 0, count["ok"] + 0, count["FAIL"] + 0, count["skip"] + 0
		for (i = 1; i <= n; i++) printf "%-4s  %s\n", is[order[i]], names[order[i]]
	}' "$1"
}

passed=0 failed=0 skipped=0
failures=() skips=()

run() {
	local program=$1 name=$2 source log limit rc=0 start took planned p f s cases note=
	source=${program#"$build_dir/"}
	test "${source##*.}" = sh || source=$source.c
	limit=$(grep -aoEm1 'test-limit: [0-9]+' "$source" 2>/dev/null)
	limit=${limit##* }
	limit=${limit:-${LIMIT:-120}}
	[ "${LIMIT:-0}" -le "$limit" ] || limit=$LIMIT
	case $mode in asan | tsan) limit=$((limit * 3)) ;; esac
	log=$logs/${name//\//.}.log
	rm -rf "$scratch/ipc" "$scratch/tmp"
	mkdir -m 700 "$scratch/ipc" "$scratch/tmp"

	local cmd=("$program" ${CASE:+"$CASE"})
	test "${program##*.}" = sh && ! test -x "$program" && cmd=(bash "$program")
	test "${program##*.}" = sh || cmd=("${wrap[@]}" "${cmd[@]}")

	start=$EPOCHREALTIME
	# Job control gives the test a process group of its own, and the signals as they were:
	# without it a shell starts background jobs with SIGINT ignored.
	set -m
	IPC_DIR=$scratch/ipc TEST_TMP=$scratch/tmp timeout -k 5 "$limit" "${cmd[@]}" \
		>"$log" 2>&1 </dev/null &
	running=$!
	set +m
	wait "$running" 2>/dev/null || rc=$?
	# A process on its way out gets a moment; one that stays is said. Zombies do not count: a
	# container may have nobody who collects them.
	if kill -0 -- "-$running" 2>/dev/null; then
		sleep 0.1
		ps -eo pgid=,stat= 2>/dev/null |
			awk -v g="$running" '$1 == g && $2 !~ /^Z/ { n++ } END { exit !n }' &&
			note="left processes behind; "
		kill -KILL -- "-$running" 2>/dev/null
	fi
	running=
	took=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $start }")

	cases=$(tap "$log")
	read -r planned p f s <<<"${cases%%$'\n'*}"
	cases=$(tail -n +2 <<<"$cases")
	if [ "$planned" -eq 0 ]; then
		case $rc in
		0) p=1 ;;
		77) s=1 && note+=$(tail -n 1 "$log") ;;
		*) f=1 ;;
		esac
	elif [ $rc -eq 0 ] && [ -z "${CASE-}" ] && [ $((p + f + s)) -lt "$planned" ]; then
		f=$((f + 1))
		note+="only $((p + f + s - 1)) of $planned cases ran; "
	elif [ $rc -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
	fi
	case $rc in
	0 | 77) ;;
	124 | 137) note+="killed, or not done within $limit s; " ;;
	*) test $rc -gt 128 && note+="died of SIG$(kill -l $((rc - 128))); " || note+="exit status $rc; " ;;
	esac
	note=${note%; }
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))

	local verdict=ok
	[ "$p" -eq 0 ] && [ "$s" -gt 0 ] && verdict=skip
	[ "$f" -gt 0 ] && verdict=FAIL
	printf '%-4s  %-44s %3d passed' $verdict "$name" "$p"
	[ "$f" -gt 0 ] && printf ', %d failed' "$f"
	[ "$s" -gt 0 ] && printf ', %d skipped' "$s"
	printf '  %s s%s\n' "$took" "${note:+  ($note)}"

	if [ "$verdict" = FAIL ]; then
		failures+=("$name")
		grep '^FAIL' <<<"$cases" | sed 's/^/      /'
		tail -n 200 "$log" | sed 's/^/    | /'
	elif [ -n "${V-}" ]; then
		[ -n "$cases" ] && sed 's/^/      /' <<<"$cases"
	fi
	[ "$s" -gt 0 ] && skips+=("$name")
	return 0
}

for program; do
	program=$(realpath -s "$program")
	name=${program#"$build_dir/"}
	name=${name#"$source_dir/"}
	name=${name#tests/}
	[[ -z ${SKIP-} || ! $name =~ $SKIP ]] || continue
	[[ -z ${T-} || $name =~ $T ]] || continue
	run "$program" "$name"
done

[ ${#skips[@]} -eq 0 ] || echo "$skipped skipped, in: ${skips[*]}"
[ ${#failures[@]} -eq 0 ] || echo "failed: ${failures[*]}; logs in $logs"
[ $((passed + failed + skipped)) -gt 0 ] || echo "no test ran${T:+ that matches '$T'}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
