/*
 * job.c - making and ending what the processes share
 *
 * The queues and the table get a name, so that they are easy to recognise in ipcmon, and lose it
 * at once: they are passed on by fork, and several word counts may run side by side.
 */

#include "job.h"

#include <errno.h>
#include <ipc/proc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int complain(const char *what, int r)
{
	const char *more = ipc_explain();

	fprintf(stderr, "wordcount: %s: %s%s%s\n", what, ipc_strerror(r), *more ? ": " : "", more);
	return r;
}

void totals_add(struct totals *to, const struct totals *what)
{
	to->files += what->files;
	to->unreadable += what->unreadable;
	to->bytes += what->bytes;
	to->words += what->words;
}

static int make_queue(ipc_queue **ret, const char *name, const struct ipc_queue_opts *opts)
{
	char own[IPC_NAME_MAX + 1];
	int  r;

	/* A word count that starts at this very moment may still have the plain name. */
	snprintf(own, sizeof(own), "%s.%d", name, (int)getpid());
	r = ipc_queue_create(ret, name, opts);
	if (r == -EEXIST)
		r = ipc_queue_create(ret, name = own, opts);
	if (r < 0)
		return complain(name, r);
	return ipc_queue_unlink(name);
}

static int make_table(struct job *job, uint32_t max_words)
{
	const char *name = "table";
	size_t      size = offsetof(struct shared, table) + table_bytes(max_words);
	char        own[IPC_NAME_MAX + 1];
	int         r;

	snprintf(own, sizeof(own), "%s.%d", name, (int)getpid());
	r = ipc_shm_create(&job->block, name, size);
	if (r == -EEXIST)
		r = ipc_shm_create(&job->block, name = own, size);
	if (r < 0)
		return complain(name, r);
	job->shared = ipc_shm_data(job->block); /* zeroed: the mutex is ready to use */
	table_init(&job->shared->table, max_words);
	return ipc_shm_unlink(name);
}

int job_open(struct job *job, uint32_t max_words)
{
	unsigned on_death = job->respawn ? IPC_TASKS_REQUEUE : IPC_TASKS_FAIL;
	int      r;

	r = make_queue(&job->paths, "paths",
		       IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE, .maxsize = PATHS_MAX,
				.on_death = on_death));
	if (r == 0)
		r = make_queue(&job->counts, "counts",
			       IPC_OPTS(ipc_queue_opts, .maxsize = COUNTS_MAX));
	if (r == 0)
		r = make_table(job, max_words);
	if (r == 0) {
		r = ipc_pipe(job->progress, IPC_OPTS(ipc_conn_opts, .name = "progress"));
		if (r < 0)
			complain("progress", r);
	}
	if (r < 0)
		job_close(job);
	return r;
}

void job_close(struct job *job)
{
	job->paths = ipc_queue_close(job->paths);
	job->counts = ipc_queue_close(job->counts);
	job->progress[0] = ipc_conn_close(job->progress[0]);
	job->progress[1] = ipc_conn_close(job->progress[1]);
	job->block = ipc_shm_close(job->block);
	job->shared = NULL;
}

void job_stop(struct job *job)
{
	ipc_queue_shutdown(job->paths);
	ipc_queue_shutdown(job->counts);
}
