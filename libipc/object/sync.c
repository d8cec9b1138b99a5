/* sync.c - what all things of ipc/sync.h have in common */

#include "object/sync.h"

#include "base/clock.h"
#include "object/count.h"
#include "runtime/object.h"
#include "runtime/process.h"

uint64_t sync_number_new(uint64_t *at)
{
	uint64_t n = fetch_add(&the_domain.hdr->n_locks, UINT64_C(1)) + 1, was = 0;

	return compare_swap(at, &was, n) ? n : was;
}

/*
 * Of a lock that has no room for a number: where it lies, so that it is the same through
 * all mappings of a process. Two locks of one thread that agree in forty bits of that
 * would be told as one; nothing rests on it.
 */
static uint64_t key_of(struct place p, uint64_t kind)
{
	return held_key(p.block * UINT64_C(0x9e3779b97f4a7c15) + p.offset / 8, kind);
}

void sync_note(struct thread_rec *t, const void *lock, uint64_t kind, uint64_t site, bool waited)
{
	struct held_rec *h = held_room(t);
	struct place     p;

	if (!h)
		return;
	p = place_of(lock);
	held_place(h, p.block, p.offset, waited ? clock_now_ns() : 0, site);
	held_set(h, key_of(p, kind) | HELD_COUNT_ONE | HELD_HAS);
}

void sync_forget(struct thread_rec *t, const void *lock, uint64_t kind)
{
	struct held_rec *h = held_find(t, key_of(place_of(lock), kind));

	if (h)
		held_clear(t, h);
}

void sync_prepare(struct wait *w, const void *lock, enum wait_op op, uint64_t arg2,
		  ipc_nsec timeout, uint64_t site)
{
	struct place p = place_of(lock);

	w->item = (struct wait_item){
		.op = op, .need = RIGHT_MAP, .object = p.block, .arg = p.offset, .arg2 = arg2};
	w->object_id = p.block;
	w->timeout = timeout;
	w->site = site;
}

/*
 * The block the lock lies in, as this process has it mapped; NULL: it is in private memory, of
 * which nobody keeps account. Asked after the wait, of what this thread looked up before it: if
 * the mappings have changed since, this one wait is not counted.
 */
static const struct handle *waited_in(const struct wait *w)
{
	const struct mapped *m = &mapped_last;

	if (!w->item.object || m->block != w->item.object || m->turn != load_acquire(&mapped_turn))
		return NULL;
	return m->by;
}

/* At the end that maps the block, as a receiver's waits are. */
static void count_wait(const struct wait *w, int r)
{
	const struct handle *by = waited_in(w);
	struct flow         *in = by ? &by->e->in : NULL;

	if (in && w->slept) {
		count_add(&in->blocks, 1);
		count_add(&in->blocked_ns, w->asleep_ns);
	}
	if (in && r == -ETIMEDOUT)
		count_add(&in->timeouts, 1);
}

static void count_woken(const struct wait *w)
{
	const struct handle *by = waited_in(w);

	if (by)
		count_vain(&by->o->vain[0][0], w->woken);
}

int sync_wait(struct wait *w, int (*try_it)(void *arg))
{
	int r = -EAGAIN, waited;

	if (w->timeout == IPC_NOW)
		return wait_glance(w) ? try_it(w->arg) : -EAGAIN;
	while (r == -EAGAIN) {
		waited = wait_more(w);
		r = try_it(w->arg);
		if (r == -EAGAIN)
			count_woken(w);
		if (r == -EAGAIN && waited < 0)
			r = waited;
	}
	wait_end(w, r);
	count_wait(w, r);
	return r;
}

bool sync_never_lost(void *arg)
{
	return false;
}

void sync_no_mend(void *arg)
{
}

/*
 * Proven dead is enough: what else it left, in a channel perhaps, may have to wait for
 * descriptors or memory that who is to clean up lacks just now.
 */
bool sync_owner_gone(ref owner)
{
	const struct thread_rec *t = owner ? thread_find(owner) : NULL;

	return owner && (!t || process_proven_dead(load_relaxed(&t->process)));
}

ref sync_process_of(ref owner)
{
	const struct thread_rec *t = thread_find(owner);

	return t ? load_relaxed(&t->process) : 0;
}
