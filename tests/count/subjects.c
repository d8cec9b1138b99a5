/* subjects.c - pipes and queues, each by the same verbs: what is copied */

#include <errno.h>
#include <ipc/simple_queue.h>
#include <stdlib.h>

#include "subjects.h"

/* On both sides of what a slot holds, 96 bytes, there is no cliff; 65536 is copied otherwise. */
#define SIZES                              \
	{                                  \
		8, 64, 96, 97, 1024, 65536 \
	}

/* ---- pipe ---------------------------------------------------------------------------------- */

enum { READER, WRITER }; /* as ipc_pipe() hands them out */

static int pipe_open_as(void **ret, unsigned flags)
{
	ipc_conn **end = calloc(2, sizeof(ipc_conn *));
	int        r;

	if (!end)
		return -ENOMEM;
	r = ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = flags, .capacity = CAPACITY));
	if (r < 0) {
		free(end);
		return r;
	}
	*ret = end;
	return 0;
}

int pipe_open(void **ret)
{
	return pipe_open_as(ret, IPC_CONN_SIMPLEX);
}

static int duplex_open(void **ret)
{
	return pipe_open_as(ret, 0);
}

static void pipe_keep(void *it, int puts)
{
	ipc_conn **end = it, **other = &end[puts ? READER : WRITER];

	*other = ipc_conn_close(*other);
}

ipc_conn *pipe_reader(void *it)
{
	return ((ipc_conn **)it)[READER];
}

ipc_conn *pipe_writer(void *it)
{
	return ((ipc_conn **)it)[WRITER];
}

static int pipe_put(void *it, const void *buf, size_t len)
{
	return ipc_conn_send(pipe_writer(it), buf, len, IPC_FOREVER);
}

static ssize_t pipe_get(void *it, void *buf, size_t cap)
{
	return ipc_conn_recv(pipe_reader(it), buf, cap, IPC_FOREVER);
}

void pipe_close(void *it)
{
	ipc_conn_close(pipe_reader(it));
	ipc_conn_close(pipe_writer(it));
	free(it);
}

const struct subject pipe_subject = {
	.name = "pipe",
	.put = "send",
	.get = "recv",
	.company = SHARED | GET_WAITING | PUT_WAITING,
	.size = SIZES,
	.open = pipe_open,
	.keep = pipe_keep,
	.do_put = pipe_put,
	.do_get = pipe_get,
	.close = pipe_close,
};

const struct subject duplex_subject = {
	.name = "duplex",
	.put = "send",
	.get = "recv",
	.company = SHARED | GET_WAITING | PUT_WAITING,
	.size = {64},
	.open = duplex_open,
	.keep = pipe_keep,
	.do_put = pipe_put,
	.do_get = pipe_get,
	.close = pipe_close,
};

/* ---- queues -------------------------------------------------------------------------------- */

static int queue_open_as(void **ret, unsigned flags)
{
	ipc_queue *q;
	int        r = ipc_queue_create(&q, NULL,
					IPC_OPTS(ipc_queue_opts, .maxsize = CAPACITY, .flags = flags));

	if (r < 0)
		return r;
	*ret = q;
	return 0;
}

int queue_open(void **ret)
{
	return queue_open_as(ret, 0);
}

static int joinable_open(void **ret)
{
	return queue_open_as(ret, IPC_QUEUE_JOINABLE);
}

static int queue_put(void *it, const void *buf, size_t len)
{
	return ipc_queue_put(it, buf, len, IPC_FOREVER);
}

static ssize_t queue_get(void *it, void *buf, size_t cap)
{
	return ipc_queue_get(it, buf, cap, IPC_FOREVER);
}

static int queue_done(void *it)
{
	return ipc_queue_task_done(it);
}

void queue_close(void *it)
{
	ipc_queue_close(it);
}

const struct subject queue_subject = {
	.name = "queue",
	.put = "put",
	.get = "get",
	.company = SHARED | GET_WAITING | PUT_WAITING,
	.size = SIZES,
	.open = queue_open,
	.do_put = queue_put,
	.do_get = queue_get,
	.close = queue_close,
};

const struct subject joinable_subject = {
	.name = "joinable",
	.put = "put",
	.get = "get",
	.done = "task_done",
	.company = SHARED | GET_WAITING | PUT_WAITING,
	.size = {8, 64, 1024},
	.open = joinable_open,
	.do_put = queue_put,
	.do_get = queue_get,
	.do_done = queue_done,
	.close = queue_close,
};

/* ---- simple queue -------------------------------------------------------------------------- */

static int simple_open(void **ret)
{
	ipc_simple_queue *q;
	int               r = ipc_simple_queue_create(&q);

	if (r < 0)
		return r;
	*ret = q;
	return 0;
}

static int simple_put(void *it, const void *buf, size_t len)
{
	return ipc_simple_queue_put(it, buf, len);
}

static ssize_t simple_get(void *it, void *buf, size_t cap)
{
	return ipc_simple_queue_get(it, buf, cap);
}

static void simple_close(void *it)
{
	ipc_simple_queue_close(it);
}

/* It has no bound: nobody ever waits to put into it. */
const struct subject simple_subject = {
	.name = "simple",
	.put = "put",
	.get = "get",
	.company = SHARED | GET_WAITING,
	.size = {8, 64, 1024},
	.open = simple_open,
	.do_put = simple_put,
	.do_get = simple_get,
	.close = simple_close,
};
