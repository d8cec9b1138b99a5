#ifndef IPC_QUEUE_H
#define IPC_QUEUE_H

/*
 * ipc/queue.h - queues of messages, many writers and many readers
 *
 * A queue lives in shared memory. Any thread of any process that has it open
 * may put and get; each message goes to exactly one reader, and the messages of
 * one writer are read in the order it put them.
 *
 * A message is visible when put returns: there is no feeder thread, and nothing
 * is lost when the writer exits. A message is whole or absent, of any length
 * from 0 bytes to what memory holds.
 *
 * A process killed while it puts leaves nothing; killed while it gets, it takes
 * at most the one message it was getting with it.
 *
 * A joinable queue also counts tasks: a message is a task from put until the
 * process that got it says task_done. Every process has its own account.
 *
 *     ipc_queue *jobs;
 *     int r = ipc_queue_create(&jobs, "jobs", IPC_OPTS(ipc_queue_opts, .maxsize = 64));
 *     r = ipc_queue_put(jobs, "hello", 5, IPC_SEC(1));
 *     ...
 *     jobs = ipc_queue_close(jobs);
 *
 * Threads: any call from any thread of any process, at any time, but for close,
 * which must be the last call on that handle.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

typedef struct ipc_queue ipc_queue;

enum {
	IPC_QUEUE_JOINABLE = 1 << 0, /* count tasks: see task_done and join */
};

/**
 * struct ipc_queue_opts - how to make a queue
 * @sz:         sizeof(struct ipc_queue_opts)
 * @flags:      IPC_QUEUE_*
 * @maxsize:    most messages it holds [messages]; 0: unlimited, as long as
 *              there is memory
 */
struct ipc_queue_opts {
	size_t   sz;
	unsigned flags;
	uint64_t maxsize;
};

/* ---- making and ending --------------------------------------------------- */

/**
 * Make a queue.
 *
 * @name: how other programs find it, [A-Za-z0-9._-]{1,63}; NULL: it has no name
 * and is shared by fork(2) only. A named queue stays until it is unlinked and
 * the last handle is closed; one without a name ends with its last handle.
 *
 * Does not block. -EEXIST: the name is taken; -EINVAL: bad name or options;
 * -ENOSPC, -ENOBUFS; and what joining the domain can fail with: -EACCES,
 * -EPROTO, -EBADMSG, -ENOENT, -ENOTDIR.
 */
IPC_API IPC_CHECKED int ipc_queue_create(ipc_queue **ret, const char *name,
					 const struct ipc_queue_opts *opts);

/**
 * Open the queue called @name that some process made. What it is (bounded,
 * joinable) was decided there.
 *
 * -ENOENT: no object has that name; -EINVAL: one has, and is no queue; and
 * what joining the domain can fail with.
 */
IPC_API IPC_CHECKED int ipc_queue_open(ipc_queue **ret, const char *name);

/**
 * Let go of @q and free the handle; messages stay for the others. Always
 * returns NULL; @q may be NULL. Does not block.
 */
IPC_API ipc_queue *ipc_queue_close(ipc_queue *q);

/**
 * Remove the name; those who have the object open keep it, and the name may be
 * used again at once. -ENOENT: no queue has that name.
 */
IPC_API int ipc_queue_unlink(const char *name);

/**
 * End the conversation for everybody: from now on put fails with -EPIPE, and
 * get does so once what is queued has been taken. Wakes who waits. Cannot be
 * undone. Does not block; returns 0.
 */
IPC_API int ipc_queue_shutdown(ipc_queue *q);

/* ---- messages ------------------------------------------------------------ */

/**
 * Append a copy of @buf as one message.
 *
 * @buf may be NULL if @len is 0. Waits while the queue holds maxsize messages,
 * at most @timeout [ns].
 *
 * Return: 0; -EAGAIN, -ETIMEDOUT: full; -EPIPE: shut down; -ENOSPC: no memory
 * for it in the file system of the domain; nothing was queued then.
 */
IPC_API IPC_CHECKED int ipc_queue_put(ipc_queue *q, const void *buf, size_t len, ipc_nsec timeout);

/**
 * Remove the oldest message into @buf, which has room for @cap bytes.
 *
 * Waits while the queue is empty, at most @timeout [ns].
 *
 * Return: the length of the message [bytes]; -EAGAIN, -ETIMEDOUT: empty;
 * -EPIPE: shut down and empty; -EMSGSIZE: longer than @cap: it stays the oldest,
 * and ipc_queue_next_len() tells its length.
 */
IPC_API IPC_CHECKED ssize_t ipc_queue_get(ipc_queue *q, void *buf, size_t cap, ipc_nsec timeout);

/**
 * Length of the oldest message [bytes] without taking it; -EAGAIN if there is
 * none. Another reader may take it before this one does. Never blocks.
 */
IPC_API IPC_CHECKED ssize_t ipc_queue_next_len(ipc_queue *q);

/* ---- tasks (IPC_QUEUE_JOINABLE) ------------------------------------------ */

/**
 * One message that this process got is finished.
 *
 * -EINVAL: this process owes none (called too often), or the queue is not
 * joinable. Never blocks.
 */
IPC_API IPC_CHECKED int ipc_queue_task_done(ipc_queue *q);

/**
 * Wait until every message ever put is finished, at most @timeout [ns].
 *
 * Return: 0 (at once if none is unfinished); -EAGAIN, -ETIMEDOUT;
 * -EOWNERDEAD: all are finished but for some whose process died before it said
 * task_done: ipc_explain() names it. Those are counted as failed and are
 * reported once, by this call; -EINVAL: not joinable.
 */
IPC_API IPC_CHECKED int ipc_queue_join(ipc_queue *q, ipc_nsec timeout);

/* ---- looking ------------------------------------------------------------- */

/** Messages in the queue now [messages]; already history when it is returned. */
IPC_API size_t ipc_queue_len(const ipc_queue *q);

/** Most messages it holds [messages]; 0: unlimited. Constant. */
IPC_API size_t ipc_queue_maxsize(const ipc_queue *q);

/** 1 if it holds no message now, else 0. Never 1 right after a put of one's own. */
IPC_API int ipc_queue_empty(const ipc_queue *q);

/** 1 if a put would have to wait now, else 0. */
IPC_API int ipc_queue_full(const ipc_queue *q);

IPC_END_DECLS

#endif /* IPC_QUEUE_H */
