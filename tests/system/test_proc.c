/* Child processes: start, name, wait, end. */

#include "support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/proc.h>
#include <ipc/queue.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static int return_it(void *arg)
{
	return *(int *)arg;
}

static int wait_for_signal(void *arg)
{
	return pause();
}

static ipc_proc *spawn(int (*fn)(void *arg), void *arg)
{
	ipc_proc *p = NULL;

	check_ok(ipc_spawn(&p, fn, arg, NULL));
	check(ipc_proc_pid(p) > 0);
	return p;
}

/* ipc_spawn_program() with up to two arguments; argv[0] is @path. */
static int start(ipc_proc **ret, const char *path, const char *arg1, const char *arg2,
		 const struct ipc_proc_opts *opts)
{
	char *argv[] = {strdup(path), arg1 ? strdup(arg1) : NULL, arg2 ? strdup(arg2) : NULL, NULL};
	int   r = ipc_spawn_program(ret, path, argv, opts);

	for (size_t i = 0; i < N_OF(argv); i++)
		free(argv[i]);
	return r;
}

static const char *prog(const char *name)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s/tests/system/prog_%s", test_build_dir(), name);
	return path;
}

static ipc_proc *spawn_prog_exit(const char *arg1, const char *arg2)
{
	ipc_proc *p = NULL;

	check_ok(start(&p, prog("exit"), arg1, arg2, NULL));
	return p;
}

static void check_ends(ipc_proc *p, int want)
{
	int status = -1000;

	for (int i = 0; i < 3; i++) { /* it may be asked again */
		check_ok(ipc_proc_join(p, i ? IPC_NOW : IPC_SEC(30), &status));
		check_eq(status, want);
	}
	check_ok(ipc_proc_join(p, IPC_FOREVER, NULL));
	p = ipc_proc_close(p);
	check(!p);
}

/* ---- status ------------------------------------------------------------------------------------ */

static void spawn__function_returns__is_its_status(void **state)
{
	static const int status[] = {0, 1, 42, 255};

	for (size_t i = 0; i < N_OF(status); i++) {
		int s = status[i];

		check_ends(spawn(return_it, &s), s);
	}
}

static void spawn_program__exits__is_its_status(void **state)
{
	check_ends(spawn_prog_exit("0", NULL), 0);
	check_ends(spawn_prog_exit("7", NULL), 7);
	check_ends(spawn_prog_exit("join", "9"), 9);
}

static void proc_join__killed_by_a_signal__is_minus_its_number(void **state)
{
	static const int sig[] = {SIGKILL, SIGTERM, SIGUSR1, SIGABRT};

	for (size_t i = 0; i < N_OF(sig); i++) {
		ipc_proc *p = i % 2 ? spawn(wait_for_signal, NULL) : spawn_prog_exit("wait", NULL);

		check_ok(ipc_proc_kill(p, sig[i]));
		check_ends(p, -sig[i]);
	}
}

static void proc_terminate__running__ends_it_by_sigterm(void **state)
{
	ipc_proc *p = spawn(wait_for_signal, NULL);

	check_ok(ipc_proc_terminate(p));
	check_ends(p, -SIGTERM);
}

static void proc_kill__ended_already__is_success(void **state)
{
	int       zero = 0;
	ipc_proc *p = spawn(return_it, &zero);

	check_ok(ipc_proc_join(p, IPC_SEC(30), NULL));
	check_ok(ipc_proc_terminate(p));
	check_ok(ipc_proc_kill(p, SIGKILL));
	p = ipc_proc_close(p);
}

static void proc_kill__no_such_signal__is_einval(void **state)
{
	ipc_proc *p = spawn(wait_for_signal, NULL);

	check_r(ipc_proc_kill(p, 1000), -EINVAL);
	check_r(ipc_proc_kill(p, -1), -EINVAL);
	check_r(ipc_proc_join(p, IPC_NOW, NULL), -EAGAIN);
	check_ok(ipc_proc_kill(p, SIGKILL));
	check_ends(p, -SIGKILL);
}

