#!/bin/bash
# Shell scripts parse, and shellcheck has no warning about them.
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t files < <(
	echo .ci/run
	find libipc monitor tracepoints tests -type f \( -name '*.sh' -o -perm -100 ! -name '*.*' \) 2>/dev/null |
		while read -r file; do
			head -c 20 "$file" | grep -qaE '^#!.*\b(ba)?sh' && echo "$file"
		done
)
for file in "${files[@]}"; do bash -n "$file"; done
command -v shellcheck >/dev/null || { echo "shellcheck is not installed (make check-deps)" && exit 1; }
# SC1007: "a= b=" on one line is how several variables are emptied.
shellcheck -S warning -e SC1007 "${files[@]}"
