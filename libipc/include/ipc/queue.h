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
#include <ipc/msg.h>
#include <sys/uio.h>

IPC_BEGIN_DECLS

typedef struct ipc_queue ipc_queue;

enum {
	IPC_QUEUE_JOINABLE = 1 << 0, /* count tasks: see task_done and join */
};

/**
 * What becomes of the tasks that a process got and had not finished when it died, or closed
 * the queue.
 *
 * FAIL is the default: a task is done at most once, as get promises, and that it was not is
 * told. REQUEUE runs a task again that may have been half done, or done and not said to be:
 * only the program can know whether it bears that.
 */
enum ipc_tasks {
	IPC_TASKS_FAIL = 0, /* join returns -EOWNERDEAD, once, and ipc_explain() tells whose */
	IPC_TASKS_REQUEUE,  /* they are delivered again, before others: see ipc_queue_attempt() */
	IPC_TASKS_LOST,     /* they are counted, and join says nothing */
};

/**
 * struct ipc_queue_opts - how to make a queue
 * @sz:         sizeof(struct ipc_queue_opts)
 * @flags:      IPC_QUEUE_*
 * @maxsize:    most messages it holds [messages]; 0: unlimited, as long as
 *              there is memory
 * @max_bytes:  most memory it may take for its messages, slots and all [bytes];
 *              then a put that needs more fails with -ENOSPC. A message longer than
 *              96 bytes takes 256 or the next power of two: one of 550000 takes 1 MiB,
 *              beside the 64 KiB or so that the queue itself needs. 0: a share of what is
 *              free in the domain's file system at this moment, by default half
 *              of it; the environment variable IPC_QUEUE_SHARE, a percentage from
 *              1 to 100, says otherwise
 * @on_death:   enum ipc_tasks, of a joinable queue: what becomes of tasks whose
 *              process dies
 */
struct ipc_queue_opts {
	size_t   sz;
	unsigned flags;
	uint64_t maxsize;
	uint64_t max_bytes;
	unsigned on_death;
};

/* ---- making and ending --------------------------------------------------- */

/**
 * Make a queue.
 *
 * @name: how other programs find it, [A-Za-z0-9._-]{1,63}, not "." or ".."; NULL: it
 * has no name and is shared by fork(2) only. A named queue stays until it is unlinked and
 * the last handle is closed; one without a name ends with its last handle.
 *
 * Does not block. -EEXIST: the name is taken; -EINVAL: bad name or options;
 * -ENOSPC, -ENOBUFS, -ENOMEM; -EFBIG: beyond a limit on the size of files (ulimit -f); and
 * what joining the domain can fail with: -EACCES, -EPROTO, -EBADMSG, -ENOENT, -ENOTDIR,
 * -EMFILE, -ENFILE.
 */
IPC_API IPC_CHECKED int ipc_queue_create(ipc_queue **ret, const char *name,
					 const struct ipc_queue_opts *opts);

/**
 * Open the queue called @name that some process made. What it is (bounded,
 * joinable) was decided there.
 *
 * -ENOENT: no object has that name; -EINVAL: one has, and is no queue; -EPERM: it is
 * sealed; and what joining the domain can fail with.
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
 * All are here: from now on nobody can open @q by its name, which stays taken; to open
 * it is -EPERM. Handles are still handed on, by fork(2) and in messages. As an observer
 * then knows all who could ever help, what it says of a deadlock is certain. A sealed
 * queue ends with its last handle. Cannot be undone; once more does nothing, nor does it
 * where there is no name. Does not block. 0, -EINVAL, -EBADF.
 */
IPC_API int ipc_queue_seal(ipc_queue *q);

/**
 * End the conversation for everybody: from now on put fails with -EPIPE, and
 * get does so once what is queued has been taken. Wakes who waits. Cannot be
 * undone. Does not block. 0, -EINVAL, -EBADF.
 */
IPC_API int ipc_queue_shutdown(ipc_queue *q);

/**
 * Throw away what is queued: up to as many messages as there are at the call are got by
 * this process, and looked at by nobody; readers may get some meanwhile. In a joinable queue
 * each is a task that is done then, so that join need not wait for it; what was got before
 * and is not finished is still owed.
 *
 * Never waits: what is being put at this moment may stay, and what lies behind it. Killed
 * in the midst of it, at most one message is gone without being finished, as in get.
 *
 * Return: how many were thrown away [messages], 0 if there was none, or none that could be
 * had without waiting; -EINVAL, -EBADF.
 */
