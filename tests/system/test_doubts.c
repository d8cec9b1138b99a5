/*
 * What lowers a verdict: things that may end a deadlock and are not the library's.
 *
 * In each case a parent joins a child that waits for the parent. Nothing else is in its way, so
 * without a doubt that is a deadlock; and with one it must not be called so.
 */

#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/sync.h>

static int setup(void **state)
{
	test_deadline(60);
	check_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	return 0;
}

/* What the child does before it waits. */
typedef void preparation(void);

struct child {
	ipc_conn    *end[2];
	preparation *prepare;
};

static int receive(void *arg)
{
	struct child *c = arg;
	char          byte;

	c->end[0] = ipc_conn_close(c->end[0]);
	c->prepare();
	return ipc_conn_recv(c->end[1], &byte, 1, IPC_FOREVER) == -EPIPE ? 0 : 1;
}

static int join(void *arg)
{
	struct child c = {.prepare = (preparation *)arg};
	ipc_proc    *p;

	check_ok(ipc_pipe(c.end, NULL));
	check_ok(ipc_spawn(&p, receive, &c, NULL));
	c.end[1] = ipc_conn_close(c.end[1]);
	check_ok(ipc_proc_join(p, IPC_FOREVER, NULL));
	return 0;
}

/* The class of the verdict over @n threads, and whether @word is in its text. 0: there is none. */
static enum ipc_verdict_class verdict_over(size_t n, const char *word, bool *ret_said)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	enum ipc_verdict_class     r = 0;

	if (ipc_observer_open(&o, NULL) < 0)
		return 0; /* the domain is not there yet */
	check_ok(ipc_observer_read(o, &s));
	for (size_t i = 0; i < s->n_verdicts; i++)
		if (s->verdicts[i].n_core == n) {
			r = s->verdicts[i].class_;
			*ret_said = strstr(s->verdicts[i].text, word) != NULL;
		}
	o = ipc_observer_close(o);
	return r;
}

static enum ipc_verdict_class verdict(const char *word, bool *ret_said)
{
	return verdict_over(2, word, ret_said);
}

static void check_verdict(preparation *prepare, enum ipc_verdict_class class_, const char *word)
{
	enum ipc_verdict_class is = 0;
	bool                   said = false;
	pid_t                  parent;

	test_new_ipc_dir();
	parent = test_fork(join, (void *)prepare);
	/* what is doubtful is told when it has lasted for a while, so the first verdict counts */
	check(wait_until((is = verdict(word, &said)) != 0, 20));
	check_eq(is, class_);
	check(said);
	test_kill(parent);
	while (wait(NULL) > 0) /* the child sees the end of its pipe; it is ours now */
		;
}

static void nothing(void)
{
	(void)alarm(0); /* test_fork() and ipc_spawn() leave none, but who knows */
}

static void an_alarm_that_kills(void)
{
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(9);
}

static void an_alarm_ignored(void)
{
	(void)signal(SIGALRM, SIG_IGN);
	(void)alarm(9);
}

static void a_watchdog(void)
{
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(1000);
}

/* It comes once the others sleep, sets an alarm, and is gone. */
static void *set_alarm(void *arg)
{
	while (verdict("", &(bool){false}) == 0)
		test_pause();
	(void)alarm(9);
	return arg;
}

static void an_alarm_of_a_thread(void)
{
	pthread_t t;

	nothing();
	(void)signal(SIGALRM, SIG_DFL);
	check_eq(pthread_create(&t, NULL, set_alarm, NULL), 0);
	(void)pthread_detach(t);
}

static void a_timer(void)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	timer_t         t;

	nothing();
	check_eq(timer_create(CLOCK_MONOTONIC, &e, &t), 0);
}

static void a_raw_fork(void)
{
	pid_t parent = getpid();

	nothing();
	if (syscall(SYS_fork) == 0) {
		while (getppid() == parent)
			test_pause();
		_exit(0);
	}
}

static void *stay(void *arg)
{
	(void)pthread_setname_np(pthread_self(), "job-ust");
	__atomic_store_n((bool *)arg, true, __ATOMIC_RELEASE);
	for (bool for_ever = true; for_ever;)
		test_pause();
	return NULL;
}

