#ifndef IPC_SIMPLE_QUEUE_H
#define IPC_SIMPLE_QUEUE_H

/*
 * ipc/simple_queue.h - a queue without options: make, put, get, empty, close
 *
 * Unlimited and without a name; made before fork(2), used after it. For more
 * (bounds, timeouts, names, tasks) there is ipc/queue.h. The same rules hold:
 * any thread of any process; errors and ownership as there.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

typedef struct ipc_simple_queue ipc_simple_queue;

/** Make one; errors as ipc_queue_create(). */
IPC_API IPC_CHECKED int ipc_simple_queue_create(ipc_simple_queue **ret);

/** Append a copy of @buf; never waits for room. 0, or -ENOSPC. */
IPC_API IPC_CHECKED int ipc_simple_queue_put(ipc_simple_queue *q, const void *buf, size_t len);

/**
 * Remove the oldest message, waiting for one; its length, -EMSGSIZE (it stays), or
 * -EDEADLK: nobody will ever put one (ipc/deadlock.h).
 */
IPC_API IPC_CHECKED ssize_t ipc_simple_queue_get(ipc_simple_queue *q, void *buf, size_t cap);

/** 1 if it holds no message now, else 0. */
IPC_API int ipc_simple_queue_empty(const ipc_simple_queue *q);

/** Let go of @q; always returns NULL; @q may be NULL. */
IPC_API ipc_simple_queue *ipc_simple_queue_close(ipc_simple_queue *q);

IPC_END_DECLS

#endif /* IPC_SIMPLE_QUEUE_H */
