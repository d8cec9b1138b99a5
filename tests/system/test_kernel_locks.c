/*
 * Locks of fcntl(2) that are the program's own. The kernel looks for circles among the waiting by
 * process, not by thread, and so sees some where the registry's lock and one of the program's are
 * wanted by different threads; to see how often, fcntl() is this program's here.
 */

#include "support/test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include <ipc/shm.h>

/* With these, 60 of 60 runs fail if a refusal is taken for the lock; with 1000 rounds, 23 of 30. */
#define REFUSED 50u
#define ROUNDS  3000u

static struct shared {
	unsigned stop;
	unsigned refused;   /* the registry's lock, by EDEADLK */
	unsigned held;      /* the program's own is, by the first process */
	unsigned rounds[3]; /* the last two are the second process's */
	unsigned n_wrong;
	char     wrong[160]; /* the first */
} * shared;

static int own_fd = -1;

int fcntl(int fd, int cmd, ...)
{
	va_list list;
	void   *arg;
	int     r;

	va_start(list, cmd);
	arg = va_arg(list, void *);
	va_end(list);
	r = (int)syscall(SYS_fcntl, fd, cmd, arg);
	if (r < 0 && errno == EDEADLK && shared && fd != own_fd)
		(void)__atomic_add_fetch(&shared->refused, 1, __ATOMIC_RELAXED);
	return r;
}

/* Which of the two is called depends on how the library was built. */
int fcntl64(int fd, int cmd, ...) __attribute__((alias("fcntl")));

static bool stopped(void)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_ACQUIRE);
}

static void lock_own(short type)
{
	struct flock f = {.l_type = type, .l_whence = SEEK_SET, .l_len = 1};

	(void)fcntl(own_fd, F_SETLKW, &f);
}

static void *want_own(void *arg)
{
	while (!stopped()) {
		lock_own(F_WRLCK);
		lock_own(F_UNLCK);
		(void)sched_yield();
	}
	return NULL;
}

/* What is wrong once is counted; the rest goes on. */
static void must(int r, const char *call)
{
	if (r < 0 && __atomic_fetch_add(&shared->n_wrong, 1, __ATOMIC_RELAXED) == 0)
		(void)snprintf(shared->wrong, sizeof(shared->wrong), "%s: %s", call,
			       ipc_strerror(r));
}

/* Nobody but this process knows these names. */
static void change_tables(unsigned who)
{
	for (unsigned i = 0; !stopped(); i++) {
		char     name[32];
		ipc_shm *made, *opened = NULL;
		int      r;

		(void)snprintf(name, sizeof(name), "%u-%u", who, i);
		r = ipc_shm_create(&made, name, 64);
		must(r, "create");
		if (r < 0)
			continue;
		(void)snprintf(ipc_shm_data(made), 64, "%s", name);
		r = ipc_shm_open(&opened, name);
		must(r, "open what it made");
		if (r == 0)
			must(strcmp(ipc_shm_data(opened), name) ? -EIO : 0, "read what it wrote");
		opened = ipc_shm_close(opened);
		must(ipc_shm_unlink(name), "unlink what it made");
		made = ipc_shm_close(made);
		(void)__atomic_add_fetch(&shared->rounds[who], 1, __ATOMIC_RELAXED);
	}
}

/* Has its own lock, and wants the registry's. */
static int first(void *arg)
{
	lock_own(F_WRLCK);
	__atomic_store_n(&shared->held, 1, __ATOMIC_RELEASE);
	change_tables(0);
	return 0;
}

static void *more_changes(void *arg)
{
	change_tables(2);
	return NULL;
}

/* Wants the first's in one thread, and has the registry's in another. */
static int second(void *arg)
{
	pthread_t t[] = {test_thread(want_own, NULL), test_thread(more_changes, NULL)};

	change_tables(1);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	return 0;
}

static bool some_refused(void)
{
	return __atomic_load_n(&shared->refused, __ATOMIC_RELAXED) > 0;
}

/* By then something has gone wrong, if it does. */
static bool enough(void)
{
	return __atomic_load_n(&shared->n_wrong, __ATOMIC_RELAXED) ||
	       (__atomic_load_n(&shared->refused, __ATOMIC_RELAXED) >= REFUSED &&
		__atomic_load_n(&shared->rounds[0], __ATOMIC_RELAXED) >= ROUNDS &&
		__atomic_load_n(&shared->rounds[1], __ATOMIC_RELAXED) >= ROUNDS);
}

static void locks__kernel_sees_a_circle_where_is_none__tables_stay_whole(void **state)
{
	char  path[600];
	pid_t child[2];

	(void)snprintf(path, sizeof(path), "%s/own-lock", test_tmp());
	own_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	check(own_fd >= 0);
	shared = test_shared(sizeof(*shared));
	child[0] = test_fork(first, NULL);
	check(wait_until(__atomic_load_n(&shared->held, __ATOMIC_ACQUIRE), 20));
	child[1] = test_fork(second, NULL);
	(void)wait_until(enough(), 2); /* on a busy machine fewer must do, but some there are: */
	check(wait_until(some_refused(), 20));
	__atomic_store_n(&shared->stop, 1, __ATOMIC_RELEASE);
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	print_message("# refused %u times in %u, %u and %u rounds\n", shared->refused,
		      shared->rounds[0], shared->rounds[1], shared->rounds[2]);
	if (shared->n_wrong)
		test_fail("%u times, first %s", shared->n_wrong, shared->wrong);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locks__kernel_sees_a_circle_where_is_none__tables_stay_whole),
	};

	test_deadline(40);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("kernel_locks", tests, NULL, NULL);
}
