/*
 * Signals and permits; and the permits of the killed come back.
 *
 * test-limit: 240
 */

#include "support/test.h"

#include <limits.h>
#include <signal.h>
#include <sys/wait.h>

#include <ipc/shm.h>
#include <ipc/sync.h>

static int setup(void **state)
{
	test_deadline(90);
	return 0;
}

struct room {
	ipc_sem  sem;
	uint64_t n;
	uint32_t inside, most, passes;
};

static struct room *make_room(ipc_shm **ret, int value, int bound)
{
	struct room *r;

	check_ok(ipc_shm_create(ret, NULL, sizeof(struct room)));
	r = ipc_shm_data(*ret);
	check_ok(ipc_sem_init(&r->sem, value, bound));
	return r;
}

static uint32_t get(uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* ---- one process ------------------------------------------------------------------------- */

static void sem__zeroed_memory__counts_signals(void **state)
{
	ipc_sem s = {0};

	check_r(ipc_sem_wait(&s, IPC_NOW), -EAGAIN);
	check_r(ipc_sem_wait(&s, IPC_MSEC(30)), -ETIMEDOUT);
	check_ok(ipc_sem_post(&s));
	check_ok(ipc_sem_post(&s));
	check_eq(ipc_sem_value(&s), 2);
	check_ok(ipc_sem_wait(&s, IPC_NOW));
	check_ok(ipc_sem_wait(&s, IPC_FOREVER));
	check_r(ipc_sem_wait(&s, IPC_NOW), -EAGAIN);
}

static void sem_init__negative_or_above_its_bound__is_einval(void **state)
{
	ipc_sem s = {0};

	check_r(ipc_sem_init(&s, -1, 0), -EINVAL);
	check_r(ipc_sem_init(&s, 1, -1), -EINVAL);
	check_r(ipc_sem_init(&s, 3, 2), -EINVAL);
	check_r(ipc_sem_init(NULL, 1, 2), -EINVAL);
	check_r(ipc_sem_post(NULL), -EINVAL);
	check_r(ipc_sem_wait(NULL, IPC_NOW), -EINVAL);
}

static void sem_post__above_the_bound__is_einval(void **state)
{
	ipc_sem s;

	check_ok(ipc_sem_init(&s, 2, 2));
	check_r(ipc_sem_post(&s), -EINVAL);
	check_ok(ipc_sem_wait(&s, IPC_NOW));
	check_ok(ipc_sem_post(&s));
	check_r(ipc_sem_post(&s), -EINVAL);
	check_eq(ipc_sem_value(&s), 2);
}

static void sem_post__what_nobody_had__raises_it_to_the_bound(void **state)
{
	ipc_sem s;

	check_ok(ipc_sem_init(&s, 0, 2));
	check_ok(ipc_sem_post(&s));
	check_ok(ipc_sem_post(&s));
	check_r(ipc_sem_post(&s), -EINVAL);
	check_eq(ipc_sem_value(&s), 2);
}

static void sem_post__at_int_max__is_eoverflow(void **state)
{
	ipc_sem s;

	check_ok(ipc_sem_init(&s, INT_MAX, 0));
	check_r(ipc_sem_post(&s), -EOVERFLOW);
	check_eq(ipc_sem_value(&s), INT_MAX);
}

static void *post_for_another(void *arg)
{
	check_ok(ipc_sem_post(arg));
	return NULL;
}

static void sem_post__permit_of_another_thread__is_taken_over(void **state)
{
	ipc_sem s;

	check_ok(ipc_sem_init(&s, 2, 2));
	check_ok(ipc_sem_wait(&s, IPC_NOW));
	check_ok(ipc_sem_wait(&s, IPC_NOW));
	test_join_thread(test_thread(post_for_another, &s));
	check_eq(ipc_sem_value(&s), 1);
	check_ok(ipc_sem_post(&s));
	check_r(ipc_sem_post(&s), -EINVAL);
}

static void *post_with_hands_full(void *arg)
{
	ipc_mutex m[16] = {0};

	for (size_t i = 0; i < N_OF(m); i++)
		check_ok(ipc_mutex_lock(&m[i], IPC_NOW));
	check_r(ipc_sem_post(arg), -ENOBUFS);
	check_ok(ipc_mutex_unlock(&m[7]));
	check_ok(ipc_sem_post(arg));
	check_ok(ipc_mutex_lock(&m[7], IPC_NOW));
	check_r(ipc_sem_post(arg), -EINVAL);
	for (size_t i = 0; i < N_OF(m); i++)
		check_ok(ipc_mutex_unlock(&m[i]));
	return NULL;
}

static void sem_post__permit_of_another_thread_and_sixteen_locks__is_enobufs(void **state)
{
	ipc_sem s;

	check_ok(ipc_sem_init(&s, 1, 1));
	check_ok(ipc_sem_wait(&s, IPC_NOW));
	test_join_thread(test_thread(post_with_hands_full, &s));
	check_eq(ipc_sem_value(&s), 1);
}

static void *take_and_return(void *arg)
{
	check_ok(ipc_sem_wait(arg, IPC_NOW));
	return NULL;
}

static void sem__thread_with_a_permit_ended__it_comes_back(void **state)
{
	ipc_sem s;

	check_ok(ipc_sem_init(&s, 1, 1));
	test_join_thread(test_thread(take_and_return, &s));
	check_ok(ipc_sem_wait(&s, IPC_SEC(30)));
	check_ok(ipc_sem_post(&s));
}

/* ---- several processes -------------------------------------------------------------------- */

static int fail_to_post(void *arg)
{
	struct room *r = arg;

	check_r(ipc_sem_post(&r->sem), -EPERM);
	check_r(ipc_sem_wait(&r->sem, IPC_NOW), -EAGAIN);
	return 0;
}

static void sem_post__permit_of_another_process__is_eperm(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s, 1, 1);

	check_ok(ipc_sem_wait(&r->sem, IPC_NOW));
	check_child(fail_to_post, r);
	check_ok(ipc_sem_post(&r->sem));
	s = ipc_shm_close(s);
}

