#ifndef IPC_WAIT_H
#define IPC_WAIT_H

/*
 * ipc/wait.h - wait for several things at once
 *
 * Any mix of connections, queues, processes and plain descriptors:
 *
 *     struct ipc_item items[] = {
 *             IPC_ITEM_QUEUE(jobs, IPC_READ),
 *             IPC_ITEM_CONN(boss, IPC_READ),
 *             IPC_ITEM_PROC(child),
 *             IPC_ITEM_FD(0, IPC_READ),
 *     };
 *     int n = ipc_wait(items, 4, IPC_WAIT_ANY, IPC_SEC(5));
 *     if (n > 0 && items[0].got)
 *             len = ipc_queue_get(jobs, buf, sizeof(buf), IPC_NOW);
 *
 * What is ready stays ready until somebody takes it, and somebody else may be faster:
 * so get with IPC_NOW, and wait again at -EAGAIN.
 *
 * Where all items are connections and queues, and there are at most 128, it sleeps in
 * futex_waitv(2) (Linux 5.16), and nobody pays for it who does not wake it; else in
 * poll(2), on the descriptors of ipc_conn_fd().
 *
 * ipcmon shows what is waited for; of more than 16 items the first 16. A wait for any
 * of several takes no part in a deadlock where a descriptor is among them, or more than
 * 16 are, since nobody knows who could end it.
 *
 * Threads: any; the items are the caller's, and so is to keep handles open meanwhile.
 */

#include <ipc/base.h>
#include <ipc/conn.h>
#include <ipc/proc.h>
#include <ipc/queue.h>

IPC_BEGIN_DECLS

enum ipc_item_kind { IPC_ITEM_IS_CONN = 1, IPC_ITEM_IS_QUEUE, IPC_ITEM_IS_PROC, IPC_ITEM_IS_FD };

/**
 * struct ipc_item - one thing to wait for, and what became of it
 * @kind:       which member of the union
 * @want:       IPC_READ, IPC_WRITE or both: then either will do. For a process: nothing.
 *              For a descriptor: events of poll(2).
 * @got:        the library's: which of @want hold, 0 if none; IPC_READ for a process
 *              that has ended; for a descriptor what poll(2) says, which may be POLLERR
 *              or POLLHUP, too
 */
struct ipc_item {
	enum ipc_item_kind kind;
	unsigned           want;
	unsigned           got;
	union {
		ipc_conn  *conn;
		ipc_queue *queue;
		ipc_proc  *proc;
		int        fd;
	} of;
};

/* clang-format off */
#define IPC_ITEM_CONN(c, events)  {.kind = IPC_ITEM_IS_CONN,  .want = (events), .of = {.conn = (c)}}
#define IPC_ITEM_QUEUE(q, events) {.kind = IPC_ITEM_IS_QUEUE, .want = (events), .of = {.queue = (q)}}
#define IPC_ITEM_PROC(p)          {.kind = IPC_ITEM_IS_PROC,  .of = {.proc = (p)}}
#define IPC_ITEM_FD(d, events)    {.kind = IPC_ITEM_IS_FD,    .want = (events), .of = {.fd = (d)}}
/* clang-format on */

enum {
	IPC_WAIT_ANY = 0,      /* until one is ready */
	IPC_WAIT_ALL = 1 << 0, /* until all are, at the same time */
};

/**
 * Wait until any (or all) of @items are ready, at most @timeout [ns]. IPC_NOW only looks;
 * a negative time is for ever. End of file is ready, since a recv would not wait for it.
 *
 * Return: how many have something in .got: at least 1, or all; those that are ready are
 * found by going through the list, in its order. 0: the time passed (.got then says what
 * was ready of those that had to be, all). With no items it waits for the time.
 *
 * -EINVAL: an item of no kind, without a handle or with nothing to want, or named twice
 * (one item can want both); ipc_explain() says which. -EBADF: that end cannot do that (a
 * receiving end is never ready to send), or the descriptor is not open. -EDEADLK: no
 * items, and for ever; or ipc/deadlock.h asked for it. -ENOMEM, -ENOBUFS, -ENOSPC, -EMFILE.
 */
IPC_API IPC_CHECKED int ipc_wait(struct ipc_item *items, size_t n_items, unsigned flags,
				 ipc_nsec timeout);

IPC_END_DECLS

#endif /* IPC_WAIT_H */
