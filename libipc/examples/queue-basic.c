/*
 * queue-basic.c - one process puts, another gets, in order
 *
 * The producer ends the conversation with shutdown: the consumer first gets what is still
 * queued, then -EPIPE. No message has to be set aside to mean "the end".
 */

#include <errno.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
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

static int producer(void *arg)
{
	const char *item[] = {"apple", "banana", "cherry", "date"};
	ipc_queue  *q = arg;

	for (size_t i = 0; i < sizeof(item) / sizeof(*item); i++)
		check("put", ipc_queue_put(q, item[i], strlen(item[i]), IPC_FOREVER));
	ipc_queue_shutdown(q);
	return 0;
}

static int consumer(void *arg)
{
	ipc_queue *q = arg;
	char       text[32];
	ssize_t    n;

	while ((n = ipc_queue_get(q, text, sizeof(text), IPC_FOREVER)) >= 0)
		printf("consumed %.*s\n", (int)n, text);
	if (n != -EPIPE)
		check("get", n);
	printf("no more\n");
	return 0;
}

int main(void)
{
	ipc_queue *q;
	ipc_proc  *proc[2];
	int        status[2];

	check("queue", ipc_queue_create(&q, NULL, NULL));
	check("spawn",
	      ipc_spawn(&proc[0], producer, q, IPC_OPTS(ipc_proc_opts, .name = "producer")));
	check("spawn",
	      ipc_spawn(&proc[1], consumer, q, IPC_OPTS(ipc_proc_opts, .name = "consumer")));
	for (int i = 0; i < 2; i++) {
		check("join", ipc_proc_join(proc[i], IPC_FOREVER, &status[i]));
		proc[i] = ipc_proc_close(proc[i]);
	}
	q = ipc_queue_close(q);
	return status[0] || status[1];
}
