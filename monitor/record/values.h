#ifndef RECORD_VALUES_H
#define RECORD_VALUES_H

/*
 * values.h - the last value of each cell of a table
 *
 * Column after column with room for as many rows each, the lower halves apart from the upper ones:
 * most columns of most domains are small numbers, or zeroes that never change, and memory where
 * nothing but zeroes was ever written is not there.
 */

#include <stddef.h>
#include <stdint.h>

/* All zeroes is an empty table. */
struct values {
	uint32_t *low, *high;
	size_t    n, room; /* rows */
};

/** Room for @n rows, keeping those there are. */
void values_reserve(struct values *v, size_t n, uint32_t n_columns);
void values_fini(struct values *v);

static inline size_t value_place(const struct values *v, uint32_t column, size_t row)
{
	return column * v->room + row;
}

static inline uint64_t value_at(const struct values *v, size_t place)
{
	return (uint64_t)v->high[place] << 32 | v->low[place];
}

/** Writes only what is another than before. */
static inline void value_set(struct values *v, size_t place, uint64_t now)
{
	if (v->low[place] != (uint32_t)now)
		v->low[place] = (uint32_t)now;
	if (v->high[place] != (uint32_t)(now >> 32))
		v->high[place] = (uint32_t)(now >> 32);
}

#endif
