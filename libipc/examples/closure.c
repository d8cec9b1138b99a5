/*
 * closure.c - send a function, and what to apply it to, through a queue
 *
 * A pointer means nothing in another process: programs lie at other addresses there. What can
 * travel is a name that both sides know, and the data that goes with it. So a task here is the
 * number of a function in a table, and the values; the worker looks the function up in its own
 * table. This also holds between programs that were built apart, as long as the table is the same.
 */

#include <errno.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int32_t square(int32_t x)
{
	return x * x;
}

static int32_t negate(int32_t x)
{
	return -x;
}

static int32_t (*const function[])(int32_t x) = {square, negate};

enum { SQUARE, NEGATE, N_FUNCTIONS };

struct task {
	uint32_t function; /* SQUARE, ... */
	uint32_t n_data;
	int32_t  data[5];
};

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static void work(const struct task *t)
{
	printf("Worker result: [");
	for (uint32_t i = 0; i < t->n_data; i++)
		printf("%s%d", i ? ", " : "", function[t->function](t->data[i]));
	printf("]\n");
}

static int worker(void *arg)
{
	struct task t;
	ssize_t     n;

	while ((n = ipc_queue_get(arg, &t, sizeof(t), IPC_FOREVER)) >= 0) {
		/* What comes from outside is looked at before it is believed. */
		if (n != sizeof(t) || t.function >= N_FUNCTIONS ||
		    t.n_data > sizeof(t.data) / sizeof(*t.data))
			return 1;
		work(&t);
	}
	if (n != -EPIPE)
		check("get", n);
	return 0;
}

int main(void)
{
	struct task t = {.n_data = 5, .data = {1, 2, 3, 4, 5}};
	ipc_queue  *tasks;
	ipc_proc   *proc;
	int         status;

	check("queue", ipc_queue_create(&tasks, NULL, NULL));
	check("spawn", ipc_spawn(&proc, worker, tasks, IPC_OPTS(ipc_proc_opts, .name = "worker")));
	for (t.function = SQUARE; t.function <= NEGATE; t.function++)
		check("put", ipc_queue_put(tasks, &t, sizeof(t), IPC_FOREVER));
	ipc_queue_shutdown(tasks);
	check("join", ipc_proc_join(proc, IPC_FOREVER, &status));
	proc = ipc_proc_close(proc);
	tasks = ipc_queue_close(tasks);
	return status;
}
