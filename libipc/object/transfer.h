#ifndef OBJECT_TRANSFER_H
#define OBJECT_TRANSFER_H

/*
 * transfer.h - what a put and a get have in common: tries, waiting, tracing
 */

#include "object/channel.h"
#include "object/heap.h"
#include "runtime/thread.h"
#include "runtime/trace.h"
#include "runtime/wait.h"

#define NO_POS UINT64_MAX

struct transfer;

/* What sets a put and a get apart. */
struct transfer_kind {
	enum intent_op intent;
	bool           put;
	ssize_t (*try_)(struct transfer *t); /* once: 0 or a length, -EAGAIN, or final */
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
	bool                        waited, trimmed;
	const struct wait          *wait; /* while it waits */
};

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
