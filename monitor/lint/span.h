#ifndef LINT_SPAN_H
#define LINT_SPAN_H

/*
 * span.h - how much counters grew over the last seconds
 *
 * Two marks are enough: a new one is set as often as half the window has passed, and
 * what is looked at began at the older one, between half a window and a whole one ago.
 */

#include <stddef.h>
#include <stdint.h>

/* Long enough that a burst is none, short enough to be there while somebody looks. Picked. */
#define SPAN_NS     UINT64_C(10000000000)

#define SPAN_VALUES 10

/* All zeroes has seen nothing. */
struct span {
	uint64_t t_ns[2]; /* of the marks; 0: not set */
	uint64_t was[2][SPAN_VALUES];
};

/**
 * Take in @n counters as they are at @now_ns. Returns how long ago the older mark is,
 * and by how much each has grown since in @ret; 0: not long enough to say anything.
 */
uint64_t span_look(struct span *s, uint64_t now_ns, const uint64_t *now, size_t n, uint64_t *ret);

#endif
