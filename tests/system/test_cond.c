/* Waiting under a mutex: in order, none stolen, none lost, and the dead hold nobody up. */

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
	ipc_mutex lock;
	ipc_cond  cond;
	uint32_t  turn, waiting, passed, left, items;
	uint32_t  order[8];
};

static struct room *make_room(ipc_shm **ret)
{
	check_ok(ipc_shm_create(ret, NULL, sizeof(struct room)));
	return ipc_shm_data(*ret);
}

static void lock(struct room *r)
{
	int got = ipc_mutex_lock(&r->lock, IPC_SEC(30));

	check(got == 0 || got == -EOWNERDEAD);
}

static void unlock(struct room *r)
{
	check_ok(ipc_mutex_unlock(&r->lock));
}

static uint32_t get(uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void cond__without_the_mutex__is_eperm(void **state)
{
	struct room r = {0};

	check_r(ipc_cond_wait(&r.cond, &r.lock, IPC_NOW), -EPERM);
	check_r(ipc_cond_notify(&r.cond, &r.lock, 1), -EPERM);
	check_r(ipc_cond_notify_all(&r.cond, &r.lock), -EPERM);
	lock(&r);
	check_r(ipc_cond_notify(&r.cond, &r.lock, 0), -EINVAL);
	check_ok(ipc_cond_notify(&r.cond, &r.lock, 1));
	check_ok(ipc_cond_notify_all(&r.cond, &r.lock));
	check_r(ipc_cond_wait(&r.cond, &r.lock, IPC_NOW), -ETIMEDOUT); /* that was before */
	check_r(ipc_cond_wait(&r.cond, &r.lock, IPC_MSEC(30)), -ETIMEDOUT);
	check_r(ipc_cond_wait(NULL, &r.lock, IPC_NOW), -EINVAL);
	unlock(&r); /* still ours */
}

static int wait_once(void *arg)
{
	struct room *r = arg;

	lock(r);
	(void)__atomic_fetch_add(&r->waiting, 1, __ATOMIC_ACQ_REL);
	check_ok(ipc_cond_wait(&r->cond, &r->lock, IPC_SEC(30)));
	r->passed++;
	unlock(r);
	return 0;
}

/* @n children that all have drawn their tickets. */
static void make_waiters(struct room *r, pid_t *child, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		child[i] = test_fork(wait_once, r);
		check(wait_until(get(&r->waiting) == i + 1, 20));
		lock(r); /* it gave the mutex back, so it waits */
		unlock(r);
	}
}

static uint32_t passed(struct room *r)
{
	uint32_t n;

	lock(r);
	n = r->passed;
	unlock(r);
	return n;
}

static void cond_notify__some_of_several__in_order_of_arrival(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child[4];

	make_waiters(r, child, N_OF(child));
	lock(r);
	check_ok(ipc_cond_notify(&r->cond, &r->lock, 1));
	unlock(r);
	check_eq(test_wait(child[0]), 0); /* and no other: the next line would count it */
	check_eq(passed(r), 1);
	lock(r);
	check_ok(ipc_cond_notify(&r->cond, &r->lock, 2));
	unlock(r);
	check_eq(test_wait(child[1]), 0);
	check_eq(test_wait(child[2]), 0);
	check_eq(passed(r), 3);
	lock(r);
	check_ok(ipc_cond_notify_all(&r->cond, &r->lock));
	unlock(r);
	check_eq(test_wait(child[3]), 0);
	s = ipc_shm_close(s);
}

static void cond_notify__the_first_waiter_was_killed__another_goes(void **state)
{
	for (int round = 0; round < 5; round++) {
		ipc_shm     *s;
		struct room *r = make_room(&s);
		pid_t        child[3];

		make_waiters(r, child, N_OF(child));
		test_kill(child[0]);
		lock(r);
		check_ok(ipc_cond_notify(&r->cond, &r->lock, 1)); /* it would have been its turn */
		unlock(r);
		check(wait_until(passed(r) >= 1, 20));
		lock(r);
		check_ok(ipc_cond_notify_all(&r->cond, &r->lock));
		unlock(r);
		check_eq(test_wait(child[1]), 0);
		check_eq(test_wait(child[2]), 0);
		s = ipc_shm_close(s);
	}
}

