/* parcel.c - ends that travel in messages; see parcel.h */

#include "runtime/parcel.h"

#include <errno.h>
#include <stdlib.h>

#include "base/atomic.h"
#include "runtime/domain.h"
#include "runtime/end.h"
#include "runtime/lock.h"

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

/* Objects that somebody can come to have a handle to, a bit each: of this process, at this sweep. */
struct reach {
	uint64_t *bits;
	uint64_t  n_ends;
};

static bool in_reach(const struct reach *r, uint32_t object)
{
	return r->bits[object / 64] >> object % 64 & 1;
}

/* True: it was not, so far. */
static bool reach_object(struct reach *r, uint32_t object)
{
	bool was = in_reach(r, object);

	r->bits[object / 64] |= UINT64_C(1) << object % 64;
	return !was;
}

static struct object_rec *object_of(ref r)
{
	struct object_rec *o = r ? object_at(ref_index(r)) : NULL;

	return o && life_gen(o->life) == ref_gen(r) && life_state(o->life) != LIFE_FREE ? o : NULL;
}

/* Has it a message, and is nobody left with the right to receive that? */
static bool receivers_gone(const struct object_rec *carrier, const struct end_rec *e)
{
	unsigned ring = e->carried >> CARRIED_RING_SHIFT & 1;

	return e->carried && carrier->kind == KIND_PIPE && carrier->holders[2 * ring + 1] == 0;
}

/* Nobody who could receive it is left, nor comes out of a message of something that can be had. */
static bool is_stray(const struct reach *r, const struct end_rec *e)
{
	const struct object_rec *carrier = object_of(e->carrier);

	return !carrier || receivers_gone(carrier, e) || !in_reach(r, ref_index(e->carrier));
}

/* By name, or because somebody has one. */
static void reach_what_is_had(struct reach *r)
{
	for (uint64_t i = 0; i < table_used(TABLE_OBJECTS); i++)
		if (object_at(i) && object_can_be_opened(object_at(i)))
			(void)reach_object(r, (uint32_t)i);
	for (uint64_t i = 0; i < r->n_ends; i++) {
		const struct end_rec *e = end_at(i);

		if (e && life_state(load_acquire(&e->life)) == LIFE_LIVE && !e->carrier &&
		    object_of(e->object))
			(void)reach_object(r, ref_index(e->object));
	}
}

/* What a handle comes to in one more step out of a message. True: that is more than before. */
static bool reach_by_parcel(struct reach *r, uint64_t i)
{
	const struct end_rec *e = end_at(i);

	return is_parcel(e) && object_of(e->object) && !is_stray(r, e) &&
	       reach_object(r, ref_index(e->object));
}

/* All of them once; true: there was one more to be had. */
static bool reach_pass(struct reach *r, bool backwards)
{
	bool more = false;

	for (uint64_t i = 0; i < r->n_ends; i++)
		more |= reach_by_parcel(r, backwards ? r->n_ends - 1 - i : i);
	return more;
}

/* To and fro: who made a chain made it in one order or the other, as a rule. */
static void reach_what_is_carried(struct reach *r)
{
	while (reach_pass(r, false) && reach_pass(r, true))
		;
}

/* Without memory nobody is told to be out of reach, until the next time. */
static bool sweep_once(void)
{
	struct reach r = {.n_ends = table_used(TABLE_ENDS)};
	bool         found = false;

	r.bits = calloc(table_used(TABLE_OBJECTS) / 64 + 1, sizeof(*r.bits));
	if (!r.bits)
		return false;
	reach_what_is_had(&r);
	reach_what_is_carried(&r);
	for (uint64_t i = 0; i < r.n_ends; i++) {
		const struct end_rec *e = end_at(i);

		if (is_parcel(e) && is_stray(&r, e))
			found |= end_remove((uint32_t)i);
	}
	free(r.bits);
	return found;
}

void parcels_sweep(void)
{
	static bool sweeping; /* removing one may make others strays: end_remove() calls this */

	if (sweeping)
		return;
	sweeping = true;
	while (load_relaxed(&the_domain.hdr->n_parcels) && sweep_once())
		;
	sweeping = false;
}
