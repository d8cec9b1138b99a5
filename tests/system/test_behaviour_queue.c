/*
 * What a queue does, row by row: each test begins with the rows of tests/behaviour.md it
 * stands for. Rows with a test elsewhere are not repeated.
 */

#include "support/test.h"

#include <signal.h>

#include <ipc/queue.h>
#include <ipc/simple_queue.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static ipc_queue *make(uint64_t maxsize, unsigned flags)
{
	ipc_queue *q = NULL;

	check_ok(ipc_queue_create(&q, NULL,
				  IPC_OPTS(ipc_queue_opts, .maxsize = maxsize, .flags = flags)));
	return q;
}

/* ---- size ------------------------------------------------------------------------------------ */

/* B01, L21: 0 is unlimited; any positive size is possible, and one that was negative is refused. */
static void queue_create__any_size__is_that_size_or_einval(void **state)
{
	static const uint64_t size[] = {0, 1, 1u << 31, UINT64_C(1) << 32, UINT64_C(1) << 50};
	ipc_queue            *q = NULL;

	for (size_t i = 0; i < N_OF(size); i++) {
		q = make(size[i], 0);
		check_eq(ipc_queue_maxsize(q), size[i]);
		check_eq(ipc_queue_full(q), 0);
		check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
		check_eq(ipc_queue_full(q), size[i] == 1);
		q = ipc_queue_close(q);
	}
	check_r(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = (uint64_t)-5)),
		-EINVAL);
	check_explains("maxsize");
}

/* B15: one kind of queue, and no flag that makes another of it, but that it counts tasks. */
static void queue_create__any_flag_but_joinable__is_einval(void **state)
{
	ipc_queue *q = NULL;

	for (unsigned bit = 0; bit < 32; bit++)
		if (1u << bit != IPC_QUEUE_JOINABLE)
			check_r(ipc_queue_create(&q, NULL,
						 IPC_OPTS(ipc_queue_opts, .flags = 1u << bit)),
				-EINVAL);
	check(!q);
}

static void check_count(const ipc_queue *q, size_t n, size_t maxsize)
{
	check_eq(ipc_queue_len(q), n);
	check_eq(ipc_queue_empty(q), n == 0);
	check_eq(ipc_queue_full(q), n == maxsize);
}

/* B06, B07, B08: the three say the same, after every put and get. */
static void queue__after_each_call__len_empty_and_full_are_exact(void **state)
{
	static const size_t maxsize[] = {1, 2, 7, 64, 200};
	char                c;

	for (size_t k = 0; k < N_OF(maxsize); k++) {
		ipc_queue *q = make(maxsize[k], 0);

		for (int lap = 0; lap < 3; lap++) {
			for (size_t n = 0; n < maxsize[k]; n++) {
				check_count(q, n, maxsize[k]);
				check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
			}
			check_r(ipc_queue_put(q, "x", 1, IPC_NOW), -EAGAIN);
			for (size_t n = maxsize[k]; n > 0; n--) {
				check_count(q, n, maxsize[k]);
				check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 1);
			}
			check_count(q, 0, maxsize[k]);
		}
		q = ipc_queue_close(q);
	}
}

static int put_200(void *arg)
{
	for (int i = 0; i < 200; i++) {
		check_ok(ipc_queue_put(arg, "x", 1, IPC_NOW));
		check_eq(ipc_queue_empty(arg), 0); /* never right after a put of one's own */
	}
	return 0;
}

/* B06, B07, B08, L23: also when several put, and exact once they are done. */
static void queue__several_put__is_never_empty_after_a_put(void **state)
{
	ipc_queue *q = make(0, 0);
	pid_t      child[4];

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(put_200, q);
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(ipc_queue_len(q), 800);
	q = ipc_queue_close(q);
}

/* ---- leaving --------------------------------------------------------------------------------- */

