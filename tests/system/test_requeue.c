/*
 * Tasks owed by who dies: delivered again, failed or lost, as the queue was made.
 *
 * test-limit: 180
 */

#include "support/test.h"

#include <signal.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <ipc/observe.h>
#include <ipc/queue.h>
#include <ipc/wait.h>

#define SOON IPC_SEC(10)

static ipc_queue *make(unsigned on_death, uint64_t maxsize)
{
	ipc_queue *q;

	check_ok(ipc_queue_create(&q, NULL,
				  IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE,
					   .maxsize = maxsize, .on_death = on_death)));
	return q;
}

static void put(ipc_queue *q, uint32_t n, size_t len)
{
	unsigned char *buf = malloc(len);

	check(buf);
	test_pattern(buf, len, n);
	memcpy(buf, &n, sizeof(n));
	check_ok(ipc_queue_put(q, buf, len, SOON));
	free(buf);
}

/* The next task, whole: its number. */
static uint32_t get(ipc_queue *q, size_t len)
{
	unsigned char *buf = malloc(len), *want = malloc(len);
	uint32_t       n = 0;

	check(buf && want);
	check_r(ipc_queue_get(q, buf, len, SOON), (long long)len);
	memcpy(&n, buf, sizeof(n));
	test_pattern(want, len, n);
	memcpy(want, &n, sizeof(n));
	check(memcmp(buf, want, len) == 0);
	free(buf);
	free(want);
	return n;
}

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static int teardown(void **state)
{
	(void)alarm(0);
	return 0;
}

/* ---- options -------------------------------------------------------------------------------- */

static void on_death__of_a_queue_without_tasks_or_unknown__is_einval(void **state)
{
	ipc_queue *q;

	check_r(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .on_death = IPC_TASKS_REQUEUE)),
		-EINVAL);
	check_r(ipc_queue_create(
			&q, NULL,
			IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE, .on_death = 3)),
		-EINVAL);
}

/* ---- one at a time -------------------------------------------------------------------------- */

enum way { BY_GET, BY_GETV, BY_TAKE, BY_GET_MANY, N_WAYS };

struct owing {
	ipc_queue *q;
	enum way   way;
	size_t     len;
	unsigned   n;
	bool       closes; /* instead of dying */
};

static void get_one(struct owing *o)
{
	static unsigned char buf[20000];
	struct iovec         two[2] = {{buf, 3}, {buf + 3, sizeof(buf) - 3}};
	struct ipc_buf       one = {.data = buf, .cap = sizeof(buf)};
	struct ipc_msg       m;

	switch (o->way) {
	case BY_GET: check_r(ipc_queue_get(o->q, buf, sizeof(buf), SOON), (long long)o->len); break;
	case BY_GETV: check_r(ipc_queue_getv(o->q, two, 2, SOON), (long long)o->len); break;
	case BY_GET_MANY: check_r(ipc_queue_get_many(o->q, &one, 1, SOON), 1); break;
	default:
		check_ok(ipc_queue_take(o->q, &m, SOON));
		check_eq(m.attempt, 1);
		check_eq(m.len, o->len);
		check_ok(ipc_queue_release(o->q, &m));
	}
	check_eq(ipc_queue_attempt(o->q), 1);
}

static int owe(void *arg)
{
	struct owing *o = arg;

	for (unsigned i = 0; i < o->n; i++)
		get_one(o);
	if (o->closes)
		o->q = ipc_queue_close(o->q);
	_exit(0);
}

static void check_comes_back(struct owing *o)
{
	ipc_queue *q = o->q = make(IPC_TASKS_REQUEUE, 4);

	for (uint32_t i = 0; i < 4; i++)
		put(q, i, o->len);
	o->n = 2;
	check_child(owe, o);
	check(wait_until(ipc_queue_join(q, IPC_NOW) == -EAGAIN && ipc_queue_len(q) == 4, 10));
	check_eq(ipc_queue_full(q), 0); /* what comes back needs no room */
	for (uint32_t i = 4; i < 6; i++)
		put(q, i, o->len);
	check_eq(ipc_queue_full(q), 1);
	check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
	for (uint32_t i = 0; i < 6; i++) {
		check_eq(get(q, o->len), i); /* first of all, in their order */
		check_eq(ipc_queue_attempt(q), i < 2 ? 2 : 1);
		check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
		check_ok(ipc_queue_task_done(q));
	}
	check_ok(ipc_queue_join(q, IPC_NOW));
	check_r(ipc_queue_task_done(q), -EINVAL);
	check_eq(ipc_queue_len(q), 0);
	q = ipc_queue_close(q);
}

