/*
 * No room, no descriptors: an error of the call that wanted them, and nothing else.
 *
 * Room is what a tmpfs of a fixed size has, in a mount namespace of the test's own; that
 * takes root, or user namespaces.
 */

#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>

#define LARGE 3000u
#define SOON  IPC_SEC(10)

/* ---- little room ------------------------------------------------------------------------ */

struct room {
	const char *size; /* of the tmpfs, as mount(8) has it */
	int (*fn)(void *arg);
};

static bool may_mount(void)
{
	return unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
}

/* In a process of its own, with a file system of its own. */
static int in_room(void *arg)
{
	const struct room *r = arg;
	char               options[64];

	(void)snprintf(options, sizeof(options), "size=%s,mode=0700", r->size);
	test_new_ipc_dir();
	if (!may_mount() || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", test_ipc_dir(), "tmpfs", 0, options) < 0)
		return 77;
	check_child(r->fn, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
	return 0;
}

static void check_in_room(const char *size, int (*fn)(void *arg))
{
	struct room r = {.size = size, .fn = fn};
	int         status = test_run(in_room, &r);

	if (status == 77)
		skip();
	check_eq(status, 0);
}

static int no_room_for_the_domain(void *arg)
{
	ipc_queue *q;

	check_r(ipc_queue_create(&q, NULL, NULL), -ENOSPC);
	check_explains("registry");
	return 0;
}

static void domain__no_room_for_it__is_enospc(void **state)
{
	check_in_room("64k", no_room_for_the_domain); /* and its directory does not stay */
}

/* Put until there is no room; how many. */
static unsigned put_all(ipc_queue *q, size_t len)
{
	static char buf[LARGE];
	unsigned    n = 0;
	int         r;

	for (;; n++) {
		test_pattern(buf, len, n);
		r = ipc_queue_put(q, buf, len, IPC_NOW);
		if (r < 0)
			break;
	}
	check_r(r, -ENOSPC);
	return n;
}

static void get_all(ipc_queue *q, size_t len, unsigned n)
{
	static char buf[LARGE];

	for (unsigned i = 0; i < n; i++) {
		check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), (long long)len);
		check(test_pattern_is(buf, len, i));
	}
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), -EAGAIN);
}

static int fill_it(void *arg)
{
	static const size_t lens[] = {LARGE, 40, 700};
	ipc_queue          *q;
	ipc_shm            *shm;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	for (unsigned i = 0; i < N_OF(lens); i++) {
		unsigned n = put_all(q, lens[i]);

		check(n > 0);
		check_r(ipc_shm_create(&shm, NULL, 4000000), -ENOSPC);
		get_all(q, lens[i], n);
		q = ipc_queue_close(q); /* and with it its file */
		check_ok(ipc_queue_create(&q, NULL, NULL));
	}
	q = ipc_queue_close(q);
	return 0;
}

static void queue_put__no_room__is_enospc_and_nothing_is_lost(void **state)
{
	check_in_room("2m", fill_it);
}

static const char *filling(void)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s/fill", test_ipc_dir());
	return path;
}

/* To the last page. */
static void fill_room(void)
{
	int fd = open(filling(), O_WRONLY | O_CREAT, 0600);

	check(fd >= 0);
	while (posix_fallocate(fd, lseek(fd, 0, SEEK_END), sysconf(_SC_PAGESIZE)) == 0)
		;
	check_eq(close(fd), 0);
}

static void unfill_room(void)
{
	check_eq(unlink(filling()), 0);
}

/* One message has passed, so this process has been where the first ones lie. */
static ipc_queue *used_queue(void)
{
	ipc_queue *q;
	char       buf[8];

	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_ok(ipc_queue_put(q, "message", 8, IPC_NOW));
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), 8);
	return q;
}

/* Beyond the first array of slots, which is given back, and what comes then is there to get. */
static int move_on(void *arg)
{
	enum { MORE = 300 };
	ipc_queue *q = arg;
	char       buf[8];

	for (unsigned i = 0; i < MORE; i++)
		check_ok(ipc_queue_put(q, "message", 8, IPC_NOW));
	for (unsigned i = 0; i < MORE; i++)
		check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), 8);
	check_ok(ipc_queue_put(q, "another", 8, IPC_NOW));
	return 0;
}

static int get_after_others_moved_on(void *arg)
{
	ipc_queue *q = used_queue();
	char       buf[8];

	check_child(move_on, q);
	fill_room();
	check_r(ipc_queue_get(q, buf, sizeof(buf), SOON), 8);
	check(strcmp(buf, "another") == 0);
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), -EAGAIN);
	unfill_room();
	q = ipc_queue_close(q);
	return 0;
}

