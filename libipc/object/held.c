/*
 * held.c - blocks of messages that a process held in place and will never finish
 *
 * When an end goes, because its process closed its last handle, left, or died: with it
 * go the messages that were reserved through it, or taken. By name of the process, since
 * any thread may have them, and some of those threads may be gone.
 *
 * A block gets such a name after the end said in_place, and the end goes only after this:
 * who dies while it sweeps leaves the end, and whoever sweeps next finds the rest. What
 * was taken is counted before the first block is swept, and the end says so in the same
 * breath (runtime/journal.h): so it is counted once.
 */

#include "object/heap.h"
#include "object/ledger.h"
#include "runtime/domain.h"
#include "runtime/end.h"
#include "runtime/journal.h"

/*
 * Tasks that it owes come back. What it had got and owes no more it has finished, though it
 * may have been killed before it said so.
 */
static void count_owed(struct memory *m, struct object_rec *o, struct end_rec *e)
{
	uint64_t n = heap_owned(m, 0, BLOCK_OWED | e->process);

	journal_set(&o->requeued, o->requeued + n);
	if (e->in.messages >= n)
		journal_set(&e->in.tasks_done, e->in.messages - n);
}

static void give_back(struct memory *m, struct object_rec *o, const struct end_rec *e)
{
	heap_reassign(m, 0, BLOCK_OWED | e->process, BLOCK_RETURNED);
	store_release(&o->returned, heap_owned(m, 0, BLOCK_RETURNED));
}

/* Who closes is not dead, and has what it took. */
static void count(struct memory *m, unsigned n, struct object_rec *o, struct end_rec *e)
{
	for (unsigned ring = 0; ring < n && e->process != the_domain.self; ring++)
		if (e->rights & RIGHT_RECV(ring))
			journal_set(
				&o->ring[ring].taken_by_dead,
				o->ring[ring].taken_by_dead +
					heap_owned(m, ring, BLOCK_HELD | BLOCK_TAKEN | e->process));
	if (o->flags & OBJECT_REQUEUE)
		count_owed(m, o, e);
	journal_set(&e->in_place, IN_PLACE_COUNTED);
	journal_commit();
}

static void sweep(struct memory *m, unsigned ring, const struct end_rec *e)
{
	if (e->rights & RIGHT_SEND(ring))
		(void)heap_sweep(m, ring, BLOCK_HELD | e->process);
	if (e->rights & RIGHT_RECV(ring))
		(void)heap_sweep(m, ring, BLOCK_HELD | BLOCK_TAKEN | e->process);
}

static bool end_sweep(struct object_rec *o, struct end_rec *e)
{
	unsigned      n = o->kind == KIND_PIPE && !(o->flags & OBJECT_SIMPLEX) ? 2 : 1;
	struct memory m = {0};
	bool          all = true;
	int           r = memory_open(&m, ref_index(e->object), n);

	if (r < 0)
		return memory_is_gone(r); /* and the blocks with it; else later */
	for (unsigned ring = 0; ring < n; ring++)
		all = all && heap_reachable(&m, ring);
	if (all && e->in_place != IN_PLACE_COUNTED)
		count(&m, n, o, e);
	for (unsigned ring = 0; ring < n && all; ring++)
		sweep(&m, ring, e);
	if (all && (o->flags & OBJECT_REQUEUE))
		give_back(&m, o, e);
	memory_close(&m);
	return all;
}

__attribute__((constructor)) static void provide(void)
{
	end_held_sweep = end_sweep;
}
