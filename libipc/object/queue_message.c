/* queue_message.c - queues: messages in place, in pieces, in batches */

#include <errno.h>

#include <ipc/queue.h>

#include "object/message.h"
#include "object/queue.h"

static int usable(const ipc_queue *q, bool given)
{
	if (unlikely(!q || !given))
		return -EINVAL;
	return likely(q->c.h.rights) ? 0 : -EBADF;
}

int ipc_queue_reserve(ipc_queue *q, size_t len, struct ipc_msg *msg, ipc_nsec timeout)
{
	const struct call call = {.op = OP_PUT, .timeout = timeout, .site = CALL_SITE};
	int               r = usable(q, msg && len <= (size_t)INT64_MAX);

	return unlikely(r < 0) ? r : channel_reserve(&q->c, &call, len, msg);
}

int ipc_queue_commit(ipc_queue *q, struct ipc_msg *msg, ipc_nsec timeout)
{
	const struct call call = {.op = OP_PUT, .timeout = timeout, .site = CALL_SITE};
	int               r = usable(q, msg);

	return unlikely(r < 0) ? r : channel_commit(&q->c, &call, msg);
}

int ipc_queue_abort(ipc_queue *q, struct ipc_msg *msg)
{
	return q ? channel_abort(&q->c, msg) : -EINVAL;
}

int ipc_queue_take(ipc_queue *q, struct ipc_msg *msg, ipc_nsec timeout)
{
	const struct call call = {.op = OP_GET, .timeout = timeout, .site = CALL_SITE};
	int               r = usable(q, msg);

	return unlikely(r < 0) ? r : channel_take(&q->c, &call, msg);
}

int ipc_queue_release(ipc_queue *q, struct ipc_msg *msg)
{
	return q ? channel_release(&q->c, msg) : -EINVAL;
}

int ipc_queue_putv(ipc_queue *q, const struct iovec *iov, int n_iov, ipc_nsec timeout)
{
	const struct call call = {.op = OP_PUT, .timeout = timeout, .site = CALL_SITE};
	int               r = usable(q, true);

	return unlikely(r < 0) ? r : channel_putv(&q->c, &call, iov, n_iov);
}

ssize_t ipc_queue_getv(ipc_queue *q, const struct iovec *iov, int n_iov, ipc_nsec timeout)
{
	const struct call call = {.op = OP_GET, .timeout = timeout, .site = CALL_SITE};
	int               r = usable(q, true);

	return unlikely(r < 0) ? r : channel_getv(&q->c, &call, iov, n_iov);
}

ssize_t ipc_queue_put_many(ipc_queue *q, const struct ipc_buf *buf, size_t n_buf, ipc_nsec timeout)
{
	const struct call call = {.op = OP_PUT, .timeout = timeout, .site = CALL_SITE};
	int               r = usable(q, buf || !n_buf);

	return unlikely(r < 0) ? r : channel_put_many(&q->c, &call, buf, n_buf);
}

ssize_t ipc_queue_get_many(ipc_queue *q, struct ipc_buf *buf, size_t n_buf, ipc_nsec timeout)
{
	const struct call call = {.op = OP_GET, .timeout = timeout, .site = CALL_SITE};
	int               r = usable(q, buf || !n_buf);

	return unlikely(r < 0) ? r : channel_get_many(&q->c, &call, buf, n_buf);
}
