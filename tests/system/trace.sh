#!/bin/bash
#
# Record real sessions of LTTng, and read them back.
#
# Every program runs under a session daemon of its own: LTTNG_HOME points into our scratch
# directory. LTTng heeds that for everybody but root, so root becomes, in a user namespace, somebody
# else; where that is forbidden, root's own daemon has to do, and ipc-record shares it politely.
#
# test-limit: 300

set -u
cd "$(dirname "$0")/../.." || exit 2
build=$(realpath -m "${BUILD_DIR:-${BUILD:-build}}")
record=$PWD/tracepoints/ipc-record
# The script knows the default build only.
latency=$build/ipctrace-latency
[ "$build" != "$PWD/build" ] || latency=$PWD/tracepoints/ipc-latency
provider=$build/libipc-trace.so
wordcount=$build/examples/wordcount

skip() { echo "skipped: $*" && exit 77; }

for tool in lttng lttng-sessiond babeltrace2 setsid timeout; do
	command -v $tool >/dev/null || skip "there is no $tool (Debian: lttng-tools, babeltrace2, util-linux)"
done
test -r "$provider" || skip "$provider is not built (never with a sanitizer)"
test -x "$build/ipctrace-latency" || skip "$build/ipctrace-latency is not built"

# Sockets have short paths, and the one we are given may be long.
scratch=$(mktemp -d /tmp/ipc-trace.XXXXXX) || exit 2
mkdir -m 700 "$scratch/home" "$scratch/ipc"
export LTTNG_HOME=$scratch/home IPC_DIR=$scratch/ipc
unset LD_PRELOAD IPC_TRACE IPC_DOMAIN
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

private=()
if [ "$(id -u)" = 0 ]; then
	private=(unshare --user --map-user=1000 --map-group=1000)
	"${private[@]}" true 2>/dev/null || private=()
fi

failures=0
note() { printf '  %s\n' "$*"; }
fail() {
	printf '  FAILED: %s\n' "$*"
	failures=$((failures + 1))
}
# expect WHAT COMMAND...
expect() {
	local what=$1
	shift
	if "$@"; then note "$what"; else fail "$what ($*)"; fi
}
equal() { [ "$1" = "$2" ] || { echo "  '$1' is not '$2'" && false; }; }
above() { [ "$1" -gt "$2" ] || { echo "  $1 is not above $2" && false; }; }

# In the foreground: a signal to our process group must reach ipc-record, which then cleans up.
limited=(timeout --foreground -k 10 60 "${private[@]}")
run() { "${limited[@]}" "$@"; }

# events NAME [EVENT]: of the recording NAME, as text
events() { grep -F "libipc:${2-}${2:+:}" "$scratch/$1.events"; }
count() { events "$@" | wc -l; }

# A small tree, the same every time, of some 30 000 words.
n_files=60
make_tree() {
	local i
	for ((i = 1; i <= n_files; i++)); do
		mkdir -p "$scratch/tree/folder$((i % 6))"
		seq -f "word%g of file $i" 1 $((i * 5)) >"$scratch/tree/folder$((i % 6))/file$i.txt"
	done
}

# ---- what every trace of the word count must show --------------------------------------------

check_pids() {
	local pids
	# Main joins, and forks a reducer, two workers and a walker.
	expect "somebody joins" above "$(count "$1" process_join)" 0
	expect "four are forked" equal "$(count "$1" process_fork)" 4
	pids=$(events "$1" | grep -o 'vpid = [0-9]*' | sort -u | wc -l)
	expect "five pids" equal "$pids" 5
	pids=$({ events "$1" process_join; events "$1" process_fork; } |
		grep -o 'vpid = [0-9]*' | sort -u | wc -l)
	expect "every process has its own from the start" equal "$pids" 5
	# A child that kept LTTng's idea of its parent would have one pid and another thread id.
	pids=$(events "$1" | grep -o 'vpid = [0-9]*, vtid = [0-9]*' | sort -u |
		awk '$3 + 0 != $6 + 0' | wc -l)
	expect "single threads have their process's id" equal "$pids" 0
	expect "all leave" equal "$(count "$1" process_leave)" 5
}

check_events() {
	local event
	for event in object_create object_close send_begin send_end recv_begin recv_end block unblock \
		task_done join lock unlock; do
		expect "$event" above "$(count "$1" $event)" 0
	done
	expect "each task is done once" equal "$(count "$1" task_done)" $n_files
	expect "as many unlocks as locks" equal "$(count "$1" unlock)" "$(count "$1" lock)"
	expect "no deadlock" equal "$(count "$1" deadlock)" 0
}

# json FILTER: what it yields
json() { jq "$1" "$scratch/json"; }
# holds FILTER: whether it yields true
holds() { jq -e "$1" "$scratch/json" >/dev/null; }

