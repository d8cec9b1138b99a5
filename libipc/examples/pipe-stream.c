/*
 * pipe-stream.c - a stream of messages with a word that ends it
 *
 * Messages keep their bounds: "Hello" and "World" never arrive as "HelloWorld". Here the last one
 * is agreed upon, "DONE"; a stream whose end is the end of file is in pipe-eof.c.
 */

#include <ipc/conn.h>
#include <ipc/proc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static int sender(void *arg)
{
	const char *message[] = {"Hello", "World", "From", "Pipe", "DONE"};
	ipc_conn  **end = arg;

	end[0] = ipc_conn_close(end[0]);
	for (size_t i = 0; i < sizeof(message) / sizeof(*message); i++)
		check("send", ipc_conn_send(end[1], message[i], strlen(message[i]), IPC_FOREVER));
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static int receiver(void *arg)
{
	ipc_conn **end = arg;
	char       text[32] = "";

	end[1] = ipc_conn_close(end[1]);
	while (strcmp(text, "DONE") != 0) {
		ssize_t n = ipc_conn_recv(end[0], text, sizeof(text) - 1, IPC_FOREVER);

		check("recv", n); /* also ends here if the sender dies before it is done */
		text[n] = '\0';
		printf("Received: %s\n", text);
	}
	end[0] = ipc_conn_close(end[0]);
	return 0;
}

int main(void)
{
	ipc_conn *end[2];
	ipc_proc *proc[2];
	int       status[2];

	/* Simplex: end[0] receives, end[1] sends. */
	check("pipe", ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX)));
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
