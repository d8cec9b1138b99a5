/*
 * multi-prod-cons.c - several producers, several consumers, a time limit
 *
 * Two producers put five items each; three consumers take what they can get and go home when
 * nothing came for two seconds. Each says what it took through a second queue, and the parent
 * makes sure that every item was consumed exactly once.
 */

#include <errno.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <stdio.h>
#include <stdlib.h>

#define N_PRODUCERS 2
#define N_CONSUMERS 3
#define N_ITEMS     5

struct item {
	int producer, number; /* number < 0: a consumer timed out */
};

struct market {
	ipc_queue *items, *report;
	int        producer; /* the next one started; each child has its own copy */
};

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static int producer(void *arg)
{
	struct market *m = arg;

	for (int i = 0; i < N_ITEMS; i++) {
		struct item it = {.producer = m->producer, .number = i};

		check("put", ipc_queue_put(m->items, &it, sizeof(it), IPC_FOREVER));
	}
	return 0;
}

static int consumer(void *arg)
{
	struct market *m = arg;
	struct item    it;
	ssize_t        n;

	while ((n = ipc_queue_get(m->items, &it, sizeof(it), IPC_SEC(2))) >= 0)
		check("put", ipc_queue_put(m->report, &it, sizeof(it), IPC_FOREVER));
	if (n != -ETIMEDOUT)
		check("get", n);
	it.number = -1;
	check("put", ipc_queue_put(m->report, &it, sizeof(it), IPC_FOREVER));
	return 0;
}

/* Read the report until every consumer has gone home. */
static void collect(ipc_queue *report, int times[N_PRODUCERS][N_ITEMS])
{
	struct item it;
	int         at_work = N_CONSUMERS;

	while (at_work > 0) {
		check("get", ipc_queue_get(report, &it, sizeof(it), IPC_FOREVER));
		if (it.number < 0)
			at_work--;
		else
			times[it.producer][it.number]++;
	}
}

static void print(int times[N_PRODUCERS][N_ITEMS])
{
	for (int p = 0; p < N_PRODUCERS; p++)
		for (int i = 0; i < N_ITEMS; i++)
			printf("producer %d, item %d: consumed %d time(s)\n", p + 1, i,
			       times[p][i]);
	for (int i = 0; i < N_CONSUMERS; i++)
		printf("a consumer timed out, exiting\n");
}

int main(void)
{
	struct market m = {0};
	ipc_proc     *proc[N_PRODUCERS + N_CONSUMERS];
	int           times[N_PRODUCERS][N_ITEMS] = {0}, n = 0;

	check("queue", ipc_queue_create(&m.items, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 4)));
	check("queue", ipc_queue_create(&m.report, NULL, NULL));
	for (m.producer = 0; m.producer < N_PRODUCERS; m.producer++)
		check("spawn", ipc_spawn(&proc[n++], producer, &m, NULL));
	for (int i = 0; i < N_CONSUMERS; i++)
		check("spawn", ipc_spawn(&proc[n++], consumer, &m, NULL));
	collect(m.report, times);
	while (n > 0) {
		check("join", ipc_proc_join(proc[--n], IPC_FOREVER, NULL));
		proc[n] = ipc_proc_close(proc[n]);
	}
	print(times);
	m.items = ipc_queue_close(m.items);
	m.report = ipc_queue_close(m.report);
	return 0;
}
