#!/bin/bash
# A report of a domain, what changed between two of them, and supervisors' figures.
. "$(dirname "$0")/terminal.bash"
command -v jq >/dev/null || { echo 'jq is not installed' && exit 77; }
PATH=$BUILD:$PATH
cd "$T" || exit 1


exits 3 ipcmon report nothing && has "$T/err" 'no domain'
[ ! -e nothing ] || fail 'a report of nothing'
exits 2 ipcmon diff a && has "$T/err" 'diff A B'
exits 3 ipcmon stat

begin_deadlock
stuck() { ipcmon check -q; [ $? -eq 2 ]; }
until_true stuck || fail 'no deadlock is found'

# Figures, and silence.
exits 2 ipcmon check --perf && has "$T/out" '^DEADLOCK .* \| processes=2 threads=2 blocked_threads=2 deadlocked_threads=2 longest_wait=[0-9.]+s queued_messages=8 '
[ "$(wc -l <"$T/out")" -eq 1 ] || fail 'check is more than a line'
exits 2 ipcmon check -q && [ ! -s "$T/out" ] || fail 'check -q speaks'

# A line a reading, the names over them once.
exits 0 ipcmon stat -n 3 -d 0.05 && [ "$(wc -l <"$T/out")" -eq 4 ] && has "$T/out" '^TIME +GRADE' && has "$T/out" ' critical +1 +2 +2 +2 '
exits 0 ipcmon stat -n 2 -d 0.05 --csv -o grade,blocked -H && [ "$(sort -u "$T/out")" = critical,2 ] || fail "stat --csv: $(cat "$T/out")"

# The report says it all, and can be opened.
exits 0 ipcmon report one && has "$T/out" 'ipcmon --dir one/domain'
has one/check.txt '^DEADLOCK'
has one/check.txt 'at join-before-drain.c:[0-9]+'
has one/tables.txt 'results'
has one/graph.txt 'closes the circle'
has one/graph.dot '^digraph'
has one/version.txt '^ipcmon [0-9]'
jq -e '.grade == "critical"' one/dump.json >/dev/null || fail 'dump.json'
exits 1 ipcmon check --dir one/domain && has "$T/out" '^SUSPECTED .* this is a copy'
longest() { jq '[.waits[].age_ns] | max' "$1"; }
exits 0 ipcmon dump --dir one/domain --json
[ "$(longest "$T/out")" -ge "$(longest one/dump.json)" ] || fail "in the copy they have waited for $(longest "$T/out") ns"
exits 0 ipcmon report --dir one/domain again
exits 0 ipcmon dump --dir again/domain --json && [ "$(longest "$T/out")" -ge "$(longest one/dump.json)" ] || fail 'a copy of a copy'
exits 1 ipcmon report one && has "$T/err" 'File exists'
[ "$(stat -c %a one one/dump.json one/domain)" = $'700\n600\n700' ] || fail 'others can read it'

# A disk that is full: half a report does not stay, and the next finds room for its name.
if unshare -rm true 2>/dev/null; then
	mkdir disk
	exits 0 unshare -rm sh -c 'mount -t tmpfs -o size=64k tmpfs disk && ! ipcmon report disk/one && [ ! -e disk/one ]'
	has "$T/err" 'No space left'
fi
# Of a recording: what lies today where the domain lay then is none of it.
exits 0 ipcmon record -n 2 -d 0.05 stuck.rec
exits 0 ipcmon report --replay stuck.rec past && has "$T/out" 'no copy of the domain'
has past/check.txt '^DEADLOCK' && has past/environment.txt '^from a recording: without a copy'
[ ! -e past/domain ] || fail "a recording's report has what is there today: $(ls past/domain)"
exits 1 ipcmon report "$T/one/check.txt" && has one/check.txt '^DEADLOCK' # what is another's stays

# Nothing moves in a deadlock but time asleep; another program is another thing.
exits 0 ipcmon report -q two && [ ! -s "$T/out" ] || fail 'report -q speaks'
exits 0 ipcmon diff one/domain two/domain && has "$T/out" 'in one domain'
! grep -E ' (changed|new|gone) ' "$T/out" | grep -Ev ' (caused|asleep)_ns(_total)? ' || fail "diff: $(cat "$T/out")"
cp -r one/domain same
exits 0 ipcmon diff one/domain same && has "$T/out" '^nothing has changed'
end_deadlock
"$BUILD/examples/wordcount" --repeat 1000 >/dev/null 2>&1 &
# shellcheck disable=SC2034 # close() ends it
deadlock=$!
busy() { ipcmon ls -1qH --table channels -o name -F paths 2>/dev/null | grep -qx paths; }
until_true busy || fail 'the word count does not begin'
cp -r "$IPC_DIR/default" three
exits 0 ipcmon diff one/domain three && has "$T/out" '^channels +new +paths$' && has "$T/out" '^channels +gone +results$'
moved() { ipcmon diff three "$IPC_DIR/default" | grep -qE '^channels +changed +paths  sent_messages_total [0-9]+ -> [0-9]+ \(\+[0-9]+\)$'; }
until_true moved || fail "no counter moves: $(ipcmon diff three "$IPC_DIR/default")"
