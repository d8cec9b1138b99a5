/* claim_get.c - have the oldest message of a ring, as its owner or among others */

#include "object/claim.h"

#include <errno.h>

#include "base/copy.h"
#include "object/side.h"

bool shut_and_empty(const struct transfer *t)
{
	return (load_acquire(&t->lane->ctl->tail) & RING_SHUT) &&
	       channel_queued(t->c, t->call->ring) == 0;
}

/* ---- claiming as owner ------------------------------------------------------------------- */

static enum ring_result nothing_there(const struct ring_ctl *ctl, const struct ring_view *v,
				      uint64_t head)
{
	uint64_t tail = load_acquire(&ctl->tail);

	if (!ring_view_current(ctl, v, tail))
		return RING_STALE; /* the head may lie in a newer array */
	return tail & RING_SHUT && (tail & RING_POS_MASK) == head ? RING_SHUTDOWN : RING_WAIT;
}

static bool port_is(const struct port *p, const struct ring_view *v, uint64_t until, uint64_t gen)
{
	return load_relaxed(&p->slots) == v->slots && load_relaxed(&p->mask) == v->mask &&
	       load_relaxed(&p->from) == v->from && load_relaxed(&p->until) == until &&
	       load_relaxed(&p->gen) == gen;
}

/* RING_OK: it points to where @head is. */
static enum ring_result port_point(struct transfer *t, const struct ring_view *v, uint64_t gen,
				   uint64_t head)
{
	struct lane *l = t->lane;
	struct port *p = &l->getting;
	uint64_t     until = ring_view_until(l->ctl, v); /* after @gen: as old as that, or newer */

	if (head - v->from >= until - v->from)
		return RING_STALE;
	if (port_is(p, v, until, gen))
		return RING_OK;
	if (!port_enter(t, &t->c->h.e->in, 0, head, &l->ctl->get_owner))
		return RING_OWNED;
	store_relaxed(&p->slots, v->slots);
	store_relaxed(&p->mask, v->mask);
	store_relaxed(&p->from, v->from);
	store_relaxed(&p->until, until);
	store_relaxed(&p->gen, gen);
	intend_nothing(t); /* release: after the stores */
	return RING_OK;
}

/* Is there a message, and does it fit? Claims nothing: an owner's claim is the last thing. */
static enum ring_result look_owned(struct transfer *t)
{
	struct lane     *l = t->lane;
	uint64_t         gen = load_acquire(&l->ctl->get_gen), pos;
	enum ring_result r;
	struct ring_view v;

	t->head = load_acquire(&l->ctl->head);
	pos = t->pos = t->head & RING_POS_MASK;
	if (unlikely(load_acquire(&l->ctl->get_owner) != t->self->self))
		return RING_OWNED;
	if (unlikely(!lane_view_copy(&l->get, &v)))
		return RING_STALE;
	r = port_point(t, &v, gen, pos);
	if (unlikely(r != RING_OK))
		return r;
	t->slot = ring_slot(&v, pos);
	if (load_acquire(&t->slot->turn) != 2 * pos + 1) /* with ring_publish() */
		return nothing_there(l->ctl, &v, pos);
	return likely(load_relaxed(&t->slot->len) <= t->len) ? RING_OK : RING_SHORT;
}

/* ---- claiming ------------------------------------------------------------------------------ */

/*
 * Is the next message large, and its memory not to be mapped now? Once claimed it would be lost.
 * Another may be the next when it comes to claiming; an owner looks before it claims (empty.c).
 */
static bool next_out_of_reach(const struct transfer *t, const struct ring_view *v)
{
	uint64_t           head = ring_head(t->lane->ctl), name;
	const struct slot *s = ring_slot(v, head);
	struct block       b;

	if (head - v->from >= v->until - v->from || ring_view_left(t->lane->ctl, v, head))
		return false; /* as in ring_take() */
	if (load_acquire(&s->turn) != 2 * head + 1 || !(load_relaxed(&s->flags) & SLOT_HEAP))
		return false;
	copy_words(&name, s->inline_data, sizeof(name));
	return heap_find(&t->c->memory, t->call->ring, name, &b) == -ENOMEM;
}

static enum ring_result claim_shared(struct transfer *t)
{
	struct lane     *l = t->lane;
	struct ring_view v;
	enum ring_result r;

	if (unlikely(!lane_view_copy(&l->get, &v)))
		return RING_STALE;
	if (unlikely(next_out_of_reach(t, &v)))
		return RING_UNMAPPED;
	ring_intend_begin(&t->self->intent);
	store_relaxed(&t->self->intent.claimed, UINT64_C(0));
	store_relaxed(&t->self->intent.before, load_relaxed(&t->c->h.e->in.messages));
	store_relaxed(&t->self->intent.bytes, load_relaxed(&t->c->h.e->in.bytes));
	r = ring_take(l->ctl, &v, &t->self->intent, t->intent, t->c->h.object_ref, t->len, &t->pos);
	if (likely(r == RING_OK))
		t->slot = ring_slot(&v, t->pos);
	return r;
}

/* What else must be done before @r is a claim: 0 try again, or as claim(). */
static int claim_prepare(struct transfer *t, enum ring_result r)
{
	int changed;

	if (r == RING_SHUTDOWN)
		return -EPIPE;
	if (r == RING_WAIT)
		return -EAGAIN;
	if (r == RING_SHORT)
		return -EMSGSIZE;
	if (r == RING_UNMAPPED)
		return get_unmapped();
	intend_nothing(t); /* who changes the ring or its owner waits for claims under way */
	if (r == RING_OWNED)
		return side_settle(t->lane, SIDE_GET, transfer_left(t));
	changed = lane_refresh_get(t->lane, transfer_left(t));
	if (changed == LANE_SAME)
		return shut_and_empty(t) ? -EPIPE : -EAGAIN;
	return changed < 0 ? changed : 0;
}

int claim_get(struct transfer *t)
{
	int failed = 0;

	while (failed == 0) {
		struct ring_ctl *ctl = t->lane->ctl;
		uint64_t         gen = load_acquire(&ctl->get_gen);
		uint64_t         owner = load_acquire(&ctl->get_owner);
		enum ring_result r = RING_OWNED;

		if (unlikely(load_relaxed(&t->lane->gen_seen[SIDE_GET]) != gen))
			side_await_siblings(t->lane, SIDE_GET, gen);

		t->owned = owner == t->self->self;
		if (t->owned)
			r = look_owned(t);
		else if (owner == SIDE_SHARED)
			r = claim_shared(t);
		if (likely(r == RING_OK))
			return 0;
		failed = claim_prepare(t, r);
	}
	return failed;
}
