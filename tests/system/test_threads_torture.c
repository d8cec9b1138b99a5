/*
 * The threads of one process on one channel, every message accounted for: rows A25, B12, B13. The
 * short version of `make torture`.
 *
 * test-limit: 240
 */

#include "support/test.h"

#include "support/torture.h"

static void queue__20_to_20_bounded__exactly_once_in_order(void **state)
{
	torture_run(&(struct torture){.threads = true,
				      .channel = TORTURE_QUEUE,
				      .capacity = 1000,
				      .n_senders = 20,
				      .n_receivers = 20,
				      .n_messages = test_rounds(200000),
				      .largest = 1 << 20,
				      .patience = 30});
}

static void queue__20_to_20_bounded_by_one__exactly_once_in_order(void **state)
{
	torture_run(&(struct torture){.threads = true,
				      .channel = TORTURE_QUEUE,
				      .capacity = 1,
				      .n_senders = 20,
				      .n_receivers = 20,
				      .n_messages = test_rounds(10000),
				      .largest = 1 << 20,
				      .patience = 30});
}

static void queue__20_to_20_unlimited__exactly_once_in_order(void **state)
{
	torture_run(&(struct torture){.threads = true,
				      .channel = TORTURE_QUEUE,
				      .n_senders = 20,
				      .n_receivers = 20,
				      .n_messages = test_rounds(200000),
				      .largest = 1 << 20,
				      .patience = 30});
}

static void joinable__20_to_20__all_settled_exactly_once(void **state)
{
	torture_run(&(struct torture){.threads = true,
				      .channel = TORTURE_JOINABLE,
				      .capacity = 50,
				      .n_senders = 20,
				      .n_receivers = 20,
				      .n_messages = test_rounds(100000),
				      .largest = 1 << 20,
				      .patience = 30});
}

static void queue__20_to_1__exactly_once_in_order(void **state)
{
	torture_run(&(struct torture){.threads = true,
				      .channel = TORTURE_QUEUE,
				      .capacity = 64,
				      .n_senders = 20,
				      .n_receivers = 1,
				      .n_messages = test_rounds(100000),
				      .largest = 1 << 20,
				      .patience = 30});
}

static void queue__1_to_20__exactly_once_in_order(void **state)
{
	torture_run(&(struct torture){.threads = true,
				      .channel = TORTURE_QUEUE,
				      .capacity = 64,
				      .n_senders = 1,
				      .n_receivers = 20,
				      .n_messages = test_rounds(100000),
				      .largest = 8 << 20,
				      .patience = 30});
}

static void pipe__1_to_1__exactly_once_in_order(void **state)
{
	torture_run(&(struct torture){.threads = true,
				      .channel = TORTURE_PIPE,
				      .n_senders = 1,
				      .n_receivers = 1,
				      .n_messages = test_rounds(400000),
				      .largest = 8 << 20,
				      .patience = 30});
}

static void pipe__5_to_5__exactly_once_in_order(void **state)
{
	torture_run(&(struct torture){.threads = true,
				      .channel = TORTURE_PIPE,
				      .capacity = 8,
				      .n_senders = 5,
				      .n_receivers = 5,
				      .n_messages = test_rounds(100000),
				      .largest = 1 << 20,
				      .patience = 30});
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue__20_to_20_bounded__exactly_once_in_order),
		cmocka_unit_test(queue__20_to_20_bounded_by_one__exactly_once_in_order),
		cmocka_unit_test(queue__20_to_20_unlimited__exactly_once_in_order),
		cmocka_unit_test(joinable__20_to_20__all_settled_exactly_once),
		cmocka_unit_test(queue__20_to_1__exactly_once_in_order),
		cmocka_unit_test(queue__1_to_20__exactly_once_in_order),
		cmocka_unit_test(pipe__1_to_1__exactly_once_in_order),
		cmocka_unit_test(pipe__5_to_5__exactly_once_in_order),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("threads_torture", tests, NULL, NULL);
}
