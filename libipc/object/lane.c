/*
 * lane.c - a ring as this process uses it: views, room for a put
 *
 * Everything here holds the registry lock. It is rare: at a handle's first use,
 * each time a ring grows by a step, and when it is idle.
 */

#include "object/lane.h"

#include <errno.h>

#include "base/error.h"
#include "object/epoch.h"
#include "object/heap.h"
#include "object/side.h"
#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/thread.h"

ref lane_object(const struct lane *l)
{
	uint32_t index = l->memory->object;

	return ref_make(life_gen(load_acquire(&object_at(index)->life)), index);
}

void lane_intend_heap(const struct lane *l, struct thread_rec *self)
{
	ring_intend_begin(&self->intent);
	ring_intend(&self->intent,
		    (uint64_t)l->memory->object << 8 | (uint64_t)l->ring << 4 | INTENT_PUT,
		    lane_object(l), RING_NO_POS);
}

/* The epoch in whose array the slot of @pos is real, or NULL. */
static struct ring_epoch *epoch_real(struct lane *l, uint64_t pos)
{
	struct ring_epoch *e = epoch_of(l->ctl, pos);

	return e && epoch_has(e, pos) ? e : NULL;
}

struct slot *lane_slot(struct lane *l, uint64_t pos)
{
	struct ring_epoch *e = epoch_real(l, pos);

	return e ? epoch_slot(l, e, pos) : NULL;
}

bool lane_has_slot(struct lane *l, uint64_t pos)
{
	struct ring_epoch *e = epoch_real(l, pos);

	return e && memory_has_slots(l->memory, l->ring, e->shape, e->ready);
}

/*
 * Nobody who keeps to the rules, and no kill, leaves a ring like that: and who believed it would
 * look for a view of it for good.
 */
static bool damaged(struct ring_ctl *c)
{
	uint64_t                 head = ring_head(c), tail = load_acquire(&c->tail);
	uint64_t                 pos = tail & RING_POS_MASK;
	const struct ring_epoch *e = epoch_newest(c);

	if (!(tail & RING_SWITCHING) && (tail & RING_TAG_MASK) != epoch_tag(c))
		return true;
	return !e || head > pos || e->from > pos;
}

static int refuse_damaged(void)
{
	return fail(-EBADMSG,
		    "a channel is damaged: its head, tail and slots do not fit, unlink it");
}

/* ---- views ----------------------------------------------------------------------------- */