check_latency() {
	local text=$scratch/text
	"$latency" "$scratch/$1" >"$text" || fail "ipctrace-latency: exit status $?"
	cat "$text"
	expect "a row for the paths" grep -q '^paths .*joinable' "$text"
	expect "ten slowest" equal \
		"$(sed '1,/^slowest messages/d' "$text" | grep -cE '^ +[0-9.]+ (ns|us|ms|s) ')" 10

	"$latency" --json "$scratch/$1" >"$scratch/json" || fail "ipctrace-latency --json: exit status $?"
	if ! command -v jq >/dev/null; then
		note "no jq: the JSON is not looked at"
		return
	fi
	expect "every path was received" equal \
		"$(json '.channels[] | select(.name == "paths") | .matched')" $n_files
	expect "none is unmatched" equal \
		"$(json '[.channels[] | .unmatched_sent + .unmatched_received] | add')" 0
	expect "percentiles are in order" holds \
		'[.channels[] | select(.matched > 0) | .p50_ns <= .p99_ns and .p99_ns <= .max_ns] | all'
	# shellcheck disable=SC2016 # a variable of jq
	expect "the slowest come first" holds \
		'[.slowest[].latency_ns] as $l | ($l | length) == 10 and $l == ($l | sort | reverse)'
	expect "senders are not receivers" holds '[.slowest[] | .sender.pid != .receiver.pid] | all'
	expect "nothing was discarded" equal "$(json .discarded_events)" 0
}

nothing_left() {
	expect "nothing is left of the session" equal \
		"$(find "$LTTNG_HOME" -type s 2>/dev/null | wc -l)" 0
	expect "the domain is gone" equal "$(find "$IPC_DIR" -type f | wc -l)" 0
}

# record_wordcount NAME [VARIABLE=VALUE...] [OPTION...]
record_wordcount() {
	local name=$1 environment=()
	shift
	while [[ ${1-} == *=* ]]; do environment+=("$1") && shift; done
	echo "$name"
	run env "${environment[@]}" "$record" -l "$provider" -b 16 -o "$scratch/$name" "$@" \
		"$wordcount" --workers 2 --verify "$scratch/tree" >"$scratch/$name.out" 2>&1 ||
		{ fail "exit status $?" && sed 's/^/    /' "$scratch/$name.out"; }
	babeltrace2 "$scratch/$name" >"$scratch/$name.events" 2>"$scratch/$name.errors" ||
		{ fail "babeltrace2" && sed 's/^/    /' "$scratch/$name.errors"; }
	nothing_left
}

# ---- what a word count does not do -----------------------------------------------------------

# Names; a child that ends by _exit, one that a second thread forks, one that is killed.
write_rest() {
	cat >"$scratch/rest.c" <<-'END'
		#include <ipc/proc.h>
		#include <ipc/queue.h>
		#include <pthread.h>
		#include <signal.h>
		#include <stdlib.h>
		#include <sys/wait.h>
		#include <unistd.h>

		#define CHECK(call) ((call) < 0 ? exit(__LINE__ & 127) : (void)0)

		static ipc_queue *q;

		static void put(void)
		{
			CHECK(ipc_queue_put(q, "x", 1, IPC_FOREVER));
		}

		static void *fork_one(void *arg)
		{
			pid_t pid = fork();

			if (pid == 0) {
				put();
				_exit(0);
			}
			waitpid(pid, NULL, 0);
			return arg;
		}

		static int killed(void *arg)
		{
			put();
			return raise(SIGKILL);
		}

		int main(void)
		{
			ipc_queue *again;
			ipc_proc  *proc;
			pthread_t  thread;
			int	   status;
			char	   c;

			CHECK(ipc_queue_create(&q, "named", NULL));
			CHECK(ipc_queue_open(&again, "named"));
			fork_one(NULL);
			pthread_create(&thread, NULL, fork_one, NULL);
			pthread_join(thread, NULL);
			CHECK(ipc_spawn(&proc, killed, NULL, NULL));
			CHECK(ipc_proc_join(proc, IPC_FOREVER, &status));
			ipc_proc_close(proc);
			for (int i = 0; i < 3; i++)
				CHECK(ipc_queue_get(again, &c, 1, IPC_FOREVER));
			CHECK(ipc_queue_unlink("named"));
			ipc_queue_close(again);
			ipc_queue_close(q);
			return 0;
		}
	END
}

check_rest() {
	local way=$1
	shift
	echo "names and ends, $way"
	status 0 "recorded" "$record" -l "$provider" -o "$scratch/$way" "$@" "$scratch/rest"
	babeltrace2 "$scratch/$way" >"$scratch/$way.events" || fail babeltrace2
	expect "object_open" equal "$(count $way object_open)" 1
	expect "object_unlink" equal "$(count $way object_unlink)" 1
	expect "three are forked" equal "$(count $way process_fork)" 3
	expect "each put under its own pid" equal \
		"$(events $way send_end | grep -o 'vpid = [0-9]*' | sort -u | wc -l)" 3
	expect "... which is not the one that got" equal \
		"$(events $way recv_end | grep -o 'vpid = [0-9]*' | sort -u | wc -l)" 1
	expect "the killed one is reaped" above "$(count $way process_reap)" 0
	expect "main alone leaves" equal "$(count $way process_leave)" 1
}

