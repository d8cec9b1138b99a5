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

# Where the locale has more than ASCII, bars are of blocks and graphs of braille; braille is not
# in the font of the kernel's console.
blocks() { text | grep -q '[▏▎▍▌▋▊▉█]'; }
braille() { text | LC_ALL=C grep -q $'\xe2[\xa0-\xa3][\x80-\xbf]'; }
for term in screen linux; do
	say "clear; TERM=$term ipcmon -d 0.1"
	see 'Why'
	press 2
	until_true blocks || fail "TERM=$term: no blocks on the screen"
	resize 100x60
	press Enter
	see 'Two minutes'
	if [ $term = screen ]; then
		until_true braille || fail 'no braille on the screen'
	else
		braille && fail 'braille on the console'
	fi
	press q q
	see 'ready>'
	resize 80x24
done

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
