/* object.c - objects of the domain, and this process's handles to them */

#include "runtime/object.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/name.h"
#include "runtime/domain.h"
#include "runtime/end.h"
#include "runtime/lock.h"
#include "runtime/names.h"
#include "runtime/parcel.h"
#include "runtime/process.h"
#include "runtime/trace.h"

static struct handle *handles;

struct handle *handles_first(void)
{
	return handles;
}

static void handle_link(struct handle *h)
{
	h->next = handles;
	h->link = &handles;
	if (handles)
		handles->link = &h->next;
	handles = h;
}

static void handle_unlink(struct handle *h)
{
	*h->link = h->next;
	if (h->next)
		h->next->link = h->link;
}

static bool disowned;

bool handles_were_disowned(void)
{
	return disowned;
}

void handles_disown(void)
{
	disowned = disowned || handles;
	while (handles) {
		handles->rights = 0;
		handle_unlink(handles);
	}
}

static int handle_open(struct handle *h, uint32_t object, uint32_t rights)
{
	int r;

	store_release(&the_domain.process->handles_gen, the_domain.process->handles_gen + 1);
	r = end_open(object, the_domain.self, rights, &h->end);
	store_release(&the_domain.process->handles_gen, the_domain.process->handles_gen + 1);
	if (r < 0)
		return r;
	h->object = object;
	h->o = object_at(object);
	h->object_ref = ref_make(life_gen(h->o->life), object);
	h->rights = rights;
	h->e = end_at(h->end);
	h->hist = table_at(TABLE_HISTOGRAMS, h->end);
	handle_link(h);
	return 0;
}

/* ---- finding ---------------------------------------------------------------- */

/* Is @o one of @kinds (bits)? */
static bool of_kind(const struct object_rec *o, unsigned kinds)
{
	return o->kind < N_KINDS && (kinds & 1u << o->kind);
}

/* The object others can open as @name, whole or being made. Under the registry lock. */
static bool object_find(const char *name, uint32_t *ret)
{
	const struct object_rec *o;

	if (!names_find(name, ret))
		return false;
	o = object_at(*ret);
	if (life_state(o->life) != LIFE_MAKING || !process_is_dead(o->creator))
		return true;
	(void)process_reap(ref_index(o->creator)); /* it died making it: the name is free */
	return names_find(name, ret);
}

static int not_found(const char *name)
{
	return fail(-ENOENT, "the domain \"%s\" has no object called \"%s\"", the_domain.name,
		    name);
}

/* What every call that makes, opens or unlinks begins with. @name may be NULL if it need not be. */
static int begin(const char *name, bool needed)
{
	explain_clear();
	if (name ? name_valid(name) : !needed)
		return domain_join();
	if (!name)
		return fail(-EINVAL, "a name is needed here");
	return fail(-EINVAL,
		    "bad name \"%.80s\": a name is 1 to 63 of A-Z a-z 0-9 . _ -, and not . or ..",
		    name);
}

/* ---- making -------------------------------------------------------------------- */

static int object_alloc(const struct object_spec *spec, uint32_t *ret)
{
	struct object_rec *o;
	uint32_t           gen, taken;
	bool               named = spec->name && !spec->label_only;
	int                r;

	if (named && object_find(spec->name, &taken))
		return fail(-EEXIST, "the name \"%s\" is taken in domain \"%s\"", spec->name,
			    the_domain.name);
	r = table_alloc(TABLE_OBJECTS, ret);
	if (r < 0)
		return r;
	o = object_at(*ret);
	gen = life_gen(o->life);
	table_clear(TABLE_OBJECTS, *ret);
	memset(table_at(TABLE_PASTS, *ret), 0, sizeof(struct past_rec));
	/* before it counts as being made: who died making it is found by this */
	o->creator = the_domain.self;
	store_release(&o->life, life_make(gen, LIFE_MAKING));
	o->kind = spec->kind;
	o->flags = spec->flags | (named ? OBJECT_NAMED : 0u);
	o->size_bytes = spec->size_bytes;
	o->created_ns = clock_now_ns();
	name_copy(names_label(*ret), NAME_BYTES, spec->name ? spec->name : "");
	o->name_hash = named ? name_hash(spec->name) : 0;
	if (named)
		names_enter(*ret);
	return 0;
}

