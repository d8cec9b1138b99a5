/* rival_kernel.c - the kernel's own: POSIX message queues, and sockets that keep messages apart */

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rivals.h"

/* ---- mq ---------------------------------------------------------------------------------------- */

static mqd_t mq;

static void mq_name(char *name, size_t size, pid_t host)
{
	snprintf(name, size, "/ipcrivals.%d", (int)host);
}

static int open_mq(void)
{
	struct mq_attr attr = {.mq_maxmsg = DEPTH, .mq_msgsize = MESSAGE_MAX};
	char           name[32];

	mq_name(name, sizeof(name), getpid());
	mq = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
	if (mq == (mqd_t)-1)
		return -errno;
	mq_unlink(name);
	return 0;
}

static int send_mq(const void *buf, size_t len)
{
	return mq_send(mq, buf, len, 0) < 0 ? -errno : 0;
}

static ssize_t recv_mq(void *buf, size_t cap)
{
	ssize_t n = mq_receive(mq, buf, cap, NULL);

	return n < 0 ? -errno : n;
}

static void clean_mq(pid_t host)
{
	char name[32];

	mq_name(name, sizeof(name), host);
	mq_unlink(name);
}

const struct rival rival_mq = {.n_consumers = CONSUMERS,
			       .open = open_mq,
			       .send = send_mq,
			       .recv = recv_mq,
			       .clean = clean_mq};

/* ---- socketpair ---------------------------------------------------------------------------------- */

static int end[2];

static int open_socketpair(void)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end) < 0 ? -errno : 0;
}

static int send_socketpair(const void *buf, size_t len)
{
	return send(end[0], buf, len, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static ssize_t recv_socketpair(void *buf, size_t cap)
{
	ssize_t n = recv(end[1], buf, cap, 0);

	return n < 0 ? -errno : n;
}

const struct rival rival_socketpair = {.n_consumers = CONSUMERS,
				       .open = open_socketpair,
				       .send = send_socketpair,
				       .recv = recv_socketpair};
