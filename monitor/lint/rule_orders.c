/*
 * rule_orders.c - locks that some take in one order and some in the other
 *
 * Who waits for one lock and has another took them in that order; so did who has two and
 * waited for the second. What was seen once is remembered: the two orders seldom meet, and
 * when they do it is a deadlock. A lock that is always taken before both makes it harmless,
 * and so do readers, who keep nobody waiting but writers.
 */

#include <stdio.h>
#include <stdlib.h>

#include "lint/habits.h"
#include "text/mem.h"
#include "text/utf8.h"

/* Pairs remembered, and locks held around a pair. Picked. */
#define PAIRS_MAX 512
#define GATES_MAX 6

struct lock_key {
	uint64_t where, offset; /* id of the channel, or of the process whose memory it is */
	uint32_t channel;       /* index at that time; IPC_NO_INDEX: in memory of its own */
};

/* Somebody had the first and took the second. */
struct pair {
	struct lock_key first, second;
	struct lock_key gates[GATES_MAX]; /* had by everybody who did so */
	unsigned        n_gates;
	uint64_t        thread; /* id of the one who did; 0: several */
	char            who[64], site[80];
};

struct orders {
	struct pair v[PAIRS_MAX];
	size_t      n, next; /* when there are too many the oldest goes */
};

static int same(const struct lock_key *a, const struct lock_key *b)
{
	return a->where == b->where && a->offset == b->offset;
}

static struct lock_key key_of(const struct frame *f, uint32_t channel, uint64_t offset,
			      uint32_t thread)
{
	return (struct lock_key){channel != IPC_NO_INDEX
					 ? f->s->channels[channel].id
					 : f->s->processes[f->s->threads[thread].process].id,
				 offset, channel};
}

static struct lock_key hold_key(const struct frame *f, const struct ipc_obs_hold *h)
{
	return key_of(f, h->channel, h->lock_offset, h->thread);
}

static int excludes(const struct ipc_obs_hold *h)
{
	return h->kind == IPC_HOLD_MUTEX || h->kind == IPC_HOLD_WRITE;
}

/* ---- remembering ---------------------------------------------------------------------- */

static struct pair *pair_of(struct orders *o, const struct lock_key *first,
			    const struct lock_key *second)
{
	for (size_t i = 0; i < o->n; i++)
		if (same(&o->v[i].first, first) && same(&o->v[i].second, second))
			return &o->v[i];
	return NULL;
}

static struct pair *new_pair(struct orders *o)
{
	struct pair *p = &o->v[o->next];

	o->next = (o->next + 1) % PAIRS_MAX;
	if (o->n < PAIRS_MAX)
		o->n++;
	*p = (struct pair){.n_gates = 0};
	return p;
}

/* The other locks @thread has, which may be what keeps two pairs apart. */
static unsigned gates_of(const struct frame *f, uint32_t thread, const struct pair *p,
			 struct lock_key *ret)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->s->n_holds && n < GATES_MAX; i++) {
		struct lock_key k = hold_key(f, &f->s->holds[i]);

		if (f->s->holds[i].thread == thread && excludes(&f->s->holds[i]) &&
		    !same(&k, &p->first) && !same(&k, &p->second))
			ret[n++] = k;
	}
	return n;
}

static unsigned in_both(struct lock_key *a, unsigned n_a, const struct lock_key *b, unsigned n_b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < n_a; i++)
		for (unsigned k = 0; k < n_b; k++)
			if (same(&a[i], &b[k])) {
				a[n++] = a[i];
				break;
			}
	return n;
}

static void note(struct orders *o, const struct frame *f, uint32_t thread, struct lock_key first,
		 struct lock_key second, const char *site)
{
	struct pair    *p = pair_of(o, &first, &second);
	struct lock_key gates[GATES_MAX];
	uint64_t        id = f->s->threads[thread].id;

	if (same(&first, &second))
		return;
	if (p == NULL) {
		p = new_pair(o);
		p->first = first;
		p->second = second;
		p->thread = id;
		p->n_gates = gates_of(f, thread, p, p->gates);
		utf8_copy(p->who, sizeof(p->who),
			  habit_name(f, f->s->threads[thread].process).text);
	} else {
		p->n_gates = in_both(p->gates, p->n_gates, gates, gates_of(f, thread, p, gates));
		if (p->thread != id)
			p->thread = 0;
	}
	p->first.channel = first.channel;
	p->second.channel = second.channel;
	if (site[0] != 0)
		utf8_copy(p->site, sizeof(p->site), site);
}

