/*
 * views.c - the tables that views.h is written out to
 */
#include "view/render.h"

#define VIEW_KIND_(digit, name, kind, rows, draw, below, bar, help) \
	{OBJECT_##kind, rows, draw, below},

const struct view_kind view_kinds[N_VIEWS] = {VIEWS(VIEW_KIND_)};

#define OBJECT_CLASS_(name, listing, detail, lines) {&listing, detail, lines},

const struct object_class object_classes[N_OBJECTS] = {OBJECTS(OBJECT_CLASS_)};

const struct listing *object_listing(enum object_kind kind)
{
	return object_classes[kind].listing;
}

struct object object_of(const struct frame *f, struct row row)
{
	return (struct object){row.kind, object_listing(row.kind)->id(f, row.index)};
}

uint32_t object_index(const struct frame *f, struct object o)
{
	const struct listing *l = object_listing(o.kind);
	size_t                n = f->s != NULL ? l->n_rows(f) : 0;

	for (uint32_t i = 0; i < n; i++)
		if (l->id(f, i) == o.id)
			return i;
	return IPC_NO_INDEX;
}
