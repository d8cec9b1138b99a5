#ifndef RUNTIME_TABLE_H
#define RUNTIME_TABLE_H

/* table.h - how the tables of the registry are made; records are had through domain.h */

#include "runtime/domain.h"

/* How a table begins: size of a record [bytes], and how many are made real at once. */
struct table_shape {
	uint64_t stride, step;
};

extern const struct table_shape table_shapes[N_TABLES];

/**
 * A table whose records share their index with this one's, as parts of one thing: the next,
 * from the table that has the life of it; the last has itself.
 */
extern const enum table_id table_next_part[N_TABLES];

#endif /* RUNTIME_TABLE_H */
