/*
 * What the kernel refuses, or interrupts: no process more, no pidfd, a signal in every
 * sleep. An error of the call that asked, or nothing to notice at all.
 */

#include "support/test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <ipc/conn.h>
#include <ipc/proc.h>
#include <ipc/queue.h>

#define LIMIT IPC_SEC(20)

/* ---- refusing ---------------------------------------------------------------------------- */

/* From here on @call1 and @call2 fail with @error, in this process and its children. */
static bool refuse(unsigned call1, unsigned call2, unsigned error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call1, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = N_OF(filter), .filter = filter};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int nothing(void *arg)
{
	return 0;
}

static int without_processes(void *arg)
{
	ipc_queue *q = arg;
	ipc_proc  *child = NULL;

	check_ok(ipc_queue_put(q, "a", 1, LIMIT));
	if (!refuse(SYS_clone, SYS_clone3, EAGAIN))
		return 77;
	for (int i = 0; i < 40; i++) /* more than there is room for, should one stay */
		check_r(ipc_spawn(&child, nothing, NULL, NULL), -EAGAIN);
	check_ok(ipc_queue_put(q, "b", 1, LIMIT));
	_exit(0); /* a sanitizer's last look at the heap would need a process */
}

/* In a process that is a member for as long as the case takes. */
static int member(void *arg)
{
	ipc_queue *q;
	char       c;
	int        status;

	(void)setenv("IPC_MAX_PROCESSES", "16", 1);
	check_ok(ipc_queue_create(&q, NULL, NULL));
	status = test_run(without_processes, q);
	if (status != 0)
		return status;
	check_r(ipc_queue_get(q, &c, 1, LIMIT), 1);
	check_r(ipc_queue_get(q, &c, 1, LIMIT), 1);
	check_child(nothing, NULL); /* and processes can be made */
	q = ipc_queue_close(q);
	return 0;
}

/* Run @fn, and see that nothing of it stays. */
static void check_case(int (*fn)(void *arg))
{
	int status;

	test_new_ipc_dir();
	status = test_run(fn, NULL);
	if (status == 77)
		skip();
	check_eq(status, 0);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void spawn__no_process_more__is_eagain_and_leaves_nothing(void **state)
{
	check_case(member);
}

/* ---- no pidfds --------------------------------------------------------------------------- */

static int sleep_on(void *arg)
{
	(void)pause();
	return 0;
}

static int without_pidfds(void *arg)
{
	ipc_conn *end[2];
	ipc_proc *child;
	pid_t     pid;
	char      c;

	if (!refuse(SYS_pidfd_open, SYS_pidfd_send_signal, EPERM))
		return 77;
	check_ok(ipc_pipe(end, NULL));
	pid = test_fork(sleep_on, NULL);
	end[1] = ipc_conn_close(end[1]);
	check(wait_until(test_asleep(pid), 20));
	test_kill(pid);
	check_r(ipc_conn_recv(end[0], &c, 1, LIMIT), -EPIPE);
	end[0] = ipc_conn_close(end[0]);
	check_r(ipc_spawn(&child, nothing, NULL, NULL), -EPERM); /* whose handle is one */
	check_explains("pidfd");
	check(!strstr(ipc_explain(), "Linux 5.3")); /* which is not why */
	return 0;
}

static void death__pidfd_open_is_forbidden__is_noticed_all_the_same(void **state)
{
	check_case(without_pidfds);
}

/* ---- signals without end ------------------------------------------------------------------- */

#define MESSAGES 3000u

static void ring(int signal)
{
}

/* Every half a millisecond, and no system call is begun anew after it. */
static void be_pestered(void)
{
	struct sigaction a = {.sa_handler = ring};
	struct itimerval t = {.it_interval = {.tv_usec = 500}, .it_value = {.tv_usec = 500}};

	(void)sigaction(SIGALRM, &a, NULL);
	(void)setitimer(ITIMER_REAL, &t, NULL);
}

static int pestered_producer(void *arg)
{
	be_pestered();
	for (uint32_t i = 0; i < test_rounds(MESSAGES); i++)
		check_ok(ipc_queue_put(arg, &i, sizeof(i), LIMIT));
	return 0;
}

static int pestered_consumer(void *arg)
{
	be_pestered();
	for (uint32_t i = 0, is; i < test_rounds(MESSAGES); i++) {
		check_r(ipc_queue_get(arg, &is, sizeof(is), LIMIT), sizeof(is));
		check_eq(is, i);
		check_ok(ipc_queue_task_done(arg));
	}
	return 0;
}

static int between_pestered(void *arg)
{
	ipc_queue *q;
	pid_t      pid[2];

	check_ok(ipc_queue_create(
		&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 1, .flags = IPC_QUEUE_JOINABLE)));
	pid[0] = test_fork(pestered_producer, q);
	pid[1] = test_fork(pestered_consumer, q);
	check_eq(test_wait(pid[0]), 0);
	check_eq(test_wait(pid[1]), 0);
	check_ok(ipc_queue_join(q, LIMIT));
	q = ipc_queue_close(q);
	return 0;
}

static void queue__signals_in_every_sleep__all_comes_in_order_and_in_time(void **state)
{
	check_case(between_pestered);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spawn__no_process_more__is_eagain_and_leaves_nothing),
		cmocka_unit_test(death__pidfd_open_is_forbidden__is_noticed_all_the_same),
		cmocka_unit_test(queue__signals_in_every_sleep__all_comes_in_order_and_in_time),
	};

	test_deadline(100);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("denied", tests, NULL, NULL);
}
