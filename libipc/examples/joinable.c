/*
 * joinable.c - hand out tasks, and wait until all of them are done
 *
 * Two workers square numbers. ipc_queue_join() returns when each task has been got and called
 * done, not merely when the queue is empty: whatever the workers wrote before task_done is there
 * to be read.
 */

#include <errno.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <stdio.h>
#include <stdlib.h>

#define N_TASKS   5
#define N_WORKERS 2

struct work {
	ipc_queue *tasks;
	int       *square; /* in shared memory; each task has a place of its own, so no lock */
};

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static int worker(void *arg)
{
	struct work *w = arg;
	ssize_t      n;
	int          task;

	while ((n = ipc_queue_get(w->tasks, &task, sizeof(task), IPC_FOREVER)) >= 0) {
		w->square[task] = task * task;
		check("task_done", ipc_queue_task_done(w->tasks));
	}
	if (n != -EPIPE)
		check("get", n);
	return 0;
}

int main(void)
{
	struct work w;
	ipc_shm    *block;
	ipc_proc   *proc[N_WORKERS];

	check("queue", ipc_queue_create(&w.tasks, NULL,
					IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE)));
	check("shm", ipc_shm_create(&block, NULL, N_TASKS * sizeof(int)));
	w.square = ipc_shm_data(block);
	for (int i = 0; i < N_WORKERS; i++)
		check("spawn", ipc_spawn(&proc[i], worker, &w, NULL));

	for (int task = 0; task < N_TASKS; task++)
		check("put", ipc_queue_put(w.tasks, &task, sizeof(task), IPC_FOREVER));
	check("join", ipc_queue_join(w.tasks, IPC_FOREVER));
	for (int task = 0; task < N_TASKS; task++)
		printf("Processed task %d: %d\n", task, w.square[task]);
	printf("All tasks completed\n");

	ipc_queue_shutdown(w.tasks); /* the workers go home */
	for (int i = 0; i < N_WORKERS; i++) {
		check("join", ipc_proc_join(proc[i], IPC_FOREVER, NULL));
		proc[i] = ipc_proc_close(proc[i]);
	}
	block = ipc_shm_close(block);
	w.tasks = ipc_queue_close(w.tasks);
	return 0;
}