static void proc_join__still_running__is_eagain_or_etimedout(void **state)
{
	ipc_proc *p = spawn(wait_for_signal, NULL);
	int       status = 1234;
	uint64_t  began = test_now();

	check_r(ipc_proc_join(p, IPC_NOW, &status), -EAGAIN);
	check_r(ipc_proc_join(p, IPC_MSEC(300), &status), -ETIMEDOUT);
	check(test_now() - began >= 300000000);
	check_eq(status, 1234); /* written on success only */
	check_ok(ipc_proc_kill(p, SIGKILL));
	check_ends(p, -SIGKILL);
}

static void proc_calls__wrong__are_einval(void **state)
{
	ipc_proc *p = NULL;
	int       zero = 0;
	char     *argv[] = {NULL};

	check_r(ipc_spawn(NULL, return_it, &zero, NULL), -EINVAL);
	check_r(ipc_spawn(&p, NULL, NULL, NULL), -EINVAL);
	check_r(ipc_spawn(&p, return_it, &zero, &(struct ipc_proc_opts){0}), -EINVAL);
	check_r(ipc_spawn_program(NULL, "true", argv, NULL), -EINVAL);
	check_r(ipc_spawn_program(&p, NULL, argv, NULL), -EINVAL);
	check_r(ipc_spawn_program(&p, "true", NULL, NULL), -EINVAL);
	check_r(ipc_proc_join(NULL, IPC_NOW, NULL), -EINVAL);
	check_r(ipc_proc_kill(NULL, 0), -EINVAL);
	check_r(ipc_proc_fd(NULL), -EINVAL);
	check_r(ipc_proc_set_name(NULL), -EINVAL);
	check(!ipc_proc_close(NULL));
	check(!p);
}

/* Enough descriptors to fork, and none for the child's. */
static int without_a_descriptor(void *arg)
{
	ipc_proc     *p;
	struct rlimit most;
	int           next;

	check_ends(spawn_prog_exit("0", NULL), 0); /* this process has joined by now */
	next = dup(STDERR_FILENO);
	check(next >= 0);
	check_eq(close(next), 0);
	check_eq(getrlimit(RLIMIT_NOFILE, &most), 0);
	most.rlim_cur = (rlim_t)next;
	check_eq(setrlimit(RLIMIT_NOFILE, &most), 0);
	check_r(start(&p, "/bin/true", NULL, NULL, NULL), -EMFILE);
	check_explains("ulimit -n");
	check(!strstr(ipc_explain(), "Linux 5.3"));
	return 0;
}

static void spawn__no_descriptor_left__is_emfile_and_says_so(void **state)
{
	check_child(without_a_descriptor, NULL);
}

/* ---- starting programs ---------------------------------------------------------------------------- */

static void spawn_program__not_there__is_enoent_and_names_it(void **state)
{
	ipc_proc *p = NULL;

	check_r(start(&p, "/no/such/program", NULL, NULL, NULL), -ENOENT);
	check_explains("/no/such/program");
	check_r(start(&p, "no-such-program-in-path", NULL, NULL, NULL), -ENOENT);
	check(!p);
	check_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child was left */
	check_eq(errno, ECHILD);
}

static void spawn_program__not_executable__is_eacces(void **state)
{
	char      path[512];
	ipc_proc *p = NULL;
	int       fd;

	(void)snprintf(path, sizeof(path), "%s/plain", test_tmp());
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	check(fd >= 0);
	check_eq(close(fd), 0);
	check_r(start(&p, path, NULL, NULL, NULL), -EACCES);
	check_explains(path);
	check(!p);
}

static void spawn_program__without_a_slash__is_searched_in_path(void **state)
{
	ipc_proc *p;

	(void)setenv("TEST_WORD", "here", 1); /* the environment goes along */
	check_ok(start(&p, "sh", "-c", "test \"$TEST_WORD\" = here", NULL));
	check_ends(p, 0);
}

/* ---- the descriptor ------------------------------------------------------------------------------- */

