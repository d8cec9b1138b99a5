/* rival_libipc.c - a queue of this library, in a domain of its own for each round */

#include <errno.h>
#include <ftw.h>
#include <ipc/queue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rivals.h"

static ipc_queue *q;

static void domain_dir(char *path, size_t size, pid_t host)
{
	snprintf(path, size, "%s/ipcrivals.%d", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm",
		 (int)host);
}

static int open_libipc(void)
{
	char dir[64];

	domain_dir(dir, sizeof(dir), getpid());
	if (mkdir(dir, 0700) < 0)
		return -errno;
	setenv("IPC_DIR", dir, 1);
	unsetenv("IPC_DOMAIN");
	return ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = DEPTH));
}

static int send_libipc(const void *buf, size_t len)
{
	return ipc_queue_put(q, buf, len, IPC_FOREVER);
}

static ssize_t recv_libipc(void *buf, size_t cap)
{
	return ipc_queue_get(q, buf, cap, IPC_FOREVER);
}

static void leave_libipc(void)
{
	q = ipc_queue_close(q);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void clean_libipc(pid_t host)
{
	char dir[64];

	domain_dir(dir, sizeof(dir), host);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const struct rival rival_libipc = {.n_consumers = CONSUMERS,
				   .open = open_libipc,
				   .send = send_libipc,
				   .recv = recv_libipc,
				   .leave = leave_libipc,
				   .clean = clean_libipc};
