#ifndef TEXT_MEM_H
#define TEXT_MEM_H

/*
 * mem.h - memory or the end
 *
 * A monitor that cannot get a few kilobytes has nothing better to do than to
 * say so and leave; its exit handlers give the terminal back.
 */

#include <stddef.h>

/** @p, unless it is NULL: that ends the program. */
void *mem_must(void *p);

/** @n zeroed elements of @size bytes; ends the program if there are none. */
void *mem_new(size_t n, size_t size);

/** Make room for @n elements of @size bytes at @p; ends the program if there is none. */
void *mem_grow(void *p, size_t n, size_t size);

/** A copy of @n elements of @size bytes. */
void *mem_copy(const void *from, size_t n, size_t size);

char *mem_string(const char *s);

#endif