static void proc_fd__running__becomes_readable_at_exit(void **state)
{
	ipc_proc     *p = spawn(wait_for_signal, NULL);
	struct pollfd fd = {.fd = ipc_proc_fd(p), .events = POLLIN};

	check(fd.fd >= 0);
	check(fcntl(fd.fd, F_GETFD) & FD_CLOEXEC);
	check_eq(poll(&fd, 1, 50), 0);
	check_ok(ipc_proc_kill(p, SIGKILL));
	check_eq(poll(&fd, 1, 30000), 1);
	check(fd.revents & POLLIN);
	check_ends(p, -SIGKILL);
}

/* ---- whose child ------------------------------------------------------------------------------------ */

static int join_the_parents(void *arg)
{
	check_r(ipc_proc_join(arg, IPC_NOW, NULL), -ECHILD);
	check_r(ipc_proc_join(arg, IPC_FOREVER, NULL), -ECHILD);
	check_explains("child");
	arg = ipc_proc_close(arg);
	return 0;
}

static void proc_join__not_the_parent__is_echild(void **state)
{
	ipc_proc *p = spawn(wait_for_signal, NULL);

	check_child(join_the_parents, p);
	check_ok(ipc_proc_kill(p, SIGKILL));
	check_ends(p, -SIGKILL);
}

static void proc_join__somebody_else_waited__is_echild(void **state)
{
	int       zero = 0;
	ipc_proc *p = spawn(return_it, &zero);

	check_eq(test_wait(ipc_proc_pid(p)), 0);
	check_r(ipc_proc_join(p, IPC_FOREVER, NULL), -ECHILD);
	p = ipc_proc_close(p);
}

/* The next child gets this pid, if the kernel lets us say so. */
static bool ask_for_pid(pid_t pid)
{
	int  fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	bool r = fd >= 0 && dprintf(fd, "%d", (int)pid - 1) > 0;

	if (fd >= 0)
		check_eq(close(fd), 0);
	return r;
}

static void proc_join__pid_is_another_childs__is_echild(void **state)
{
	int       zero = 0;
	ipc_proc *p = spawn(return_it, &zero);
	pid_t     pid = ipc_proc_pid(p), other = 0;

	check_eq(test_wait(pid), 0);
	for (int i = 0; i < 100 && other != pid && ask_for_pid(pid); i++) {
		if (other > 0)
			test_kill(other);
		other = test_fork(return_it, &zero);
	}
	if (other == pid) {
		check_r(ipc_proc_join(p, IPC_NOW, NULL), -ECHILD);
		check_r(ipc_proc_join(p, IPC_SEC(20), NULL), -ECHILD);
	}
	p = ipc_proc_close(p);
	if (other > 0)
		check_eq(test_wait(other), 0);
	if (other != pid)
		skip(); /* no right to choose, or others are too fast */
}

static void proc_close__running__does_not_end_it(void **state)
{
	ipc_proc *p = spawn(wait_for_signal, NULL);
	pid_t     pid = ipc_proc_pid(p);

	p = ipc_proc_close(p);
	check_eq(waitpid(pid, NULL, WNOHANG), 0);
	test_kill(pid);
}

static void proc_close__ended__reaps_it(void **state)
{
	int           zero = 0;
	ipc_proc     *p = spawn(return_it, &zero);
	struct pollfd fd = {.fd = ipc_proc_fd(p), .events = POLLIN};

	check_eq(poll(&fd, 1, 30000), 1);
	p = ipc_proc_close(p);
	check_eq(waitpid(-1, NULL, WNOHANG), -1);
	check_eq(errno, ECHILD);
}

static void *join_it(void *arg)
{
	int status;

	check_ok(ipc_proc_join(arg, IPC_SEC(30), &status));
	check_eq(status, -SIGKILL);
	return NULL;
}

