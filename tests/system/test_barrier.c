/* All or none; and who is dead is not waited for. */

#include "support/test.h"

#include <signal.h>

#include <ipc/shm.h>
#include <ipc/sync.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

#define PARTIES 4

struct room {
	ipc_barrier barrier;
	uint32_t    round[PARTIES], ranks, here;
};

static struct room *make_room(ipc_shm **ret)
{
	check_ok(ipc_shm_create(ret, NULL, sizeof(struct room)));
	return ipc_shm_data(*ret);
}

static void barrier__alone__passes_at_once(void **state)
{
	ipc_barrier b = {0};

	for (int i = 0; i < 3; i++)
		check_eq(ipc_barrier_wait(&b, 1, IPC_NOW), 0);
	check_r(ipc_barrier_wait(&b, 0, IPC_NOW), -EINVAL);
	check_r(ipc_barrier_wait(&b, IPC_BARRIER_MAX + 1, IPC_NOW), -EINVAL);
	check_r(ipc_barrier_wait(NULL, 1, IPC_NOW), -EINVAL);
}

static void barrier_wait__now_and_not_the_last__is_eagain_and_breaks_nothing(void **state)
{
	ipc_barrier b = {0};

	check_r(ipc_barrier_wait(&b, 2, IPC_NOW), -EAGAIN);
	check_eq(ipc_barrier_waiting(&b), 0);
	check_eq(ipc_barrier_broken(&b), 0);
}

static void barrier_wait__timeout__broken_until_reset(void **state)
{
	ipc_barrier b = {0};

	check_r(ipc_barrier_wait(&b, 2, IPC_MSEC(30)), -ETIMEDOUT);
	check_eq(ipc_barrier_broken(&b), 1);
	check_eq(ipc_barrier_waiting(&b), 0);
	check_r(ipc_barrier_wait(&b, 2, IPC_SEC(1)), -EPIPE);
	check_r(ipc_barrier_wait(&b, 1, IPC_SEC(1)), -EPIPE);
	check_ok(ipc_barrier_reset(&b));
	check_eq(ipc_barrier_broken(&b), 0);
	check_eq(ipc_barrier_wait(&b, 1, IPC_NOW), 0);
	check_ok(ipc_barrier_abort(&b));
	check_r(ipc_barrier_wait(&b, 1, IPC_NOW), -EPIPE);
}

/* ---- several processes --------------------------------------------------------------------- */

static int in_step(void *arg)
{
	struct room *r = arg;
	unsigned     me = __atomic_fetch_add(&r->here, 1, __ATOMIC_ACQ_REL);

	for (unsigned i = 0; i < test_rounds(2000); i++) {
		int rank;

		__atomic_store_n(&r->round[me], i + 1, __ATOMIC_RELEASE);
		rank = ipc_barrier_wait(&r->barrier, PARTIES, IPC_SEC(30));
		check(rank >= 0 && rank < PARTIES);
		if (rank == 0)
			(void)__atomic_fetch_add(&r->ranks, 1, __ATOMIC_ACQ_REL);
		for (unsigned k = 0; k < PARTIES; k++) { /* nobody is behind, nobody two ahead */
			uint32_t at = __atomic_load_n(&r->round[k], __ATOMIC_ACQUIRE);

			check(at == i + 1 || at == i + 2);
		}
	}
	return 0;
}

static void barrier__four_processes__stay_in_step(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child[PARTIES];

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(in_step, r);
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(r->ranks, test_rounds(2000)); /* one was first, each time */
	s = ipc_shm_close(s);
}

static int expect_of_three(struct room *r, int want)
{
	int got = ipc_barrier_wait(&r->barrier, 3, IPC_SEC(30));

	check_r(got, want);
	return 0;
}

static int be_told_of_a_death(void *arg)
{
	return expect_of_three(arg, -EOWNERDEAD);
}

static int be_told_it_broke(void *arg)
{
	return expect_of_three(arg, -EPIPE);
}

static void barrier_wait__one_who_waits_is_killed__the_others_are_told(void **state)
{
	for (int round = 0; round < 5; round++) {
		ipc_shm     *s;
		struct room *r = make_room(&s);
		pid_t        a = test_fork(be_told_of_a_death, r);
		pid_t        b = test_fork(be_told_of_a_death, r);

		check(wait_until(ipc_barrier_waiting(&r->barrier) == 2, 20));
		check(wait_until(test_asleep(b), 20));
		test_kill(b);
		check_eq(test_wait(a), 0);
		check_r(ipc_barrier_wait(&r->barrier, 3, IPC_SEC(1)), -EPIPE);
		check_ok(ipc_barrier_reset(&r->barrier));
		check_eq(ipc_barrier_wait(&r->barrier, 1, IPC_NOW), 0);
		s = ipc_shm_close(s);
	}
}

static int be_one_of_two(void *arg)
{
	struct room *r = arg;

	return ipc_barrier_wait(&r->barrier, 2, IPC_SEC(30));
}

