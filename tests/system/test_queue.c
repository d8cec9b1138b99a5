/*
 * Queues: many writers, many readers, bounded or not, by name or by fork.
 *
 * test-limit: 300
 */

#include "support/test.h"

#include <sys/wait.h>

#include <ipc/queue.h>
#include <ipc/shm.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

/* @body is a process of its own, in a domain of its own, which is gone afterwards. */
static void check_apart(int (*body)(void *arg))
{
	test_new_ipc_dir();
	check_child(body, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static ipc_queue *make(const char *name, uint64_t maxsize)
{
	ipc_queue *q = NULL;

	check_ok(ipc_queue_create(&q, name, IPC_OPTS(ipc_queue_opts, .maxsize = maxsize)));
	return q;
}

static void put_number(ipc_queue *q, uint32_t n)
{
	check_ok(ipc_queue_put(q, &n, sizeof(n), IPC_NOW));
}

static void get_number(ipc_queue *q, uint32_t want)
{
	uint32_t n = ~want;

	check_r(ipc_queue_get(q, &n, sizeof(n), IPC_NOW), sizeof(n));
	check_eq(n, want);
}

/* ---- first in, first out --------------------------------------------------------------------- */

static void queue__one_process__first_in_first_out(void **state)
{
	static const uint64_t maxsize[] = {0, 1, 2, 3, 5, 64, 100, 128, 1000, 100000};

	for (size_t k = 0; k < N_OF(maxsize); k++) {
		ipc_queue *q = make(NULL, maxsize[k]);
		uint32_t   put = 0, got = 0,
			 at_most = maxsize[k] && maxsize[k] < 700 ? (uint32_t)maxsize[k] : 700;

		check_eq(ipc_queue_maxsize(q), maxsize[k]);
		for (unsigned lap = 0; lap < 40; lap++) {
			unsigned n = 1 + lap * 37 % at_most;

			for (unsigned i = 0; i < n; i++) {
				check_eq(ipc_queue_len(q), i);
				put_number(q, put++);
				check_eq(ipc_queue_empty(q), 0);
				check_eq(ipc_queue_full(q), i + 1 == maxsize[k]);
			}
			for (unsigned i = 0; i < n; i++)
				get_number(q, got++);
			check_eq(ipc_queue_len(q), 0);
			check_eq(ipc_queue_empty(q), 1);
		}
		q = ipc_queue_close(q);
		check(!q);
	}
}

static void queue_put__full__is_eagain_or_etimedout(void **state)
{
	static const uint64_t maxsize[] = {1, 2, 7, 64, 65, 1000, 5000};

	for (size_t k = 0; k < N_OF(maxsize); k++) {
		ipc_queue *q = make(NULL, maxsize[k]);
		uint64_t   began;

		for (uint32_t i = 0; i < maxsize[k]; i++)
			put_number(q, i);
		check_eq(ipc_queue_full(q), 1);
		check_r(ipc_queue_put(q, "x", 1, IPC_NOW), -EAGAIN);
		began = test_now();
		check_r(ipc_queue_put(q, "x", 1, IPC_MSEC(30)), -ETIMEDOUT);
		check(test_now() - began >= 30000000);
		check_eq(ipc_queue_len(q), maxsize[k]);
		get_number(q, 0);
		put_number(q, (uint32_t)maxsize[k]);
		check_r(ipc_queue_put(q, "x", 1, IPC_NOW), -EAGAIN);
		for (uint32_t i = 1; i <= maxsize[k]; i++)
			get_number(q, i);
		q = ipc_queue_close(q);
	}
}

static void queue_get__empty__is_eagain_or_etimedout(void **state)
{
	ipc_queue *q = make(NULL, 0);
	uint64_t   began = test_now();
	char       c;

	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), -EAGAIN);
	check_r(ipc_queue_next_len(q), -EAGAIN);
	check_r(ipc_queue_get(q, &c, 1, IPC_MSEC(300)), -ETIMEDOUT);
	check(test_now() - began >= 300000000);
	q = ipc_queue_close(q);
}