/* B09, L17, L18, L26: a closed handle is NULL, and NULL is refused everywhere. */
static void queue_close__then_any_call__is_einval(void **state)
{
	ipc_simple_queue *s;
	ipc_queue        *q = make(2, IPC_QUEUE_JOINABLE);
	char              c = 'x';

	check_ok(ipc_queue_put(q, &c, 1, IPC_NOW));
	q = ipc_queue_close(q);
	q = ipc_queue_close(q);
	check_r(ipc_queue_put(q, &c, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_task_done(q), -EINVAL);
	check_r(ipc_queue_shutdown(q), -EINVAL);
	check_eq(ipc_queue_empty(q), 1);
	check_eq(ipc_queue_len(q), 0);
	check_ok(ipc_simple_queue_create(&s));
	s = ipc_simple_queue_close(s);
	s = ipc_simple_queue_close(s);
	check_r(ipc_simple_queue_put(s, &c, 1), -EINVAL);
	check_r(ipc_simple_queue_get(s, &c, 1), -EINVAL);
	check_eq(ipc_simple_queue_empty(s), 1);
}

/* B09: after a shutdown everything that was put is there, and each further call says it is over. */
static void queue_shutdown__then_put_and_get__drains_and_ends(void **state)
{
	ipc_queue *q = make(3, 0);
	char       c;

	for (int i = 0; i < 3; i++)
		check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	check_ok(ipc_queue_shutdown(q));
	check_ok(ipc_queue_shutdown(q));
	check_r(ipc_queue_put(q, "x", 1, IPC_FOREVER), -EPIPE);
	for (int i = 0; i < 3; i++)
		check_r(ipc_queue_get(q, &c, 1, IPC_FOREVER), 1);
	for (int i = 0; i < 3; i++) {
		check_r(ipc_queue_get(q, &c, 1, IPC_FOREVER), -EPIPE);
		check_r(ipc_queue_next_len(q), -EPIPE);
		check_r(ipc_queue_put(q, "x", 1, IPC_NOW), -EPIPE);
	}
	q = ipc_queue_close(q);
}

/* ---- throwing away --------------------------------------------------------------------------- */

/* B09: whatever its length, it is gone and was counted; the queue goes on. */
static void queue_drain__any_messages__are_gone_and_counted(void **state)
{
	static const size_t len[] = {0, 1, 96, 97, 5000, 1u << 20};
	ipc_queue          *q = make(0, 0);
	char               *buf = calloc(1, 1u << 20);

	check(buf);
	check_r(ipc_queue_drain(q), 0);
	for (size_t i = 0; i < N_OF(len); i++)
		check_ok(ipc_queue_put(q, buf, len[i], IPC_NOW));
	check_r(ipc_queue_drain(q), N_OF(len));
	check_eq(ipc_queue_len(q), 0);
	check_r(ipc_queue_get(q, buf, 1, IPC_NOW), -EAGAIN);
	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	check_r(ipc_queue_get(q, buf, 1, IPC_NOW), 1);
	check_r(ipc_queue_drain(NULL), -EINVAL);
	q = ipc_queue_close(q);
	free(buf);
}

/* B09: shut down at once: nothing comes any more, not even what was there. */
static void queue_shutdown_now__with_messages__nothing_comes(void **state)
{
	ipc_queue *q = make(3, 0);
	char       c;

	for (int i = 0; i < 3; i++)
		check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	check_r(ipc_queue_shutdown_now(q), 3);
	check_r(ipc_queue_get(q, &c, 1, IPC_FOREVER), -EPIPE);
	check_r(ipc_queue_put(q, "x", 1, IPC_FOREVER), -EPIPE);
	check_r(ipc_queue_shutdown_now(q), 0);
	check_r(ipc_queue_drain(q), 0);
	check_r(ipc_queue_shutdown_now(NULL), -EINVAL);
	q = ipc_queue_close(q);
}

/* B09, C03: what is thrown away is done; what was got before is still owed, by whom it was. */
static void queue_drain__of_tasks__only_those_that_were_got_are_owed(void **state)
{
	for (unsigned on_death = IPC_TASKS_FAIL; on_death <= IPC_TASKS_LOST; on_death++) {
		ipc_queue *q;
		char       c;

		check_ok(ipc_queue_create(&q, NULL,
					  IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE,
						   .on_death = on_death)));
		for (int i = 0; i < 5; i++)
			check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
		check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 1);
		check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 1);
		check_r(ipc_queue_drain(q), 3);
		check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
		check_ok(ipc_queue_task_done(q));
		check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
		check_ok(ipc_queue_task_done(q));
		check_ok(ipc_queue_join(q, IPC_NOW));
		check_r(ipc_queue_task_done(q), -EINVAL);
		q = ipc_queue_close(q);
	}
}