static void queue_get__no_room_and_its_slots_given_back_meanwhile__gets_what_is_there(void **state)
{
	check_in_room("2m", get_after_others_moved_on);
}

static int put_many(void *arg)
{
	for (unsigned i = 0; i < 100; i++)
		check_ok(ipc_queue_put(arg, "message", 8, IPC_NOW));
	return 0;
}

/* The last ones that are refused give back what is drained, for others to have. */
static int put_till_full(void *arg)
{
	while (ipc_queue_put(arg, "message", 8, IPC_NOW) == 0)
		;
	return 0;
}

/* The only receiver, somewhere about the end of the first 64 slots when others have gone on. */
static void get_behind_others(unsigned upto)
{
	ipc_queue *q = used_queue();
	char       buf[8];

	check_child(put_many, q);
	for (unsigned i = 1; i < upto; i++)
		check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), 8);
	fill_room();
	check_child(put_till_full, q);
	fill_room();
	check_r(ipc_queue_get(q, buf, sizeof(buf), SOON), 8);
	unfill_room();
	q = ipc_queue_close(q);
}

static int get_behind_others_anywhere(void *arg)
{
	for (unsigned upto = 60; upto < 70; upto++)
		get_behind_others(upto);
	return 0;
}

static void queue_get__owner_behind_others_and_no_room__gets_what_is_there(void **state)
{
	check_in_room("3m", get_behind_others_anywhere);
}

static int make_many(void *arg)
{
	ipc_queue *q[4096];
	unsigned   n = 0;
	int        r;

	while ((r = ipc_queue_create(&q[n], NULL, NULL)) == 0 && n + 1 < N_OF(q))
		n++;
	check_r(r, -ENOSPC);
	check(n > 0);
	/* those that were made are whole */
	for (unsigned i = 0; i < n; i++) {
		char c;

		check_ok(ipc_queue_put(q[i], "x", 1, IPC_NOW));
		check_r(ipc_queue_get(q[i], &c, 1, IPC_NOW), 1);
		q[i] = ipc_queue_close(q[i]);
	}
	check_ok(ipc_queue_create(&q[0], NULL, NULL));
	q[0] = ipc_queue_close(q[0]);
	return 0;
}

static void queue_create__no_room__is_enospc_and_the_others_work(void **state)
{
	check_in_room("1m", make_many);
}

/* ---- no descriptors ------------------------------------------------------------------------ */

static int no_descriptors(void *arg)
{
	struct rlimit old, none;
	ipc_queue    *q;
	ipc_conn     *end[2];
	char          buf[LARGE];
	unsigned      failed = 0, put = 0;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 3; /* those that are open stay open */
	check_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	check_r(ipc_pipe(end, NULL), -EMFILE);
	for (unsigned i = 0; i < 1000; i++) {
		int r = ipc_queue_put(q, buf, i % 10 ? 50 : LARGE, IPC_NOW);

		check(r == 0 || r == -EMFILE);
		failed += r < 0;
		put += r == 0;
	}
	check(failed > 0);
	check_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	check_eq(ipc_queue_len(q), put);
	check_ok(ipc_queue_put(q, buf, LARGE, IPC_NOW));
	for (; put; put--)
		check(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW) > 0);
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), LARGE);
	check_ok(ipc_pipe(end, NULL));
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	q = ipc_queue_close(q);
	return 0;
}

static void calls__no_descriptors__are_emfile_and_work_again_later(void **state)
{
	test_new_ipc_dir();
	check_child(no_descriptors, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static int put_large(void *arg)
{
	char buf[LARGE] = {0};

	check_ok(ipc_queue_put(arg, buf, LARGE, IPC_NOW));
	return 0;
}

static int get_short(void *arg)
{
	char c;

	check_r(ipc_queue_get(arg, &c, 1, IPC_NOW), 1);
	return 0;
}

/* Of another process, so that the memory it lies in is not mapped here yet. */
static int gets_large_without_descriptors(void *arg)
{
	const bool   *among_others = arg;
	struct rlimit old, none;
	ipc_queue    *q;
	char          buf[LARGE];

	check_ok(ipc_queue_create(&q, NULL, NULL));
	for (int i = 0; i < 2; i++)
		check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	check_eq(test_run(put_large, q), 0);
	(void)get_short(q);
	if (*among_others)
		check_eq(test_run(get_short, q), 0);
	else
		(void)get_short(q);
	check_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 3;
	check_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (int i = 0; i < 3; i++)
		check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), -ENOMEM);
	check_explains("stays queued");
	check_eq(ipc_queue_len(q), 1);
	check_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), LARGE);
	q = ipc_queue_close(q);
	return 0;
}

