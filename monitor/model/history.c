#include "model/history.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)

static history_number shortened(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return (history_number)((bits + 0x8000u) >> 16); /* rounded; nothing here is a NaN */
}

static float lengthened(history_number n)
{
	uint32_t bits = (uint32_t)n << 16;
	float    v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* The newest second is over. */
static void keep(struct history *h)
{
	unsigned i = (unsigned)((h->end - 1) % HISTORY_SECONDS);

	h->put[i] = shortened(h->now.put);
	h->get[i] = shortened(h->now.get);
	h->fill[i] = shortened(h->now.fill);
	h->blocked[i] = shortened(h->now.blocked);
	memset(&h->now, 0, sizeof(h->now));
}

/*
 * Make the second of @t_ns the newest one; those in between were not looked at and are empty.
 * A first one of which only the end was seen would look low, and does not count.
 */
static void advance(struct history *h, uint64_t t_ns)
{
	uint64_t s = t_ns / SECOND;

	if (h->end == 0 || s >= h->end + HISTORY_SECONDS)
		*h = (struct history){.first = s + (t_ns % SECOND != 0), .end = s + 1};
	while (h->end <= s) {
		keep(h);
		h->end++;
	}
	if (h->end > h->first + HISTORY_SECONDS)
		h->first = h->end - HISTORY_SECONDS;
}

void history_add(struct history *h, uint64_t t0_ns, uint64_t t1_ns, const struct history_step *step)
{
	uint64_t t = t0_ns;

	if (t1_ns <= t0_ns)
		return;
	if (t1_ns - t0_ns > HISTORY_SECONDS * SECOND)
		t = t1_ns - HISTORY_SECONDS * SECOND;
	while (t < t1_ns) {
		uint64_t next = (t / SECOND + 1) * SECOND;
		double   share;

		if (next > t1_ns || next <= t) /* the end, or the last second of 64 bits */
			next = t1_ns;
		share = (double)(next - t) / (double)(t1_ns - t0_ns);
		advance(h, t);
		h->now.put += (float)(step->put * share);
		/* Nobody looked in between: what was there at the end, as far as anybody knows. */
		if (h->now.fill < step->fill)
			h->now.fill = (float)step->fill;
		h->now.get += (float)(step->get * share);
		h->now.blocked += (float)(step->blocked * (double)(next - t) / (double)SECOND);
		t = next;
	}
}

double history_at(const struct history *h, const history_number *series, unsigned ago)
{
	uint64_t s;

	/* The newest second is not over yet and would always look low. */
	if (h->end < (uint64_t)ago + 2)
		return 0;
	s = h->end - 2 - ago;
	return s >= h->first ? (double)lengthened(series[s % HISTORY_SECONDS]) : 0;
}
