#ifndef OBSERVE_GROW_H
#define OBSERVE_GROW_H

/*
 * grow.h - arrays that are kept from one reading to the next
 *
 * They grow and never shrink, so an observer that has seen a domain once reads
 * it again without an allocation. Contents survive growing; new room is zero, and
 * costs memory only once something is written there: of a table that is read
 * sparsely, most never is.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define GROW_MAPPED \
	((size_t)256 * 1024) /* picked: from here on whole pages, of the kernel's zeroes */

struct grow {
	void  *p;
	size_t bytes;
};

static inline void *grow_mapped(struct grow *g, size_t bytes)
{
	bool  was = g->bytes >= GROW_MAPPED;
	void *p = was ? mremap(g->p, g->bytes, bytes, MREMAP_MAYMOVE)
		      : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);

	if (p == MAP_FAILED)
		return NULL;
	if (!was && g->p) {
		memcpy(p, g->p, g->bytes);
		free(g->p);
	}
	*g = (struct grow){.p = p, .bytes = bytes};
	return p;
}

/* Room for @bytes at least, on a cache line (the records' alignment); NULL: no memory, nothing lost. */
static inline void *grow_to(struct grow *g, size_t bytes)
{
	size_t room = g->bytes ? g->bytes : 1024;
	char  *p;

	if (g->p && bytes <= g->bytes)
		return g->p;
	while (room < bytes)
		room *= 2;
	if (room >= GROW_MAPPED)
		return grow_mapped(g, room);
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
	if (g->bytes >= GROW_MAPPED)
		(void)munmap(g->p, g->bytes);
	else
		free(g->p);
	*g = (struct grow){0};
}

#endif /* OBSERVE_GROW_H */
