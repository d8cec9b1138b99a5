/*
 * prod-cons.c - a producer, a consumer, and an empty message that means "no more"
 *
 * The parent knows when the producer is done, so it is the parent who says so to the consumer. A
 * message of no bytes is a message like any other, and items here are never empty. With several
 * consumers each needs one of its own; ipc_queue_shutdown() (queue-basic.c) tells all at once.
 */

#include <ipc/proc.h>
#include <ipc/queue.h>
#include <stdio.h>
#include <stdlib.h>

#define N_ITEMS 5

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static int producer(void *arg)
{
	ipc_queue *q = arg;
	char       item[32];

	for (int i = 0; i < N_ITEMS; i++) {
		int n = snprintf(item, sizeof(item), "item %d", i);

		check("put", ipc_queue_put(q, item, (size_t)n, IPC_FOREVER));
	}
	return 0;
}

static int consumer(void *arg)
{
	ipc_queue *q = arg;
	char       item[32];
	ssize_t    n;

	while ((n = ipc_queue_get(q, item, sizeof(item), IPC_FOREVER)) > 0)
		printf("Consumed: %.*s\n", (int)n, item);
	check("get", n);
	return 0;
}

static int join(ipc_proc *proc)
{
	int status;

	check("join", ipc_proc_join(proc, IPC_FOREVER, &status));
	ipc_proc_close(proc);
	return status;
}

int main(void)
{
	ipc_queue *q;
	ipc_proc  *p1, *p2;
	int        status;

	check("queue", ipc_queue_create(&q, NULL, NULL));
	check("spawn", ipc_spawn(&p1, producer, q, IPC_OPTS(ipc_proc_opts, .name = "producer")));
	check("spawn", ipc_spawn(&p2, consumer, q, IPC_OPTS(ipc_proc_opts, .name = "consumer")));
	status = join(p1);
	check("put", ipc_queue_put(q, NULL, 0, IPC_FOREVER)); /* no more */
	status |= join(p2);
	q = ipc_queue_close(q);
	return status;
}