static void enter(struct room *r, unsigned bound)
{
	uint32_t inside;

	check_ok(ipc_sem_wait(&r->sem, IPC_SEC(60)));
	inside = __atomic_add_fetch(&r->inside, 1, __ATOMIC_ACQ_REL);
	check(inside <= bound);
	if (bound == 1)
		r->n++;
	(void)__atomic_sub_fetch(&r->inside, 1, __ATOMIC_ACQ_REL);
	check_ok(ipc_sem_post(&r->sem));
}

static int enter_alone(void *arg)
{
	for (unsigned i = 0; i < test_rounds(20000); i++)
		enter(arg, 1);
	return 0;
}

static int enter_two(void *arg)
{
	for (unsigned i = 0; i < test_rounds(20000); i++)
		enter(arg, 2);
	return 0;
}

static void contend(int value, int bound, int (*fn)(void *))
{
	ipc_shm     *s;
	struct room *r = make_room(&s, value, bound);
	pid_t        child[4];

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(fn, r);
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	if (value == 1)
		check_eq(r->n, N_OF(child) * test_rounds(20000));
	check_eq(ipc_sem_value(&r->sem), value);
	s = ipc_shm_close(s);
}

static void sem__four_processes_contend__never_more_than_its_permits(void **state)
{
	contend(1, 1, enter_alone);
	contend(1, 0, enter_alone);
	contend(2, 2, enter_two);
}

static int take_signals(void *arg)
{
	struct room *r = arg;

	for (unsigned i = 0; i < test_rounds(20000); i++)
		check_ok(ipc_sem_wait(&r->sem, IPC_SEC(60)));
	return 0;
}

static void sem__used_as_a_signal__each_is_taken_once(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s, 0, 0);
	pid_t        child[2];

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(take_signals, r);
	for (unsigned i = 0; i < N_OF(child) * test_rounds(20000); i++)
		check_ok(ipc_sem_post(&r->sem));
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(ipc_sem_value(&r->sem), 0);
	s = ipc_shm_close(s);
}

