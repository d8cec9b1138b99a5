/*
 * test_wait.c - asleep on an event whose waker does not see the sleeper
 *
 * Where a core was passed over by the kernel's fence (base/fence.h), its change of the
 * condition is seen a moment after the sleeper looked, and nobody wakes it.
 */

#include "support/test.h"

#include <ipc/queue.h>

#include "base/fence.h"
#include "ring/event.h"
#include "runtime/wait.h"

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wait_more__nobody_wakes__looks_again_long_before_a_slice_is_over),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
