/* peek.c - what is at the head of a ring, without taking it */

#include <errno.h>

#include "object/claim.h"
#include "object/ledger.h"
#include "object/side.h"

/*
 * The slot at the head was closed for a dead writer: claim that, if nobody else has. -EINTR:
 * look again; -ETIMEDOUT: a stopped process has the registry, which this takes.
 */
static int skip_abandoned(struct transfer *t, struct slot *s, uint64_t head)
{
	struct ring_ctl *ctl = t->lane->ctl;
	unsigned char    none[SLOT_INLINE];
	uint64_t         owner;
	size_t           len;

	t->pos = head;
	t->head = load_acquire(&ctl->head);
	owner = load_acquire(&ctl->get_owner);
	t->slot = s;
	if ((t->head & RING_POS_MASK) != head)
		return -EINTR;
	t->owned = owner == t->self->self;
	if (t->owned) {
		t->to = none; /* a sibling may have it by now, and the slot be filled again */
		(void)empty_slot(t, &len);
		t->to = NULL;
	} else if (owner != SIDE_SHARED) {
		int r = side_settle(t->lane, SIDE_GET, transfer_left(t));

		return r < 0 ? r : -EINTR;
	} else if (ring_skip(ctl, &t->self->intent, t->intent, t->c->h.object_ref, head)) {
		ring_release(s, head);
		wake_writers(ctl, false); /* as for one that was got */
	}
	return -EINTR;
}

/* What is at @head, published? Its length, or as skip_abandoned(). */
static ssize_t look_at(struct transfer *t, struct slot *s, uint64_t head)
{
	if (likely(!(load_relaxed(&s->flags) & SLOT_ABANDONED)))
		return (ssize_t)load_relaxed(&s->len);
	return ring_head(t->lane->ctl) == head ? skip_abandoned(t, s, head) : -EINTR;
}

/* Length of the message at the head, if it is still the head when that is known. */
static ssize_t peek_try(struct transfer *t)
{
	struct ring_view v;
	bool             last = get_ended(t);
	uint64_t         head = ring_head(t->lane->ctl);
	ssize_t          len = -EAGAIN;
	int              r;

	if (!lane_view_copy(&t->lane->get, &v) || head < v.from || head >= v.until ||
	    !ring_view_current(t->lane->ctl, &v, load_acquire(&t->lane->ctl->tail))) {
		r = lane_refresh_get(t->lane, IPC_NOW);
		if (r != LANE_SAME)
			return r < 0 ? r : -EINTR;
	} else if (load_acquire(&ring_slot(&v, head)->turn) == 2 * head + 1) {
		len = look_at(t, ring_slot(&v, head), head);
	}
	if (ring_head(t->lane->ctl) != head)
		return -EINTR; /* taken meanwhile: look at the next */
	return len == -EAGAIN && (last || shut_and_empty(t)) ? -EPIPE : len;
}

static ssize_t peek(struct transfer *t)
{
	ssize_t r;

	if (ledgered(t->c) && (r = ledger_peek(t->c)) >= 0)
		return r;
	do {
		r = peek_try(t);
	} while (r == -EINTR);
	return r;
}

static const struct transfer_kind peeking = {
	.intent = INTENT_GET,
	.try_ = peek,
	.glance = get_glance,
	.ready = get_ready,
};

ssize_t channel_peek(struct channel *c, unsigned ring)
{
	const struct call call = {.ring = ring, .timeout = IPC_NOW};
	struct transfer   t;
	ssize_t           r = transfer_begin(&t, &peeking, c, &call);

	if (r < 0)
		return r;
	r = peek(&t);
	if (r == -EAGAIN)
		r = transfer_slow(&t);
	return transfer_failure(&t, r);
}

/* End of file is something to read, too. */
int channel_poll(struct channel *c, const struct call *call)
{
	struct transfer t;
	ssize_t         r = transfer_begin(&t, &peeking, c, call);

	if (r < 0)
		return (int)r;
	r = peek(&t);
	if (r == -EAGAIN)
		r = transfer_slow(&t);
	if (r >= 0 || r == -EPIPE)
		return 1;
	return r == -EAGAIN || r == -ETIMEDOUT ? 0 : (int)r;
}
