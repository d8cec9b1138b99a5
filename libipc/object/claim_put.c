/* claim_put.c - have the next position of a ring to put into, as its owner or among others */

#include "object/claim.h"

#include <errno.h>

#include "object/count.h"
#include "object/side.h"

/* ---- the most that was ever queued ------------------------------------------------------ */

/* Below this it is only looked at now and then [messages]. */
#define HIGH_WATER_COARSE 16

static void high_water(struct flow *out, uint64_t depth)
{
	if ((int64_t)depth > (int64_t)load_relaxed(&out->high_water))
		store_relaxed(&out->high_water, depth);
}

/*
 * The head is the readers' line and dear to look at; it is only fetched when what this
 * process last saw of it allows a new record. Where next to nothing is queued that would
 * be at every message, so there, but for the first few messages of a channel, one in
 * some is looked at.
 */
static void note_high_water(struct transfer *t)
{
	struct flow *out = &t->c->h.e->out;
	uint64_t     depth = t->pos + 1 - load_relaxed(&t->lane->head_seen);
	uint64_t     head;

	if (likely(depth <= load_relaxed(&out->high_water)))
		return;
	if (depth < HIGH_WATER_COARSE && t->pos % HIGH_WATER_COARSE &&
	    t->pos > 4 * HIGH_WATER_COARSE)
		return;
	head = ring_head(t->lane->ctl);
	store_release(&t->lane->head_seen, head); /* as R5 of mpmc.h */
	high_water(out, t->pos + 1 - head);
}

/* ---- claiming as owner ------------------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How far may be put without another look, given the head? @pos itself is not free: @pos. */
static uint64_t free_until(struct lane *l, const struct ring_view *v, uint64_t pos, uint64_t head)
{
	uint64_t first_lap = v->from + v->mask + 1;

	if (pos < first_lap)
		return ring_slot_free(l->ctl, v, pos, &l->head_seen) ? first_lap : pos;
	if (head + v->mask + 1 > pos && load_acquire(&l->ctl->merged)) /* after the head */
		return head + v->mask + 1;
	return ring_slot_free(l->ctl, v, pos, &l->head_seen) ? pos + 1 : pos;
}

/*
 * How far the port reaches was used up, or the ring has another array. It ends early
 * where a look at the head is due for the sake of the high-water mark.
 */
static enum ring_result port_extend(struct transfer *t, uint64_t gen, uint64_t tail)
{
	struct lane     *l = t->lane;
	struct port     *p = &l->putting;
	struct flow     *out = &t->c->h.e->out;
	uint64_t         pos = tail & RING_POS_MASK;
	uint64_t         capacity = load_relaxed(&l->ctl->capacity), head, until, look;
	struct ring_view v;

	if (unlikely(!lane_view_copy(&l->put, &v) || (tail & ~RING_POS_MASK) != v.tag ||
		     v.gen != gen || pos - v.from >= v.until - v.from))
		return RING_STALE;
	head = ring_head(l->ctl);           /* pairs with ring_claim_own() of the reader */
	store_release(&l->head_seen, head); /* as R5 of mpmc.h */
	if (capacity && pos - head >= capacity)
		return RING_WAIT;
	until = least(free_until(l, &v, pos, head), v.until);
	if (until <= pos)
		return pos - head > v.mask ? RING_STALE : RING_OCCUPIED;
	high_water(out, pos + 1 - head);
	look = load_relaxed(&out->high_water);
	look = head +
	       (look < HIGH_WATER_COARSE && pos > 4 * HIGH_WATER_COARSE ? HIGH_WATER_COARSE : look);
	until = least(until, look > pos ? look : pos + 1);
	store_relaxed(&p->slots, v.slots);
	store_relaxed(&p->mask, v.mask);
	store_relaxed(&p->from, v.from);
	store_relaxed(&p->until, capacity ? least(until, head + capacity) : until);
	store_relaxed(&p->gen, gen);
	return RING_OK;
}

static enum ring_result claim_owned(struct transfer *t)
{
	struct lane     *l = t->lane;
	struct ring_ctl *ctl = l->ctl;
	/* first: should the side be lost meanwhile, the port is of an older generation */
	uint64_t         gen = load_acquire(&ctl->epoch_gen);
	uint64_t         tail = load_acquire(&ctl->tail), pos = tail & RING_POS_MASK;
	struct flow     *out = &t->c->h.e->out;
	enum ring_result r;

