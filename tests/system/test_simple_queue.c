/* The queue without options. */

#include "support/test.h"

#include <sys/wait.h>

#include <ipc/simple_queue.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static ipc_simple_queue *make(void)
{
	ipc_simple_queue *q = NULL;

	check_ok(ipc_simple_queue_create(&q));
	return q;
}

static void simple_queue__one_process__first_in_first_out(void **state)
{
	ipc_simple_queue *q = make();
	int               n;

	check_eq(ipc_simple_queue_empty(q), 1);
	for (int i = 0; i < 10000; i++)
		check_ok(ipc_simple_queue_put(q, &i, sizeof(i)));
	check_eq(ipc_simple_queue_empty(q), 0);
	for (int i = 0; i < 10000; i++) {
		check_r(ipc_simple_queue_get(q, &n, sizeof(n)), sizeof(n));
		check_eq(n, i);
	}
	check_eq(ipc_simple_queue_empty(q), 1);
	check_ok(ipc_simple_queue_put(q, NULL, 0));
	check_r(ipc_simple_queue_get(q, NULL, 0), 0);
	q = ipc_simple_queue_close(q);
	check(!q);
}

static void simple_queue_get__buffer_too_short__is_emsgsize_and_stays(void **state)
{
	ipc_simple_queue *q = make();
	char              buf[8];

	check_ok(ipc_simple_queue_put(q, "message", 7));
	check_r(ipc_simple_queue_get(q, buf, 6), -EMSGSIZE);
	check_eq(ipc_simple_queue_empty(q), 0);
	check_r(ipc_simple_queue_get(q, buf, 7), 7);
	check(!memcmp(buf, "message", 7));
	q = ipc_simple_queue_close(q);
}

static void simple_queue_calls__wrong__are_einval(void **state)
{
	ipc_simple_queue *q = make();
	char              c = 'x';

	check_r(ipc_simple_queue_create(NULL), -EINVAL);
	check_r(ipc_simple_queue_put(NULL, &c, 1), -EINVAL);
	check_r(ipc_simple_queue_get(NULL, &c, 1), -EINVAL);
	check_r(ipc_simple_queue_put(q, NULL, 1), -EINVAL);
	check_r(ipc_simple_queue_get(q, NULL, 1), -EINVAL);
	check(!ipc_simple_queue_close(NULL));
	q = ipc_simple_queue_close(q);
}

struct two {
	ipc_simple_queue *there, *back;
};

static int echo(void *arg)
{
	struct two *q = arg;
	char       *buf = malloc(1 << 20);
	ssize_t     n;

	check(buf);
	do {
		n = ipc_simple_queue_get(q->there, buf, 1 << 20);
		check(n >= 0);
		check_ok(ipc_simple_queue_put(q->back, buf, (size_t)n));
	} while (n > 0);
	free(buf);
	return 0;
}

static void simple_queue__between_processes__waits_and_arrives(void **state)
{
	static const size_t length[] = {1, 96, 97, 5000, 65536, 1 << 20};
	struct two          q = {.there = make(), .back = make()};
	pid_t               child = test_fork(echo, &q);
	char               *buf = malloc(1 << 20);

	check(buf);
	for (unsigned i = 0; i < 600; i++) {
		size_t len = length[i % N_OF(length)];

		test_pattern(buf, len, i);
		check_ok(ipc_simple_queue_put(q.there, buf, len));
		check_r(ipc_simple_queue_get(q.back, buf, 1 << 20), (long long)len);
		check(test_pattern_is(buf, len, i));
	}
	check_ok(ipc_simple_queue_put(q.there, NULL, 0));
	check_r(ipc_simple_queue_get(q.back, buf, 1 << 20), 0);
	check_eq(test_wait(child), 0);
	q.there = ipc_simple_queue_close(q.there);
	q.back = ipc_simple_queue_close(q.back);
	free(buf);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(simple_queue__one_process__first_in_first_out, setup),
		cmocka_unit_test_setup(simple_queue_get__buffer_too_short__is_emsgsize_and_stays,
				       setup),
		cmocka_unit_test_setup(simple_queue_calls__wrong__are_einval, setup),
		cmocka_unit_test_setup(simple_queue__between_processes__waits_and_arrives, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("simple_queue", tests, NULL, NULL);
}