static void proc_join__from_several_threads__all_see_the_status(void **state)
{
	for (int round = 0; round < 20; round++) {
		ipc_proc *p = spawn(wait_for_signal, NULL);
		pthread_t t[4];

		for (size_t i = 0; i < N_OF(t); i++)
			t[i] = test_thread(join_it, p);
		check_ok(ipc_proc_kill(p, SIGKILL));
		for (size_t i = 0; i < N_OF(t); i++)
			test_join_thread(t[i]);
		p = ipc_proc_close(p);
	}
}

/* ---- what a spawned function is given ------------------------------------------------------------------ */

static void leave_mark(void)
{
	(void)!write(STDOUT_FILENO, "atexit", 6);
}

static int print_word(void *arg)
{
	(void)printf("child");
	return 0; /* stdio is flushed, no atexit handler of the parent's runs */
}

static void spawn_beside_a_word(void)
{
	ipc_proc *p;

	(void)printf("parent,");
	check_ok(ipc_spawn(&p, print_word, NULL, NULL));
	check_ok(ipc_proc_join(p, IPC_SEC(30), NULL));
	p = ipc_proc_close(p);
}

static int spawn_with_stdio(void *arg)
{
	check(freopen(arg, "w", stdout));
	check_eq(atexit(leave_mark), 0);
	spawn_beside_a_word();
	(void)fflush(stdout);
	_exit(0);
}

static void *read_line(void *tid)
{
	char line[8];

	__atomic_store_n((pid_t *)tid, gettid(), __ATOMIC_RELEASE);
	check(fgets(line, sizeof(line), stdin));
	return NULL;
}

static int spawn_while_stdin_is_read(void *arg)
{
	pid_t     tid = 0;
	pthread_t t;
	int       fds[2];

	check(freopen(arg, "w", stdout));
	check_eq(pipe(fds), 0);
	check_eq(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	t = test_thread(read_line, &tid);
	check(wait_until(__atomic_load_n(&tid, __ATOMIC_ACQUIRE) && test_asleep(tid), 20));
	spawn_beside_a_word();
	check_eq(write(fds[1], "\n", 1), 1);
	test_join_thread(t);
	(void)fflush(stdout);
	_exit(0);
}

static void check_written_once(int (*fn)(void *path))
{
	char  path[512], text[64] = {0};
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/stdout", test_tmp());
	check_child(fn, path);
	f = fopen(path, "re");
	check(f);
	check(fgets(text, sizeof(text), f));
	check_eq(fclose(f), 0);
	if (strcmp(text, "parent,child"))
		test_fail("written was \"%s\"", text);
}

static void spawn__buffered_output__is_written_once(void **state)
{
	check_written_once(spawn_with_stdio);
}

static void spawn__another_thread_reads_stdin__does_not_wait_for_it(void **state)
{
	check_written_once(spawn_while_stdin_is_read);
}

static int send_by_inherited_end(void *arg)
{
	ipc_conn **end = arg;

	end[0] = ipc_conn_close(end[0]);
	return ipc_conn_send(end[1], "ping", 4, IPC_SEC(10)) == 0 ? 0 : 1;
}

static void spawn__open_handles__are_open_in_the_child(void **state)
{
	for (unsigned i = 0; i < test_rounds(100); i++) {
		ipc_conn *end[2];
		ipc_proc *p;
		char      buf[4];

		check_ok(ipc_pipe(end, NULL));
		check_ok(ipc_spawn(&p, send_by_inherited_end, end, NULL));
		end[1] = ipc_conn_close(end[1]);
		check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_SEC(20)), 4);
		check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_SEC(20)), -EPIPE);
		check_ends(p, 0);
		end[0] = ipc_conn_close(end[0]);
	}
}

static int owe_task(void *arg)
{
	char c;

	check_r(ipc_queue_get(arg, &c, 1, IPC_SEC(10)), 1);
	_exit(0);
}

/* A child that was joined is cleaned up after at once, not when somebody misses it. */
static void proc_join__child_ended_without_leaving__what_it_held_is_given_up(void **state)
{
	ipc_queue *q;
	ipc_proc  *p;

	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE)));
	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	p = spawn(owe_task, q);
	check_ends(p, 0);
	check_r(ipc_queue_join(q, IPC_NOW), -EOWNERDEAD);
	q = ipc_queue_close(q);
}

