#!/bin/bash
# Without a terminal: what the commands print, and what they exit with.
. "$(dirname "$0")/terminal.bash"
command -v jq >/dev/null || { echo "jq is not installed" && exit 77; }
PATH=$BUILD:$PATH

out_has() { grep -q -- "$1" "$T/out" || fail "$1 is not in: $(cat "$T/out")"; }
err_has() { grep -q -- "$1" "$T/err" || fail "$1 is not in: $(cat "$T/err")"; }
lines() { [ "$(wc -l <"$T/out")" -eq "$1" ] || fail "not $1 lines: $(cat "$T/out")"; }

# Wrong usage says what is wrong.
exits 2 ipcmon --no-such-option
exits 3 ipcmon no-such-command && err_has 'no-such-command' # a domain, then
exits 2 ipcmon ls one surplus && err_has surplus
exits 2 ipcmon diff one other surplus && err_has surplus
exits 2 ipcmon explain I001 surplus && err_has surplus
exits 2 ipcmon ls --dot && err_has 'for graph'
exits 2 ipcmon ls --perf && err_has 'for check'
exits 2 ipcmon ls --tree && err_has 'for waits'
exits 2 ipcmon ls --names && err_has 'for gc'
exits 2 ipcmon graph --dot --json && err_has 'two formats'
for command in explain report 'record some.rec' stream export 'completion bash'; do
	# shellcheck disable=SC2086
	exits 2 ipcmon $command --json && err_has 'no --json'
done
exits 2 ipcmon -d 1ms ls && err_has 1ms
exits 2 ipcmon -n 0 ls
exits 2 ipcmon --color red ls
exits 2 ipcmon --domain a --dir b ls
exits 3 ipcmon check --no-such-option # no verdict is not a bad one
exits 0 ipcmon --help && out_has 'check'
exits 0 ipcmon -V && out_has '^ipcmon [0-9]'

# No domain.
for command in ls waits dump graph; do
	exits 3 ipcmon $command && err_has 'no domain "default"'
	[ ! -s "$T/out" ] || fail "$command prints although there is nothing"
done
exits 3 ipcmon
exits 3 ipcmon --domain elsewhere ls && err_has elsewhere
exits 3 ipcmon --dir "$T/nowhere" ls && err_has nowhere
exits 3 ipcmon check && lines 1 && out_has '^UNKNOWN'
exits 3 ipcmon check --json && jq -e '.grade == "unknown"' "$T/out" >/dev/null || fail 'check --json of nothing'

begin_deadlock
stuck() { "$BUILD/ipcmon" check >/dev/null; [ $? -eq 2 ]; }
until_true stuck || fail 'no deadlock is found'

exits 2 ipcmon check && lines 1 && out_has '^DEADLOCK .* wait for one another'
exits 2 ipcmon check -n 3 -d 0.1 && lines 3
exits 2 ipcmon check --jsonl -n 2 -d 0.1 && lines 2
exits 0 ipcmon && out_has 'DEPTH/CAP' && out_has 'BLK/THR' # no terminal: ls
exits 0 ipcmon ls -1 && out_has results
exits 0 ipcmon waits && out_has 'drain.c:[0-9]' && lines 3
exits 0 ipcmon graph && out_has 'closes the circle'
exits 0 ipcmon dump && out_has 'Fix: ' && out_has 'at join-before-drain.c:[0-9]'
exits 0 ipcmon --dir "$IPC_DIR/default" ls && out_has results
exits 0 ipcmon -b -n 3 -d 0.05 && [ "$(grep -c DEPTH/CAP "$T/out")" -eq 3 ] || fail '-n 3 is three'
grep -q $'\e' "$T/out" && fail 'escapes in a file'
exits 0 ipcmon --color always ls && grep -q $'\e\\[' "$T/out" || fail '--color always has no colours'
LC_ALL=C exits 0 ipcmon dump && grep -q $'[^\t -~]' "$T/out" && fail 'more than ASCII in LC_ALL=C'

