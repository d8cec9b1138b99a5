/* Blocks of shared memory: whole, zeroed, reserved, by name or by fork. */

#include "support/test.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <ipc/queue.h>
#include <ipc/shm.h>

#define NOT_ALLOWED 77

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static bool all_zero(const void *data, size_t size)
{
	const char *p = data;

	return size == 0 || (p[0] == 0 && !memcmp(p, p + 1, size - 1));
}

static void shm_create__any_size__is_zeroed_and_page_aligned(void **state)
{
	static const size_t size[] = {1, 7, 4095, 4096, 4097, 100000, 1 << 20, (9 << 20) + 3};

	for (size_t i = 0; i < N_OF(size); i++) {
		ipc_shm *s;
		char    *data;

		check_ok(ipc_shm_create(&s, NULL, size[i]));
		check_eq(ipc_shm_size(s), size[i]);
		data = ipc_shm_data(s);
		check_eq((uintptr_t)data % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
		check(all_zero(data, size[i]));
		memset(data, 0xff, size[i]);
		s = ipc_shm_close(s);
		check(!s);
	}
}

static void shm_calls__wrong__are_einval(void **state)
{
	ipc_shm *s = NULL;

	check_r(ipc_shm_create(&s, NULL, 0), -EINVAL);
	check_r(ipc_shm_create(NULL, NULL, 1), -EINVAL);
	check_r(ipc_shm_create(&s, "a/b", 1), -EINVAL);
	check_explains("a/b");
	check_r(ipc_shm_create(&s, "", 1), -EINVAL);
	check_r(ipc_shm_open(&s, NULL), -EINVAL);
	check_r(ipc_shm_open(NULL, "x"), -EINVAL);
	check_r(ipc_shm_unlink(NULL), -EINVAL);
	check(!s);
	check(!ipc_shm_data(NULL));
	check_eq(ipc_shm_size(NULL), 0);
	check(!ipc_shm_close(NULL));
}

static void shm_create__more_than_there_is__is_enospc(void **state)
{
	static const size_t size[] = {(size_t)1 << 46, (size_t)1 << 56, (size_t)1 << 62, SIZE_MAX};
	ipc_shm            *s = NULL;
	uint64_t            before;

	if (!test_room_is_limited(test_ipc_dir()))
		skip();
	check_ok(ipc_shm_create(&s, NULL, 1));
	before = test_disk_usage(test_ipc_dir());
	for (size_t i = 0; i < N_OF(size); i++) {
		ipc_shm *huge = NULL;

		check_r(ipc_shm_create(&huge, "huge", size[i]), -ENOSPC);
		check(!huge);
		check_r(ipc_shm_open(&huge, "huge"), -ENOENT);
	}
	check_eq(test_disk_usage(test_ipc_dir()), before); /* what it had taken is given back */
	s = ipc_shm_close(s);
}

static int in_small_file_system(void *arg)
{
	ipc_shm *s, *more = NULL;
	size_t   half = 3 << 20;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", test_ipc_dir(), "tmpfs", 0, "size=5m") < 0)
		return NOT_ALLOWED;
	check_ok(ipc_shm_create(&s, NULL, half));
	check_r(ipc_shm_create(&more, "more", half), -ENOSPC);
	check_explains("full");
	memset(ipc_shm_data(s), 1, half); /* what was made is really there: no SIGBUS */
	s = ipc_shm_close(s);
	check_ok(ipc_shm_create(&more, "more", half)); /* neither name nor room was kept */
	memset(ipc_shm_data(more), 1, half);
	check_ok(ipc_shm_unlink("more"));
	more = ipc_shm_close(more);
	return 0;
}

static void shm_create__small_file_system__is_enospc_and_never_sigbus(void **state)
{
	int status;

	test_new_ipc_dir();
	status = test_run(in_small_file_system, NULL);
	if (status == NOT_ALLOWED)
		skip();
	check_eq(status, 0);
}

/* ---- names ------------------------------------------------------------------------------------ */

static int open_and_answer(void *arg)
{
	ipc_shm *s;

	check_ok(ipc_shm_open(&s, "shared"));
	check_eq(ipc_shm_size(s), 5000);
	check(!strcmp(ipc_shm_data(s), "question"));
	(void)strcpy(ipc_shm_data(s), "answer");
	s = ipc_shm_close(s);
	return 0;
}

static int make_and_ask(void *arg)
{
	ipc_shm *s, *again = NULL, *third = NULL;

	check_ok(ipc_shm_create(&s, "shared", 5000));
	check_r(ipc_shm_create(&again, "shared", 5000), -EEXIST);
	check_explains("shared");
	(void)strcpy(ipc_shm_data(s), "question");
	check_ok(ipc_shm_open(&again, "shared"));
	check(ipc_shm_data(again) != ipc_shm_data(s) || again == s);
	check(!strcmp(ipc_shm_data(again), "question"));
	s = ipc_shm_close(s);
	check_child(open_and_answer, NULL);
	check(!strcmp(ipc_shm_data(again), "answer"));
	check_ok(ipc_shm_unlink("shared"));
	check_r(ipc_shm_open(&third, "shared"), -ENOENT);
	check_r(ipc_shm_unlink("shared"), -ENOENT);
	check(!strcmp(ipc_shm_data(again), "answer")); /* who has it open keeps it */
	check_ok(ipc_shm_create(&third, "shared", 1)); /* the name is free at once */
	check(all_zero(ipc_shm_data(third), 1));
	check_ok(ipc_shm_unlink("shared"));
	third = ipc_shm_close(third);
	again = ipc_shm_close(again);
	return 0;
}

static bool is_pending(int sig)
{
	sigset_t s;

	check_eq(sigpending(&s), 0);
	return sigismember(&s, sig);
}

/* Its limit is for files: a domain in memory has files, too. */
static int make_above_the_limit(void *arg)
{
	const struct rlimit limit = {1 << 20, RLIM_INFINITY};
	sigset_t            xfsz;
	ipc_shm            *s;

	check_ok(ipc_shm_create(&s, NULL, 1));
	s = ipc_shm_close(s);
	check_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	check_r(ipc_shm_create(&s, NULL, 2 << 20), -EFBIG);
	check_explains("ulimit -f");
	(void)sigemptyset(&xfsz);
	(void)sigaddset(&xfsz, SIGXFSZ);
	check_eq(sigprocmask(SIG_BLOCK, &xfsz, NULL), 0);
	check_r(ipc_shm_create(&s, NULL, 2 << 20), -EFBIG);
	check(!is_pending(SIGXFSZ));
	check_eq(raise(SIGXFSZ), 0); /* somebody else's */
	check_r(ipc_shm_create(&s, NULL, 2 << 20), -EFBIG);
	check(is_pending(SIGXFSZ));
	return 0;
}

static int make_domain_above_the_limit(void *arg)
{
	const struct rlimit limit = {4096, RLIM_INFINITY};
	ipc_shm            *s;

	check_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	check_r(ipc_shm_create(&s, NULL, 1), -EFBIG);
	return 0;
}

static void shm_create__above_the_limit_of_files__is_efbig_without_a_signal(void **state)
{
	test_new_ipc_dir();
	check_child(make_above_the_limit, NULL);
	check_child(make_domain_above_the_limit, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void shm__by_name__is_one_block(void **state)
{
	test_new_ipc_dir();
	check_child(make_and_ask, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static int make_and_leave(void *arg)
{
	ipc_shm *s;

	check_ok(ipc_shm_create(&s, "shared", 5000));
	(void)strcpy(ipc_shm_data(s), "question");
	return 0;
}

static int unlink_unseen(void *arg)
{
	check_ok(ipc_shm_unlink("shared")); /* without opening it */
	return 0;
}

static void shm__named_and_everybody_gone__stays_until_unlinked(void **state)
{
	test_new_ipc_dir();
	check_child(make_and_leave, NULL);
	check_child(open_and_answer, NULL);
	check_child(unlink_unseen, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void shm_open__a_queue__is_einval(void **state)
{
	ipc_queue *q;
	ipc_shm   *s = NULL;

	check_ok(ipc_queue_create(&q, "queue", NULL));
	check_r(ipc_shm_open(&s, "queue"), -EINVAL);
	check_explains("queue");
	check_r(ipc_shm_unlink("queue"), -ENOENT);
	check_ok(ipc_queue_unlink("queue"));
	q = ipc_queue_close(q);
}

/* ---- fork --------------------------------------------------------------------------------------- */

struct seen {
	ipc_shm *s;
	void    *at;
};

static int look_there(void *arg)
{
	struct seen *seen = arg;
	char        *data = ipc_shm_data(seen->s);

	check(data == seen->at);
	check_eq(data[4999], 'p');
	data[4999] = 'c';
	seen->s = ipc_shm_close(seen->s);
	return 0;
}

static void shm_data__in_a_forked_child__is_the_same_address(void **state)
{
	struct seen seen;
	char       *data;

	check_ok(ipc_shm_create(&seen.s, NULL, 5000));
	data = seen.at = ipc_shm_data(seen.s);
	data[4999] = 'p';
	check_child(look_there, &seen);
	check_eq(data[4999], 'c');
	seen.s = ipc_shm_close(seen.s);
}

static int count_up(void *arg)
{
	uint64_t *n = ipc_shm_data(arg);

	for (unsigned i = 0; i < 100000; i++)
		(void)__atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
	return 0;
}

static void shm__written_by_many__is_one_memory(void **state)
{
	ipc_shm *s;
	pid_t    child[4];

	check_ok(ipc_shm_create(&s, NULL, sizeof(uint64_t)));
	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(count_up, s);
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(*(uint64_t *)ipc_shm_data(s), 100000 * N_OF(child));
	s = ipc_shm_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(shm_create__any_size__is_zeroed_and_page_aligned, setup),
		cmocka_unit_test_setup(shm_calls__wrong__are_einval, setup),
		cmocka_unit_test_setup(shm_create__more_than_there_is__is_enospc, setup),
		cmocka_unit_test_setup(shm_open__a_queue__is_einval, setup),
		cmocka_unit_test_setup(shm_data__in_a_forked_child__is_the_same_address, setup),
		cmocka_unit_test_setup(shm__written_by_many__is_one_memory, setup),
	};
	/* these look at the directory, so this process must not be in a domain yet */
	const struct CMUnitTest apart[] = {
		cmocka_unit_test_setup(shm_create__small_file_system__is_enospc_and_never_sigbus,
				       setup),
		cmocka_unit_test_setup(
			shm_create__above_the_limit_of_files__is_efbig_without_a_signal, setup),
		cmocka_unit_test_setup(shm__by_name__is_one_block, setup),
		cmocka_unit_test_setup(shm__named_and_everybody_gone__stays_until_unlinked, setup),
	};
	int failed;

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	failed = cmocka_run_group_tests_name("shm_apart", apart, NULL, NULL);
	return failed + cmocka_run_group_tests_name("shm", tests, NULL, NULL);
}
