/*
 * Who is dead, and who only looks like it: stopped, traced, without its first thread,
 * without its descriptors; a zombie, another program under the same pid, a pid namespace of
 * its own. Each time somebody waits on a pipe for what that process may still send.
 *
 * test-limit: 120
 */

#include "support/test.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/handle.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>

#define SLICES IPC_MSEC(800) /* more than three, in each of which the dead are looked for */
#define SOON   IPC_SEC(5)

/* A child with the sending end of a pipe; whatever else becomes of it. */
struct peer {
	const struct habit *habit;
	ipc_conn           *end[2];
	pid_t               pid;
	int                *ready, *go; /* shared: it is as it is to be; it may go on */
};

struct habit {
	const char *name;
	void (*become)(struct peer *p);  /* in the child */
	void (*inflict)(struct peer *p); /* from outside, when it is ready */
	void (*relieve)(struct peer *p);
};

static void say(int *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_RELEASE);
}

static bool said(const int *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void send_when_told(struct peer *p)
{
	say(p->ready);
	check(wait_until(said(p->go), 30));
	check_ok(ipc_conn_send(p->end[1], "x", 1, SOON));
}

static int be_peer(void *arg)
{
	struct peer *p = arg;

	p->end[0] = ipc_conn_close(p->end[0]);
	if (p->habit->become)
		p->habit->become(p);
	send_when_told(p);
	_exit(0);
}

static void peer_start(struct peer *p, const struct habit *habit)
{
	*p = (struct peer){
		.habit = habit, .ready = test_shared(sizeof(int)), .go = test_shared(sizeof(int))};
	check_ok(ipc_pipe(p->end, NULL));
	p->pid = test_fork(be_peer, p);
	p->end[1] = ipc_conn_close(p->end[1]);
	if (!wait_until(said(p->ready), 20))
		test_fail("%s: does not get there, ended by %d", habit->name, test_wait(p->pid));
	if (habit->inflict)
		habit->inflict(p);
}

static void peer_end(struct peer *p)
{
	p->end[0] = ipc_conn_close(p->end[0]);
}

/* ---- the living ------------------------------------------------------------------------- */

/* POSIX takes a process's lock when it closes any descriptor of the file. */
static void open_and_close_alive(struct peer *p)
{
	char        path[512];
	const char *domain = getenv("IPC_DOMAIN");
	int         fd;

	(void)snprintf(path, sizeof(path), "%s/%s/alive", test_ipc_dir(),
		       domain && *domain ? domain : "default");
	fd = open(path, O_RDWR);
	check(fd >= 0);
	(void)close(fd);
}

static void close_all(struct peer *p)
{
	check_eq(syscall(SYS_close_range, 3u, ~0u, 0u), 0);
}

/* The numbers come back as something else, which must not be mistaken for the library's. */
static void close_all_and_reuse(struct peer *p)
{
	close_all(p);
	for (int i = 0; i < 8; i++)
		check(open("/dev/null", O_RDWR) >= 0);
}

static void *go_on_alone(void *arg)
{
	send_when_told(arg);
	_exit(0);
}

/* The first thread is a zombie then, and so is the process to who looks no further. */
static void leave_it_to_a_thread(struct peer *p)
{
	static struct peer kept; /* the first thread's stack is written over as it ends */

	kept = *p;
	(void)test_thread(go_on_alone, &kept);
	pthread_exit(NULL);
}

static void close_all_and_leave_it_to_a_thread(struct peer *p)
{
	close_all(p);
	leave_it_to_a_thread(p);
}

static void stop(struct peer *p)
{
	check_eq(kill(p->pid, SIGSTOP), 0);
	check_eq(waitpid(p->pid, NULL, WUNTRACED), p->pid);
}

static void cont(struct peer *p)
{
	check_eq(kill(p->pid, SIGCONT), 0);
}

static void trace(struct peer *p)
{
	check_eq(ptrace(PTRACE_SEIZE, p->pid, NULL, NULL), 0);
	check_eq(ptrace(PTRACE_INTERRUPT, p->pid, NULL, NULL), 0);
	check_eq(waitpid(p->pid, NULL, __WALL), p->pid);
}

static void untrace(struct peer *p)
{
	check_eq(ptrace(PTRACE_DETACH, p->pid, NULL, NULL), 0);
}

static const struct habit living[] = {
	{"stopped", NULL, stop, cont},
	{"traced", NULL, trace, untrace},
	{"its first thread ended", leave_it_to_a_thread, NULL, NULL},
	{"opened and closed the lock's file", open_and_close_alive, NULL, NULL},
	{"closed all descriptors", close_all, NULL, NULL},
	{"closed all descriptors and opened others", close_all_and_reuse, NULL, NULL},
	{"closed all, and its first thread ended", close_all_and_leave_it_to_a_thread, NULL, NULL},
	{"closed all, and stopped", close_all, stop, cont},
};

static int nobody_reaps(void *arg)
{
	const struct habit *h = arg;
	struct peer         p;
	char                c;
	ssize_t             r;

	peer_start(&p, h);
	r = ipc_conn_recv(p.end[0], &c, 1, SLICES);
	if (r != -ETIMEDOUT)
		test_fail("%s: recv returned %zd, it ended by %d", h->name, r, test_wait(p.pid));
	if (h->relieve)
		h->relieve(&p);
	say(p.go);
	r = ipc_conn_recv(p.end[0], &c, 1, SOON);
	if (r != 1)
		test_fail("%s: what it sent then: %zd", h->name, r);
	check_eq(test_wait(p.pid), 0);
	check_r(ipc_conn_recv(p.end[0], &c, 1, SOON), -EPIPE);
	peer_end(&p);
	return 0;
}

static void process__alive_whatever_it_looks_like__is_not_reaped(void **state)
{
	for (size_t i = 0; i < N_OF(living); i++) {
		test_new_ipc_dir();
		check_child(nobody_reaps, (void *)(uintptr_t)&living[i]);
		check_eq(test_count_files(test_ipc_dir()), 0);
	}
}

/* It goes on as a member in everything: makes, forks, is told of others' deaths. */
static int go_on_without_descriptors(void *arg)
{
	ipc_queue *q[80];
	ipc_conn  *end[2];
	pid_t      child;
	char       c;

	check_ok(ipc_pipe(end, NULL));
	close_all(NULL);
	for (size_t i = 0; i < N_OF(q); i++)
		check_ok(ipc_queue_create(&q[i], NULL, NULL));
	child = fork();
	if (child == 0) {
		check_ok(ipc_conn_send(end[1], "x", 1, SOON));
		pause();
	}
	end[1] = ipc_conn_close(end[1]);
	check_r(ipc_conn_recv(end[0], &c, 1, SOON), 1);
	check_r(ipc_conn_recv(end[0], &c, 1, SLICES), -ETIMEDOUT);
	test_kill(child);
	check_r(ipc_conn_recv(end[0], &c, 1, SOON), -EPIPE);
	for (size_t i = 0; i < N_OF(q); i++)
		q[i] = ipc_queue_close(q[i]);
	end[0] = ipc_conn_close(end[0]);
	return 0;
}

static void process__closed_all_descriptors__goes_on(void **state)
{
	test_new_ipc_dir();
	check_child(go_on_without_descriptors, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

/* ---- the dead ------------------------------------------------------------------------------- */

static void kill_it(struct peer *p)
{
	check_eq(kill(p->pid, SIGKILL), 0); /* and not wait for it: a zombie */
}

/* The same pid, the same start, and another program, which is a member of the domain. */
static void exec_member(struct peer *p)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%d", p->end[0] ? 1 : 0);
	say(p->ready);
	(void)execl("/proc/self/exe", "test_alive", "--be-a-member", number, (char *)NULL);
	_exit(97);
}

/* A child that no handler of fork knows of keeps all descriptors, and the mapping. */
static void clone_and_pause(struct peer *p)
{
	if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0) {
		(void)wait_until(said(p->go), 20);
		_exit(0);
	}
}

static void fork_and_pause(struct peer *p)
{
	if (fork() == 0) {
		p->end[1] = ipc_conn_close(p->end[1]);
		(void)wait_until(said(p->go), 20);
		_exit(0);
	}
}

static const struct habit dead[] = {
	{"a zombie", NULL, kill_it, NULL},
	{"another program", exec_member, NULL, NULL},
	{"dead, and a clone of it lives", clone_and_pause, kill_it, NULL},
	{"dead, and a child of it lives", fork_and_pause, kill_it, NULL},
	{"dead after it closed all", close_all, kill_it, NULL},
};

static int all_see_it(void *arg)
{
	const struct habit *h = arg;
	struct peer         p;
	char                c;
	ssize_t             r;

	peer_start(&p, h);
	r = ipc_conn_recv(p.end[0], &c, 1, SOON);
	if (r != -EPIPE)
		test_fail("%s: recv returned %zd", h->name, r);
	(void)kill(p.pid, SIGKILL);
	(void)test_wait(p.pid);
	say(p.go); /* to what is left of it */
	peer_end(&p);
	return 0;
}

static void process__dead_whatever_is_left_of_it__is_reaped(void **state)
{
	for (size_t i = 0; i < N_OF(dead); i++) {
		test_new_ipc_dir();
		check_child(all_see_it, (void *)(uintptr_t)&dead[i]);
	}
}

/* ---- another pid namespace ---------------------------------------------------------------- */

/* In a child of its own: who unshares is not in the new namespace, its children are. */
static int send_from_a_namespace(void *arg)
{
	struct peer *p = arg;
	pid_t        child;

	if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0) {
		say(p->ready);
		return 77;
	}
	child = fork();
	if (child == 0) {
		check_eq(getpid(), 1);
		p->end[0] = ipc_conn_close(p->end[0]);
		send_when_told(p);
		for (;;)
			pause();
	}
	p->end[0] = ipc_conn_close(p->end[0]);
	p->end[1] = ipc_conn_close(p->end[1]);
	check(wait_until(said(p->ready), 20));
	check(wait_until(__atomic_load_n(p->go, __ATOMIC_ACQUIRE) == 2, 30));
	test_kill(child);
	return 0;
}

