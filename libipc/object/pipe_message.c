/* pipe_message.c - connections: messages in place, in pieces, in batches */

#include <errno.h>

#include "object/conn.h"
#include "object/message.h"

static int sends(const ipc_conn *c, bool given)
{
	if (unlikely(!c || !given))
		return -EINVAL;
	return likely(c->c.h.rights & (RIGHT_SEND0 | RIGHT_SEND1)) ? 0 : -EBADF;
}

static int receives(const ipc_conn *c, bool given)
{
	if (unlikely(!c || !given))
		return -EINVAL;
	return likely(c->c.h.rights & (RIGHT_RECV0 | RIGHT_RECV1)) ? 0 : -EBADF;
}

/* The public function itself must say where it was called from, so this is no function. */
#define CALL(ring_, op_) \
	(&(const struct call){.ring = (ring_), .op = (op_), .timeout = timeout, .site = CALL_SITE})

int ipc_conn_reserve(ipc_conn *c, size_t len, struct ipc_msg *msg, ipc_nsec timeout)
{
	int r = sends(c, msg && len <= (size_t)INT64_MAX);

	return unlikely(r < 0) ? r
			       : channel_reserve(&c->c, CALL(conn_ring_out(c), OP_SEND), len, msg);
}

int ipc_conn_commit(ipc_conn *c, struct ipc_msg *msg, ipc_nsec timeout)
{
	int r = sends(c, msg);

	return unlikely(r < 0) ? r : channel_commit(&c->c, CALL(conn_ring_out(c), OP_SEND), msg);
}

int ipc_conn_abort(ipc_conn *c, struct ipc_msg *msg)
{
	return c ? channel_abort(&c->c, msg) : -EINVAL;
}

int ipc_conn_take(ipc_conn *c, struct ipc_msg *msg, ipc_nsec timeout)
{
	int r = receives(c, msg);

	return unlikely(r < 0) ? r : channel_take(&c->c, CALL(conn_ring_in(c), OP_RECV), msg);
}

int ipc_conn_release(ipc_conn *c, struct ipc_msg *msg)
{
	return c ? channel_release(&c->c, msg) : -EINVAL;
}

int ipc_conn_sendv(ipc_conn *c, const struct iovec *iov, int n_iov, ipc_nsec timeout)
{
	int r = sends(c, true);

	return unlikely(r < 0) ? r
			       : channel_putv(&c->c, CALL(conn_ring_out(c), OP_SEND), iov, n_iov);
}

ssize_t ipc_conn_recvv(ipc_conn *c, const struct iovec *iov, int n_iov, ipc_nsec timeout)
{
	int r = receives(c, true);

	return unlikely(r < 0) ? r
			       : channel_getv(&c->c, CALL(conn_ring_in(c), OP_RECV), iov, n_iov);
}

ssize_t ipc_conn_send_many(ipc_conn *c, const struct ipc_buf *buf, size_t n_buf, ipc_nsec timeout)
{
	int r = sends(c, buf || !n_buf);

	return unlikely(r < 0)
		       ? r
		       : channel_put_many(&c->c, CALL(conn_ring_out(c), OP_SEND), buf, n_buf);
}

ssize_t ipc_conn_recv_many(ipc_conn *c, struct ipc_buf *buf, size_t n_buf, ipc_nsec timeout)
{
	int r = receives(c, buf || !n_buf);

	return unlikely(r < 0)
		       ? r
		       : channel_get_many(&c->c, CALL(conn_ring_in(c), OP_RECV), buf, n_buf);
}
