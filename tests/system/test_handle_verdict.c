/*
 * Handles on their way, and who waits for what their receiver could send.
 *
 * A handle in a message may come to anybody, so who waits for the other end is in no verdict;
 * not even if all who could take that message sleep for good. Once none of them is left, the
 * handle is closed, and the waiter hears of it.
 */

#include "support/test.h"

#include <ipc/handle.h>
#include <ipc/observe.h>

#define SOON IPC_SEC(20)

/* The waiter holds .way[0], the taker .road[1]; .way[1] lies in the road, sent by .road[0]. */
static struct stage {
	ipc_conn *way[2], *road[2], *back[2];
} s;

static void close_pair(ipc_conn *pair[2])
{
	for (int i = 0; i < 2; i++)
		pair[i] = ipc_conn_close(pair[i]);
}

static int setup(void **state)
{
	struct ipc_handle h;

	test_deadline(60);
	check_ok(ipc_pipe(s.way, NULL));
	check_ok(ipc_pipe(s.road, NULL));
	check_ok(ipc_pipe(s.back, NULL));
	h = (struct ipc_handle)IPC_HANDLE_CONN(s.way[1]);
	check_ok(ipc_conn_send_handle(s.road[0], NULL, 0, &h, SOON));
	return 0;
}

/* This process stays in its domain, so both cases share one. */
static int group_setup(void **state)
{
	test_new_ipc_dir();
	return 0;
}

static int waiter(void *arg)
{
	char c;

	close_pair(s.road);
	s.way[1] = ipc_conn_close(s.way[1]);
	s.back[0] = ipc_conn_close(s.back[0]);
	return ipc_conn_recv(s.way[0], &c, 1, IPC_FOREVER) == -EPIPE ? 0 : 1;
}

/* Does not take it: it waits for what only the waiter could send. */
static int taker(void *arg)
{
	char c;

	close_pair(s.way);
	s.road[0] = ipc_conn_close(s.road[0]);
	s.back[1] = ipc_conn_close(s.back[1]);
	return ipc_conn_recv(s.back[0], &c, 1, IPC_FOREVER) == -EPIPE ? 0 : 1;
}

/* Takes it, and then waits for what only the waiter could send. */
static int taker_at_last(void *arg)
{
	struct ipc_handle h;

	close_pair(s.way);
	s.road[0] = ipc_conn_close(s.road[0]);
	s.back[1] = ipc_conn_close(s.back[1]);
	check_ok(ipc_conn_recv_handle(s.road[1], NULL, 0, &h, SOON));
	check_eq(h.kind, IPC_HANDLE_IS_CONN);
	return ipc_conn_recv(s.back[0], &(char){0}, 1, IPC_FOREVER) == -EPIPE ? 0 : 1;
}

/* Do so many wait? And how many verdicts are there? */
static bool all_wait(ipc_observer *o, size_t n, size_t *ret_verdicts)
{
	const struct ipc_snapshot *snap;

	check_ok(ipc_observer_read(o, &snap));
	*ret_verdicts = snap->n_verdicts;
	return snap->n_waits == n;
}

static ipc_observer *play(int (*fn)(void *arg), pid_t *ret_waiter, pid_t *ret_taker)
{
	ipc_observer *o;

	*ret_waiter = test_fork(waiter, NULL);
	*ret_taker = test_fork(fn, NULL);
	close_pair(s.way);
	close_pair(s.road);
	close_pair(s.back);
	check_ok(ipc_observer_open(&o, NULL));
	return o;
}

static void in_flight__nobody_will_take_it__is_nothing_and_ends_with_the_taker(void **state)
{
	pid_t         w, t;
	size_t        n_verdicts;
	ipc_observer *o = play(taker, &w, &t);

	check(wait_until(all_wait(o, 2, &n_verdicts), 20));
	for (int i = 0; i < 50; i++) {
		(void)all_wait(o, 2, &n_verdicts);
		check_eq(n_verdicts, 0);
		test_pause();
	}
	test_kill(t);
	check_eq(test_wait(w), 0); /* end of file */
	o = ipc_observer_close(o);
}

static void in_flight__taken_by_one_who_waits_as_well__is_deadlock(void **state)
{
	pid_t         w, t;
	size_t        n_verdicts;
	ipc_observer *o = play(taker_at_last, &w, &t);

	check(wait_until(all_wait(o, 2, &n_verdicts) && n_verdicts == 1, 20));
	test_kill(t);
	check_eq(test_wait(w), 0);
	o = ipc_observer_close(o);
}

int main(int argc, char **argv)
{
#ifdef __SANITIZE_THREAD__
	puts("skipped: ThreadSanitizer's own thread is one that the library does not know");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			in_flight__nobody_will_take_it__is_nothing_and_ends_with_the_taker, setup),
		cmocka_unit_test_setup(in_flight__taken_by_one_who_waits_as_well__is_deadlock,
				       setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("handle_verdict", tests, group_setup, NULL);
}