# The evidence of a finding, read again: confirmed, refuted, not tellable.
token=$(ipcmon dump | sed -n 's/^Evidence: .*: //p')
[[ $token =~ ^wait\ [0-9]+:[0-9]+\ [0-9]+:[0-9]+$ ]] || fail "no evidence: $token"
# shellcheck disable=SC2086
exits 2 ipcmon verify $token && lines 1 && out_has '^CONFIRMED  DEADLOCK (certain)'
exits 2 ipcmon verify "${token#wait }" default && out_has '^CONFIRMED'
exits 2 ipcmon verify -q "$token" && lines 0
earlier=${token%:*}:1 # no sleep has a lower number
exits 0 ipcmon verify "$earlier" && out_has '^MOVED ON  .*, and now waits in '
exits 3 ipcmon verify "${token}0" && lines 1 && out_has '^UNKNOWN  thread .* has not come to sleep .*0 yet'
exits 3 ipcmon verify "$token 4194304:2" && lines 1 && out_has '^UNKNOWN  thread 4194304 is not of this domain' # above any
exits 3 ipcmon verify "$token 1:2" && lines 1 && out_has '^UNKNOWN  thread 1 '
exits 3 ipcmon verify && err_has 'verify what'
exits 3 ipcmon verify 12: && exits 3 ipcmon verify 1:2x
exits 3 ipcmon verify --json "$token" && err_has json
exits 3 ipcmon verify "$token" elsewhere && out_has '^UNKNOWN  .*elsewhere'
exits 0 ipcmon record -n 2 -d 0.05 "$T/stuck.ipcmon"
exits 2 ipcmon --replay "$T/stuck.ipcmon" verify "$token" && out_has '^CONFIRMED'
exits 0 ipcmon --replay "$T/stuck.ipcmon" verify "$earlier"

# Columns, their order, and rows for spreadsheets.
exits 0 ipcmon ls -o name,put && out_has '^NAME *PUT/s$' && out_has '^results' && ! grep -q BLK/THR "$T/out" ||
	fail "columns of one table: $(cat "$T/out")"
exits 0 ipcmon ls -q -H -o pid,exe -s -pid && lines 2 && out_has join-before-drain
sort -rnc "$T/out" || fail '-s -pid is not in descending order'
exits 0 ipcmon ls -o +capacity_messages && out_has ' 8$'
exits 2 ipcmon ls -o name,nothing && err_has '"nothing"'
exits 2 ipcmon ls -s nothing && err_has '"nothing"'
exits 2 ipcmon ls -o put,pid && err_has 'no table has all'
exits 0 ipcmon ls -o help && out_has 'sent_messages_per_s'
exits 0 ipcmon ls --csv && lines 2 && out_has '^verdict,kind,'
exits 0 ipcmon ls --csv -o name,queued_messages -H && [ "$(cat "$T/out")" = results,8 ] || fail "csv: $(cat "$T/out")"
exits 0 ipcmon ls --csv -o name -n 3 -d 0.05 && lines 4
exits 0 ipcmon ls --table processes --csv && lines 3
exits 0 ipcmon ls --table help && lines "$(sort -u "$T/out" | wc -l)"
for table in $(cat "$T/out"); do
	exits 0 ipcmon ls --table "$table"
	exits 0 ipcmon ls --table "$table" --json && jq -e ".$table | type == \"array\"" "$T/out" >/dev/null ||
		fail "--table $table --json: $(cat "$T/out")"
	exits 0 ipcmon ls --table "$table" --csv
done
exits 0 ipcmon ls -q -H -F 'depth>4' -o name && lines 1
exits 0 ipcmon ls --csv -F 'kind=pipe' && lines 1
exits 2 ipcmon ls -F 're:(' && err_has 'ipcmon: -F: '
exits 2 ipcmon ls --table nothing && err_has topology
exits 0 ipcmon waits -t && out_has '<== put'
exits 0 ipcmon ls -q --bytes -o depth,oldest && grep -Eq "^ *8 +[0-9]{9,}$" "$T/out" || fail "--bytes: $(cat "$T/out")"
exits 2 ipcmon dump --csv && err_has 'no table'
exits 2 ipcmon ls --csv --json
exits 0 ipcmon ls --jsonl -n 3 -d 0.05 && lines 3
exits 0 ipcmon ls --self && out_has '^self '
[ "$(ipcmon ls --jsonl -d 0.05 | head -n 2 | jq -r .schema | sort -u)" = ipcmon.snapshot/1 ] || fail 'lines of JSON'

# JSON.
for command in ls waits dump check graph; do
	"$BUILD/ipcmon" $command --json | jq -e . >/dev/null || fail "$command --json is not JSON"
