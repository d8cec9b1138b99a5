/*
 * both-receive.c - a deadlock on purpose: each end waits for the other to speak first
 *
 *     both-receive [--seconds N]
 *
 * Parent and child hold the two ends of a pipe, and both begin with recv. Each would have sent
 * something afterwards. Nothing is wrong with either of them alone, only with the two together:
 * who speaks first has to be agreed upon. `ipcmon check` tells who waits for whom, and on which
 * lines.
 *
 * The parent ends the child, and thereby itself, on SIGINT, SIGTERM, or after N seconds: with the
 * child its end of the pipe goes, and the parent's recv finds the end of file.
 */

#include <errno.h>
#include <ipc/conn.h>
#include <ipc/proc.h>
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

static ssize_t listen_then_answer(ipc_conn *c)
{
	char    text[64];
	ssize_t n = ipc_conn_recv(c, text, sizeof(text), IPC_FOREVER); /* the mistake, twice */

	return n < 0 ? n : ipc_conn_send(c, "yes?", 4, IPC_FOREVER);
}

static int child(void *arg)
{
	ipc_conn **end = arg;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* never outlive the demonstration */
	end[0] = ipc_conn_close(end[0]);
	check("recv", listen_then_answer(end[1]));
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static int run(unsigned seconds)
{
	ipc_conn *end[2];
	ipc_proc *proc;
	ssize_t   r;

	ipc_proc_set_name("parent");
	check("pipe", ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .name = "talk")));
	check("spawn", ipc_spawn(&proc, child, end, IPC_OPTS(ipc_proc_opts, .name = "child")));
	end[1] = ipc_conn_close(end[1]);
	child_pid = ipc_proc_pid(proc);
	signal(SIGINT, end_child);
	signal(SIGTERM, end_child);
	signal(SIGALRM, end_child);
	alarm(seconds); /* 0: never */

	r = listen_then_answer(end[0]);
	printf("the parent's recv: %s\n", r == -EPIPE ? "the child is gone" : ipc_strerror((int)r));
	check("join", ipc_proc_join(proc, IPC_FOREVER, NULL));
	proc = ipc_proc_close(proc);
	end[0] = ipc_conn_close(end[0]);
	return r != -EPIPE;
}

int main(int argc, char **argv)
{
	int seconds = argc == 3 && strcmp(argv[1], "--seconds") == 0 ? atoi(argv[2]) : 0;

	if (argc != 1 && seconds <= 0) {
		fprintf(stderr, "usage: both-receive [--seconds N]\n");
		return 2;
	}
	return run((unsigned)seconds);
}