static int talk_to_a_namespace(void *arg)
{
	struct peer p = {.ready = test_shared(sizeof(int)), .go = test_shared(sizeof(int))};
	char        c;

	check_ok(ipc_pipe(p.end, NULL));
	p.pid = test_fork(send_from_a_namespace, &p);
	p.end[1] = ipc_conn_close(p.end[1]);
	check(wait_until(said(p.ready), 20));
	if (waitpid(p.pid, NULL, WNOHANG) == p.pid)
		return 77;
	check_r(ipc_conn_recv(p.end[0], &c, 1, SLICES), -ETIMEDOUT); /* it lives */
	say(p.go);
	check_r(ipc_conn_recv(p.end[0], &c, 1, SOON), 1);
	__atomic_store_n(p.go, 2, __ATOMIC_RELEASE);
	check_r(ipc_conn_recv(p.end[0], &c, 1, SOON), -EPIPE);
	check_eq(test_wait(p.pid), 0);
	peer_end(&p);
	return 0;
}

static void process__in_another_pid_namespace__is_alive_and_dead_like_any(void **state)
{
	int r;

	test_new_ipc_dir();
	r = test_run(talk_to_a_namespace, NULL);
	if (r == 77)
		skip(); /* no user namespaces here */
	check_eq(r, 0);
}

