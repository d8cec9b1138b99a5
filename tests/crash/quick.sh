#!/bin/bash
# Some of the places where a kill makes a difference, in every operation and context; and a little of
# what `make crash` does at length.
# test-limit: 600
crash() { "$BUILD_DIR/ipccrash" "$@" || failed=$?; }

failed=0
crash -n 4
test $failed -eq 77 && exit 77
crash -d 1 -n 2 -m 8 'queue put: some queued'
crash -d 1 -n 2 -m 8 'queue get: some queued'
crash -p -n 16 'queue *: some queued'
crash -t -n 3 -j 12 'queue *: some queued'
crash 'queue get: side of its own'
crash -k 100
exit $failed
