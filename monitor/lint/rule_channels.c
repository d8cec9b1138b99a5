/* rule_channels.c - channels that are full, that only fill, and that pass one message a sleep */

#include <inttypes.h>
#include <math.h>

#include "lint/habits.h"
#include "lint/limits.h"
#include "text/number.h"
#include "text/utf8.h"

enum {
	PUT,
	PUT_BYTES,
	BLOCKS,  /* of either side */
	VAIN,    /* wakes that found nothing to do, of either side */
	ASLEEP,  /* senders [ns] */
	LOOKS,   /* how often it was looked at, and found */
	FULL,    /*   as good as full */
	ROOMY,   /*   no more than half full, with messages outside of slots */
	SHALLOW, /*   with one message at most */
	N_VALUES,
};

_Static_assert(N_VALUES <= SPAN_VALUES, "span.h");

struct seen {
	struct span span;
	uint64_t    looks[N_VALUES]; /* LOOKS and what follows it */
	uint64_t    rising_ns, from, last;
};

struct look {
	const struct frame *f;
	uint32_t            c; /* index */
	uint64_t            length_ns, d[N_VALUES];
	const struct seen  *seen;
};

#define NEARLY_FULL 0.95 /* picked */

static uint64_t share(uint64_t part, uint64_t whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static const struct ipc_obs_channel *channel(const struct look *k)
{
	return &k->f->s->channels[k->c];
}

static const struct ipc_obs_ring *ring(const struct look *k)
{
	return &channel(k)->ring[k->f->channels[k->c].ring];
}

/* Share of the window in which somebody, at least, slept in a put [%]. */
static uint64_t asleep_share(const struct look *k)
{
	uint64_t s = share(k->d[ASLEEP], k->length_ns);

	return s > 100 ? 100 : s;
}

/* ---- I007 ------------------------------------------------------------------------------- */

/* Who takes from it, alive; the one that takes least. Returns how many. */
static uint32_t slowest(const struct look *k, uint32_t *ret_end, double *ret_all)
{
	const struct ipc_obs_channel *c = channel(k);
	uint32_t                      n = 0;

	*ret_all = 0;
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct ipc_obs_end *e = &k->f->s->ends[i];
		double                    in = k->f->ends[i].in;

		/* one that has never got any may not want to: it holds all rights of a queue */
		if ((e->rights & LINT_RECV(k->f->channels[k->c].ring)) == 0 ||
		    e->in.messages == 0 || isnan(in) ||
		    k->f->s->processes[e->process].life == IPC_OBS_DEAD)
			continue;
		*ret_all += in;
		if (n++ == 0 || in < k->f->ends[*ret_end].in)
			*ret_end = i;
	}
	return n;
}

static void saturated(struct lints *l, const struct look *k)
{
	uint32_t          end = 0, n;
	double            all = 0;
	struct habit_name who;
	const char       *site;

	if ((double)share(k->d[FULL], k->d[LOOKS]) < lint_limit(LIMIT_SATURATED) ||
	    k->d[ASLEEP] == 0)
		return;
	n = slowest(k, &end, &all);
	if (n == 0) {
		habit_add(l, LINT_SATURATED, IPC_NO_INDEX, k->c, k->length_ns,
			  "%s \"%.63s\" was full for %" PRIu64 "%% of the last %.0f s, and nobody "
			  "takes from it; senders slept %.1f s",
			  ipc_kind_name(channel(k)->kind), channel(k)->name,
			  share(k->d[FULL], k->d[LOOKS]), seconds(k->length_ns),
			  seconds(k->d[ASLEEP]));
		return;
	}
	who = habit_name(k->f, k->f->s->ends[end].process);
	site = k->f->ends[end].in_site;
	habit_add(l, LINT_SATURATED, k->f->s->ends[end].process, k->c, k->length_ns,
		  "%s \"%.63s\" was full for %" PRIu64 "%% of the last %.0f s: %s %s, %s/s (%.0f%% "
		  "of what is taken)%s%.60s",
		  ipc_kind_name(channel(k)->kind), channel(k)->name, share(k->d[FULL], k->d[LOOKS]),
		  seconds(k->length_ns), n == 1 ? "only" : "slowest of those who take is", who.text,
		  number_rate(k->f->ends[end].in).text,
		  all > 0 ? 100 * k->f->ends[end].in / all : 100, site[0] != 0 ? ", at " : "",
		  utf8_part(site, 60).text);
}

/* ---- I009 ------------------------------------------------------------------------------- */

static void ping_pong(struct lints *l, const struct look *k)
{
	double rate = (double)k->d[PUT] / seconds(k->length_ns);

	if (rate < lint_limit(LIMIT_PING_PONG) || k->d[BLOCKS] < k->d[PUT] ||
	    k->d[SHALLOW] < k->d[LOOKS])
		return;
	habit_add(
		l, LINT_PING_PONG, IPC_NO_INDEX, k->c, k->length_ns,
		"%s \"%.63s\" passed %s messages/s one by one in the last %.0f s: %s sleeps/s, and "
		"never more than one queued",
		ipc_kind_name(channel(k)->kind), channel(k)->name, number_rate(rate).text,
		seconds(k->length_ns),
		number_rate((double)k->d[BLOCKS] / seconds(k->length_ns)).text);
}

/* ---- I010 ------------------------------------------------------------------------------- */

static void herd(struct lints *l, const struct look *k)
{
	double s = seconds(k->length_ns);

	if ((double)k->d[VAIN] / s < lint_limit(LIMIT_HERD) || k->d[VAIN] <= k->d[BLOCKS])
		return;
	habit_add(
		l, LINT_HERD, IPC_NO_INDEX, k->c, k->length_ns,
		"%s \"%.63s\" had threads woken for nothing %s times/s in the last %.0f s, and %s "
		"sleeps/s in all",
		ipc_kind_name(channel(k)->kind), channel(k)->name,
		number_rate((double)k->d[VAIN] / s).text, s,
		number_rate((double)k->d[BLOCKS] / s).text);
}

