/*
 * wait-several.c - four pipes and the end of a child, whichever comes first
 *
 * Shows ipc_wait(): one list of things of different kinds, and what is ready found by
 * going through it.
 */

#include <errno.h>
#include <ipc/wait.h>
#include <stdio.h>
#include <stdlib.h>

#define PIPES 4

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

/* One message into each pipe, then waits for the answer that lets it end. */
static int child(void *arg)
{
	ipc_conn *(*end)[2] = arg;
	char text;

	for (int i = 0; i < PIPES; i++) {
		end[i][0] = ipc_conn_close(end[i][0]);
		text = (char)('a' + i);
		check("send", ipc_conn_send(end[i][1], &text, 1, IPC_FOREVER));
	}
	check("recv", ipc_conn_recv(end[0][1], &text, 1, IPC_FOREVER));
	return 7;
}

int main(void)
{
	ipc_conn       *end[PIPES][2];
	ipc_proc       *proc;
	struct ipc_item items[PIPES + 1];
	char            got[PIPES + 1] = "", text;
	int             n_got = 0, status;

	for (int i = 0; i < PIPES; i++)
		check("pipe", ipc_pipe(end[i], NULL));
	check("spawn", ipc_spawn(&proc, child, end, NULL));
	for (int i = 0; i < PIPES; i++) {
		end[i][1] = ipc_conn_close(end[i][1]);
		items[i] = (struct ipc_item)IPC_ITEM_CONN(end[i][0], IPC_READ);
	}
	items[PIPES] = (struct ipc_item)IPC_ITEM_PROC(proc);

	while (n_got < PIPES) {
		check("wait", ipc_wait(items, PIPES + 1, IPC_WAIT_ANY, IPC_FOREVER));
		for (int i = 0; i < PIPES; i++)
			if (items[i].got && ipc_conn_recv(end[i][0], &text, 1, IPC_NOW) == 1)
				got[i] = text, n_got++;
	}
	printf("from four pipes: %s\n", got);
	printf("ended yet: %s\n", items[PIPES].got ? "yes" : "no");
	check("send", ipc_conn_send(end[0][0], "x", 1, IPC_FOREVER));
	check("wait", ipc_wait(&items[PIPES], 1, IPC_WAIT_ANY, IPC_FOREVER));
	check("join", ipc_proc_join(proc, IPC_NOW, &status));
	printf("ended with %d\n", status);
	proc = ipc_proc_close(proc);
	for (int i = 0; i < PIPES; i++)
		end[i][0] = ipc_conn_close(end[i][0]);
	return 0;
}
