#ifndef OBJECT_TRANSFER_H
#define OBJECT_TRANSFER_H

/*
 * transfer.h - what a put and a get have in common: tries, waiting, tracing
 */

#include <sys/single_threaded.h>

#include "object/channel.h"
#include "object/heap.h"
#include "runtime/thread.h"
#include "runtime/trace.h"
#include "runtime/wait.h"

#define NO_POS         UINT64_MAX
#define SPIN_LOOKS_MAX 64 /* some 2 µs on a machine whose pause takes 40 ns */

extern __thread unsigned spin_looks __attribute__((tls_model("initial-exec")));

struct transfer;

/* What sets a put and a get apart. */
struct transfer_kind {
	enum intent_op intent;
	bool           put;
	ssize_t (*try_)(struct transfer *t); /* once: 0 or a length, -EAGAIN, or final */
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
	struct block                block;  /* put: of a large payload */
	bool                        filled; /* put: .block is taken and holds it */
	bool                        alone;  /* get: see read_alone() */
	bool                        waited, trimmed;
	const struct wait          *wait; /* while it waits */
};

/*
 * Alone on this side of the ring: the only process with the right, and that has one
 * thread. Only for what cannot be opened by name: there none but a holder can make
 * another one, by fork, so this does not change while the one thread is in here.
 */
static inline bool transfer_alone(const struct transfer *t)
{
	unsigned right = 2 * t->call->ring + (t->kind->put ? 0 : 1);

	return t->lane->inherited_only && __libc_single_threaded &&
	       load_relaxed(&t->c->h.o->holders[right]) == 1;
}

static inline int transfer_begin(struct transfer *t, const struct transfer_kind *kind,
				 struct channel *c, const struct call *call)
{
	t->kind = kind;
	t->c = c;
	t->call = call;
	t->lane = &c->lane[call->ring];
	t->intent = (uint64_t)c->h.object << 8 | (uint64_t)call->ring << 4 | kind->intent;
	t->pos = NO_POS;
	t->filled = t->waited = t->trimmed = false;
	t->wait = NULL;
	return thread_self(&t->self);
}

/* It will claim nothing: nobody needs to wonder what it was about to. */
static inline void intend_nothing(struct transfer *t)
{
	store_release(&t->self->intent.pos, NO_POS);
}

/*
 * A short spin without a clock and without leaving the fast path: in a hot conversation
 * the answer is a few line transfers away. How many looks it may take adapts, so that
 * who waits for slow things hardly spins here. True: @glance says to try again.
 */
static inline __attribute__((always_inline)) bool spin_while(struct transfer *t,
							     bool (*glance)(void *transfer))
{
	if (t->call->timeout == IPC_NOW)
		return false;
	for (unsigned n = spin_looks; n; n--) {
		if (glance(t)) {
			spin_looks = SPIN_LOOKS_MAX;
			return true;
		}
		cpu_relax();
	}
	spin_looks = spin_looks > 1 ? spin_looks / 2 : 1;
	return false;
}

/** A try would have to wait: keep trying until the call's time is up. */
ssize_t transfer_slow(struct transfer *t);

/** The wait record, event and questions of this transfer. */
struct wait transfer_wait(struct transfer *t);

void transfer_trace(const struct transfer *t, bool end, int64_t result);

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