static void requeue__process_died__its_tasks_come_back_first(void **state)
{
	static const size_t len[] = {4, 96, 97, 5000};

	for (int w = 0; w < N_WAYS; w++)
		for (size_t i = 0; i < N_OF(len); i++)
			check_comes_back(&(struct owing){.way = (enum way)w, .len = len[i]});
}

static void requeue__process_closed_the_queue__its_tasks_come_back(void **state)
{
	check_comes_back(&(struct owing){.len = 50, .closes = true});
}

static int die_with_one(void *arg)
{
	(void)get(arg, 64);
	(void)raise(SIGKILL);
	return 1;
}

static bool got_briefly(ipc_queue *q)
{
	char buf[64];

	return ipc_queue_get(q, buf, sizeof(buf), IPC_MSEC(1)) == sizeof(buf);
}

static bool ready_briefly(ipc_queue *q)
{
	struct ipc_item item = IPC_ITEM_QUEUE(q, IPC_READ);

	return ipc_wait(&item, 1, 0, IPC_MSEC(1)) == 1;
}

static bool joined_briefly(ipc_queue *q)
{
	return ipc_queue_join(q, IPC_MSEC(1)) == -EOWNERDEAD;
}

/* An owner of many things to do never sleeps long enough in any call for a look at who has died. */
static void requeue__nobody_waits_for_a_slice__comes_back(void **state)
{
	static const struct {
		unsigned on_death;
		bool (*told)(ipc_queue *q);
	} ways[] = {{IPC_TASKS_REQUEUE, got_briefly},
		    {IPC_TASKS_REQUEUE, ready_briefly},
		    {IPC_TASKS_FAIL, joined_briefly}};

	for (size_t i = 0; i < N_OF(ways); i++) {
		ipc_queue *q = make(ways[i].on_death, 0);

		put(q, 0, 64);
		check_eq(test_run(die_with_one, q), -SIGKILL);
		check(wait_until(ways[i].told(q), 10));
		q = ipc_queue_close(q);
	}
}

/* Nobody sleeps at a queue that is shut: who gets from it looks for the dead himself. */
static void requeue__died_before_it_was_shut__comes_back_before_the_end(void **state)
{
	ipc_queue *q = make(IPC_TASKS_REQUEUE, 0);
	char       buf[64];

	put(q, 7, 64);
	check_eq(test_run(die_with_one, q), -SIGKILL);
	check_ok(ipc_queue_shutdown(q));
	check_eq(get(q, 64), 7);
	check_ok(ipc_queue_task_done(q));
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), -EPIPE);
	check_ok(ipc_queue_join(q, SOON));
	ipc_queue_close(q);
}

struct two {
	ipc_queue *q;
	uint32_t  *step; /* shared */
};

static bool is_at(const struct two *t, uint32_t step)
{
	return __atomic_load_n(t->step, __ATOMIC_ACQUIRE) == step;
}

static void go_to(const struct two *t, uint32_t step)
{
	__atomic_store_n(t->step, step, __ATOMIC_RELEASE);
}

static int keep_the_first(void *arg)
{
	const struct two *t = arg;

	check_eq(get(t->q, 64), 0);
	go_to(t, 1);
	return pause();
}

/* Has the second, then gets the first, which came back; finishes what it got first, and dies. */
static int finish_one_of_two(void *arg)
{
	const struct two *t = arg;

	check(wait_until(is_at(t, 1), 20));
	check_eq(get(t->q, 64), 1);
	go_to(t, 2);
	check(wait_until(is_at(t, 3), 20));
	check_eq(get(t->q, 64), 0);
	check_ok(ipc_queue_task_done(t->q));
	(void)raise(SIGKILL);
	return 1;
}