static void barrier_wait__the_other_of_two_was_killed__the_last_is_told(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        a = test_fork(be_one_of_two, r);

	check(wait_until(ipc_barrier_waiting(&r->barrier) == 1 && test_asleep(a), 20));
	test_kill(a);
	check_r(ipc_barrier_wait(&r->barrier, 2, IPC_SEC(30)), -EOWNERDEAD);
	check_r(ipc_barrier_wait(&r->barrier, 2, IPC_SEC(30)), -EPIPE);
	check_ok(ipc_barrier_reset(&r->barrier));
	a = test_fork(be_one_of_two, r);
	check(wait_until(ipc_barrier_waiting(&r->barrier) == 1, 20));
	check_eq(ipc_barrier_wait(&r->barrier, 2, IPC_SEC(30)), 1);
	check_eq(test_wait(a), 0);
	s = ipc_shm_close(s);
}

/* Who sleeps is stopped, so that it does not find out first. */
static void barrier_wait__one_of_three_was_killed__the_last_and_who_sleeps_are_told(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        a = test_fork(be_told_of_a_death, r), b;

	check(wait_until(ipc_barrier_waiting(&r->barrier) == 1 && test_asleep(a), 20));
	check_eq(kill(a, SIGSTOP), 0);
	b = test_fork(be_told_of_a_death, r);
	check(wait_until(ipc_barrier_waiting(&r->barrier) == 2 && test_asleep(b), 20));
	test_kill(b);
	check_r(ipc_barrier_wait(&r->barrier, 3, IPC_SEC(30)), -EOWNERDEAD);
	check_eq(kill(a, SIGCONT), 0);
	check_eq(test_wait(a), 0);
	s = ipc_shm_close(s);
}

static void barrier__aborted_or_reset__who_waits_is_told(void **state)
{
	for (int reset = 0; reset < 2; reset++) {
		ipc_shm     *s;
		struct room *r = make_room(&s);
		pid_t        a = test_fork(be_told_it_broke, r), b = test_fork(be_told_it_broke, r);

		check(wait_until(ipc_barrier_waiting(&r->barrier) == 2, 20));
		check_r(ipc_barrier_wait(&r->barrier, 4, IPC_NOW), -EINVAL);
		check_ok(reset ? ipc_barrier_reset(&r->barrier) : ipc_barrier_abort(&r->barrier));
		check_eq(test_wait(a), 0);
		check_eq(test_wait(b), 0);
		check_eq(ipc_barrier_broken(&r->barrier), !reset);
		s = ipc_shm_close(s);
	}
}

/* It may run again only much later: resets that nobody waited for are none to it. */
static void barrier__reset_over_and_over__who_slept_is_told(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        a = test_fork(be_told_it_broke, r);

	check(wait_until(ipc_barrier_waiting(&r->barrier) == 1, 20));
	check(wait_until(test_asleep(a), 20));
	check_eq(kill(a, SIGSTOP), 0);
	for (int i = 0; i < 100; i++) {
		check_ok(ipc_barrier_reset(&r->barrier));
		check_ok(ipc_barrier_abort(&r->barrier));
	}
	check_ok(ipc_barrier_reset(&r->barrier));
	check_eq(ipc_barrier_broken(&r->barrier), 0);
	check_eq(kill(a, SIGCONT), 0);
	check_eq(test_wait(a), 0);
	s = ipc_shm_close(s);
}

static int arrive_until_killed(void *arg)
{
	struct room *r = arg;

	for (bool for_ever = true; for_ever;) {
		int got = ipc_barrier_wait(&r->barrier, 2, IPC_SEC(30));

		check(got >= 0 || got == -EOWNERDEAD || got == -EPIPE);
		if (got < 0)
			check_ok(ipc_barrier_reset(&r->barrier));
		(void)__atomic_fetch_add(&r->ranks, 1, __ATOMIC_ACQ_REL);
	}
	return 0;
}

static void barrier__killed_at_any_instant__the_others_go_on(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	uint32_t     seed = 5;
	pid_t        child[3];

	test_deadline(110);
	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(arrive_until_killed, r);
	for (unsigned kills = 0; kills < test_rounds(100); kills++) {
		uint32_t before = __atomic_load_n(&r->ranks, __ATOMIC_ACQUIRE);
		size_t   i = kills % N_OF(child);

		check(wait_until(__atomic_load_n(&r->ranks, __ATOMIC_ACQUIRE) > before, 30));
		test_burn(test_random(&seed) % 500);
		test_kill(child[i]);
		child[i] = test_fork(arrive_until_killed, r);
	}
	for (size_t i = 0; i < N_OF(child); i++)
		test_kill(child[i]);
	s = ipc_shm_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(barrier__alone__passes_at_once, setup),
		cmocka_unit_test_setup(
			barrier_wait__now_and_not_the_last__is_eagain_and_breaks_nothing, setup),
		cmocka_unit_test_setup(barrier_wait__timeout__broken_until_reset, setup),
		cmocka_unit_test_setup(barrier__four_processes__stay_in_step, setup),
		cmocka_unit_test_setup(barrier_wait__one_who_waits_is_killed__the_others_are_told,
				       setup),
		cmocka_unit_test_setup(barrier_wait__the_other_of_two_was_killed__the_last_is_told,
				       setup),
		cmocka_unit_test_setup(
			barrier_wait__one_of_three_was_killed__the_last_and_who_sleeps_are_told,
			setup),
		cmocka_unit_test_setup(barrier__aborted_or_reset__who_waits_is_told, setup),
		cmocka_unit_test_setup(barrier__reset_over_and_over__who_slept_is_told, setup),
		cmocka_unit_test_setup(barrier__killed_at_any_instant__the_others_go_on, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("barrier", tests, NULL, NULL);
}
