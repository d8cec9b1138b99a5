/*
 * numbers.c - one process produces numbers, another prints them, and all of them end
 *
 * A message is bytes, and a number is sent as the bytes it is made of: both processes run the same
 * program, so they agree about them. The queue holds at most four, and the producer waits where
 * the consumer is slower.
 */

#include <errno.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <stdio.h>
#include <stdlib.h>

#define N_NUMBERS 10

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static int consumer(void *arg)
{
	ipc_queue *q = arg;
	ssize_t    n;
	int        number, sum = 0;

	while ((n = ipc_queue_get(q, &number, sizeof(number), IPC_FOREVER)) >= 0) {
		printf("%d\n", number);
		sum += number;
	}
	if (n != -EPIPE) /* shut down, and nothing left: that is the end */
		check("get", n);
	printf("sum: %d\n", sum);
	return 0;
}

int main(void)
{
	ipc_queue *q;
	ipc_proc  *proc;
	int        status;

	check("queue", ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 4)));
	check("spawn", ipc_spawn(&proc, consumer, q, NULL));
	for (int i = 1; i <= N_NUMBERS; i++)
		check("put", ipc_queue_put(q, &i, sizeof(i), IPC_FOREVER));
	ipc_queue_shutdown(q);
	check("join", ipc_proc_join(proc, IPC_FOREVER, &status));
	proc = ipc_proc_close(proc);
	q = ipc_queue_close(q);
	return status;
}
