/* parcel.c - ends that travel in messages; see parcel.h */

#include "runtime/parcel.h"

#include <errno.h>

#include "base/atomic.h"
#include "runtime/domain.h"
#include "runtime/end.h"
#include "runtime/lock.h"

/* A way from message to message longer than this is taken for one that leads to somebody. */
#define WAY_MAX 16

static bool is_parcel(const struct end_rec *e)
{
	return e && life_state(load_acquire(&e->life)) == LIFE_LIVE && e->carrier;
}

struct end_rec *parcel_at(ref parcel, ref carrier)
{
	struct end_rec *e = parcel ? end_at(ref_index(parcel)) : NULL;

	return is_parcel(e) && life_gen(e->life) == ref_gen(parcel) && e->carrier == carrier ? e
											     : NULL;
}

int parcel_make(const struct handle *what, ref carrier, ipc_nsec timeout, ref *ret)
{
	uint32_t end;
	int      r = registry_lock_within(timeout);

	if (r < 0)
		return timeout == IPC_NOW ? -EAGAIN : r;
	r = end_open_parcel(what->object, the_domain.self, what->rights, carrier, &end);
	if (r == 0)
		*ret = ref_make(life_gen(end_at(end)->life), end);
	registry_unlock();
	return r;
}

static uint64_t carried_at(unsigned ring, uint64_t pos)
{
	return pos << CARRIED_POS_SHIFT | (uint64_t)ring << CARRIED_RING_SHIFT | CARRIED;
}

void parcel_load(ref parcel, unsigned ring, uint64_t pos)
{
	store_release(&end_at(ref_index(parcel))->carried, carried_at(ring, pos));
}

enum object_kind parcel_kind(ref parcel, ref carrier)
{
	enum object_kind      kind = KIND_NONE;
	const struct end_rec *e;

	registry_lock();
	e = parcel_at(parcel, carrier);
	if (e)
		kind = (enum object_kind)object_at(ref_index(e->object))->kind;
	registry_unlock();
	return kind;
}

void parcel_drop(ref parcel, ref carrier)
{
	registry_lock();
	if (parcel_at(parcel, carrier))
		(void)end_remove(ref_index(parcel));
	registry_unlock();
}

void parcel_lost(ref carrier, unsigned ring, uint64_t pos)
{
	if (!load_relaxed(&the_domain.hdr->n_parcels))
		return;
	for (uint64_t i = 0; i < table_used(TABLE_ENDS); i++) {
		const struct end_rec *e = end_at(i);

		if (is_parcel(e) && e->carrier == carrier && e->carried == carried_at(ring, pos))
			(void)end_remove((uint32_t)i);
	}
}

bool parcel_outlives_sender(uint32_t end)
{
	struct end_rec *e = end_at(end);

	/* not published: its slot was closed by now, and this with it */
	if (!is_parcel(e) || !e->carried)
		return false;
	store_release(&e->process, (ref)0);
	return true;
}

/* ---- who could receive it ------------------------------------------------------ */

struct way {
	uint32_t object[WAY_MAX];
	unsigned n;
};

static bool on_the_way(const struct way *w, uint32_t object)
{
	for (unsigned i = 0; i < w->n; i++)
		if (w->object[i] == object)
			return true;
	return false;
}

static struct object_rec *object_of(ref r)
{
	struct object_rec *o = r ? object_at(ref_index(r)) : NULL;

	return o && life_gen(o->life) == ref_gen(r) && life_state(o->life) != LIFE_FREE ? o : NULL;
}

/*
 * Can anybody come to have a handle to @id: by name, because he has one, or out of a message
 * of something that can be had?
 */
static bool can_be_had(ref id, struct way *w)
{
	const struct object_rec *o = object_of(id);
	uint64_t                 n = table_used(TABLE_ENDS);
	bool                     had;

	if (!o || on_the_way(w, ref_index(id)))
		return false;
	had = object_can_be_opened(o) || w->n == WAY_MAX;
	if (!had)
		w->object[w->n++] = ref_index(id);
	for (uint64_t at = o->first_end; at && n && !had; n--) {
		const struct end_rec *e = end_at(at - 1);

		if (!e)
			break;
		had = !e->carrier || can_be_had(e->carrier, w);
		at = e->next;
	}
	return had;
}

/* Has it a message, and is nobody left with the right to receive that? */
static bool receivers_gone(const struct object_rec *carrier, const struct end_rec *e)
{
	unsigned ring = e->carried >> CARRIED_RING_SHIFT & 1;

	return e->carried && carrier->kind == KIND_PIPE && carrier->holders[2 * ring + 1] == 0;
}

static bool is_stray(const struct end_rec *e)
{
	const struct object_rec *carrier = object_of(e->carrier);
	struct way               w = {.n = 0};

	return !carrier || receivers_gone(carrier, e) || !can_be_had(e->carrier, &w);
}

void parcels_sweep(void)
{
	static bool sweeping; /* removing one may make others strays: end_remove() calls this */
	bool        found = true;

	if (sweeping)
		return;
	sweeping = true;
	while (found && load_relaxed(&the_domain.hdr->n_parcels)) {
		found = false;
		for (uint64_t i = 0; i < table_used(TABLE_ENDS); i++) {
			const struct end_rec *e = end_at(i);

			if (is_parcel(e) && is_stray(e))
				found |= end_remove((uint32_t)i);
		}
	}
	sweeping = false;
}