/* Called as LTTng's threads are, which will never help anybody, in a program that is traced. */
static void a_thread_of_such_a_name(void)
{
	static bool named;
	char        path[512];
	pthread_t   t;
	int         fd;

	(void)snprintf(path, sizeof(path), "%s/liblttng-ust.so.1", getenv("TEST_TMP"));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	check(fd >= 0);
	check_eq(ftruncate(fd, 4096), 0);
	check(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
	check_eq(close(fd), 0);
	check_eq(pthread_create(&t, NULL, stay, &named), 0);
	while (!__atomic_load_n(&named, __ATOMIC_ACQUIRE))
		test_pause();
}

static void doubts__none__is_a_deadlock(void **state)
{
	check_verdict(nothing, IPC_DEADLOCK, "certain");
}

static void doubts__alarm_that_will_kill_the_child__is_suspected(void **state)
{
	check_verdict(an_alarm_that_kills, IPC_SUSPECTED, "has an alarm: SIGALRM comes in ");
}

static void doubts__alarm_that_does_nothing__is_a_deadlock(void **state)
{
	check_verdict(an_alarm_ignored, IPC_DEADLOCK, "certain");
}

static void doubts__watchdog__is_a_deadlock_until_it_barks(void **state)
{
	check_verdict(a_watchdog, IPC_DEADLOCK, "\nUntil: an alarm (SIGALRM) of ");
}

static bool is_suspected_for_an_alarm(void)
{
	bool said = false;

	return verdict("has an alarm: SIGALRM comes in ", &said) == IPC_SUSPECTED && said;
}

static void doubts__alarm_of_a_thread_that_is_gone__is_suspected(void **state)
{
	pid_t parent;

	test_new_ipc_dir();
	parent = test_fork(join, (void *)an_alarm_of_a_thread);
	check(wait_until(is_suspected_for_an_alarm(), 20));
	test_kill(parent);
	while (wait(NULL) > 0)
		;
}

static void doubts__timer__is_suspected(void **state)
{
	check_verdict(a_timer, IPC_SUSPECTED, "has a timer (timer_create)");
}

static void doubts__fork_past_the_library__is_suspected(void **state)
{
	check_verdict(a_raw_fork, IPC_SUSPECTED, "has the domain mapped and is not of it");
}

static void doubts__thread_called_like_a_tracer__is_suspected(void **state)
{
	check_verdict(a_thread_of_such_a_name, IPC_SUSPECTED, "job-ust");
}

/* ---- of memory alone ---------------------------------------------------------------------------- */

static int sleep_until_killed(void *arg)
{
	return pause();
}

/* There was no room for it, so it has no handle; but the event is mapped as it was. */
static void join_when_there_is_room(pid_t sleeper)
{
	ipc_event *own;

	check_eq(prctl(PR_SET_PDEATHSIG, SIGKILL), 0);
	(void)kill(sleeper, SIGKILL);
	check(wait_until(ipc_event_create(&own, NULL) == 0, 20));
	for (;;)
		(void)pause();
}

static int wait_for_event(void *arg)
{
	ipc_event *e;
	pid_t      sleeper, child;

	check_ok(ipc_event_create(&e, NULL));
	sleeper = test_fork(sleep_until_killed, NULL);
	child = fork();
	check(child >= 0);
	if (child == 0)
		join_when_there_is_room(sleeper);
	return ipc_event_wait(e, IPC_FOREVER);
}

static void doubts__member_that_was_refused_first__is_suspected(void **state)
{
	enum ipc_verdict_class is = 0;
	bool                   said = false;
	pid_t                  parent;

	test_new_ipc_dir();
	(void)setenv("IPC_MAX_PROCESSES", "2", 1);
	parent = test_fork(wait_for_event, NULL);
	(void)unsetenv("IPC_MAX_PROCESSES");
	check(wait_until((is = verdict_over(1, "had handles before it joined", &said)) != 0 && said,
			 20));
	check_eq(is, IPC_SUSPECTED);
	test_kill(parent);
	while (wait(NULL) > 0) /* its children end with it */
		;
}

/* ---- stopped ------------------------------------------------------------------------------------ */

static int get_for_ever(void *arg)
{
	char byte;

	while (ipc_queue_get(arg, &byte, 1, IPC_FOREVER) == 1)
		;
	return 1;
}

static int put_for_ever(void *arg)
{
	while (ipc_queue_put(arg, "x", 1, IPC_FOREVER) == 0)
		;
	return 1;
}

static bool sleeps(pid_t pid)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	bool                       r = false;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	for (size_t i = 0; i < s->n_waits; i++)
		r |= s->processes[s->threads[s->waits[i].thread].process].pid == (uint64_t)pid;
	o = ipc_observer_close(o);
	return r;
}