IPC_API ssize_t ipc_queue_drain(ipc_queue *q);

/**
 * End the conversation at once: as ipc_queue_shutdown(), and throw away what is queued, as
 * ipc_queue_drain() does, until nothing is left: put fails with -EPIPE from now on, and so
 * does get when this returns, for everybody.
 *
 * Waits for no reader; for puts that are under way, which takes no longer than they do: a
 * writer that is stopped in one holds it up, one that is killed does not.
 *
 * Return: how many were thrown away [messages]; -EINVAL, -EBADF; -EDEADLK: see put.
 */
IPC_API ssize_t ipc_queue_shutdown_now(ipc_queue *q);

/* ---- messages ------------------------------------------------------------ */

/**
 * Append a copy of @buf as one message.
 *
 * @buf may be NULL if @len is 0. Waits while the queue holds maxsize messages,
 * at most @timeout [ns].
 *
 * Return: 0; -EAGAIN, -ETIMEDOUT: full, or the tables of the domain are busy and
 * it could not be known without waiting; -EPIPE: shut down; -ENOSPC: no memory
 * for it in the file system of the domain, or max_bytes are reached, and
 * ipc_explain() says which; -EFBIG: beyond a limit on the size of files (ulimit -f);
 * -EDEADLK: nobody will ever make room (ipc/deadlock.h);
 * nothing was queued then.
 */
IPC_API IPC_CHECKED int ipc_queue_put(ipc_queue *q, const void *buf, size_t len, ipc_nsec timeout);

/**
 * Remove the oldest message into @buf, which has room for @cap bytes.
 *
 * Waits while the queue is empty, at most @timeout [ns].
 *
 * Return: the length of the message [bytes]; -EAGAIN, -ETIMEDOUT: empty;
 * -EPIPE: shut down and empty; -EMSGSIZE: longer than @cap: it stays the oldest,
 * and ipc_queue_next_len() tells its length; -ENOMEM: no memory or descriptor to map it
 * with: it stays, too; -EDEADLK: nobody will ever put.
 */
IPC_API IPC_CHECKED ssize_t ipc_queue_get(ipc_queue *q, void *buf, size_t cap, ipc_nsec timeout);

/**
 * How often the message that this thread got last, from a queue whose tasks come back
 * (IPC_TASKS_REQUEUE), was got by now: 1 if nobody had it before. 0: it has got none, or
 * what it got last was of another queue. Never blocks.
 *
 * A thread that does tasks of such a queue says task_done for each before it gets the next,
 * or the first of those it has is taken to be meant. What is taken in place stays readable
 * until its task is done; handles cannot be put into such a queue.
 */
IPC_API unsigned ipc_queue_attempt(const ipc_queue *q);

/**
 * Length of the oldest message [bytes] without taking it; -EAGAIN if there is none, or
 * it could not be told without waiting; -EPIPE: shut down and empty. Another reader may
 * take it before this one does. Never blocks.
 */
IPC_API IPC_CHECKED ssize_t ipc_queue_next_len(ipc_queue *q);

/**
 * A descriptor that is readable (POLLIN) while get would not wait (@event is
 * IPC_READ), or while put would not (IPC_WRITE). All that is said of ipc_conn_fd()
 * is true of it: only poll it; get with IPC_NOW after it was readable.
 */
IPC_API IPC_CHECKED int ipc_queue_fd(ipc_queue *q, unsigned event);

/* ---- in place (ipc/msg.h) ------------------------------------------------- */

/**
 * Get room for a message of @len bytes, to be written at @msg->data, which is not
 * zeroed. Claims no place in the queue: it is not seen, and not counted, before commit.
 *
 * Does not wait at present, since nothing limits what is reserved but memory; at most
 * @timeout [ns].
 *
 * Return: 0: @msg is held until commit or abort; -EAGAIN, -ETIMEDOUT; -ENOSPC: no
 * memory for it; -EPIPE: shut down.
 */
IPC_API IPC_CHECKED int ipc_queue_reserve(ipc_queue *q, size_t len, struct ipc_msg *msg,
					  ipc_nsec timeout);

