#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

/*
 * table.h - what is remembered of a thing from one reading to the next, by id
 *
 *     past = table_get(&t, id, sizeof(*past));   zeroed the first time
 *     ...
 *     table_sweep(&t);                           forget what was not asked for since
 *
 * Ids are never used again, so what is forgotten never comes back.
 */

#include <stddef.h>
#include <stdint.h>

struct table_slot {
	uint64_t id;
	void    *value; /* NULL: free */
	uint32_t round; /* the round that last asked for it */
};

/* All zeroes is an empty table. */
struct table {
	struct table_slot *slots;
	size_t             n, n_slots; /* n_slots: 0 or a power of two */
	uint32_t           round;
};

/** What is kept for @id: @size bytes, zeroed when new. Stays in place until swept. */
void *table_get(struct table *t, uint64_t id, size_t size);

/** What is kept for @id, or NULL. Does not count as asking for it. */
void *table_find(const struct table *t, uint64_t id);

/** The first @bytes of what is kept for @id will be wanted soon: fetch them from memory. */
void table_fetch(const struct table *t, uint64_t id, size_t bytes);

/** Forget every id that table_get() was not called for since the last sweep. */
void table_sweep(struct table *t);

void table_fini(struct table *t);

/** An id for what is told by two numbers. */
static inline uint64_t table_mix(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ b * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xff51afd7ed558ccd);

	return h ^ h >> 32;
}

#endif
