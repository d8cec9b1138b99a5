#include "model/latency.h"

#include <stdlib.h>
#include <string.h>

#include "text/mem.h"

#define SECOND UINT64_C(1000000000)

static struct latency *latency_new(void)
{
	struct latency *l = mem_new(1, sizeof(*l));

	l->refs = 1;
	return l;
}

struct latency *latency_ref(struct latency *l)
{
	if (l != NULL)
		l->refs++;
	return l;
}

void latency_unref(struct latency *l)
{
	if (l != NULL && --l->refs == 0)
		free(l);
}

static struct latency *alone(struct latency *l)
{
	struct latency *copy;

	if (l->refs == 1)
		return l;
	copy = mem_copy(l, 1, sizeof(*l));
	copy->refs = 1;
	latency_unref(l);
	return copy;
}

/* ---- percentiles -------------------------------------------------------------------- */

/* Rounded up: of ten samples the 99th percentile is the greatest. */
static uint64_t rank_of(uint64_t n, double part)
{
	double   v = part * (double)n;
	uint64_t r = (uint64_t)v;

	return (double)r < v ? r + 1 : r;
}

static uint64_t bound_of(const struct ipc_snapshot *s, const uint32_t *hist, uint64_t rank)
{
	uint64_t seen = 0;
	unsigned i = 0;

	for (; i + 1 < IPC_OBS_HIST; i++) {
		seen += hist[i];
		if (seen >= rank)
			break;
	}
	return ipc_obs_hist_ns(s, i);
}

static struct percentiles of(const struct ipc_snapshot *s, const uint32_t *hist)
{
	struct percentiles p = {0};

	for (unsigned i = 0; i < IPC_OBS_HIST; i++)
		p.n += hist[i];
	if (p.n == 0)
		return p;
	p.p50_ns = bound_of(s, hist, rank_of(p.n, 0.5));
	p.p99_ns = bound_of(s, hist, rank_of(p.n, 0.99));
	p.p999_ns = bound_of(s, hist, rank_of(p.n, 0.999));
	p.max_ns = bound_of(s, hist, p.n);
	return p;
}

/* Of both directions. As in each of them, a bucket that is full stays full. */
static void sum_up(const struct ipc_obs_channel *c, uint32_t *ret)
{
	memset(ret, 0, IPC_OBS_HIST * sizeof(*ret));
	for (uint32_t r = 0; r < c->n_rings; r++)
		for (unsigned i = 0; c->ring[r].hist != NULL && i < IPC_OBS_HIST; i++) {
			uint32_t more = c->ring[r].hist[i];

			ret[i] = more > UINT32_MAX - ret[i] ? UINT32_MAX : ret[i] + more;
		}
}

struct percentiles latency_total(const struct ipc_snapshot *s, const struct ipc_obs_channel *c)
{
	uint32_t hist[IPC_OBS_HIST];

	sum_up(c, hist);
	return of(s, hist);
}

/* ---- second by second ------------------------------------------------------------------ */

/* What the histogram of an end that closed held is missed from its sum: nothing new, then. */
static uint32_t grown(uint32_t now, uint32_t before)
{
	return now > before ? now - before : 0;
}

/* Spread evenly over the seconds since the last look, of which the last is over. */
static void add_heat(struct latency *l, uint64_t second, const uint32_t *now)
{
	uint64_t n = second - l->second < LATENCY_SECONDS ? second - l->second
							  : LATENCY_SECONDS - 1;

	for (uint64_t t = second - n; t < second; t++)
		memset(l->heat[t % LATENCY_SECONDS], 0, sizeof(l->heat[0]));
	for (unsigned i = 0; i < IPC_OBS_HIST; i++) {
		uint64_t more = grown(now[i], l->so_far[i]);

		for (uint64_t k = 0; more > 0 && k < n; k++) {
			uint16_t *bin = &l->heat[(second - n + k) % LATENCY_SECONDS][i / 4];
			uint64_t  sum = *bin + (more * (k + 1) / n - more * k / n);

			*bin = sum < UINT16_MAX ? (uint16_t)sum : UINT16_MAX;
		}
	}
}

