/*
 * A lock in shared memory: one at a time, and the death of its owner is told once.
 *
 * test-limit: 240
 */

#include "support/test.h"

#include <signal.h>
#include <sys/wait.h>

#include <ipc/shm.h>
#include <ipc/sync.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

/* What the lock protects: two numbers that are the same whenever nobody holds it. */
struct room {
	ipc_mutex lock;
	uint64_t  a, b;
	uint32_t  held; /* how many times it was taken, in all */
	uint32_t  dead; /* how many of those were told of a death */
	ipc_mutex second;
};

static struct room *make_room(ipc_shm **ret)
{
	check_ok(ipc_shm_create(ret, NULL, sizeof(struct room)));
	return ipc_shm_data(*ret);
}

/* ---- one thread ------------------------------------------------------------------------------- */

static void mutex__zeroed_memory__is_unlocked(void **state)
{
	ipc_mutex m = {0};

	check_ok(ipc_mutex_lock(&m, IPC_NOW));
	check_ok(ipc_mutex_unlock(&m));
	check_ok(ipc_mutex_lock(&m, IPC_FOREVER));
	check_ok(ipc_mutex_unlock(&m));
	check_ok(ipc_mutex_lock(&m, IPC_SEC(1)));
	check_ok(ipc_mutex_unlock(&m));
}

static void mutex_unlock__not_held__is_einval_and_changes_nothing(void **state)
{
	ipc_mutex m = {0}, before;

	check_r(ipc_mutex_unlock(&m), -EINVAL);
	check_ok(ipc_mutex_lock(&m, IPC_NOW));
	check_ok(ipc_mutex_unlock(&m));
	before = m;
	check_r(ipc_mutex_unlock(&m), -EINVAL);
	check(!memcmp(&before, &m, sizeof(m)));
	check_r(ipc_mutex_unlock(NULL), -EINVAL);
}

static void mutex_lock__held_by_oneself__is_eagain_or_etimedout(void **state)
{
	ipc_mutex m = {0};
	uint64_t  began;

	check_ok(ipc_mutex_lock(&m, IPC_NOW));
	check_r(ipc_mutex_lock(&m, IPC_NOW), -EAGAIN);
	began = test_now();
	check_r(ipc_mutex_lock(&m, IPC_MSEC(300)), -ETIMEDOUT);
	check(test_now() - began >= 300000000);
	check_ok(ipc_mutex_unlock(&m));
}

static void mutex_lock__bad_address__is_einval(void **state)
{
	struct room r = {0};

	check_r(ipc_mutex_lock(NULL, IPC_NOW), -EINVAL);
	check_r(ipc_mutex_lock((void *)((char *)&r.lock + 4), IPC_NOW), -EINVAL);
}

static void *try_to_steal(void *arg)
{
	ipc_mutex *m = arg;

	check_r(ipc_mutex_unlock(m), -EPERM);
	check_r(ipc_mutex_lock(m, IPC_NOW), -EAGAIN);
	check_r(ipc_mutex_lock(m, IPC_MSEC(20)), -ETIMEDOUT);
	check_r(ipc_mutex_unlock(m), -EPERM);
	return NULL;
}

static void mutex__another_thread__cannot_unlock_or_lock_it(void **state)
{
	ipc_mutex m = {0};

	check_ok(ipc_mutex_lock(&m, IPC_NOW));
	test_join_thread(test_thread(try_to_steal, &m));
	check_ok(ipc_mutex_unlock(&m));
}

/* ---- exclusion --------------------------------------------------------------------------------- */

static void enter_and_change(struct room *r)
{
	check_ok(ipc_mutex_lock(&r->lock, IPC_SEC(30)));
	check_eq(r->a, r->b);
	r->a++;
	r->b++;
	check_ok(ipc_mutex_unlock(&r->lock));
}

static int enter_often(void *arg)
{
	for (unsigned i = 0; i < test_rounds(20000); i++)
		enter_and_change(arg);
	return 0;
}

static void *enter_often_thread(void *arg)
{
	(void)enter_often(arg);
	return NULL;
}

static int enter_in_threads(void *arg)
{
	pthread_t t[2];

	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(enter_often_thread, arg);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	return 0;
}

static void mutex__threads_of_several_processes__one_at_a_time(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child[3];

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(enter_in_threads, r);
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(r->a, 2 * N_OF(child) * test_rounds(20000));
	check_eq(r->b, r->a);
	s = ipc_shm_close(s);
}

static int enter_once(void *arg)
{
	enter_and_change(arg);
	return 0;
}

