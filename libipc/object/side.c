/* side.c - who may claim on a side of a ring: deciding it */

#include "object/side.h"

#include <sched.h>
#include <sys/single_threaded.h>

#include "object/channel.h"
#include "object/epoch.h"
#include "object/fast.h"
#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/thread.h"

static uint64_t *position(struct ring_ctl *c, enum side side)
{
	return side == SIDE_PUT ? &c->tail : &c->head;
}

/* Nobody is to be waited for who once had this word. */
static bool owner_gone(uint64_t owner)
{
	return owner == SIDE_NOBODY ||
	       (owner != SIDE_SHARED && !(owner & SIDE_CHANGING) && !thread_find(owner));
}

/* Can it belong to one thread now? */
static bool can_be_owned(struct lane *l, enum side side)
{
	if (object_at(l->memory->object)->flags & OBJECT_REQUEUE)
		return false; /* the fast paths know nothing of blocks */
	if (side == SIDE_PUT)
		return !(load_acquire(&l->ctl->tail) & RING_SHUT);
	return !epoch_readers_inside(l);
}

/* What an owner read is free by the head alone: make it free by its turns. */
static void unmerge(struct lane *l)
{
	struct ring_ctl   *c = l->ctl;
	struct ring_epoch *e = epoch_newest(c);
	uint64_t           head = ring_head(c), pos = e ? e->from : head;

	if (!load_acquire(&c->merged))
		return;
	if (e && (int64_t)(head - pos) > (int64_t)epoch_slots(e))
		pos = head - epoch_slots(e);
	for (; e && (int64_t)(head - pos) > 0; pos++) {
		struct slot *s = epoch_slot(l, e, pos);
		uint64_t     turn = 2 * pos + 1;

		if (s) /* fails if a writer has filled it again, which is as good */
			(void)compare_swap(&s->turn, &turn, 2 * pos + 2);
	}
	store_release(&c->merged, UINT64_C(0));
}

static bool is_mine(uint64_t owner)
{
	return thread_rec_self && owner == thread_rec_self->self;
}

/*
 * What it read last, the owner may have claimed and not said so yet: between a claim and
 * the store that says so it can be preempted, and killed later. While the side is its own
 * there is no doubt, nobody else could; from here on there would be. So it is said for it,
 * by that claim's name: the thread may be in its next claim when this arrives.
 */
static void vouch(const struct lane *l, ref owner)
{
	struct thread_rec *t = thread_find(owner);
	uint64_t           pos = ring_head(l->ctl) - 1, unknown = 0, ring;
	ref                object;

	if (!t || pos == NO_POS || load_acquire(&t->intent.pos) != pos)
		return;
	ring = load_relaxed(&t->intent.ring);
	object = load_relaxed(&t->intent.object);
	fence_acquire(); /* both before the second look at pos */
	if (ring == ((uint64_t)l->memory->object << 8 | (uint64_t)l->ring << 4 | INTENT_GET |
		     INTENT_OWNED) &&
	    object == lane_object(l) && load_relaxed(&t->intent.pos) == pos)
		(void)compare_swap(&t->intent.claimed, &unknown,
				   ring_claim_name(ring, object, pos));
}

static void give(struct lane *l, enum side side, uint64_t owner)
{
	if (side == SIDE_GET && is_mine(owner))
		store_release(&l->ctl->merged, UINT64_C(1)); /* all that was claimed is released */
	else if (side == SIDE_GET)
		unmerge(l);
	store_release(side_owner(l->ctl, side), owner);
}

/* They can again, with another tag. */
static void thaw(struct ring_ctl *c, enum side side)
{
	uint64_t *word = position(c, side), was = load_acquire(word);
	/* the tail's is of epoch_gen; get_gen may have gone a whole round of tags since the last */
	uint64_t tag = side == SIDE_PUT ? c->epoch_gen << RING_TAG_SHIFT
					: was + (UINT64_C(1) << RING_TAG_SHIFT);

	/* a loop only for RING_SHUT, which may be set at any time */
	while (!compare_swap(word, &was,
			     (was & (RING_POS_MASK | RING_SHUT)) | (tag & RING_TAG_MASK)))
		;
}

