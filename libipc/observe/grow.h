#ifndef OBSERVE_GROW_H
#define OBSERVE_GROW_H

/*
 * grow.h - arrays that are kept from one reading to the next
 *
 * They grow and never shrink, so an observer that has seen a domain once reads
 * it again without an allocation. Contents survive growing; new room is zero.
 */

#include <stdlib.h>
#include <string.h>

struct grow {
	void  *p;
	size_t bytes;
};

/* Room for @bytes at least, on a cache line (the records' alignment); NULL: no memory, nothing lost. */
static inline void *grow_to(struct grow *g, size_t bytes)
{
	size_t room = g->bytes ? g->bytes : 1024;
	char  *p;

	if (g->p && bytes <= g->bytes)
		return g->p;
	while (room < bytes)
		room *= 2;
	p = aligned_alloc(64, room);
	if (!p)
		return NULL;
	if (g->p)
		memcpy(p, g->p, g->bytes);
	memset(p + g->bytes, 0, room - g->bytes);
	free(g->p);
	*g = (struct grow){.p = p, .bytes = room};
	return p;
}

static inline void grow_free(struct grow *g)
{
	free(g->p);
	*g = (struct grow){0};
}

#endif /* OBSERVE_GROW_H */
