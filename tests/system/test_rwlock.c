/*
 * Many readers or one writer; and what the killed had comes back.
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
	test_deadline(90);
	return 0;
}

/* a and b are the same whenever nobody writes. */
struct room {
	ipc_rwlock lock;
	uint64_t   a, b;
	uint32_t   held, passes, readers, most, died;
};

static struct room *make_room(ipc_shm **ret)
{
	check_ok(ipc_shm_create(ret, NULL, sizeof(struct room)));
	return ipc_shm_data(*ret);
}

static uint32_t get(uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void add(uint32_t *p)
{
	(void)__atomic_fetch_add(p, 1, __ATOMIC_ACQ_REL);
}

/* ---- one process --------------------------------------------------------------------------- */

static void rwlock__zeroed_memory__is_unlocked(void **state)
{
	ipc_rwlock l = {0};

	check_ok(ipc_rwlock_rdlock(&l, IPC_NOW));
	check_ok(ipc_rwlock_rdlock(&l, IPC_NOW)); /* again */
	check_r(ipc_rwlock_wrlock(&l, IPC_NOW), -EAGAIN);
	check_r(ipc_rwlock_wrlock(&l, IPC_MSEC(30)), -ETIMEDOUT);
	check_ok(ipc_rwlock_unlock(&l));
	check_r(ipc_rwlock_wrlock(&l, IPC_NOW), -EAGAIN);
	check_ok(ipc_rwlock_unlock(&l));
	check_ok(ipc_rwlock_wrlock(&l, IPC_NOW));
	check_r(ipc_rwlock_rdlock(&l, IPC_NOW), -EAGAIN);
	check_ok(ipc_rwlock_unlock(&l));
	check_r(ipc_rwlock_unlock(&l), -EINVAL);
	check_r(ipc_rwlock_rdlock(NULL, IPC_NOW), -EINVAL);
}

static void *read_and_fail_to_write(void *arg)
{
	check_r(ipc_rwlock_unlock(arg), -EPERM);
	check_r(ipc_rwlock_wrlock(arg, IPC_NOW), -EAGAIN);
	check_ok(ipc_rwlock_rdlock(arg, IPC_NOW));
	check_ok(ipc_rwlock_unlock(arg));
	check_r(ipc_rwlock_unlock(arg), -EPERM);
	return NULL;
}

static void rwlock_unlock__another_thread__cannot(void **state)
{
	ipc_rwlock l = {0};

	check_ok(ipc_rwlock_rdlock(&l, IPC_NOW));
	test_join_thread(test_thread(read_and_fail_to_write, &l));
	check_ok(ipc_rwlock_unlock(&l));
}

static void rwlock__more_locks_than_can_be_told__is_enobufs(void **state)
{
	ipc_rwlock l[17] = {{0}};

	for (size_t i = 0; i < 16; i++)
		check_ok(ipc_rwlock_rdlock(&l[i], IPC_NOW));
	check_r(ipc_rwlock_rdlock(&l[16], IPC_NOW), -ENOBUFS);
	check_ok(ipc_rwlock_wrlock(&l[16], IPC_NOW)); /* the lock itself tells of that */
	check_ok(ipc_rwlock_unlock(&l[16]));
	for (size_t i = 0; i < 16; i++)
		check_ok(ipc_rwlock_unlock(&l[i]));
	check_ok(ipc_rwlock_rdlock(&l[16], IPC_NOW));
	check_ok(ipc_rwlock_unlock(&l[16]));
}

static void *read_and_return(void *arg)
{
	check_ok(ipc_rwlock_rdlock(arg, IPC_NOW));
	return NULL;
}

static void rwlock__reading_thread_ended__its_share_comes_back(void **state)
{
	ipc_rwlock l = {0};

	test_join_thread(test_thread(read_and_return, &l));
	check_ok(ipc_rwlock_wrlock(&l, IPC_SEC(30)));
	check_ok(ipc_rwlock_unlock(&l));
}

/* ---- several processes ------------------------------------------------------------------------ */

static int read_once_then_wait(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_rwlock_rdlock(&r->lock, IPC_SEC(30)));
	add(&r->held);
	return pause();
}

