#!/bin/bash
# What bash and zsh offer after `ipcmon`, and that it is what ipcmon takes.
set -u
BUILD=$(realpath "${BUILD_DIR:-build}")
T=${TEST_TMP:-$(mktemp -d)}
fail() { echo "FAILED: $*" && exit 1; }

"$BUILD/ipcmon" completion bash >"$T/ipcmon.bash" || fail 'completion bash'
"$BUILD/ipcmon" completion zsh >"$T/_ipcmon" || fail 'completion zsh'
bash -n "$T/ipcmon.bash" || fail 'bash does not take it'
# shellcheck disable=SC1091
. "$T/ipcmon.bash"

# offered WORD...: what is offered for the last of them
offered() {
	COMP_WORDS=(ipcmon "$@") COMP_CWORD=$#
	_ipcmon
	printf '%s\n' "${COMPREPLY[@]}"
}
offers() {
	local want=$1
	shift
	offered "$@" | grep -qxF -- "$want" || fail "$want is not offered after: $* - but: $(offered "$@" | tr '\n' ' ')"
}
offers waits wa
offers --columns --col
offers always --color al
offers I013 -A I0
offers leaked-end explain leak
offers caused -o cau
offers zsh completion ''
offers processes --table proc
[ "$(offered stat | wc -l)" -eq 1 ] || fail 'more than stat for stat'
mkdir -p "$IPC_DIR/there" && touch "$IPC_DIR/there/registry"
offers there --domain th

# Every option and every command that is offered, ipcmon has: it complains of no word as unknown.
for option in $(offered --); do
	"$BUILD/ipcmon" "$option" --help 2>&1 | grep -q unrecognized && fail "$option is offered, and unknown"
done
for command in $(offered ''); do
	"$BUILD/ipcmon" --help | grep -q "^  $command " || fail "$command is offered, and not in --help"
done
[ "$(offered '' | wc -l)" -gt 8 ] || fail 'too few commands are offered'

if command -v zsh >/dev/null; then
	zsh -n "$T/_ipcmon" || fail 'zsh does not take it'
	mkdir -p "$T/fpath" && cp "$T/_ipcmon" "$T/fpath"
	zsh -fc "fpath=('$T/fpath' \$fpath); autoload -Uz compinit && compinit -u -d '$T/dump' && [[ \$_comps[ipcmon] == _ipcmon ]]" ||
		fail 'zsh does not find it'
fi

# Installed, and gone again.
root=$T/root
make --no-print-directory -s -C "$SOURCE_DIR" MODE="$MODE" B="$BUILD" DESTDIR="$root" PREFIX=/usr install >/dev/null ||
	fail 'make install'
for file in bash-completion/completions/ipcmon zsh/site-functions/_ipcmon libipc/schema/snapshot.json; do
	[ -s "$root/usr/share/$file" ] || fail "make install leaves no $file"
done
make --no-print-directory -s -C "$SOURCE_DIR" MODE="$MODE" DESTDIR="$root" PREFIX=/usr uninstall >/dev/null || fail 'make uninstall'
[ -z "$(find "$root" -type f)" ] || fail "make uninstall leaves: $(find "$root" -type f)"
