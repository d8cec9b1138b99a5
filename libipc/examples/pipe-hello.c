/*
 * pipe-hello.c - a child says hello, its parent answers
 *
 * Shows ipc_pipe(), ipc_spawn(), and that each process closes the end it does not use.
 */

#include <ipc/conn.h>
#include <ipc/proc.h>
#include <stdio.h>
#include <stdlib.h>

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static void say(ipc_conn *to, const char *text, size_t len)
{
	check("send", ipc_conn_send(to, text, len, IPC_FOREVER));
}

static void print_next(ipc_conn *from)
{
	char    text[64];
	ssize_t n = ipc_conn_recv(from, text, sizeof(text), IPC_FOREVER);

	check("recv", n);
	printf("%.*s\n", (int)n, text);
	fflush(stdout); /* before the other process prints its line */
}

static int child(void *arg)
{
	ipc_conn **end = arg;

	end[0] = ipc_conn_close(end[0]);
	say(end[1], "Hello from child process!", 25);
	print_next(end[1]);
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

	print_next(end[0]);
	say(end[0], "Hi from parent process!", 23);
	check("join", ipc_proc_join(proc, IPC_FOREVER, &status));
	proc = ipc_proc_close(proc);
	end[0] = ipc_conn_close(end[0]);
	return status;
}