/* Thread @thread takes, or took last, lock @second: after which of those it has? */
static void note_all(struct orders *o, const struct frame *f, uint32_t thread,
		     struct lock_key second, uint64_t since_ns, const char *site)
{
	for (size_t i = 0; i < f->s->n_holds; i++) {
		const struct ipc_obs_hold *h = &f->s->holds[i];

		/* when it got what it had not to wait for, nobody knows */
		if (h->thread == thread && excludes(h) &&
		    (since_ns == IPC_UNKNOWN ||
		     (h->since_ns != IPC_UNKNOWN && h->since_ns < since_ns)))
			note(o, f, thread, hold_key(f, h), second, site);
	}
}

static void note_frame(struct orders *o, const struct frame *f)
{
	for (size_t i = 0; i < f->s->n_waits; i++) {
		const struct ipc_obs_wait *w = &f->s->waits[i];

		if (w->op == IPC_OP_LOCK || w->op == IPC_OP_WRLOCK)
			note_all(o, f, w->thread, key_of(f, w->channel, w->lock_offset, w->thread),
				 IPC_UNKNOWN, f->waits[i].site);
	}
	for (size_t i = 0; i < f->s->n_holds; i++) {
		const struct ipc_obs_hold *h = &f->s->holds[i];

		if (excludes(h) && h->since_ns != IPC_UNKNOWN)
			note_all(o, f, h->thread, hold_key(f, h), h->since_ns, f->holds[i].site);
	}
}

/* ---- I006 --------------------------------------------------------------------------------- */

static int is_there(const struct frame *f, const struct lock_key *k)
{
	for (size_t i = 0; i < f->s->n_channels; i++)
		if (f->s->channels[i].id == k->where)
			return 1;
	for (size_t i = 0; i < f->s->n_processes; i++)
		if (f->s->processes[i].id == k->where)
			return 1;
	return 0;
}

struct lock_name {
	char text[80];
};

static struct lock_name lock_name(const struct frame *f, const struct lock_key *k)
{
	const struct ipc_obs_channel *c = NULL;
	struct lock_name              n;

	for (size_t i = 0; i < f->s->n_channels; i++)
		if (f->s->channels[i].id == k->where)
			c = &f->s->channels[i];
	if (c == NULL)
		snprintf(n.text, sizeof(n.text), "the lock at 0x%llx",
			 (unsigned long long)k->offset);
	else if (locks_is_block(c->kind))
		snprintf(n.text, sizeof(n.text), "\"%.40s\"+0x%llx", utf8_part(c->name, 40).text,
			 (unsigned long long)k->offset);
	else
		snprintf(n.text, sizeof(n.text), "\"%.60s\"", utf8_part(c->name, 60).text);
	return n;
}

static int harmless(const struct pair *a, const struct pair *b)
{
	struct lock_key gates[GATES_MAX];

	for (unsigned i = 0; i < a->n_gates; i++)
		gates[i] = a->gates[i];
	/* one thread does not meet itself */
	return (a->thread != 0 && a->thread == b->thread) ||
	       in_both(gates, a->n_gates, b->gates, b->n_gates) > 0;
}

static void inversion(struct lints *l, const struct frame *f, const struct pair *a,
		      const struct pair *b)
{
	uint32_t channel = IPC_NO_INDEX;

	for (uint32_t i = 0; i < f->s->n_channels; i++)
		if (f->s->channels[i].id == a->first.where)
			channel = i;
	lint_add(l, LINT_LOCK_ORDER, IPC_NO_INDEX, channel,
		 "%.40s takes %s and then %s%s%.40s; %.40s the second first%s%.40s",
		 utf8_part(a->who, 40).text, lock_name(f, &a->first).text,
		 lock_name(f, &a->second).text, a->site[0] != 0 ? " at " : "",
		 utf8_part(a->site, 40).text, utf8_part(b->who, 40).text,
		 b->site[0] != 0 ? ", at " : "", utf8_part(b->site, 40).text);
}

void rule_orders(struct lints *l, const struct frame *f, struct habits *h)
{
	struct orders *o;

	if (h->orders == NULL && f->s->n_holds == 0)
		return;
	if (h->orders == NULL)
		h->orders = mem_new(1, sizeof(*h->orders));
	o = h->orders;
	note_frame(o, f);
	for (size_t i = 0; i < o->n; i++) {
		const struct pair *a = &o->v[i], *b = pair_of(o, &a->second, &a->first);

		if (b > a && !harmless(a, b) && is_there(f, &a->first) && is_there(f, &a->second))
			inversion(l, f, a, b);
	}
}

void orders_free(struct orders *o)
{
	free(o);
}