static void task_done__of_two_that_were_got__means_the_one_got_first(void **state)
{
	struct two t = {make(IPC_TASKS_REQUEUE, 0), test_shared(sizeof(uint32_t))};
	pid_t      first, second;

	put(t.q, 0, 64);
	put(t.q, 1, 64);
	first = test_fork(keep_the_first, &t);
	second = test_fork(finish_one_of_two, &t);
	check(wait_until(is_at(&t, 2), 20));
	test_kill(first);
	go_to(&t, 3);
	check_eq(test_wait(second), -SIGKILL);
	check_eq(get(t.q, 64), 0);
	check_ok(ipc_queue_task_done(t.q));
	check_ok(ipc_queue_join(t.q, SOON));
	ipc_queue_close(t.q);
}

static void requeue__buffer_too_short__stays_the_next(void **state)
{
	struct owing o = {.q = make(IPC_TASKS_REQUEUE, 0), .len = 300, .n = 1};
	char         small[20];

	put(o.q, 7, 300);
	check_child(owe, &o);
	check_r(ipc_queue_get(o.q, small, sizeof(small), SOON), -EMSGSIZE);
	check_r(ipc_queue_next_len(o.q), 300);
	check_eq(get(o.q, 300), 7);
	check_ok(ipc_queue_task_done(o.q));
	o.q = ipc_queue_close(o.q);
}

static void requeue__made_in_place__comes_back(void **state)
{
	struct owing   o = {.q = make(IPC_TASKS_REQUEUE, 0), .len = 10, .n = 1};
	struct ipc_msg m;
	uint32_t       n = 3;

	check_ok(ipc_queue_reserve(o.q, 10, &m, SOON));
	test_pattern(m.data, 10, n);
	memcpy(m.data, &n, sizeof(n));
	check_ok(ipc_queue_commit(o.q, &m, SOON));
	check_child(owe, &o);
	check_eq(get(o.q, 10), 3);
	check_ok(ipc_queue_task_done(o.q));
	check_ok(ipc_queue_join(o.q, IPC_NOW));
	o.q = ipc_queue_close(o.q);
}

/* ---- who waits meanwhile -------------------------------------------------------------------- */

static int owe_and_wait(void *arg)
{
	struct owing *o = arg;

	get_one(o);
	return pause();
}

static void *get_and_finish(void *arg)
{
	uint32_t n = get(arg, 20);

	check_eq(n, 5);
	check_ok(ipc_queue_task_done(arg));
	return NULL;
}

static void *join_it(void *arg)
{
	check_ok(ipc_queue_join(arg, IPC_SEC(30)));
	return NULL;
}

static uint64_t requeued(void)
{
	ipc_observer              *o;
	const struct ipc_snapshot *s;
	uint64_t                   n;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	check_eq(s->n_channels, 1);
	check_eq(s->channels[0].on_death, IPC_TASKS_REQUEUE);
	n = s->channels[0].requeued;
	o = ipc_observer_close(o);
	return n;
}

static void requeue__getter_and_joiner_asleep__are_served(void **state)
{
	struct owing o = {.q = make(IPC_TASKS_REQUEUE, 0), .len = 20};
	pid_t        child;
	pthread_t    getter, joiner;

	put(o.q, 5, 20);
	child = test_fork(owe_and_wait, &o);
	check(wait_until(ipc_queue_empty(o.q), 20));
	joiner = test_thread(join_it, o.q);
	getter = test_thread(get_and_finish, o.q);
	check_eq(requeued(), 0);
	test_kill(child);
	test_join_thread(getter);
	test_join_thread(joiner);
	check_eq(requeued(), 1);
	o.q = ipc_queue_close(o.q);
}

/* ---- fail and lost ---------------------------------------------------------------------------- */

static int owe_plain(void *arg)
{
	struct owing *o = arg;

	check_eq(get(o->q, o->len), 5);
	check_eq(ipc_queue_attempt(o->q), 0);
	_exit(0);
}

static void fail__process_died__join_names_it_once(void **state)
{
	struct owing o = {.q = make(IPC_TASKS_FAIL, 0), .len = 20, .n = 1};

	put(o.q, 5, 20);
	check_child(owe_plain, &o);
	check_r(ipc_queue_join(o.q, SOON), -EOWNERDEAD);
	check_explains("process");
	check_ok(ipc_queue_join(o.q, SOON));
	o.q = ipc_queue_close(o.q);
}

