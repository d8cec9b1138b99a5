#ifndef OBJECT_SHM_H
#define OBJECT_SHM_H

/* shm.h - blocks of shared memory of any kind, for what is made of them: named.c */

#include <ipc/shm.h>

#include "runtime/object.h"

/** As ipc_shm_create(), of @size bytes that begin as @initial (zeroes if NULL). */
int block_create(ipc_shm **ret, enum object_kind kind, const char *name, const void *initial,
		 size_t size);
int block_open(ipc_shm **ret, enum object_kind kind, const char *name);
int block_seal(ipc_shm *s, enum object_kind kind);
int block_unlink(enum object_kind kind, const char *name);

/** What @parcel, out of a message of @carrier, is a handle to. -ESTALE: there is none. */
int block_unpack(ipc_shm **ret, ref parcel, ref carrier);

/** What the runtime knows it by. */
const struct handle *block_handle(const ipc_shm *s);

/** The handle of this process whose memory begins at @data, or NULL. */
ipc_shm *block_of(const void *data);

#endif /* OBJECT_SHM_H */
