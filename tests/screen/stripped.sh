#!/bin/bash
# Lines of source for a program that was stripped, from its debug file; and post mortem, from a copy.
. "$(dirname "$0")/terminal.bash"
for tool in objcopy strip; do
	command -v $tool >/dev/null || { echo "$tool is not installed" && exit 77; }
done

# A program with nothing but a link to its debug file, as distributions ship them.
mkdir -p "$T/bin/.debug"
objcopy --only-keep-debug "$BUILD/examples/join-before-drain" "$T/bin/.debug/drain.debug"
strip -o "$T/bin/drain" "$BUILD/examples/join-before-drain"
objcopy --add-gnu-debuglink="$T/bin/.debug/drain.debug" "$T/bin/drain"

LD_LIBRARY_PATH=$BUILD "$T/bin/drain" --seconds 100 >/dev/null 2>&1 &
program=$!
stuck() { "$BUILD/ipcmon" check >/dev/null; [ $? -eq 2 ]; }
until_true stuck || fail 'no deadlock is found'
"$BUILD/ipcmon" dump >"$T/live"
grep -q '^child .* at join-before-drain.c:[0-9]* produce' "$T/live" || fail "no line of a stripped program: $(cat "$T/live")"

# What is copied now is read when nobody is left.
cp -r "$IPC_DIR/default" "$T/copy"
kill "$program"
wait "$program" 2>/dev/null || :
"$BUILD/ipcmon" --dir "$T/copy" dump >"$T/dead"
grep -q '^child .* at join-before-drain.c:[0-9]* produce' "$T/dead" || fail "no line post mortem: $(cat "$T/dead")"
grep -q 'this is a copy' "$T/dead" || fail "a copy proves nothing, and does not say so: $(cat "$T/dead")"

# Without the debug file there is at least the place in the program.
rm -r "$T/bin/.debug"
"$BUILD/ipcmon" --dir "$T/copy" waits >"$T/bare"
grep -qE 'drain\+0x[0-9a-f]+' "$T/bare" || fail "no offset without a debug file: $(cat "$T/bare")"