static void mutex_lock__several_wait__each_gets_its_turn(void **state)
{
	for (int round = 0; round < 10; round++) {
		ipc_shm     *s;
		struct room *r = make_room(&s);
		pid_t        child[5];
		uint64_t     began;

		check_ok(ipc_mutex_lock(&r->lock, IPC_NOW));
		for (size_t i = 0; i < N_OF(child); i++)
			child[i] = test_fork(enter_once, r);
		for (size_t i = 0; i < N_OF(child); i++)
			check(wait_until(test_asleep(child[i]), 20));
		began = test_now();
		check_ok(ipc_mutex_unlock(&r->lock));
		for (size_t i = 0; i < N_OF(child); i++)
			check_eq(test_wait(child[i]), 0);
		check(test_now() - began < 5000000000u);
		check_eq(r->a, N_OF(child));
		s = ipc_shm_close(s);
	}
}

/* ---- the death of the owner ------------------------------------------------------------------- */

static int lock_and_wait(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_mutex_lock(&r->lock, IPC_SEC(30)));
	r->a = 1; /* half changed */
	__atomic_store_n(&r->held, 1, __ATOMIC_RELEASE);
	return pause();
}

static pid_t killed_owner(struct room *r)
{
	pid_t child = test_fork(lock_and_wait, r);

	check(wait_until(__atomic_load_n(&r->held, __ATOMIC_ACQUIRE) == 1, 20));
	check_r(ipc_mutex_lock(&r->lock, IPC_NOW), -EAGAIN);
	test_kill(child);
	return child;
}

static void mutex_lock__owner_killed__is_eownerdead_once_and_locked(void **state)
{
	for (int round = 0; round < 10; round++) {
		ipc_shm     *s;
		struct room *r = make_room(&s);

		(void)killed_owner(r);
		check_r(ipc_mutex_lock(&r->lock, IPC_SEC(30)), -EOWNERDEAD);
		check_eq(r->a, 1);
		check_r(ipc_mutex_lock(&r->lock, IPC_NOW), -EAGAIN); /* it is locked, by us */
		check_ok(ipc_mutex_unlock(&r->lock));
		check_ok(ipc_mutex_lock(&r->lock, IPC_NOW));
		check_ok(ipc_mutex_unlock(&r->lock));
		s = ipc_shm_close(s);
	}
}

static void mutex_lock__now_after_the_owner_was_killed__becomes_eownerdead(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);

	(void)killed_owner(r);
	check(wait_until(ipc_mutex_lock(&r->lock, IPC_NOW) == -EOWNERDEAD, 5));
	check_ok(ipc_mutex_unlock(&r->lock));
	s = ipc_shm_close(s);
}

static int wait_for_the_dead(void *arg)
{
	struct room *r = arg;
	int          got = ipc_mutex_lock(&r->lock, IPC_SEC(30));

	if (got == -EOWNERDEAD)
		r->dead++; /* the lock is ours: no atomics needed */
	else
		check_ok(got);
	r->held++;
	check_ok(ipc_mutex_unlock(&r->lock));
	return 0;
}

static void mutex_lock__owner_killed_while_many_wait__one_is_told(void **state)
{
	for (int round = 0; round < 10; round++) {
		ipc_shm     *s;
		struct room *r = make_room(&s);
		pid_t        owner = test_fork(lock_and_wait, r), child[4];
		uint64_t     killed;

		check(wait_until(__atomic_load_n(&r->held, __ATOMIC_ACQUIRE) == 1, 20));
		for (size_t i = 0; i < N_OF(child); i++)
			child[i] = test_fork(wait_for_the_dead, r);
		for (size_t i = 0; i < N_OF(child); i++)
			check(wait_until(test_asleep(child[i]), 20));
		test_kill(owner);
		killed = test_now();
		for (size_t i = 0; i < N_OF(child); i++)
			check_eq(test_wait(child[i]), 0);
		check(test_now() - killed < 5000000000u);
		check_eq(r->dead, 1);
		check_eq(r->held, 1 + N_OF(child));
		s = ipc_shm_close(s);
	}
}

static int lock_and_exit(void *arg)
{
	check_ok(ipc_mutex_lock(arg, IPC_NOW));
	return 0;
}

static void mutex_lock__owner_exited_holding_it__is_eownerdead(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);

	check_child(lock_and_exit, &r->lock);
	check_r(ipc_mutex_lock(&r->lock, IPC_SEC(30)), -EOWNERDEAD);
	check_ok(ipc_mutex_unlock(&r->lock));
	check_ok(ipc_mutex_lock(&r->lock, IPC_NOW));
	check_ok(ipc_mutex_unlock(&r->lock));
	s = ipc_shm_close(s);
}

