/* stream_in.c - messages from a descriptor; see stream.h */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/fork_lock.h"
#include "object/stream.h"
#include "runtime/wait.h"

#define FIRST_ROOM 65536 /* of memory; more is taken as bytes come, whatever the header says */

/* Read until @have is @want: 0, or what keeps it from that. EOF is -EPIPE here. */
static int fill(struct stream_call *c, unsigned char *to, size_t *have, size_t want)
{
	int r = 0;

	while (*have < want && r == 0) {
		ssize_t n = stream_read(c->s, to + *have, want - *have);

		if (n > 0)
			*have += (size_t)n;
		else if (n == 0)
			r = -EPIPE;
		else if (n == -EAGAIN)
			r = stream_wait(c, POLLIN);
		else if (n != -EINTR)
			r = (int)n;
	}
	return r;
}

static uint64_t number(const unsigned char *p, size_t n)
{
	uint64_t x = 0;

	while (n--)
		x = x << 8 | *p++;
	return x;
}

/* The end of file is one only between messages. */
static int broken(struct stream_way *in, int r)
{
	if (r == -EPIPE && in->n_head > 0)
		r = fail(-EBADMSG, "the stream ended in the middle of a message");
	if (r == -EBADMSG || r == -EPROTO || r == -EMSGSIZE)
		in->broken = r;
	return r;
}

/* As far as it has come, it will have so many bytes. */
static size_t head_bytes(const struct stream_way *in)
{
	return in->n_head >= 4 && number(in->head, 4) == STREAM_LONG ? STREAM_HEAD_MAX : 4;
}

/* What a whole one says: more than INT64_MAX is of another wire form. */
static uint64_t head_len(const struct stream_way *in)
{
	uint64_t len = number(in->head, 4);

	if (len == STREAM_LONG)
		return number(in->head + 4, 8);
	return len > STREAM_SHORT_MAX ? UINT64_MAX : len;
}

/* The length of the message that is coming: 0 and *@ret, or an error. */
static int fill_head(struct stream_call *c, size_t *ret)
{
	struct stream_way *in = &c->s->in;
	uint64_t           len;
	int                r;

	if (in->broken)
		return in->broken;
	r = fill(c, in->head, &in->n_head, 4);
	if (r == 0)
		r = fill(c, in->head, &in->n_head, head_bytes(in));
	if (r < 0)
		return broken(in, r);
	len = head_len(in);
	if (len > (uint64_t)INT64_MAX)
		return broken(in, fail(-EPROTO, "what comes is not of this wire form: a message "
						"cannot have a negative length"));
	if (len > c->s->max_len)
		return broken(in, fail(-EMSGSIZE,
				       "a message of %llu bytes comes, the limit is %zu: nothing "
				       "behind it can be received",
				       (unsigned long long)len, c->s->max_len));
	*ret = (size_t)len;
	return 0;
}

static int fill_body(struct stream_call *c, size_t len)
{
	struct stream_way *in = &c->s->in;
	int                r = 0;

	while (in->have < len && r == 0) {
		if (in->have == in->room) {
			size_t         room = in->room ? 2 * in->room : FIRST_ROOM;
			unsigned char *more = realloc(in->buf, room < len ? room : len);

			if (!more)
				return -ENOMEM; /* what has come is kept */
			in->buf = more;
			in->room = room < len ? room : len;
		}
		r = fill(c, in->buf, &in->have, in->room < len ? in->room : len);
	}
	return r < 0 ? broken(in, r) : 0;
}

static void next_message(struct stream_way *in)
{
	in->n_head = in->have = 0;
	if (in->room > FIRST_ROOM) { /* a large one's memory is not kept */
		free(in->buf);
		in->buf = NULL;
		in->room = 0;
	}
}

static ssize_t recv_message(struct stream_call *c, void *buf, size_t cap)
{
	size_t len = 0;
	int    r = fill_head(c, &len);

	if (r == 0 && len > cap)
		return -EMSGSIZE; /* it stays, and its length is known */
	if (r == 0)
		r = fill_body(c, len);
	if (r < 0)
		return r;
	if (len)
		memcpy(buf, c->s->in.buf, len);
	next_message(&c->s->in);
	return (ssize_t)len;
}

static ssize_t recv_bytes(struct stream_call *c, void *buf, size_t cap)
{
	ssize_t n;
	int     r = 0;

	while (r == 0) {
		n = stream_read(c->s, buf, cap);
		if (n > 0 || (n == 0 && cap == 0))
			return n;
		if (n == 0)
			return -EPIPE;
		r = n == -EAGAIN ? stream_wait(c, POLLIN) : n == -EINTR ? 0 : (int)n;
	}
	return r;
}

ssize_t stream_recv(struct stream *s, void *buf, size_t cap, ipc_nsec timeout, uint64_t site)
{
	struct wait        w;
	struct stream_call c = {.s = s, .timeout = timeout, .site = site, .wait = &w};
	ssize_t            r;

	explain_clear();
	r = s->in.can ? stream_lock(&c, &s->in) : -EBADF;
	if (r < 0)
		return r;
	r = s->raw ? recv_bytes(&c, buf, cap) : recv_message(&c, buf, cap);
	fork_unlock(&s->in.lock);
	stream_waited(&c, r);
	return r;
}

ssize_t stream_next_len(struct stream *s)
{
	struct stream_call c = {.s = s, .timeout = IPC_NOW};
	size_t             len = 0;
	int                r = s->in.can && !s->raw ? stream_lock(&c, &s->in) : -EBADF;

	if (r < 0)
		return r;
	r = fill_head(&c, &len);
	fork_unlock(&s->in.lock);
	return r < 0 ? r : (ssize_t)len;
}

/* A message is there when it is whole; so is an end, or an error, which recv will tell. */
int stream_poll(struct stream *s, ipc_nsec timeout, uint64_t site)
{
	struct wait        w;
	struct stream_call c = {.s = s, .timeout = timeout, .site = site, .wait = &w};
	size_t             len = 0;
	int                r = s->in.can ? stream_lock(&c, &s->in) : -EBADF;

	if (r < 0)
		return r == -EAGAIN || r == -ETIMEDOUT ? 0 : r;
	if (s->raw) {
		r = stream_is_ready(s, POLLIN) ? 0 : stream_wait(&c, POLLIN);
	} else {
		r = fill_head(&c, &len);
		if (r == 0)
			r = fill_body(&c, len);
	}
	fork_unlock(&s->in.lock);
	stream_waited(&c, r);
	return r == -EAGAIN || r == -ETIMEDOUT ? 0 : r == -ENOMEM || r == -ENOBUFS ? r : 1;
}

/* Who has the lock is in a call that will take it, or that will leave it to the next look. */
bool stream_has_message(struct stream *s)
{
	struct stream_call c = {.s = s, .timeout = IPC_NOW};
	struct stream_way *in = &s->in;
	bool               r;

	if (!in->can || s->raw || stream_lock(&c, in) < 0)
		return false;
	r = in->broken || (in->n_head >= head_bytes(in) && in->have == head_len(in));
	fork_unlock(&in->lock);
	return r;
}
