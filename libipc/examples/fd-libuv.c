/*
 * fd-libuv.c - a queue in an event loop of libuv, beside a timer
 *
 * Shows ipc_queue_fd() with a library that knows nothing of this one: any event loop that
 * polls descriptors will do. Built where libuv is installed.
 */

#include <errno.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static int produce(void *arg)
{
	ipc_queue *q = arg;
	char       text[32];

	for (int i = 1; i <= 5; i++)
		check("put",
		      ipc_queue_put(q, text, (size_t)snprintf(text, sizeof(text), "job %d", i),
				    IPC_FOREVER));
	check("shutdown", ipc_queue_shutdown(q));
	return 0;
}

static void on_ready(uv_poll_t *watcher, int status, int events)
{
	ipc_queue *q = watcher->data;
	char       text[32];
	ssize_t    n;

	check("poll", status < 0 || !(events & UV_READABLE) ? -EIO : 0);
	while ((n = ipc_queue_get(q, text, sizeof(text), IPC_NOW)) >= 0)
		printf("%.*s\n", (int)n, text);
	if (n == -EPIPE) /* shut down, and nothing left: the loop has nothing more to do */
		uv_poll_stop(watcher);
	else if (n != -EAGAIN)
		check("get", n);
}

int main(void)
{
	uv_poll_t  watcher;
	ipc_queue *q;
	ipc_proc  *child;
	int        fd;

	check("queue", ipc_queue_create(&q, NULL, NULL));
	check("spawn", ipc_spawn(&child, produce, q, NULL));
	fd = ipc_queue_fd(q, IPC_READ);
	check("fd", fd);
	check("uv_poll_init", uv_poll_init(uv_default_loop(), &watcher, fd));
	watcher.data = q;
	check("uv_poll_start", uv_poll_start(&watcher, UV_READABLE, on_ready));
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	printf("all done\n");

	uv_close((uv_handle_t *)&watcher, NULL);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	uv_loop_close(uv_default_loop());
	check("join", ipc_proc_join(child, IPC_FOREVER, NULL));
	child = ipc_proc_close(child);
	q = ipc_queue_close(q);
	return 0;
}