/*
 * Make it @to: this thread's, if that can be, or shared, or nobody's, which it stays
 * for as long as the registry is locked. Killed in between, the word says CHANGING, and
 * whose it was, or the position SWITCHING, and the next who comes does all of it again.
 * Half an epoch switch (object/epoch.c) is completed by it: an entry that is there counts
 * from now on, since the generation is raised; one that is not never was.
 */
static void change(struct lane *l, enum side side, uint64_t to)
{
	struct ring_ctl *c = l->ctl;
	uint64_t        *owner = side_owner(c, side);
	ref              was = side_whose(load_acquire(owner));

	store_release(owner, SIDE_CHANGING | was);
	fetch_or(position(c, side), RING_SWITCHING); /* from here on no claim succeeds */
	if (to == SIDE_SHARED && !owner_gone(was))
		store_relaxed(&c->changes, c->changes + 1);
	if (side == SIDE_GET)
		vouch(l, was);
	give(l, side, is_mine(to) && !can_be_owned(l, side) ? SIDE_SHARED : to);
	store_release(side_gen(c, side), *side_gen(c, side) + 1);
	thaw(c, side);
}

bool side_hold(struct lane *l, enum side side, bool force)
{
	uint64_t owner = load_acquire(side_owner(l->ctl, side));

	if (owner == SIDE_SHARED || is_mine(owner))
		return true;
	if (!force && !owner_gone(owner))
		return false;
	change(l, side, SIDE_NOBODY);
	return true;
}

int side_settle(struct lane *l, enum side side, ipc_nsec timeout)
{
	uint64_t owner;
	int      r = registry_lock_within(timeout);

	if (r < 0)
		return r;
	owner = load_acquire(side_owner(l->ctl, side));
	if ((owner != SIDE_SHARED && !is_mine(owner)) ||
	    (load_acquire(position(l->ctl, side)) & RING_SWITCHING)) /* who changed it died */
		change(l, side,
		       owner_gone(owner) || is_mine(owner) ? thread_rec_self->self : SIDE_SHARED);
	registry_unlock();
	return 0;
}

/* Is @t in the midst of a claim, or has it yet to count what it claimed, in this ring? */
static bool in_midst(const struct lane *l, const struct thread_rec *t)
{
	uint64_t here = (uint64_t)l->memory->object << 4 | l->ring;

	return load_acquire(&t->intent.pos) != NO_POS &&
	       load_relaxed(&t->intent.ring) >> 4 == here &&
	       load_relaxed(&t->intent.object) == lane_object(l) &&
	       load_acquire(&t->intent.before) != INTENT_COUNTED;
}

void side_await_siblings(struct lane *l, enum side side, uint64_t gen)
{
	for (uint64_t i = 0; i < table_used(TABLE_THREADS) && !__libc_single_threaded; i++) {
		const struct thread_rec *t = thread_at(i);

		while (t && t != thread_rec_self &&
		       life_state(load_acquire(&t->life)) == LIFE_LIVE &&
		       load_relaxed(&t->process) == the_domain.self && in_midst(l, t))
			(void)sched_yield();
	}
	store_relaxed(&l->gen_seen[side], gen);
}

void side_ask(struct channel *c, unsigned ring, enum side side)
{
	struct lane     *l = &c->lane[ring];
	struct side_use *u = side == SIDE_PUT ? &l->put_use : &l->get_use;

	store_relaxed(&u->streak, UINT64_C(0)); /* should it not be had, not at each message */
	if (registry_lock_within(IPC_NOW) < 0)
		return;
	if (load_acquire(side_owner(l->ctl, side)) == SIDE_SHARED && can_be_owned(l, side))
		change(l, side, thread_rec_self->self);
	registry_unlock();
}