static int give_up(void *arg)
{
	struct room *r = arg;

	lock(r);
	(void)__atomic_fetch_add(&r->left, 1, __ATOMIC_ACQ_REL);
	check_r(ipc_cond_wait(&r->cond, &r->lock, IPC_MSEC(50)), -ETIMEDOUT);
	unlock(r);
	return 0;
}

static void cond_notify__one_before_gave_up__the_next_goes(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        quitter = test_fork(give_up, r), child[1];

	check(wait_until(get(&r->left) == 1, 20));
	make_waiters(r, child, 1);
	check_eq(test_wait(quitter), 0);
	lock(r);
	check_ok(ipc_cond_notify(&r->cond, &r->lock, 1));
	unlock(r);
	check_eq(test_wait(child[0]), 0);
	s = ipc_shm_close(s);
}

/* One of those for whom the condition was made: who finds nothing waits on. */
static int consume(void *arg)
{
	struct room *r = arg;

	lock(r);
	(void)__atomic_fetch_add(&r->waiting, 1, __ATOMIC_ACQ_REL);
	while (r->items == 0)
		check_ok(ipc_cond_wait(&r->cond, &r->lock, IPC_SEC(50)));
	r->items--;
	r->passed++;
	unlock(r);
	return 0;
}

static void make_consumers(struct room *r, pid_t *child, size_t n)
{
	uint32_t before = get(&r->waiting);

	for (size_t i = 0; i < n; i++) {
		child[i] = test_fork(consume, r);
		check(wait_until(get(&r->waiting) == before + i + 1, 20));
		lock(r); /* it gave the mutex back, so it waits */
		unlock(r);
	}
}

static void produce(struct room *r, uint32_t n)
{
	lock(r);
	r->items += n;
	check_ok(ipc_cond_notify(&r->cond, &r->lock, n));
	unlock(r);
}

/* What was meant for those who have gone must not be lost, wherever among the others they stood. */
static void cond_notify__some_in_the_middle_gave_up__nothing_is_lost(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        quitter[2], child[5];

	make_consumers(r, child, 3);
	for (uint32_t i = 0; i < N_OF(quitter); i++) {
		quitter[i] = test_fork(give_up, r);
		check(wait_until(get(&r->left) == i + 1, 20));
	}
	make_consumers(r, child + 3, 2);
	for (size_t i = 0; i < N_OF(quitter); i++)
		check_eq(test_wait(quitter[i]), 0);
	for (uint32_t i = 1; i <= N_OF(child); i++) {
		produce(r, 1);
		check(wait_until(passed(r) == i, 20));
	}
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	s = ipc_shm_close(s);
}

static void cond_notify__the_first_two_were_killed__two_others_go(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child[4];

	make_consumers(r, child, N_OF(child));
	test_kill(child[0]);
	test_kill(child[1]);
	produce(r, 2);
	check(wait_until(passed(r) == 2, 20));
	check_eq(test_wait(child[2]), 0);
	check_eq(test_wait(child[3]), 0);
	s = ipc_shm_close(s);
}

/* E is served with all who wait when D's death is seen, and so is F, who comes to run much later. */
static void cond_notify__one_runs_late_while_others_die__nothing_is_lost(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        early[3], later[2];

	make_waiters(r, early, N_OF(early));
	check_eq(kill(early[2], SIGSTOP), 0);
	lock(r);
	check_ok(ipc_cond_notify(&r->cond, &r->lock, 1));
	test_kill(early[0]); /* before it has the mutex */
	unlock(r);
	check_eq(test_wait(early[1]), 0);
	make_consumers(r, later, N_OF(later));
	lock(r);
	r->items = 1;
	check_ok(ipc_cond_notify(&r->cond, &r->lock, 1));
	test_kill(later[0]);
	unlock(r);
	check_eq(kill(early[2], SIGCONT), 0);
	check_eq(test_wait(early[2]), 0);
	check(wait_until(get(&r->items) == 0, 20));
	check_eq(test_wait(later[1]), 0);
	s = ipc_shm_close(s);
}

