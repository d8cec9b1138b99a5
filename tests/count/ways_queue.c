/* ways_queue.c - messages through a queue, in place, in pieces, many in a call */

#include "subjects.h"

static int queue_commit(void *it, const void *buf, size_t len)
{
	struct ipc_msg m = {0};
	int            r = ipc_queue_reserve(it, len, &m, IPC_FOREVER);

	(void)buf;
	return r < 0 ? r : ipc_queue_commit(it, &m, IPC_FOREVER);
}

static int queue_abort(void *it, const void *buf, size_t len)
{
	struct ipc_msg m = {0};
	int            r = ipc_queue_reserve(it, len, &m, IPC_FOREVER);

	(void)buf;
	return r < 0 ? r : ipc_queue_abort(it, &m);
}

static ssize_t queue_release(void *it, void *buf, size_t cap)
{
	struct ipc_msg m = {0};
	int            r = ipc_queue_take(it, &m, IPC_FOREVER);

	(void)buf, (void)cap;
	return r < 0 ? r : ipc_queue_release(it, &m);
}

static int queue_putv(void *it, const void *buf, size_t len)
{
	struct iovec iov[PIECES];

	way_cut(iov, buf, len);
	return ipc_queue_putv(it, iov, PIECES, IPC_FOREVER);
}

static ssize_t queue_getv(void *it, void *buf, size_t cap)
{
	struct iovec iov[PIECES];

	way_cut(iov, buf, cap);
	return ipc_queue_getv(it, iov, PIECES, IPC_FOREVER);
}

static int queue_put_many(void *it, const void *buf, size_t len)
{
	struct ipc_buf batch[BATCH];

	way_fill(batch, buf, len);
	return way_all(ipc_queue_put_many(it, batch, BATCH, IPC_FOREVER));
}

static ssize_t queue_get_many(void *it, void *buf, size_t cap)
{
	struct ipc_buf batch[BATCH];

	way_fill(batch, buf, cap);
	return way_all(ipc_queue_get_many(it, batch, BATCH, IPC_FOREVER));
}

const struct subject queue_in_place = {
	.name = "queue",
	.put = "reserve+commit",
	.get = "take+release",
	.size = {64, 96, 97, 1024, 65536},
	.open = queue_open,
	.do_put = queue_commit,
	.do_get = queue_release,
	.close = queue_close,
};

const struct subject queue_reserved = {
	.name = "queue",
	.put = "reserve+abort",
	.size = {64, 1024},
	.open = queue_open,
	.do_put = queue_abort,
	.close = queue_close,
};

const struct subject queue_in_pieces = {
	.name = "queue",
	.put = "putv",
	.get = "getv",
	.size = {64, 1024},
	.open = queue_open,
	.do_put = queue_putv,
	.do_get = queue_getv,
	.close = queue_close,
};

const struct subject queue_in_batches = {
	.name = "queue",
	.put = "put_many",
	.get = "get_many",
	.size = {64, 1024},
	.batch = BATCH,
	.open = queue_open,
	.do_put = queue_put_many,
	.do_get = queue_get_many,
	.close = queue_close,
};
