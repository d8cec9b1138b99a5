#!/bin/bash
# Put the figures of this machine into README.md, between <!-- bench --> and <!-- /bench -->. Options are
# ipcbench's. Wants a machine that does nothing else for some minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ "$(grep -cxE '<!-- /?bench -->' README.md)" -eq 2 ] || { echo "README.md has no place for it" && exit 1; }
table=$(mktemp)
trap 'rm -f "$table"' EXIT
{
	build/ipcbench --markdown "$@"
	printf '\nMeasured by `make bench-readme` on: %s, %s cores%s.\n' "$(lscpu | sed -nE 's/^Model name: +//p')" "$(nproc)" \
		"$(lscpu | sed -nE 's/^Hypervisor vendor: +(.*)/, a virtual machine (\1)/p')"
} >"$table"
awk -v table="$table" '
	$0 == "<!-- /bench -->" { skip = 0 }
	!skip
	$0 == "<!-- bench -->" { print ""; while ((getline line < table) > 0) print line; print ""; skip = 1 }
	' README.md >README.md.new
mv README.md.new README.md
