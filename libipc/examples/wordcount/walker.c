/*
 * walker.c - the process that finds the files
 *
 * It also knows when a round is over: every path has been put, and join says that every one of
 * them is done. A worker says done after its counts are in the queue, so what the walker puts
 * there after join comes behind all of them.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "text.h"

struct walk {
	struct job   *job;
	struct totals seen;
};

static int put_path(void *arg, const char *path)
{
	struct walk *w = arg;
	struct task  task;
	size_t       len = strlen(path);

	task.id = w->seen.files++;
	memcpy(task.path, path, len); /* short enough: see tree_walk() */
	return ipc_queue_put(w->job->paths, &task, offsetof(struct task, path) + len, IPC_FOREVER);
}

static int join_workers(struct job *job)
{
	int r = ipc_queue_join(job->paths, IPC_FOREVER);

	return r < 0 ? complain("walker: not every file was counted", r) : 0;
}

static int walk_once(struct job *job)
{
	struct walk  w = {.job = job};
	struct batch end = {.kind = BATCH_ROUND_END};
	int          r = tree_walk(job->dir, put_path, &w, &w.seen.unreadable);

	if (r == -EPIPE)
		return r;
	if (r < 0) {
		fprintf(stderr, "wordcount: %s: %s\n", job->dir, strerror(-r));
		return r;
	}
	r = join_workers(job);
	if (r < 0)
		return r;
	end.totals = w.seen;
	return ipc_queue_put(job->counts, &end, sizeof(end), IPC_FOREVER);
}

int walker(void *arg)
{
	struct job *job = arg;
	int         r = 0;

	job->progress[0] = ipc_conn_close(job->progress[0]);
	job->progress[1] = ipc_conn_close(job->progress[1]);
	job->block = ipc_shm_close(job->block);

	for (unsigned long i = 0; r == 0 && (job->n_rounds == 0 || i < job->n_rounds); i++)
		r = walk_once(job);

	job_stop(job);
	return r == 0 || r == -EPIPE ? 0 : 1; /* -EPIPE: main has ended it */
}
