#!/bin/bash
# However ipcmon ends, the terminal is as it was.
. "$(dirname "$0")/terminal.bash"

begin_deadlock
open 80x24

run() {
	rm -f "$T/pid" "$T/before" "$T/after" "$T/status"
	say 'clear; stty -g >$T/before; (echo $BASHPID >$T/pid; exec ipcmon -d 0.1)'
	see 'DEADLOCK'
	see 'Findings'
	until_true mouse_is 1 || fail 'the mouse is not asked for'
}
mouse_is() { [ "$(tm display-message -p '#{mouse_any_flag}#{mouse_button_flag}' | tr 1 x | grep -c x)" = "$1" ]; }

# as_before HOW STATUS: it has ended with that status, and all is as it was.
as_before() {
	see_not 'Findings'
	say 'echo $? >$T/status; stty -g >$T/after'
	until_true test -s "$T/after" || fail "$1: the shell does not come back"
	cmp -s "$T/before" "$T/after" || fail "$1: the terminal's modes have changed"
	[ "$(cat "$T/status")" = "$2" ] || fail "$1: exit status $(cat "$T/status"), not $2"
	[ "$(tm display-message -p '#{alternate_on} #{cursor_flag}')" = '0 1' ] ||
		fail "$1: still on the other screen, or without a cursor"
	mouse_is 0 || fail "$1: the terminal still tells of the mouse"
}

run && press q && as_before q 0
run && press C-c && as_before Ctrl-C 0
run && press F10 && as_before F10 0
for signal in TERM INT HUP SEGV ABRT; do
	run
	kill -$signal "$(cat "$T/pid")"
	as_before "SIG$signal" $((128 + $(kill -l $signal)))
done

# Ctrl-Z, a look at the shell, and back; so too from outside.
for how in key signal; do
	rm -f "$T/pid"
	say 'clear; stty -g >$T/before; (echo $BASHPID >$T/pid; exec ipcmon -d 0.1)'
	see 'Findings'
	if [ $how = key ]; then press C-z; else kill -TSTP "$(cat "$T/pid")"; fi
	see 'Stopped'
	see_not 'Findings'
	rm -f "$T/after"
	say 'stty -g >$T/after; clear'
	until_true test -s "$T/after" || fail "$how: the shell does not come back"
	cmp -s "$T/before" "$T/after" || fail "$how: the terminal's modes have changed while stopped"
	mouse_is 0 || fail "$how: the terminal tells of the mouse while stopped"
	say 'fg'
	see 'Findings'
	see 'LIVE'
	press 3
	see 'BLK/THR'
	press q
	see 'ready>'
	see_not 'BLK/THR'
done
