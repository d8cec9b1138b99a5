/*
 * ipcmon gc: what nobody is left to clean goes, and nothing else does.
 */

#include "support/test.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <ipc/value.h>

static char output[4096];

static int run_gc(void *arg)
{
	const char *const *options = arg;
	char               path[512], out[512];
	int                fd;

	(void)snprintf(path, sizeof(path), "%s/ipcmon", test_build_dir());
	(void)snprintf(out, sizeof(out), "%s/out", test_tmp());
	fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	check(fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0);
	(void)execl(path, path, "gc", options[0], options[1], NULL);
	test_fail("cannot start %s: %s", path, strerror(errno));
}

/* Exit status of what runs ipcmon gc; what that printed is in output. */
static int run(int (*fn)(void *arg), const char *options[2])
{
	char  out[512];
	FILE *f;
	int   r = test_run(fn, options);

	(void)snprintf(out, sizeof(out), "%s/out", test_tmp());
	f = fopen(out, "re");
	check(f);
	memset(output, 0, sizeof(output));
	(void)!fread(output, 1, sizeof(output) - 1, f);
	(void)fclose(f);
	return r;
}

static int gc(const char *option1, const char *option2)
{
	const char *options[2] = {option1, option2};

	return run(run_gc, options);
}

static void check_prints(const char *word)
{
	if (!strstr(output, word))
		test_fail("\"%s\" is not in: %s", word, output);
}

struct life {
	const char *name; /* of a queue; NULL: none */
	int        *ready;
};

static int live_until_killed(void *arg)
{
	struct life *l = arg;
	ipc_conn    *end[2];
	ipc_queue   *q;
	ipc_shm     *shm;

	check_ok(ipc_pipe(end, NULL));
	check_ok(ipc_conn_send(end[0], "x", 1, IPC_NOW));
	check_ok(ipc_shm_create(&shm, NULL, 100000));
	check_ok(ipc_queue_create(&q, l->name, NULL));
	check_ok(ipc_queue_put(q, "kept", 4, IPC_NOW));
	__atomic_store_n(l->ready, 1, __ATOMIC_RELEASE);
	return pause();
}

static pid_t begin_life(const char *name)
{
	struct life l = {.name = name, .ready = test_shared(sizeof(int))};
	pid_t       pid = test_fork(live_until_killed, &l);

	check(wait_until(__atomic_load_n(l.ready, __ATOMIC_ACQUIRE), 20));
	return pid;
}

/* ---- cases ------------------------------------------------------------------------------ */

static void gc__all_are_dead__the_domain_goes(void **state)
{
	test_new_ipc_dir();
	test_kill(begin_life(NULL));
	check_eq(test_count_files(test_ipc_dir()), 1);
	check_eq(gc(NULL, NULL), 0);
	check_prints("default: cleaned up after 1 process, removed");
	check_eq(test_count_files(test_ipc_dir()), 0);
	check_eq(gc(NULL, NULL), 0); /* nothing to do is no error */
	check_eq(gc("--domain", "default"), 3);
}

static int take_what_was_kept(void *arg)
{
	char       buf[8];
	ipc_queue *q;

	check_ok(ipc_queue_open(&q, "jobs"));
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), 4);
	q = ipc_queue_close(q);
	return 0;
}

static void gc__named_object__stays_with_its_messages(void **state)
{
	test_new_ipc_dir();
	test_kill(begin_life("jobs"));
	check_eq(gc(NULL, NULL), 0);
	check_prints("default: cleaned up after 1 process; stays: it has 1 named object");
	check_child(take_what_was_kept, NULL);
	check_eq(gc("--names", NULL), 0);
}

static void gc_names__named_object_nobody_has__goes(void **state)
{
	test_new_ipc_dir();
	test_kill(begin_life("jobs"));
	test_kill(begin_life("others"));
	check_eq(gc("--names", NULL), 0);
	check_prints("unlinked 2 objects, removed");
	check_eq(test_count_files(test_ipc_dir()), 0);
}

/* All that can have a name, and end with it. */
static int leave_one_of_each(void *arg)
{
	ipc_queue   *q, *j;
	ipc_shm     *shm;
	ipc_mutex   *mutex;
	ipc_rmutex  *rmutex;
	ipc_rwlock  *rwlock;
	ipc_sem     *sem;
	ipc_event   *event;
	ipc_cond    *cond;
	ipc_barrier *barrier;
	ipc_value   *value;

	check_ok(ipc_queue_create(&q, "queue", NULL));
	check_ok(ipc_queue_create(&j, "joinable",
				  IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE)));
	check_ok(ipc_shm_create(&shm, "shm", 100));
	check_ok(ipc_mutex_create(&mutex, "mutex"));
	check_ok(ipc_rmutex_create(&rmutex, "rmutex"));
	check_ok(ipc_rwlock_create(&rwlock, "rwlock"));
	check_ok(ipc_sem_create(&sem, "sem", 1, 1));
	check_ok(ipc_event_create(&event, "event"));
	check_ok(ipc_cond_create(&cond, "cond"));
	check_ok(ipc_barrier_create(&barrier, "barrier"));
	check_ok(ipc_value_create(&value, "value", 0, INT64_MIN, INT64_MAX));
	return 0;
}