check_rests() {
	write_rest
	"${CC:-cc}" -I libipc/include -o "$scratch/rest" "$scratch/rest.c" -L "$build" -lipc \
		-Wl,-rpath,"$build" -pthread || { fail "no compiler" && return; }
	check_rest rest-preload
	check_rest rest-dlopen -d
}

# Two processes that wait for one another, each of which finds out and says so. The alarm that ends
# them is far off: one that is near makes a verdict less than certain.
check_deadlock() {
	echo "a deadlock"
	status 0 "recorded" "$record" -l "$provider" -o "$scratch/stuck" \
		"$build/examples/join-before-drain" --seconds 14
	babeltrace2 "$scratch/stuck" >"$scratch/stuck.events" || fail babeltrace2
	expect "both say so, once each" equal "$(count stuck deadlock)" 2
	expect "... certain, though traced" equal "$(events stuck deadlock | grep -c 'DEADLOCK (certain)')" 2
}

# ---- the recorder itself ---------------------------------------------------------------------

# status WANTED WHAT COMMAND...: its exit status; output goes to $scratch/out
status() {
	local wanted=$1 what=$2 rc=0
	shift 2
	run "$@" >"$scratch/out" 2>&1 || rc=$?
	[ $rc -eq "$wanted" ] || sed 's/^/    /' "$scratch/out"
	expect "$what" equal $rc "$wanted"
}
# refused WANTED WORDS COMMAND...: likewise, and says WORDS
refused() {
	status "$1" "refused: $2" "${@:3}"
	expect "... in so many words" grep -q -e "$2" "$scratch/out"
}

check_recorder() {
	local pid
	echo "ipc-record"
	status 42 "the command's exit status is passed on" \
		"$record" -l "$provider" -o "$scratch/exit" sh -c 'exit 42'
	status 137 "so is its signal" "$record" -l "$provider" -d -o "$scratch/kill" sh -c 'kill -9 $$'
	refused 127 "command not found" "$record" -l "$provider" -o "$scratch/none" /nonexistent/command
	refused 125 "exists already" "$record" -l "$provider" -o "$scratch/exit" true
	refused 125 "there is no /nonexistent.so" "$record" -l /nonexistent.so -o "$scratch/none" true
	refused 125 usage "$record"
	expect "nothing was made for those" test ! -e "$scratch/none"

	"${limited[@]}" "$record" -l "$provider" -o "$scratch/term" sh -c \
		'trap "echo ended >'"$scratch"'/ended; exit 3" TERM; touch '"$scratch"'/begun
		 while :; do sleep 0.1; done' >"$scratch/out" 2>&1 &
	pid=$!
	for _ in {1..200}; do [ -e "$scratch/begun" ] && break || sleep 0.1; done
	kill -TERM $pid
	wait $pid
	expect "SIGTERM is passed on" test -e "$scratch/ended"
	expect "... and the recording is closed" grep -q "trace in $scratch/term" "$scratch/out"
	nothing_left
}

check_errors() {
	echo "ipc-latency"
	mkdir -p "$scratch/empty" "$scratch/garbage"
	echo nonsense >"$scratch/garbage/metadata"
	refused 1 "is not a trace" "$latency" "$scratch/empty"
	refused 1 "No such file" "$latency" "$scratch/nonexistent"
	refused 1 "no trace that can be read" "$latency" "$scratch/garbage"
	refused 1 "is empty" "$latency" "$scratch/exit"
	refused 2 usage "$latency"
}

# Loaded and not recorded, the provider changes nothing.
check_idle() {
	echo "no session"
	status 0 "preloaded" env LD_PRELOAD="$provider" "$wordcount" --workers 2 --verify "$scratch/tree"
	status 0 "asked for" env IPC_TRACE=1 "$wordcount" --workers 2 --verify "$scratch/tree"
	expect "the domain is gone" equal "$(find "$IPC_DIR" -type f | wc -l)" 0
}

# ---- all of it -------------------------------------------------------------------------------

[ ${#private[@]} -gt 0 ] || [ "$(id -u)" != 0 ] ||
	note "root, and no user namespaces: this uses the session daemon of the system"
make_tree

for way in preload dlopen; do
	options=()
	[ $way = preload ] || options=(-d)
	record_wordcount $way "${options[@]}"
	check_pids $way
	check_events $way
	check_latency $way
done

# LTTng's own wrapper, which comes with the provider's library: left in charge, and as right.
record_wordcount wrapped LD_PRELOAD=liblttng-ust-fork.so.1
check_pids wrapped

check_rests
check_deadlock
check_recorder
check_errors
check_idle

echo "$failures failed"
[ $failures -eq 0 ]
