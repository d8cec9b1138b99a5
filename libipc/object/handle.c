/* handle.c - messages that carry a handle; what that is in the registry: runtime/parcel.h */

#include <errno.h>

#include <ipc/handle.h>

#include "base/error.h"
#include "object/conn.h"
#include "object/queue.h"
#include "object/shm.h"
#include "object/transfer.h"
#include "runtime/parcel.h"

/* ---- sending --------------------------------------------------------------------- */

/* What the runtime knows it by; NULL: it is none. */
static const struct handle *handle_in(const struct ipc_handle *h)
{
	switch (h ? h->kind : IPC_HANDLE_NONE) {
	case IPC_HANDLE_IS_CONN: return h->of.conn ? &h->of.conn->c.h : NULL;
	case IPC_HANDLE_IS_QUEUE: return h->of.queue ? &h->of.queue->c.h : NULL;
	case IPC_HANDLE_IS_SHM: return h->of.shm ? block_handle(h->of.shm) : NULL;
	default: return NULL;
	}
}

static int check(const struct channel *c, const struct ipc_handle *h)
{
	const struct handle *what = handle_in(h);

	if (!what)
		return fail(-EINVAL, "ipc_handle: of no kind, or NULL");
	if (h->kind == IPC_HANDLE_IS_CONN && h->of.conn->c.stream)
		return fail(-ENOTSUP, "a connection made of a descriptor cannot be sent: "
				      "send the descriptor over a socket");
	if (!what->rights)
		return -EBADF;
	if (what->object_ref == c->h.object_ref)
		return fail(-EINVAL, "an end of a channel cannot travel in that same channel: "
				     "its end would never come");
	return 0;
}

static int put_with(struct channel *c, const struct call *call, const void *buf, size_t len,
		    const struct handle *what)
{
	struct transfer t;
	ref             parcel;
	int             r = parcel_make(what, c->h.object_ref, call->timeout, &parcel);

	if (r < 0)
		return r;
	r = transfer_begin(&t, &putting, c, call);
	if (r == 0) {
		t.from = buf;
		t.len = len;
		t.parcel = parcel;
		r = transfer_put(&t);
	}
	if (r < 0)
		parcel_drop(parcel, c->h.object_ref);
	return r;
}

/* ---- receiving ---------------------------------------------------------------------- */

static int unpack_as(enum object_kind kind, ref parcel, ref carrier, struct ipc_handle *ret)
{
	switch (kind) {
	case KIND_PIPE:
		ret->kind = IPC_HANDLE_IS_CONN;
		return channel_unpack((struct channel **)&ret->of.conn, parcel, carrier);
	case KIND_QUEUE:
	case KIND_JOINABLE:
		ret->kind = IPC_HANDLE_IS_QUEUE;
		return channel_unpack((struct channel **)&ret->of.queue, parcel, carrier);
	case KIND_SHM:
		ret->kind = IPC_HANDLE_IS_SHM;
		return block_unpack(&ret->of.shm, parcel, carrier);
	default: return -ESTALE;
	}
}

static void unpack(ref parcel, ref carrier, struct ipc_handle *ret)
{
	struct ipc_handle h = {.kind = IPC_HANDLE_NONE};
	int               r = 0;

	if (parcel)
		r = unpack_as(parcel_kind(parcel, carrier), parcel, carrier, &h);
	if (r < 0) {
		parcel_drop(parcel, carrier);
		h = (struct ipc_handle){.error = r};
	}
	*ret = h;
}

static ssize_t get_with(struct channel *c, const struct call *call, void *buf, size_t cap,
			struct ipc_handle *ret)
{
	struct transfer t;
	ssize_t         r = transfer_begin(&t, &getting, c, call);

	if (r < 0)
		return r;
	t.to = buf;
	t.len = cap;
	t.unpacks = true;
	r = transfer_get(&t);
	if (r < 0)
		return r;
	unpack(t.parcel, c->h.object_ref, ret);
	intend_nothing(&t); /* until now it said of whom the parcel is, should we die */
	return r;
}

/* ---- the calls ------------------------------------------------------------------------ */

int ipc_conn_send_handle(ipc_conn *c, const void *buf, size_t len, const struct ipc_handle *h,
			 ipc_nsec timeout)
{
	struct call call = {.op = OP_SEND, .timeout = timeout, .site = CALL_SITE};
	int         r;

	explain_clear();
	if (!c || (!buf && len) || len > (size_t)INT64_MAX)
		return -EINVAL;
	if (c->c.stream)
		return fail(-ENOTSUP, "a connection made of a descriptor carries no handles");
	if (!ipc_conn_writable(c))
		return -EBADF;
	call.ring = conn_ring_out(c);
	r = check(&c->c, h);
	return r < 0 ? r : put_with(&c->c, &call, buf, len, handle_in(h));
}

ssize_t ipc_conn_recv_handle(ipc_conn *c, void *buf, size_t cap, struct ipc_handle *ret,
			     ipc_nsec timeout)
{
	struct call call = {.op = OP_RECV, .timeout = timeout, .site = CALL_SITE};

	explain_clear();
	if (!c || !ret || (!buf && cap))
		return -EINVAL;
	if (c->c.stream)
		return fail(-ENOTSUP, "a connection made of a descriptor carries no handles");
	if (!ipc_conn_readable(c))
		return -EBADF;
	call.ring = conn_ring_in(c);
	return get_with(&c->c, &call, buf, cap, ret);
}

int ipc_queue_put_handle(ipc_queue *q, const void *buf, size_t len, const struct ipc_handle *h,
			 ipc_nsec timeout)
{
	const struct call call = {.op = OP_PUT, .timeout = timeout, .site = CALL_SITE};
	int               r;

	explain_clear();
	if (!q || (!buf && len) || len > (size_t)INT64_MAX)
		return -EINVAL;
	if (!q->c.h.rights)
		return -EBADF;
	r = check(&q->c, h);
	return r < 0 ? r : put_with(&q->c, &call, buf, len, handle_in(h));
}

ssize_t ipc_queue_get_handle(ipc_queue *q, void *buf, size_t cap, struct ipc_handle *ret,
			     ipc_nsec timeout)
{
	const struct call call = {.op = OP_GET, .timeout = timeout, .site = CALL_SITE};

	explain_clear();
	if (!q || !ret || (!buf && cap))
		return -EINVAL;
	if (!q->c.h.rights)
		return -EBADF;
	return get_with(&q->c, &call, buf, cap, ret);
}