static int join_it(void *arg)
{
	check_ok(ipc_queue_join(arg, IPC_SEC(50)));
	return 0;
}

static int get_the_end(void *arg)
{
	char c;

	check_r(ipc_queue_get(arg, &c, 1, IPC_SEC(50)), -EPIPE);
	return 0;
}

/* B09: who waits for the tasks, or for room, or for a message, is woken. */
static void queue_shutdown_now__others_asleep__wakes_them(void **state)
{
	ipc_queue *q = make(0, IPC_QUEUE_JOINABLE), *empty = make(0, 0);
	pid_t      joiner, getter;

	for (int i = 0; i < 100; i++)
		check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	joiner = test_fork(join_it, q);
	getter = test_fork(get_the_end, empty);
	check(wait_until(test_asleep(joiner) && test_asleep(getter), 30));
	check_r(ipc_queue_shutdown_now(q), 100);
	check_r(ipc_queue_shutdown_now(empty), 0);
	check_eq(test_wait(joiner), 0);
	check_eq(test_wait(getter), 0);
	q = ipc_queue_close(q);
	empty = ipc_queue_close(empty);
}

struct flood {
	ipc_queue *q;
	uint64_t   put, got; /* by all of them */
};

static int put_until_end(void *arg)
{
	struct flood *f = arg;
	char          buf[200] = {0};
	uint64_t      n = 0;
	int           r;

	while ((r = ipc_queue_put(f->q, buf, n % sizeof(buf), IPC_SEC(50))) == 0)
		n++;
	check_r(r, -EPIPE);
	(void)__atomic_fetch_add(&f->put, n, __ATOMIC_RELAXED);
	return 0;
}

static int get_until_end(void *arg)
{
	struct flood *f = arg;
	char          buf[200];
	ssize_t       r;

	while ((r = ipc_queue_get(f->q, buf, sizeof(buf), IPC_SEC(50))) >= 0)
		(void)__atomic_fetch_add(&f->got, 1, __ATOMIC_RELAXED);
	check_r(r, -EPIPE);
	return 0;
}

/* B09: in the midst of it: each message that was put was got, or was thrown away and counted. */
static void queue_shutdown_now__while_others_put_and_get__each_is_got_or_counted(void **state)
{
	for (unsigned round = 0; round < test_rounds(8); round++) {
		struct flood *f = test_shared(sizeof(*f));
		pid_t         child[5];
		ssize_t       n;

		f->q = make(round % 2 ? 64 : 0, round % 4 < 2 ? IPC_QUEUE_JOINABLE : 0);
		for (size_t i = 0; i < N_OF(child); i++)
			child[i] = test_fork(i < 3 ? put_until_end : get_until_end, f);
		check(wait_until(__atomic_load_n(&f->got, __ATOMIC_RELAXED) > 1000, 30));
		n = ipc_queue_drain(f->q);
		check(n >= 0);
		(void)__atomic_fetch_add(&f->got, (uint64_t)n, __ATOMIC_RELAXED);
		n = ipc_queue_shutdown_now(f->q);
		check(n >= 0);
		for (size_t i = 0; i < N_OF(child); i++)
			check_eq(test_wait(child[i]), 0);
		check_eq(f->got + (uint64_t)n, f->put);
		check_eq(ipc_queue_len(f->q), 0);
		f->q = ipc_queue_close(f->q);
	}
}

