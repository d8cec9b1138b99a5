/*
 * impl_libipc.c - pipes, queues and joinable queues of libipc, as they are shipped
 *
 * A receiver of a joinable queue calls task_done for each message: that is what it is for.
 */

#include <errno.h>
#include <ipc/conn.h>
#include <ipc/queue.h>
#include <stdio.h>
#include <stdlib.h>

#include "impls.h"

#define DEFAULT_CAPACITY 256 /* of a pipe, see ipc/conn.h */

struct libipc {
	ipc_conn  *end[2];
	ipc_queue *q[2]; /* forth, back */
	int        side;

	struct ipc_msg msg; /* each process makes or reads one at a time */
};

static int failed(struct libipc *l, int r)
{
	if (*ipc_explain())
		fprintf(stderr, "ipcbench: %s: %s\n", ipc_strerror(r), ipc_explain());
	free(l);
	return r;
}

/* ---- pipe -------------------------------------------------------------------------------- */

static int pipe_open(void **ret, const struct bench_plan *plan)
{
	struct libipc *l = calloc(1, sizeof(*l));
	int            r;

	if (!l)
		return -ENOMEM;
	r = ipc_pipe(l->end, plan->depth == DEFAULT_CAPACITY
				     ? NULL
				     : IPC_OPTS(ipc_conn_opts, .capacity = plan->depth));
	if (r < 0)
		return failed(l, r);
	*ret = l;
	return 0;
}

static int pipe_enter(void *chan, enum bench_side side)
{
	struct libipc *l = chan;

	l->side = side == SIDE_B;
	l->end[!l->side] = ipc_conn_close(l->end[!l->side]);
	return 0;
}

/* As every program should: ends that are not one's own keep the other from seeing the end. */
static void pipe_forked(void *chan)
{
	struct libipc *l = chan;

	l->end[0] = ipc_conn_close(l->end[0]);
	l->end[1] = ipc_conn_close(l->end[1]);
}

static int pipe_send(void *chan, enum bench_way way, const void *buf, size_t len)
{
	struct libipc *l = chan;

	(void)way; /* the other end is the only one there is */
	return ipc_conn_send(l->end[l->side], buf, len, IPC_FOREVER);
}

static ssize_t pipe_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	struct libipc *l = chan;

	(void)way;
	return ipc_conn_recv(l->end[l->side], buf, cap, IPC_FOREVER);
}

static int pipe_reserve(void *chan, size_t len, void **ret)
{
	struct libipc *l = chan;
	int            r = ipc_conn_reserve(l->end[l->side], len, &l->msg, IPC_FOREVER);

	*ret = l->msg.data;
	return r;
}

static int pipe_commit(void *chan, size_t len)
{
	struct libipc *l = chan;

	l->msg.len = len;
	return ipc_conn_commit(l->end[l->side], &l->msg, IPC_FOREVER);
}

static ssize_t pipe_take(void *chan, const void **ret)
{
	struct libipc *l = chan;
	int            r = ipc_conn_take(l->end[l->side], &l->msg, IPC_FOREVER);

	*ret = l->msg.data;
	return r < 0 ? r : (ssize_t)l->msg.len;
}

static int pipe_release(void *chan)
{
	struct libipc *l = chan;

	return ipc_conn_release(l->end[l->side], &l->msg);
}

static void pipe_close(void *chan)
{
	struct libipc *l = chan;

	ipc_conn_close(l->end[0]);
	ipc_conn_close(l->end[1]);
	free(l);
}

const struct bench_impl impl_libipc_pipe = {
	.name = "libipc-pipe",
	.cases = TWO_PARTIES | 1 << CASE_WAKEUP | INPLACE_CASES,
	.open = pipe_open,
	.enter = pipe_enter,
	.forked = pipe_forked,
	.send = pipe_send,
	.recv = pipe_recv,
	.reserve = pipe_reserve,
	.commit = pipe_commit,
	.take = pipe_take,
	.release = pipe_release,
	.close = pipe_close,
};

/* ---- queues ------------------------------------------------------------------------------- */

static void queue_close(void *chan)
{
	struct libipc *l = chan;

	ipc_queue_close(l->q[0]);
	ipc_queue_close(l->q[1]);
	free(l);
}

static int queue_open_as(void **ret, const struct bench_plan *plan, unsigned flags)
{
	struct libipc               *l = calloc(1, sizeof(*l));
	const struct ipc_queue_opts *opts = IPC_OPTS(ipc_queue_opts, .flags = flags,
						     .maxsize = plan->depth);
	int                          r;

	if (!l)
		return -ENOMEM;
	r = ipc_queue_create(&l->q[WAY_FORTH], NULL, opts);
	if (r < 0)
		return failed(l, r);
	if (plan->which == CASE_ROUNDTRIP) {
		r = ipc_queue_create(&l->q[WAY_BACK], NULL, opts);
		if (r < 0) {
			ipc_queue_close(l->q[WAY_FORTH]);
			return failed(l, r);
		}
	}
	*ret = l;
	return 0;
}

static int queue_open(void **ret, const struct bench_plan *plan)
{
	return queue_open_as(ret, plan, 0);
}

static int joinable_open(void **ret, const struct bench_plan *plan)
{
	return queue_open_as(ret, plan, IPC_QUEUE_JOINABLE);
}

static int queue_send(void *chan, enum bench_way way, const void *buf, size_t len)
{
	return ipc_queue_put(((struct libipc *)chan)->q[way], buf, len, IPC_FOREVER);
}

static ssize_t queue_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	return ipc_queue_get(((struct libipc *)chan)->q[way], buf, cap, IPC_FOREVER);
}

static ssize_t joinable_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	ssize_t n = queue_recv(chan, way, buf, cap);
	int     r = n < 0 ? 0 : ipc_queue_task_done(((struct libipc *)chan)->q[way]);

	return r < 0 ? r : n;
}

static int queue_reserve(void *chan, size_t len, void **ret)
{
	struct libipc *l = chan;
	int            r = ipc_queue_reserve(l->q[WAY_FORTH], len, &l->msg, IPC_FOREVER);

	*ret = l->msg.data;
	return r;
}

static int queue_commit(void *chan, size_t len)
{
	struct libipc *l = chan;

	l->msg.len = len;
	return ipc_queue_commit(l->q[WAY_FORTH], &l->msg, IPC_FOREVER);
}

static ssize_t queue_take(void *chan, const void **ret)
{
	struct libipc *l = chan;
	int            r = ipc_queue_take(l->q[WAY_FORTH], &l->msg, IPC_FOREVER);

	*ret = l->msg.data;
	return r < 0 ? r : (ssize_t)l->msg.len;
}

static int queue_release(void *chan)
{
	struct libipc *l = chan;

	return ipc_queue_release(l->q[WAY_FORTH], &l->msg);
}

const struct bench_impl impl_libipc_queue = {
	.name = "libipc-queue",
	.cases = COPYING_CASES | INPLACE_CASES,
	.open = queue_open,
	.send = queue_send,
	.recv = queue_recv,
	.reserve = queue_reserve,
	.commit = queue_commit,
	.take = queue_take,
	.release = queue_release,
	.close = queue_close,
};

const struct bench_impl impl_libipc_joinable = {
	.name = "libipc-joinable",
	.cases = COPYING_CASES,
	.open = joinable_open,
	.send = queue_send,
	.recv = joinable_recv,
	.close = queue_close,
};