/* ---- names ----------------------------------------------------------------------------------------------- */

/* Is there a process @pid called @name in this domain, as an observer sees it? */
static bool is_called(pid_t pid, const char *name)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	bool                       is = false;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	for (size_t i = 0; i < s->n_processes; i++)
		is |= s->processes[i].pid == (uint64_t)pid && !strcmp(s->processes[i].name, name);
	o = ipc_observer_close(o);
	return is;
}

static void spawn__with_a_name__is_called_so(void **state)
{
	ipc_proc *p, *q;

	check_ok(ipc_spawn(&p, wait_for_signal, NULL, IPC_OPTS(ipc_proc_opts, .name = "worker 1")));
	check_ok(ipc_spawn(&q, wait_for_signal, NULL, NULL)); /* the name is for one child only */
	check(is_called(ipc_proc_pid(p), "worker 1"));
	check(is_called(ipc_proc_pid(q), "test_proc"));
	check_ok(ipc_proc_kill(p, SIGKILL));
	check_ok(ipc_proc_kill(q, SIGKILL));
	check_ends(p, -SIGKILL);
	check_ends(q, -SIGKILL);
}

static void spawn_program__with_a_name__is_called_so(void **state)
{
	ipc_proc *p;

	check_ok(ipc_proc_set_name("parent"));
	check_ok(start(&p, prog("queue"), "put", "nobody-makes-it",
		       IPC_OPTS(ipc_proc_opts, .name = "seeker")));
	check(wait_until(is_called(ipc_proc_pid(p), "seeker"), 20));
	check_ok(ipc_proc_kill(p, SIGKILL));
	check_ends(p, -SIGKILL);
	check_ok(start(&p, prog("queue"), "put", "nobody-makes-it", NULL));
	check(wait_until(is_called(ipc_proc_pid(p), "prog_queue"), 20));
	check_ok(ipc_proc_kill(p, SIGKILL));
	check_ends(p, -SIGKILL);
}

static void proc_set_name__long__is_cut(void **state)
{
	char name[200], cut[IPC_NAME_MAX + 1];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	memset(cut, 'n', sizeof(cut));
	cut[IPC_NAME_MAX] = '\0';
	check_ok(ipc_proc_set_name(name));
	check(is_called(getpid(), cut));
	check_ok(ipc_proc_set_name("short"));
	check(is_called(getpid(), "short"));
}

/* ---- traced ---------------------------------------------------------------------------------- */

struct traced {
	int   go[2], seized[2], release[2];
	pid_t child;
};

static int exit_when_told(void *arg)
{
	const struct traced *t = arg;
	char                 c;

	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); /* where that is asked for */
	return read(t->go[0], &c, 1) == 1 ? 7 : 1;
}

/* Somebody is seen to wait for @child, and not in the wait that had *@seq. */
static bool waits_anew(ipc_observer *o, pid_t child, uint64_t *seq)
{
	const struct ipc_snapshot *s;
	uint64_t                   before = *seq;

	check_ok(ipc_observer_read(o, &s));
	for (size_t i = 0; i < s->n_waits; i++)
		if (s->waits[i].op == IPC_OP_PROC && s->waits[i].child_pid == (uint64_t)child)
			*seq = s->waits[i].seq;
	return *seq != before;
}

static void await_two_waits(pid_t child)
{
	ipc_observer *o;
	uint64_t      seq = 0;

	check_ok(ipc_observer_open(&o, NULL));
	for (int i = 0; i < 2; i++)
		check(wait_until(waits_anew(o, child, &seq), 20));
	o = ipc_observer_close(o);
}

/* A debugger that takes its time to take note of the end. */
static int trace_it(void *arg)
{
	const struct traced *t = arg;
	int                  status;
	char                 c = 's';

	(void)close(t->release[1]);
	if (ptrace(PTRACE_SEIZE, t->child, NULL, NULL))
		c = 'n';
	if (write(t->seized[1], &c, 1) != 1 || c == 'n' || read(t->release[0], &c, 1) != 1)
		return 1;
	await_two_waits(t->child);
	return waitpid(t->child, &status, __WALL) == t->child && WIFEXITED(status) ? 0 : 1;
}

