#ifndef RUNTIME_HELD_H
#define RUNTIME_HELD_H

/*
 * held.h - what this thread has of locks, in its own record
 *
 * Plain stores to lines that only this thread writes; observers, and whoever counts the
 * shares of a lock anew, read them. See enum held_bits in layout.h for the words.
 *
 * Of a share (to read, a permit, an arrival) the order matters:
 *
 *     held_set(h, what | HELD_TAKING)    R1
 *     the lock's word changes by a CAS   which is what the phase before it is ordered by
 *     held_set(h, what | HELD_HAS)
 *
 * Killed in between: the dead have no shares, whatever their record says.
 *
 * One store is not the owner's: a permit may be given back by another thread of the same
 * process, which takes it over by a CAS (object/sem.c).
 *
 * Ordering
 *     R1  held_set()   release  what  the rest of the entry is written before
 *     A1  held_what()  acquire  what  pairs with R1
 */

#include "base/atomic.h"
#include "runtime/layout.h"

static inline uint64_t held_what(const struct held_rec *h)
{
	return load_acquire(&h->what); /* A1: pairs with R1 */
}

static inline void held_set(struct held_rec *h, uint64_t what)
{
	store_release(&h->what, what); /* R1 */
}

/* Kind and number in the words that name the lock. */
static inline uint64_t held_key(uint64_t number, uint64_t kind)
{
	return number << HELD_NUMBER_SHIFT | kind;
}

static inline unsigned held_count(uint64_t what)
{
	return (unsigned)(what >> HELD_COUNT_SHIFT) & HELD_COUNT_MAX;
}

/* The entry of thread @t about that lock, or NULL. */
static inline struct held_rec *held_find(struct thread_rec *t, uint64_t key)
{
	uint64_t n = load_relaxed(&t->n_held);

	for (uint64_t i = n < HELD_MAX ? n : HELD_MAX; i-- > 0;) {
		uint64_t what = held_what(&t->held[i]);

		if (what && (what & HELD_KEY) == key)
			return &t->held[i];
	}
	return NULL;
}

/* An entry of its own that is unused, or NULL: it has as many locks as can be told. */
static inline struct held_rec *held_room(struct thread_rec *t)
{
	uint64_t n = load_relaxed(&t->n_held);

	for (uint64_t i = 0; i < n; i++)
		if (!held_what(&t->held[i]))
			return &t->held[i];
	if (n >= HELD_MAX)
		return NULL;
	store_relaxed(&t->n_held, n + 1);
	return &t->held[n];
}

/* Where it lies and who took it; before the entry is set. */
static inline void held_place(struct held_rec *h, ref object, uint64_t offset, uint64_t since_ns,
			      uint64_t site)
{
	store_relaxed(&h->object, object);
	store_relaxed(&h->offset, offset);
	store_relaxed(&h->since_ns, since_ns);
	store_relaxed(&h->site, site);
}

/* @t has it no more. */
static inline void held_clear(struct thread_rec *t, struct held_rec *h)
{
	uint64_t n = load_relaxed(&t->n_held);

	held_set(h, 0);
	while (n > 0 && !held_what(&t->held[n - 1]))
		n--;
	store_relaxed(&t->n_held, n);
}

#endif /* RUNTIME_HELD_H */
