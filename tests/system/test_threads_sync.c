/* Things of ipc/sync.h between threads of one process: for what watches threads, too. */

#include "support/test.h"

#include <ipc/sync.h>
#include <ipc/value.h>

#define N_THREADS 4

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

/* What a, b and n are is written under each lock in turn, and read under it. */
struct room {
	ipc_rmutex  rmutex;
	ipc_rwlock  rwlock;
	ipc_sem     permit, signal;
	ipc_mutex   mutex;
	ipc_cond    changed;
	ipc_barrier barrier;
	ipc_value   sum;
	uint64_t    a, b, c, turn;
};

static void run(void *(*fn)(void *arg), struct room *r)
{
	pthread_t t[N_THREADS];

	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(fn, r);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
}

static void *lock_all(void *arg)
{
	struct room *r = arg;

	for (unsigned i = 0; i < test_rounds(5000); i++) {
		check_ok(ipc_rmutex_lock(&r->rmutex, IPC_SEC(30)));
		r->a++;
		check_ok(ipc_rmutex_unlock(&r->rmutex));
		if (i % 4 == 0) {
			check_ok(ipc_rwlock_wrlock(&r->rwlock, IPC_SEC(30)));
			r->b++;
		} else {
			check_ok(ipc_rwlock_rdlock(&r->rwlock, IPC_SEC(30)));
			check(r->b <= (uint64_t)N_THREADS * test_rounds(5000));
		}
		check_ok(ipc_rwlock_unlock(&r->rwlock));
		check_ok(ipc_sem_wait(&r->permit, IPC_SEC(30)));
		r->c++;
		check_ok(ipc_sem_post(&r->permit));
		check_ok(ipc_value_add(&r->sum, 1, NULL));
	}
	return NULL;
}

static void threads__all_locks__exclude(void **state)
{
	struct room r = {0};

	check_ok(ipc_sem_init(&r.permit, 1, 1));
	run(lock_all, &r);
	check_eq(r.a, N_THREADS * test_rounds(5000));
	check_eq(r.b, N_THREADS * ((test_rounds(5000) + 3) / 4));
	check_eq(r.c, r.a);
	check_eq(ipc_value_get(&r.sum), r.a);
}

static void *take_turns(void *arg)
{
	struct room *r = arg;
	uint64_t     me;
	int64_t      n;

	check_ok(ipc_value_add(&r->sum, 1, &n));
	me = (uint64_t)n - 1;
	for (unsigned i = 0; i < test_rounds(500); i++) {
		check_ok(ipc_mutex_lock(&r->mutex, IPC_SEC(30)));
		while (r->turn % N_THREADS != me)
			check_ok(ipc_cond_wait(&r->changed, &r->mutex, IPC_SEC(30)));
		r->turn++;
		check_ok(ipc_cond_notify_all(&r->changed, &r->mutex));
		check_ok(ipc_mutex_unlock(&r->mutex));
	}
	return NULL;
}

static void threads__condition__turns_are_kept(void **state)
{
	struct room r = {0};

	run(take_turns, &r);
	check_eq(r.turn, N_THREADS * test_rounds(500));
}

static void *in_step(void *arg)
{
	struct room *r = arg;

	for (unsigned i = 0; i < test_rounds(1000); i++) {
		int rank = ipc_barrier_wait(&r->barrier, N_THREADS, IPC_SEC(30));

		check(rank >= 0);
		if (rank == 0)
			r->a++; /* one of them, each time: no lock is needed */
		check(ipc_barrier_wait(&r->barrier, N_THREADS, IPC_SEC(30)) >= 0);
		check_eq(r->a, i + 1);
	}
	return NULL;
}

static void threads__barrier__what_one_wrote_all_see(void **state)
{
	struct room r = {0};

	run(in_step, &r);
	check_eq(r.a, test_rounds(1000));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(threads__all_locks__exclude, setup),
		cmocka_unit_test_setup(threads__condition__turns_are_kept, setup),
		cmocka_unit_test_setup(threads__barrier__what_one_wrote_all_see, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("threads_sync", tests, NULL, NULL);
}
