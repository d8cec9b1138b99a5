/*
 * test_busy.c - a writer died between claim and publish, and the others go on
 *
 * They put behind the slot it left and wake the reader every time. The reader must still
 * find out about the dead, though none of its sleeps lasts a slice.
 */

#include "support/test.h"

#include <signal.h>
#include <unistd.h>

#include <ipc/queue.h>

#include "object/queue.h"
#include "runtime/thread.h"

/* Puts one message, claims the next position, and is gone. */
static int claim_and_die(void *arg)
{
	ipc_queue         *q = arg;
	struct lane       *l = &q->c.lane[0];
	struct ring_view   v;
	struct thread_rec *self = NULL;
	uint64_t           head_seen = 0, pos;

	check_ok(ipc_queue_put(q, "first", 5, IPC_NOW));
	check_ok(thread_self(&self));
	l->ctl->put_owner = SIDE_SHARED; /* claim as among others */
	check(lane_view_copy(&l->put, &v));
	check_eq(ring_reserve(l->ctl, &v, &self->intent, (uint64_t)q->c.h.object << 8 | INTENT_PUT,
			      q->c.h.object_ref, &head_seen, &pos),
		 RING_OK);
	return raise(SIGKILL);
}

/* Often enough that nobody sleeps for a slice. */
static int put_often(void *arg)
{
	test_deadline(30);
	while (ipc_queue_put(arg, "later", 5, IPC_FOREVER) == 0)
		(void)usleep(2000);
	return 1;
}

static void queue_get__behind_a_dead_writer_while_others_put__goes_on(void **state)
{
	ipc_queue *q;
	char       buf[8];
	pid_t      writer;

	(void)state;
	test_deadline(30);
	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_eq(test_wait(test_fork(claim_and_die, q)), -SIGKILL);
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), 5);
	writer = test_fork(put_often, q);
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_FOREVER), 5); /* else the deadline */
	assert_memory_equal(buf, "later", 5);
	check_eq(q->c.lane[0].ctl->abandoned, 1);
	test_kill(writer);
	q = ipc_queue_close(q);
	(void)alarm(0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_get__behind_a_dead_writer_while_others_put__goes_on),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("busy", tests, NULL, NULL);
}
