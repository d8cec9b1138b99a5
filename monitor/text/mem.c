#include "text/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
	if (p == NULL) {
		fputs("ipcmon: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

void *mem_new(size_t n, size_t size)
{
	return must(calloc(n > 0 ? n : 1, size));
}

void *mem_grow(void *p, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		must(NULL);
	return must(realloc(p, n * size > 0 ? n * size : 1));
}

void *mem_copy(const void *from, size_t n, size_t size)
{
	void *p = mem_new(n, size);

	if (n > 0)
		memcpy(p, from, n * size);
	return p;
}

char *mem_string(const char *s)
{
	return must(strdup(s));
}
