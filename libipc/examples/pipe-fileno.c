/*
 * pipe-fileno.c - the descriptor of a pipe's end, waited for with epoll(7)
 *
 * The child does not call recv before its descriptor says that there is something, and does not
 * expect to be told what was sent by reading that: it is only to be polled. What would go wrong
 * if the parent waited for the child to speak first is pipe-fileno-deadlock.
 */

#include <errno.h>
#include <ipc/conn.h>
#include <ipc/proc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

/* Until recv on @c would not wait. */
static void await(ipc_conn *c)
{
	struct epoll_event e = {.events = EPOLLIN};
	int                loop = epoll_create1(EPOLL_CLOEXEC), fd = ipc_conn_fd(c, IPC_READ), n;

	check("epoll_create", loop < 0 ? -errno : 0);
	check("fd", fd);
	check("epoll_ctl", epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0);
	while ((n = epoll_wait(loop, &e, 1, -1)) < 0 && errno == EINTR)
		;
	check("epoll_wait", n < 0 ? -errno : 0);
	close(loop);
}

static int child(void *arg)
{
	ipc_conn **end = arg;
	char       text[64];
	ssize_t    n;

	end[0] = ipc_conn_close(end[0]);
	await(end[1]);
	n = ipc_conn_recv(end[1], text, sizeof(text), IPC_NOW);
	check("recv", n);
	printf("child: %.*s\n", (int)n, text);
	fflush(stdout);
	check("send", ipc_conn_send(end[1], "Hello from the child", 20, IPC_FOREVER));
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

int main(void)
{
	ipc_conn *end[2];
	ipc_proc *proc;
	char      text[64];
	ssize_t   n;

	check("pipe", ipc_pipe(end, NULL));
	check("spawn", ipc_spawn(&proc, child, end, NULL));
	end[1] = ipc_conn_close(end[1]);
	check("send", ipc_conn_send(end[0], "Hi from the parent", 18, IPC_FOREVER));
	n = ipc_conn_recv(end[0], text, sizeof(text), IPC_FOREVER);
	check("recv", n);
	printf("parent: %.*s\n", (int)n, text);
	check("join", ipc_proc_join(proc, IPC_FOREVER, NULL));
	proc = ipc_proc_close(proc);
	end[0] = ipc_conn_close(end[0]);
	return 0;
}
