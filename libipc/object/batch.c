/*
 * batch.c - several messages by one call
 *
 * Each is put or got like any other, and can be seen as soon as it is: a batch is no
 * transaction. Who sleeps on the other side is woken by the first of them and finds the
 * rest there; the others cost no system call (ring/event.h).
 */

#include <errno.h>

#include "object/message.h"
#include "object/transfer.h"

static int put_one(struct channel *c, const struct call *call, const struct ipc_buf *b)
{
	struct transfer t;
	int             r;

	if (unlikely((!b->data && b->len) || b->len > (size_t)INT64_MAX))
		return -EINVAL;
	if (likely(put_fast_typed(c, call->ring, b->data, b->len, b->type)))
		return 0;
	r = transfer_begin(&t, &putting, c, call);
	if (r < 0)
		return r;
	t.from = b->data;
	t.len = b->len;
	t.type = b->type;
	return transfer_put(&t);
}

ssize_t channel_put_many(struct channel *c, const struct call *call, const struct ipc_buf *buf,
			 size_t n)
{
	struct call now = *call;
	size_t      done = 0;
	int         r = 0;

	now.timeout = IPC_NOW;
	now.more = true;
	while (done < n) {
		r = put_one(c, done ? &now : call, &buf[done]);
		if (r < 0)
			break;
		done++;
	}
	return done || r == 0 ? (ssize_t)done : r;
}

static ssize_t get_one(struct channel *c, const struct call *call, struct ipc_buf *b)
{
	struct slot_note note;
	struct transfer  t;
	ssize_t          r;

	if (unlikely(!b->data && b->cap))
		return -EINVAL;
	r = get_fast_noted(c, call->ring, b->data, b->cap, call->timeout, call->site, &note);
	if (likely(r >= 0)) {
		b->type = note.type;
		return r;
	}
	r = transfer_begin(&t, &getting, c, call);
	if (r < 0)
		return r;
	t.to = b->data;
	t.len = b->cap;
	r = transfer_get(&t);
	if (r >= 0)
		b->type = t.type;
	return r;
}

ssize_t channel_get_many(struct channel *c, const struct call *call, struct ipc_buf *buf, size_t n)
{
	struct call now = *call;
	size_t      done = 0;
	ssize_t     r = 0;

	now.timeout = IPC_NOW;
	now.more = true;
	while (done < n) {
		r = get_one(c, done ? &now : call, &buf[done]);
		if (r < 0)
			break;
		buf[done++].len = (size_t)r;
	}
	return done || r >= 0 ? (ssize_t)done : r;
}
