/* A mutex its owner may lock again. */

#include "support/test.h"

#include <signal.h>

#include <ipc/shm.h>
#include <ipc/sync.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

struct room {
	ipc_rmutex lock;
	uint64_t   n;
	uint32_t   held;
};

static struct room *make_room(ipc_shm **ret)
{
	check_ok(ipc_shm_create(ret, NULL, sizeof(struct room)));
	return ipc_shm_data(*ret);
}

static void *fail_to_take(void *arg)
{
	check_r(ipc_rmutex_lock(arg, IPC_NOW), -EAGAIN);
	check_r(ipc_rmutex_lock(arg, IPC_MSEC(20)), -ETIMEDOUT);
	check_r(ipc_rmutex_unlock(arg), -EPERM);
	return NULL;
}

static void rmutex__locked_again__is_free_after_as_many_unlocks(void **state)
{
	ipc_rmutex m = {0};

	for (int i = 0; i < 5; i++)
		check_ok(ipc_rmutex_lock(&m, IPC_NOW));
	for (int i = 0; i < 5; i++) {
		test_join_thread(test_thread(fail_to_take, &m));
		check_ok(ipc_rmutex_unlock(&m));
	}
	check_ok(ipc_rmutex_lock(&m, IPC_NOW));
	check_ok(ipc_rmutex_unlock(&m));
}

static void rmutex_unlock__not_held__is_eperm(void **state)
{
	ipc_rmutex m = {0};

	check_r(ipc_rmutex_unlock(&m), -EPERM);
	check_r(ipc_rmutex_unlock(NULL), -EINVAL);
	check_r(ipc_rmutex_lock(NULL, IPC_NOW), -EINVAL);
}

static int count_deep(void *arg)
{
	struct room *r = arg;

	for (unsigned i = 0; i < test_rounds(20000); i++) {
		check_ok(ipc_rmutex_lock(&r->lock, IPC_SEC(30)));
		check_ok(ipc_rmutex_lock(&r->lock, IPC_NOW));
		r->n++;
		check_ok(ipc_rmutex_unlock(&r->lock));
		check_ok(ipc_rmutex_unlock(&r->lock));
	}
	return 0;
}

static void rmutex__four_processes_count__nothing_is_lost(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child[4];

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(count_deep, r);
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(r->n, N_OF(child) * test_rounds(20000));
	s = ipc_shm_close(s);
}

static int hold_twice(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_rmutex_lock(&r->lock, IPC_NOW));
	check_ok(ipc_rmutex_lock(&r->lock, IPC_NOW));
	__atomic_store_n(&r->held, 1, __ATOMIC_RELEASE);
	return pause();
}

static void rmutex_lock__owner_of_two_killed__is_eownerdead_once(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child = test_fork(hold_twice, r);

	check(wait_until(__atomic_load_n(&r->held, __ATOMIC_ACQUIRE) == 1, 20));
	test_kill(child);
	check_r(ipc_rmutex_lock(&r->lock, IPC_SEC(30)), -EOWNERDEAD);
	check_ok(ipc_rmutex_unlock(&r->lock)); /* the dead one's depth is not ours */
	check_r(ipc_rmutex_unlock(&r->lock), -EPERM);
	check_ok(ipc_rmutex_lock(&r->lock, IPC_NOW));
	check_ok(ipc_rmutex_unlock(&r->lock));
	s = ipc_shm_close(s);
}

static int fail_to_unlock(void *arg)
{
	check_r(ipc_rmutex_unlock(arg), -EPERM);
	check_r(ipc_rmutex_lock(arg, IPC_NOW), -EAGAIN);
	return 0;
}

static void rmutex__child_of_the_owner__has_nothing_of_it(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);

	check_ok(ipc_rmutex_lock(&r->lock, IPC_NOW));
	check_child(fail_to_unlock, &r->lock);
	check_ok(ipc_rmutex_unlock(&r->lock));
	s = ipc_shm_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rmutex__locked_again__is_free_after_as_many_unlocks, setup),
		cmocka_unit_test_setup(rmutex_unlock__not_held__is_eperm, setup),
		cmocka_unit_test_setup(rmutex__four_processes_count__nothing_is_lost, setup),
		cmocka_unit_test_setup(rmutex_lock__owner_of_two_killed__is_eownerdead_once, setup),
		cmocka_unit_test_setup(rmutex__child_of_the_owner__has_nothing_of_it, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("rmutex", tests, NULL, NULL);
}
