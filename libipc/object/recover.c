/*
 * recover.c - close what a dead thread had begun in a ring
 *
 * Its intent says which position it was about to claim, if it came to that. The
 * ring says whether somebody did claim it, and whether that one finished:
 *
 *     put, tail beyond it, slot not published   close the slot, marked abandoned
 *     get, head beyond it, slot not released    the message went with the dead
 *     anything else                             it lost the claim, or had finished
 *
 * If other threads name the same position, one claimed it and the others lost. It says so
 * with its next store. If none has, a living one will say so or move on, and then it is
 * clear; until then the dead process stays DYING and somebody asks again.
 *
 * Runs under the registry lock and may die itself. What the death costs is counted first,
 * all of it as one, and so is that it was (runtime/journal.h, intent.counted). Then blocks
 * are swept and the slot is closed, which whoever comes next does again, as long as the
 * intent names the position; last, it names none.
 */

#include <limits.h>

#include "base/atomic.h"
#include "object/channel.h"
#include "object/heap.h"
#include "object/ledger.h"
#include "object/side.h"
#include "ring/event.h"
#include "runtime/domain.h"
#include "runtime/journal.h"
#include "runtime/parcel.h"
#include "runtime/process.h"
#include "runtime/recover.h"
#include "runtime/thread.h"

static bool names_it(const struct thread_rec *t, const struct thread_rec *dead)
{
	return load_acquire(&t->intent.pos) == dead->intent.pos &&
	       (load_relaxed(&t->intent.ring) | INTENT_OWNED) ==
		       (dead->intent.ring | INTENT_OWNED) &&
	       load_relaxed(&t->intent.object) == dead->intent.object;
}

/*
 * The kernel is asked, and not the record: one that is dead and not yet known to be would keep
 * the first that is cleaned up after waiting for the second, and nobody might come by again.
 */
static bool may_yet_tell(const struct thread_rec *t)
{
	return !process_is_dead(t->process);
}

/*
 * Who of those that name the position has claimed it? One that has says so with its next
 * store. OPEN: a living thread names it, which will say so or move on. Of several dead ones
 * that say nothing any may be taken for it: it was killed before it counted, and what is to
 * be counted of it is the same.
 */
enum claimant { CLAIMANT_NONE, CLAIMANT_OPEN, CLAIMANT_OTHER };

static enum claimant other_claimant(const struct thread_rec *dead)
{
	enum claimant found = CLAIMANT_NONE;

	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		const struct thread_rec *t = thread_at(i);

		if (t == dead || life_state(load_acquire(&t->life)) != LIFE_LIVE ||
		    !names_it(t, dead))
			continue;
		/* it must name the same still, or what it claimed is another */
		if (ring_claim_said(&t->intent) && names_it(t, dead))
			return CLAIMANT_OTHER;
		if (t->process != dead->process && may_yet_tell(t))
			found = CLAIMANT_OPEN;
	}
	return found;
}

/* What becomes of a claim, and what is to be counted of it. */
struct claim {
	struct lane       *lane;
	struct thread_rec *dead;
	struct object_rec *o;
	bool               put, owned;
	bool               comes_back; /* what it got is owed by its process: object/ledger.h */
	struct slot       *slot;       /* to be closed, or released; NULL: it needs neither */
	uint64_t           block;      /* owner word of the block of its payload; 0: none */
	bool               came_true;  /* it is a put, or a get, and perhaps not counted as one */
	uint64_t           abandoned, taken; /* by its death, not counting what is in its name */
	bool               parcel;           /* a handle may be in its message: runtime/parcel.h */
};

/* The end of the dead process that has one of these rights. */
static struct end_rec *end_with(const struct object_rec *o, ref process, uint32_t rights)
{
	uint64_t n = table_used(TABLE_ENDS);

	for (uint64_t at = o->first_end; at && n; n--) {
		struct end_rec *e = end_at(at - 1);

		if (!e)
			break;
		if (e->process == process && (e->rights & rights) && !e->carrier)
			return e;
		at = e->next;
	}
	return NULL;
}

/* The end through which it was to put or get, if it is still there. */
static struct flow *flow_of(const struct object_rec *o, ref process, unsigned ring, bool put)
{
	struct end_rec *e = end_with(o, process, put ? RIGHT_SEND(ring) : RIGHT_RECV(ring));

	return e ? put ? &e->out : &e->in : NULL;
}

/*
 * Was it the dead who claimed the position it names? Its own word, or that of who took the side
 * from it (side.c), or nobody else could.
 */
