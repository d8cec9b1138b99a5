#include "model/history.h"

#define SECOND UINT64_C(1000000000)

/* Make second @s the newest one; those in between were not looked at and are empty. */
static void advance(struct history *h, uint64_t s)
{
	if (h->end == 0 || s >= h->end + HISTORY_SECONDS)
		*h = (struct history){.first = s, .end = s};
	while (h->end <= s) {
		unsigned i = (unsigned)(h->end++ % HISTORY_SECONDS);

		h->put[i] = h->get[i] = h->fill[i] = 0;
	}
	if (h->end - h->first > HISTORY_SECONDS)
		h->first = h->end - HISTORY_SECONDS;
}

void history_add(struct history *h, uint64_t t0_ns, uint64_t t1_ns, double put, double get,
		 double fill)
{
	uint64_t t = t0_ns;
	unsigned i = 0;

	if (t1_ns <= t0_ns)
		return;
	if (t1_ns - t0_ns > HISTORY_SECONDS * SECOND)
		t = t1_ns - HISTORY_SECONDS * SECOND;
	while (t < t1_ns) {
		uint64_t next = (t / SECOND + 1) * SECOND;
		double   share;

		if (next > t1_ns)
			next = t1_ns;
		share = (double)(next - t) / (double)(t1_ns - t0_ns);
		advance(h, t / SECOND);
		i = (unsigned)(t / SECOND % HISTORY_SECONDS);
		h->put[i] += (float)(put * share);
		h->get[i] += (float)(get * share);
		t = next;
	}
	if (h->fill[i] < fill)
		h->fill[i] = (float)fill;
}

double history_at(const struct history *h, const float *series, unsigned ago)
{
	uint64_t s;

	/* The newest second is not over yet and would always look low. */
	if (h->end < (uint64_t)ago + 2)
		return 0;
	s = h->end - 2 - ago;
	return s >= h->first ? (double)series[s % HISTORY_SECONDS] : 0;
}
