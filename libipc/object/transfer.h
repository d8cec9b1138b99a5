#ifndef OBJECT_TRANSFER_H
#define OBJECT_TRANSFER_H

/*
 * transfer.h - what a put and a get have in common: tries, waiting, tracing
 */

#include <errno.h>

#include "object/fast.h"
#include "object/heap.h"
#include "runtime/wait.h"

struct iovec;

#define SPIN_LOOKS_MAX 64 /* some 2 µs on a machine whose pause takes 40 ns */

extern __thread unsigned spin_looks __attribute__((tls_model("initial-exec")));

struct transfer;
struct transfer_kind;

extern const struct transfer_kind putting, getting;

/* What sets a put and a get apart. */
struct transfer_kind {
	enum intent_op intent;
	bool           put;
	ssize_t (*try_)(struct transfer *t); /* once: 0 or a length, -EAGAIN, or final */
	uint32_t flags;                      /* of the wait, enum wait_flags */
	bool (*glance)(void *transfer);      /* the usual reason for that, seen without
					        touching lines the other side writes */
	bool (*ready)(void *transfer);       /* might a try succeed? Reads only */
};

/* What one call carries through its tries. */
struct transfer {
	const struct transfer_kind *kind;
	struct channel             *c;
	const struct call          *call;
	struct lane                *lane;
	struct thread_rec          *self;
	uint64_t                    intent; /* what to say before claiming */
	void                       *to;     /* get: */
	const void                 *from;   /* put: */
	size_t                      len;    /* put: length; get: room */
	uint64_t                    pos;
	uint64_t                    head;    /* get, owned: the word .pos was read from */
	struct slot                *slot;    /* of .pos */
	struct block                block;   /* put: of a large payload */
	bool                        filled;  /* put: .block is taken and holds it */
	bool                        lend;    /* get: leave a large payload in .block, in this
					       thread's name */
	bool                        keep;    /* put: what cannot be queued stays in .block */
	uint32_t                    type;    /* the message's */
	uint32_t                    attempt; /* get: how often it was got, if tasks come back */
	ref                         parcel;  /* the handle that it is sent, or came, with; or 0 */
	bool                        unpacks; /* get: the caller opens that; else it is dropped */
	uint64_t                    stamp;   /* get: when it was put [ticks] */
	const struct iovec         *iov;     /* put: the payload in pieces, instead of .from */
	int                         n_iov;
	bool                        owned; /* .pos was, or is to be, claimed as owner */
	bool                        waited, trimmed;
	bool                        counted; /* put: heap_fix, since it waits */
	const struct wait          *wait;    /* while it waits */
};

static inline int transfer_begin(struct transfer *t, const struct transfer_kind *kind,
				 struct channel *c, const struct call *call)
{
	t->kind = kind;
	t->c = c;
	t->call = call;
	t->lane = &c->lane[call->ring];
	t->intent = intent_of(c, call->ring, kind->intent);
	t->pos = NO_POS;
	t->filled = t->waited = t->trimmed = t->counted = false;
	t->lend = t->keep = t->unpacks = false;
	t->parcel = 0;
	t->type = 0;
	t->iov = NULL;
	t->wait = NULL;
	return thread_self(&t->self);
}

/*
 * A message passed, and by more than the fast path. Of an owned side that is now and then,
 * so it is always said where; among others it is how all pass, so only some, by the end's
 * own count: a slow one among fast ones would seldom meet a position of the ring's sample.
 */
static inline void transfer_note(const struct transfer *t)
{
	struct end_rec    *e = t->c->h.e;
	const struct flow *flow = t->kind->put ? &e->out : &e->in;

	if (t->owned || t->waited || load_relaxed(&flow->messages) % SAMPLE_EVERY == 1)
		note_passage(t->kind->put ? &e->last_out : &e->last_in, t->call->site, t->self);
}

/* It will claim nothing: nobody needs to wonder what it was about to. */
static inline void intend_nothing(struct transfer *t)
{
	store_release(&t->self->intent.pos, NO_POS);
}

/*
 * A short spin without a clock and without leaving the fast path: in a hot conversation
 * the answer is a few line transfers away. How many looks it may take adapts, so that
 * who had to sleep hardly spins here (transfer_slow()). True: @glance says to try again.
 */
static inline __attribute__((always_inline)) bool spin_looking(bool (*glance)(void *arg), void *arg)
{
	for (unsigned n = spin_looks; n; n--) {
		if (glance(arg))
			return true;
		cpu_relax();
	}
	return false;
}

static inline bool spin_while(struct transfer *t, bool (*glance)(void *transfer))
{
	return t->call->timeout != IPC_NOW && spin_looking(glance, t);
}

/*
 * Put and get, begun by transfer_begin() and told what and where to.
 * With .lend, .filled says afterwards whether the payload is in .block.
 */
int     transfer_put(struct transfer *t);
ssize_t transfer_get(struct transfer *t);

/** Large payloads in flight use their share, and this is not the only message. */
bool put_heap_full(struct lane *l, uint64_t bytes);

/** Have a block with the payload in it, in this thread's name: 0, -EAGAIN, -ENOSPC. */
int put_fill_block(struct transfer *t);

/** A try would have to wait: keep trying until the call's time is up. */
ssize_t transfer_slow(struct transfer *t);

/* Who must not wait, and could not have the registry for long, would have had to. */
static inline ssize_t transfer_failure(const struct transfer *t, ssize_t r)
{
	return r == -ETIMEDOUT && t->call->timeout == IPC_NOW ? -EAGAIN : r;
}

/** The wait record, event and questions of this transfer. */
struct wait transfer_wait(struct transfer *t);

/** The call ends with @r < 0: count that where observers find it. */
void transfer_failed(const struct transfer *t, int64_t r);

void transfer_trace(const struct transfer *t, bool end, int64_t result);

/** What is left of this call's time, for registry_lock_within(). */
static inline ipc_nsec transfer_left(const struct transfer *t)
{
	return unlikely(t->wait) ? wait_left(t->wait) : t->call->timeout;
}

static inline void trace_begin(const struct transfer *t)
{
	if (unlikely(load_acquire(&trace_ops)))
		transfer_trace(t, false, 0);
}

static inline void trace_end(const struct transfer *t, int64_t result)
{
	if (unlikely(load_acquire(&trace_ops)))
		transfer_trace(t, true, result);
}

#endif /* OBJECT_TRANSFER_H */