static bool claimed_it(const struct claim *c)
{
	uint64_t owner = load_acquire(side_owner(c->lane->ctl, c->put ? SIDE_PUT : SIDE_GET));

	return ring_claim_said(&c->dead->intent) || side_whose(owner) == c->dead->self;
}

/* What a block is called that the dead thread has taken and not let go. */
static uint64_t in_its_name(const struct claim *c)
{
	return BLOCK_TAKEN | thread_ref(c->dead);
}

/* ---- what it was ------------------------------------------------------------------- */

/* It may have taken a message with a handle and not opened that. False: or somebody else has. */
static bool judge_parcel(struct claim *c)
{
	enum claimant by;

	c->parcel = load_relaxed(&the_domain.hdr->n_parcels) != 0;
	if (!c->parcel || claimed_it(c))
		return true;
	by = other_claimant(c->dead);
	c->parcel = by == CLAIMANT_NONE;
	return by != CLAIMANT_OPEN;
}

/* The owner of the reading side: its claim released the slot. Did it finish? */
static bool judge_owned_get(struct claim *c)
{
	const struct intent_rec *i = &c->dead->intent;
	enum claimant            by;
	uint64_t                 n;

	if (i->before == INTENT_COUNTED)
		return true;
	by = claimed_it(c) ? CLAIMANT_NONE : other_claimant(c->dead);
	if (by != CLAIMANT_NONE)
		return by == CLAIMANT_OTHER;
	/* a block not yet in its name, if that is where the payload is */
	c->block = BLOCK_QUEUED | i->pos;
	n = heap_owned(c->lane->memory, c->lane->ring, c->block);
	c->came_true = n || claimed_it(c);
	c->taken = n;
	return true;
}

/* A reader among others: it claimed, and did not release the slot. */
static void judge_get(struct claim *c)
{
	bool heap = c->slot->flags & SLOT_HEAP, lost = !(c->slot->flags & SLOT_ABANDONED);

	c->came_true = lost;
	c->block = heap ? BLOCK_QUEUED | c->dead->intent.pos : 0;
	/* a large one may be in the name of the dead already, and is counted as such */
	c->taken = heap ? heap_owned(c->lane->memory, c->lane->ring, c->block) : lost;
}

/* False: it cannot be told yet, for the living, or for lack of memory. */
static bool judge(struct claim *c)
{
	struct lane  *l = c->lane;
	uint64_t      pos = c->dead->intent.pos, turn;
	enum claimant by;
	struct slot  *s;

	/* acquire, so that the intents of all who claimed up to there are seen */
	if (pos == RING_NO_POS && c->comes_back && !c->put)
		c->came_true = heap_owned(l->memory, l->ring, in_its_name(c)) > 0;
	if (pos == RING_NO_POS ||
	    (c->put ? load_acquire(&l->ctl->tail) & RING_POS_MASK : ring_head(l->ctl)) <= pos)
		return true;
	if (!c->put && !judge_parcel(c))
		return false;
	if (!c->put && c->owned)
		return judge_owned_get(c);
	s = lane_slot(l, pos);
	if (!s && lane_has_slot(l, pos))
		return false; /* it is there, and could not be mapped */
	turn = s ? load_acquire(&s->turn) : 0;
	if (c->put && (!s || ring_head(l->ctl) > pos || turn > 2 * pos)) {
		c->came_true = claimed_it(c); /* published, and perhaps taken since */
		return true;
	}
	if (!s || (!c->put && (turn != 2 * pos + 1 || load_acquire(&l->ctl->merged))))
		return true; /* released; or its array is gone, or merged, which need that */
	by = claimed_it(c) ? CLAIMANT_NONE : other_claimant(c->dead);
	if (by != CLAIMANT_NONE)
		return by == CLAIMANT_OTHER;
	if (load_acquire(&s->turn) != turn)
		return true; /* it was another's, who has finished and gone on meanwhile */
	c->slot = s;
	if (!c->put) {
		judge_get(c);
		return true;
	}
	c->block = BLOCK_QUEUED | pos;
	c->abandoned = 1;
	c->parcel = true;
	return true;
}

/* ---- counting it ---------------------------------------------------------------------- */

/*
 * It claimed and went no further than to count: have it counted. Exact where nobody else
 * counts there: a process with one thread, or the side was its own. Else another thread
 * may have counted since, and a kill in the one instruction between count and mark makes
 * the count one too high: a joiner is told of a failure then, rather than left to wait
 * for ever.
 */