static int drain_it(void *arg)
{
	ipc_queue **q = arg;

	__atomic_store_n(&q[1], q[0], __ATOMIC_RELEASE); /* begun */
	(void)!ipc_queue_drain(q[0]);
	return 0;
}

/* What is left are the last ones, in order; and once they are done, so is all but one at most. */
static void check_the_rest(ipc_queue *q, uint32_t n_put)
{
	uint32_t n, next = n_put - (uint32_t)ipc_queue_len(q);
	int      r;

	for (; next < n_put; next++) {
		check_r(ipc_queue_get(q, &n, sizeof(n), IPC_SEC(30)), sizeof(n));
		check_eq(n, next);
		check_ok(ipc_queue_task_done(q));
	}
	r = ipc_queue_join(q, IPC_SEC(30));
	if (r != 0 && r != -EOWNERDEAD)
		test_fail("join: %s %s", ipc_strerror(r), ipc_explain());
	check_ok(ipc_queue_join(q, IPC_NOW));
}

/* B09: who throws away is killed in the midst of it. */
static void queue_drain__killed_at_any_instant__the_others_are_there(void **state)
{
	enum { N = 2000 };

	for (unsigned round = 0; round < test_rounds(40); round++) {
		ipc_queue **q = test_shared(2 * sizeof(*q));
		pid_t       pid;

		q[0] = make(0, IPC_QUEUE_JOINABLE);
		for (uint32_t i = 0; i < N; i++)
			check_ok(ipc_queue_put(q[0], &i, sizeof(i), IPC_NOW));
		pid = test_fork(drain_it, q);
		check(wait_until(__atomic_load_n(&q[1], __ATOMIC_ACQUIRE), 30));
		test_burn(round * 7 % 300);
		test_kill(pid);
		check_the_rest(q[0], N);
		q[0] = ipc_queue_close(q[0]);
	}
}

/* ---- leaving right after a put ----------------------------------------------------------------- */

#define MEGABYTE (1u << 20)

static int put_and_die(void *arg)
{
	char *buf = malloc(MEGABYTE);

	check(buf);
	for (uint32_t i = 0; i < 5; i++) {
		test_pattern(buf, MEGABYTE, i);
		check_ok(ipc_queue_put(arg, buf, MEGABYTE, IPC_NOW));
	}
	for (uint32_t i = 0; i < 1000; i++)
		check_ok(ipc_queue_put(arg, &i, sizeof(i), IPC_NOW));
	(void)raise(SIGKILL);
	return 0;
}

/* B10, B11: put has put; nothing is lost when the writer is killed right after it. */
static void queue_put__writer_killed_right_after__all_of_it_is_there(void **state)
{
	ipc_queue *q = make(0, 0);
	char      *buf = malloc(MEGABYTE);

	check(buf);
	check_eq(test_run(put_and_die, q), -SIGKILL);
	check_eq(ipc_queue_len(q), 1005);
	for (uint32_t i = 0; i < 5; i++) {
		check_r(ipc_queue_get(q, buf, MEGABYTE, IPC_NOW), MEGABYTE);
		check(test_pattern_is(buf, MEGABYTE, i));
	}
	for (uint32_t i = 0; i < 1000; i++) {
		check_r(ipc_queue_get(q, buf, MEGABYTE, IPC_NOW), sizeof(i));
		check(memcmp(buf, &i, sizeof(i)) == 0);
	}
	q = ipc_queue_close(q);
	free(buf);
}

/* ---- sentinels and tasks --------------------------------------------------------------------- */

static int until_sentinel(void *arg)
{
	char    buf[8];
	ssize_t n;

	while ((n = ipc_queue_get(arg, buf, sizeof(buf), IPC_SEC(30))) > 0)
		;
	check_r(n, 0);
	return 0;
}

