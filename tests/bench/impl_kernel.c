/*
 * impl_kernel.c - what the kernel offers: pipe(2), SOCK_SEQPACKET, POSIX message queues
 *
 * With the kernel's default sizes, as nearly every program uses them.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "impls.h"

#define MQ_DEPTH    10   /* /proc/sys/fs/mqueue/msg_max */
#define MQ_MAX_SIZE 8192 /* /proc/sys/fs/mqueue/msgsize_max */

struct fds {
	int in[2], out[2]; /* of the ways forth and back */
};

static void fds_close(void *chan)
{
	struct fds *f = chan;

	for (int way = 0; way < 2; way++) {
		if (f->in[way] >= 0)
			close(f->in[way]);
		if (f->out[way] >= 0)
			close(f->out[way]);
	}
	free(f);
}

static int fds_open(void **ret, const struct bench_plan *plan,
		    int (*make)(int fd[2], const struct bench_plan *plan))
{
	struct fds *f = malloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	*f = (struct fds){{-1, -1}, {-1, -1}};
	for (int way = 0; way < 2; way++) {
		int fd[2] = {-1, -1}, r = make(fd, plan);

		if (r < 0) {
			fds_close(f);
			return r;
		}
		f->in[way] = fd[0];
		f->out[way] = fd[1];
	}
	*ret = f;
	return 0;
}

/* ---- pipe(2) ------------------------------------------------------------------------------ */

static int pipe_make(int fd[2], const struct bench_plan *plan)
{
	(void)plan;
	return pipe2(fd, O_CLOEXEC) < 0 ? -errno : 0;
}

static int pipe_open(void **ret, const struct bench_plan *plan)
{
	return fds_open(ret, plan, pipe_make);
}

static int pipe_send(void *chan, enum bench_way way, const void *buf, size_t len)
{
	const char *at = buf;

	while (len > 0) {
		ssize_t n = write(((struct fds *)chan)->out[way], at, len);

		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static ssize_t pipe_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(((struct fds *)chan)->in[way], (char *)buf + len, cap - len);

		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

const struct bench_impl impl_pipe = {
	.name = "pipe",
	.is_peer = 1,
	.cases = COPYING_CASES,
	.max_many = PIPE_BUF, /* longer ones get mixed up */
	.open = pipe_open,
	.send = pipe_send,
	.recv = pipe_recv,
	.close = fds_close,
};

/* ---- SOCK_SEQPACKET ------------------------------------------------------------------------- */

/* A message must fit into the buffer of the socket; root may make that as large as it takes. */
static int socket_make_room(int fd, size_t size)
{
	int       room = 0, want = (int)size * 2;
	socklen_t len = sizeof(room);

	getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &len);
	if ((size_t)room > size + size / 8 + 1024)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &want, sizeof(want)) < 0)
		return -EMSGSIZE;
	return 0;
}

static int socket_make(int fd[2], const struct bench_plan *plan)
{
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	r = socket_make_room(fd[1], plan->size);
	if (r < 0) {
		close(fd[0]);
		close(fd[1]);
	}
	return r;
}

static int socket_open(void **ret, const struct bench_plan *plan)
{
	return fds_open(ret, plan, socket_make);
}

static int socket_send(void *chan, enum bench_way way, const void *buf, size_t len)
{
	ssize_t n = send(((struct fds *)chan)->out[way], buf, len, MSG_NOSIGNAL);

	return n < 0 ? -errno : 0;
}

static ssize_t socket_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	ssize_t n = recv(((struct fds *)chan)->in[way], buf, cap, 0);

	return n < 0 ? -errno : n;
}

const struct bench_impl impl_seqpacket = {
	.name = "seqpacket",
	.is_peer = 1,
	.cases = COPYING_CASES,
	.open = socket_open,
	.send = socket_send,
	.recv = socket_recv,
	.close = fds_close,
};

/* ---- POSIX message queues ---------------------------------------------------------------------- */

static int mq_make(int fd[2], const struct bench_plan *plan)
{
	struct mq_attr attr = {.mq_maxmsg = MQ_DEPTH, .mq_msgsize = (long)plan->size};
	char           name[64];
	mqd_t          q;

	snprintf(name, sizeof(name), "/ipcbench.%d", (int)getpid());
	q = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
	if (q < 0)
		return -errno;
	mq_unlink(name);
	fd[0] = (int)q; /* on Linux it is a descriptor */
	fd[1] = -1;
	return 0;
}

static int mq_open_both(void **ret, const struct bench_plan *plan)
{
	return fds_open(ret, plan, mq_make);
}

static int mq_send_one(void *chan, enum bench_way way, const void *buf, size_t len)
{
	return mq_send(((struct fds *)chan)->in[way], buf, len, 0) < 0 ? -errno : 0;
}

static ssize_t mq_recv_one(void *chan, enum bench_way way, void *buf, size_t cap)
{
	ssize_t n = mq_receive(((struct fds *)chan)->in[way], buf, cap, NULL);

	return n < 0 ? -errno : n;
}

const struct bench_impl impl_posix_mq = {
	.name = "posix_mq",
	.is_peer = 1,
	.cases = COPYING_CASES,
	.max_size = MQ_MAX_SIZE,
	.open = mq_open_both,
	.send = mq_send_one,
	.recv = mq_recv_one,
	.close = fds_close,
};