int object_make(const struct object_spec *spec, uint32_t *ret)
{
	int r = begin(spec->name, false);

	if (r < 0)
		return r;
	registry_lock();
	r = object_alloc(spec, ret);
	registry_unlock();
	return r;
}

void object_abandon(uint32_t object)
{
	registry_lock();
	object_destroy(object);
	registry_unlock();
}

int object_publish(uint32_t object, struct handle *h, uint32_t rights)
{
	struct object_rec *o = object_at(object);
	int                r;

	registry_lock();
	r = handle_open(h, object, rights);
	if (r == 0) {
		store_release(&o->life, life_make(life_gen(o->life), LIFE_LIVE));
		domain_changed();
	} else {
		object_destroy(object);
	}
	registry_unlock();
	if (r == 0)
		TRACE(object_create, h->object_ref, o->kind, names_label(object),
		      o->ring[0].capacity);
	return r;
}

/* ---- opening and closing --------------------------------------------------------- */

int object_open(const char *name, unsigned kinds, struct handle *h, uint32_t rights)
{
	struct object_rec *o;
	uint32_t           object = 0;
	int                r = begin(name, true);

	if (r < 0)
		return r;
	registry_lock();
	if (!object_find(name, &object)) {
		r = not_found(name);
	} else {
		o = object_at(object);
		if (!of_kind(o, kinds))
			r = fail(-EINVAL, "\"%s\" is an object of another kind", name);
		else if (life_state(o->life) != LIFE_LIVE)
			r = fail(-ENOENT, "\"%s\" is being made just now: try again", name);
		else if (o->flags & OBJECT_SEALED)
			r = fail(-EPERM, "\"%s\" is sealed: nobody else can open it", name);
		else
			r = handle_open(h, object, rights);
	}
	registry_unlock();
	if (r == 0)
		TRACE(object_open, h->object_ref, h->o->kind, name);
	return r;
}

int object_open_same(const struct handle *from, struct handle *h, uint32_t rights)
{
	int r;

	registry_lock();
	r = handle_open(h, from->object, rights);
	registry_unlock();
	return r;
}

int object_unpack(ref parcel, ref carrier, struct handle *h)
{
	struct end_rec *e;
	int             r = -ESTALE;

	registry_lock();
	e = parcel_at(parcel, carrier);
	if (e) {
		r = handle_open(h, ref_index(e->object), e->rights);
		(void)end_remove(ref_index(parcel));
	}
	registry_unlock();
	return r;
}

void object_close(struct handle *h)
{
	ref object = h->object_ref;

	if (!h->rights || !load_acquire(&the_domain.joined))
		return; /* after this process left, or disowned: there is no end to close */
	registry_lock();
	handle_unlink(h);
	store_release(&the_domain.process->handles_gen, the_domain.process->handles_gen + 1);
	end_close(h->end);
	store_release(&the_domain.process->handles_gen, the_domain.process->handles_gen + 1);
	registry_unlock();
	TRACE(object_close, object);
}

int object_unlink(const char *name, unsigned kinds)
{
	struct object_rec *o;
	uint32_t           object;
	ref                id = 0;
	int                r = begin(name, true);

	if (r < 0)
		return r;
	registry_lock();
	if (!object_find(name, &object)) {
		r = not_found(name);
	} else {
		o = object_at(object);
		id = ref_make(life_gen(o->life), object);
		if (!of_kind(o, kinds)) {
			r = fail(-ENOENT, "\"%s\" is an object of another kind", name);
		} else {
			o->flags = (o->flags | OBJECT_UNLINKED) & ~(uint32_t)OBJECT_NAMED;
			domain_changed();
			if (!o->first_end && life_state(o->life) == LIFE_LIVE)
				object_destroy(object);
			parcels_sweep(); /* what lay in it, or could be had by its name only */
		}
	}
	registry_unlock();
	if (r == 0)
		TRACE(object_unlink, id, name);
	return r;
}

int object_seal(struct handle *h)
{
	explain_clear();
	if (!h->rights || !load_acquire(&the_domain.joined))
		return fail(-EBADF, "this process has no part in the object any more");
	registry_lock();
	if (h->o->flags & OBJECT_NAMED && !(h->o->flags & OBJECT_SEALED)) {
		h->o->flags |= OBJECT_SEALED;
		domain_changed();
	}
	registry_unlock();
	return 0;
}