	if (unlikely(load_acquire(&ctl->put_owner) != t->self->self))
		return RING_OWNED;
	if (!port_covers(&l->putting, pos) || load_relaxed(&l->putting.gen) != gen) {
		if (!port_enter(t, out, t->len, pos, &ctl->put_owner))
			return RING_OWNED;
		r = port_extend(t, gen, tail);
		if (r != RING_OK)
			return r; /* and it will intend nothing: claim_prepare() */
	}
	own_intend(t->self, t->intent, t->c, out, t->len, pos);
	if (!own_claim(t->self, &ctl->tail, tail, alone_on(t->c, t->call->ring, SIDE_PUT)))
		return RING_OWNED;
	t->pos = pos;
	t->slot = port_slot(&l->putting, pos);
	return RING_OK;
}

/* ---- claiming among others --------------------------------------------------------------- */

static enum ring_result claim_shared(struct transfer *t)
{
	struct lane       *l = t->lane;
	struct intent_rec *i = &t->self->intent;
	struct ring_view   v;
	enum ring_result   r;

	if (unlikely(!lane_view_copy(&l->put, &v)))
		return RING_STALE;
	ring_intend_begin(i);
	store_relaxed(&i->before, load_relaxed(&t->c->h.e->out.messages));
	store_relaxed(&i->bytes, load_relaxed(&t->c->h.e->out.bytes));
	store_relaxed(&i->len, (uint64_t)t->len);
	store_relaxed(&i->claimed, UINT64_C(0));
	r = ring_reserve(l->ctl, &v, i, t->intent, t->c->h.object_ref, &l->head_seen, &t->pos);
	if (likely(r == RING_OK)) {
		store_release(&i->claimed, UINT64_C(1));
		t->slot = ring_slot(&v, t->pos);
	}
	return r;
}

static void count_shared(struct transfer *t)
{
	count_add(&t->c->h.e->out.messages, 1);
	count_add(&t->c->h.e->out.bytes, t->len);
	store_release(&t->self->intent.before, INTENT_COUNTED);
	if (COUNTING)
		note_high_water(t);
	if (unlikely(side_streak(t->lane->ctl, &t->lane->put_use, t->pos)))
		side_ask(t->c, t->call->ring, SIDE_PUT);
}

/* ---- one try ------------------------------------------------------------------------- */

/*
 * The slot's last reader is about to leave it, unless it was stopped in there; about
 * as long as copying a megabyte, so that only the latter makes us go around it.
 */
#define OCCUPIED_SPINS 2000

/* What else must be done before @r is a claim: 0 try again, or as claim(). */
static int claim_prepare(struct transfer *t, enum ring_result r, unsigned *spins)
{
	int changed;

	/* who changes the ring or its owner waits for claims under way, as siblings do: this is none */
	intend_nothing(t);
	if (r == RING_SHUTDOWN)
		return -EPIPE;
	if (r == RING_WAIT)
		return -EAGAIN;
	if (r == RING_OCCUPIED && (*spins)++ < OCCUPIED_SPINS) {
		cpu_relax();
		return 0;
	}
	if (r == RING_OWNED)
		return side_settle(t->lane, SIDE_PUT, transfer_left(t));
	changed = r == RING_OCCUPIED ? lane_step_aside(t->lane, transfer_left(t))
				     : lane_refresh_put(t->lane, transfer_left(t));
	return changed == LANE_CHANGED ? 0 : changed == LANE_SAME ? -EAGAIN : changed;
}

int claim_put(struct transfer *t)
{
	unsigned spins = 0;
	int      failed = 0;

	while (failed == 0) {
		struct ring_ctl *ctl = t->lane->ctl;
		uint64_t         gen = load_acquire(&ctl->epoch_gen);
		uint64_t         owner = load_acquire(&ctl->put_owner);
		enum ring_result r = RING_OWNED;

		if (unlikely(load_relaxed(&t->lane->gen_seen[SIDE_PUT]) != gen))
			side_await_siblings(t->lane, SIDE_PUT, gen);

		t->owned = owner == t->self->self;
		if (t->owned)
			r = claim_owned(t);
		else if (owner == SIDE_SHARED)
			r = claim_shared(t);
		if (likely(r == RING_OK))
			return 0;
		failed = claim_prepare(t, r, &spins);
	}
	return failed;
}

void count_put(struct transfer *t)
{
	if (t->owned)
		own_count(t->self, &t->c->h.e->out, t->len);
	else
		count_shared(t);
}