/* ---- I011 ------------------------------------------------------------------------------- */

static void oversize(struct lints *l, const struct look *k)
{
	const struct ipc_obs_ring *r = ring(k);
	uint64_t                   size = r->out.messages > 0 ? r->out.bytes / r->out.messages : 0;

	if ((double)asleep_share(k) < lint_limit(LIMIT_OVERSIZE) || k->d[ROOMY] < k->d[LOOKS])
		return;
	habit_add(l, LINT_OVERSIZE, IPC_NO_INDEX, k->c, k->length_ns,
		  "senders of %s \"%.63s\" slept for %" PRIu64
		  "%% of the last %.0f s, with %" PRIu64 " of %" PRIu64
		  " messages queued: messages of %s on average fill its memory first",
		  ipc_kind_name(channel(k)->kind), channel(k)->name, asleep_share(k),
		  seconds(k->length_ns), r->queued, r->capacity, number_bytes(size).text);
}

/* ---- I012 ------------------------------------------------------------------------------- */

static void never_drained(struct lints *l, const struct look *k)
{
	const struct ipc_obs_ring *r = ring(k);
	uint64_t                   for_ns = k->f->s->t_mono_ns - k->seen->rising_ns;
	uint64_t                   risen = k->seen->last - k->seen->from;
	double                     rate = (double)risen / seconds(for_ns), full_s;

	if (seconds(for_ns) < lint_limit(LIMIT_NEVER_DRAINED) || risen == 0)
		return;
	if (r->capacity == 0) {
		if ((double)risen >= lint_limit(LIMIT_GROWN))
			habit_add(l, LINT_NEVER_DRAINED, IPC_NO_INDEX, k->c, for_ns,
				  "%s \"%.63s\" only grew for %s, by %s messages to %s, and has no "
				  "limit but memory",
				  ipc_kind_name(channel(k)->kind), channel(k)->name,
				  number_duration(for_ns).text, number_count(risen).text,
				  number_count(k->seen->last).text);
		return;
	}
	full_s = (double)(r->capacity - r->queued) / rate;
	if (r->queued < r->capacity && full_s < lint_limit(LIMIT_FULL_SOON))
		habit_add(l, LINT_NEVER_DRAINED, IPC_NO_INDEX, k->c, for_ns,
			  "%s \"%.63s\" only grew for %s, to %" PRIu64 " of %" PRIu64
			  " messages: full in %s at this rate",
			  ipc_kind_name(channel(k)->kind), channel(k)->name,
			  number_duration(for_ns).text, r->queued, r->capacity,
			  number_duration((uint64_t)(full_s * 1e9)).text);
}

/* ---- all of them ------------------------------------------------------------------------- */

static void add_look(struct seen *seen, const struct ipc_obs_ring *r, double fill)
{
	seen->looks[LOOKS]++;
	seen->looks[FULL] += fill >= NEARLY_FULL;
	seen->looks[ROOMY] += r->capacity > 0 && r->heap_bytes > 0 && 2 * r->queued <= r->capacity;
	seen->looks[SHALLOW] += r->queued <= 1;
}

static void values(const struct frame *f, uint32_t i, const struct seen *seen, uint64_t *now,
		   uint64_t *ret_queued)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];

	now[ASLEEP] = f->channels[i].asleep_put_ns;
	now[BLOCKS] = c->lock_waits.blocks;
	now[VAIN] = c->lock_vain;
	*ret_queued = 0;
	for (uint32_t k = 0; k < c->n_rings; k++) {
		const struct ipc_obs_ring *r = &c->ring[k];

		now[PUT] += r->sent;
		now[PUT_BYTES] += r->out.bytes;
		now[BLOCKS] += r->out.blocks + r->in.blocks;
		now[VAIN] += r->vain_out + r->vain_in;
		now[ASLEEP] += r->out.blocked_ns;
		*ret_queued += r->queued;
	}
	for (int k = LOOKS; k < N_VALUES; k++)
		now[k] = seen->looks[k];
}

static void note_rising(struct seen *seen, uint64_t now_ns, uint64_t queued)
{
	if (seen->rising_ns == 0 || queued < seen->last) {
		seen->rising_ns = now_ns;
		seen->from = queued;
	}
	seen->last = queued;
}

void rule_channels(struct lints *l, const struct frame *f, struct habits *h)
{
	for (uint32_t i = 0; i < f->s->n_channels; i++) {
		const struct ipc_obs_channel *c = &f->s->channels[i];
		struct look                   k = {.f = f, .c = i};
		uint64_t                      now[N_VALUES] = {0}, queued;
		struct seen                  *seen;

		k.seen = seen = table_get(&h->channels, c->id, sizeof(*seen));
		if (c->n_rings > 0)
			add_look(seen, ring(&k), f->channels[i].fill);
		values(f, i, seen, now, &queued);
		note_rising(seen, f->s->t_mono_ns, queued);
		k.length_ns = span_look(&seen->span, f->s->t_mono_ns, now, N_VALUES, k.d);
		/* what is stuck is a finding, and says more */
		if (k.length_ns == 0 || f->channels[i].verdict != IPC_NO_INDEX)
			continue;
		herd(l, &k);
		if (c->n_rings == 0)
			continue;
		saturated(l, &k);
		ping_pong(l, &k);
		oversize(l, &k);
		never_drained(l, &k);
	}
}
