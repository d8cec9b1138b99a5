/*
 * worker.c - a process that reads files and counts their words
 *
 * It counts in a table of its own and sends that on in batches: when the file ends, or when the
 * table is full. Messages are as long as there is something to say, from a few bytes to
 * BATCH_MAX.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "text.h"

#define OWN_WORDS 16384 /* in a worker's own table; few files have more */

struct worker {
	struct job   *job;
	struct table *table;
	struct totals totals;  /* not sent yet */
	uint64_t      task;    /* whose counts these are, and */
	uint32_t      attempt; /* how many workers had it by now; 0 if it never comes again */
	size_t        len;     /* of the batch under way */
	char          batch[BATCH_MAX];
};

/* The counters of a batch may be sent before its words: they are sums. */
static int send_batch(struct worker *w, uint32_t n_words, uint32_t last)
{
	const struct batch head = {.kind = BATCH_COUNTS,
				   .n_words = n_words,
				   .task = w->task,
				   .attempt = w->attempt,
				   .last = last,
				   .totals = w->totals};
	size_t             len = w->len;

	memcpy(w->batch, &head, sizeof(head));
	memset(&w->totals, 0, sizeof(w->totals));
	w->len = sizeof(head);
	return ipc_queue_put(w->job->counts, w->batch, len, IPC_FOREVER);
}

static void append(struct worker *w, uint32_t count, const char *word, size_t len)
{
	char *at = w->batch + w->len;

	memcpy(at, &count, sizeof(count));
	at[sizeof(count)] = (char)len;
	memcpy(at + sizeof(count) + 1, word, len);
	w->len += sizeof(count) + 1 + len;
}

static int send_table(struct worker *w, uint32_t last)
{
	uint32_t n = 0;
	int      r = 0;

	for (uint32_t i = 0; r == 0 && i < w->table->n_words; i++) {
		const struct table_entry *e = table_entry(w->table, i);
		size_t                    len;
		const char               *word = table_word(w->table, e, &len);

		if (w->len + sizeof(uint32_t) + 1 + len > BATCH_MAX) {
			r = send_batch(w, n, 0);
			n = 0;
		}
		append(w, (uint32_t)e->count, word, len);
		n++;
	}
	if (r == 0)
		r = send_batch(w, n, last);
	table_clear(w->table);
	return r;
}

static int count_word(void *arg, const char *word, size_t len)
{
	struct worker *w = arg;
	int            r = 0;

	/* A batch counts in 32 bits: be done with it long before a sum could need more. */
	if (w->totals.words >= INT32_MAX)
		r = send_table(w, 0);
	w->totals.words++;
	if (r == 0 && table_add(w->table, word, len, 1) == -ENOSPC) {
		r = send_table(w, 0);
		if (r == 0)
			r = table_add(w->table, word, len, 1);
	}
	return r;
}

static int count_file(struct worker *w, const struct task *task)
{
	int r;

	w->task = task->id;
	w->attempt = ipc_queue_attempt(w->job->paths);
	r = file_words(task->path, count_word, w, &w->totals.bytes);
	if (r < 0)
		return r;
	w->totals.files++;
	w->totals.unreadable += r == 1;
	return send_table(w, 1);
}

static int work(struct worker *w)
{
	const size_t before_path = offsetof(struct task, path);
	ipc_queue   *paths = w->job->paths;
	struct task  task;
	ssize_t      n;
	int          r = 0, done;

	/* When main ends it all, counts is shut first seen by put. What is left of paths is then
	 * taken and called done without being read: the walker waits for that. */
	while ((n = ipc_queue_get(paths, &task, sizeof(task) - 1, IPC_FOREVER)) >= 0) {
		if ((size_t)n < before_path)
			return complain("worker", -EBADMSG);
		task.path[(size_t)n - before_path] = 0;
		if (r == 0)
			r = count_file(w, &task);
		done = ipc_queue_task_done(paths);
		if (done < 0)
			return complain("worker: task_done", done);
	}
	if (n != -EPIPE)
		return complain("worker: get from paths", (int)n);
	if (r < 0 && r != -EPIPE)
		return complain("worker: put to counts", r);
	return 0;
}

int worker(void *arg)
{
	struct job    *job = arg;
	struct worker *w = calloc(1, sizeof(*w));
	int            r;

	job->progress[0] = ipc_conn_close(job->progress[0]);
	job->progress[1] = ipc_conn_close(job->progress[1]);
	job->block = ipc_shm_close(job->block);
	if (!w || !(w->table = table_new(OWN_WORDS))) {
		free(w);
		complain("worker", -ENOMEM);
		return 1;
	}
	w->job = job;
	w->len = sizeof(struct batch);

	r = work(w);
	free(w->table);
	free(w);
	return r < 0;
}
