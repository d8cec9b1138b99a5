#!/bin/bash
# cppcheck over the same files as clang-tidy. A finding that is wrong is answered where it stands, with
# "cppcheck-suppress" and the reason, and not here. Suppressed here is only what is true of every file.
# test-limit: 1200
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${BUILD_DIR:-build}
command -v cppcheck >/dev/null || { echo "cppcheck is not installed (make check-deps)" && exit 1; }
mkdir -p "$build/lint/cppcheck"

# It takes mmap's descriptor -1 (MAP_ANONYMOUS) for an error, and glibc's readdir for unsafe among threads
# that each have their own DIR; both are wrong everywhere.
# That what is passed is written by the callee it does not see across files (ctuuninitvar).
# System headers are not read, so macros and functions of theirs are unknown to it, which is fine.
mapfile -t files < <(grep -oE '"file": "[^"]+"' "$build/compile_commands.json" | cut -d '"' -f 4 |
	grep -vE '^tests/(unit|system|crash|deadlock)/')
[ ${#files[@]} -gt 0 ] || exit 0
# What it finds across files does not show in its exit status.
said=$(cppcheck --quiet --error-exitcode=1 --inline-suppr -j "$(nproc)" --cppcheck-build-dir="$build/lint/cppcheck" \
	--std=c11 --library=gnu,posix --enable=warning,performance,portability \
	--suppress=missingInclude --suppress=missingIncludeSystem --suppress=unmatchedSuppression \
	--suppress=unknownMacro --suppress=arithOperationsOnVoidPointer --suppress=normalCheckLevelMaxBranches --suppress=invalidFunctionArg --suppress=readdirCalled --suppress=ctuuninitvar \
	-D_GNU_SOURCE -D__linux__ -D__x86_64__ -D__GNUC__=12 -U__cplusplus \
	-Ilibipc/include -Ilibipc -Imonitor -Itracepoints -I. -Itests "${files[@]}" 2>&1) || { echo "$said" && exit 1; }
[ -z "$said" ] || { echo "$said" && exit 1; }
