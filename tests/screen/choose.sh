#!/bin/bash
# Setup, the file of settings, themes, the mouse and the clipboard, on a real terminal.
. "$(dirname "$0")/terminal.bash"

export XDG_CONFIG_HOME=$T/config
config=$XDG_CONFIG_HOME/ipcmon/config
begin_deadlock

# run OPTIONS...: on the screen, over an empty line above it.
run() {
	say "clear; XDG_CONFIG_HOME=$XDG_CONFIG_HOME ipcmon -d 0.1 $*"
	see ' Findings 1 '
}

# line N: the N-th line of the screen.
line() { text | sed -n "$1p"; }

# mouse BUTTON ROW COLUMN: one press, as a terminal tells it; the first row and column are 1.
mouse() { press -l $'\e[<'"$1;$3;$2M"$'\e[<'"$1;$3;$2m"; }

open 100x24
run

# ---- setup, and what is kept of it
press 2
see 'DEPTH/CAP'
press F2
see 'Columns of Channels'
press Down Down Down Down Down Down Down Down Space
see '[ ] LEVEL'
press Home Right
see 'colorblind'
press End Left
see 'telemetry-lost   < 0.5%'
press F12
see "saved in $config"
press Escape
see 'DEPTH/CAP'
see_not 'LEVEL'
press q
see 'ready>'
grep -q '^theme = colorblind$' "$config" || fail 'the theme is not kept'
grep -q '^columns.channels = mark,kind,depth,hwm,' "$config" || fail 'the columns are not kept'
grep -q '^# preset = normal$' "$config" || fail 'what is as by default is no comment'
grep -q '^lint.telemetry-lost = 0.5%$' "$config" || fail 'the limit of a lint is not kept'
grep -q '^# lint.saturated = 50%$' "$config" || fail 'a limit as by default is no comment'

run
press 2
see 'DEPTH/CAP'
see_not 'LEVEL'
press S
see 'colorblind'
press q q
see 'ready>'

# ---- what is wrong in it is said, and prevents nothing
printf 'theme = colorblind\ncolour = blue\nsort.channels = nothing\nno sense\nlint.saturated = 0%%\nlint.ping-pong = 5s\n' >"$config"
run
see 'config:2: there is no setting "colour"'
press q
see 'ready>'
see "$config:2: there is no setting"
see "$config:3: "
see "$config:4: "
see "$config:5: this is"
see "$config:6: this is"
mkfifo "$T/nobody-writes"
head -c 100000 /dev/urandom >"$config"
run
press q
see 'ready>'
rm "$config"
say 'clear; ipcmon --theme pink; echo status $?'
see 'status 2'
say 'clear; ipcmon --config $T/none -d 0.1'
see 'none: No such file'
press q
see 'ready>'
say 'clear; ipcmon --config $T -d 0.1'
see "${T##*/}: Is a directory"
press q
see 'ready>'
say 'clear; ipcmon --config /dev/full -d 0.1 2>$T/err'
see 'full:1: '
press q
see 'ready>'
grep -q '^ipcmon: /dev/full:1: .* longer than 1 MiB' "$T/err" || fail "without end: $(cat "$T/err")"

# ---- themes: the verdict, in the escapes of this terminal
escapes() { tm capture-pane -pe | grep -m1 DEADLOCK; }
for theme in default colorblind mono; do
	run --theme $theme
	escapes >"$T/$theme"
	press q
	see 'ready>'
done
grep -q $'\e\[[0-9;]*48;5;124' "$T/default" || fail "default: no red ground: $(cat -v "$T/default")"
grep -q $'\e\[[0-9;]*48;5;208' "$T/colorblind" || fail "colorblind: no orange: $(cat -v "$T/colorblind")"
grep -qE $'\e\[([0-9;]*;)?[34]8;' "$T/mono" && fail "mono: colours: $(cat -v "$T/mono")"
grep -q $'\e\[[0-9;]*7m' "$T/mono" || fail "mono: nothing is reversed: $(cat -v "$T/mono")"
say 'clear; NO_COLOR=1 ipcmon -d 0.1'
see ' Findings 1 '
tm capture-pane -pe | grep -qE $'\e\[([0-9;]*;)?([34][0-7]|9[0-7]|[34]8;[0-9;]*)m' && fail 'NO_COLOR: colours'
press q
see 'ready>'

# ---- the mouse
run
[ "$(tm display-message -p '#{mouse_sgr_flag}#{mouse_standard_flag}')" = 11 ] || fail 'the mouse is not asked for'
mouse 0 24 12 # 2Chan, behind 1Overview
see 'DEPTH/CAP'
mouse 0 4 4 # KIND
until_true eval 'line 4 | grep -q "KIND *v\|KIND  *DEPTH"'
mouse 0 5 20
mouse 0 5 20
see 'Detail'
mouse 65 10 10
see_not 'EscDetail'
mouse 0 24 2 # EscBack
see 'DEPTH/CAP'
press q
see 'ready>'
[ "$(tm display-message -p '#{mouse_standard_flag}')" = 0 ] || fail 'the terminal still reports the mouse'
run -M
[ "$(tm display-message -p '#{mouse_standard_flag}')" = 0 ] || fail '-M: the mouse is asked for'
press q
see 'ready>'

# ---- the clipboard: tmux takes it, being told to
tm set-option -g set-clipboard on
run
press y
see 'copied'
until_true eval 'tm show-buffer 2>/dev/null | grep -q "^DEADLOCK"' || fail 'the clipboard has no verdict'
tm show-buffer | grep -q 'Fix:' || fail 'the clipboard has half of it'
press 3
see 'BLK/THR'
press y
until_true eval 'tm show-buffer | grep -q "^S D  PID [0-9]"' || fail 'the clipboard has no row'
press q
see 'ready>'
