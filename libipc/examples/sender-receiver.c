/*
 * sender-receiver.c - two children and the pipe between them
 *
 * The parent makes the pipe and hands one end to each child. It has no part in the conversation,
 * so it closes both ends: as long as it held one, neither child could see that the other is gone.
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

static int sender(void *arg)
{
	ipc_conn **end = arg;

	end[1] = ipc_conn_close(end[1]);
	check("send", ipc_conn_send(end[0], "Hello from sender", 17, IPC_FOREVER));
	end[0] = ipc_conn_close(end[0]);
	return 0;
}

static int receiver(void *arg)
{
	ipc_conn **end = arg;
	char       text[64];
	ssize_t    n;

	end[0] = ipc_conn_close(end[0]);
	n = ipc_conn_recv(end[1], text, sizeof(text), IPC_FOREVER);
	check("recv", n);
	printf("Received: %.*s\n", (int)n, text);
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

int main(void)
{
	ipc_conn *end[2];
	ipc_proc *proc[2];
	int       status[2];

	check("pipe", ipc_pipe(end, NULL));
	check("spawn", ipc_spawn(&proc[0], sender, end, NULL));
	check("spawn", ipc_spawn(&proc[1], receiver, end, NULL));
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	for (int i = 0; i < 2; i++) {
		check("join", ipc_proc_join(proc[i], IPC_FOREVER, &status[i]));
		proc[i] = ipc_proc_close(proc[i]);
	}
	return status[0] || status[1];
}
