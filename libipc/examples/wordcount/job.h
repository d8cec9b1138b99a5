#ifndef WORDCOUNT_JOB_H
#define WORDCOUNT_JOB_H

/*
 * job.h - what the processes of a word count share, and what they tell each other
 *
 *     walker --paths--> worker-1 ... worker-n --counts--> reducer --progress--> main
 *                                                            |                    |
 *                                                            +---- the table -----+
 *
 * paths     joinable queue: a file per message (struct task). The walker joins it to know that
 *           every file has been counted. With --respawn a file whose worker was killed comes
 *           again.
 * counts    queue: batches of partial counts (struct batch), of any length up to BATCH_MAX
 * progress  duplex pipe: the reducer tells main how far it is (struct progress); main answers
 *           the end of a round, with an empty message, when it has read the table
 * table     shared memory: the words and their counts, under a mutex (struct shared)
 *
 * Everything is made by main before it forks, and each process closes what is not its own. The
 * walker ends it all: when the last round is done it shuts both queues down, the workers and
 * the reducer find their queue shut and drained, and main finds the pipe at its end. To end
 * early, main shuts the queues down itself.
 */

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <limits.h>

#include "table.h"

#define PATHS_MAX  1024        /* messages waiting in paths; picked, never tuned */
#define COUNTS_MAX 256         /* messages waiting in counts; idem */
#define BATCH_MAX  (32 * 1024) /* longest message in counts [bytes]; idem */

struct totals {
	uint64_t files;      /* those that could not be read included */
	uint64_t unreadable; /* files and folders */
	uint64_t bytes;
	uint64_t words;
};

/* struct task - a message in paths, as long as its path */
struct task {
	uint64_t id; /* counted from 0 in each round */
	char     path[PATH_MAX];
};

/*
 * struct batch - head of a message in counts
 *
 * BATCH_COUNTS: @totals is what it adds; behind the head stand @n_words entries, each the count
 * (uint32_t), the length (uint8_t) and the bytes of a word, without padding. @task and @attempt
 * say what it was counted for (attempt 0: no other will be made), and the last batch of it is
 * marked: see account.h.
 * BATCH_ROUND_END: everything has been counted; @totals.files says how many files that were,
 * @totals.unreadable how many folders could not be read.
 */
enum batch_kind { BATCH_COUNTS = 1, BATCH_ROUND_END };

struct batch {
	uint32_t      kind;
	uint32_t      n_words;
	uint64_t      task;
	uint32_t      attempt;
	uint32_t      last;
	struct totals totals;
};

/* struct progress - a message from the reducer to main */
enum progress_kind { PROGRESS_SO_FAR = 1, PROGRESS_ROUND_END, PROGRESS_TABLE_FULL };

struct progress {
	uint32_t      kind;
	uint64_t      distinct;
	struct totals totals;
};

/* struct shared - what lies in the shared memory; the table's own memory follows */
struct shared {
	ipc_mutex     lock; /* for all below */
	struct totals totals;
	struct table  table;
};

struct job {
	const char   *dir;
	unsigned      n_workers;
	unsigned long n_rounds; /* 0: until interrupted */
	int           respawn;  /* a worker that is killed is replaced */

	ipc_queue     *paths, *counts;
	ipc_conn      *progress[2]; /* [0] is main's end, [1] the reducer's */
	ipc_shm       *block;
	struct shared *shared; /* what block holds */
};

/* The processes; each returns the exit status. */
int walker(void *job);
int worker(void *job);
int reducer(void *job);

/* Make everything the job needs, with a table for @max_words; 0 or negative errno. */
int  job_open(struct job *job, uint32_t max_words);
void job_close(struct job *job);

/* Nobody waits any more: all that is under way comes to its end. */
void job_stop(struct job *job);

/* Say on stderr that @what went wrong with @r, and what the library knows of it; returns @r. */
int complain(const char *what, int r);

void totals_add(struct totals *to, const struct totals *what);

#endif /* WORDCOUNT_JOB_H */
