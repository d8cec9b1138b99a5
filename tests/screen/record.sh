#!/bin/bash
# What was seen: stepped back to, recorded while it runs, and shown again, also where the programs are not.
. "$(dirname "$0")/terminal.bash"
cd "$T" || exit 1

begin_deadlock
open 120x30
say 'ipcmon -d 0.1'
see 'DEADLOCK'
see 'LIVE'

see 'up 3.' # some thirty readings

# Back, on, and to the ends of what was seen.
press Space
see 'FROZEN -'
press '['
see 'PAST -'
moved() { [ "$(age)" != "$was" ] && shows 'PAST -'; }
age() { text | sed -n '1s/.* up \([^ ]*\) .*/\1/p'; }
for key in '[' '{' ']' Home '}'; do
	was=$(age)
	# Again where two readings look alike: those of one tenth of a second do.
	go() { press "$key" && moved; }
	until_true go || fail "$key changes nothing"
done
see 'DEADLOCK'
press End
see 'LIVE'

# Recorded on a key, until the same key.
press r
see 'recording to ipcmon-default-'
see 'REC '
grown() { [ "$(stat -c %s ipcmon-default-*.rec)" -gt 4500 ]; }
until_true grown || fail 'nothing is recorded'
press r
see ' samples in ipcmon-default-'
press q
see 'ready>'
mv ipcmon-default-*.rec key.rec || fail 'no recording was made'

# Recorded beside commands; the same lines come out of it.
PATH=$BUILD:$PATH
ipcmon --record beside.rec -b -n 3 -d 0.05 waits >live.txt || fail 'waits --record'
ipcmon --replay beside.rec -b waits >again.txt || fail '--replay waits'
diff live.txt again.txt || fail 'what was shown is not what is shown again'
ipcmon record run.rec -n 5 -d 0.05 2>/dev/null || fail 'record'
ipcmon record run.rec -n 1 2>err.txt && fail 'a recording was written over'
grep -q 'it exists' err.txt || fail 'nothing says that it exists'
ipcmon record nowhere/run.rec -n 1 2>err.txt
[ $? -eq 1 ] || fail 'no such folder is not a run-time error' # 3 would be: no such domain
[ "$(ipcmon stream -n 3 -d 0.05 | ipcmon --replay - -b ls | grep -c '^! KIND')" -ge 2 ] || fail 'stream | --replay -'

# A disk that is full: said, and the monitor goes on.
say 'clear; ipcmon -d 0.1 --record /dev/full'
see 'No space left on device'
see_not 'LIVE'
say 'clear; ipcmon -d 0.1'
see 'LIVE'

# The domain goes: the last that was seen stays, and what was before it.
end_deadlock
see 'GONE'
see 'DEADLOCK'
press '['
see 'PAST -'
see 'DEADLOCK'
press q
see 'ready>'

# Shown again, with nobody there: all of the screen, with places in the source.
say 'clear; ipcmon --replay key.rec'
see 'REPLAY -'
see 'DEADLOCK'
see 'drain.c:'
press Home
see 'REPLAY -'
press Space
see 'PLAYING'
press 4
see 'SITE'
press q
see 'ready>'
ipcmon --replay run.rec check >check.txt
[ $? -eq 2 ] || fail 'check --replay'
grep -q '^DEADLOCK' check.txt || fail 'check --replay says nothing'
for command in ls waits dump graph lint; do
	ipcmon --replay run.rec $command >out.txt || fail "$command --replay"
	ipcmon --replay run.rec $command --json | jq -e . >/dev/null || fail "$command --replay --json"
done
[ "$(ipcmon --replay run.rec --since -60s -b ls | grep -c '^! KIND')" -ge 4 ] || fail '--since'
ipcmon --replay run.rec --since nonsense ls 2>/dev/null
[ $? -eq 2 ] || fail '--since nonsense'

# Damaged: what is good is shown, and what is not is counted, once.
damage() { printf '\xff\xff' | dd of="$1" bs=1 seek="$(($(stat -c %s "$1") - $2))" conv=notrunc 2>/dev/null; }
cp run.rec last.rec
damage last.rec 2
for command in ls stat check; do
	ipcmon --replay last.rec -d 0.05 $command >out.txt 2>err.txt
	grep -q 'DEADLOCK\|critical' out.txt || fail "$command: nothing is shown of a damaged recording"
	[ "$(cat err.txt)" = 'ipcmon: last.rec: the recording is damaged: 1 of its samples could not be read' ] ||
		fail "$command: of a damaged recording is said: $(cat err.txt)"
done
[ "$(ipcmon --replay last.rec --no-header stat 2>/dev/null | wc -l)" -eq 3 ] || fail 'not all but the damaged one, or one twice'
say 'clear; ipcmon --replay last.rec'
see ' DAMAGED 1 '
see 'DEADLOCK'
press q
see 'ready>'
cp run.rec more.rec
head -c 64 /dev/zero >>more.rec
ipcmon --replay more.rec ls >out.txt 2>err.txt || fail 'a recording with nonsense behind it'
grep -q 'damaged at byte [0-9]*: nothing from there on' err.txt || fail 'nothing says that the rest is left out'

# No domain yet: it is said once what is waited for, in sentences.
ipcmon record --domain nobody never.rec 2>err.txt &
pid=$!
until_true grep -q '^ipcmon: waiting: there is no domain "nobody" yet' err.txt || fail "what record waits for: $(cat err.txt)"
kill $pid
wait $pid
grep -q '[.][;:,]' err.txt && fail "punctuation upon punctuation: $(cat err.txt)"

# Cut off, of another version, not a recording, not there.
head -c -7 run.rec >cut.rec
ipcmon --replay cut.rec ls >/dev/null 2>err.txt || fail 'a recording that was cut off'
grep -q 'its end was cut off' err.txt || fail 'nothing says that it was cut off'
printf '\x09' | dd of=run.rec bs=1 seek=8 conv=notrunc 2>/dev/null
ipcmon --replay run.rec ls 2>err.txt
[ $? -eq 5 ] && grep -q 'version 9' err.txt || fail 'another version'
ipcmon --replay check.txt ls 2>err.txt
[ $? -eq 1 ] && grep -q 'no recording' err.txt || fail 'not a recording'
head -c 64M /dev/zero 2>/dev/null | ipcmon --replay - ls 2>err.txt
is=("${PIPESTATUS[@]}")
[ "${is[1]}" -eq 1 ] && grep -q 'does not begin like one' err.txt || fail "not a recording, in a pipe: $(cat err.txt)"
[ "${is[0]}" -ne 0 ] || fail 'all of what is no recording is read'
timeout 20 ipcmon --replay /dev/zero ls 2>err.txt
[ $? -eq 1 ] && grep -q 'does not begin like one' err.txt || fail 'not a recording, and without end'
ipcmon --replay nowhere.rec ls 2>err.txt
[ $? -eq 3 ] && grep -q 'No such file' err.txt || fail 'no such recording'
exit 0
