#include "text/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *mem_must(void *p)
{
	if (p == NULL) {
		fputs("ipcmon: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

void *mem_new(size_t n, size_t size)
{
	return mem_must(calloc(n > 0 ? n : 1, size));
}

void *mem_grow(void *p, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		mem_must(NULL);
	return mem_must(realloc(p, n * size > 0 ? n * size : 1));
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
	return mem_must(strdup(s));
}
