#!/bin/bash
# The harness finds what is wrong: the library broken in each of ten ways, one after the other.
# test-limit: 300
"$BUILD_DIR/ipccrash" -n 1 'queue get: some queued' >/dev/null
test $? -eq 77 && echo "one cannot step here" && exit 77
test "$MODE" = release || { echo "only the release build is broken and built again" && exit 77; }
exec tests/crash/controls