static void queue_get__buffer_too_short__is_emsgsize_and_stays_oldest(void **state)
{
	ipc_queue *q = make(NULL, 0);
	char       buf[300];

	memset(buf, 'x', sizeof(buf));
	check_ok(ipc_queue_put(q, buf, 10, IPC_NOW));
	check_ok(ipc_queue_put(q, buf, 300, IPC_NOW));
	check_r(ipc_queue_get(q, buf, 9, IPC_FOREVER), -EMSGSIZE);
	check_r(ipc_queue_next_len(q), 10);
	check_r(ipc_queue_get(q, NULL, 0, IPC_FOREVER), -EMSGSIZE);
	check_eq(ipc_queue_len(q), 2);
	check_r(ipc_queue_get(q, buf, 10, IPC_NOW), 10);
	check_r(ipc_queue_get(q, buf, 299, IPC_NOW), -EMSGSIZE);
	check_r(ipc_queue_next_len(q), 300);
	check_r(ipc_queue_get(q, buf, 300, IPC_NOW), 300);
	q = ipc_queue_close(q);
}

static void queue_put__empty_message__is_a_message(void **state)
{
	ipc_queue *q = make(NULL, 0);

	check_ok(ipc_queue_put(q, NULL, 0, IPC_NOW));
	check_ok(ipc_queue_put(q, "", 0, IPC_NOW));
	check_eq(ipc_queue_len(q), 2);
	check_r(ipc_queue_next_len(q), 0);
	check_r(ipc_queue_get(q, NULL, 0, IPC_NOW), 0);
	check_r(ipc_queue_get(q, NULL, 0, IPC_NOW), 0);
	check_r(ipc_queue_get(q, NULL, 0, IPC_NOW), -EAGAIN);
	q = ipc_queue_close(q);
}

