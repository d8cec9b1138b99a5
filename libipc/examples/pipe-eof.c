/*
 * pipe-eof.c - read until the other end is closed
 *
 * The receiver does not know how many messages will come: it ends at end of file, which comes
 * when nobody holds the sending end any more. That includes the receiver itself, which inherited
 * it: leave out the line marked below, and it waits for ever for what it could only say itself
 * (ipcmon then shows who still holds that end).
 */

#include <errno.h>
#include <ipc/conn.h>
#include <ipc/proc.h>
#include <stdio.h>
#include <stdlib.h>

#define N_NUMBERS 1000

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static int child(void *arg)
{
	ipc_conn **end = arg;
	ssize_t    n;
	int        number;

	end[1] = ipc_conn_close(end[1]); /* this line */
	while ((n = ipc_conn_recv(end[0], &number, sizeof(number), IPC_FOREVER)) >= 0)
		printf("%d\n", number);
	if (n != -EPIPE)
		check("recv", n);
	end[0] = ipc_conn_close(end[0]);
	return 0;
}

int main(void)
{
	ipc_conn *end[2];
	ipc_proc *proc;
	int       status;

	/* Simplex: end[0] receives, end[1] sends. */
	check("pipe", ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX)));
	check("spawn", ipc_spawn(&proc, child, end, NULL));
	end[0] = ipc_conn_close(end[0]);

	for (int i = 0; i < N_NUMBERS; i++)
		check("send", ipc_conn_send(end[1], &i, sizeof(i), IPC_FOREVER));
	end[1] = ipc_conn_close(end[1]);
	check("join", ipc_proc_join(proc, IPC_FOREVER, &status));
	proc = ipc_proc_close(proc);
	printf("Main process is done\n");
	return status;
}