/* Who served all was killed before it had said so in all words: those who come go on from there. */
static void cond__killed_while_all_were_served__goes_on(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child;

	r->cond.served = UINT64_C(1) << 32;
	r->cond.tickets = 5;
	r->cond.left = 3;
	make_waiters(r, &child, 1);
	lock(r);
	check_ok(ipc_cond_notify(&r->cond, &r->lock, 1));
	unlock(r);
	check_eq(test_wait(child), 0);
	check_eq(r->cond.left, r->cond.served);
	check_eq(r->cond.left, r->cond.tickets);
	s = ipc_shm_close(s);
}

/* The two take turns on one condition: a notify that its sender could take itself would hang. */
static int take_turns(struct room *r, uint32_t mine, uint32_t others)
{
	lock(r);
	for (unsigned i = 0; i < test_rounds(5000); i++) {
		while (r->turn != mine)
			check_ok(ipc_cond_wait(&r->cond, &r->lock, IPC_SEC(30)));
		r->turn = others;
		check_ok(ipc_cond_notify(&r->cond, &r->lock, 1));
	}
	unlock(r);
	return 0;
}

static int take_other_turns(void *arg)
{
	return take_turns(arg, 1, 0);
}

static void cond__two_take_turns__no_notify_is_stolen(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child = test_fork(take_other_turns, r);

	(void)take_turns(r, 0, 1);
	check_eq(test_wait(child), 0);
	s = ipc_shm_close(s);
}

static int die_with_the_mutex(void *arg)
{
	struct room *r = arg;

	lock(r);
	check_ok(ipc_cond_notify(&r->cond, &r->lock, 1));
	_exit(0);
}

static int wait_for_the_dead(void *arg)
{
	struct room *r = arg;

	lock(r);
	(void)__atomic_fetch_add(&r->waiting, 1, __ATOMIC_ACQ_REL);
	check_r(ipc_cond_wait(&r->cond, &r->lock, IPC_SEC(30)), -EOWNERDEAD);
	unlock(r);
	return 0;
}

static void cond_wait__notified_by_one_who_died_with_the_mutex__is_eownerdead(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child = test_fork(wait_for_the_dead, r);

	check(wait_until(get(&r->waiting) == 1, 20));
	check_child(die_with_the_mutex, r);
	check_eq(test_wait(child), 0);
	s = ipc_shm_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cond__without_the_mutex__is_eperm, setup),
		cmocka_unit_test_setup(cond_notify__some_of_several__in_order_of_arrival, setup),
		cmocka_unit_test_setup(cond_notify__the_first_waiter_was_killed__another_goes,
				       setup),
		cmocka_unit_test_setup(cond_notify__one_before_gave_up__the_next_goes, setup),
		cmocka_unit_test_setup(cond_notify__some_in_the_middle_gave_up__nothing_is_lost,
				       setup),
		cmocka_unit_test_setup(cond_notify__the_first_two_were_killed__two_others_go,
				       setup),
		cmocka_unit_test_setup(cond_notify__one_runs_late_while_others_die__nothing_is_lost,
				       setup),
		cmocka_unit_test_setup(cond__killed_while_all_were_served__goes_on, setup),
		cmocka_unit_test_setup(cond__two_take_turns__no_notify_is_stolen, setup),
		cmocka_unit_test_setup(
			cond_wait__notified_by_one_who_died_with_the_mutex__is_eownerdead, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("cond", tests, NULL, NULL);
}
