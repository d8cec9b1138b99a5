/*
 * lane.c - a ring as this process uses it: views, room for a put, what idleness gives back
 *
 * Everything here holds the registry lock. It is rare: at a handle's first use,
 * each time a ring grows by a step, and when it is idle.
 */

#include "object/lane.h"

#include <errno.h>

#include "base/error.h"
#include "object/epoch.h"
#include "object/heap.h"
#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/thread.h"

struct slot *lane_slot(struct lane *l, uint64_t pos)
{
	struct ring_epoch *e = epoch_of(l->ctl, pos);

	if (!e || pos - e->from >= e->ready) {
		if (!e || e->ready < epoch_slots(e))
			return NULL;
	}
	return epoch_slot(l, e, pos);
}

/* ---- views ----------------------------------------------------------------------------- */

static int view_set(struct lane *l, struct lane_view *to, const struct ring_epoch *e)
{
	struct slot *slots = memory_slots(l->memory, l->ring, e->shape);
	uint64_t     until = epoch_until(l->ctl, e), seq = to->seq;

	if (!slots)
		return fail(-ENOMEM, "cannot map the slots of a channel");
	if (e->ready < epoch_slots(e) && e->from + e->ready < until)
		until = e->from + e->ready; /* what lies behind is not there yet */
	store_relaxed(&to->seq, seq | 1);
	fence_release(); /* the odd seq before the fields */
	store_relaxed(&to->v.slots, slots);
	store_relaxed(&to->v.mask, epoch_slots(e) - 1);
	store_relaxed(&to->v.from, e->from);
	store_relaxed(&to->v.until, until);
	store_relaxed(&to->v.tag, epoch_tag(l->ctl));
	store_release(&to->seq, (seq | 1) + 1);
	return LANE_CHANGED;
}
int lane_init(struct lane *l, uint64_t capacity, uint64_t heap_limit)
{
	l->ctl->capacity = capacity;
	l->ctl->heap_limit = heap_limit;
	fetch_or(&l->ctl->tail, RING_SWITCHING);
	return epoch_switch_finish(l, epoch_log2_first(l->ctl));
}
/* ---- what a put needs ---------------------------------------------------------------------------- */

static int array_extend(struct lane *l, struct ring_epoch *e)
{
	uint64_t upto = e->ready + STEP_SLOTS < epoch_slots(e) ? e->ready + STEP_SLOTS
							       : epoch_slots(e);
	int      r = epoch_make(l, e->shape, e->ready, upto);

	if (r == 0)
		store_release(&e->ready, upto);
	return r < 0 ? r : LANE_CHANGED;
}

/* The tail is at the end of what is real of the array, or the array is full. */
static int array_enlarge(struct lane *l, struct ring_epoch *e, uint64_t pos)
{
	uint64_t queued = pos - load_acquire(&l->ctl->head);
	unsigned first = epoch_log2_first(l->ctl);

	if (pos - e->from >= e->ready && e->ready < epoch_slots(e)) {
		/* a step back rather than a step on, if the burst that it grew for is over */
		if (queued < (UINT64_C(1) << first) / 2 && shape_log2(e->shape) > first)
			return epoch_switch(l, first);
		return array_extend(l, e);
	}
	if (queued >= epoch_slots(e) && lane_can_grow(l->ctl, epoch_slots(e)))
		return epoch_switch(l, epoch_log2_next(l->ctl, shape_log2(e->shape)));
	return LANE_SAME;
}

/* Full, and as large as it may become. */
static bool array_full(const struct lane *l, const struct ring_epoch *e)
{
	uint64_t head = load_acquire(&l->ctl->head);
	uint64_t queued = (load_acquire(&l->ctl->tail) & RING_POS_MASK) - head;

	return queued >= epoch_slots(e) && !lane_can_grow(l->ctl, epoch_slots(e));
}

static int refresh_put(struct lane *l)
{
	uint64_t           tail = load_acquire(&l->ctl->tail);
	struct ring_epoch *e;
	int                r;

	if (tail & RING_SWITCHING) { /* its switcher died */
		e = epoch_newest(l->ctl);
		r = epoch_switch_finish(l, e ? epoch_log2_next(l->ctl, shape_log2(e->shape))
					     : epoch_log2_first(l->ctl));
		if (r < 0 && r != -EAGAIN)
			return r;
		tail = load_acquire(&l->ctl->tail);
	}
	e = epoch_newest(l->ctl);
	if (!e)
		return fail(-EBADMSG, "a channel is damaged: it has no slots");
	r = array_enlarge(l, e, tail & RING_POS_MASK);
	if (r < 0)
		return r;
	e = epoch_newest(l->ctl);
	if (r == LANE_CHANGED || !l->put.seq || l->put.v.tag != epoch_tag(l->ctl) ||
	    (tail & RING_POS_MASK) >= l->put.v.until)
		return view_set(l, &l->put, e);
	/* the view was right; and readers may have made room since it was found full */
	return array_full(l, e) ? LANE_SAME : LANE_CHANGED;
}

