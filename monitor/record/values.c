#include "record/values.h"

#include <stdlib.h>

#include "text/mem.h"

void values_reserve(struct values *v, size_t n, uint32_t n_columns)
{
	struct values wider = {.n = v->n, .room = n + n / 4 + 16};

	if (n <= v->room)
		return;
	wider.low = mem_new(wider.room * n_columns, sizeof(*wider.low));
	wider.high = mem_new(wider.room * n_columns, sizeof(*wider.high));
	for (uint32_t c = 0; c < n_columns; c++)
		for (size_t i = 0; i < v->n; i++)
			value_set(&wider, value_place(&wider, c, i),
				  value_at(v, value_place(v, c, i)));
	values_fini(v);
	*v = wider;
}

void values_fini(struct values *v)
{
	free(v->low);
	free(v->high);
	*v = (struct values){0};
}
