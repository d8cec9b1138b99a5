#ifndef BASE_NAME_H
#define BASE_NAME_H

/* name.h - names of domains, objects and processes */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** 1 to 63 of A-Z a-z 0-9 . _ -, and neither "." nor "..": a file name anywhere. */
bool name_valid(const char *name);

/** Copy @from into @to of @size bytes, cutting it if need be; pads with zeroes. */
void name_copy(char *to, size_t size, const char *from);

/** A hash of @name that is the same in every process and version. */
uint64_t name_hash(const char *name);

#endif /* BASE_NAME_H */
