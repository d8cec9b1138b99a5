#ifndef OBJECT_MAPPED_H
#define OBJECT_MAPPED_H

/*
 * mapped.h - from an address to the block of shared memory it lies in
 *
 * Locks are structures in memory of the caller's. For the monitor, and for a verdict,
 * they must have a name that holds in all processes: the block and the offset there.
 * That is asked for at every lock, so each thread remembers its last answer.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"
#include "base/ref.h"

struct handle;

struct place {
	ref      block;  /* 0: not in a block of the library */
	uint64_t offset; /* there; else the address */
};

/* A range of addresses with one answer. */
struct mapped {
	uintptr_t            begin;
	size_t               size;
	ref                  block; /* 0: no block; then .begin is taken off no address */
	const struct handle *by;    /* of the block, whose end counts what is waited for there */
	uint64_t             turn;
};

extern uint64_t mapped_turn; /* raised by every change */

extern __thread struct mapped mapped_last __attribute__((tls_model("initial-exec")));

void mapped_look_up(uintptr_t address);

static inline struct place place_of(const void *p)
{
	uintptr_t            a = (uintptr_t)p;
	const struct mapped *m = &mapped_last;

	if (unlikely(a - m->begin >= m->size || m->turn != load_acquire(&mapped_turn)))
		mapped_look_up(a);
	return (struct place){.block = m->block, .offset = m->block ? a - m->begin : a};
}

/*
 * Mapped, about to be unmapped. Under the registry lock, so that a fork in another
 * thread finds the table whole.
 */
void mapped_add(const void *begin, size_t size, const struct handle *by);
void mapped_remove(const void *begin);

#endif /* OBJECT_MAPPED_H */
