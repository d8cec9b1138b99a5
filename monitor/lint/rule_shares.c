/* rule_shares.c - who gets how much of a channel, and who asks in vain */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lint/habits.h"
#include "lint/limits.h"
#include "text/mem.h"
#include "text/number.h"

static uint64_t key_of(const struct frame *f, const struct ipc_obs_end *e)
{
	return table_mix(f->s->channels[e->channel].id, f->s->processes[e->process].id) | 1;
}

/* ---- I008 --------------------------------------------------------------------------------- */

enum { GOT, ASLEEP, N_SHARES };

#define STARVED_ASLEEP 50  /* [%] of the time in get: it does want more. Picked, as all here */
#define STARVED_LEAST  100 /* messages each would have had, of an equal share */

struct taker {
	uint32_t end;
	uint64_t length_ns, d[N_SHARES];
};

/* Time that threads of each end's process have been asleep in gets from it, now. */
static uint64_t *asleep_now(const struct frame *f)
{
	uint64_t *asleep = mem_new(f->s->n_ends, sizeof(*asleep));

	for (size_t i = 0; i < f->s->n_waits; i++) {
		const struct ipc_obs_wait    *w = &f->s->waits[i];
		const struct ipc_obs_channel *c;

		if ((w->op != IPC_OP_GET && w->op != IPC_OP_RECV) || w->channel == IPC_NO_INDEX)
			continue;
		c = &f->s->channels[w->channel];
		for (uint32_t e = c->first_end; e < c->first_end + c->n_ends; e++)
			if (f->s->ends[e].process == f->s->threads[w->thread].process)
				asleep[e] += f->waits[i].age_ns;
	}
	return asleep;
}

static int takes(const struct frame *f, const struct ipc_obs_end *e, uint64_t asleep)
{
	return (e->rights & LINT_RECV(0)) != 0 && (e->in.messages > 0 || asleep > 0) &&
	       f->s->processes[e->process].life != IPC_OBS_DEAD;
}

static void starved(struct lints *l, const struct frame *f, const struct taker *t, size_t n,
		    uint64_t all)
{
	const struct ipc_obs_end     *e = &f->s->ends[t->end];
	const struct ipc_obs_channel *c = &f->s->channels[e->channel];

	if (100.0 * (double)(t->d[GOT] * n) >= lint_limit(LIMIT_STARVED) * (double)all ||
	    t->d[ASLEEP] < t->length_ns / 100 * STARVED_ASLEEP)
		return;
	habit_add(l, LINT_STARVED_CONSUMER, e->process, e->channel, t->length_ns,
		  "%s got %" PRIu64
		  " of %s messages of %s \"%.63s\" in the last %.0f s, one of %zu "
		  "who take them, though it waited for more %.0f%% of the time",
		  habit_name(f, e->process).text, t->d[GOT], number_count(all).text,
		  ipc_kind_name(c->kind), c->name, (double)t->length_ns / 1e9, n,
		  100.0 * (double)t->d[ASLEEP] / (double)t->length_ns);
}

/* Of those who take from channel @c, if all of them have been there long enough. */
static void check_shares(struct lints *l, const struct frame *f, struct habits *h, uint32_t c,
			 const uint64_t *asleep)
{
	const struct ipc_obs_channel *channel = &f->s->channels[c];
	struct taker                 *t = mem_new(channel->n_ends, sizeof(*t));
	size_t                        n = 0;
	uint64_t                      all = 0;
	int                           ripe = 1;

	for (uint32_t i = channel->first_end; i < channel->first_end + channel->n_ends; i++) {
		const struct ipc_obs_end *e = &f->s->ends[i];
		uint64_t now[N_SHARES] = {e->in.messages, e->in.blocked_ns + asleep[i]};

		if (!takes(f, e, asleep[i]))
			continue;
		t[n].end = i;
		t[n].length_ns = span_look(table_get(&h->ends, key_of(f, e), sizeof(struct span)),
					   f->s->t_mono_ns, now, N_SHARES, t[n].d);
		ripe &= t[n].length_ns > 0;
		all += t[n++].d[GOT];
	}
	for (size_t i = 0; ripe && n > 1 && all >= STARVED_LEAST * n && i < n; i++)
		starved(l, f, &t[i], n, all);
	free(t);
}

void rule_shares(struct lints *l, const struct frame *f, struct habits *h)
{
	uint64_t *asleep = asleep_now(f);

	for (uint32_t c = 0; c < f->s->n_channels; c++)
		/* of a duplex pipe each direction has one taker */
		if (f->s->channels[c].n_rings == 1 && f->s->channels[c].n_ends > 1)
			check_shares(l, f, h, c, asleep);
	free(asleep);
}

/* ---- I014 --------------------------------------------------------------------------------- */

enum { IN_VAIN, HITS, N_POLLS };

#define SPIN_MISSES 100 /* to each hit */

void rule_polls(struct lints *l, const struct frame *f, struct habits *h)
{
	for (size_t i = 0; i < f->s->n_failures; i++) {
		const struct ipc_obs_failure *x = &f->s->failures[i];
		const struct ipc_obs_end     *e;
		uint64_t                      now[N_POLLS], d[N_POLLS], length;

		if (x->put || x->code != -EAGAIN || x->end == IPC_NO_INDEX)
			continue;
		e = &f->s->ends[x->end];
		now[IN_VAIN] = x->count;
		now[HITS] = e->in.messages;
		length = span_look(table_get(&h->polls, key_of(f, e), sizeof(struct span)),
				   f->s->t_mono_ns, now, N_POLLS, d);
		if (length == 0 ||
		    (double)d[IN_VAIN] < lint_limit(LIMIT_POLL_SPIN) * ((double)length / 1e9) ||
		    d[HITS] * SPIN_MISSES > d[IN_VAIN])
			continue;
		habit_add(
			l, LINT_POLL_SPIN, e->process, e->channel, length,
			"%s asked %s \"%.63s\" %s times a second without waiting, for %.0f s, and "
			"%s of %s times there was something",
			habit_name(f, e->process).text,
			ipc_kind_name(f->s->channels[e->channel].kind),
			f->s->channels[e->channel].name,
			number_rate((double)d[IN_VAIN] / ((double)length / 1e9)).text,
			(double)length / 1e9, number_count(d[HITS]).text,
			number_count(d[IN_VAIN] + d[HITS]).text);
	}
}
