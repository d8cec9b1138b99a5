#ifndef WORDCOUNT_CREW_H
#define WORDCOUNT_CREW_H

/*
 * crew.h - the processes that main starts, watches, replaces and ends
 *
 * A process that fails has said why, and ends the job. One that is killed could not, and ends
 * it too, unless it was a worker and the job is to respawn: then another takes its place, and
 * the file it was at is counted again by whoever gets it (ipc_queue_attempt()).
 */

#include <ipc/proc.h>

#include "job.h"

struct child {
	ipc_proc *proc;
	int (*run)(void *job);
	char name[16];
};

struct crew {
	struct job   *job;
	struct child *child; /* reducer, workers, walker */
	unsigned      n_children;
	unsigned      at;         /* which is being started: the child's way to know itself */
	unsigned long n_replaced; /* workers */
	int           stopped;    /* job_stop() was called */
	int           failed;
};

/** Room for all processes of @job; 0 or -ENOMEM. Free it with crew_free(). */
int  crew_init(struct crew *crew, struct job *job);
void crew_free(struct crew *crew);

/** Start them all; 0 or negative errno, which has been said. */
int crew_start(struct crew *crew);

/** Free those that have ended and replace workers that were killed. Returns how many run. */
unsigned crew_reap(struct crew *crew, ipc_nsec patience);

/** Kill a worker, any of those that run. */
void crew_kill_one(struct crew *crew);

/** Tell all to come to their end. */
void crew_stop(struct crew *crew);

/** Wait for all of them to end, and terminate those that do not. */
void crew_end(struct crew *crew);

#endif /* WORDCOUNT_CREW_H */