done
exits 0 ipcmon dump --json -n 2 -d 0.05 && lines 2
exits 0 ipcmon dump --json && lines 1
jq -e '
	.schema == "ipcmon.snapshot/1" and (.lints | type) == "array" and (.t_mono_ns | type) == "number" and
	([.processes[] | .pid, .sent_messages_total] | all(type == "number")) and
	([.processes[].name] | sort) == ["child", "parent"] and
	(.threads | length) == 2 and
	(.channels | map(select(.name == "results")) | .[0] |
		.queued_messages == 8 and .sent_messages_total == .received_messages_total + .queued_messages and
		(.directions[0] | .blocked_senders == 1 and .capacity_messages == 8 and .oldest_ns > 0) and
		.size_bytes == null) and
	(.waits | length) == 2 and (.waits[] | select(.op == "put") | .site | test("join-before-drain.c:[0-9]+ ")) and
	(.verdicts[0] | .class == "deadlock" and .strength == "certain" and (.since_ns | type) == "number" and
		(.core | length) == 2 and (.core[0] | has("pid") and has("tid") and has("name") and has("op") and has("object")) and
		.behind == [] and .pattern == "join-before-drain" and (.fix | length) > 10 and
		(.text | test("at join-before-drain.c:[0-9]+")))
' "$T/out" >/dev/null || fail "dump --json: $(jq . "$T/out")"

# Lints: once it has lasted for a second, and only if they are asked for.
fires() { ipcmon lint | grep -q '^I001 join-before-drain  parent [0-9]* joins child [0-9]*, .*"results".* 8 of 8'; }
until_true fires || fail "no lint: $(ipcmon lint)"
exits 0 ipcmon lint --json && jq -e '
	.grade == "critical" and (.lints | length) == 1 and (.lints[0] | .id == "I001" and .object == "results" and
		(.pid | type) == "number" and (.fix | length) > 10 and (.text | length) > 10)
' "$T/out" >/dev/null || fail "lint --json: $(cat "$T/out")"
exits 0 ipcmon dump && out_has '^I001 join-before-drain' && out_has 'ipcmon explain I001'
exits 0 ipcmon lint -A I001 && out_has '^no lints'
exits 0 ipcmon lint -A all -W join-before-drain && out_has '^I001'
exits 2 ipcmon lint -W I999 && err_has I999
exits 0 ipcmon explain && out_has '^I013 leaked-end'
exits 0 ipcmon explain I001 && out_has 'ipc_proc_join'
exits 0 ipcmon explain lost-task-done && out_has '^I004'
printf 'lint.full-within = 1m\n' >"$T/settings"
exits 0 ipcmon --config "$T/settings" explain I012 && out_has '^Setting: lint.full-within = 60s (600s by default)'
exits 2 ipcmon explain nothing && err_has nothing
for id in $("$BUILD/ipcmon" explain | cut -d ' ' -f 1); do
	exits 0 ipcmon explain "$id" && [ "$(wc -l <"$T/out")" -gt 5 ] || fail "explain $id says little"
done

# The graph for graphviz: both are in it, and the circle.
exits 0 ipcmon graph --dot && out_has '^digraph' && out_has 'style=solid color=red'
[ "$(grep -c ' -> ' "$T/out")" -eq 2 ] || fail "not two edges: $(cat "$T/out")"
if command -v dot >/dev/null; then dot -Tplain "$T/out" >/dev/null || fail 'dot does not take it'; fi

# Rates of a list that is printed once are those of the time that was asked for.
before=${EPOCHREALTIME/[.,]/}
exits 0 ipcmon ls -d 0.9 && [ $((${EPOCHREALTIME/[.,]/} - before)) -ge 900000 ] || fail 'ls -d 0.9 takes less than that'

# Somebody who stops reading ends it, quietly.
"$BUILD/ipcmon" -b -d 0.05 2>"$T/err" | head -n 1 >/dev/null
[ ! -s "$T/err" ] || fail "a closed pipe: $(cat "$T/err")"
exits 1 sh -c '"$BUILD/ipcmon" ls >/dev/full' && err_has 'No space left'

# Everybody is killed: no deadlock any more, and not fine.
dead() { ipcmon check -q; [ $? -eq 1 ]; }
# shellcheck disable=SC2046
kill -KILL "$deadlock" $(pgrep -P "$deadlock")
wait "$deadlock" 2>/dev/null
deadlock=
until_true dead || fail 'check of the dead is no warning'
exits 1 ipcmon check && lines 1 && out_has '^DEAD '
exits 0 ipcmon verify "$token" && out_has '^MOVED ON  .* has '
exits 0 ipcmon gc
exits 3 ipcmon check
