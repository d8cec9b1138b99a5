#ifndef OBJECT_CHANNEL_H
#define OBJECT_CHANNEL_H

/*
 * channel.h - what pipes and queues are made of
 *
 * A channel is an object with one ring, or two for a duplex pipe, and this
 * process's handle to it. Pipes and queues are the two faces of it: they choose
 * rings, rights, and what an end without holders means.
 */

#include <stdbool.h>

#include <ipc/base.h>

#include "object/lane.h"
#include "runtime/object.h"

struct channel {
	struct handle  h; /* first: the runtime knows handles only */
	struct memory  memory;
	struct lane    lane[MEMORY_RINGS];
	uint64_t       tick_kind;
	struct stream *stream;     /* no channel at all, but a descriptor: object/stream.h */
	bool           watched;    /* descriptors were asked for: object/watch.h */
	uint32_t       head_bytes; /* in front of each payload: object/ledger.h; else 0 */
	uint64_t       last_owed;  /* there: the block of the last task got, by its name */
	bool           has_eof;    /* the last holder of the other right gone is the end */
	uint64_t       glanced_ns; /* when ipc_wait() last looked in passing for its dead */
};

struct channel_spec {
	struct object_spec object;
	unsigned           n_rings;
	uint64_t           capacity;     /* of each ring [messages]; 0: unlimited */
	uint64_t           heap_limit;   /* of each ring [bytes]; 0: unlimited */
	uint64_t           memory_limit; /* of all it has [bytes]; 0: unlimited */
	bool               share;        /* .memory_limit 0: the domain's share (limit.h) */
	uint32_t           rights;
};

/** Make the object and open it; *@ret is malloc'd. */
int channel_create(struct channel **ret, const struct channel_spec *spec);

/** Open the object called @name, of one of @kinds. */
int channel_open(struct channel **ret, const char *name, unsigned kinds, uint32_t rights);

/** Another handle with other rights to the same object. */
int channel_open_same(struct channel **ret, const struct channel *from, uint32_t rights);

/** What @parcel, out of a message of @carrier, is a handle to. -ESTALE: there is none. */
int channel_unpack(struct channel **ret, ref parcel, ref carrier);

/** Close and free; NULL is allowed. */
void channel_close(struct channel *c);

/** Nothing may be put into ring @ring any more. */
void channel_shutdown(struct channel *c, unsigned ring);

/* One call's particulars. */
struct call {
	unsigned ring;
	uint32_t op; /* enum wait_op: what to call it while it sleeps */
	ipc_nsec timeout;
	uint64_t site; /* return address of the public function */
	bool     more; /* of several messages, not the first: that there is none is no failure */
};

#define CALL_SITE ((uint64_t)(uintptr_t)__builtin_return_address(0))

/*
 * Put and get in full, for when put_fast() or get_fast() (object/fast.h) could not.
 */

/** 0, -EAGAIN, -ETIMEDOUT, -EPIPE, -ENOSPC, -ENOBUFS, -ENOMEM, -EBADMSG */
int channel_put_slow(struct channel *c, const struct call *call, const void *buf, size_t len);

/** The length, or the same and -EMSGSIZE. */
ssize_t channel_get_slow(struct channel *c, const struct call *call, void *buf, size_t cap);

/** Length of the oldest message, -EAGAIN, -EPIPE. */
ssize_t channel_peek(struct channel *c, unsigned ring);

/** 1: a get would not wait; 0 after the timeout. */
int channel_poll(struct channel *c, const struct call *call);

/** Would a get, or a put of a small message, not wait? Reads only, from memory. */
bool channel_get_ready(struct channel *c, unsigned ring);
bool channel_put_ready(struct channel *c, unsigned ring);

/** Messages queued now. */
uint64_t channel_queued(const struct channel *c, unsigned ring);

/**
 * A handle to it is in a message: that goes with whoever takes the message and dies, and he
 * need not be a holder. So everybody's death concerns us.
 */
static inline bool channel_travels(const struct channel *c)
{
	return load_relaxed(&c->h.o->inflight) != 0;
}

/** Clean up after the dead among the holders of any right in @need: see struct wait. */
bool channel_holders_lost(const struct channel *c, uint32_t need);
void channel_holders_mend(const struct channel *c, uint32_t need);

/** Both: true if there were some. */
bool channel_holders_look(const struct channel *c, uint32_t need);

#endif /* OBJECT_CHANNEL_H */
