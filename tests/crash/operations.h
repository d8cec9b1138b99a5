#ifndef CRASH_OPERATIONS_H
#define CRASH_OPERATIONS_H

#include "scene.h"

/* All there are: one table a file, named in operations.c. */
struct operation_table {
	const char             *name;
	const struct operation *op;
	unsigned                n;
};

extern const struct operation_table *const operation_tables[];
extern const unsigned                      n_operation_tables;

extern const struct operation_table message_operations, object_operations, lock_operations,
	meeting_operations, process_operations, form_operations;

#endif /* CRASH_OPERATIONS_H */
