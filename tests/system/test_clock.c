/*
 * Somebody sets the clock while calls wait: their time limits are none of its business.
 *
 * The clock that people set is made to jump by an hour, forth and back, at each look: for
 * the library, and for this program, alone. clock_gettime() of the program goes before the
 * C library's.
 */

#include "support/test.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include <ipc/conn.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/sync.h>
#include <ipc/wait.h>

#define HOUR_S   3600
#define SHORT_NS IPC_MSEC(60)

static atomic_uint n_looks; /* at the clock that jumps */

int clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		t->tv_sec += atomic_fetch_add(&n_looks, 1) % 2 ? -HOUR_S : HOUR_S;
	return r;
}

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	(void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* Neither before its time, nor an hour after it: that is the program's deadline. */
#define CHECK_TIMES_OUT(call)                                        \
	do {                                                         \
		uint64_t began = monotonic_ns();                     \
                                                                     \
		check_r(call, -ETIMEDOUT);                           \
		check(monotonic_ns() - began >= (uint64_t)SHORT_NS); \
	} while (0)

static void channels__clock_is_set__limits_stay_what_they_are(void **state)
{
	ipc_queue *q;
	ipc_conn  *end[2];
	char       c = 0;

	check_ok(ipc_queue_create(
		&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 1, .flags = IPC_QUEUE_JOINABLE)));
	check_ok(ipc_pipe(end, NULL));
	CHECK_TIMES_OUT(ipc_queue_get(q, &c, 1, SHORT_NS));
	check_ok(ipc_queue_put(q, &c, 1, SHORT_NS));
	CHECK_TIMES_OUT(ipc_queue_put(q, &c, 1, SHORT_NS));
	CHECK_TIMES_OUT(ipc_queue_join(q, SHORT_NS));
	CHECK_TIMES_OUT(ipc_conn_recv(end[0], &c, 1, SHORT_NS));
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	q = ipc_queue_close(q);
}

static void waiting__clock_is_set__limits_stay_what_they_are(void **state)
{
	ipc_queue      *q;
	struct ipc_item item;
	uint64_t        began;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	item = (struct ipc_item)IPC_ITEM_QUEUE(q, IPC_READ);
	began = monotonic_ns();
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, SHORT_NS), 0);
	check(monotonic_ns() - began >= (uint64_t)SHORT_NS);
	q = ipc_queue_close(q);
}

static int sleep_on(void *arg)
{
	(void)pause();
	return 0;
}

static void join__clock_is_set__limits_stay_what_they_are(void **state)
{
	ipc_proc *child;

	check_ok(ipc_spawn(&child, sleep_on, NULL, NULL));
	CHECK_TIMES_OUT(ipc_proc_join(child, SHORT_NS, NULL));
	check_ok(ipc_proc_kill(child, SIGKILL));
	check_ok(ipc_proc_join(child, IPC_FOREVER, NULL));
	child = ipc_proc_close(child);
}

static int lock_it(void *arg)
{
	CHECK_TIMES_OUT(ipc_mutex_lock(arg, SHORT_NS));
	return 0;
}

static void locks__clock_is_set__limits_stay_what_they_are(void **state)
{
	ipc_sem   *sem;
	ipc_event *event;
	ipc_mutex *mutex;

	check_ok(ipc_sem_create(&sem, NULL, 0, 0));
	check_ok(ipc_event_create(&event, NULL));
	check_ok(ipc_mutex_create(&mutex, NULL));
	CHECK_TIMES_OUT(ipc_sem_wait(sem, SHORT_NS));
	CHECK_TIMES_OUT(ipc_event_wait(event, SHORT_NS));
	check_ok(ipc_mutex_lock(mutex, IPC_FOREVER));
	check_child(lock_it, mutex);
	check_ok(ipc_mutex_unlock(mutex));
	sem = ipc_sem_close(sem);
	event = ipc_event_close(event);
	mutex = ipc_mutex_close(mutex);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(channels__clock_is_set__limits_stay_what_they_are),
		cmocka_unit_test(waiting__clock_is_set__limits_stay_what_they_are),
		cmocka_unit_test(join__clock_is_set__limits_stay_what_they_are),
		cmocka_unit_test(locks__clock_is_set__limits_stay_what_they_are),
	};

	test_deadline(60);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
