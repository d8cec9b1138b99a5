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
 * If a living thread names the same position, one of the two claimed it and the
 * other lost; the living one will move on, and then it is clear. Until then the
 * dead process stays DYING and somebody asks again.
 *
 * Runs under the registry lock and may die itself: what it does is decided by the
 * slot's turn and the blocks' owner words alone, and the turn is written last.
 */

#include <string.h>

#include "base/atomic.h"
#include "object/channel.h"
#include "object/heap.h"
#include "ring/event.h"
#include "runtime/domain.h"
#include "runtime/recover.h"
#include "runtime/thread.h"

/* Does a thread of a living process name the same position? */
static bool others_name_it(const struct thread_rec *dead)
{
	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		const struct thread_rec  *t = thread_at(i);
		const struct process_rec *p;

		if (t == dead || life_state(load_acquire(&t->life)) != LIFE_LIVE ||
		    t->process == dead->process ||
		    load_acquire(&t->intent.pos) != dead->intent.pos ||
		    load_relaxed(&t->intent.ring) != dead->intent.ring ||
		    load_relaxed(&t->intent.object) != dead->intent.object)
			continue;
		p = process_at(ref_index(t->process));
		if (p && life_state(load_acquire(&p->life)) == LIFE_LIVE)
			return true;
	}
	return false;
}

static void abandon(struct lane *l, struct slot *s, uint64_t pos)
{
	heap_sweep(l->memory, l->ring, BLOCK_QUEUED | pos);
	s->len = 0;
	s->flags = SLOT_ABANDONED;
	fetch_add(&l->ctl->abandoned, UINT64_C(1));
	ring_publish(s, pos);
	event_wake(&l->ctl->readers, 1);
}

/* The end through which the dead process received from this ring. */
static struct end_rec *receiving_end(const struct object_rec *o, ref process, unsigned ring)
{
	uint64_t n = table_used(TABLE_ENDS);

	for (uint64_t at = o->first_end; at && n; n--) {
		struct end_rec *e = end_at(at - 1);

		if (!e)
			break;
		if (e->process == process && (e->rights & RIGHT_RECV(ring)))
			return e;
		at = e->next;
	}
	return NULL;
}

/*
 * Had it come to counting the message? Exact for a process with one thread. With
 * more, another may have counted since, and a kill in the one instruction between
 * count and mark makes the count one too high: a joiner is told of a failure then,
 * rather than left to wait for ever.
 */
static bool counted(const struct thread_rec *dead, const struct end_rec *e)
{
	if (dead->intent.before == INTENT_COUNTED)
		return true;
	return threads_count(dead->process) == 1 && e->in.messages != dead->intent.before;
}

static void release_taken(struct lane *l, struct slot *s, const struct thread_rec *dead,
			  const struct object_rec *o)
{
	uint64_t        pos = dead->intent.pos, name, queued = BLOCK_QUEUED | pos;
	struct end_rec *e = receiving_end(o, dead->process, l->ring);
	struct block    b;

	if (s->flags & SLOT_HEAP) {
		memcpy(&name, s->inline_data, sizeof(name));
		if (heap_find(l->memory, l->ring, name, &b) == 0)
			(void)compare_swap(b.owner, &queued, BLOCK_FREE);
	}
	if (!(s->flags & SLOT_ABANDONED)) {
		fetch_add(&l->ctl->taken_by_dead, UINT64_C(1));
		if (e && !counted(dead, e)) {
			e->in.messages++;
			e->in.bytes += s->len;
		}
	}
	ring_release(s, pos);
	event_wake(&l->ctl->writers, 1);
}

static bool recover_in(struct lane *l, const struct thread_rec *dead, const struct object_rec *o)
{
	uint64_t     pos = dead->intent.pos;
	bool         put = (dead->intent.ring & 0xf) == INTENT_PUT;
	struct slot *s;
	uint64_t     turn;

	if (pos == UINT64_MAX)
		return true;
	/* acquire, so that the intents of all who claimed up to there are seen */
	if ((put ? load_acquire(&l->ctl->tail) & RING_POS_MASK : load_acquire(&l->ctl->head)) <=
	    pos)
		return true;
	if (put && load_acquire(&l->ctl->head) > pos)
		return true; /* published, and taken since */
	s = lane_slot(l, pos);
	turn = s ? load_acquire(&s->turn) : 0;
	if (!s || (put ? turn > 2 * pos : turn != 2 * pos + 1))
		return true; /* published; released; or its array is gone, which needs both */
	if (others_name_it(dead))
		return false;
	if (put)
		abandon(l, s, pos);
	else
		release_taken(l, s, dead, o);
	return true;
}

static bool channel_recover_claim(struct thread_rec *dead)
{
	uint32_t           object = ref_index(dead->intent.object);
	unsigned           ring = (unsigned)(dead->intent.ring >> 4 & 0xf);
	struct object_rec *o = dead->intent.object ? object_at(object) : NULL;
	struct memory      m = {0};
	struct lane        l = {.memory = &m, .ring = ring};
	bool               done;

	if (!o || o->life != life_make(ref_gen(dead->intent.object), LIFE_LIVE) ||
	    ring >= MEMORY_RINGS)
		return true;
	if (memory_open(&m, object, ring + 1) < 0)
		return true; /* its file is gone or damaged: nobody can use that ring any more */
	l.ctl = &o->ring[ring];
	done = recover_in(&l, dead, o);
	if (done) {
		heap_sweep(&m, ring, thread_ref(dead));
		store_release(&l.ctl->heap_bytes, heap_in_use(&m, ring));
		store_release(&dead->intent.pos, UINT64_MAX);
	}
	memory_close(&m);
	return done;
}

__attribute__((constructor)) static void provide(void)
{
	recover_claim = channel_recover_claim;
}
