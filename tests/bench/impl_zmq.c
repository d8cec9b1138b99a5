/*
 * impl_zmq.c - ZeroMQ, ipc transport, a pair of sockets
 *
 * A context has threads and cannot be carried across fork, so each process makes its own. A pair
 * is for two, so it has no part in many to many.
 */

#if __has_include(<zmq.h>)

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "impls.h"

#define DEFAULT_DEPTH 1000 /* of ZeroMQ; at the larger sizes it would be a gigabyte */

struct zmq {
	char  address[64];
	int   depth;
	void *context, *socket;
};

static int zmq_open(void **ret, const struct bench_plan *plan)
{
	static unsigned n;
	struct zmq     *z = calloc(1, sizeof(*z));

	if (!z)
		return -ENOMEM;
	snprintf(z->address, sizeof(z->address), "ipc://@ipcbench-%d-%u", (int)getpid(), n++);
	z->depth = plan->size <= 4096 ? DEFAULT_DEPTH : (int)plan->depth;
	*ret = z;
	return 0;
}

static int zmq_enter(void *chan, enum bench_side side)
{
	struct zmq *z = chan;
	int         now = 0, r;

	z->context = zmq_ctx_new();
	if (!z->context)
		return -errno;
	z->socket = zmq_socket(z->context, ZMQ_PAIR);
	if (!z->socket)
		return -errno;
	zmq_setsockopt(z->socket, ZMQ_SNDHWM, &z->depth, sizeof(z->depth));
	zmq_setsockopt(z->socket, ZMQ_RCVHWM, &z->depth, sizeof(z->depth));
	zmq_setsockopt(z->socket, ZMQ_LINGER, &now, sizeof(now)); /* all has arrived by then */
	r = side == SIDE_A ? zmq_bind(z->socket, z->address) : zmq_connect(z->socket, z->address);
	return r < 0 ? -errno : 0;
}

static void zmq_leave(void *chan)
{
	struct zmq *z = chan;

	zmq_close(z->socket);
	zmq_ctx_term(z->context);
}

static int zmq_send_one(void *chan, enum bench_way way, const void *buf, size_t len)
{
	(void)way; /* the other side is the only one there is */
	return zmq_send(((struct zmq *)chan)->socket, buf, len, 0) < 0 ? -errno : 0;
}

static ssize_t zmq_recv_one(void *chan, enum bench_way way, void *buf, size_t cap)
{
	int n = zmq_recv(((struct zmq *)chan)->socket, buf, cap, 0);

	(void)way;
	return n < 0 ? -errno : n;
}

const struct bench_impl impl_zmq = {
	.name = "zmq",
	.is_peer = 1,
	.threads = 1,
	.cases = TWO_PARTIES | 1 << CASE_WAKEUP,
	.open = zmq_open,
	.enter = zmq_enter,
	.leave = zmq_leave,
	.send = zmq_send_one,
	.recv = zmq_recv_one,
	.close = free,
};

#endif
