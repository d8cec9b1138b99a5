/*
 * pipe-fileno-deadlock.c - a deadlock on purpose: pipe-fileno, where nobody sends
 *
 *     pipe-fileno-deadlock [--seconds N]
 *
 * The child has the descriptor of its end, waits for it to be readable, and would answer then.
 * The parent waits for the child to say something. It waits by ipc_wait(), which takes
 * descriptors and connections alike and, unlike poll(2), is seen from outside: `ipcmon check`
 * tells within a second that the two wait for one another.
 *
 * The parent ends the child, and thereby itself, on SIGINT, SIGTERM, or after N seconds.
 */

#include <errno.h>
#include <ipc/conn.h>
#include <ipc/proc.h>
#include <ipc/wait.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static volatile pid_t child_pid;

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static void end_child(int sig)
{
	(void)sig;
	kill(child_pid, SIGKILL);
}

static int child(void *arg)
{
	ipc_conn      **end = arg;
	struct ipc_item item = IPC_ITEM_CONN(end[1], IPC_READ);
	char            text[64];

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* never outlive the demonstration */
	end[0] = ipc_conn_close(end[0]);
	check("fd", ipc_conn_fd(end[1], IPC_READ));
	check("wait", ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_FOREVER)); /* for a parent that waits */
	check("recv", ipc_conn_recv(end[1], text, sizeof(text), IPC_NOW));
	check("send", ipc_conn_send(end[1], "Hello from the child", 20, IPC_FOREVER));
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static int run(unsigned seconds)
{
	ipc_conn *end[2];
	ipc_proc *proc;
	char      text[64];
	ssize_t   n;

	ipc_proc_set_name("parent");
	check("pipe", ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .name = "talk")));
	check("spawn", ipc_spawn(&proc, child, end, IPC_OPTS(ipc_proc_opts, .name = "child")));
	end[1] = ipc_conn_close(end[1]);
	child_pid = ipc_proc_pid(proc);
	signal(SIGINT, end_child);
	signal(SIGTERM, end_child);
	signal(SIGALRM, end_child);
	alarm(seconds); /* 0: never */

	n = ipc_conn_recv(end[0], text, sizeof(text), IPC_FOREVER); /* for a child that waits */
	printf("the parent's recv: %s\n", n == -EPIPE ? "the child is gone" : ipc_strerror((int)n));
	check("join", ipc_proc_join(proc, IPC_FOREVER, NULL));
	proc = ipc_proc_close(proc);
	end[0] = ipc_conn_close(end[0]);
	return n != -EPIPE;
}

int main(int argc, char **argv)
{
	int seconds = argc == 3 && strcmp(argv[1], "--seconds") == 0 ? atoi(argv[2]) : 0;

	if (argc != 1 && seconds <= 0) {
		fprintf(stderr, "usage: pipe-fileno-deadlock [--seconds N]\n");
		return 2;
	}
	return run((unsigned)seconds);
}