static void *lock_and_return(void *arg)
{
	check_ok(ipc_mutex_lock(arg, IPC_NOW));
	return NULL;
}

static void mutex_lock__owning_thread_ended__is_eownerdead(void **state)
{
	ipc_mutex m = {0};

	test_join_thread(test_thread(lock_and_return, &m));
	check_r(ipc_mutex_lock(&m, IPC_SEC(30)), -EOWNERDEAD);
	check_ok(ipc_mutex_unlock(&m));
	check_ok(ipc_mutex_lock(&m, IPC_NOW));
	check_ok(ipc_mutex_unlock(&m));
}

static int enter_until_killed(void *arg)
{
	struct room *r = arg;

	for (bool for_ever = true; for_ever;) {
		int got = ipc_mutex_lock(&r->lock, IPC_SEC(30));

		if (got == -EOWNERDEAD)
			r->b = r->a; /* mend it */
		else
			check_ok(got);
		check_eq(r->a, r->b);
		r->a++;
		r->b++;
		(void)__atomic_fetch_add(&r->held, 1, __ATOMIC_RELEASE);
		check_ok(ipc_mutex_unlock(&r->lock));
	}
	return 0;
}

static void mutex__owners_killed_at_any_instant__the_others_go_on(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	uint32_t     seed = 6;
	pid_t        child[3];

	test_deadline(150);
	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(enter_until_killed, r);
	for (unsigned kills = 0; kills < test_rounds(150); kills++) {
		size_t   i = kills % N_OF(child);
		uint32_t before = __atomic_load_n(&r->held, __ATOMIC_ACQUIRE);

		check(wait_until(__atomic_load_n(&r->held, __ATOMIC_ACQUIRE) > before, 30));
		test_burn(test_random(&seed) % 500);
		test_kill(child[i]);
		child[i] = test_fork(enter_until_killed, r);
	}
	for (size_t i = 0; i < N_OF(child); i++) {
		check_eq(waitpid(child[i], NULL, WNOHANG),
			 0); /* none of them found anything wrong */
		test_kill(child[i]);
	}
	s = ipc_shm_close(s);
}

/* ---- two locks -------------------------------------------------------------------------------------- */

static int lock_both(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_mutex_lock(&r->lock, IPC_SEC(30)));
	check_ok(ipc_mutex_lock(&r->second, IPC_SEC(30)));
	_exit(0);
}

static void mutex__owner_of_two_dies__both_tell(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);

	check_child(lock_both, r);
	check_r(ipc_mutex_lock(&r->second, IPC_SEC(30)), -EOWNERDEAD);
	check_r(ipc_mutex_lock(&r->lock, IPC_SEC(30)), -EOWNERDEAD);
	check_ok(ipc_mutex_unlock(&r->lock));
	check_ok(ipc_mutex_unlock(&r->second));
	s = ipc_shm_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(mutex__zeroed_memory__is_unlocked, setup),
		cmocka_unit_test_setup(mutex_unlock__not_held__is_einval_and_changes_nothing,
				       setup),
		cmocka_unit_test_setup(mutex_lock__held_by_oneself__is_eagain_or_etimedout, setup),
		cmocka_unit_test_setup(mutex_lock__bad_address__is_einval, setup),
		cmocka_unit_test_setup(mutex__another_thread__cannot_unlock_or_lock_it, setup),
		cmocka_unit_test_setup(mutex__threads_of_several_processes__one_at_a_time, setup),
		cmocka_unit_test_setup(mutex_lock__several_wait__each_gets_its_turn, setup),
		cmocka_unit_test_setup(mutex_lock__owner_killed__is_eownerdead_once_and_locked,
				       setup),
		cmocka_unit_test_setup(
			mutex_lock__now_after_the_owner_was_killed__becomes_eownerdead, setup),
		cmocka_unit_test_setup(mutex_lock__owner_killed_while_many_wait__one_is_told,
				       setup),
		cmocka_unit_test_setup(mutex_lock__owner_exited_holding_it__is_eownerdead, setup),
		cmocka_unit_test_setup(mutex_lock__owning_thread_ended__is_eownerdead, setup),
		cmocka_unit_test_setup(mutex__owners_killed_at_any_instant__the_others_go_on,
				       setup),
		cmocka_unit_test_setup(mutex__owner_of_two_dies__both_tell, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("mutex", tests, NULL, NULL);
}