/* ---- the registry held up -------------------------------------------------------------------- */

/* Makes and closes without end: at most instants it has the registry locked, or wants it. */
static int make_and_close(void *arg)
{
	ipc_queue *q = NULL;

	while (!q) {
		check_ok(ipc_queue_create(&q, NULL, NULL));
		q = ipc_queue_close(q);
		say(arg);
	}
	return 0;
}

/* Is it stopped with the lock? Another process asks, with the lock's place as lock.c has it. */
static bool holds_the_registry(pid_t pid)
{
	struct flock f = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)1 << 40, .l_len = 1};
	const char *domain = getenv("IPC_DOMAIN");
	char        path[512];
	int        *held = test_shared(sizeof(int));
	pid_t       asker;

	(void)snprintf(path, sizeof(path), "%s/%s/alive", test_ipc_dir(),
		       domain && *domain ? domain : "default");
	asker = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); /* no member */
	if (asker == 0) {
		int fd = open(path, O_RDWR);

		*held = fd >= 0 && fcntl(fd, F_GETLK, &f) == 0 && f.l_type != F_UNLCK &&
			f.l_pid == pid;
		_exit(0);
	}
	check_eq(waitpid(asker, NULL, 0), asker);
	return *held;
}

static void stop_with_the_registry(pid_t pid)
{
	for (int i = 0; i < 2000; i++) {
		check_eq(kill(pid, SIGSTOP), 0);
		check_eq(waitpid(pid, NULL, WUNTRACED), pid);
		if (holds_the_registry(pid))
			return;
		check_eq(kill(pid, SIGCONT), 0);
		test_burn((unsigned)i % 97);
	}
	test_fail("it was never stopped with the registry locked");
}

/* The first get of a thread has to ask for the side; the first large put makes blocks. */
static void calls_in_time(ipc_queue *q, ipc_queue *joinable)
{
	static char big[20000];
	uint64_t    began = test_now();
	char        c;

	check_r(ipc_queue_get(q, &c, 1, IPC_MSEC(100)), -ETIMEDOUT);
	check_r(ipc_queue_put(q, big, sizeof(big), IPC_MSEC(100)), -ETIMEDOUT);
	check_r(ipc_queue_join(joinable, IPC_MSEC(100)), -ETIMEDOUT);
	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), -EAGAIN);
	check_r(ipc_queue_join(joinable, IPC_NOW), -EAGAIN);
	check(test_now() - began < UINT64_C(6000000000));
}

