/*
 * fd-epoll.c - several connections in one epoll(7) loop
 *
 * Shows ipc_conn_fd(): the descriptor is only polled; messages are received as ever, with
 * IPC_NOW, until there is none. The end of a connection is something to receive, too.
 */

#include <errno.h>
#include <ipc/conn.h>
#include <ipc/proc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define WORKERS 3

struct worker {
	ipc_conn *end[2]; /* [0] the parent's, [1] the worker's */
	ipc_proc *proc;
	int       fd;    /* to poll end[0] by */
	int       first; /* of the numbers it squares */
	int       n;
	long      sum;
};

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static int work(void *arg)
{
	struct worker *w = arg;

	w->end[0] = ipc_conn_close(w->end[0]);
	for (int i = w->first; i < w->first + 100; i++) {
		long square = (long)i * i;

		check("send", ipc_conn_send(w->end[1], &square, sizeof(square), IPC_FOREVER));
	}
	w->end[1] = ipc_conn_close(w->end[1]);
	return 0;
}

static void start(struct worker *w, int loop)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = w};

	check("pipe", ipc_pipe(w->end, IPC_OPTS(ipc_conn_opts, .capacity = 8)));
	check("spawn", ipc_spawn(&w->proc, work, w, NULL));
	w->end[1] = ipc_conn_close(w->end[1]);
	w->fd = ipc_conn_fd(w->end[0], IPC_READ);
	check("fd", w->fd);
	check("epoll_ctl", epoll_ctl(loop, EPOLL_CTL_ADD, w->fd, &e) < 0 ? -errno : 0);
}

/* Take what is there; 1 when that was the end. */
static int receive(struct worker *w, int loop)
{
	ssize_t n;
	long    square;

	while ((n = ipc_conn_recv(w->end[0], &square, sizeof(square), IPC_NOW)) >= 0) {
		w->sum += square;
		w->n++;
	}
	if (n == -EAGAIN)
		return 0;
	if (n != -EPIPE)
		check("recv", n);
	/* Workers that were started later have inherited it: closing alone would leave it in there. */
	check("epoll_ctl", epoll_ctl(loop, EPOLL_CTL_DEL, w->fd, NULL) < 0 ? -errno : 0);
	w->end[0] = ipc_conn_close(w->end[0]); /* and its descriptor with it */
	return 1;
}

int main(void)
{
	struct worker      worker[WORKERS] = {0};
	struct epoll_event e[WORKERS];
	int                loop = epoll_create1(EPOLL_CLOEXEC), n_ended = 0;

	check("epoll_create", loop < 0 ? -errno : 0);
	for (int i = 0; i < WORKERS; i++) {
		worker[i].first = 100 * i;
		start(&worker[i], loop);
	}
	while (n_ended < WORKERS) {
		int n = epoll_wait(loop, e, WORKERS, -1);

		for (int i = 0; i < n; i++)
			n_ended += receive(e[i].data.ptr, loop);
	}
	for (int i = 0; i < WORKERS; i++) {
		check("join", ipc_proc_join(worker[i].proc, IPC_FOREVER, NULL));
		worker[i].proc = ipc_proc_close(worker[i].proc);
		printf("worker %d: %d messages, sum %ld\n", i, worker[i].n, worker[i].sum);
	}
	close(loop);
	return 0;
}
