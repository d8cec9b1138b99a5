/* pipe.c - connections: a channel seen from one of its two ends */

#include <errno.h>

#include <ipc/conn.h>

#include "base/error.h"
#include "object/channel.h"

#define PIPE_CAPACITY 256 /* messages, as ipc/conn.h says */
#define PIPE_HEAP_LIMIT \
	(UINT64_C(64) * 1024 * 1024) /* large payloads in flight before a sender waits */

struct ipc_conn {
	struct channel c;
};

/* An ipc_conn is its channel; which rings it uses follows from its rights. */
static ipc_conn *conn_of(struct channel *c)
{
	return (ipc_conn *)c;
}

static int pipe_spec(const struct ipc_conn_opts *opts, struct channel_spec *ret)
{
	static const struct ipc_conn_opts defaults = {.sz = sizeof(defaults)};
	bool                              simplex;

	if (!opts)
		opts = &defaults;
	if (opts->sz < sizeof(*opts))
		return fail(-EINVAL, "ipc_conn_opts: sz must be sizeof(struct ipc_conn_opts)");
	if (opts->flags & ~(unsigned)IPC_CONN_SIMPLEX || opts->capacity > RING_POS_MASK)
		return fail(-EINVAL, "ipc_conn_opts: unknown flag, or capacity out of range");
	simplex = opts->flags & IPC_CONN_SIMPLEX;
	*ret = (struct channel_spec){
		.object = {.kind = KIND_PIPE,
			   .flags = simplex ? OBJECT_SIMPLEX : 0,
			   .name = opts->name,
			   .label_only = 1},
		.n_rings = simplex ? 1 : 2,
		.capacity = opts->capacity ? opts->capacity : PIPE_CAPACITY,
		.heap_limit = PIPE_HEAP_LIMIT,
		.rights = simplex ? RIGHT_RECV0 : RIGHT_SEND0 | RIGHT_RECV1,
	};
	return 0;
}

int ipc_pipe(ipc_conn *ret[2], const struct ipc_conn_opts *opts)
{
	struct channel_spec spec = {0};
	struct channel     *first = NULL, *second = NULL;
	int                 r;

	explain_clear();
	r = ret ? pipe_spec(opts, &spec) : -EINVAL;

	if (r == 0)
		r = channel_create(&first, &spec);
	if (r < 0)
		return r;
	r = channel_open_same(&second, first,
			      spec.n_rings == 1 ? RIGHT_SEND0 : RIGHT_RECV0 | RIGHT_SEND1);
	if (r < 0) {
		channel_close(first);
		return r;
	}
	ret[0] = conn_of(first);
	ret[1] = conn_of(second);
	return 0;
}

ipc_conn *ipc_conn_close(ipc_conn *c)
{
	if (c)
		channel_close(&c->c);
	return NULL;
}

int ipc_conn_readable(const ipc_conn *c)
{
	return c && (c->c.h.rights & (RIGHT_RECV0 | RIGHT_RECV1)) != 0;
}

int ipc_conn_writable(const ipc_conn *c)
{
	return c && (c->c.h.rights & (RIGHT_SEND0 | RIGHT_SEND1)) != 0;
}

static unsigned ring_in(const ipc_conn *c)
{
	return c->c.h.rights & RIGHT_RECV1 ? 1 : 0;
}

static unsigned ring_out(const ipc_conn *c)
{
	return c->c.h.rights & RIGHT_SEND1 ? 1 : 0;
}

int ipc_conn_send(ipc_conn *c, const void *buf, size_t len, ipc_nsec timeout)
{
	struct call call = {.op = OP_SEND, .timeout = timeout, .site = CALL_SITE};

	if (!c || (!buf && len) || len > (size_t)INT64_MAX)
		return -EINVAL;
	if (!ipc_conn_writable(c))
		return -EBADF;
	call.ring = ring_out(c);
	return channel_put(&c->c, &call, buf, len);
}

ssize_t ipc_conn_recv(ipc_conn *c, void *buf, size_t cap, ipc_nsec timeout)
{
	struct call call = {.op = OP_RECV, .timeout = timeout, .site = CALL_SITE};

	if (!c || (!buf && cap))
		return -EINVAL;
	if (!ipc_conn_readable(c))
		return -EBADF;
	call.ring = ring_in(c);
	return channel_get(&c->c, &call, buf, cap);
}

ssize_t ipc_conn_next_len(ipc_conn *c)
{
	if (!c)
		return -EINVAL;
	return ipc_conn_readable(c) ? channel_peek(&c->c, ring_in(c)) : -EBADF;
}

int ipc_conn_poll(ipc_conn *c, ipc_nsec timeout)
{
	struct call call = {.op = OP_POLL, .timeout = timeout, .site = CALL_SITE};

	if (!c)
		return -EINVAL;
	if (!ipc_conn_readable(c))
		return -EBADF;
	call.ring = ring_in(c);
	return channel_poll(&c->c, &call);
}
