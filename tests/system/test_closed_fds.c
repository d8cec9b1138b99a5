/*
 * A process that closes every descriptor it has, as daemons do: the lock that says it lives
 * is gone with them, and it lives. Nobody may take it for dead, and what it does next must
 * not be done to other people's files.
 */

#include "support/test.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>

static int setup(void **state)
{
	test_deadline(60);
	test_new_ipc_dir();
	return 0;
}

static struct shared {
	unsigned closed, go;
} * shared;

/* The numbers are given to files of its own at once. */
static void close_all(void)
{
	check_eq(close_range(3, ~0u, 0), 0);
	for (int fd = 3; fd < 40; fd++)
		check_eq(open("/dev/null", O_RDWR), fd);
	__atomic_store_n(&shared->closed, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&shared->go, __ATOMIC_ACQUIRE))
		test_pause();
}

struct child {
	ipc_conn  *end[2];
	ipc_queue *queue;
};

static int send_later(void *arg)
{
	struct child *c = arg;

	c->end[0] = ipc_conn_close(c->end[0]);
	close_all();
	check_ok(ipc_conn_send(c->end[1], "x", 1, IPC_FOREVER));
	return 0;
}

static void *receive(void *arg)
{
	char byte = 0;

	check_eq(ipc_conn_recv(arg, &byte, 1, IPC_FOREVER), 1);
	check_eq(byte, 'x');
	check_eq(ipc_conn_recv(arg, &byte, 1, IPC_FOREVER), -EPIPE);
	return NULL;
}

/* For some slices of the one who sleeps: each asks who is dead. */
static void nobody_is_dead(size_t n_processes)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	uint64_t                   end = test_now() + UINT64_C(800000000);

	check_ok(ipc_observer_open(&o, NULL));
	while (test_now() < end) {
		size_t n = 0;

		check_ok(ipc_observer_read(o, &s));
		check_eq(s->n_verdicts, 0);
		for (size_t i = 0; i < s->n_processes; i++)
			n += s->processes[i].life == IPC_OBS_ALIVE;
		check_eq(n, n_processes);
		test_pause();
	}
	o = ipc_observer_close(o);
}

static int use_pipe(void *arg)
{
	struct child c = {0};
	ipc_proc    *p;
	pthread_t    thread;

	check_ok(ipc_pipe(c.end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX)));
	check_ok(ipc_spawn(&p, send_later, &c, NULL));
	c.end[1] = ipc_conn_close(c.end[1]);
	check(wait_until(__atomic_load_n(&shared->closed, __ATOMIC_ACQUIRE), 10));
	check_eq(pthread_create(&thread, NULL, receive, c.end[0]), 0);
	nobody_is_dead(2);
	__atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
	check_eq(pthread_join(thread, NULL), 0);
	check_ok(ipc_proc_join(p, IPC_FOREVER, NULL));
	return 0;
}

static void all_closed__sender__is_not_dead_before_it_ends(void **state)
{
	shared = test_shared(sizeof(*shared));
	check_child(use_pipe, NULL);
}

/* It ends before it is waited for: what is left of it then is no life. */
static int talk_where_proc_is_of_others(void *arg)
{
	struct child c = {0};
	ipc_proc    *p;
	char         byte = 0;

	check_eq(getpid(), 1);
	check_ok(ipc_pipe(c.end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX)));
	check_ok(ipc_spawn(&p, send_later, &c, NULL));
	c.end[1] = ipc_conn_close(c.end[1]);
	check(wait_until(__atomic_load_n(&shared->closed, __ATOMIC_ACQUIRE), 10));
	check_r(ipc_conn_recv(c.end[0], &byte, 1, IPC_MSEC(800)), -ETIMEDOUT);
	__atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
	check_r(ipc_conn_recv(c.end[0], &byte, 1, IPC_SEC(20)), 1);
	check_r(ipc_conn_recv(c.end[0], &byte, 1, IPC_SEC(20)), -EPIPE);
	check_ok(ipc_proc_join(p, IPC_FOREVER, NULL));
	return 0;
}

