/*
 * drain.c - throw away what is queued
 *
 * Each message is taken as any reader takes it, and not looked at: so a kill in between loses
 * one at most, as in get, and what other readers get meanwhile is theirs.
 */

#include <errno.h>
#include <limits.h>

#include <ipc/queue.h>

#include "object/ledger.h"
#include "object/message.h"
#include "object/queue.h"

/* Its task, if it is one, is done. Not what the thread got before, though that comes first. */
static int settle(ipc_queue *q, const struct ipc_msg *m)
{
	if (!(q->c.h.o->flags & OBJECT_JOINABLE))
		return 0;
	return ledgered(&q->c) ? queue_done_with(q, m->ipc_block) : ipc_queue_task_done(q);
}

/* Up to @most of them; how many, or why not even one. */
static ssize_t discard(ipc_queue *q, size_t most, const struct call *call)
{
	ssize_t n = 0;
	int     r = 0;

	while ((size_t)n < most && r == 0) {
		struct ipc_msg m;

		r = channel_take(&q->c, call, &m);
		if (r < 0)
			break;
		r = settle(q, &m);
		(void)channel_release(&q->c, &m);
		n++;
	}
	return n || r == -EAGAIN || r == -EPIPE ? n : r;
}

ssize_t ipc_queue_drain(ipc_queue *q)
{
	const struct call call = {.op = OP_GET, .timeout = IPC_NOW, .site = CALL_SITE};

	if (!q)
		return -EINVAL;
	return q->c.h.rights ? discard(q, ipc_queue_len(q), &call) : -EBADF;
}

ssize_t ipc_queue_shutdown_now(ipc_queue *q)
{
	const struct call call = {.op = OP_GET, .timeout = IPC_FOREVER, .site = CALL_SITE};

	if (!q)
		return -EINVAL;
	if (!q->c.h.rights)
		return -EBADF;
	channel_shutdown(&q->c, 0);
	return discard(q, SSIZE_MAX, &call);
}