/* A view of @e, up to @most at furthest. */
static int view_set(struct lane *l, struct lane_view *to, const struct ring_epoch *e, uint64_t most)
{
	struct slot *slots = memory_slots(l->memory, l->ring, e->shape, e->ready);
	uint64_t     until = epoch_until(l->ctl, e), seq = to->seq;

	if (!slots)
		return fail(-ENOMEM, "cannot map the slots of a channel");
	if (e->ready < epoch_slots(e) && e->from + e->ready < until)
		until = e->from + e->ready; /* what lies behind is not there yet */
	until = until < most ? until : most;
	store_relaxed(&to->seq, seq | 1);
	fence_release(); /* the odd seq before the fields */
	store_relaxed(&to->v.slots, slots);
	store_relaxed(&to->v.mask, epoch_slots(e) - 1);
	store_relaxed(&to->v.from, e->from);
	store_relaxed(&to->v.until, until);
	store_relaxed(&to->v.tag, epoch_tag(l->ctl));
	store_relaxed(&to->v.gen, load_relaxed(&l->ctl->epoch_gen));
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

/* ---- what a put needs ---------------------------------------------------------------------- */

static int array_extend(struct lane *l, struct ring_epoch *e)
{
	uint64_t more = e->ready + epoch_step(l), all = epoch_slots(e);
	uint64_t upto = more < all ? more : all;
	int      r = epoch_make(l, e->shape, e->ready, upto);

	if (r == 0)
		store_release(&e->ready, upto);
	return r < 0 ? r : LANE_CHANGED;
}

/* One of 2^@log2, or, if both such arrays have a reader in them that stays, a larger one. */
static int array_larger(struct lane *l, unsigned log2)
{
	int r = LANE_SAME;

	for (; r == LANE_SAME && log2 <= SLOT_LOG2_MAX; log2++)
		r = epoch_switch(l, log2);
	return r;
}

/*
 * Is the burst that the array grew for over, and one of 2^@log2 worth going on in? Of what is not
 * limited only the first is, once it has room for all. Of what is, any that is smaller than what
 * was used of this one, which else might find no room to its end. And not at each step on, of
 * which there are many then.
 */
static bool smaller_is_better(const struct lane *l, const struct ring_epoch *e, uint64_t pos,
			      unsigned log2)
{
	uint64_t since = pos - e->from, slots = UINT64_C(1) << log2;

	return log2 < shape_log2(e->shape) && since >= epoch_share(l, SHARE_FOR_SLOTS) &&
	       (l->memory->limit ? since >= slots + slots / 4 : log2 == epoch_log2_first(l->ctl));
}

/*
 * The tail is at the end of what is real of the array, whose beginning may have been drained for
 * long, and is used again only once all of it is real.
 */
static int array_go_on(struct lane *l, struct ring_epoch *e, uint64_t pos, uint64_t queued)
{
	unsigned log2 = epoch_log2_for(l, queued);
	int      r = LANE_SAME;

	/* a larger one where both such arrays have a reader in them that stays */
	for (; r == LANE_SAME && smaller_is_better(l, e, pos, log2); log2++)
		r = epoch_switch(l, log2);
	return r == LANE_SAME ? array_extend(l, e) : r;
}

/* The tail is at the end of what is real of the array, or the array is full. */
static int array_enlarge(struct lane *l, struct ring_epoch *e, uint64_t pos)
{
	uint64_t queued = pos - ring_head(l->ctl);

	if (pos - e->from >= e->ready && e->ready < epoch_slots(e))
		return array_go_on(l, e, pos, queued);
	if (queued >= epoch_slots(e) && lane_can_grow(l->ctl, epoch_slots(e)))
		return array_larger(l, epoch_log2_next(l->ctl, shape_log2(e->shape)));
	return LANE_SAME;
}

/* At @pos, full still: it is as large as it may become, or no larger one is to be had. */
static bool array_full(const struct lane *l, const struct ring_epoch *e, uint64_t pos)
{
	return (int64_t)(pos - ring_head(l->ctl)) >= (int64_t)epoch_slots(e);
}

/* The tail says that the ring is going on in another array: who was to do that died. */
static int complete_switch(struct lane *l)
{
	const struct ring_epoch *e = epoch_newest(l->ctl);
	int                      r;

	if (!(load_acquire(&l->ctl->tail) & RING_SWITCHING))
		return 0;
	r = epoch_switch_finish(l, e ? epoch_log2_next(l->ctl, shape_log2(e->shape))
				     : epoch_log2_first(l->ctl));
	return r == -EAGAIN ? 0 : r;
}

static int refresh_put(struct lane *l)
{
	struct ring_epoch *e;
	uint64_t           tail;
	int                r = complete_switch(l);

	if (r < 0)
		return r;
	if (damaged(l->ctl))
		return refuse_damaged();
	tail = load_acquire(&l->ctl->tail);
	e = epoch_newest(l->ctl);
	r = array_enlarge(l, e, tail & RING_POS_MASK);
	if (r < 0)
		return r;
	e = epoch_newest(l->ctl);
	if (r == LANE_CHANGED || !l->put.seq || l->put.v.gen != l->ctl->epoch_gen ||
	    (tail & RING_POS_MASK) >= l->put.v.until)
		return view_set(l, &l->put, e, UINT64_MAX);
	/* the view was right; and readers may have made room since it was found full */
	return array_full(l, e, tail & RING_POS_MASK) ? LANE_SAME : LANE_CHANGED;
}

static int refresh_put_locked(struct lane *l, ipc_nsec timeout)
{
	int r = registry_lock_within(timeout);

	if (r < 0)
		return r;
	r = side_hold(l, SIDE_PUT, false) ? refresh_put(l) : LANE_CHANGED;
	registry_unlock();
	return r;
}

static int retire_all(struct lane *l)
{
	int r = registry_lock_within(IPC_NOW);

	if (r < 0)
		return r;
	while (epoch_retire(l))
		;
	registry_unlock();
	return 0;
}

int lane_refresh_put(struct lane *l, ipc_nsec timeout)
{
	struct thread_rec *self;
	int                r = refresh_put_locked(l, timeout), squeezes = 0;
	uint64_t           given = 1;

	if (likely(r != -ENOSPC) || thread_self(&self) < 0)
		return r;
	/* slots may have what blocks had, or other slots */
	lane_intend_heap(l, self);
	while (r == -ENOSPC && given && squeezes++ < SQUEEZES_MOST) {
		given = heap_squeeze(l->memory, l->ring, thread_ref(self),
				     epoch_step(l) * SLOT_BYTES);
		if (retire_all(l) < 0)
			break;
		r = refresh_put_locked(l, timeout);
	}
	return r;
}

static int step_aside(struct lane *l)
{
	uint64_t           tail = load_acquire(&l->ctl->tail), pos = tail & RING_POS_MASK;
	struct ring_epoch *e = epoch_newest(l->ctl);
	struct ring_view   v;
	unsigned           log2;
	int                r;

	if (!e || (tail & RING_SWITCHING) || !lane_view_copy(&l->put, &v) ||
	    v.gen != l->ctl->epoch_gen)
		return refresh_put(l); /* somebody has done it, or died doing it */
	if (pos - v.from >= v.until - v.from || ring_slot_free(l->ctl, &v, pos, &l->head_seen))
		return LANE_CHANGED; /* others have gone on, or the reader has left */
	(void)epoch_retire(l);
	log2 = shape_log2(e->shape);
	while (log2 < SLOT_LOG2_MAX && !epoch_free_shape(l->ctl, log2))
		log2++;
	r = epoch_switch(l, log2);
	return r < 0 || r == LANE_SAME ? r : view_set(l, &l->put, epoch_newest(l->ctl), UINT64_MAX);
}

int lane_step_aside(struct lane *l, ipc_nsec timeout)
{
	int r = registry_lock_within(timeout);

	if (r < 0)
		return r;
	r = side_hold(l, SIDE_PUT, false) ? step_aside(l) : LANE_CHANGED;
	registry_unlock();
	return r;
}

/* ---- what a get needs ---------------------------------------------------------------------- */

/* While an array is being given back, who gets comes by for the next step so often. */
#define RETIRE_EVERY 2048

static int refresh_get(struct lane *l)
{
	uint64_t           head, most;
	struct ring_epoch *e;

	/* readers must not wait for the next writer to do that; without memory it stays as it is */
	if ((load_acquire(&l->ctl->tail) & RING_SWITCHING) && side_hold(l, SIDE_PUT, true))
		(void)complete_switch(l);
	if (damaged(l->ctl))
		return refuse_damaged();
	/* first: other readers move the head meanwhile, and may drain what was looked up */
	most = epoch_retire(l) ? RETIRE_EVERY : RING_POS_MASK;
	head = ring_head(l->ctl);
	e = epoch_of(l->ctl, head);
	if (!e)
		return refuse_damaged();
	if (view_set(l, &l->get, e, head + most) < 0)
		return -ENOMEM;
	/* beyond what is real nothing can have been put */
	return head - e->from < l->get.v.until - e->from ? LANE_CHANGED : LANE_SAME;
}

int lane_refresh_get(struct lane *l, ipc_nsec timeout)
{
	int r = registry_lock_within(timeout);

	if (r < 0)
		return r;
	r = refresh_get(l);
	registry_unlock();
	return r;
}
