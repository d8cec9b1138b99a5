#ifndef OBJECT_CLAIM_H
#define OBJECT_CLAIM_H

/*
 * claim.h - whose turn it is in a ring: the half of a put or a get that others see
 *
 * Either way a claim is made (ring/mpmc.h), growing and shrinking of the ring, and
 * changes of who owns the side, happen in here; what surrounds it in put.c and get.c
 * need not know.
 */

#include "object/transfer.h"

/**
 * Claim the next position, in t->pos and t->slot: 0, -EAGAIN, -EPIPE, or what growing failed
 * with.
 */
int claim_put(struct transfer *t);

/** It is published: count it. */
void count_put(struct transfer *t);

/**
 * t->pos is claimed, and the payload is in t->block: count that in *@sum, heap_in or heap_out.
 *
 * Next after the claim: what has to be a locked instruction waits for all stores before it,
 * which here are those that the claim has waited for already. After the stores to slot and
 * block, whose lines the other side has, it costs as much as all else (measured: 64 KiB in
 * place, queue, 150 ns and 110). Killed in between: who cleans up counts anew (heap.h).
 */
static inline void count_heap(const struct transfer *t, uint64_t *sum, enum side side)
{
	heap_count(sum, &t->block, t->owned && alone_on(t->c, t->call->ring, side));
}

/**
 * Before the owner of a side, which it was a moment ago, changes the port: that is one for all
 * threads of the process, and should the side have changed hands to a sibling meanwhile, it
 * must not be torn from under that one. Who comes after a change waits for those whose intent
 * says that they are in here (side_await_siblings()). False: it has changed hands.
 */
static inline bool port_enter(struct transfer *t, const struct flow *flow, uint64_t len,
			      uint64_t pos, const uint64_t *owner)
{
	if (likely(__libc_single_threaded))
		return true;
	own_intend(t->self, t->intent, t->c, flow, len, pos);
	fence_seq_cst(); /* the intent, and then the second look at the owner */
	if (load_acquire(owner) == t->self->self)
		return true;
	intend_nothing(t);
	return false;
}

/**
 * Have the oldest message in t->pos and t->slot: claimed among others, or as owner for it
 * to be claimed last. 0, -EAGAIN, -EPIPE (shut down), -EMSGSIZE, or what mapping failed with.
 */
int claim_get(struct transfer *t);

/**
 * What claim_get() found: 1: it is out in t->to, or, large, in t->block; 0: there was none
 * or others have it, look again; -EBADMSG; -ENOMEM: it is large, cannot be mapped, and stays.
 */
int empty_slot(struct transfer *t, size_t *ret_len);

/** That, said: -ENOMEM. */
int get_unmapped(void);

/** Nobody is left who could send: after the last message comes the end. */
bool get_ended(const struct transfer *t);

/** What a transfer_kind asks while it waits for a message. */
bool get_ready(void *transfer);
bool get_glance(void *transfer);

/** Nothing is queued, and nothing may be put any more. */
bool shut_and_empty(const struct transfer *t);

#endif /* OBJECT_CLAIM_H */
