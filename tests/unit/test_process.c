/* A process that left, and goes on. */

#include "support/test.h"

#include <ipc/conn.h>
#include <ipc/queue.h>

#include "runtime/process.h"

static struct shared {
	unsigned left, go;
} * shared;

static int call_when_it_has_left(void *arg)
{
	ipc_queue *q;

	check_ok(ipc_queue_open(&q, "q"));
	process_leave(); /* as the library's destructor does, and not the last of a program */
	__atomic_store_n(&shared->left, 1, __ATOMIC_RELEASE);
	check(wait_until(__atomic_load_n(&shared->go, __ATOMIC_ACQUIRE), 20));
	check_r(ipc_queue_put(q, "bye", 3, IPC_NOW), -EBADF);
	q = ipc_queue_close(q);
	return 0;
}

/* Its ends are free, and are another's by then. */
static int take_over_its_ends(void *arg)
{
	ipc_conn  *end[8][2];
	ipc_queue *q;
	pid_t      child;
	char       c;

	check_ok(ipc_queue_create(&q, "q", NULL));
	child = test_fork(call_when_it_has_left, NULL);
	check(wait_until(__atomic_load_n(&shared->left, __ATOMIC_ACQUIRE), 20));
	for (size_t i = 0; i < N_OF(end); i++)
		check_ok(ipc_pipe(end[i], NULL));
	__atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
	check_eq(test_wait(child), 0);
	for (size_t i = 0; i < N_OF(end); i++) {
		check_r(ipc_conn_recv(end[i][0], &c, 1, IPC_NOW), -EAGAIN);
		check_r(ipc_conn_recv(end[i][1], &c, 1, IPC_NOW), -EAGAIN);
	}
	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), -EAGAIN);
	return 0;
}

static void leave__handles_of_before__are_ebadf_and_harm_nobody(void **state)
{
	test_deadline(60);
	test_new_ipc_dir();
	shared = test_shared(sizeof(*shared));
	check_child(take_over_its_ends, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leave__handles_of_before__are_ebadf_and_harm_nobody),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
