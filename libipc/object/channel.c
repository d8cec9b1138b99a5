/* channel.c - making, opening and closing; the dead among the holders */

#include "object/channel.h"

#include <errno.h>
#include <stdlib.h>

#include "base/atomic.h"
#include "base/error.h"
#include "object/ledger.h"
#include "object/limit.h"
#include "object/side.h"
#include "object/watch.h"
#include "ring/event.h"
#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/process.h"

static struct channel *channel_new(void)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (c)
		c->tick_kind = the_domain.tick_kind;
	return c;
}

/* A queue can be put into whether or not somebody reads it now. */
static const uint32_t somebody = 1;

static void channel_lanes(struct channel *c, struct object_rec *o, unsigned n_rings)
{
	for (unsigned i = 0; i < n_rings; i++) {
		c->lane[i].ctl = &o->ring[i];
		c->lane[i].memory = &c->memory;
		c->lane[i].ring = i;
		c->lane[i].inherited_only = o->kind == KIND_PIPE;
		c->lane[i].look_at = o->kind == KIND_PIPE ? 0 : INT64_MAX;
		c->lane[i].receivers = o->kind == KIND_PIPE ? &o->holders[2 * i + 1] : &somebody;
	}
	c->has_eof = o->kind == KIND_PIPE;
	c->head_bytes = o->flags & OBJECT_REQUEUE ? sizeof(struct task_head) : 0;
	c->memory.limit = o->ring[0].memory_limit;
}

static int channel_fill(struct channel *c, uint32_t object, const struct channel_spec *spec)
{
	struct object_rec *o = object_at(object);
	uint64_t           limit = spec->memory_limit;
	int                r = spec->share && !limit ? limit_share(&limit) : 0;

	if (r == 0)
		r = memory_create(&c->memory, object, spec->n_rings);
	channel_lanes(c, o, spec->n_rings);
	for (unsigned i = 0; r >= 0 && i < spec->n_rings; i++)
		r = lane_init(&c->lane[i], spec->capacity, spec->heap_limit);
	o->ring[0].memory_limit = c->memory.limit = limit; /* of what it grows by, so last */
	if (r < 0 && c->memory.dir_map && c->memory.n_rings)
		memory_close(&c->memory);
	return r;
}

int channel_create(struct channel **ret, const struct channel_spec *spec)
{
	struct channel *c;
	uint32_t        object;
	int             r = object_make(&spec->object, &object);

	if (r < 0)
		return r;
	c = channel_new();
	r = c ? channel_fill(c, object, spec) : -ENOMEM;
	if (r < 0) {
		object_abandon(object);
		free(c);
		return r;
	}
	r = object_publish(object, &c->h, spec->rights);
	if (r < 0) {
		memory_close(&c->memory);
		free(c);
		return r;
	}
	*ret = c;
	return 0;
}

static unsigned ring_count(const struct object_rec *o)
{
	return o->kind == KIND_PIPE && !(o->flags & OBJECT_SIMPLEX) ? 2 : 1;
}

/* The handle is open: map what it is a handle to. */
static int channel_attach(struct channel **ret, struct channel *c)
{
	unsigned n = ring_count(c->h.o);
	int      r = memory_open(&c->memory, c->h.object, n);

	if (r < 0) {
		object_close(&c->h);
		free(c);
		return r;
	}
	channel_lanes(c, c->h.o, n);
	*ret = c;
	return 0;
}

int channel_open(struct channel **ret, const char *name, unsigned kinds, uint32_t rights)
{
	struct channel *c;
	int             r = domain_join();

	if (r < 0)
		return r;
	c = channel_new();
	if (!c)
		return -ENOMEM;
	r = object_open(name, kinds, &c->h, rights);
	if (r < 0) {
		free(c);
		return r;
	}
	return channel_attach(ret, c);
}

int channel_open_same(struct channel **ret, const struct channel *from, uint32_t rights)
{
	struct channel *c = channel_new();
	int             r;

	if (!c)
		return -ENOMEM;
	r = object_open_same(&from->h, &c->h, rights);
	if (r < 0) {
		free(c);
		return r;
	}
	return channel_attach(ret, c);
}

int channel_unpack(struct channel **ret, ref parcel, ref carrier)
{
	struct channel *c = channel_new();
	int             r;

	if (!c)
		return -ENOMEM;
	r = object_unpack(parcel, carrier, &c->h);
	if (r < 0) {
		free(c);
		return r;
	}
	return channel_attach(ret, c);
}

/* What a ring grew by need not stay when nobody who uses it does. */
static void trim_if_empty(struct channel *c)
{
	for (unsigned i = 0; i < c->memory.n_rings; i++)
		if (channel_queued(c, i) == 0)
			lane_trim_all(&c->lane[i]);
}

void channel_close(struct channel *c)
{
	if (!c)
		return;
	watch_close(c);
	/* a handle that was disowned says nothing of what is in its object's place by now */
	if (c->h.rights && load_acquire(&the_domain.joined)) {
		trim_if_empty(c);
		object_close(&c->h);
	}
	memory_close(&c->memory);
	free(c);
}

void channel_shutdown(struct channel *c, unsigned ring)
{
	struct lane *l = &c->lane[ring];

	registry_lock();
	(void)side_hold(l, SIDE_PUT, true);
	store_release(&l->ctl->put_owner, SIDE_SHARED); /* for good: see side.c */
	fetch_or(&l->ctl->tail, RING_SHUT);
	registry_unlock();
	object_wake_all(c->h.o);
}

uint64_t channel_queued(const struct channel *c, unsigned ring)
{
	const struct ring_ctl *ctl = c->lane[ring].ctl;
	uint64_t               head = ring_head(ctl); /* first: it never passes the tail */

	return (load_acquire(&ctl->tail) & RING_POS_MASK) - head;
}

/* ---- the dead among the holders ------------------------------------------------------------- */

/*
 * Call @fn for each process that holds a right of @need here, until it returns
 * true. Walked without the lock: an end that goes away meanwhile may lead into
 * another object's list, or to its own end; the next slice looks again.
 */
static bool each_holder(const struct channel *c, uint32_t need, bool (*fn)(ref process))
{
	uint64_t n = table_used(TABLE_ENDS);

	for (uint64_t at = load_acquire(&c->h.o->first_end); at && n; n--) {
		const struct end_rec *e = end_at(at - 1);
		ref                   process;

		if (!e)
			break;
		process = load_relaxed(&e->process);
		if (load_relaxed(&e->object) == c->h.object_ref &&
		    (load_relaxed(&e->rights) & need) && process && process != the_domain.self &&
		    fn(process))
			return true;
		at = load_acquire(&e->next);
	}
	return false;
}

/* True, so that the walk ends, if the registry is locked by somebody who does not go on. */
static bool mend_one(ref process)
{
	return process_is_dead(process) && !process_reap_ref(process);
}

/* Or somebody died while cleaning up: then the list may not tell what there is. */
bool channel_holders_lost(const struct channel *c, uint32_t need)
{
	return registry_owner_died() || each_holder(c, need, process_is_dead) ||
	       (channel_travels(c) && process_any_dead());
}

void channel_holders_mend(const struct channel *c, uint32_t need)
{
	if (registry_owner_died() && !registry_mend())
		return;
	(void)each_holder(c, need, mend_one);
	if (!channel_travels(c) || registry_lock_within(IPC_NOW) < 0)
		return;
	process_reap_all();
	registry_unlock();
}

bool channel_holders_look(const struct channel *c, uint32_t need)
{
	if (!channel_holders_lost(c, need))
		return false;
	channel_holders_mend(c, need);
	return true;
}
