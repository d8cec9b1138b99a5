#!/bin/bash
# Without UTF-8, without colour, on a terminal that has neither: the same screens.
. "$(dirname "$0")/terminal.bash"

begin_deadlock
open 80x24

check() {
	see 'DEADLOCK'
	see 'Why'
	text | grep -q $'[^\t -~]' && fail "$1: more than ASCII on the screen"
	press 2
	see '[=========]'
	press q
	see 'ready>'
}

say 'clear; LC_ALL=C LANG=C ipcmon -d 0.1'
check 'LANG=C'
say 'clear; TERM=vt100 ipcmon -U -d 0.1'
check 'vt100'

colors() { tm capture-pane -p -e | grep -q $'\e\\[[0-9;]*3[1-7]m'; }
say 'clear; ipcmon -d 0.1'
see 'DEADLOCK'
until_true colors || fail 'no colours where there could be'
press q
see 'ready>'
for how in 'NO_COLOR=1 ipcmon' 'ipcmon --color never' 'TERM=vt100 ipcmon'; do
	say "clear; $how -d 0.1"
	see 'DEADLOCK'
	see 'Why'
	colors && fail "$how: there are colours"
	press q
	see 'ready>'
done

# Where nothing can be drawn it prints.
say 'clear; TERM=dumb ipcmon'
see 'no terminal to draw on'
see 'DEPTH/CAP'
say 'clear; TERM=no-such-terminal ipcmon'
see 'no terminal to draw on'
