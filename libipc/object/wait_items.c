/* wait_items.c - from what the caller lists to questions, each checked */

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "object/conn.h"
#include "object/proc.h"
#include "object/queue.h"
#include "object/stream.h"
#include "object/wait_set.h"

_Static_assert(IPC_READ == POLLIN && IPC_WRITE == POLLOUT, "as ipc/base.h says");

static void add(struct wait_set *s, struct ipc_item *item, struct question q)
{
	q.item = item;
	s->q[s->n++] = q;
}

static void add_channel(struct wait_set *s, struct ipc_item *item, struct channel *c, unsigned bit,
			unsigned ring)
{
	bool get = bit == IPC_READ, conn = item->kind == IPC_ITEM_IS_CONN;

	add(s, item,
	    (struct question){
		    .c = c,
		    .ring = ring,
		    .side = get ? LEVEL_GET : LEVEL_PUT,
		    .bit = bit,
		    .fd = -1,
		    .says = {.op = conn ? (get ? OP_POLL : OP_SEND) : (get ? OP_GET : OP_PUT),
			     .need = get ? RIGHT_SEND(ring) : RIGHT_RECV(ring),
			     .object = c->h.object_ref,
			     .arg = ring}});
}

static void add_fd(struct wait_set *s, struct ipc_item *item, int fd, unsigned events)
{
	add(s, item,
	    (struct question){.bit = events,
			      .fd = fd,
			      .says = {.op = OP_FD, .arg = (uint64_t)fd, .arg2 = events}});
}

static int add_conn(struct wait_set *s, struct ipc_item *item)
{
	ipc_conn *c = item->of.conn;

	if (!item->want || item->want & ~(unsigned)(IPC_READ | IPC_WRITE))
		return -EINVAL;
	if ((item->want & IPC_READ && !ipc_conn_readable(c)) ||
	    (item->want & IPC_WRITE && !ipc_conn_writable(c)))
		return -EBADF;
	if (c->c.stream) {
		add_fd(s, item, c->c.stream->fd, item->want);
		if (item->want & IPC_READ)
			s->q[s->n - 1].stream = c->c.stream;
		return 0;
	}
	if (item->want & IPC_READ)
		add_channel(s, item, &c->c, IPC_READ, conn_ring_in(c));
	if (item->want & IPC_WRITE)
		add_channel(s, item, &c->c, IPC_WRITE, conn_ring_out(c));
	return 0;
}

static int add_queue(struct wait_set *s, struct ipc_item *item)
{
	struct channel *c = &item->of.queue->c;

	if (!item->want || item->want & ~(unsigned)(IPC_READ | IPC_WRITE))
		return -EINVAL;
	if (!c->h.rights)
		return -EBADF;
	if (item->want & IPC_READ)
		add_channel(s, item, c, IPC_READ, 0);
	if (item->want & IPC_WRITE)
		add_channel(s, item, c, IPC_WRITE, 0);
	return 0;
}

static int add_proc(struct wait_set *s, struct ipc_item *item)
{
	int fd = ipc_proc_fd(item->of.proc);

	if (item->want & ~(unsigned)IPC_READ)
		return -EINVAL;
	if (fd < 0)
		return fd;
	add_fd(s, item, fd, POLLIN);
	s->q[s->n - 1].says = proc_wait_item(item->of.proc);
	return 0;
}

static int add_item(struct wait_set *s, struct ipc_item *item)
{
	item->got = 0;
	if (item->kind != IPC_ITEM_IS_FD && !item->of.conn) /* any of the pointers */
		return -EINVAL;
	switch (item->kind) {
	case IPC_ITEM_IS_CONN: return add_conn(s, item);
	case IPC_ITEM_IS_QUEUE: return add_queue(s, item);
	case IPC_ITEM_IS_PROC: return add_proc(s, item);
	case IPC_ITEM_IS_FD:
		if (item->of.fd < 0)
			return -EBADF;
		if (!item->want || item->want > INT16_MAX)
			return -EINVAL;
		add_fd(s, item, item->of.fd, item->want);
		return 0;
	default: return -EINVAL;
	}
}

/* Why add_item() said @r. */
static const char *why_not(const struct ipc_item *item, int r)
{
	bool fd = item->kind == IPC_ITEM_IS_FD, proc = item->kind == IPC_ITEM_IS_PROC;

	if (r == -EBADF)
		return fd ? "its descriptor is negative"
		       : item->kind == IPC_ITEM_IS_CONN
			       ? "that end of the connection cannot do what it wants"
			       : "this process is no member of the domain";
	if (!fd && !proc && item->kind != IPC_ITEM_IS_CONN && item->kind != IPC_ITEM_IS_QUEUE)
		return "it is of no kind: use IPC_ITEM_CONN(), _QUEUE(), _PROC() or _FD()";
	if (!fd && !item->of.conn)
		return "its handle is NULL";
	if (proc)
		return "of a process it wants IPC_READ, or nothing";
	return fd ? "it wants no events, or such as poll() does not know"
		  : "it wants neither IPC_READ nor IPC_WRITE, or something else";
}

/* What makes two items the same thing; a descriptor is no address. */
static uintptr_t key_of(const struct ipc_item *item)
{
	return item->kind == IPC_ITEM_IS_FD ? (uintptr_t)item->of.fd << 1 | 1
					    : (uintptr_t)item->of.conn;
}

static int by_value(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return x < y ? -1 : x > y;
}

/* The first two that are the same thing. */
static int named_twice(const struct ipc_item *items, size_t n, uintptr_t key)
{
	size_t first = 0, second;

	while (first < n && key_of(&items[first]) != key)
		first++;
	for (second = first + 1; second < n && key_of(&items[second]) != key;)
		second++;
	return fail(
		-EINVAL,
		"items %zu and %zu of %zu are the same thing, and none can be in the list twice; "
		"one item can wait for reading and writing",
		first, second, n);
}

static int check_twice(const struct ipc_item *items, size_t n)
{
	uintptr_t small[SET_SMALL], *key = n > SET_SMALL ? calloc(n, sizeof(*key)) : small;
	int       r = key ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < n; i++)
		key[i] = key_of(&items[i]);
	if (r == 0)
		qsort(key, n, sizeof(*key), by_value);
	for (size_t i = 1; r == 0 && i < n; i++)
		if (key[i] == key[i - 1])
			r = named_twice(items, n, key[i]);
	if (key != small)
		free(key);
	return r;
}

int set_init(struct wait_set *s, struct ipc_item *items, size_t n, unsigned flags)
{
	int r = check_twice(items, n);

	s->items = items;
	s->n_items = n;
	s->n = 0;
	s->all = flags & IPC_WAIT_ALL;
	s->by_poll = false;
	s->q = s->small_q;
	s->fds = s->small_fds;
	if (r < 0)
		return r;
	if (2 * n > SET_SMALL) {
		s->q = calloc(2 * n, sizeof(*s->q));
		s->fds = calloc(2 * n, sizeof(*s->fds));
		if (!s->q || !s->fds)
			return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		r = add_item(s, &items[i]);
		if (r < 0)
			return fail(r, "item %zu of %zu cannot be waited for: %s", i, n,
				    why_not(&items[i], r));
	}
	return 0;
}

void set_fini(struct wait_set *s)
{
	if (s->q != s->small_q)
		free(s->q);
	if (s->fds != s->small_fds)
		free(s->fds);
}