static size_t n_processes(void)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	size_t                     r;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	r = s->n_processes;
	o = ipc_observer_close(o);
	return r;
}

static int stop_at_once(void *arg)
{
	(void)arg;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody continues it */
	return raise(SIGSTOP);
}

static int join_who_stops(void *arg)
{
	ipc_proc *p;

	(void)arg;
	check_ok(ipc_spawn(&p, stop_at_once, NULL, NULL));
	check_ok(ipc_proc_join(p, IPC_FOREVER, NULL));
	return 0;
}

/* The library knows of the child, and of none of its threads. */
static void doubts__child_stopped_before_its_first_call__is_stopped(void **state)
{
	bool  said = false;
	pid_t parent;

	test_new_ipc_dir();
	parent = test_fork(join_who_stops, NULL);
	check(wait_until(verdict_over(1, "stopped", &said) == IPC_STOPPED, 20));
	check(said);
	test_kill(parent);
	while (wait(NULL) > 0)
		;
}

/* What it slept for is there by now, and it would only have to run. */
static void doubts__stopped_while_it_slept__is_stopped(void **state)
{
	ipc_queue *q;
	pid_t      getter, putter;
	bool       said = false;

	test_new_ipc_dir();
	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 2)));
	getter = test_fork(get_for_ever, q);
	check(wait_until(sleeps(getter), 20));
	check_eq(kill(getter, SIGSTOP), 0);
	putter = test_fork(put_for_ever, q);
	q = ipc_queue_close(q);
	check(wait_until(verdict_over(1, "stopped", &said) == IPC_STOPPED, 20));
	check(said);
	test_kill(putter);
	test_kill(getter);
}

/* Joins, and is gone. */
static int come_and_go(void *arg)
{
	return ipc_queue_put((ipc_queue *)arg, "", 1, IPC_NOW) == 0 ? 0 : 1;
}

/* Thousands a second, some at once. */
static int crowd(void *arg)
{
	ipc_queue *q;
	char       byte;

	(void)arg;
	check_ok(ipc_queue_create(&q, NULL, NULL));
	for (int n = 0;; n++) {
		(void)test_fork(come_and_go, q);
		if (n >= 8)
			check(wait(NULL) > 0);
		while (ipc_queue_get(q, &byte, 1, IPC_NOW) > 0)
			;
	}
}

/*
 * Who is on its way into the domain, or out of it, is no stranger, and while it changes the tables
 * that is waited for. Not asked of each reading: a machine may let all of them wait for long.
 */
static void doubts__others_come_and_go__is_a_deadlock(void **state)
{
	enum { READINGS = 30, MOST = 22 };
	bool  said;
	int   certain = 0;
	pid_t parent, others;

	test_new_ipc_dir();
	parent = test_fork(join, (void *)nothing);
	check(wait_until(verdict("", &said) == IPC_DEADLOCK, 20));
	others = test_fork(crowd, NULL);
	check(wait_until(n_processes() > 3, 20));
	for (int i = 0; i < READINGS; i++)
		certain += verdict("", &said) == IPC_DEADLOCK;
	test_kill(others);
	test_kill(parent);
	while (wait(NULL) > 0)
		;
	check(certain >= MOST);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(doubts__none__is_a_deadlock, setup),
		cmocka_unit_test_setup(doubts__alarm_that_will_kill_the_child__is_suspected, setup),
		cmocka_unit_test_setup(doubts__alarm_that_does_nothing__is_a_deadlock, setup),
		cmocka_unit_test_setup(doubts__watchdog__is_a_deadlock_until_it_barks, setup),
		cmocka_unit_test_setup(doubts__alarm_of_a_thread_that_is_gone__is_suspected, setup),
		cmocka_unit_test_setup(doubts__timer__is_suspected, setup),
		cmocka_unit_test_setup(doubts__thread_called_like_a_tracer__is_suspected, setup),
		cmocka_unit_test_setup(doubts__fork_past_the_library__is_suspected, setup),
		cmocka_unit_test_setup(doubts__child_stopped_before_its_first_call__is_stopped,
				       setup),
		cmocka_unit_test_setup(doubts__others_come_and_go__is_a_deadlock, setup),
		cmocka_unit_test_setup(doubts__member_that_was_refused_first__is_suspected, setup),
		cmocka_unit_test_setup(doubts__stopped_while_it_slept__is_stopped, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("doubts", tests, NULL, NULL);
}