static void lost__process_died__join_says_nothing(void **state)
{
	struct owing o = {.q = make(IPC_TASKS_LOST, 0), .len = 20, .n = 1};

	put(o.q, 5, 20);
	check_child(owe_plain, &o);
	check_ok(ipc_queue_join(o.q, SOON));
	o.q = ipc_queue_close(o.q);
}

/* ---- at any instant ---------------------------------------------------------------------------- */

#define TASKS       20000u
#define KILLS_LEAST 11

struct storm {
	ipc_queue *q;
	uint8_t   *done; /* per task: how often it was done */
	uint32_t  *n_done;
};

static size_t len_of(uint32_t n)
{
	return n % 16 ? 8 + n % 90 : 3000;
}

static int do_tasks(void *arg)
{
	struct storm *s = arg;
	unsigned char buf[4096];

	for (;;) {
		ssize_t  r = ipc_queue_get(s->q, buf, sizeof(buf), IPC_SEC(30));
		uint32_t n = 0;

		if (r == -EPIPE)
			return 0;
		check(r >= 8);
		memcpy(&n, buf, sizeof(n));
		check(n < TASKS && (size_t)r == len_of(n));
		check(ipc_queue_attempt(s->q) >= 1);
		(void)__atomic_fetch_add(&s->done[n], 1, __ATOMIC_RELAXED);
		(void)__atomic_fetch_add(s->n_done, 1, __ATOMIC_RELAXED);
		check_ok(ipc_queue_task_done(s->q));
	}
}

static void *put_tasks(void *arg)
{
	struct storm *s = arg;

	for (uint32_t n = 0; n < TASKS; n++)
		put(s->q, n, len_of(n));
	return NULL;
}

static void requeue__workers_killed_at_any_instant__every_task_is_done(void **state)
{
	struct storm s = {.q = make(IPC_TASKS_REQUEUE, 64),
			  .done = test_shared(TASKS),
			  .n_done = test_shared(sizeof(uint32_t))};
	uint32_t     seed = 9, again = 0;
	unsigned     kills = 0;
	pid_t        worker[3];
	pthread_t    putter;

	for (int i = 0; i < 3; i++)
		worker[i] = test_fork(do_tasks, &s);
	putter = test_thread(put_tasks, &s);
	/* who kills may get its turn late: then some of the dead had nothing left to do */
	while (kills < KILLS_LEAST || __atomic_load_n(s.n_done, __ATOMIC_RELAXED) < TASKS - 1000) {
		int i = (int)(test_random(&seed) % 3);

		test_burn(test_random(&seed) % 3000);
		test_kill(worker[i]);
		worker[i] = test_fork(do_tasks, &s);
		kills++;
	}
	test_join_thread(putter);
	check_ok(ipc_queue_join(s.q, IPC_SEC(30)));
	check_ok(ipc_queue_shutdown(s.q));
	for (int i = 0; i < 3; i++)
		check_eq(test_wait(worker[i]), 0);
	for (uint32_t n = 0; n < TASKS; n++) {
		if (!s.done[n])
			test_fail("task %u was never done (%u kills)", n, kills);
		again += s.done[n] - 1u;
	}
	if (again > kills)
		test_fail("%u tasks were done again after %u kills", again, kills);
	s.q = ipc_queue_close(s.q);
}

int main(int argc, char **argv)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(on_death__of_a_queue_without_tasks_or_unknown__is_einval),
		CASE(requeue__process_died__its_tasks_come_back_first),
		CASE(requeue__process_closed_the_queue__its_tasks_come_back),
		CASE(requeue__nobody_waits_for_a_slice__comes_back),
		CASE(requeue__died_before_it_was_shut__comes_back_before_the_end),
		CASE(task_done__of_two_that_were_got__means_the_one_got_first),
		CASE(requeue__buffer_too_short__stays_the_next),
		CASE(requeue__made_in_place__comes_back),
		CASE(requeue__getter_and_joiner_asleep__are_served),
		CASE(fail__process_died__join_names_it_once),
		CASE(lost__process_died__join_says_nothing),
		CASE(requeue__workers_killed_at_any_instant__every_task_is_done),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("requeue", tests, NULL, NULL);
}
