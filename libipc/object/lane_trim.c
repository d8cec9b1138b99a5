/*
 * lane_trim.c - what a ring grew by goes back when it is empty
 *
 * In steps, so that nobody waits long for it, and by whoever gets: who sleeps for a slice
 * does all of it; who only looks, or waits for less, a step now and then. There is no thread
 * that would do it where nobody comes by.
 */

#include "object/epoch.h"
#include "object/heap.h"
#include "object/side.h"
#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/thread.h"
#include "runtime/wait.h"

/* Has it another array than at first? Without the lock: a hint. */
static bool slots_worth_trimming(const struct lane *l)
{
	unsigned n = 0;

	for (int i = 0; i < EPOCHS_MAX; i++) {
		uint64_t shape = load_relaxed(&l->ctl->epoch[i].shape);

		n += shape != 0;
		if (n > 1 || shape_log2(shape) > epoch_log2_first(l->ctl))
			return true;
	}
	return false;
}

bool lane_worth_trimming(const struct lane *l)
{
	uint64_t tail = load_relaxed(&l->ctl->tail) & RING_POS_MASK;

	return tail != load_relaxed(&l->trimmed_at) && tail == ring_head(l->ctl) &&
	       (slots_worth_trimming(l) || heap_worth_trimming(l->memory, l->ring));
}

static bool trim_slots(struct lane *l)
{
	struct ring_ctl   *c = l->ctl;
	struct ring_epoch *e;
	uint64_t           tail;
	bool               more;

	if (!slots_worth_trimming(l) || registry_lock_within(IPC_NOW) < 0)
		return false;
	e = epoch_newest(c);
	tail = load_acquire(&c->tail);
	if (e && !(tail & (RING_SHUT | RING_SWITCHING)) && (tail & RING_POS_MASK) == ring_head(c) &&
	    shape_log2(e->shape) > epoch_log2_first(c) && !l->inherited_only &&
	    side_hold(l, SIDE_PUT, true))
		(void)epoch_switch(l, epoch_log2_first(c));
	more = epoch_retire(l);
	registry_unlock();
	return more;
}

bool lane_trim(struct lane *l)
{
	uint64_t           tail = load_relaxed(&l->ctl->tail) & RING_POS_MASK;
	struct thread_rec *self;
	bool               more = trim_slots(l);

	if (load_relaxed(&l->get.v.gen) != load_relaxed(&l->ctl->epoch_gen))
		(void)lane_refresh_get(l, IPC_NOW); /* or it looks as if there were something */
	if (thread_self(&self) < 0)
		return false;
	lane_intend_heap(l, self);
	if (heap_trim(l->memory, l->ring, thread_ref(self)) || more)
		return true;
	if (load_relaxed(&l->lap_at) == tail)
		store_relaxed(&l->trimmed_at, tail); /* a whole lap, and nothing put meanwhile */
	store_relaxed(&l->lap_at, tail);
	return false;
}

void lane_trim_all(struct lane *l)
{
	while (lane_trim(l))
		;
}

/* Between two steps: where nothing is put any more; where it is only empty now and then. */
#define PACE_NS UINT64_C(4000000)
#define REST_NS WAIT_SLICE_NS

bool lane_found_empty(struct lane *l, uint64_t now_ns)
{
	uint64_t tail = load_relaxed(&l->ctl->tail) & RING_POS_MASK;
	bool     quiet = tail == load_relaxed(&l->empty_at), more;

	if (now_ns < load_relaxed(&l->trim_ns))
		return false;
	more = lane_worth_trimming(l);
	if (more) {
		(void)lane_trim(l);
		more = lane_worth_trimming(l);
	}
	store_relaxed(&l->empty_at, tail);
	store_relaxed(&l->trim_ns, now_ns + (quiet && more ? PACE_NS : REST_NS));
	return quiet && more;
}