/**
 * Put the message that was reserved, with its present len and type. Nothing is
 * copied.
 *
 * Waits while the queue is full, at most @timeout [ns].
 *
 * Return: 0: it is queued, and no longer held; -EAGAIN, -ETIMEDOUT: full; -EPIPE,
 * -ENOSPC, -EDEADLK: as put; then it is still held, to be committed again or aborted.
 * -EINVAL: it is not held by this process through this handle, or len was raised.
 */
IPC_API IPC_CHECKED int ipc_queue_commit(ipc_queue *q, struct ipc_msg *msg, ipc_nsec timeout);

/** Give up a message that was reserved. 0; -EINVAL: as commit. Never blocks. */
IPC_API int ipc_queue_abort(ipc_queue *q, struct ipc_msg *msg);

/**
 * Take the oldest message, to be read at @msg->data; it is this process's, to write
 * to as well, until release. Only a payload of up to IPC_MSG_SHORT bytes is copied.
 * In a joinable queue it is a task from then on, as after get.
 *
 * Waits while there is none, at most @timeout [ns].
 *
 * Return: 0: @msg is held until release; else as get, but never -EMSGSIZE.
 */
IPC_API IPC_CHECKED int ipc_queue_take(ipc_queue *q, struct ipc_msg *msg, ipc_nsec timeout);

/** Done with a message that was taken. 0; -EINVAL: as commit. Never blocks. */
IPC_API int ipc_queue_release(ipc_queue *q, struct ipc_msg *msg);

/* ---- in pieces, in batches ------------------------------------------------- */

/**
 * Put one message, the pieces of @iov one after the other; as put in all else.
 * -EINVAL: a piece is NULL and not empty, or @n_iov is negative.
 */
IPC_API IPC_CHECKED int ipc_queue_putv(ipc_queue *q, const struct iovec *iov, int n_iov,
				       ipc_nsec timeout);

/**
 * Get one message into the pieces of @iov, filled one after the other; as get in
 * all else. -EMSGSIZE: it is longer than all of them, and stays.
 */
IPC_API IPC_CHECKED ssize_t ipc_queue_getv(ipc_queue *q, const struct iovec *iov, int n_iov,
					   ipc_nsec timeout);

/**
 * Put up to @n_buf messages in this order. Waits for the first as put does, at
 * most @timeout [ns], and for no other: it stops where one does not go at once.
 *
 * No transaction: each is a message as by put, seen by others as soon as it is there,
 * and those of other senders may lie in between.
 *
 * Return: how many were queued, at least 1 unless @n_buf is 0; what put returned for the
 * first, if that failed. Why it stopped early is what the next call returns.
 */
IPC_API IPC_CHECKED ssize_t ipc_queue_put_many(ipc_queue *q, const struct ipc_buf *buf,
					       size_t n_buf, ipc_nsec timeout);

/**
 * Get up to @n_buf messages, one into each of @buf. Waits for the first as get
 * does, at most @timeout [ns], then takes what is there; stops at one that does not fit.
 *
 * Return: how many came, at least 1 unless @n_buf is 0; what get returned for the
 * first, if that failed. len and type of the others are undefined.
 */
IPC_API IPC_CHECKED ssize_t ipc_queue_get_many(ipc_queue *q, struct ipc_buf *buf, size_t n_buf,
					       ipc_nsec timeout);

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
 * Return: 0 (at once if none is unfinished); -EAGAIN, -ETIMEDOUT; -EDEADLK: they
 * will never be finished (ipc/deadlock.h);
 * -EOWNERDEAD: all are finished but for some whose process died before it said
 * task_done: ipc_explain() names it. Those are counted as failed and are
 * reported once, by this call; -EINVAL: not joinable.
 */
IPC_API IPC_CHECKED int ipc_queue_join(ipc_queue *q, ipc_nsec timeout);

/* ---- looking ------------------------------------------------------------- */

/** Messages in the queue now [messages]; already history when it is returned. */
IPC_API size_t ipc_queue_len(const ipc_queue *q);

/**
 * Most messages it holds [messages]; 0: unlimited. Constant. Tasks that came back from the dead
 * are beside that: they need no room.
 */
IPC_API size_t ipc_queue_maxsize(const ipc_queue *q);

/** 1 if it holds no message now, else 0. Never 1 right after a put of one's own. */
IPC_API int ipc_queue_empty(const ipc_queue *q);

/** 1 if a put would have to wait now, else 0. */
IPC_API int ipc_queue_full(const ipc_queue *q);

IPC_END_DECLS

#endif /* IPC_QUEUE_H */
