/*
 * pipe-same-process.c - both ends of a pipe in one process
 *
 * A message waits in the pipe until it is received, so one thread may do both.
 */

#include <errno.h>
#include <ipc/conn.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, ssize_t r)
{
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	return 1;
}

int main(void)
{
	const char *message = "Hello from Parent";
	char        text[64];
	ipc_conn   *end[2];
	ssize_t     n;
	int         r;

	r = ipc_pipe(end, NULL);
	if (r < 0)
		return fail("pipe", r);
	r = ipc_conn_send(end[0], message, strlen(message), IPC_NOW);
	if (r < 0)
		return fail("send", r);
	n = ipc_conn_recv(end[1], text, sizeof(text), IPC_NOW);
	if (n < 0)
		return fail("recv", n);
	printf("%.*s\n", (int)n, text);

	/* Nothing is left, and it says so instead of waiting. */
	n = ipc_conn_recv(end[1], text, sizeof(text), IPC_NOW);
	printf("then: %s\n", n == -EAGAIN ? "nothing to receive" : "?");

	/* Closing one end does not close the other: that one finds the end of the conversation. */
	end[0] = ipc_conn_close(end[0]);
	n = ipc_conn_recv(end[1], text, sizeof(text), IPC_NOW);
	printf("then: %s\n", n == -EPIPE ? "end of file" : "?");
	end[1] = ipc_conn_close(end[1]);
	return 0;
}
