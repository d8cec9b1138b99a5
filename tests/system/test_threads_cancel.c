/*
 * A thread that is cancelled while it is asleep in a call ends after the call has
 * returned, and not in it; signals end no call either. For every call that sleeps.
 *
 * test-limit: 180
 */

#include "support/test.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include <ipc/observe.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <ipc/wait.h>

struct stage {
	ipc_queue              *q, *full, *tasks;
	ipc_conn               *end[2], *adopted;
	ipc_mutex               m;
	int                     fds[2];
	volatile int64_t        result; /* of the call that was slept in */
	volatile pid_t          tid;
	const struct call_case *call;
};

struct call_case {
	const char *name;
	int64_t (*sleep)(struct stage *s); /* what the thread does */
	void (*wake)(struct stage *s);     /* what lets it return, */
	int64_t result;                    /* with this */
};

static char c;

static int64_t get(struct stage *s)
{
	return ipc_queue_get(s->q, &c, 1, IPC_FOREVER);
}

static void put_one(struct stage *s)
{
	check_ok(ipc_queue_put(s->q, "x", 1, IPC_NOW));
}

static int64_t put(struct stage *s)
{
	return ipc_queue_put(s->full, "y", 1, IPC_FOREVER);
}

static void get_one(struct stage *s)
{
	check_r(ipc_queue_get(s->full, &c, 1, IPC_NOW), 1);
}

static int64_t recv_one(struct stage *s)
{
	return ipc_conn_recv(s->end[0], &c, 1, IPC_FOREVER);
}

static int64_t poll_one(struct stage *s)
{
	return ipc_conn_poll(s->end[0], IPC_FOREVER);
}

static void send_one(struct stage *s)
{
	check_ok(ipc_conn_send(s->end[1], "x", 1, IPC_NOW));
}

static int64_t join(struct stage *s)
{
	return ipc_queue_join(s->tasks, IPC_FOREVER);
}

static void finish(struct stage *s)
{
	check_r(ipc_queue_get(s->tasks, &c, 1, IPC_NOW), 1);
	check_ok(ipc_queue_task_done(s->tasks));
}

static int64_t lock(struct stage *s)
{
	int r = ipc_mutex_lock(&s->m, IPC_FOREVER);

	if (r == 0)
		(void)ipc_mutex_unlock(&s->m);
	return r;
}

static void unlock(struct stage *s)
{
	check_ok(ipc_mutex_unlock(&s->m));
}

static int64_t recv_adopted(struct stage *s)
{
	return ipc_conn_recv(s->adopted, &c, 1, IPC_FOREVER);
}

static void write_message(struct stage *s)
{
	check_eq(write(s->fds[1], "\0\0\0\1x", 5), 5);
}

static int64_t wait_for_rings(struct stage *s)
{
	struct ipc_item items[] = {IPC_ITEM_QUEUE(s->q, IPC_READ),
				   IPC_ITEM_CONN(s->end[0], IPC_READ)};

	return ipc_wait(items, 2, IPC_WAIT_ANY, IPC_FOREVER);
}

static int64_t wait_for_all_kinds(struct stage *s)
{
	struct ipc_item items[] = {IPC_ITEM_QUEUE(s->q, IPC_READ), IPC_ITEM_FD(s->fds[0], POLLIN)};

	return ipc_wait(items, 2, IPC_WAIT_ANY, IPC_FOREVER);
}

static const struct call_case calls[] = {
	{"get", get, put_one, 1},
	{"put", put, get_one, 0},
	{"recv", recv_one, send_one, 1},
	{"poll", poll_one, send_one, 1},
	{"join", join, finish, 0},
	{"lock", lock, unlock, 0},
	{"recv of a descriptor", recv_adopted, write_message, 1},
	{"wait for rings", wait_for_rings, send_one, 1},
	{"wait for all kinds", wait_for_all_kinds, put_one, 1},
};

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static void stage_set(struct stage *s, const struct call_case *call)
{
	memset(s, 0, sizeof(*s));
	s->call = call;
	s->result = INT64_MIN;
	check_ok(ipc_queue_create(&s->q, NULL, NULL));
	check_ok(ipc_queue_create(&s->full, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 1)));
	check_ok(ipc_queue_put(s->full, "x", 1, IPC_NOW));
	check_ok(ipc_queue_create(&s->tasks, NULL,
				  IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE)));
	check_ok(ipc_queue_put(s->tasks, "x", 1, IPC_NOW));
	check_ok(ipc_pipe(s->end, NULL));
	check_eq(pipe(s->fds), 0);
	check_ok(ipc_conn_from_fd(&s->adopted, dup(s->fds[0]), NULL));
	check_ok(ipc_mutex_lock(&s->m, IPC_NOW));
}

