/* pipe.c - connections: a channel seen from one of its two ends */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/error.h"
#include "object/conn.h"
#include "object/fast.h"
#include "object/limit.h"
#include "object/stream.h"
#include "object/watch.h"

#define RECVS         (RIGHT_RECV0 | RIGHT_RECV1)
#define SENDS         (RIGHT_SEND0 | RIGHT_SEND1)

#define PIPE_CAPACITY 256 /* messages, as ipc/conn.h says */
#define PIPE_HEAP_LIMIT \
	(UINT64_C(64) * 1024 * 1024) /* large payloads in flight before a sender waits */

static ipc_conn *conn_of(struct channel *c)
{
	return (ipc_conn *)c;
}

static int pipe_spec(const struct ipc_conn_opts *opts, struct channel_spec *ret)
{
	struct ipc_conn_opts o = {0};
	bool                 simplex;

	if (!options_read(&o, sizeof(o), offsetof(struct ipc_conn_opts, max_bytes), opts))
		return fail(-EINVAL, "ipc_conn_opts: sz must be sizeof(struct ipc_conn_opts)");
	if (o.flags & ~(unsigned)IPC_CONN_SIMPLEX || o.capacity > RING_POS_MASK)
		return fail(-EINVAL, "ipc_conn_opts: unknown flag, or capacity out of range");
	simplex = o.flags & IPC_CONN_SIMPLEX;
	*ret = (struct channel_spec){
		.object = {.kind = KIND_PIPE,
			   .flags = simplex ? OBJECT_SIMPLEX : 0,
			   .name = o.name,
			   .label_only = 1},
		.n_rings = simplex ? 1 : 2,
		.capacity = o.capacity ? o.capacity : PIPE_CAPACITY,
		.heap_limit = o.max_bytes ? o.max_bytes : PIPE_HEAP_LIMIT,
		.rights = simplex ? RIGHT_RECV0 : RIGHT_SEND0 | RIGHT_RECV1,
	};
	return 0;
}

int ipc_pipe(ipc_conn *ret[2], const struct ipc_conn_opts *opts)
{
	struct channel_spec spec = {0};
	struct channel     *first = NULL, *second = NULL;
	int                 r = begin_output(ret);

	if (r == 0)
		r = pipe_spec(opts, &spec);
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
	if (c && c->c.stream) {
		stream_close(c->c.stream);
		free(c);
	} else if (c) {
		channel_close(&c->c);
	}
	return NULL;
}

int ipc_conn_readable(const ipc_conn *c)
{
	return c && ((c->c.h.rights & RECVS) || (c->c.stream && c->c.stream->in.can));
}

int ipc_conn_writable(const ipc_conn *c)
{
	return c && ((c->c.h.rights & SENDS) || (c->c.stream && c->c.stream->out.can));
}

int ipc_conn_from_fd(ipc_conn **ret, int fd, const struct ipc_from_fd_opts *opts)
{
	static const struct ipc_from_fd_opts defaults = {.sz = sizeof(defaults)};
	ipc_conn                            *c;
	int                                  r = begin_output(ret);

	if (r < 0)
		return r;
	if (!opts)
		opts = &defaults;
	if (opts->sz < sizeof(*opts) || opts->flags & ~(unsigned)IPC_FROM_FD_RAW)
		return fail(-EINVAL, "ipc_from_fd_opts: bad sz, or unknown flag");
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	r = stream_open(&c->c.stream, fd, opts->flags & IPC_FROM_FD_RAW, opts->max_len);
	if (r < 0)
		free(c);
	else
		*ret = c;
	return r;
}

int ipc_conn_send(ipc_conn *c, const void *buf, size_t len, ipc_nsec timeout)
{
	if (unlikely(!c || (!buf && len) || len > (size_t)INT64_MAX))
		return -EINVAL;
	if (unlikely(!(c->c.h.rights & SENDS)))
		return c->c.stream ? stream_send(c->c.stream, buf, len, timeout, CALL_SITE)
				   : -EBADF;
	if (likely(put_fast(&c->c, conn_ring_out(c), buf, len)))
		return 0;
	return channel_put_slow(&c->c,
				&(struct call){.ring = conn_ring_out(c),
					       .op = OP_SEND,
					       .timeout = timeout,
					       .site = CALL_SITE},
				buf, len);
}

ssize_t ipc_conn_recv(ipc_conn *c, void *buf, size_t cap, ipc_nsec timeout)
{
	ssize_t r;

	if (unlikely(!c || (!buf && cap)))
		return -EINVAL;
	if (unlikely(!(c->c.h.rights & RECVS)))
		return c->c.stream ? stream_recv(c->c.stream, buf, cap, timeout, CALL_SITE)
				   : -EBADF;
	r = get_fast(&c->c, conn_ring_in(c), buf, cap, timeout, CALL_SITE);
	if (likely(r >= 0))
		return r;
	return channel_get_slow(&c->c,
				&(struct call){.ring = conn_ring_in(c),
					       .op = OP_RECV,
					       .timeout = timeout,
					       .site = CALL_SITE},
				buf, cap);
}

ssize_t ipc_conn_next_len(ipc_conn *c)
{
	if (!c)
		return -EINVAL;
	if (c->c.stream)
		return stream_next_len(c->c.stream);
	return ipc_conn_readable(c) ? channel_peek(&c->c, conn_ring_in(c)) : -EBADF;
}

int ipc_conn_flush(ipc_conn *c, ipc_nsec timeout)
{
	explain_clear();
	if (!c)
		return -EINVAL;
	return c->c.stream ? stream_flush(c->c.stream, timeout, CALL_SITE) : 0;
}

int ipc_conn_poll(ipc_conn *c, ipc_nsec timeout)
{
	struct call call = {.op = OP_POLL, .timeout = timeout, .site = CALL_SITE};

	if (!c)
		return -EINVAL;
	if (!ipc_conn_readable(c))
		return -EBADF;
	if (c->c.stream)
		return stream_poll(c->c.stream, timeout, CALL_SITE);
	call.ring = conn_ring_in(c);
	return channel_poll(&c->c, &call);
}

int ipc_conn_fd(ipc_conn *c, unsigned event)
{
	explain_clear();
	if (!c || (event != IPC_READ && event != IPC_WRITE))
		return -EINVAL;
	if (event == IPC_READ ? !ipc_conn_readable(c) : !ipc_conn_writable(c))
		return -EBADF;
	if (c->c.stream && event == IPC_WRITE)
		return fail(-ENOTSUP, "of an adopted descriptor: poll it itself, for POLLOUT");
	if (c->c.stream)
		return c->c.stream->fd;
	return event == IPC_READ ? watch_fd(&c->c, conn_ring_in(c), LEVEL_GET)
				 : watch_fd(&c->c, conn_ring_out(c), LEVEL_PUT);
}
