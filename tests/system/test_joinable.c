/*
 * Joinable queues: tasks, each process's own account of them, and what becomes
 * of the tasks of those who die.
 *
 * test-limit: 240
 */

#include "support/test.h"

#include <signal.h>
#include <sys/wait.h>

#include <ipc/queue.h>

#include "support/step.h"

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static ipc_queue *make(uint64_t maxsize)
{
	ipc_queue *q = NULL;

	check_ok(ipc_queue_create(
		&q, NULL,
		IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE, .maxsize = maxsize)));
	return q;
}

static void put_tasks(ipc_queue *q, int n)
{
	for (int i = 0; i < n; i++)
		check_ok(ipc_queue_put(q, &i, sizeof(i), IPC_SEC(30)));
}

static void get_tasks(ipc_queue *q, int n)
{
	int i;

	while (n--)
		check_r(ipc_queue_get(q, &i, sizeof(i), IPC_SEC(30)), sizeof(i));
}

/* ---- one process ------------------------------------------------------------------------------ */

static void task_done__more_often_than_got__is_einval(void **state)
{
	ipc_queue *q = make(0);

	check_r(ipc_queue_task_done(q), -EINVAL);
	put_tasks(q, 2);
	check_r(ipc_queue_task_done(q), -EINVAL); /* put is not got */
	get_tasks(q, 1);
	check_ok(ipc_queue_task_done(q));
	check_r(ipc_queue_task_done(q), -EINVAL);
	get_tasks(q, 1);
	check_ok(ipc_queue_task_done(q));
	check_r(ipc_queue_task_done(q), -EINVAL);
	check_ok(ipc_queue_join(q, IPC_NOW));
	q = ipc_queue_close(q);
}

static void task_done__late_and_in_any_order__counts(void **state)
{
	ipc_queue *q = make(0);

	put_tasks(q, 100);
	get_tasks(q, 100);
	check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
	for (int i = 0; i < 100; i++)
		check_ok(ipc_queue_task_done(q));
	check_ok(ipc_queue_join(q, IPC_NOW));
	q = ipc_queue_close(q);
}

static void queue_join__no_task_ever__returns_at_once(void **state)
{
	ipc_queue *q = make(0);

	check_ok(ipc_queue_join(q, IPC_FOREVER));
	check_ok(ipc_queue_join(q, IPC_NOW));
	q = ipc_queue_close(q);
}

static void queue_join__unfinished__is_eagain_or_etimedout(void **state)
{
	ipc_queue *q = make(0);
	uint64_t   began;

	put_tasks(q, 1);
	for (int i = 0; i < 2; i++) {
		check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
		began = test_now();
		check_r(ipc_queue_join(q, IPC_MSEC(300)), -ETIMEDOUT);
		check(test_now() - began >= 300000000);
		if (i == 0)
			get_tasks(q, 1); /* got is not done */
	}
	check_ok(ipc_queue_task_done(q));
	check_ok(ipc_queue_join(q, IPC_FOREVER));
	q = ipc_queue_close(q);
}

static void queue_join__plain_queue__is_einval(void **state)
{
	ipc_queue *q;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_r(ipc_queue_join(q, IPC_NOW), -EINVAL);
	check_r(ipc_queue_task_done(q), -EINVAL);
	q = ipc_queue_close(q);
}

static void queue_open__joinable_by_name__is_joinable(void **state)
{
	ipc_queue *q, *again;

	check_ok(ipc_queue_create(&q, "jobs",
				  IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE)));
	check_ok(ipc_queue_open(&again, "jobs"));
	put_tasks(q, 1);
	check_r(ipc_queue_join(again, IPC_NOW), -EAGAIN);
	get_tasks(again, 1);
	check_ok(ipc_queue_task_done(q)); /* the account is the process's, not the handle's */
	check_ok(ipc_queue_join(again, IPC_NOW));
	check_ok(ipc_queue_unlink("jobs"));
	q = ipc_queue_close(q);
	again = ipc_queue_close(again);
}

static void queue_join__after_shutdown__still_counts(void **state)
{
	ipc_queue *q = make(0);

	put_tasks(q, 2);
	check_ok(ipc_queue_shutdown(q));
	check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
	get_tasks(q, 2);
	check_ok(ipc_queue_task_done(q));
	check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
	check_ok(ipc_queue_task_done(q));
	check_ok(ipc_queue_join(q, IPC_NOW));
	q = ipc_queue_close(q);
}

/* ---- several processes ------------------------------------------------------------------------ */

static int work_all(void *arg)
{
	ipc_queue *q = arg;
	int        i;

	while (ipc_queue_get(q, &i, sizeof(i), IPC_SEC(30)) > 0)
		check_ok(ipc_queue_task_done(q));
	check_r(ipc_queue_task_done(q), -EINVAL);
	return 0;
}

