#!/bin/bash
# All C files stand as .clang-format wants them. --fix rewrites them. Version 14 is preferred where
# several are installed: other versions differ in details.
# test-limit: 300
set -euo pipefail
cd "$(dirname "$0")/../.."

tool=${CLANG_FORMAT:-$(command -v clang-format-14 || command -v clang-format)} || {
	echo "clang-format is not installed (make check-deps)"
	exit 1
}
how=(--dry-run -Werror)
[ "${1-}" = --fix ] && how=(-i)
find libipc monitor tracepoints tests \( -name '*.[ch]' -o -name '*.cc' \) -print0 2>/dev/null | xargs -0 -r "$tool" "${how[@]}"