static void queue_calls__wrong__are_einval(void **state)
{
	ipc_queue *q = NULL;
	char       c = 'x';

	check_r(ipc_queue_create(NULL, NULL, NULL), -EINVAL);
	check_r(ipc_queue_create(&q, NULL, &(struct ipc_queue_opts){0}), -EINVAL);
	check_r(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .flags = 1u << 30)), -EINVAL);
	check_r(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = UINT64_MAX)),
		-EINVAL);
	check_r(ipc_queue_open(NULL, "x"), -EINVAL);
	check_r(ipc_queue_open(&q, NULL), -EINVAL);
	check_r(ipc_queue_unlink(NULL), -EINVAL);
	check(!q); /* written on success only */
	check_r(ipc_queue_put(NULL, &c, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_get(NULL, &c, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_next_len(NULL), -EINVAL);
	check_r(ipc_queue_shutdown(NULL), -EINVAL);
	check_r(ipc_queue_task_done(NULL), -EINVAL);
	check_r(ipc_queue_join(NULL, IPC_NOW), -EINVAL);
	check(!ipc_queue_close(NULL));
	q = make(NULL, 0);
	check_r(ipc_queue_put(q, NULL, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_get(q, NULL, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_task_done(q), -EINVAL); /* not joinable */
	check_r(ipc_queue_join(q, IPC_NOW), -EINVAL);
	q = ipc_queue_close(q);
}

/* ---- names ------------------------------------------------------------------------------------ */

static void queue_create__bad_name__is_einval_and_says_it(void **state)
{
	static const char *const bad[] = {"", "a b", "a/b", "../x", "ä", "a\n", ".", ".."};
	char                     longest[IPC_NAME_MAX + 2];
	ipc_queue               *q = NULL;

	for (size_t i = 0; i < N_OF(bad); i++) {
		check_r(ipc_queue_create(&q, bad[i], NULL), -EINVAL);
		check_explains("name");
		check_r(ipc_queue_open(&q, bad[i]), -EINVAL);
		check_r(ipc_queue_unlink(bad[i]), -EINVAL);
	}
	memset(longest, 'n', sizeof(longest));
	longest[IPC_NAME_MAX + 1] = '\0';
	check_r(ipc_queue_create(&q, longest, NULL), -EINVAL);
	longest[IPC_NAME_MAX] = '\0';
	q = make(longest, 0);
	check_ok(ipc_queue_unlink(longest));
	q = ipc_queue_close(q);
	q = make("AZaz09._-", 0);
	check_ok(ipc_queue_unlink("AZaz09._-"));
	q = ipc_queue_close(q);
}

static void queue_create__name_taken__is_eexist(void **state)
{
	ipc_queue *a = make("taken", 0), *b = NULL;
	ipc_shm   *s = NULL;

	check_r(ipc_queue_create(&b, "taken", NULL), -EEXIST);
	check_explains("taken");
	check_r(ipc_shm_create(&s, "taken", 10), -EEXIST); /* one space of names for all kinds */
	check(!b && !s);
	check_ok(ipc_queue_unlink("taken"));
	a = ipc_queue_close(a);
}

static void queue_open__no_such_name__is_enoent(void **state)
{
	ipc_queue *q = NULL;

	check_r(ipc_queue_open(&q, "nobody"), -ENOENT);
	check_explains("nobody");
	check_r(ipc_queue_unlink("nobody"), -ENOENT);
	check(!q);
}

static void queue_open__name_of_another_kind__is_einval(void **state)
{
	ipc_queue *q = NULL;
	ipc_shm   *s = NULL;

	check_ok(ipc_shm_create(&s, "block", 10));
	check_r(ipc_queue_open(&q, "block"), -EINVAL);
	check_explains("block");
	check_r(ipc_queue_unlink("block"), -ENOENT); /* no queue has that name */
	check_ok(ipc_shm_unlink("block"));
	s = ipc_shm_close(s);
}

static void queue_open__twice_in_one_process__is_one_queue(void **state)
{
	ipc_queue *a = make("twice", 7), *b = NULL;

	check_ok(ipc_queue_open(&b, "twice"));
	check_eq(ipc_queue_maxsize(b), 7);
	put_number(a, 5);
	a = ipc_queue_close(a);
	get_number(b, 5);
	check_ok(ipc_queue_unlink("twice"));
	b = ipc_queue_close(b);
}

static void queue_unlink__while_open__keeps_it_and_frees_the_name(void **state)
{
	ipc_queue *old = make("phoenix", 0), *fresh, *again = NULL;

	put_number(old, 1);
	check_ok(ipc_queue_unlink("phoenix"));
	check_r(ipc_queue_open(&again, "phoenix"), -ENOENT);
	check_r(ipc_queue_unlink("phoenix"), -ENOENT);
	fresh = make("phoenix", 0);
	check_ok(ipc_queue_open(&again, "phoenix"));
	check_eq(ipc_queue_len(again), 0); /* the new one */
	put_number(fresh, 2);
	get_number(again, 2);
	get_number(old, 1);
	check_ok(ipc_queue_unlink("phoenix"));
	old = ipc_queue_close(old);
	fresh = ipc_queue_close(fresh);
	again = ipc_queue_close(again);
}

static int make_and_leave(void *arg)
{
	ipc_queue *q = make("stays", 0);

	put_number(q, 77);
	q = ipc_queue_close(q);
	return 0;
}

static int find_and_unlink(void *arg)
{
	ipc_queue *q;

	check_ok(ipc_queue_open(&q, "stays"));
	get_number(q, 77);
	check_ok(ipc_queue_unlink("stays"));
	q = ipc_queue_close(q);
	return 0;
}

static void queue__named_and_everybody_gone__stays_until_unlinked(void **state)
{
	test_new_ipc_dir();
	check_child(make_and_leave, NULL);
	check_eq(test_count_files(test_ipc_dir()), 1);
	check_child(find_and_unlink, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

/* They meet by name: which of them makes it is decided by who is first. */
static int meet(void *arg)
{
	ipc_queue *q;
	int        r = ipc_queue_create(&q, "meeting", NULL);

	if (r == -EEXIST)
		check(wait_until((r = ipc_queue_open(&q, "meeting")) != -ENOENT, 20));
	check_ok(r);
	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	q = ipc_queue_close(q);
	return 0;
}

static int meet_at_once(void *arg)
{
	for (unsigned round = 0; round < test_rounds(50); round++) {
		pid_t      child[6];
		ipc_queue *q;

		for (size_t i = 0; i < N_OF(child); i++)
			child[i] = test_fork(meet, NULL);
		for (size_t i = 0; i < N_OF(child); i++)
			check_eq(test_wait(child[i]), 0);
		check_ok(ipc_queue_open(&q, "meeting"));
		check_eq(ipc_queue_len(q), N_OF(child));
		check_ok(ipc_queue_unlink("meeting"));
		q = ipc_queue_close(q);
	}
	return 0;
}

static void queue_create__many_at_once__one_makes_it(void **state)
{
	check_apart(meet_at_once);
}

static void queue__two_unrelated_programs__meet_by_name(void **state)
{
	ipc_queue *q;
	pid_t      getter = test_program("queue", "get", "programs");
	pid_t      putter = test_program("queue", "put", "programs");

	q = make("programs", 3);
	check_eq(test_wait(putter), 0);
	check_eq(test_wait(getter), 0);
	check_eq(ipc_queue_len(q), 0);
	check_ok(ipc_queue_unlink("programs"));
	q = ipc_queue_close(q);
}

static void queue__two_programs_in_different_domains__do_not_meet(void **state)
{
	ipc_queue *q = make("apart", 0);
	pid_t      child;

	(void)setenv("IPC_DOMAIN", "other", 1);
	child = test_program("queue", "put", "apart");
	(void)unsetenv("IPC_DOMAIN");
	/* it waits for a queue that nobody makes there */
	check(!wait_until(waitpid(child, NULL, WNOHANG) != 0 || ipc_queue_len(q) > 0, 1));
	test_kill(child);
	check_ok(ipc_queue_unlink("apart"));
	q = ipc_queue_close(q);
}

/* ---- shutdown --------------------------------------------------------------------------------- */

static void queue_shutdown__with_messages__they_come_first(void **state)
{
	ipc_queue *q = make(NULL, 0);
	uint32_t   n;

	for (uint32_t i = 0; i < 100; i++)
		put_number(q, i);
	check_ok(ipc_queue_shutdown(q));
	check_ok(ipc_queue_shutdown(q));
	check_r(ipc_queue_put(q, "x", 1, IPC_NOW), -EPIPE);
	check_r(ipc_queue_put(q, "x", 1, IPC_FOREVER), -EPIPE);
	for (uint32_t i = 0; i < 100; i++)
		get_number(q, i);
	for (int i = 0; i < 3; i++) {
		check_r(ipc_queue_get(q, &n, sizeof(n), IPC_FOREVER), -EPIPE);
		check_r(ipc_queue_get(q, &n, sizeof(n), IPC_NOW), -EPIPE);
	}
	q = ipc_queue_close(q);
}

static int blocked_get(void *arg)
{
	char c;

	check_r(ipc_queue_get(arg, &c, 1, IPC_SEC(30)), -EPIPE);
	return 0;
}

static int blocked_put(void *arg)
{
	check_r(ipc_queue_put(arg, "x", 1, IPC_SEC(30)), -EPIPE);
	return 0;
}

static void check_shutdown_wakes(ipc_queue *q, int (*blocked)(void *arg))
{
	pid_t    child[4];
	uint64_t began;

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(blocked, q);
	for (size_t i = 0; i < N_OF(child); i++)
		check(wait_until(test_asleep(child[i]), 20));
	began = test_now();
	check_ok(ipc_queue_shutdown(q));
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check(test_now() - began < 2000000000);
	q = ipc_queue_close(q);
}

static void queue_shutdown__others_wait__wakes_all(void **state)
{
	ipc_queue *q;

	for (int i = 0; i < 10; i++) {
		check_shutdown_wakes(make(NULL, 0), blocked_get);
		q = make(NULL, 1);
		put_number(q, 1);
		check_shutdown_wakes(q, blocked_put);
	}
}

/* ---- many to many -------------------------------------------------------------------------------- */

#define PRODUCERS 4u
#define CONSUMERS 4u

struct crowd {
	ipc_queue *q;
	uint32_t   n;       /* messages of each producer */
	uint32_t   largest; /* bytes */
	uint8_t   *seen;    /* per producer and message: how many times it came */
	uint32_t   me;
};

static int crowd_put(void *arg)
{
	const struct crowd *c = arg;
	uint32_t            seed = c->me + 77;
	char               *buf = malloc(c->largest);

	check(buf);
	for (uint32_t i = 0; i < c->n; i++) {
		uint32_t len = 8 + test_random(&seed) % (i % 16 ? 100 : c->largest - 8);

		memcpy(buf, &c->me, 4);
		memcpy(buf + 4, &i, 4);
		test_pattern(buf + 8, len - 8, i);
		check_ok(ipc_queue_put(c->q, buf, len, IPC_SEC(30)));
	}
	free(buf);
	return 0;
}

static int crowd_get(void *arg)
{
	const struct crowd *c = arg;
	int64_t             last[PRODUCERS] = {-1, -1, -1, -1};
	char               *buf = malloc(c->largest);
	ssize_t             n;

	check(buf);
	while ((n = ipc_queue_get(c->q, buf, c->largest, IPC_SEC(30))) >= 0) {
		uint32_t who, i;

		check(n >= 8);
		memcpy(&who, buf, 4);
		memcpy(&i, buf + 4, 4);
		check(who < PRODUCERS && i < c->n);
		check(test_pattern_is(buf + 8, (size_t)n - 8, i));
		/* what one reader gets of one writer is in the order it was put */
		if ((int64_t)i <= last[who])
			test_fail("of producer %u came %u after %lld", who, i,
				  (long long)last[who]);
		last[who] = i;
		(void)__atomic_fetch_add(&c->seen[who * c->n + i], 1, __ATOMIC_RELAXED);
	}
	check_r(n, -EPIPE);
	free(buf);
	return 0;
}

static void check_crowd(uint64_t maxsize, uint32_t n, uint32_t largest)
{
	struct crowd c = {.n = test_rounds(n), .largest = largest};
	pid_t        producer[PRODUCERS], consumer[CONSUMERS];

	c.q = make(NULL, maxsize);
	c.seen = test_shared((size_t)PRODUCERS * c.n);
	for (c.me = 0; c.me < PRODUCERS; c.me++)
		producer[c.me] = test_fork(crowd_put, &c);
	for (uint32_t i = 0; i < CONSUMERS; i++)
		consumer[i] = test_fork(crowd_get, &c);
	for (uint32_t i = 0; i < PRODUCERS; i++)
		check_eq(test_wait(producer[i]), 0);
	check_ok(ipc_queue_shutdown(c.q));
	for (uint32_t i = 0; i < CONSUMERS; i++)
		check_eq(test_wait(consumer[i]), 0);
	for (uint32_t i = 0; i < PRODUCERS * c.n; i++)
		check_eq(c.seen[i], 1);
	c.q = ipc_queue_close(c.q);
}

static void queue__many_to_many_bounded__exactly_once_in_order(void **state)
{
	check_crowd(16, 20000, 300);
}

static void queue__many_to_many_bounded_by_one__exactly_once_in_order(void **state)
{
	check_crowd(1, 5000, 300);
}

static void queue__many_to_many_unlimited__exactly_once_in_order(void **state)
{
	check_crowd(0, 20000, 300);
}

static void queue__many_to_many_large__exactly_once_in_order(void **state)
{
	check_crowd(32, 3000, 200000);
}

/* ---- without a limit ---------------------------------------------------------------------------------- */

static int do_unlimited(void *arg)
{
	enum { N = 300000 };
	ipc_queue *q;
	uint64_t   before, full, after;
	char       buf[16];

	q = make(NULL, 0);
	before = test_disk_usage(test_ipc_dir());
	for (int lap = 0; lap < 3; lap++) {
		for (uint32_t i = 0; i < N; i++)
			put_number(q, i);
		check_eq(ipc_queue_len(q), N);
		check_eq(ipc_queue_full(q), 0);
		full = test_disk_usage(test_ipc_dir());
		check(full >= before + N * sizeof(uint32_t));
		for (uint32_t i = 0; i < N; i++)
			get_number(q, i);
		/* a reader that sleeps through a slice tidies up */
		check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_MSEC(700)), -ETIMEDOUT);
		after = test_disk_usage(test_ipc_dir());
		if (after > before + (1 << 20))
			test_fail("it took %llu bytes, then %llu, and keeps %llu",
				  (unsigned long long)before, (unsigned long long)full,
				  (unsigned long long)after);
	}
	q = ipc_queue_close(q);
	return 0;
}

static void queue__unlimited__grows_and_gives_back(void **state)
{
	check_apart(do_unlimited);
}

static int do_large_messages_drained(void *arg)
{
	enum { N = 50, LEN = 1 << 20 };
	char      *buf = calloc(1, LEN);
	ipc_queue *q;
	uint64_t   before, after;

	check(buf);
	q = make(NULL, 0);
	before = test_disk_usage(test_ipc_dir());
	for (int lap = 0; lap < 3; lap++) {
		for (int i = 0; i < N; i++)
			check_ok(ipc_queue_put(q, buf, LEN, IPC_NOW));
		check(test_disk_usage(test_ipc_dir()) >= (uint64_t)N * LEN);
		for (int i = 0; i < N; i++)
			check_r(ipc_queue_get(q, buf, LEN, IPC_NOW), LEN);
		check_r(ipc_queue_get(q, buf, LEN, IPC_MSEC(700)), -ETIMEDOUT);
		after = test_disk_usage(test_ipc_dir());
		check(after < before + (4 << 20));
	}
	q = ipc_queue_close(q);
	free(buf);
	return 0;
}

static void queue__large_messages_drained__gives_their_memory_back(void **state)
{
	check_apart(do_large_messages_drained);
}

static int do_closed_by_the_last(void *arg)
{
	ipc_queue *keep, *q;
	uint64_t   before;

	keep = make(NULL, 0);
	before = test_disk_usage(test_ipc_dir());
	for (int i = 0; i < 50; i++) {
		q = make(NULL, 0);
		for (uint32_t k = 0; k < 10000; k++)
			put_number(q, k);
		q = ipc_queue_close(q);
	}
	check(test_disk_usage(test_ipc_dir()) <= before + (1 << 20));
	keep = ipc_queue_close(keep);
	return 0;
}

static void queue__closed_by_the_last__takes_no_room(void **state)
{
	check_apart(do_closed_by_the_last);
}

static int take_slowly(void *arg)
{
	ipc_queue *q = arg;
	uint32_t   n, want = 0;
	ssize_t    r;

	while ((r = ipc_queue_get(q, &n, sizeof(n), IPC_SEC(30))) > 0) {
		check_eq(n, want);
		want++;
	}
	check_r(r, -EPIPE);
	check_eq(want, 5 * 60000);
	return 0;
}

/* Bursts and pauses while somebody reads: arrays come and go under its eyes. */
static void queue__bursts_while_somebody_reads__lose_nothing(void **state)
{
	ipc_queue *q = make(NULL, 0);
	pid_t      child = test_fork(take_slowly, q);
	uint32_t   n = 0;

	for (int burst = 0; burst < 5; burst++) {
		for (int i = 0; i < 60000; i++)
			put_number(q, n++);
		check(wait_until(ipc_queue_empty(q), 30));
		if (burst % 2) /* long enough for the reader to tidy up */
			check(!wait_until(!ipc_queue_empty(q), 1));
	}
	check_ok(ipc_queue_shutdown(q));
	check_eq(test_wait(child), 0);
	q = ipc_queue_close(q);
}

/* ---- reading and blocking -------------------------------------------------------------------------------- */

static int put_then_get(void *arg)
{
	ipc_queue **q = arg;
	uint32_t    n;

	for (uint32_t i = 0; i < test_rounds(20000); i++) {
		check_r(ipc_queue_get(q[0], &n, sizeof(n), IPC_SEC(30)), sizeof(n));
		check_ok(ipc_queue_put(q[1], &n, sizeof(n), IPC_SEC(30)));
	}
	return 0;
}

/* Each message wakes somebody: a lost wake-up costs a slice, and so many of them the deadline. */
static void queue__ping_pong__loses_no_wakeup(void **state)
{
	ipc_queue *q[2] = {make(NULL, 1), make(NULL, 1)};
	pid_t      child = test_fork(put_then_get, q);
	unsigned   slow = 0;
	uint32_t   n;

	for (uint32_t i = 0; i < test_rounds(20000); i++) {
		uint64_t began = test_now();

		check_ok(ipc_queue_put(q[0], &i, sizeof(i), IPC_SEC(30)));
		check_r(ipc_queue_get(q[1], &n, sizeof(n), IPC_SEC(30)), sizeof(n));
		check_eq(n, i);
		slow += test_now() - began > 200000000;
	}
	check(slow < 5); /* a busy machine may be slow now and then */
	check_eq(test_wait(child), 0);
	q[0] = ipc_queue_close(q[0]);
	q[1] = ipc_queue_close(q[1]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(queue__one_process__first_in_first_out, setup),
		cmocka_unit_test_setup(queue_put__full__is_eagain_or_etimedout, setup),
		cmocka_unit_test_setup(queue_get__empty__is_eagain_or_etimedout, setup),
		cmocka_unit_test_setup(queue_get__buffer_too_short__is_emsgsize_and_stays_oldest,
				       setup),
		cmocka_unit_test_setup(queue_put__empty_message__is_a_message, setup),
		cmocka_unit_test_setup(queue_calls__wrong__are_einval, setup),
		cmocka_unit_test_setup(queue_create__bad_name__is_einval_and_says_it, setup),
		cmocka_unit_test_setup(queue_create__name_taken__is_eexist, setup),
		cmocka_unit_test_setup(queue_open__no_such_name__is_enoent, setup),
		cmocka_unit_test_setup(queue_open__name_of_another_kind__is_einval, setup),
		cmocka_unit_test_setup(queue_open__twice_in_one_process__is_one_queue, setup),
		cmocka_unit_test_setup(queue_unlink__while_open__keeps_it_and_frees_the_name,
				       setup),
		cmocka_unit_test_setup(queue__two_unrelated_programs__meet_by_name, setup),
		cmocka_unit_test_setup(queue__two_programs_in_different_domains__do_not_meet,
				       setup),
		cmocka_unit_test_setup(queue_shutdown__with_messages__they_come_first, setup),
		cmocka_unit_test_setup(queue_shutdown__others_wait__wakes_all, setup),
		cmocka_unit_test_setup(queue__many_to_many_bounded__exactly_once_in_order, setup),
		cmocka_unit_test_setup(queue__many_to_many_bounded_by_one__exactly_once_in_order,
				       setup),
		cmocka_unit_test_setup(queue__many_to_many_unlimited__exactly_once_in_order, setup),
		cmocka_unit_test_setup(queue__many_to_many_large__exactly_once_in_order, setup),
		cmocka_unit_test_setup(queue__bursts_while_somebody_reads__lose_nothing, setup),
		cmocka_unit_test_setup(queue__ping_pong__loses_no_wakeup, setup),
	};
	/* these look at the directory, and so need one of their own: this process must not be in one */
	const struct CMUnitTest apart[] = {
		cmocka_unit_test_setup(queue__named_and_everybody_gone__stays_until_unlinked,
				       setup),
		cmocka_unit_test_setup(queue_create__many_at_once__one_makes_it, setup),
		cmocka_unit_test_setup(queue__unlimited__grows_and_gives_back, setup),
		cmocka_unit_test_setup(queue__large_messages_drained__gives_their_memory_back,
				       setup),
		cmocka_unit_test_setup(queue__closed_by_the_last__takes_no_room, setup),
	};
	int failed;

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	failed = cmocka_run_group_tests_name("queue_apart", apart, NULL, NULL);
	return failed + cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
