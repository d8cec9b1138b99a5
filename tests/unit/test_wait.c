/* test_wait.c - whether who waits sleeps, and for how long */

#include "support/test.h"

#include <ipc/queue.h>

#include "base/fence.h"
#include "ring/event.h"
#include "runtime/wait.h"

/*
 * Where a core was passed over by the kernel's fence (base/fence.h), its change of the condition is
 * seen a moment after the sleeper looked, and nobody wakes it.
 */
struct late {
	struct event event;
	unsigned     looks; /* the condition comes true behind the first */
};

static bool not_yet(void *arg)
{
	(void)arg;
	return false;
}

static bool a_moment_later(void *arg)
{
	struct late *l = arg;

	return l->looks++ > 0;
}

static void wait_more__nobody_wakes__looks_again_long_before_a_slice_is_over(void **state)
{
	static const uint64_t asymmetric;
	struct late           l = {0};
	struct wait           w = {.event = &l.event,
				   .item = {.op = OP_FD},
				   .timeout = IPC_FOREVER,
				   .arg = &l,
				   .glance = not_yet,
				   .ready = a_moment_later,
				   .lost = not_yet};
	ipc_queue            *q;

	(void)state;
	test_deadline(30);
	check_ok(ipc_queue_create(&q, NULL, NULL)); /* so that this is a process of a domain */
	fence_symmetric = &asymmetric;
	check_ok(wait_begin(&w));
	w.look_ns += UINT64_C(3600000000000); /* a slice that is longer than the test's deadline */
	check_ok(wait_more(&w));
	wait_end(&w, 0);
	check_eq(l.looks, 2);
	check(!w.woken);
	q = ipc_queue_close(q);
}

/* To look at a large heap, or on a slow machine, takes longer than a slice. */
struct large {
	struct event event;
	unsigned     looks;
	bool         ready;
};

static bool large_is_ready(void *arg)
{
	return load_acquire(&((struct large *)arg)->ready);
}

static bool large_is_lost(void *arg)
{
	struct large *l = arg;
	uint64_t      until = test_now() + WAIT_SLICE_NS + WAIT_SLICE_NS / 10;

	while (test_now() < until)
		;
	(void)fetch_add(&l->looks, 1u);
	return false;
}

static int wait_for_large(void *arg)
{
	struct large *l = arg;
	struct wait   w = {.event = &l->event,
			   .item = {.op = OP_FD},
			   .timeout = IPC_FOREVER,
			   .arg = l,
			   .ready = large_is_ready,
			   .lost = large_is_lost,
			   .looked = true};

	check_ok(wait_more(&w));
	wait_end(&w, 0);
	return 0;
}

static void wait_more__a_look_takes_longer_than_a_slice__sleeps_in_between(void **state)
{
	struct large *l = test_shared(sizeof(*l));
	ipc_queue    *q;
	pid_t         pid;

	(void)state;
	test_deadline(30);
	check_ok(ipc_queue_create(&q, NULL, NULL)); /* so that the child is in a domain */
	pid = test_fork(wait_for_large, l);
	check(wait_until(load_acquire(&l->looks) > 1 && test_stays_asleep(pid, 20), 10));
	store_release(&l->ready, true);
	event_wake(&l->event, 1);
	check_eq(test_wait(pid), 0);
	q = ipc_queue_close(q);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wait_more__nobody_wakes__looks_again_long_before_a_slice_is_over),
		cmocka_unit_test(wait_more__a_look_takes_longer_than_a_slice__sleeps_in_between),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