static void gc_names__every_kind__goes(void **state)
{
	test_new_ipc_dir();
	check_child(leave_one_of_each, NULL);
	check_eq(gc(NULL, NULL), 0);
	check_prints("stays: it has 11 named objects");
	check_eq(gc("--names", NULL), 0);
	check_prints("unlinked 11 objects, removed");
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static uint64_t n_reaped(void)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	uint64_t                   n;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	n = s->n_reaped;
	o = ipc_observer_close(o);
	return n;
}

static void gc_names__somebody_lives__is_left_alone(void **state)
{
	pid_t living;

	test_new_ipc_dir();
	living = begin_life("alive");
	test_kill(begin_life("dead"));
	check_eq(gc("--names", NULL), 0);
	check_prints("default: left alone: 1 process lives in it");
	check_eq(n_reaped(), 0);
	test_kill(living);
	check_eq(gc("--names", NULL), 0);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void gc__json__says_the_same(void **state)
{
	test_new_ipc_dir();
	test_kill(begin_life("jobs"));
	check_eq(gc("--json", NULL), 0);
	check_prints("\"schema\":\"ipcmon.gc/1\"");
	check_prints("\"dead_processes\":1");
	check_prints("\"named_objects\":1");
	check_prints("\"removed\":false");
	check_eq(gc("--json", "--names"), 0);
	check_prints("\"removed\":true");
}

#ifdef SYS_unlink
#define UNLINK SYS_unlink
#else
#define UNLINK SYS_unlinkat
#endif

/* From here on who takes a file away is killed: that is the one that cleans. */
static int run_gc_killed_at_it(void *arg)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UNLINK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = N_OF(filter), .filter = filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return 77;
	(void)signal(SIGCHLD, SIG_IGN); /* as some that start programs do */
	return run_gc(arg);
}

static void gc__its_process_is_killed__is_an_error(void **state)
{
	const char *options[2] = {"--json", NULL};
	int         status;

	test_new_ipc_dir();
	test_kill(begin_life(NULL));
	status = run(run_gc_killed_at_it, options);
	if (status == 77)
		skip();
	check_eq(status, 1);
	check_prints("ended by signal");
	check_eq(gc(NULL, NULL), 0); /* after that one, too */
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void gc__recording__is_refused(void **state)
{
	char path[512];
	int  fd;

	test_new_ipc_dir();
	test_kill(begin_life("jobs"));
	(void)snprintf(path, sizeof(path), "%s/some.rec", test_tmp());
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	check(fd >= 0 && close(fd) == 0);
	check_eq(gc("--names", path), 2);
	check_eq(gc("--replay", path), 2);
	check_eq(gc("--file", path), 2);
	check_eq(gc("--names", "-"), 2);
	check_eq(test_count_files(test_ipc_dir()), 1);
}

static void gc_pid__other_domains__stay(void **state)
{
	char  number[32];
	pid_t living;

	test_new_ipc_dir();
	test_kill(begin_life(NULL));
	check_eq(setenv("IPC_DOMAIN", "other", 1), 0);
	living = begin_life("alive");
	check_eq(unsetenv("IPC_DOMAIN"), 0);
	(void)snprintf(number, sizeof(number), "%d", (int)living);
	check_eq(gc("-p", number), 0);
	check_prints(": left alone: 1 process lives in it");
	check_eq(gc("-p", "4194305"), 3); /* more than there can be */
	check_eq(test_count_files(test_ipc_dir()), 2);
	test_kill(living);
	check_eq(gc("--names", NULL), 0);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static int copy_domain(void *arg)
{
	char from[512], to[512];

	(void)snprintf(from, sizeof(from), "%s/default", test_ipc_dir());
	(void)snprintf(to, sizeof(to), "%s/copy", test_ipc_dir());
	(void)execlp("cp", "cp", "-r", from, to, NULL);
	test_fail("cannot start cp: %s", strerror(errno));
}

/* The pids in it live, in the original: they are not taken for dead, and that is said. */
static void gc__copy_of_a_domain_that_lives__stays(void **state)
{
	pid_t pid;

	test_new_ipc_dir();
	pid = begin_life(NULL);
	check_child(copy_domain, NULL);
	for (int i = 0; i < 2; i++) {
		check_eq(gc("--domain", "copy"), 0);
		check_prints("copy: cleaned up after 0 processes; stays: 1 process of it seems to "
			     "live");
	}
	test_kill(pid);
	check_eq(gc("--domain", "copy"), 0);
	check_prints("copy: cleaned up after 1 process, removed");
	check_eq(gc(NULL, NULL), 0);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gc__all_are_dead__the_domain_goes),
		cmocka_unit_test(gc__named_object__stays_with_its_messages),
		cmocka_unit_test(gc_names__named_object_nobody_has__goes),
		cmocka_unit_test(gc_names__every_kind__goes),
		cmocka_unit_test(gc_names__somebody_lives__is_left_alone),
		cmocka_unit_test(gc__json__says_the_same),
		cmocka_unit_test(gc__its_process_is_killed__is_an_error),
		cmocka_unit_test(gc__recording__is_refused),
		cmocka_unit_test(gc_pid__other_domains__stay),
		cmocka_unit_test(gc__copy_of_a_domain_that_lives__stays),
	};

	test_deadline(60);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("gc", tests, NULL, NULL);
}