static void join__child_is_traced__waits_for_its_status(void **state)
{
	struct traced t;
	ipc_proc     *p;
	pid_t         tracer;
	int           status = -1;
	char          c = 'x';

	check_eq(pipe(t.go) | pipe(t.seized) | pipe(t.release), 0);
	p = spawn(exit_when_told, &t);
	t.child = ipc_proc_pid(p);
	tracer = test_fork(trace_it, &t);
	check_eq(read(t.seized[0], &c, 1), 1);
	check_eq(write(t.go[1], &c, 1), 1);
	if (c == 'n') { /* forbidden here */
		check_ok(ipc_proc_join(p, IPC_SEC(20), &status));
		(void)test_wait(tracer);
		skip();
	}
	check_r(ipc_proc_join(p, IPC_MSEC(200), &status), -ETIMEDOUT);
	check_eq(write(t.release[1], &c, 1), 1);
	check_ok(ipc_proc_join(p, IPC_SEC(20), &status));
	check_eq(status, 7);
	check_eq(test_wait(tracer), 0);
	ipc_proc_close(p);
	for (int i = 0; i < 2; i++) {
		(void)close(t.go[i]);
		(void)close(t.seized[i]);
		(void)close(t.release[i]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(spawn__function_returns__is_its_status, setup),
		cmocka_unit_test_setup(spawn_program__exits__is_its_status, setup),
		cmocka_unit_test_setup(proc_join__killed_by_a_signal__is_minus_its_number, setup),
		cmocka_unit_test_setup(proc_terminate__running__ends_it_by_sigterm, setup),
		cmocka_unit_test_setup(proc_kill__ended_already__is_success, setup),
		cmocka_unit_test_setup(proc_kill__no_such_signal__is_einval, setup),
		cmocka_unit_test_setup(proc_join__still_running__is_eagain_or_etimedout, setup),
		cmocka_unit_test_setup(proc_calls__wrong__are_einval, setup),
		cmocka_unit_test_setup(spawn__no_descriptor_left__is_emfile_and_says_so, setup),
		cmocka_unit_test_setup(spawn_program__not_there__is_enoent_and_names_it, setup),
		cmocka_unit_test_setup(spawn_program__not_executable__is_eacces, setup),
		cmocka_unit_test_setup(spawn_program__without_a_slash__is_searched_in_path, setup),
		cmocka_unit_test_setup(proc_fd__running__becomes_readable_at_exit, setup),
		cmocka_unit_test_setup(proc_join__not_the_parent__is_echild, setup),
		cmocka_unit_test_setup(proc_join__somebody_else_waited__is_echild, setup),
		cmocka_unit_test_setup(proc_join__pid_is_another_childs__is_echild, setup),
		cmocka_unit_test_setup(proc_close__running__does_not_end_it, setup),
		cmocka_unit_test_setup(proc_close__ended__reaps_it, setup),
		cmocka_unit_test_setup(proc_join__from_several_threads__all_see_the_status, setup),
		cmocka_unit_test_setup(spawn__buffered_output__is_written_once, setup),
		cmocka_unit_test_setup(spawn__another_thread_reads_stdin__does_not_wait_for_it,
				       setup),
		cmocka_unit_test_setup(spawn__open_handles__are_open_in_the_child, setup),
		cmocka_unit_test_setup(
			proc_join__child_ended_without_leaving__what_it_held_is_given_up, setup),
		cmocka_unit_test_setup(join__child_is_traced__waits_for_its_status, setup),
		cmocka_unit_test_setup(spawn__with_a_name__is_called_so, setup),
		cmocka_unit_test_setup(spawn_program__with_a_name__is_called_so, setup),
		cmocka_unit_test_setup(proc_set_name__long__is_cut, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
