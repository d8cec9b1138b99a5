/*
 * pingpong.c - two processes take turns over a duplex pipe
 */

#include <ipc/conn.h>
#include <ipc/proc.h>
#include <stdio.h>
#include <stdlib.h>

#define N_ROUNDS 3

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static void say(ipc_conn *c, const char *word, int round)
{
	char text[32];
	int  n = snprintf(text, sizeof(text), "%s %d", word, round);

	check("send", ipc_conn_send(c, text, (size_t)n, IPC_FOREVER));
}

static void hear(ipc_conn *c, const char *who)
{
	char    text[32];
	ssize_t n = ipc_conn_recv(c, text, sizeof(text), IPC_FOREVER);

	check("recv", n);
	printf("%s hears %.*s\n", who, (int)n, text);
	fflush(stdout); /* before the other process prints its line */
}

static int child(void *arg)
{
	ipc_conn **end = arg;

	end[0] = ipc_conn_close(end[0]);
	for (int i = 1; i <= N_ROUNDS; i++) {
		hear(end[1], "child ");
		say(end[1], "pong", i);
	}
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

int main(void)
{
	ipc_conn *end[2];
	ipc_proc *proc;
	int       status;

	check("pipe", ipc_pipe(end, NULL));
	check("spawn", ipc_spawn(&proc, child, end, NULL));
	end[1] = ipc_conn_close(end[1]);
	for (int i = 1; i <= N_ROUNDS; i++) {
		say(end[0], "ping", i);
		hear(end[0], "parent");
	}
	check("join", ipc_proc_join(proc, IPC_FOREVER, &status));
	proc = ipc_proc_close(proc);
	end[0] = ipc_conn_close(end[0]);
	return status;
}