static void queue_join__others_work__waits_until_all_is_done(void **state)
{
	for (unsigned round = 0; round < test_rounds(50); round++) {
		ipc_queue *q = make(round % 2 ? 0 : 4);
		pid_t      child[3];

		for (size_t i = 0; i < N_OF(child); i++)
			child[i] = test_fork(work_all, q);
		for (int lap = 0; lap < 10; lap++) {
			put_tasks(q, 1 + lap * 7);
			check_ok(ipc_queue_join(q, IPC_SEC(30)));
			check_eq(ipc_queue_len(q), 0);
		}
		check_ok(ipc_queue_shutdown(q));
		for (size_t i = 0; i < N_OF(child); i++)
			check_eq(test_wait(child[i]), 0);
		q = ipc_queue_close(q);
	}
}

static int join_and_tell(void *arg)
{
	check_ok(ipc_queue_join(arg, IPC_SEC(30)));
	return 0;
}

static void queue_join__several_joiners__all_return(void **state)
{
	for (int round = 0; round < 10; round++) {
		ipc_queue *q = make(0);
		pid_t      child[4];

		put_tasks(q, 1);
		for (size_t i = 0; i < N_OF(child); i++)
			child[i] = test_fork(join_and_tell, q);
		for (size_t i = 0; i < N_OF(child); i++)
			check(wait_until(test_asleep(child[i]), 20));
		get_tasks(q, 1);
		check_ok(ipc_queue_task_done(q));
		for (size_t i = 0; i < N_OF(child); i++)
			check_eq(test_wait(child[i]), 0);
		q = ipc_queue_close(q);
	}
}

static int not_mine(void *arg)
{
	check_r(ipc_queue_task_done(arg), -EINVAL);
	return 0;
}

static void task_done__by_a_process_that_got_none__is_einval(void **state)
{
	ipc_queue *q = make(0);

	put_tasks(q, 3);
	get_tasks(q, 3);
	check_child(not_mine, q);
	for (int i = 0; i < 3; i++)
		check_ok(ipc_queue_task_done(q));
	check_ok(ipc_queue_join(q, IPC_NOW));
	q = ipc_queue_close(q);
}

/* Finish all, and leave in peace: what it did must still count. */
static int work_ten(void *arg)
{
	get_tasks(arg, 10);
	for (int i = 0; i < 10; i++)
		check_ok(ipc_queue_task_done(arg));
	return 0;
}

static void queue_join__workers_finished_and_left__is_success(void **state)
{
	ipc_queue *q = make(0);

	put_tasks(q, 30);
	for (int i = 0; i < 3; i++)
		check_child(work_ten, q);
	check_ok(ipc_queue_join(q, IPC_NOW));
	q = ipc_queue_close(q);
}

/* ---- those who die ------------------------------------------------------------------------------- */

struct debtor {
	ipc_queue *q;
	int        gets, *got; /* how many to get, and how many it has got */
	bool       by_exit;
};

static int owe(void *arg)
{
	struct debtor *d = arg;

	while (*d->got < d->gets) {
		get_tasks(d->q, 1);
		(void)__atomic_fetch_add(d->got, 1, __ATOMIC_RELEASE);
	}
	return d->by_exit ? 0 : pause();
}

static void check_names(pid_t pid)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	check_explains(text);
}

static void queue_join__worker_killed_while_owing__is_eownerdead_once(void **state)
{
	for (int round = 0; round < 10; round++) {
		struct debtor d = {.q = make(0), .gets = 3, .got = test_shared(sizeof(int))};
		pid_t         child;

		put_tasks(d.q, 3);
		child = test_fork(owe, &d);
		check(wait_until(__atomic_load_n(d.got, __ATOMIC_ACQUIRE) == 3, 20));
		check_r(ipc_queue_join(d.q, IPC_NOW), -EAGAIN);
		test_kill(child);
		check_r(ipc_queue_join(d.q, IPC_SEC(30)), -EOWNERDEAD);
		check_names(child);
		check_explains("3");
		check_ok(ipc_queue_join(d.q, IPC_SEC(30)));
		check_ok(ipc_queue_join(d.q, IPC_NOW));
		/* it goes on */
		put_tasks(d.q, 1);
		check_r(ipc_queue_join(d.q, IPC_NOW), -EAGAIN);
		get_tasks(d.q, 1);
		check_ok(ipc_queue_task_done(d.q));
		check_ok(ipc_queue_join(d.q, IPC_SEC(30)));
		d.q = ipc_queue_close(d.q);
	}
}