static void stage_clear(struct stage *s)
{
	(void)ipc_mutex_unlock(&s->m);
	s->q = ipc_queue_close(s->q);
	s->full = ipc_queue_close(s->full);
	s->tasks = ipc_queue_close(s->tasks);
	s->end[0] = ipc_conn_close(s->end[0]);
	s->end[1] = ipc_conn_close(s->end[1]);
	s->adopted = ipc_conn_close(s->adopted);
	(void)close(s->fds[0]);
	(void)close(s->fds[1]);
}

static void *sleeper(void *arg)
{
	struct stage *s = arg;

	s->tid = (pid_t)syscall(SYS_gettid);
	s->result = s->call->sleep(s);
	for (;;)
		pthread_testcancel(); /* here it may end */
	return NULL;
}

static size_t n_asleep(void)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	size_t                     n;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	n = s->n_waits;
	o = ipc_observer_close(o);
	return n;
}

static void call__thread_cancelled_asleep__returns_first(void **state)
{
	for (size_t i = 0; i < N_OF(calls); i++) {
		struct stage s;
		pthread_t    t;
		void        *ended;

		stage_set(&s, &calls[i]);
		t = test_thread(sleeper, &s);
		if (!wait_until(n_asleep() == 1, 20))
			test_fail("%s does not sleep", calls[i].name);
		check_eq(pthread_cancel(t), 0);
		check_eq(n_asleep(), 1); /* it does not mind */
		calls[i].wake(&s);
		check_eq(pthread_join(t, &ended), 0);
		check(ended == PTHREAD_CANCELED);
		if (s.result != calls[i].result)
			test_fail("%s: %lld", calls[i].name, (long long)s.result);
		check_eq(n_asleep(), 0);
		stage_clear(&s);
	}
}

/* ---- signals ----------------------------------------------------------------------------------- */

static void ignore(int sig)
{
	(void)sig;
}

static void *sleeper_once(void *arg)
{
	struct stage *s = arg;

	s->tid = (pid_t)syscall(SYS_gettid);
	__atomic_store_n(&s->result, s->call->sleep(s), __ATOMIC_RELEASE);
	return NULL;
}

static void call__storm_of_signals__goes_on_waiting(void **state)
{
	struct sigaction act = {.sa_handler = ignore}; /* without SA_RESTART */

	check_eq(sigaction(SIGUSR1, &act, NULL), 0);
	for (size_t i = 0; i < N_OF(calls); i++) {
		struct stage s;
		pthread_t    t;

		stage_set(&s, &calls[i]);
		t = test_thread(sleeper_once, &s);
		check(wait_until(n_asleep() == 1, 20));
		for (int k = 0; k < 100; k++) {
			check_eq(pthread_kill(t, SIGUSR1), 0);
			if (k % 10 == 0)
				test_pause();
		}
		check_eq(__atomic_load_n(&s.result, __ATOMIC_ACQUIRE), INT64_MIN);
		calls[i].wake(&s);
		test_join_thread(t);
		if (s.result != calls[i].result)
			test_fail("%s: %lld", calls[i].name, (long long)s.result);
		stage_clear(&s);
	}
}

/* ---- calls that do not sleep --------------------------------------------------------------------- */

static void *makes_and_closes(void *arg)
{
	int *n = arg;

	for (;;) {
		ipc_conn *end[2];
		char     *big = malloc(100000);
		int       old;

		check(big);
		memset(big, 'x', 100000);
		check_ok(ipc_pipe(end, NULL));
		check_ok(ipc_conn_send(end[0], big, 100000, IPC_NOW));
		check_r(ipc_conn_recv(end[1], big, 100000, IPC_NOW), 100000);
		(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
		check_eq(old, PTHREAD_CANCEL_ENABLE); /* the calls gave it back */
		end[0] = ipc_conn_close(end[0]);
		end[1] = ipc_conn_close(end[1]);
		free(big);
		(void)__atomic_add_fetch(n, 1, __ATOMIC_RELAXED);
		(void)pthread_setcancelstate(old, NULL);
		pthread_testcancel();
	}
	return NULL;
}

/* Nothing stays locked, and no handle half made, wherever the cancellation strikes. */
static void call__thread_cancelled_at_any_time__leaves_nothing_locked(void **state)
{
	uint32_t seed = 3;

	for (unsigned i = 0; i < test_rounds(100); i++) {
		int        n = 0;
		pthread_t  t = test_thread(makes_and_closes, &n);
		ipc_queue *q;
		void      *ended;

		check(wait_until(__atomic_load_n(&n, __ATOMIC_RELAXED) > 0, 20));
		test_burn(test_random(&seed) % 500);
		check_eq(pthread_cancel(t), 0);
		check_eq(pthread_join(t, &ended), 0);
		check(ended == PTHREAD_CANCELED);
		check_ok(ipc_queue_create(&q, NULL, NULL));
		q = ipc_queue_close(q);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(call__thread_cancelled_asleep__returns_first, setup),
		cmocka_unit_test_setup(call__storm_of_signals__goes_on_waiting, setup),
		cmocka_unit_test_setup(call__thread_cancelled_at_any_time__leaves_nothing_locked,
				       setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("threads_cancel", tests, NULL, NULL);
}