static void count_message(const struct claim *c)
{
	struct intent_rec *i = &c->dead->intent;
	struct flow       *flow = flow_of(c->o, c->dead->process, c->lane->ring, c->put);
	bool mine = load_acquire(side_owner(c->lane->ctl, c->put ? SIDE_PUT : SIDE_GET)) ==
		    c->dead->self;

	if (!flow || i->before == INTENT_COUNTED)
		return;
	if (mine || threads_count(c->dead->process) <= 1) {
		journal_set(&flow->messages, i->before + 1);
		journal_set(&flow->bytes, i->bytes + i->len);
	} else {
		journal_set(&flow->messages, flow->messages + 1);
		journal_set(&flow->bytes, flow->bytes + i->len);
	}
}

static void count(const struct claim *c)
{
	struct ring_ctl   *ctl = c->lane->ctl;
	struct intent_rec *i = &c->dead->intent;
	uint64_t taken = c->taken + heap_owned(c->lane->memory, c->lane->ring, in_its_name(c));

	if (i->counted)
		return;
	if (c->came_true)
		count_message(c);
	journal_set(&ctl->abandoned, ctl->abandoned + c->abandoned);
	if (!c->comes_back)
		journal_set(&ctl->taken_by_dead, ctl->taken_by_dead + taken);
	journal_set(&i->before, INTENT_COUNTED);
	journal_set(&i->counted, 1);
	journal_commit();
}

/* ---- and the rest, which may be done twice ----------------------------------------------- */

static void abandon(struct lane *l, struct slot *s, uint64_t pos)
{
	s->len = 0;
	s->flags = SLOT_ABANDONED;
	ring_publish(s, pos);
	event_wake(&l->ctl->readers, 1);
}

static void release(struct lane *l, struct slot *s, uint64_t pos)
{
	uint64_t turn = 2 * pos + 1;

	(void)compare_swap(&s->turn, &turn, 2 * pos + 2);
	event_wake(&l->ctl->writers, INT_MAX); /* some wait for a slot, others for memory */
}

static void settle(const struct claim *c)
{
	struct lane       *l = c->lane;
	struct intent_rec *i = &c->dead->intent;

	if (c->parcel)
		parcel_lost(lane_object(l), l->ring, i->pos);
	if (c->comes_back && !c->put && c->block)
		heap_reassign(l->memory, l->ring, c->block, BLOCK_OWED | c->dead->process);
	if (c->comes_back)
		heap_reassign(l->memory, l->ring, in_its_name(c), BLOCK_OWED | c->dead->process);
	if (c->block)
		(void)heap_sweep(l->memory, l->ring, c->block);
	(void)heap_sweep(l->memory, l->ring, thread_ref(c->dead));
	(void)heap_sweep(l->memory, l->ring, in_its_name(c));
	if (c->slot && c->put)
		abandon(l, c->slot, i->pos);
	else if (c->slot)
		release(l, c->slot, i->pos);
	(void)heap_recount(l->memory, l->ring, l->ctl);
	store_release(&i->pos, RING_NO_POS);
	store_release(&i->counted, UINT64_C(0));
}

static bool recover_in(struct memory *m, struct thread_rec *dead, struct object_rec *o)
{
	unsigned     ring = (unsigned)(dead->intent.ring >> 4 & 0xf);
	struct lane  l = {.ctl = &o->ring[ring], .memory = m, .ring = ring};
	struct claim c = {.lane = &l,
			  .dead = dead,
			  .o = o,
			  .put = dead->intent.ring & INTENT_PUT,
			  .owned = dead->intent.ring & INTENT_OWNED,
			  .comes_back = o->flags & OBJECT_REQUEUE};

	if (!heap_reachable(m, ring) || !judge(&c))
		return false;
	count(&c);
	settle(&c);
	return true;
}

static bool channel_recover_claim(struct thread_rec *dead)
{
	uint32_t           object = ref_index(dead->intent.object);
	unsigned           ring = (unsigned)(dead->intent.ring >> 4 & 0xf);
	struct object_rec *o = dead->intent.object ? object_at(object) : NULL;
	struct memory      m = {0};
	bool               done;
	int                r;

	if (!o || o->life != life_make(ref_gen(dead->intent.object), LIFE_LIVE) ||
	    ring >= MEMORY_RINGS)
		return true;
	/* killed between the stores of its name: it has begun nothing, and the ring may not be */
	if (dead->intent.ring >> 8 != object)
		return true;
	r = memory_open(&m, object, ring + 1);
	if (r < 0) /* gone: nobody can use that ring any more; else it can be had later */
		return memory_is_gone(r);
	done = recover_in(&m, dead, o);
	memory_close(&m);
	return done;
}

__attribute__((constructor)) static void provide(void)
{
	recover_claim = channel_recover_claim;
}
