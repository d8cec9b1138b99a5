#ifndef ANALYSIS_MEMORY_H
#define ANALYSIS_MEMORY_H

/*
 * memory.h - allocation for a program that can do nothing without
 *
 * An analysis that runs out of memory has no result to save, so it says so and
 * ends: every caller is spared a path that nobody would test.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *memory_need(void *p)
{
	if (p)
		return p;
	fputs("ipctrace-latency: out of memory\n", stderr);
	exit(1);
}

static inline void *memory_zero(size_t n, size_t size)
{
	return memory_need(calloc(n ? n : 1, size));
}

static inline char *memory_string(const char *s)
{
	return memory_need(strdup(s));
}

/* Room for one more behind @n elements; sizes double, so that growing stays cheap. */
static inline void *memory_grow(void *p, size_t n, size_t size)
{
	if (n & (n - 1))
		return p;
	return memory_need(reallocarray(p, n ? 2 * n : 1, size));
}

#endif /* ANALYSIS_MEMORY_H */
