#ifndef IPC_SHM_H
#define IPC_SHM_H

/*
 * ipc/shm.h - blocks of shared memory
 *
 * The memory is zeroed and really reserved when the block is made: a full file
 * system is an error of create, never a SIGBUS later.
 *
 * Threads: any call from any thread; close must be the last on that handle, and
 * the memory must not be touched after it. Synchronise what you share: ipc/sync.h.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

typedef struct ipc_shm ipc_shm;

/**
 * Make a block of @size bytes (at least 1). @name as for ipc_queue_create();
 * NULL: shared by fork(2) only.
 *
 * -EEXIST, -EINVAL (size 0, bad name), -ENOSPC: not that much room; -EFBIG: beyond a
 * limit on the size of files (ulimit -f, or the file system's); -ENOBUFS;
 * and what joining the domain can fail with (ipc/queue.h).
 */
IPC_API IPC_CHECKED int ipc_shm_create(ipc_shm **ret, const char *name, size_t size);

/** Open the block called @name; its size was decided by its maker. -ENOENT, -EINVAL: no block. */
IPC_API IPC_CHECKED int ipc_shm_open(ipc_shm **ret, const char *name);

/** Unmap it and free the handle; always returns NULL; @s may be NULL. */
IPC_API ipc_shm *ipc_shm_close(ipc_shm *s);

/** Nobody else can open it from now on: ipc_queue_seal(). */
IPC_API int ipc_shm_seal(ipc_shm *s);

/** Remove the name; those who have it open keep it. -ENOENT: no block has it. */
IPC_API int ipc_shm_unlink(const char *name);

/** Where it is mapped in this process, page-aligned; the same in children of fork(2). */
IPC_API void *ipc_shm_data(const ipc_shm *s);

/** Its size [bytes], as it was made. */
IPC_API size_t ipc_shm_size(const ipc_shm *s);

IPC_END_DECLS

#endif /* IPC_SHM_H */
