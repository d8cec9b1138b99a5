/* Numbers that several processes change: none is lost, none wraps around, none is torn. */

#include "support/test.h"

#include <ipc/shm.h>
#include <ipc/value.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

struct room {
	ipc_value n, bounded, wide;
	ipc_real  real;
	uint64_t  items[16];
};

static struct room *make_room(ipc_shm **ret)
{
	check_ok(ipc_shm_create(ret, NULL, sizeof(struct room)));
	return ipc_shm_data(*ret);
}

static void value__zeroed_memory__is_any_number(void **state)
{
	ipc_value v = {0};
	int64_t   is;

	check_eq(ipc_value_get(&v), 0);
	check_ok(ipc_value_set(&v, INT64_MIN));
	check_r(ipc_value_add(&v, -1, NULL), -ERANGE);
	check_eq(ipc_value_get(&v), INT64_MIN);
	check_ok(ipc_value_set(&v, INT64_MAX));
	check_r(ipc_value_add(&v, 1, &is), -ERANGE);
	check_ok(ipc_value_add(&v, -7, &is));
	check_eq(is, INT64_MAX - 7);
	check_r(ipc_value_set(NULL, 1), -EINVAL);
}

static void value__out_of_its_range__is_erange_and_unchanged(void **state)
{
	ipc_value v;
	int64_t   was = 5;

	check_ok(ipc_value_init(&v, 5, IPC_RANGE_INT32));
	check_r(ipc_value_set(&v, INT64_C(1) << 40), -ERANGE);
	check_r(ipc_value_add(&v, INT32_MAX, NULL), -ERANGE);
	check_r(ipc_value_exchange(&v, &was, INT64_C(1) << 40), -ERANGE);
	check_eq(ipc_value_get(&v), 5);
	check_r(ipc_value_init(&v, 256, IPC_RANGE_UINT8), -ERANGE);
	check_r(ipc_value_init(&v, 0, 2, 1), -EINVAL);
	check_r(ipc_value_init(&v, 0, 0, 0), -EINVAL);
	check_ok(ipc_value_init(&v, 255, IPC_RANGE_UINT8));
	check_r(ipc_value_add(&v, 1, NULL), -ERANGE);
	check_r(ipc_value_add(&v, -256, NULL), -ERANGE);
}

static void value_exchange__not_what_was_expected__tells_what_it_is(void **state)
{
	ipc_value v = {0};
	int64_t   expected = 3;

	check_eq(ipc_value_exchange(&v, &expected, 9), 0);
	check_eq(expected, 0);
	check_eq(ipc_value_exchange(&v, &expected, 9), 1);
	check_eq(ipc_value_get(&v), 9);
	check_r(ipc_value_exchange(&v, NULL, 9), -EINVAL);
}

static int add_often(void *arg)
{
	struct room *r = arg;
	ipc_array   *a = (void *)r->items;

	for (unsigned i = 0; i < test_rounds(20000); i++) {
		check_ok(ipc_value_add(&r->n, 1, NULL));
		check_ok(ipc_real_add(&r->real, 0.5, NULL));
		check_ok(ipc_array_add(a, i % 4, 1, NULL));
		(void)!ipc_value_add(&r->bounded, 1, NULL);
		check(ipc_value_get(&r->bounded) <= 1000);
	}
	return 0;
}

static void value_add__four_processes__nothing_is_lost(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	ipc_array   *a = (void *)r->items;
	pid_t        child[4];
	int64_t      sum = 0, item;

	check_ok(ipc_value_init(&r->bounded, 0, 0, 1000));
	check_ok(ipc_array_init(a, 4, IPC_RANGE_INT32));
	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(add_often, r);
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(ipc_value_get(&r->n), 4 * test_rounds(20000));
	check_eq(ipc_real_get(&r->real) * 2, 4 * test_rounds(20000));
	check_eq(ipc_value_get(&r->bounded), 1000);
	for (size_t i = 0; i < ipc_array_len(a); i++) {
		check_ok(ipc_array_get(a, i, &item));
		sum += item;
	}
	check_eq(sum, 4 * test_rounds(20000));
	s = ipc_shm_close(s);
}

static int set_one_of_two(void *arg)
{
	struct room *r = arg;

	for (unsigned i = 0; i < test_rounds(100000); i++)
		check_ok(ipc_value_set(&r->wide, i % 2 ? -1 : INT64_C(0x0123456789abcdef)));
	return 0;
}

static void value_get__while_others_set__is_never_torn(void **state)
{
	ipc_shm     *s;
	struct room *r = make_room(&s);
	pid_t        child[2];

	check_ok(ipc_value_set(&r->wide, -1));
	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(set_one_of_two, r);
	for (unsigned i = 0; i < test_rounds(100000); i++) {
		int64_t v = ipc_value_get(&r->wide);

		check(v == -1 || v == INT64_C(0x0123456789abcdef));
	}
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	s = ipc_shm_close(s);
}

static void array__no_such_item__is_einval(void **state)
{
	uint64_t   memory[8] = {0};
	ipc_array *a = (void *)memory;
	int64_t    v = 1;

	check_r(ipc_array_get(a, 0, &v), -EINVAL); /* zeroes: no items */
	check_eq(v, 1);
	check(ipc_array_bytes(3) <= sizeof(memory));
	check_ok(ipc_array_init(a, 3, IPC_RANGE_INT8));
	check_r(ipc_array_get(a, 3, &v), -EINVAL);
	check_r(ipc_array_set(a, 3, 1), -EINVAL);
	check_r(ipc_array_add(a, SIZE_MAX, 1, NULL), -EINVAL);
	check_r(ipc_array_exchange(a, 3, &v, 1), -EINVAL);
	check_r(ipc_array_set(a, 2, 128), -ERANGE);
	check_ok(ipc_array_set(a, 2, 127));
	check_r(ipc_array_add(a, 2, 1, NULL), -ERANGE);
	check_r(ipc_array_init(a, 0, IPC_RANGE_INT8), -EINVAL);
	check_eq(ipc_array_bytes(SIZE_MAX / 2), 0);
}

static int open_and_add(void *arg)
{
	ipc_value *v;

	check_ok(ipc_value_open(&v, "counter"));
	check_ok(ipc_value_add(v, 2, NULL));
	v = ipc_value_close(v);
	return 0;
}

static void value__by_name__is_the_same_for_all(void **state)
{
	ipc_value *v;

	check_ok(ipc_value_create(&v, "counter", 40, 0, 100));
	check_child(open_and_add, NULL);
	check_eq(ipc_value_get(v), 42);
	check_ok(ipc_value_unlink("counter"));
	v = ipc_value_close(v);
	check_r(ipc_value_open(&v, "counter"), -ENOENT);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(value__zeroed_memory__is_any_number, setup),
		cmocka_unit_test_setup(value__out_of_its_range__is_erange_and_unchanged, setup),
		cmocka_unit_test_setup(value_exchange__not_what_was_expected__tells_what_it_is,
				       setup),
		cmocka_unit_test_setup(value_add__four_processes__nothing_is_lost, setup),
		cmocka_unit_test_setup(value_get__while_others_set__is_never_torn, setup),
		cmocka_unit_test_setup(array__no_such_item__is_einval, setup),
		cmocka_unit_test_setup(value__by_name__is_the_same_for_all, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