static void queue_get__no_descriptor_to_map_it_with__stays(void **state)
{
	for (int others = 0; others < 2; others++) {
		test_new_ipc_dir();
		check_child(gets_large_without_descriptors, &(bool){others});
	}
}

static int no_descriptors_to_join(void *arg)
{
	struct rlimit old, none;
	ipc_queue    *q;

	check_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	/* one more at a time, so that each call that opens something fails once */
	for (none.rlim_cur = 3; none.rlim_cur < 8; none.rlim_cur++) {
		int r;

		check_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
		r = ipc_queue_create(&q, NULL, NULL);
		check_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
		if (r == 0)
			break;
		check_r(r, -EMFILE);
	}
	if (none.rlim_cur == 8)
		check_ok(ipc_queue_create(&q, NULL, NULL));
	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	q = ipc_queue_close(q);
	return 0;
}

static void join__no_descriptors__is_emfile_at_each_of_its_steps(void **state)
{
	test_new_ipc_dir();
	check_child(no_descriptors_to_join, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static int join_and_leave(void *arg)
{
	ipc_shm *s;

	check_ok(ipc_shm_create(&s, NULL, 8));
	s = ipc_shm_close(s);
	return 0;
}

static int do_nothing(void *arg)
{
	return 0;
}

/* More children than there are places, and none of them can have one. */
static int fork_with_no_descriptors(void *arg)
{
	struct rlimit old, none;
	ipc_shm      *s;

	check_eq(setenv("IPC_MAX_PROCESSES", "4", 1), 0);
	check_ok(ipc_shm_create(&s, NULL, 8));
	check_child(join_and_leave, NULL);
	check_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 3;
	check_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (int i = 0; i < 6; i++)
		check_child(do_nothing, NULL);
	check_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	check_child(join_and_leave, NULL);
	s = ipc_shm_close(s);
	return 0;
}

static void fork__no_descriptors__takes_no_place_in_the_domain(void **state)
{
	test_new_ipc_dir();
	check_child(fork_with_no_descriptors, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

struct both {
	ipc_queue *q;
	ipc_mutex *m;
};

/* In a queue, too, so that who cleans up after it needs that one's file. */
static int put_lock_and_die(void *arg)
{
	const struct both *a = arg;

	check_ok(ipc_queue_put(a->q, "x", 1, SOON));
	check_ok(ipc_mutex_lock(a->m, IPC_NOW));
	(void)raise(SIGKILL);
	return 0;
}

static int lock_with_no_descriptors(void *arg)
{
	struct rlimit old, none;
	ipc_shm      *shm;
	struct both   a;

	check_ok(ipc_queue_create(&a.q, NULL, NULL));
	check_ok(ipc_shm_create(&shm, NULL, sizeof(ipc_mutex)));
	a.m = ipc_shm_data(shm);
	check_ok(ipc_mutex_lock(a.m, IPC_NOW));
	check_ok(ipc_mutex_unlock(a.m));
	check_eq(test_run(put_lock_and_die, &a), -SIGKILL);
	check_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 3;
	check_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	check_r(ipc_mutex_lock(a.m, SOON), -EOWNERDEAD);
	check_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	check_ok(ipc_mutex_unlock(a.m));
	check_ok(ipc_queue_put(a.q, "x", 1, SOON)); /* and the dead is cleaned up after */
	shm = ipc_shm_close(shm);
	a.q = ipc_queue_close(a.q);
	return 0;
}

static void mutex__owner_killed_and_no_descriptors__is_had(void **state)
{
	test_new_ipc_dir();
	check_child(lock_with_no_descriptors, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domain__no_room_for_it__is_enospc),
		cmocka_unit_test(queue_put__no_room__is_enospc_and_nothing_is_lost),
		cmocka_unit_test(queue_create__no_room__is_enospc_and_the_others_work),
		cmocka_unit_test(
			queue_get__no_room_and_its_slots_given_back_meanwhile__gets_what_is_there),
		cmocka_unit_test(queue_get__owner_behind_others_and_no_room__gets_what_is_there),
		cmocka_unit_test(calls__no_descriptors__are_emfile_and_work_again_later),
		cmocka_unit_test(queue_get__no_descriptor_to_map_it_with__stays),
		cmocka_unit_test(join__no_descriptors__is_emfile_at_each_of_its_steps),
		cmocka_unit_test(fork__no_descriptors__takes_no_place_in_the_domain),
		cmocka_unit_test(mutex__owner_killed_and_no_descriptors__is_had),
	};

	test_deadline(100);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
