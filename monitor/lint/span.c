#include "lint/span.h"

#include <string.h>

static void set_mark(struct span *s, int i, uint64_t now_ns, const uint64_t *now, size_t n)
{
	s->t_ns[i] = now_ns;
	memcpy(s->was[i], now, n * sizeof(*now));
}

uint64_t span_look(struct span *s, uint64_t now_ns, const uint64_t *now, size_t n, uint64_t *ret)
{
	uint64_t length;

	if (s->t_ns[0] == 0) {
		set_mark(s, 0, now_ns, now, n);
		set_mark(s, 1, now_ns, now, n);
	}
	length = now_ns - s->t_ns[0];
	/* Counters that seem to run backwards were read in the middle of a change. */
	for (size_t i = 0; i < n; i++)
		ret[i] = now[i] > s->was[0][i] ? now[i] - s->was[0][i] : 0;
	if (now_ns - s->t_ns[1] >= SPAN_NS / 2) {
		s->t_ns[0] = s->t_ns[1];
		memcpy(s->was[0], s->was[1], sizeof(s->was[0]));
		set_mark(s, 1, now_ns, now, n);
	}
	return length >= SPAN_NS / 2 ? length : 0;
}