static void queue_join__now_after_a_worker_was_killed__becomes_eownerdead(void **state)
{
	struct debtor d = {.q = make(0), .gets = 1, .got = test_shared(sizeof(int))};
	pid_t         child;

	put_tasks(d.q, 1);
	child = test_fork(owe, &d);
	check(wait_until(__atomic_load_n(d.got, __ATOMIC_ACQUIRE) == 1, 20));
	test_kill(child);
	check(wait_until(ipc_queue_join(d.q, IPC_NOW) == -EOWNERDEAD, 5));
	check_ok(ipc_queue_join(d.q, IPC_NOW));
	d.q = ipc_queue_close(d.q);
}

static void queue_join__worker_left_while_owing__is_eownerdead_and_names_it(void **state)
{
	struct debtor d = {
		.q = make(0), .gets = 2, .got = test_shared(sizeof(int)), .by_exit = true};
	pid_t child;

	put_tasks(d.q, 2);
	child = test_fork(owe, &d);
	check_eq(test_wait(child), 0);
	check_r(ipc_queue_join(d.q, IPC_SEC(30)), -EOWNERDEAD);
	check_names(child);
	check_ok(ipc_queue_join(d.q, IPC_NOW));
	d.q = ipc_queue_close(d.q);
}

static int close_while_owing(void *arg)
{
	get_tasks(arg, 1);
	(void)ipc_queue_close(arg);
	return pause();
}

static void queue_join__worker_closed_the_queue_while_owing__names_it(void **state)
{
	ipc_queue *q = make(0);
	pid_t      child;

	put_tasks(q, 1);
	child = test_fork(close_while_owing, q);
	check_r(ipc_queue_join(q, IPC_SEC(30)), -EOWNERDEAD);
	check_names(child);
	check_ok(ipc_queue_join(q, IPC_NOW));
	test_kill(child);
	q = ipc_queue_close(q);
}

static void queue_join__one_worker_dies_and_one_works__waits_for_the_living(void **state)
{
	struct debtor d = {.q = make(0), .gets = 1, .got = test_shared(sizeof(int))};
	struct debtor e = {.q = d.q, .gets = 1, .got = test_shared(sizeof(int))};
	pid_t         dead, alive;

	put_tasks(d.q, 3);
	dead = test_fork(owe, &d);
	check(wait_until(__atomic_load_n(d.got, __ATOMIC_ACQUIRE) == 1, 20));
	alive = test_fork(owe, &e);
	check(wait_until(__atomic_load_n(e.got, __ATOMIC_ACQUIRE) == 1, 20));
	get_tasks(d.q, 1);
	test_kill(dead);
	check_ok(ipc_queue_task_done(d.q));
	check_r(ipc_queue_join(d.q, IPC_MSEC(800)), -ETIMEDOUT); /* for the one that lives */
	test_kill(alive);
	check_r(ipc_queue_join(d.q, IPC_SEC(30)), -EOWNERDEAD);
	check_ok(ipc_queue_join(d.q, IPC_NOW));
	d.q = ipc_queue_close(d.q);
}

static void queue_join__worker_killed_while_join_sleeps__wakes(void **state)
{
	struct debtor d = {.q = make(0), .gets = 1, .got = test_shared(sizeof(int))};
	uint64_t      killed;
	pid_t         child, joiner;

	put_tasks(d.q, 1);
	child = test_fork(owe, &d);
	check(wait_until(__atomic_load_n(d.got, __ATOMIC_ACQUIRE) == 1, 20));
	joiner = fork();
	if (joiner == 0)
		_exit(ipc_queue_join(d.q, IPC_SEC(30)) == -EOWNERDEAD ? 0 : 1);
	check(wait_until(test_asleep(joiner), 20));
	test_kill(child);
	killed = test_now();
	check_eq(test_wait(joiner), 0);
	check(test_now() - killed < 2000000000);
	d.q = ipc_queue_close(d.q);
}

/*
 * Workers with several threads, killed in the middle of taking large messages:
 * whatever instant it was, every task is done, owed by the dead, or queued.
 */
#define LARGE (1 << 19)

static void *work_large(void *arg)
{
	char *buf = malloc(LARGE);

	check(buf);
	while (ipc_queue_get(arg, buf, LARGE, IPC_SEC(30)) > 0)
		check_ok(ipc_queue_task_done(arg));
	free(buf);
	return NULL;
}

static int work_in_threads(void *arg)
{
	pthread_t t[3];

	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(work_large, arg);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	return 0;
}