static int write_once(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_rwlock_wrlock(&r->lock, IPC_SEC(30)));
	add(&r->passes);
	check_ok(ipc_rwlock_unlock(&r->lock));
	return 0;
}

static void rwlock__readers_of_several_processes__share_it(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child[3];

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(read_once_then_wait, r);
	check(wait_until(get(&r->held) == N_OF(child), 20)); /* all at once */
	check_r(ipc_rwlock_wrlock(&r->lock, IPC_NOW), -EAGAIN);
	for (size_t i = 0; i < N_OF(child); i++)
		test_kill(child[i]);
	check_ok(ipc_rwlock_wrlock(&r->lock, IPC_SEC(30)));
	check_ok(ipc_rwlock_unlock(&r->lock));
	s = ipc_shm_close(s);
}

static void change(struct room *r)
{
	check_ok(ipc_rwlock_wrlock(&r->lock, IPC_SEC(60)));
	check_eq(r->a, r->b);
	r->a++;
	r->b++;
	check_ok(ipc_rwlock_unlock(&r->lock));
}

static int write_often(void *arg)
{
	for (unsigned i = 0; i < test_rounds(20000); i++)
		change(arg);
	return 0;
}

static int read_until_told(void *arg)
{
	struct room *r = arg;

	while (!get(&r->died)) {
		check_ok(ipc_rwlock_rdlock(&r->lock, IPC_SEC(60)));
		check_eq(__atomic_load_n(&r->a, __ATOMIC_RELAXED), r->b);
		check_ok(ipc_rwlock_unlock(&r->lock));
		add(&r->passes);
	}
	return 0;
}

static void rwlock__writers_and_readers__writers_alone_and_nobody_starves(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        writer[4], reader[2];

	for (size_t i = 0; i < N_OF(reader); i++)
		reader[i] = test_fork(read_until_told, r);
	for (size_t i = 0; i < N_OF(writer); i++)
		writer[i] = test_fork(write_often, r);
	for (size_t i = 0; i < N_OF(writer); i++)
		check_eq(test_wait(writer[i]), 0);
	check_eq(r->a, N_OF(writer) * test_rounds(20000));
	check_eq(r->b, r->a);
	check(wait_until(get(&r->passes) > 0, 20));
	__atomic_store_n(&r->died, 1, __ATOMIC_RELEASE);
	for (size_t i = 0; i < N_OF(reader); i++)
		check_eq(test_wait(reader[i]), 0);
	s = ipc_shm_close(s);
}

static void rwlock_rdlock__a_writer_waits__it_goes_first(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        writer;

	check_ok(ipc_rwlock_rdlock(&r->lock, IPC_NOW));
	writer = test_fork(write_once, r);
	check(wait_until(test_asleep(writer), 20));
	check_ok(ipc_rwlock_rdlock(&r->lock, IPC_NOW)); /* who reads already is let in */
	check_ok(ipc_rwlock_unlock(&r->lock));
	check_ok(ipc_rwlock_unlock(&r->lock));
	check_eq(test_wait(writer), 0);
	check_eq(r->passes, 1);
	s = ipc_shm_close(s);
}

static int try_to_read(void *arg)
{
	struct room *r = arg;
	int          got = ipc_rwlock_rdlock(&r->lock, IPC_NOW);

	check(got == 0 || got == -EAGAIN);
	return got == 0 ? 0 : 1;
}

