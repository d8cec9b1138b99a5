/*
 * A program that knows nothing but the name of a queue: it gets a connection out of it
 * and answers what comes over that, until its end. Exit status 0, or it says why not.
 *
 *     prog_handle NAME
 */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <ipc/handle.h>

static int answer(ipc_conn *c)
{
	char    text[64];
	ssize_t n;

	while ((n = ipc_conn_recv(c, text, sizeof(text), IPC_SEC(20))) >= 0) {
		int r = ipc_conn_send(c, text, (size_t)n, IPC_SEC(20));

		if (r < 0)
			return r;
	}
	return n == -EPIPE ? 0 : (int)n;
}

int main(int argc, char **argv)
{
	struct ipc_handle h;
	ipc_queue        *q;
	int               r;

	if (argc != 2)
		return 2;
	(void)alarm(60);
	r = ipc_queue_open(&q, argv[1]);
	if (r == 0) {
		ssize_t n = ipc_queue_get_handle(q, NULL, 0, &h, IPC_SEC(20));

		r = n < 0 ? (int)n : h.kind != IPC_HANDLE_IS_CONN ? -ENOMSG : answer(h.of.conn);
		if (n == 0 && h.kind == IPC_HANDLE_IS_CONN)
			h.of.conn = ipc_conn_close(h.of.conn);
		q = ipc_queue_close(q);
	}
	if (r < 0)
		(void)fprintf(stderr, "# prog_handle: %s; %s\n", ipc_strerror(r), ipc_explain());
	return r < 0;
}
