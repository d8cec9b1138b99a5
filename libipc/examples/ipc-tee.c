/*
 * ipc-tee.c - tee(1) for queues: copies standard input to standard output, and to queues
 *
 *     prod | ipc-tee [QUEUE…] | cons
 *
 * Shows ipc_conn_from_fd() in raw mode. Each queue named, which must exist, gets every
 * piece as a message; a queue that is full holds up the pipeline, and one that was shut
 * down is left out.
 */

#include <errno.h>
#include <ipc/conn.h>
#include <ipc/queue.h>
#include <stdio.h>
#include <stdlib.h>

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "ipc-tee: %s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static ipc_conn *standard(int fd)
{
	ipc_conn *c;

	check("standard input or output",
	      ipc_conn_from_fd(&c, fd, IPC_OPTS(ipc_from_fd_opts, .flags = IPC_FROM_FD_RAW)));
	return c;
}

int main(int argc, char **argv)
{
	ipc_queue **queue = calloc((size_t)argc, sizeof(void *));
	ipc_conn   *in = standard(0), *out = standard(1);
	char        piece[65536];
	ssize_t     n;

	check("memory", queue ? 0 : -ENOMEM);
	for (int i = 1; i < argc; i++)
		check(argv[i], ipc_queue_open(&queue[i], argv[i]));

	while ((n = ipc_conn_recv(in, piece, sizeof(piece), IPC_FOREVER)) >= 0) {
		for (int i = 1; i < argc; i++)
			if (queue[i] && ipc_queue_put(queue[i], piece, (size_t)n, IPC_FOREVER) < 0)
				queue[i] = ipc_queue_close(queue[i]);
		if (ipc_conn_send(out, piece, (size_t)n, IPC_FOREVER) < 0)
			break; /* nobody reads any more: then there is nothing to copy for */
	}
	if (n < 0 && n != -EPIPE)
		check("read", n);
	for (int i = 1; i < argc; i++)
		queue[i] = ipc_queue_close(queue[i]);
	free(queue);
	(void)ipc_conn_close(in);
	(void)ipc_conn_close(out);
	return 0;
}
