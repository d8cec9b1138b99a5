# A terminal to run ipcmon in: a tmux server of its own, which ends with the script.
#
#   . "$(dirname "$0")/terminal.bash"
#   open 80x24                    a shell in a new terminal
#   say 'ipcmon -d 0.1'           type a line
#   press q                       press keys, as tmux names them
#   see 'DEADLOCK'                wait until the screen shows it; fails after 20 s
#   see_not 'DEADLOCK'            wait until it does not
#   resize 200x60
#   text                          what the screen shows
#   exits 2 ipcmon --wrong        run it: the exit status; what it prints goes to $T/out and $T/err
#   has "$T/err" 'no domain'      a file and a regular expression
#   begin_deadlock; end_deadlock  a program that is stuck, in the domain of the test
#
# For the shell inside, $BUILD is the folder of the programs and $T that of the test.

set -u
command -v tmux >/dev/null || { echo "tmux is not installed" && exit 77; }

BUILD=$(realpath "${BUILD:-${BUILD_DIR:-build}}")
T=${TEST_TMP:-$(mktemp -d)}
export IPC_DIR=${IPC_DIR:-$T/ipc} LC_ALL=C.UTF-8 BUILD T
[ -d "$IPC_DIR" ] || mkdir -m 700 "$IPC_DIR"
unset TMUX IPC_DOMAIN NO_COLOR CLICOLOR_FORCE
deadlock=

tm() { TMUX_TMPDIR=$T tmux -u -L "ipcmon-$$" -f /dev/null "$@"; }

close() {
	tm kill-server 2>/dev/null
	[ -z "$deadlock" ] || kill "$deadlock" 2>/dev/null
	[ -n "${TEST_TMP-}" ] || rm -rf "$T"
}
trap close EXIT

open() {
	tm kill-server 2>/dev/null
	tm new-session -d -x "${1%x*}" -y "${1#*x}" "PATH=$BUILD:$PATH PS1='ready> ' exec bash --norc --noprofile" ||
		fail "tmux does not start"
	see 'ready>'
}

text() { tm capture-pane -p; }
press() { tm send-keys "$@"; }
say() { tm send-keys -l "$1" && tm send-keys Enter; }
resize() { tm resize-window -x "${1%x*}" -y "${1#*x}"; }

fail() {
	echo "FAILED: $*"
	text 2>/dev/null | sed 's/^/    | /'
	exit 1
}

# until_true COMMAND...: looks twenty times a second, for 20 s.
until_true() {
	local i
	for ((i = 0; i < 400; i++)); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

shows() { text | grep -qF -- "$1"; }
shows_not() { ! shows "$1"; }
see() { until_true shows "$1" || fail "the screen never shows: $1"; }
see_not() { until_true shows_not "$1" || fail "the screen still shows: $1"; }

exits() {
	local want=$1 is=0
	shift
	"$@" >"$T/out" 2>"$T/err" </dev/null || is=$?
	[ $is -eq "$want" ] || fail "$*: exit status $is, not $want; $(cat "$T/out" "$T/err")"
}
has() { grep -qE -- "$2" "$1" || fail "$2 is not in $1: $(cat "$1")"; }

begin_deadlock() {
	"$BUILD/examples/join-before-drain" --seconds 100 >/dev/null 2>&1 &
	deadlock=$!
}

end_deadlock() {
	kill "$deadlock"
	wait "$deadlock" 2>/dev/null
	deadlock=
}
