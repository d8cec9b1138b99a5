#!/bin/bash
# Memory orderings have labels, and labels have partners. A file that shares memory opens with a table,
#
#     Ordering
#         R1  ring_put()  release  tail   publishes the slot
#         A1  ring_get()  acquire  tail   pairs with R1: the slot is seen whole
#
# and names the label where the ordering is, as the first word of a comment: "A1". Every label of the
# table stands in the code, every label in the code stands in the table, and who "pairs with X1" does
# so with one of the table or with "X1 of other.c". A header and its .c share one table.
# --all also lists orderings stronger than relaxed that have no label.
set -euo pipefail
cd "$(dirname "$0")/../.."

find libipc -name '*.[ch]' ! -path libipc/base/atomic.h -print0 | sort -z | xargs -0 -r awk -v all="${1-}" '
	function complain(where, what) { print where ": " what; bad = 1 }
	function flush(  l) {
		for (l in table) if (!(l in used)) complain(table[l], l " of the table is nowhere in the code")
		for (l in used) if (!(l in table)) complain(used[l], l " is not in the table at the head")
		for (l in partner) if (!(l in table)) complain(partner[l], "pairs with " l ", which does not exist")
		split("", table); split("", used); split("", partner)
	}
	{ here = FILENAME ":" FNR }
	FNR == 1 { stem = FILENAME; sub(/\.[ch]$/, "", stem); if (stem != last) flush(); last = stem; near = 0 }
	/pairs with [A-Z][0-9]+/ {
		rest = $0
		while (match(rest, /pairs with [A-Z][0-9]+/)) {
			label = substr(rest, RSTART + 11, RLENGTH - 11); rest = substr(rest, RSTART + RLENGTH)
			if (rest !~ /^ of [a-z_]+\.[ch]/) partner[label] = here
		}
	}
	/^[ \t]*\*[ \t]+[RAF][0-9]+[ \t][ \t]/ {
		match($0, /[RAF][0-9]+/); table[substr($0, RSTART, RLENGTH)] = here; next
	}
	# A label is the first word of a comment, as in /* A1: ... */ or /* A1, R2: ... */
	match($0, /\/\*+ [RAF][0-9]+[ ,:]/) {
		rest = substr($0, RSTART); near = FNR
		sub(/pairs with.*/, "", rest); sub(/:.*/, "", rest)
		while (match(rest, /[ ,][RAF][0-9]+/)) {
			used[substr(rest, RSTART + 1, RLENGTH - 1)] = here; rest = substr(rest, RSTART + RLENGTH)
		}
	}
	all && /(load_acquire|store_release|compare_swap|fence_[a-z_]+|(fetch|exchange)[a-z_]*)\(/ && FNR - near > 3 && !/^#/ {
		complain(here, "an ordering without a label")
	}
	END { flush(); exit bad }'
