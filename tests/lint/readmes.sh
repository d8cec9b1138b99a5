#!/bin/bash
# Every folder with sources opens with a README.md: what lives here, what may come in, in which
# order to read it.
set -euo pipefail
cd "$(dirname "$0")/../.."

bad=0
while read -r folder; do
	[ -s "$folder/README.md" ] || { echo "$folder has no README.md" && bad=1; }
done < <(find libipc monitor tracepoints dashboards tests -name '*.[ch]' -printf '%h\n' -o -name '*.sh' -printf '%h\n' \
	2>/dev/null | sort -u)
exit $bad
