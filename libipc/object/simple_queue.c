/* simple_queue.c - a queue without options */

#include <errno.h>

#include <ipc/simple_queue.h>

#include "base/error.h"
#include "object/fast.h"

struct ipc_simple_queue {
	struct channel c;
};

int ipc_simple_queue_create(ipc_simple_queue **ret)
{
	static const struct channel_spec spec = {
		.object = {.kind = KIND_SIMPLE},
		.n_rings = 1,
		.share = true,
		.rights = RIGHT_SEND0 | RIGHT_RECV0,
	};

	int r = begin_output(ret);

	return r < 0 ? r : channel_create((struct channel **)ret, &spec);
}

int ipc_simple_queue_put(ipc_simple_queue *q, const void *buf, size_t len)
{
	const struct call call = {.op = OP_PUT, .timeout = IPC_FOREVER, .site = CALL_SITE};

	if (unlikely(!q || (!buf && len) || len > (size_t)INT64_MAX))
		return -EINVAL;
	if (unlikely(!q->c.h.rights))
		return -EBADF;
	return likely(put_fast(&q->c, 0, buf, len)) ? 0 : channel_put_slow(&q->c, &call, buf, len);
}

ssize_t ipc_simple_queue_get(ipc_simple_queue *q, void *buf, size_t cap)
{
	const struct call call = {.op = OP_GET, .timeout = IPC_FOREVER, .site = CALL_SITE};
	ssize_t           r;

	if (unlikely(!q || (!buf && cap)))
		return -EINVAL;
	if (unlikely(!q->c.h.rights))
		return -EBADF;
	r = get_fast(&q->c, 0, buf, cap, IPC_FOREVER, call.site);
	return likely(r >= 0) ? r : channel_get_slow(&q->c, &call, buf, cap);
}

int ipc_simple_queue_empty(const ipc_simple_queue *q)
{
	return !q || channel_queued(&q->c, 0) == 0;
}

ipc_simple_queue *ipc_simple_queue_close(ipc_simple_queue *q)
{
	if (q)
		channel_close(&q->c);
	return NULL;
}