/* B14: an empty message for each consumer sends each of them home, and none is left. */
static void queue__a_sentinel_for_each_consumer__all_end(void **state)
{
	ipc_queue *q = make(4, 0);
	pid_t      child[3];

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(until_sentinel, q);
	for (int i = 0; i < 100; i++)
		check_ok(ipc_queue_put(q, "item", 4, IPC_SEC(30)));
	for (size_t i = 0; i < N_OF(child); i++)
		check_ok(ipc_queue_put(q, NULL, 0, IPC_SEC(30)));
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(ipc_queue_empty(q), 1);
	q = ipc_queue_close(q);
}

/* B16: what cannot be sent is refused by put itself, and the queue is as before. */
static void queue_put__what_cannot_be_sent__fails_at_the_call(void **state)
{
	ipc_queue *q = make(0, 0);
	char       c;

	check_r(ipc_queue_put(q, NULL, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_put(q, &c, SIZE_MAX, IPC_NOW), -EINVAL);
	check_r(ipc_queue_put(q, &c, (size_t)1 << 60, IPC_NOW), -ENOSPC);
	check_eq(ipc_queue_len(q), 0);
	check_r(ipc_queue_next_len(q), -EAGAIN);
	check_ok(ipc_queue_put(q, "y", 1, IPC_NOW));
	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 1);
	q = ipc_queue_close(q);
}

/* C01, C03: the sentinel is a task like any other; taking is not finishing. */
static void queue_join__sentinel_not_done__waits_for_it(void **state)
{
	ipc_queue *q = make(4, IPC_QUEUE_JOINABLE);
	char       c;

	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	check_ok(ipc_queue_put(q, NULL, 0, IPC_NOW));
	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 1);
	check_ok(ipc_queue_task_done(q));
	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 0);
	check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
	check_r(ipc_queue_join(q, IPC_MSEC(1)), -ETIMEDOUT);
	check_ok(ipc_queue_task_done(q));
	check_ok(ipc_queue_join(q, IPC_FOREVER));
	check_r(ipc_queue_task_done(q), -EINVAL); /* too often */
	q = ipc_queue_close(q);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(queue_create__any_size__is_that_size_or_einval, setup),
		cmocka_unit_test_setup(queue_create__any_flag_but_joinable__is_einval, setup),
		cmocka_unit_test_setup(queue__after_each_call__len_empty_and_full_are_exact, setup),
		cmocka_unit_test_setup(queue__several_put__is_never_empty_after_a_put, setup),
		cmocka_unit_test_setup(queue_close__then_any_call__is_einval, setup),
		cmocka_unit_test_setup(queue_shutdown__then_put_and_get__drains_and_ends, setup),
		cmocka_unit_test_setup(queue_drain__any_messages__are_gone_and_counted, setup),
		cmocka_unit_test_setup(queue_shutdown_now__with_messages__nothing_comes, setup),
		cmocka_unit_test_setup(queue_drain__of_tasks__only_those_that_were_got_are_owed,
				       setup),
		cmocka_unit_test_setup(queue_shutdown_now__others_asleep__wakes_them, setup),
		cmocka_unit_test_setup(
			queue_shutdown_now__while_others_put_and_get__each_is_got_or_counted,
			setup),
		cmocka_unit_test_setup(queue_drain__killed_at_any_instant__the_others_are_there,
				       setup),
		cmocka_unit_test_setup(queue_put__writer_killed_right_after__all_of_it_is_there,
				       setup),
		cmocka_unit_test_setup(queue__a_sentinel_for_each_consumer__all_end, setup),
		cmocka_unit_test_setup(queue_put__what_cannot_be_sent__fails_at_the_call, setup),
		cmocka_unit_test_setup(queue_join__sentinel_not_done__waits_for_it, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("behaviour_queue", tests, NULL, NULL);
}
