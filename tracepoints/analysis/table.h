#ifndef ANALYSIS_TABLE_H
#define ANALYSIS_TABLE_H

/*
 * table.h - a hash table from two numbers to an index
 *
 * The one lookup this program needs: of objects, channels, processes and
 * messages in flight, each of which lives in an array of its own.
 */

#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE UINT32_MAX

struct table {
	struct table_slot *slots;
	size_t             n_slots; /* a power of two, or 0 */
	size_t             n;
};

/** The index stored under (@a, @b), or TABLE_NONE. */
uint32_t table_get(const struct table *t, uint64_t a, uint64_t b);

/** Store @index, which is not TABLE_NONE, in place of what was there. */
void table_put(struct table *t, uint64_t a, uint64_t b, uint32_t index);

/** Remove and return what is stored, or TABLE_NONE. */
uint32_t table_take(struct table *t, uint64_t a, uint64_t b);

void table_fini(struct table *t);

#endif /* ANALYSIS_TABLE_H */
