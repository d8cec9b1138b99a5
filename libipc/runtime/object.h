#ifndef RUNTIME_OBJECT_H
#define RUNTIME_OBJECT_H

/*
 * object.h - objects of the domain, and this process's handles to them
 *
 * An object record is made in two steps, because reserving its memory may take
 * long: MAKING holds the name, LIVE can be opened. It ends with its last end,
 * unless it is named.
 *
 * Who dies between two stores: a record in MAKING is removed when its maker is
 * reaped; a LIVE one without name and ends is removed by repair.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/layout.h"

/* What every handle of this process has; the first member of each kind's own. */
struct handle {
	struct handle        *next, **link; /* of all handles of this process */
	uint32_t              object;       /* index */
	ref                   object_ref;
	uint32_t              end;       /* index of this process's end */
	uint32_t              child_end; /* of the child's, between fork's handlers */
	uint32_t              rights;    /* enum right; 0: disowned, see runtime/fork.c */
	struct object_rec    *o;
	struct end_rec       *e;
	struct histogram_rec *hist;
};

struct object_spec {
	enum object_kind kind;
	uint32_t         flags;      /* enum object_flags, without OBJECT_NAMED */
	const char      *name;       /* may be NULL */
	int              label_only; /* the name is for people: nobody opens the object by it */
	uint64_t         size_bytes;
};

/** Take a record, state MAKING; joins the domain. -EINVAL: bad name; -EEXIST. */
int object_make(const struct object_spec *spec, uint32_t *ret);

/** It is whole: make it LIVE and open @h to it. Destroys it on failure. */
int object_publish(uint32_t object, struct handle *h, uint32_t rights);

/** Give up a record that is still MAKING. */
void object_abandon(uint32_t object);

/**
 * Open the LIVE object called @name, one of the kinds whose bits (1 << kind) are
 * in @kinds. -ENOENT; -EINVAL: it is of another kind.
 */
int object_open(const char *name, unsigned kinds, struct handle *h, uint32_t rights);

/** Open another handle with other rights to the object @from has open. */
int object_open_same(const struct handle *from, struct handle *h, uint32_t rights);

/**
 * Open what @parcel, out of a message of @carrier, is a handle to, and do away with the
 * parcel, also on failure. -ESTALE: there is no such parcel.
 */
int object_unpack(ref parcel, ref carrier, struct handle *h);

/** Close @h: its end goes with the last handle, the object with the last end. */
void object_close(struct handle *h);

/** Nobody opens it by its name from now on. 0, also where it has none. */
int object_seal(struct handle *h);

/** Could somebody come who has no handle to it? */
static inline bool object_can_be_opened(const struct object_rec *o)
{
	return (o->flags & (OBJECT_NAMED | OBJECT_SEALED)) == OBJECT_NAMED;
}

/** Take the name away. -ENOENT: no object of these kinds has it. */
int object_unlink(const char *name, unsigned kinds);

/** Open (@flags as for open(2)) the file of @object; a descriptor or negative errno. */
int object_file(uint32_t object, int flags);

/* ---- for the runtime ------------------------------------------------------- */

/** Remove record and file; under the registry lock. */
void object_destroy(uint32_t object);

/** Wake everybody who sleeps on @o: something final happened to it. */
void object_wake_all(struct object_rec *o);

/** The first handle of this process. Under the registry lock. */
struct handle *handles_first(void);

/** None of this process's handles is backed by an end any more. */
void handles_disown(void);

/** Were there any when it was called? What they had mapped may still be. */
bool handles_were_disowned(void);

#endif /* RUNTIME_OBJECT_H */
