#ifndef IPC_CONN_H
#define IPC_CONN_H

/*
 * ipc/conn.h - connections: two ends, whole messages, in order
 *
 * A connection is what a pipe would be if it kept message boundaries, knew who
 * holds the other end, and said so when the last of them was gone. A message is
 * whole or absent, of any length from 0 bytes to what memory holds.
 *
 * ipc_pipe() makes both ends in one process; fork(2) carries them across, and
 * each process then closes the end that is not its own. Who forgets to keeps
 * the others from ever seeing the end of the conversation: exactly as with
 * pipe(2), except that ipcmon shows who it is.
 *
 *     ipc_conn *end[2];
 *     int r = ipc_pipe(end, NULL);
 *     r = ipc_spawn(&child, work, end, NULL);   // work() closes end[0]
 *     end[1] = ipc_conn_close(end[1]);
 *     r = ipc_conn_send(end[0], "ping", 4, IPC_FOREVER);
 *
 * Threads: any call from any thread of any process that holds the end; frames
 * never interleave. close must be the last call on that handle.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

typedef struct ipc_conn ipc_conn;

enum {
	IPC_CONN_SIMPLEX = 1 << 0, /* ret[0] only receives, ret[1] only sends */
};

/**
 * struct ipc_conn_opts - how to make a connection
 * @sz:         sizeof(struct ipc_conn_opts)
 * @flags:      IPC_CONN_*
 * @capacity:   most messages in flight each way [messages]; 0: 256
 * @name:       label for ipcmon, [A-Za-z0-9._-]{1,63}; NULL: none. Others
 *              cannot open a connection by it.
 */
struct ipc_conn_opts {
	size_t      sz;
	unsigned    flags;
	uint64_t    capacity;
	const char *name;
};

/**
 * Make a connection and both its ends.
 *
 * Duplex unless IPC_CONN_SIMPLEX. Does not block. -EINVAL: bad options;
 * -ENOSPC, -ENOBUFS; and what joining the domain can fail with (ipc/queue.h).
 */
IPC_API IPC_CHECKED int ipc_pipe(ipc_conn *ret[2], const struct ipc_conn_opts *opts);

/**
 * Let go of this end and free the handle. When the last process that holds an
 * end has closed it (or died), the other end sees end of file. Always returns
 * NULL; @c may be NULL. Does not block.
 */
IPC_API ipc_conn *ipc_conn_close(ipc_conn *c);

/**
 * Send @len bytes of @buf as one message. @buf may be NULL if @len is 0.
 *
 * Waits while the connection holds its capacity, at most @timeout [ns].
 *
 * Return: 0; -EAGAIN, -ETIMEDOUT: full; -EPIPE: nobody holds the other end;
 * -EBADF: this end only receives; -ENOSPC: no memory for it; nothing was sent.
 */
IPC_API IPC_CHECKED int ipc_conn_send(ipc_conn *c, const void *buf, size_t len, ipc_nsec timeout);

/**
 * Receive one message into @buf, which has room for @cap bytes.
 *
 * Waits while there is none, at most @timeout [ns].
 *
 * Return: its length [bytes]; -EAGAIN, -ETIMEDOUT: none came; -EPIPE: end of
 * file: drained, and nobody holds the other end (again at every further call);
 * -EMSGSIZE: longer than @cap: it stays, and ipc_conn_next_len() tells its
 * length; -EBADF: this end only sends.
 */
IPC_API IPC_CHECKED ssize_t ipc_conn_recv(ipc_conn *c, void *buf, size_t cap, ipc_nsec timeout);

/**
 * Length of the next message [bytes] without receiving it; -EAGAIN if there is
 * none; -EPIPE at end of file; -EBADF as recv. Never blocks.
 */
IPC_API IPC_CHECKED ssize_t ipc_conn_next_len(ipc_conn *c);

/**
 * Wait until recv would not: a message is there, or end of file.
 *
 * Return: 1; 0 after @timeout [ns] (negative: waits for ever); -EBADF: this end
 * only sends.
 */
IPC_API IPC_CHECKED int ipc_conn_poll(ipc_conn *c, ipc_nsec timeout);

/** 1 if recv is allowed on this end, else 0. */
IPC_API int ipc_conn_readable(const ipc_conn *c);

/** 1 if send is allowed on this end, else 0. */
IPC_API int ipc_conn_writable(const ipc_conn *c);

IPC_END_DECLS

#endif /* IPC_CONN_H */
