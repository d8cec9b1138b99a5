/* Objects whose users are all there: nobody else can open them by name. */

#include "support/test.h"

#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <ipc/value.h>

static int setup(void **state)
{
	test_deadline(30);
	test_new_ipc_dir();
	return 0;
}

static int open_queue(void *arg)
{
	ipc_queue *q;

	check_eq(ipc_queue_open(&q, arg), -EPERM);
	check(strstr(ipc_explain(), "sealed"));
	return 0;
}

static int use_inherited(void *arg)
{
	check_ok(ipc_queue_put(arg, "x", 1, IPC_FOREVER));
	return 0;
}

static int queue_sealed(void *arg)
{
	ipc_queue *q, *again, *other;
	char       byte, name[] = "q";

	check_ok(ipc_queue_create(&q, "q", NULL));
	check_ok(ipc_queue_open(&again, "q"));
	check_ok(ipc_queue_seal(again));
	check_ok(ipc_queue_seal(q));
	check_child(open_queue, name);
	check_child(use_inherited, q);
	check_eq(ipc_queue_get(again, &byte, 1, IPC_FOREVER), 1);
	check_eq(ipc_queue_create(&other, "q", NULL), -EEXIST);
	q = ipc_queue_close(q);
	check_child(open_queue, name);
	again = ipc_queue_close(again);
	check_eq(ipc_queue_open(&q, "q"), -ENOENT);
	check_ok(ipc_queue_create(&other, "q", NULL));
	check_ok(ipc_queue_unlink("q"));
	check_ok(ipc_queue_seal(other));
	other = ipc_queue_close(other);
	check_eq(ipc_queue_seal(NULL), -EINVAL);
	return 0;
}

static void queue_seal__late_open__is_eperm(void **state)
{
	check_child(queue_sealed, NULL);
}

static int blocks_sealed(void *arg)
{
	ipc_mutex  in_memory = {0}, *m, *late_m;
	ipc_shm   *s, *late_s;
	ipc_value *v, *late_v;

	check_ok(ipc_shm_create(&s, "s", 4096));
	check_ok(ipc_mutex_create(&m, "m"));
	check_ok(ipc_value_create(&v, "v", 1, 0, 2));
	check_ok(ipc_shm_seal(s));
	check_ok(ipc_mutex_seal(m));
	check_ok(ipc_value_seal(v));
	check_eq(ipc_shm_open(&late_s, "s"), -EPERM);
	check_eq(ipc_mutex_open(&late_m, "m"), -EPERM);
	check_eq(ipc_value_open(&late_v, "v"), -EPERM);
	check_eq(ipc_mutex_seal(&in_memory), -EINVAL);
	check_eq(ipc_mutex_seal(ipc_shm_data(s)), -EINVAL); /* the block is not the mutex's own */
	check_ok(ipc_mutex_unlink("m"));
	m = ipc_mutex_close(m);
	v = ipc_value_close(v);
	s = ipc_shm_close(s);
	check_eq(ipc_value_open(&v, "v"), -ENOENT);
	return 0;
}

static void seal__things_with_memory_of_their_own__late_open_is_eperm(void **state)
{
	check_child(blocks_sealed, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(queue_seal__late_open__is_eperm, setup),
		cmocka_unit_test_setup(seal__things_with_memory_of_their_own__late_open_is_eperm,
				       setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