static void rwlock__waiting_writer_killed__readers_are_not_held_back_for_ever(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        writer;

	check_ok(ipc_rwlock_rdlock(&r->lock, IPC_NOW));
	writer = test_fork(write_once, r);
	check(wait_until(test_asleep(writer), 20));
	check(wait_until(test_run(try_to_read, r) == 1, 20));
	test_kill(writer);
	check(wait_until(test_run(try_to_read, r) == 0, 20));
	check_ok(ipc_rwlock_unlock(&r->lock));
	check_ok(ipc_rwlock_wrlock(&r->lock,
				   IPC_SEC(30))); /* shares of all those readers are back */
	check_ok(ipc_rwlock_unlock(&r->lock));
	s = ipc_shm_close(s);
}

/* ---- deaths ---------------------------------------------------------------------------------------- */

static int write_and_wait(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_rwlock_wrlock(&r->lock, IPC_SEC(30)));
	r->a = 7; /* half changed */
	add(&r->held);
	return pause();
}

static void rwlock__writer_killed__the_next_is_told_once_and_may_mend(void **state)
{
	for (int reading = 0; reading < 2; reading++) {
		ipc_shm     *s;
		struct room *r = make_room(&s);
		pid_t        writer = test_fork(write_and_wait, r);

		check(wait_until(get(&r->held) == 1, 20));
		test_kill(writer);
		check_r(reading ? ipc_rwlock_rdlock(&r->lock, IPC_SEC(30))
				: ipc_rwlock_wrlock(&r->lock, IPC_SEC(30)),
			-EOWNERDEAD);
		check_eq(test_run(try_to_read, r), 1); /* it is ours alone */
		check_eq(r->a, 7);
		r->a = r->b;
		check_ok(ipc_rwlock_unlock(&r->lock));
		check_ok(ipc_rwlock_rdlock(&r->lock, IPC_NOW));
		check_ok(ipc_rwlock_unlock(&r->lock));
		s = ipc_shm_close(s);
	}
}

static int use_until_killed(void *arg)
{
	struct room *r = arg;
	uint32_t     seed = (uint32_t)getpid();

	for (bool for_ever = true; for_ever;) {
		bool write = test_random(&seed) % 4 == 0;
		int  got = write ? ipc_rwlock_wrlock(&r->lock, IPC_SEC(60))
				 : ipc_rwlock_rdlock(&r->lock, IPC_SEC(60));

		if (got == -EOWNERDEAD)
			r->b = r->a; /* mend it */
		else
			check_ok(got);
		check_eq(r->a, r->b);
		if (write || got == -EOWNERDEAD) {
			r->a++;
			r->b++;
		}
		check_ok(ipc_rwlock_unlock(&r->lock));
		add(&r->passes);
	}
	return 0;
}

static void rwlock__users_killed_at_any_instant__the_others_go_on(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	uint32_t     seed = 6;
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
		check_eq(waitpid(child[i], NULL, WNOHANG), 0); /* none found anything wrong */
		test_kill(child[i]);
	}
	(void)!ipc_rwlock_wrlock(&r->lock, IPC_SEC(30));
	check_ok(ipc_rwlock_unlock(&r->lock));
	s = ipc_shm_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rwlock__zeroed_memory__is_unlocked, setup),
		cmocka_unit_test_setup(rwlock_unlock__another_thread__cannot, setup),
		cmocka_unit_test_setup(rwlock__more_locks_than_can_be_told__is_enobufs, setup),
		cmocka_unit_test_setup(rwlock__reading_thread_ended__its_share_comes_back, setup),
		cmocka_unit_test_setup(rwlock__readers_of_several_processes__share_it, setup),
		cmocka_unit_test_setup(
			rwlock__writers_and_readers__writers_alone_and_nobody_starves, setup),
		cmocka_unit_test_setup(rwlock_rdlock__a_writer_waits__it_goes_first, setup),
		cmocka_unit_test_setup(
			rwlock__waiting_writer_killed__readers_are_not_held_back_for_ever, setup),
		cmocka_unit_test_setup(rwlock__writer_killed__the_next_is_told_once_and_may_mend,
				       setup),
		cmocka_unit_test_setup(rwlock__users_killed_at_any_instant__the_others_go_on,
				       setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("rwlock", tests, NULL, NULL);
}
