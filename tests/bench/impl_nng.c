/*
 * impl_nng.c - nng, ipc transport, a pair of sockets
 *
 * The library starts threads at its first use, so that is after fork, in each process. A pair is
 * for two, so it has no part in many to many.
 */

#if __has_include(<nng/protocol/pair0/pair.h>)

#include <errno.h>
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "impls.h"

struct nng {
	char       address[64];
	nng_socket socket;
};

/* Its errors are errno values or numbers of its own. */
static int error_of(int r)
{
	if (r == 0)
		return 0;
	return r & NNG_ESYSERR ? -(r & ~NNG_ESYSERR) : -EIO;
}

static int nng_open(void **ret, const struct bench_plan *plan)
{
	static unsigned n;
	struct nng     *z = calloc(1, sizeof(*z));

	(void)plan;
	if (!z)
		return -ENOMEM;
	snprintf(z->address, sizeof(z->address), "abstract://ipcbench-%d-%u", (int)getpid(), n++);
	*ret = z;
	return 0;
}

static int nng_enter(void *chan, enum bench_side side)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	struct nng           *z = chan;
	int                   r = nng_pair0_open(&z->socket);

	if (r == 0)
		r = nng_socket_set_size(z->socket, NNG_OPT_RECVMAXSZ, 0); /* no limit */
	if (r == 0 && side == SIDE_A)
		return error_of(nng_listen(z->socket, z->address, NULL, 0));
	while (r == 0) { /* the parent sees to it that this ends */
		r = nng_dial(z->socket, z->address, NULL, 0);
		if (r != NNG_ECONNREFUSED)
			break;
		r = nanosleep(&moment, NULL);
	}
	return error_of(r);
}

static void nng_leave(void *chan)
{
	nng_close(((struct nng *)chan)->socket);
}

static int nng_send_one(void *chan, enum bench_way way, const void *buf, size_t len)
{
	/* It does not write to the buffer, which its interface cannot say. */
	void *from = (void *)(uintptr_t)buf;

	(void)way; /* the other side is the only one there is */
	return error_of(nng_send(((struct nng *)chan)->socket, from, len, 0));
}

static ssize_t nng_recv_one(void *chan, enum bench_way way, void *buf, size_t cap)
{
	int r = nng_recv(((struct nng *)chan)->socket, buf, &cap, 0);

	(void)way;
	return r ? error_of(r) : (ssize_t)cap;
}

const struct bench_impl impl_nng = {
	.name = "nng",
	.is_peer = 1,
	.threads = 1,
	.cases = TWO_PARTIES | 1 << CASE_WAKEUP,
	.open = nng_open,
	.enter = nng_enter,
	.leave = nng_leave,
	.send = nng_send_one,
	.recv = nng_recv_one,
	.close = free,
};

#endif