static int meet_a_stopped_owner(void *arg)
{
	int       *going = test_shared(sizeof(int));
	ipc_queue *q, *joinable;
	pid_t      owner;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_ok(ipc_queue_create(&joinable, NULL,
				  IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE)));
	check_ok(ipc_queue_put(joinable, "x", 1, SOON));
	owner = test_fork(make_and_close, going);
	check(wait_until(said(going), 20));
	stop_with_the_registry(owner);
	calls_in_time(q, joinable);
	check_eq(kill(owner, SIGCONT), 0);
	test_kill(owner);
	check_ok(ipc_queue_put(q, "x", 1, SOON)); /* and all is well again */
	q = ipc_queue_close(q);
	joinable = ipc_queue_close(joinable);
	return 0;
}

static void call__registry_locked_by_a_stopped_process__keeps_its_time_limit(void **state)
{
	test_new_ipc_dir();
	check_child(meet_a_stopped_owner, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

struct shares {
	ipc_rwlock lock;
	ipc_sem    sem; /* of one permit */
};

/* With a share of each: who wants one must count what the living have, in the registry. */
static int die_with_shares(void *arg)
{
	struct shares *s = arg;

	check_ok(ipc_rwlock_rdlock(&s->lock, IPC_NOW));
	check_ok(ipc_sem_wait(&s->sem, IPC_NOW));
	(void)raise(SIGKILL);
	return 0;
}

/* The registry stays locked until all of these have returned. */
static void shares_in_time(struct shares *s, ipc_queue *q, ipc_conn *sent)
{
	struct ipc_handle h = IPC_HANDLE_CONN(sent);

	check_r(ipc_rwlock_wrlock(&s->lock, IPC_MSEC(100)), -ETIMEDOUT);
	check_r(ipc_sem_wait(&s->sem, IPC_MSEC(100)), -ETIMEDOUT);
	check_r(ipc_queue_put_handle(q, "x", 1, &h, IPC_MSEC(100)), -ETIMEDOUT);
	check_r(ipc_queue_put_handle(q, "x", 1, &h, IPC_NOW), -EAGAIN);
}

static int want_shares_of_the_dead(void *arg)
{
	int           *going = test_shared(sizeof(int));
	ipc_queue     *q;
	ipc_conn      *end[2];
	ipc_shm       *shm;
	struct shares *s;
	pid_t          owner;

	test_deadline(20); /* a call that never returns holds up all the rest */
	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_ok(ipc_pipe(end, NULL));
	check_ok(ipc_shm_create(&shm, NULL, sizeof(*s)));
	s = ipc_shm_data(shm);
	check_ok(ipc_sem_init(&s->sem, 1, 1));
	check_ok(ipc_queue_put(q, "x", 1, SOON)); /* the first call of a thread may wait */
	check_eq(test_run(die_with_shares, s), -SIGKILL);
	owner = test_fork(make_and_close, going);
	check(wait_until(said(going), 10));
	stop_with_the_registry(owner);
	shares_in_time(s, q, end[1]);
	check_eq(kill(owner, SIGCONT), 0);
	test_kill(owner);
	check_ok(ipc_rwlock_wrlock(&s->lock, SOON));
	check_ok(ipc_sem_wait(&s->sem, SOON));
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	q = ipc_queue_close(q);
	shm = ipc_shm_close(shm);
	return 0;
}

static void share__registry_locked_by_a_stopped_process__keeps_its_time_limit(void **state)
{
	test_new_ipc_dir();
	check_child(want_shares_of_the_dead, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static int be_a_member(void)
{
	ipc_queue *q;

	(void)alarm(20);
	if (ipc_queue_create(&q, NULL, NULL) < 0)
		return 1;
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process__alive_whatever_it_looks_like__is_not_reaped),
		cmocka_unit_test(process__closed_all_descriptors__goes_on),
		cmocka_unit_test(process__dead_whatever_is_left_of_it__is_reaped),
		cmocka_unit_test(process__in_another_pid_namespace__is_alive_and_dead_like_any),
		cmocka_unit_test(call__registry_locked_by_a_stopped_process__keeps_its_time_limit),
		cmocka_unit_test(share__registry_locked_by_a_stopped_process__keeps_its_time_limit),
	};

	if (argc > 1 && !strcmp(argv[1], "--be-a-member"))
		return be_a_member();
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("alive", tests, NULL, NULL);
}