/* ---- deaths --------------------------------------------------------------------------------------- */

static int take_two_and_wait(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_sem_wait(&r->sem, IPC_NOW));
	check_ok(ipc_sem_wait(&r->sem, IPC_NOW));
	(void)__atomic_add_fetch(&r->inside, 1, __ATOMIC_ACQ_REL);
	return pause();
}

static void sem__holder_of_two_killed__both_come_back(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s, 3, 3);
	pid_t        child = test_fork(take_two_and_wait, r);

	check(wait_until(get(&r->inside) == 1, 20));
	check_eq(ipc_sem_value(&r->sem), 1);
	test_kill(child);
	for (int i = 0; i < 3; i++)
		check_ok(ipc_sem_wait(&r->sem, IPC_SEC(30)));
	check_r(ipc_sem_wait(&r->sem, IPC_NOW), -EAGAIN);
	for (int i = 0; i < 3; i++)
		check_ok(ipc_sem_post(&r->sem));
	check_r(ipc_sem_post(&r->sem), -EINVAL);
	s = ipc_shm_close(s);
}

static int use_until_killed(void *arg)
{
	struct room *r = arg;

	for (bool for_ever = true; for_ever;) {
		check_ok(ipc_sem_wait(&r->sem, IPC_SEC(60)));
		check(ipc_sem_value(&r->sem) <= 1);
		check_ok(ipc_sem_post(&r->sem));
		(void)__atomic_add_fetch(&r->passes, 1, __ATOMIC_ACQ_REL);
	}
	return 0;
}

static void sem__holders_killed_at_any_instant__no_permit_is_lost_or_made(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s, 2, 2);
	uint32_t     seed = 7;
	pid_t        child[3];

	test_deadline(200);
	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(use_until_killed, r);
	for (unsigned kills = 0; kills < test_rounds(200); kills++) {
		size_t   i = kills % N_OF(child);
		uint32_t before = get(&r->passes);

		check(wait_until(get(&r->passes) > before, 30));
		test_burn(test_random(&seed) % 500);
		test_kill(child[i]);
		child[i] = test_fork(use_until_killed, r);
	}
	for (size_t i = 0; i < N_OF(child); i++) {
		check_eq(waitpid(child[i], NULL, WNOHANG), 0);
		test_kill(child[i]);
	}
	check_ok(ipc_sem_wait(&r->sem, IPC_SEC(30)));
	check_ok(ipc_sem_wait(&r->sem, IPC_SEC(30)));
	check_r(ipc_sem_wait(&r->sem, IPC_NOW), -EAGAIN);
	s = ipc_shm_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sem__zeroed_memory__counts_signals, setup),
		cmocka_unit_test_setup(sem_init__negative_or_above_its_bound__is_einval, setup),
		cmocka_unit_test_setup(sem_post__above_the_bound__is_einval, setup),
		cmocka_unit_test_setup(sem_post__what_nobody_had__raises_it_to_the_bound, setup),
		cmocka_unit_test_setup(sem_post__at_int_max__is_eoverflow, setup),
		cmocka_unit_test_setup(sem_post__permit_of_another_thread__is_taken_over, setup),
		cmocka_unit_test_setup(
			sem_post__permit_of_another_thread_and_sixteen_locks__is_enobufs, setup),
		cmocka_unit_test_setup(sem__thread_with_a_permit_ended__it_comes_back, setup),
		cmocka_unit_test_setup(sem_post__permit_of_another_process__is_eperm, setup),
		cmocka_unit_test_setup(sem__four_processes_contend__never_more_than_its_permits,
				       setup),
		cmocka_unit_test_setup(sem__used_as_a_signal__each_is_taken_once, setup),
		cmocka_unit_test_setup(sem__holder_of_two_killed__both_come_back, setup),
		cmocka_unit_test_setup(
			sem__holders_killed_at_any_instant__no_permit_is_lost_or_made, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("sem", tests, NULL, NULL);
}
