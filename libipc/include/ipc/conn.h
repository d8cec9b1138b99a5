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
#include <ipc/msg.h>
#include <sys/uio.h>

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
 * @max_bytes:  most memory that messages longer than 96 bytes take each way before
 *              send waits, unless it is the only one [bytes]; 0: 64 MiB. Each takes
 *              256 bytes or the next power of two: one of 550000 takes 1 MiB
 */
struct ipc_conn_opts {
	size_t      sz;
	unsigned    flags;
	uint64_t    capacity;
	const char *name;
	uint64_t    max_bytes;
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
 * Return: 0; -EAGAIN, -ETIMEDOUT: full; -EPIPE: nobody holds the other end (of
 * who was killed that is known within 250 ms: what is sent until then is lost);
 * -EBADF: this end only receives; -ENOSPC: no memory for it; -EDEADLK: nobody
 * will ever make room (ipc/deadlock.h); nothing was sent.
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
 * length; -ENOMEM: no memory or descriptor to map it with: it stays; -EBADF: this end
 * only sends; -EDEADLK: nobody will ever send.
 */
IPC_API IPC_CHECKED ssize_t ipc_conn_recv(ipc_conn *c, void *buf, size_t cap, ipc_nsec timeout);

/**
 * Length of the next message [bytes] without receiving it; -EAGAIN if there is none, or
 * it could not be told without waiting; -EPIPE at end of file; -EBADF as recv. Never
 * blocks.
 */
IPC_API IPC_CHECKED ssize_t ipc_conn_next_len(ipc_conn *c);

/**
 * Wait until recv would not: a message is there, or end of file.
 *
 * Return: 1; 0 after @timeout [ns] (negative: waits for ever); -EBADF: this end
 * only sends; -EDEADLK: nobody will ever send.
 */
IPC_API IPC_CHECKED int ipc_conn_poll(ipc_conn *c, ipc_nsec timeout);

/**
 * A descriptor that is readable (POLLIN) while recv would not wait (@event is
 * IPC_READ), or while send would not (IPC_WRITE; it is readable then, too). For
 * poll, select, epoll, io_uring and event loops: level-triggered, in any number of
 * processes. Only poll it; never read, write or close it. It belongs to the handle,
 * lasts until that is closed, and keeps its number in children of fork. They hold it
 * too, so take it out of an epoll by EPOLL_CTL_DEL before you close the handle.
 *
 * Costs nothing until asked for; from then on, who fills an empty connection or
 * empties it pays for system calls, as do all if many ask. Two descriptors are used,
 * and one more for each other process that holds the connection.
 *
 * Receive with IPC_NOW after it was readable: others may have been faster, and when a
 * holder dies it is readable until the next recv that finds nothing. A message too
 * large for what memory is left may wait though IPC_WRITE is true.
 *
 * Whose deaths it tells is looked up when it is asked for, again at each such recv, after
 * ipc_spawn() and when a handle of the same connection is closed here. A process that came
 * to hold it since then, by fork(2) or by its name, and is killed, is told of only once
 * somebody in the domain cleans up after it: who depends on that polls with a limit of time,
 * and receives with IPC_NOW after it, too. The same holds for a message whose sender had no
 * descriptor left to tell of it with.
 *
 * Return: the descriptor; -EINVAL: @event is neither; -EBADF: this end cannot do
 * that; -EMFILE, -ENFILE, -ENOSPC, -ENOMEM.
 */
IPC_API IPC_CHECKED int ipc_conn_fd(ipc_conn *c, unsigned event);

/* ---- descriptors as connections ------------------------------------------- */

enum {
	IPC_FROM_FD_RAW = 1 << 0, /* bytes as they come, without bounds of messages */
};

/**
 * struct ipc_from_fd_opts - how to take a descriptor
 * @sz:         sizeof(struct ipc_from_fd_opts)
 * @flags:      IPC_FROM_FD_*
 * @max_len:    longest message that is received [bytes]; 0: any
 */
struct ipc_from_fd_opts {
	size_t   sz;
	unsigned flags;
	size_t   max_len;
};

/**
 * Make a connection of a descriptor: one end of a pipe, a stream socket, a terminal,
 * 0 or 1 in a shell pipeline. It belongs to the connection from now on, and is closed
 * with it; on failure it stays the caller's. Its flags are not changed. What it is open
 * for decides what the connection can do.
 *
 * At the other end is whoever speaks the same form: each message is its length in 4
 * bytes, most significant first, and then its bytes; from 2^31 bytes on, four bytes
 * 0xff and the length in 8. That is multiprocessing.connection of Python, and ours.
 *
 * What differs from ipc_pipe():
 *  - The time limit holds inside a message, too. Of one that has come in part nothing is
 *    lost: the next recv goes on with it. A send whose time is over in the middle of its
 *    message, or for which there is no room (a full disk), returns -EINPROGRESS: it counts
 *    as sent, what is missing is kept and goes before the next message, at
 *    ipc_conn_flush(), or, if it can at once, at close by the process that sent it. After
 *    any other error in the middle of a message every send is told the same.
 *  - recv: -EBADMSG: the stream ended inside a message; -EPROTO: what comes is of another
 *    form (a negative length); -EMSGSIZE: longer than @cap, and it stays; or longer than
 *    max_len. After these three, but for @cap, every recv is told the same. -ECONNRESET
 *    and others: what read(2) failed with.
 *  - send: -EPIPE where nobody reads; SIGPIPE is never raised.
 *  - sendv, recvv, send_many, recv_many, reserve, commit and take: -EBADF. ipc_conn_fd() for
 *    IPC_WRITE: -ENOTSUP; poll the descriptor itself.
 *  - Threads of one process may share an end; of several processes one may use it.
 *  - ipcmon shows who waits for it, and nothing more: it is not of the domain, and
 *    whatever waits for it is in no deadlock.
 *
 * With IPC_FROM_FD_RAW there are no messages: send writes all of its bytes, recv returns
 * what is there, at most @cap, and -EPIPE at the end.
 *
 * ipc_conn_fd() of it is the descriptor itself, for IPC_READ: of a message that was asked for
 * by ipc_conn_poll() or ipc_conn_next_len() before it tells no more, as its bytes have been read.
 * ipc_wait() takes the connection: that means bytes that have come, not a whole message, or one
 * that was asked for and is whole.
 *
 * -EBADF: not open; -EINVAL, -ENOMEM; and what joining the domain can fail with.
 */
IPC_API IPC_CHECKED int ipc_conn_from_fd(ipc_conn **ret, int fd,
					 const struct ipc_from_fd_opts *opts);

/**
 * Write what a send left behind with -EINPROGRESS, within @timeout [ns]: 0; -EAGAIN,
 * -ETIMEDOUT: not all of it. For any other connection 0, at once.
 */
IPC_API IPC_CHECKED int ipc_conn_flush(ipc_conn *c, ipc_nsec timeout);

/* ---- in place (ipc/msg.h) ------------------------------------------------- */

/**
 * Get room for a message of @len bytes, to be written at @msg->data, which is not
 * zeroed. Claims no place in the connection: it is not seen, and not counted, before commit.
 *
 * Waits at most @timeout [ns], and only where large messages in flight have their
 * limit (ipc_conn_opts.max_bytes).
 *
 * Return: 0: @msg is held until commit or abort; -EAGAIN, -ETIMEDOUT: the limit is
 * reached; -ENOSPC: no memory for it; -EPIPE, -EBADF, -EDEADLK: as send.
 */
IPC_API IPC_CHECKED int ipc_conn_reserve(ipc_conn *c, size_t len, struct ipc_msg *msg,
					 ipc_nsec timeout);

/**
 * Send the message that was reserved, with its present len and type. Nothing is
 * copied.
 *
 * Waits while the connection is full, at most @timeout [ns].
 *
 * Return: 0: it is sent, and no longer held; -EAGAIN, -ETIMEDOUT: full; -EPIPE,
 * -ENOSPC, -EDEADLK: as send; then it is still held, to be committed again or aborted.
 * -EINVAL: it is not held by this process through this handle, or len was raised.
 */
IPC_API IPC_CHECKED int ipc_conn_commit(ipc_conn *c, struct ipc_msg *msg, ipc_nsec timeout);

/** Give up a message that was reserved. 0; -EINVAL: as commit. Never blocks. */
IPC_API int ipc_conn_abort(ipc_conn *c, struct ipc_msg *msg);

/**
 * Take the oldest message, to be read at @msg->data; it is this process's, to write
 * to as well, until release. Only a payload of up to IPC_MSG_SHORT bytes is copied.
 *
 * Waits while there is none, at most @timeout [ns].
 *
 * Return: 0: @msg is held until release; else as recv, but never -EMSGSIZE.
 */
IPC_API IPC_CHECKED int ipc_conn_take(ipc_conn *c, struct ipc_msg *msg, ipc_nsec timeout);

/** Done with a message that was taken. 0; -EINVAL: as commit. Never blocks. */
IPC_API int ipc_conn_release(ipc_conn *c, struct ipc_msg *msg);

/* ---- in pieces, in batches ------------------------------------------------- */

/**
 * Send one message, the pieces of @iov one after the other; as send in all else.
 * -EINVAL: a piece is NULL and not empty, or @n_iov is negative.
 */
IPC_API IPC_CHECKED int ipc_conn_sendv(ipc_conn *c, const struct iovec *iov, int n_iov,
				       ipc_nsec timeout);

/**
 * Receive one message into the pieces of @iov, filled one after the other; as recv in
 * all else. -EMSGSIZE: it is longer than all of them, and stays.
 */
IPC_API IPC_CHECKED ssize_t ipc_conn_recvv(ipc_conn *c, const struct iovec *iov, int n_iov,
					   ipc_nsec timeout);

/**
 * Send up to @n_buf messages in this order. Waits for the first as send does, at
 * most @timeout [ns], and for no other: it stops where one does not go at once.
 *
 * No transaction: each is a message as by send, seen by others as soon as it is there,
 * and those of other senders may lie in between.
 *
 * Return: how many were sent, at least 1 unless @n_buf is 0; what send returned for the
 * first, if that failed. Why it stopped early is what the next call returns.
 */
IPC_API IPC_CHECKED ssize_t ipc_conn_send_many(ipc_conn *c, const struct ipc_buf *buf, size_t n_buf,
					       ipc_nsec timeout);

/**
 * Receive up to @n_buf messages, one into each of @buf. Waits for the first as recv
 * does, at most @timeout [ns], then takes what is there; stops at one that does not fit.
 *
 * Return: how many came, at least 1 unless @n_buf is 0; what recv returned for the
 * first, if that failed. len and type of the others are undefined.
 */
IPC_API IPC_CHECKED ssize_t ipc_conn_recv_many(ipc_conn *c, struct ipc_buf *buf, size_t n_buf,
					       ipc_nsec timeout);

/* ---- looking --------------------------------------------------------------- */

/** 1 if recv is allowed on this end, else 0. */
IPC_API int ipc_conn_readable(const ipc_conn *c);

/** 1 if send is allowed on this end, else 0. */
IPC_API int ipc_conn_writable(const ipc_conn *c);

IPC_END_DECLS

#endif /* IPC_CONN_H */
