/*
 * more_lock.c - locks for programs
 */
#include "view/more.h"

typedef const struct frame frame;

static void held(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, f->locks[i].held_ns, "nobody holds it, as far as can be seen");
}

static void at_least(frame *f, uint32_t i, struct data *ret)
{
	data_bool(ret, f->locks[i].at_least);
}

static void id(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, f->locks[i].id, NULL);
}

/* clang-format off */
const struct more more_of_lock[] = {
	{"held_ns", NULL, DATA_NUMBER, held},
	{"held_longer", "it was held already when it was first seen, so longer than held_ns", DATA_BOOL, at_least},
	{"id", "tells it from every other lock", DATA_NUMBER, id},
	{NULL, NULL, DATA_TEXT, NULL},
};
/* clang-format on */
