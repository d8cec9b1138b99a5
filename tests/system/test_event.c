/* Unset until set: everybody passes, also from a signal handler, also if it is cleared at once. */

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
	ipc_event go, back;
	uint32_t  passes;
};

static struct room *make_room(ipc_shm **ret)
{
	check_ok(ipc_shm_create(ret, NULL, sizeof(struct room)));
	return ipc_shm_data(*ret);
}

static void event__zeroed_memory__is_unset(void **state)
{
	ipc_event e = {0};

	check_eq(ipc_event_is_set(&e), 0);
	check_r(ipc_event_wait(&e, IPC_NOW), -EAGAIN);
	check_r(ipc_event_wait(&e, IPC_MSEC(30)), -ETIMEDOUT);
	check_ok(ipc_event_set(&e));
	check_ok(ipc_event_set(&e));
	check_eq(ipc_event_is_set(&e), 1);
	check_ok(ipc_event_wait(&e, IPC_NOW));
	check_ok(ipc_event_wait(&e, IPC_FOREVER));
	check_ok(ipc_event_clear(&e));
	check_r(ipc_event_wait(&e, IPC_NOW), -EAGAIN);
	check_r(ipc_event_set(NULL), -EINVAL);
	check_r(ipc_event_wait(NULL, IPC_NOW), -EINVAL);
}

static int wait_for_go(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_event_wait(&r->go, IPC_SEC(30)));
	(void)__atomic_fetch_add(&r->passes, 1, __ATOMIC_ACQ_REL);
	return 0;
}

static void event_set__cleared_at_once__all_who_waited_pass(void **state)
{
	for (int round = 0; round < 10; round++) {
		ipc_shm     *s;
		struct room *r = make_room(&s);
		pid_t        child[4];

		for (size_t i = 0; i < N_OF(child); i++)
			child[i] = test_fork(wait_for_go, r);
		for (size_t i = 0; i < N_OF(child); i++)
			check(wait_until(test_asleep(child[i]), 20));
		check_ok(ipc_event_set(&r->go));
		check_ok(ipc_event_clear(&r->go));
		for (size_t i = 0; i < N_OF(child); i++)
			check_eq(test_wait(child[i]), 0);
		check_eq(r->passes, N_OF(child));
		s = ipc_shm_close(s);
	}
}

static void event_set__some_waiters_were_killed__the_others_pass(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child[4];

	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(wait_for_go, r);
	for (size_t i = 0; i < N_OF(child); i++)
		check(wait_until(test_asleep(child[i]), 20));
	test_kill(child[0]);
	test_kill(child[2]);
	check_ok(ipc_event_set(&r->go));
	check_eq(test_wait(child[1]), 0);
	check_eq(test_wait(child[3]), 0);
	s = ipc_shm_close(s);
}

static struct room *of_handler;

static void set_in_handler(int sig)
{
	(void)sig;
	errno = 123;
	(void)ipc_event_set(&of_handler->back);
	if (errno != 123)
		_exit(TEST_FAILED);
}

static int set_when_signalled(void *arg)
{
	struct room *r = arg;

	of_handler = r;
	(void)signal(SIGUSR1, set_in_handler);
	check_ok(ipc_event_set(&r->go));
	for (unsigned i = 0; i < test_rounds(1000); i++) { /* interrupted anywhere in these */
		check_ok(ipc_event_wait(&r->back, IPC_SEC(30)));
		check_ok(ipc_event_clear(&r->back));
		check_ok(ipc_event_set(&r->go));
	}
	return 0;
}

static void event_set__in_a_signal_handler__wakes(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child = test_fork(set_when_signalled, r);

	for (unsigned i = 0; i < test_rounds(1000); i++) {
		check_ok(ipc_event_wait(&r->go, IPC_SEC(30)));
		check_ok(ipc_event_clear(&r->go));
		(void)kill(child, SIGUSR1);
	}
	check_eq(test_wait(child), 0);
	s = ipc_shm_close(s);
}

static int answer(void *arg)
{
	struct room *r = arg;

	for (unsigned i = 0; i < test_rounds(20000); i++) {
		check_ok(ipc_event_wait(&r->go, IPC_SEC(30)));
		check_ok(ipc_event_clear(&r->go));
		check_ok(ipc_event_set(&r->back));
	}
	return 0;
}

static void event__ping_pong__no_wake_up_is_lost(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child = test_fork(answer, r);

	for (unsigned i = 0; i < test_rounds(20000); i++) {
		check_ok(ipc_event_set(&r->go));
		check_ok(ipc_event_wait(&r->back, IPC_SEC(30)));
		check_ok(ipc_event_clear(&r->back));
	}
	check_eq(test_wait(child), 0);
	s = ipc_shm_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(event__zeroed_memory__is_unset, setup),
		cmocka_unit_test_setup(event_set__cleared_at_once__all_who_waited_pass, setup),
		cmocka_unit_test_setup(event_set__some_waiters_were_killed__the_others_pass, setup),
		cmocka_unit_test_setup(event_set__in_a_signal_handler__wakes, setup),
		cmocka_unit_test_setup(event__ping_pong__no_wake_up_is_lost, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