/* In a child of its own: who unshares is not in the new namespace, its children are. */
static int use_pipe_where_proc_is_of_others(void *arg)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
		return 77;
	return test_run(talk_where_proc_is_of_others, arg);
}

static void all_closed__sender_that_proc_does_not_show__is_not_dead_before_it_ends(void **state)
{
	int r;

	shared = test_shared(sizeof(*shared));
	r = test_run(use_pipe_where_proc_is_of_others, NULL);
	if (r == 77)
		skip(); /* no user namespaces here */
	check_eq(r, 0);
}

static int grandchild(void *arg)
{
	check_ok(ipc_queue_put(arg, "grandchild", 10, IPC_FOREVER));
	return 0;
}

/* Objects, a growing table, a child: all that uses the domain's own descriptors. */
static int make_and_spawn(void *arg)
{
	struct child *c = arg;
	ipc_queue    *many[200];
	ipc_proc     *p;

	close_all();
	for (int i = 0; i < 200; i++)
		check_ok(ipc_queue_create(&many[i], NULL, NULL));
	for (int i = 0; i < 200; i++)
		many[i] = ipc_queue_close(many[i]);
	for (int fd = 3; fd < 40; fd++)
		check_eq(lseek(fd, 0, SEEK_END), 0);
	check_ok(ipc_spawn(&p, grandchild, c->queue, NULL));
	check_ok(ipc_proc_join(p, IPC_FOREVER, NULL));
	return 0;
}

static int use_queue(void *arg)
{
	struct child c = {0};
	ipc_proc    *p;
	char         text[16];

	__atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
	check_ok(ipc_queue_create(&c.queue, NULL, NULL));
	check_ok(ipc_spawn(&p, make_and_spawn, &c, NULL));
	check_eq(ipc_queue_get(c.queue, text, sizeof(text), IPC_FOREVER), 10);
	check_ok(ipc_proc_join(p, IPC_FOREVER, NULL));
	return 0;
}

static void all_closed__objects_and_children__are_made_as_before(void **state)
{
	shared = test_shared(sizeof(*shared));
	check_child(use_queue, NULL);
}

/* ---- who asks has no descriptor to spare ------------------------------------------------------ */

static int own_mutex(void *arg)
{
	check_ok(ipc_mutex_lock(arg, IPC_NOW));
	close_all();
	check_ok(ipc_mutex_unlock(arg));
	return 0;
}

/* It sleeps for more than two slices, at the end of each of which it asks after the owner. */
static int ask_at_the_limit(void *arg)
{
	struct rlimit old, none;
	ipc_shm      *shm;
	ipc_mutex    *m;
	pid_t         owner;

	check_ok(ipc_shm_create(&shm, NULL, sizeof(*m)));
	m = ipc_shm_data(shm);
	owner = test_fork(own_mutex, m);
	check(wait_until(__atomic_load_n(&shared->closed, __ATOMIC_ACQUIRE), 10));
	check_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 3; /* those that are open stay open */
	check_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	check_r(ipc_mutex_lock(m, IPC_MSEC(800)), -ETIMEDOUT);
	check_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	__atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
	check_ok(ipc_mutex_lock(m, IPC_SEC(10)));
	check_ok(ipc_mutex_unlock(m));
	check_eq(test_wait(owner), 0);
	shm = ipc_shm_close(shm);
	return 0;
}

static void all_closed__who_asks_has_no_descriptor__owner_is_not_dead(void **state)
{
	shared = test_shared(sizeof(*shared));
	check_child(ask_at_the_limit, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_closed__sender__is_not_dead_before_it_ends, setup),
		cmocka_unit_test_setup(
			all_closed__sender_that_proc_does_not_show__is_not_dead_before_it_ends,
			setup),
		cmocka_unit_test_setup(all_closed__objects_and_children__are_made_as_before, setup),
		cmocka_unit_test_setup(all_closed__who_asks_has_no_descriptor__owner_is_not_dead,
				       setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("closed_fds", tests, NULL, NULL);
}