static void add_window(struct latency *l, const struct ipc_snapshot *s, uint64_t second,
		       const uint32_t *now)
{
	uint32_t window[IPC_OBS_HIST];
	uint64_t step = second / LATENCY_STEP_S;
	uint64_t old = step - l->step_at > LATENCY_STEPS ? LATENCY_STEPS : step - l->step_at;

	for (uint64_t i = 0; i < old; i++)
		memcpy(l->step[(step - i) % LATENCY_STEPS], l->so_far, sizeof(l->so_far));
	l->step_at = step;
	for (unsigned i = 0; i < IPC_OBS_HIST; i++)
		window[i] = grown(now[i], l->step[(step + 1) % LATENCY_STEPS][i]);
	l->window = of(s, window);
}

/* Once a second; gives another one where somebody holds this one as it is. */
static void latency_look(struct latency **at, const struct ipc_snapshot *s,
			 const struct ipc_obs_channel *c)
{
	uint64_t        second = s->t_mono_ns / SECOND;
	uint32_t        now[IPC_OBS_HIST];
	struct latency *l;

	if ((*at)->second == second)
		return;
	l = *at = alone(*at);
	sum_up(c, now);
	if (l->second == 0) {
		l->first = second;
		l->step_at = second / LATENCY_STEP_S;
		for (unsigned i = 0; i < LATENCY_STEPS; i++)
			memcpy(l->step[i], now, sizeof(now));
	} else {
		add_heat(l, second, now);
		add_window(l, s, second, now);
	}
	memcpy(l->so_far, now, sizeof(now));
	l->second = second;
}

unsigned latency_heat(const struct latency *l, unsigned ago, unsigned bin)
{
	uint64_t second;

	/* The newest second is not over yet. */
	if (bin >= LATENCY_BINS || ago + 1 >= LATENCY_SECONDS || l->second < (uint64_t)ago + 1)
		return 0;
	second = l->second - 1 - ago;
	return second >= l->first ? l->heat[second % LATENCY_SECONDS][bin] : 0;
}

uint64_t latency_second_p99(const struct latency *l, const struct ipc_snapshot *s, unsigned ago)
{
	uint64_t n = 0, seen = 0, rank;

	for (unsigned i = 0; i < LATENCY_BINS; i++)
		n += latency_heat(l, ago, i);
	rank = rank_of(n, 0.99);
	for (unsigned i = 0; n > 0 && i < LATENCY_BINS; i++) {
		seen += latency_heat(l, ago, i);
		if (seen >= rank)
			return latency_bin_ns(s, i);
	}
	return 0;
}

uint64_t latency_bin_ns(const struct ipc_snapshot *s, unsigned bin)
{
	return ipc_obs_hist_ns(s, 4 * bin + 3);
}

/* ---- all of them ------------------------------------------------------------------------ */

/* Where @id is, or belongs. */
static size_t search(const struct latencies *t, uint64_t id)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->of[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Channels come in order, as a rule: it is where the one before was, or right behind. */
static size_t place(struct latencies *t, uint64_t id)
{
	size_t i = t->next;

	if (i > t->n || (i > 0 && t->of[i - 1].id >= id) || (i < t->n && t->of[i].id < id))
		i = search(t, id);
	t->next = i + 1;
	if (i == t->n || t->of[i].id != id)
		t->next = i;
	return i;
}

static int has_samples(const struct ipc_obs_channel *c)
{
	for (uint32_t r = 0; r < c->n_rings; r++)
		if (c->ring[r].max_ns != IPC_UNKNOWN)
			return 1;
	return 0;
}

struct latency *latencies_look(struct latencies *t, const struct ipc_snapshot *s,
			       const struct ipc_obs_channel *c)
{
	size_t i = place(t, c->id);

	if (i == t->n || t->of[i].id != c->id) {
		if (t->n == LATENCY_MOST || !has_samples(c))
			return NULL;
		memmove(&t->of[i + 1], &t->of[i], (t->n - i) * sizeof(t->of[0]));
		t->of[i] = (struct latency_of){.id = c->id, .latency = latency_new()};
		t->n++;
	}
	t->of[i].seen = 1;
	latency_look(&t->of[i].latency, s, c);
	return t->of[i].latency;
}

void latencies_sweep(struct latencies *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct latency_of o = t->of[i];

		if (!o.seen) {
			latency_unref(o.latency);
			continue;
		}
		o.seen = 0;
		t->of[n++] = o;
	}
	t->n = n;
}

void latencies_fini(struct latencies *t)
{
	for (size_t i = 0; i < t->n; i++)
		latency_unref(t->of[i].latency);
	t->n = 0;
}
