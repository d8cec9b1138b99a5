/*
 * reducer.c - the process that puts the counts together
 *
 * It holds the lock for one batch at a time; main takes it to read the table. Progress is sent
 * without waiting, and dropped while main is slow; the end of a round is not.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "account.h"
#include "job.h"

#define PROGRESS_EVERY_NS 50000000 /* twenty times a second: what an eye can follow */

static int merge_words(struct table *t, const char *at, const char *end, uint32_t n)
{
	uint32_t count;
	size_t   len;
	int      r = 0;

	for (; n > 0 && r == 0; n--) {
		if ((size_t)(end - at) < sizeof(count) + 1)
			return -EBADMSG;
		memcpy(&count, at, sizeof(count));
		len = (size_t)(unsigned char)at[sizeof(count)];
		at += sizeof(count) + 1;
		if ((size_t)(end - at) < len || len > WORD_MAX)
			return -EBADMSG;
		r = table_add(t, at, len, count);
		at += len;
	}
	return r;
}

static int merge(void *arg, const struct batch *b, size_t len)
{
	struct job    *job = arg;
	struct shared *s = job->shared;
	const char    *words = (const char *)(b + 1);
	int            r = ipc_mutex_lock(&s->lock, IPC_FOREVER);

	/* -EOWNERDEAD: main was killed holding it. It only reads, so nothing needs mending. */
	if (r < 0 && r != -EOWNERDEAD)
		return complain("reducer: lock", r);
	totals_add(&s->totals, &b->totals);
	r = merge_words(&s->table, words, (const char *)b + len, b->n_words);
	ipc_mutex_unlock(&s->lock);
	return r;
}

/* Each file once, however often it came (account.h). */
static int merge_once(struct job *job, struct account *files, const struct batch *b, size_t len)
{
	int r;

	if (account_has(files, b))
		return 0;
	if (!b->last)
		return account_keep(files, b, len);
	r = account_settle(files, b, merge, job);
	return r < 0 ? r : merge(job, b, len);
}

/* Only this process changes the table, so it may read without the lock. */
static int tell(struct job *job, enum progress_kind kind, ipc_nsec timeout)
{
	const struct progress p = {.kind = kind,
				   .distinct = job->shared->table.n_words,
				   .totals = job->shared->totals};

	return ipc_conn_send(job->progress[1], &p, sizeof(p), timeout);
}

static int tell_so_far(struct job *job, int64_t *last)
{
	struct timespec now;
	int64_t         ns;
	int             r;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	if (ns - *last < PROGRESS_EVERY_NS)
		return 0;
	*last = ns;
	r = tell(job, PROGRESS_SO_FAR, IPC_NOW);
	return r == -EAGAIN ? 0 : r;
}

/* Main reads the table while this process waits for its answer; then all starts from zero. */
static int end_round(struct job *job, const struct totals *walked)
{
	struct shared *s = job->shared;
	ssize_t        n;
	int            r;

	s->totals.unreadable += walked->unreadable;
	if (s->totals.files != walked->files) {
		fprintf(stderr, "wordcount: %lu files were found, but %lu counted\n",
			(unsigned long)walked->files, (unsigned long)s->totals.files);
		return -EBADMSG;
	}
	r = tell(job, PROGRESS_ROUND_END, IPC_FOREVER);
	if (r < 0)
		return r;
	n = ipc_conn_recv(job->progress[1], NULL, 0, IPC_FOREVER);
	if (n < 0)
		return (int)n;
	memset(&s->totals, 0, sizeof(s->totals));
	table_clear(&s->table);
	return 0;
}

static int take(struct job *job, struct account *files, const struct batch *b, size_t len)
{
	if (len < sizeof(*b))
		return -EBADMSG;
	if (b->kind == BATCH_ROUND_END) {
		account_clear(files);
		return end_round(job, &b->totals);
	}
	return b->attempt == 0 ? merge(job, b, len) : merge_once(job, files, b, len);
}

static int reduce(struct job *job, struct account *files, char *buf)
{
	int64_t last = 0;
	ssize_t n;
	int     r = 0;

	while (r == 0) {
		n = ipc_queue_get(job->counts, buf, BATCH_MAX, IPC_FOREVER);
		if (n < 0)
			return (int)n;
		r = take(job, files, (const struct batch *)buf, (size_t)n);
		if (r == 0)
			r = tell_so_far(job, &last);
		if (r == -ENOSPC)
			r = tell(job, PROGRESS_TABLE_FULL, IPC_FOREVER);
	}
	return r;
}

int reducer(void *arg)
{
	struct account files = {.first = NULL};
	struct job    *job = arg;
	char          *buf = malloc(BATCH_MAX);
	int            r = -ENOMEM;

	job->paths = ipc_queue_close(job->paths);
	job->progress[0] = ipc_conn_close(job->progress[0]);
	if (buf)
		r = reduce(job, &files, buf);
	free(buf);
	account_clear(&files);
	if (r != -EPIPE)
		complain("reducer", r);
	return r != -EPIPE;
}