int lane_refresh_put(struct lane *l)
{
	int r;

	registry_lock();
	r = refresh_put(l);
	registry_unlock();
	return r;
}

static int step_aside(struct lane *l)
{
	uint64_t           pos = load_acquire(&l->ctl->tail) & RING_POS_MASK;
	struct ring_epoch *e = epoch_newest(l->ctl);
	struct ring_view   v;
	unsigned           log2;
	int                r;

	if (!e || !lane_view_copy(&l->put, &v) || v.tag != epoch_tag(l->ctl))
		return refresh_put(l); /* somebody has done it */
	if (pos - v.from >= v.until - v.from || ring_slot_free(l->ctl, &v, pos, &l->head_seen))
		return LANE_CHANGED; /* others have gone on, or the reader has left */
	epoch_retire(l);
	log2 = shape_log2(e->shape);
	while (log2 < SLOT_LOG2_MAX && !epoch_free_shape(l->ctl, log2))
		log2++;
	r = epoch_switch(l, log2);
	return r < 0 || r == LANE_SAME ? r : view_set(l, &l->put, epoch_newest(l->ctl));
}

int lane_step_aside(struct lane *l)
{
	int r;

	registry_lock();
	r = step_aside(l);
	registry_unlock();
	return r;
}

/* ---- what a get needs ------------------------------------------------------------------------------- */

static int refresh_get(struct lane *l)
{
	struct ring_ctl   *c = l->ctl;
	uint64_t           head = load_acquire(&c->head);
	struct ring_epoch *e = epoch_of(c, head);

	if (!e)
		return fail(-EBADMSG, "a channel is damaged: its head lies in no slots");
	epoch_retire(l);
	if (view_set(l, &l->get, e) < 0)
		return -ENOMEM;
	/* beyond what is real nothing can have been put */
	return head - e->from < l->get.v.until - e->from ? LANE_CHANGED : LANE_SAME;
}

int lane_refresh_get(struct lane *l)
{
	int r;

	registry_lock();
	r = refresh_get(l);
	registry_unlock();
	return r;
}

static void unmerge(struct lane *l)
{
	struct ring_ctl   *c = l->ctl;
	struct ring_epoch *e = epoch_newest(c);
	uint64_t           head = load_acquire(&c->head), pos = e ? e->from : head;

	if (!load_acquire(&c->merged))
		return; /* another reader did it meanwhile */
	if (e && head - pos > epoch_slots(e))
		pos = head - epoch_slots(e);
	for (; e && (int64_t)(head - pos) > 0; pos++) {
		struct slot *s = epoch_slot(l, e, pos);
		uint64_t     turn = 2 * pos + 1;

		if (s) /* fails if a writer has filled it again, which is as good */
			(void)compare_swap(&s->turn, &turn, 2 * pos + 2);
	}
	store_release(&c->merged, UINT64_C(0));
}

void lane_unmerge(struct lane *l)
{
	registry_lock();
	unmerge(l);
	registry_unlock();
}

/*
 * The slots of a ring that one writer may have for its own are not the reader's to
 * trim: the writer stores to the tail without looking. It steps back by itself.
 */
bool lane_worth_trimming(const struct lane *l)
{
	return (!l->inherited_only && l->get.seq && l->get.v.mask >> epoch_log2_first(l->ctl)) ||
	       heap_worth_trimming(l->memory, l->ring);
}

static void trim_slots(struct lane *l)
{
	struct ring_ctl   *c = l->ctl;
	struct ring_epoch *e = epoch_newest(c);
	uint64_t           tail = load_acquire(&c->tail);

	if (e && !(tail & (RING_SHUT | RING_SWITCHING)) &&
	    (tail & RING_POS_MASK) == load_acquire(&c->head) &&
	    shape_log2(e->shape) > epoch_log2_first(c))
		(void)epoch_switch(l, epoch_log2_first(c));
	epoch_retire(l);
}

void lane_trim(struct lane *l)
{
	struct thread_rec *self;

	if (!l->inherited_only) {
		registry_lock();
		trim_slots(l);
		registry_unlock();
	}
	if (thread_self(&self) == 0)
		heap_trim(l->memory, l->ring, thread_ref(self));
}
