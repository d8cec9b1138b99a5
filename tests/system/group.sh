#!/bin/bash
# A domain of IPC_GROUP: who is in the group may watch it, and nobody else; who is not may not make one.
set -u
[ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || { echo 'only root can be several users' && exit 77; }
BUILD=$(realpath "${BUILD:-${BUILD_DIR:-build}}")
T=${TEST_TMP:-$(mktemp -d)}
export IPC_DIR=$T/domains
mkdir -p "$IPC_DIR" && chmod 755 "$T" "$IPC_DIR" && chown 4711 "$IPC_DIR"
cp "$BUILD/ipcmon" "$BUILD/examples/join-before-drain" "$BUILD"/libipc.so* "$T" && mv "$T/join-before-drain" "$T/stuck"
chmod 755 "$T"/*
pid=

end() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	[ -n "${TEST_TMP-}" ] || rm -rf "$T"
}
trap end EXIT
fail() {
	echo "FAILED: $*"
	exit 1
}
as() { # UID GROUPS COMMAND...
	local uid=$1 groups=$2
	shift 2
	LD_LIBRARY_PATH=$T setpriv --reuid "$uid" --regid "$uid" --groups "$groups" "$@"
}
as 4711 4713 ls "$T" >/dev/null 2>&1 || { echo 'the folder of this test cannot be reached by other users' && exit 77; }

# not by as(): of that the pid would be a shell's, and the program outlive it
IPC_GROUP=4713 LD_LIBRARY_PATH=$T setpriv --reuid 4711 --regid 4711 --groups 4713 "$T/stuck" --seconds 60 >/dev/null 2>&1 &
pid=$!
for ((i = 0; i < 400; i++)); do
	as 4712 4713 "$T/ipcmon" --dir "$IPC_DIR/default" check >"$T/out" 2>&1
	[ $? -eq 2 ] && break
	sleep 0.05
done
grep -q '^DEADLOCK.*certain' "$T/out" || fail "a member of the group sees: $(cat "$T/out")"
as 4712 4714 "$T/ipcmon" --dir "$IPC_DIR/default" ls >"$T/out" 2>&1
[ $? -eq 4 ] || fail "somebody else sees: $(cat "$T/out")"
as 4712 4713 sh -c ": >>'$IPC_DIR/default/registry'" 2>/dev/null && fail 'a member of the group can write'
[ "$(stat -c %a.%g "$IPC_DIR/default")" = 2750.4713 ] || fail "its directory is $(stat -c %a.%g "$IPC_DIR/default")"
as 4712 4713 env IPC_DIR="$IPC_DIR" timeout 5 "$T/stuck" >/dev/null 2>&1 && fail 'a member of the group can join'

mkdir -p "$T/other" && chown 4711 "$T/other"
IPC_DIR=$T/other IPC_GROUP=4715 as 4711 4713 timeout 5 "$T/stuck" >"$T/out" 2>&1
grep -q 'IPC_GROUP' "$T/out" || fail "who is not in the group: $(cat "$T/out")"
[ -z "$(ls "$T/other")" ] || fail "the domain that could not be theirs stays: $(ls "$T/other")"
exit 0
