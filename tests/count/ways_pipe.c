/* ways_pipe.c - messages through a pipe, in place, in pieces, many in a call */

#include "subjects.h"

static int pipe_commit(void *it, const void *buf, size_t len)
{
	struct ipc_msg m = {0};
	int            r = ipc_conn_reserve(pipe_writer(it), len, &m, IPC_FOREVER);

	(void)buf;
	return r < 0 ? r : ipc_conn_commit(pipe_writer(it), &m, IPC_FOREVER);
}

static int pipe_abort(void *it, const void *buf, size_t len)
{
	struct ipc_msg m = {0};
	int            r = ipc_conn_reserve(pipe_writer(it), len, &m, IPC_FOREVER);

	(void)buf;
	return r < 0 ? r : ipc_conn_abort(pipe_writer(it), &m);
}

static ssize_t pipe_release(void *it, void *buf, size_t cap)
{
	struct ipc_msg m = {0};
	int            r = ipc_conn_take(pipe_reader(it), &m, IPC_FOREVER);

	(void)buf, (void)cap;
	return r < 0 ? r : ipc_conn_release(pipe_reader(it), &m);
}

static int pipe_sendv(void *it, const void *buf, size_t len)
{
	struct iovec iov[PIECES];

	way_cut(iov, buf, len);
	return ipc_conn_sendv(pipe_writer(it), iov, PIECES, IPC_FOREVER);
}

static ssize_t pipe_recvv(void *it, void *buf, size_t cap)
{
	struct iovec iov[PIECES];

	way_cut(iov, buf, cap);
	return ipc_conn_recvv(pipe_reader(it), iov, PIECES, IPC_FOREVER);
}

static int pipe_send_many(void *it, const void *buf, size_t len)
{
	struct ipc_buf batch[BATCH];

	way_fill(batch, buf, len);
	return way_all(ipc_conn_send_many(pipe_writer(it), batch, BATCH, IPC_FOREVER));
}

static ssize_t pipe_recv_many(void *it, void *buf, size_t cap)
{
	struct ipc_buf batch[BATCH];

	way_fill(batch, buf, cap);
	return way_all(ipc_conn_recv_many(pipe_reader(it), batch, BATCH, IPC_FOREVER));
}

const struct subject pipe_in_place = {
	.name = "pipe",
	.put = "reserve+commit",
	.get = "take+release",
	.size = {64, 96, 97, 1024, 65536},
	.open = pipe_open,
	.do_put = pipe_commit,
	.do_get = pipe_release,
	.close = pipe_close,
};

const struct subject pipe_reserved = {
	.name = "pipe",
	.put = "reserve+abort",
	.size = {64, 1024},
	.open = pipe_open,
	.do_put = pipe_abort,
	.close = pipe_close,
};

const struct subject pipe_in_pieces = {
	.name = "pipe",
	.put = "sendv",
	.get = "recvv",
	.size = {64, 1024},
	.open = pipe_open,
	.do_put = pipe_sendv,
	.do_get = pipe_recvv,
	.close = pipe_close,
};

const struct subject pipe_in_batches = {
	.name = "pipe",
	.put = "send_many",
	.get = "recv_many",
	.size = {64, 1024},
	.batch = BATCH,
	.open = pipe_open,
	.do_put = pipe_send_many,
	.do_get = pipe_recv_many,
	.close = pipe_close,
};
