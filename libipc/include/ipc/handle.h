#ifndef IPC_HANDLE_H
#define IPC_HANDLE_H

/*
 * ipc/handle.h - handles inside messages
 *
 * A message can carry a handle beside its bytes: to an end of a connection, a queue, a
 * block of shared memory. So two processes that are not related, and have met at a queue
 * with a name, can have a pipe of their own:
 *
 *     ipc_conn *end[2];
 *     int r = ipc_pipe(end, NULL);
 *     struct ipc_handle h = IPC_HANDLE_CONN(end[1]);
 *     r = ipc_queue_put_handle(requests, "hello", 5, &h, IPC_FOREVER);
 *     end[1] = ipc_conn_close(end[1]);               // it is theirs
 *
 * Who sends keeps its own handle; who receives gets another one. In between the message
 * holds it: the other end sees no end of file, though the sender closes its handle or
 * dies. A message that goes without being received takes the handle with it: its receiver
 * is killed before the call returns, or nobody is left who could receive it.
 *
 * All calls that receive take such a message, too, as any other: its bytes come, and the
 * handle is closed. Both processes are of one domain; ipcmon counts handles on their way.
 *
 * Threads: as the calls of ipc/conn.h and ipc/queue.h.
 */

#include <ipc/base.h>
#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/shm.h>

IPC_BEGIN_DECLS

enum ipc_handle_kind {
	IPC_HANDLE_NONE = 0,
	IPC_HANDLE_IS_CONN,
	IPC_HANDLE_IS_QUEUE,
	IPC_HANDLE_IS_SHM
};

/**
 * struct ipc_handle - one of several kinds of handles
 * @kind:       which member of the union; IPC_HANDLE_NONE: none
 * @error:      received: why there is none: 0: the message had none; -EMFILE, -ENFILE,
 *              -ENOMEM, -ENOSPC, -ENOBUFS: it could not be opened, and is closed
 */
struct ipc_handle {
	enum ipc_handle_kind kind;
	int                  error;
	union {
		ipc_conn  *conn;
		ipc_queue *queue;
		ipc_shm   *shm;
	} of;
};

/* clang-format off */
#define IPC_HANDLE_CONN(c)  {.kind = IPC_HANDLE_IS_CONN,  .of = {.conn = (c)}}
#define IPC_HANDLE_QUEUE(q) {.kind = IPC_HANDLE_IS_QUEUE, .of = {.queue = (q)}}
#define IPC_HANDLE_SHM(s)   {.kind = IPC_HANDLE_IS_SHM,   .of = {.shm = (s)}}
/* clang-format on */

/**
 * Send @len bytes of @buf, which may be none, and @h, which stays the caller's.
 *
 * Return: as ipc_conn_send(); -EINVAL: @h is of no kind or NULL, or an end of @c itself;
 * -ENOTSUP: one of the two is a connection that was made of a descriptor.
 */
IPC_API IPC_CHECKED int ipc_conn_send_handle(ipc_conn *c, const void *buf, size_t len,
					     const struct ipc_handle *h, ipc_nsec timeout);

/**
 * Receive one message as ipc_conn_recv() does, and what it carries in *@ret, to be closed
 * by the caller. -ENOTSUP: @c was made of a descriptor.
 */
IPC_API IPC_CHECKED ssize_t ipc_conn_recv_handle(ipc_conn *c, void *buf, size_t cap,
						 struct ipc_handle *ret, ipc_nsec timeout);

/**
 * Put @len bytes of @buf and @h; as ipc_queue_put() and ipc_conn_send_handle(). -EINVAL also:
 * tasks of @q come back from the dead (IPC_TASKS_REQUEUE), and a handle can be delivered once.
 */
IPC_API IPC_CHECKED int ipc_queue_put_handle(ipc_queue *q, const void *buf, size_t len,
					     const struct ipc_handle *h, ipc_nsec timeout);

/** Get one message, and what it carries; as ipc_queue_get() and ipc_conn_recv_handle(). */
IPC_API IPC_CHECKED ssize_t ipc_queue_get_handle(ipc_queue *q, void *buf, size_t cap,
						 struct ipc_handle *ret, ipc_nsec timeout);

IPC_END_DECLS

#endif /* IPC_HANDLE_H */
