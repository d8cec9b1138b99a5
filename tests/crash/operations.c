#include "operations.h"

#include "support/test.h"

const struct operation_table *const operation_tables[] = {
	&message_operations, &object_operations,  &lock_operations,
	&meeting_operations, &process_operations, &form_operations,
};

const unsigned n_operation_tables = N_OF(operation_tables);
