#ifndef OBJECT_NAMED_H
#define OBJECT_NAMED_H

/* named.h - structures with a name and memory of their own */

#include <stddef.h>

#include "runtime/layout.h"

/** Make one that begins as @initial (zeroes if NULL). As ipc_shm_create(). */
int   named_create(void **ret, enum object_kind kind, const char *name, const void *initial,
		   size_t size);
int   named_open(void **ret, enum object_kind kind, const char *name);
void *named_close(void *p); /* NULL */
int   named_seal(enum object_kind kind, const void *p);
int   named_unlink(enum object_kind kind, const char *name);

#endif /* OBJECT_NAMED_H */