static void queue_join__many_threaded_workers_killed__never_hangs(void **state)
{
	char    *buf = calloc(1, LARGE);
	uint32_t seed = 21;

	check(buf);
	test_deadline(200);
	for (unsigned round = 0; round < test_rounds(100); round++) {
		ipc_queue *q = make(0);
		pid_t      child = test_fork(work_in_threads, q);
		int        r;

		for (int i = 0; i < 40; i++)
			check_ok(ipc_queue_put(q, buf, LARGE, IPC_NOW));
		check(wait_until(ipc_queue_len(q) < 35, 20));
		test_burn(test_random(&seed) % 1000);
		test_kill(child);
		while (!ipc_queue_empty(q)) /* not always a message: the dead may have taken it */
			if (ipc_queue_get(q, buf, LARGE, IPC_MSEC(300)) > 0)
				check_ok(ipc_queue_task_done(q));
		r = ipc_queue_join(q, IPC_SEC(20));
		if (r != -EOWNERDEAD)
			check_ok(r);
		check_ok(ipc_queue_join(q, IPC_SEC(20)));
		q = ipc_queue_close(q);
	}
	free(buf);
}

/* ---- threads --------------------------------------------------------------------------------------- */

static void *work_one_by_one(void *arg)
{
	(void)work_all(arg);
	return NULL;
}

static void task_done__from_many_threads__settles_each_task_once(void **state)
{
	ipc_queue *q = make(8);
	pthread_t  t[4];

	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(work_one_by_one, q);
	for (int lap = 0; lap < 20; lap++) {
		put_tasks(q, 200);
		check_ok(ipc_queue_join(q, IPC_SEC(30)));
	}
	check_ok(ipc_queue_shutdown(q));
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	check_r(ipc_queue_task_done(q), -EINVAL);
	q = ipc_queue_close(q);
}

/* ---- one task after the other, while somebody looks ------------------------------------ */

static int join_stepped(void *arg)
{
	int r;

	step_me();
	r = ipc_queue_join(arg, IPC_NOW);
	step_end();
	return r == -EAGAIN ? 0 : 1;
}

static void queue_join__others_finish_tasks_meanwhile__counts_the_unfinished_one(void **state)
{
	static struct stepper t;
	const char           *why;
	ipc_queue            *q;
	pid_t                 pid;

	if (!step_possible(&why)) {
		printf("# skipped: %s\n", why);
		skip();
	}
	q = make(0);
	put_tasks(q, 1);
	get_tasks(q, 1); /* and does not finish it */
	pid = test_fork(join_stepped, q);
	step_begin(&t, pid);
	while (!t.ended) {
		step_once(&t);
		if (t.n_total % 7)
			continue;
		put_tasks(q, 1);
		get_tasks(q, 1);
		check_ok(ipc_queue_task_done(q));
	}
	step_release(&t);
	check_eq(test_wait(pid), 0);
	q = ipc_queue_close(q);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(task_done__more_often_than_got__is_einval, setup),
		cmocka_unit_test_setup(task_done__late_and_in_any_order__counts, setup),
		cmocka_unit_test_setup(queue_join__no_task_ever__returns_at_once, setup),
		cmocka_unit_test_setup(
			queue_join__others_finish_tasks_meanwhile__counts_the_unfinished_one,
			setup),
		cmocka_unit_test_setup(queue_join__unfinished__is_eagain_or_etimedout, setup),
		cmocka_unit_test_setup(queue_join__plain_queue__is_einval, setup),
		cmocka_unit_test_setup(queue_open__joinable_by_name__is_joinable, setup),
		cmocka_unit_test_setup(queue_join__after_shutdown__still_counts, setup),
		cmocka_unit_test_setup(queue_join__others_work__waits_until_all_is_done, setup),
		cmocka_unit_test_setup(queue_join__several_joiners__all_return, setup),
		cmocka_unit_test_setup(task_done__by_a_process_that_got_none__is_einval, setup),
		cmocka_unit_test_setup(queue_join__workers_finished_and_left__is_success, setup),
		cmocka_unit_test_setup(queue_join__worker_killed_while_owing__is_eownerdead_once,
				       setup),
		cmocka_unit_test_setup(
			queue_join__now_after_a_worker_was_killed__becomes_eownerdead, setup),
		cmocka_unit_test_setup(
			queue_join__worker_left_while_owing__is_eownerdead_and_names_it, setup),
		cmocka_unit_test_setup(queue_join__worker_closed_the_queue_while_owing__names_it,
				       setup),
		cmocka_unit_test_setup(
			queue_join__one_worker_dies_and_one_works__waits_for_the_living, setup),
		cmocka_unit_test_setup(queue_join__worker_killed_while_join_sleeps__wakes, setup),
		cmocka_unit_test_setup(queue_join__many_threaded_workers_killed__never_hangs,
				       setup),
		cmocka_unit_test_setup(task_done__from_many_threads__settles_each_task_once, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("joinable", tests, NULL, NULL);
}
