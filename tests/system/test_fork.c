/*
 * fork and exec: a child is a process of its own that holds what its parent
 * held, from before fork returns until it ends or runs another program.
 *
 * test-limit: 300
 */

#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/sync.h>
#include <ipc/wait.h>

/* Each case is a process of its own, in a domain of its own, which is gone afterwards. */
static void check_case(int (*body)(void *arg), unsigned seconds)
{
	test_new_ipc_dir();
	test_deadline(seconds);
	check_child(body, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
	(void)alarm(0);
}

/* ---- the end of a conversation ------------------------------------------------------------ */

static int send_one(void *arg)
{
	ipc_conn **end = arg;

	end[0] = ipc_conn_close(end[0]);
	check_ok(ipc_conn_send(end[1], "late", 4, IPC_SEC(10)));
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static int parent_closes_at_once(void *arg)
{
	for (unsigned i = 0; i < test_rounds(300); i++) {
		ipc_conn *end[2];
		char      buf[8];
		pid_t     child;

		check_ok(ipc_pipe(end, NULL));
		child = test_fork(send_one, end);
		end[1] = ipc_conn_close(end[1]);
		check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_SEC(20)), 4);
		check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_SEC(20)), -EPIPE);
		check_eq(test_wait(child), 0);
		end[0] = ipc_conn_close(end[0]);
	}
	return 0;
}

static void fork__parent_closes_its_end_at_once__child_still_writes(void **state)
{
	check_case(parent_closes_at_once, 120);
}

static int exit_raw(void *arg)
{
	ipc_conn **end = arg;

	check_ok(ipc_conn_send(end[1], "x", 1, IPC_SEC(10)));
	_exit(0);
}

static int child_does_not_clean_up(void *arg)
{
	for (int i = 0; i < 20; i++) {
		ipc_conn *end[2];
		char      c;

		check_ok(ipc_pipe(end, NULL));
		check_child(exit_raw, end);
		end[1] = ipc_conn_close(end[1]);
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_SEC(20)), 1);
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_SEC(20)), -EPIPE);
		end[0] = ipc_conn_close(end[0]);
	}
	return 0;
}

static void fork__child_ends_by__exit__is_eof_after_its_messages(void **state)
{
	check_case(child_does_not_clean_up, 60);
}

static int child_closes_all(void *arg)
{
	ipc_conn **end = arg;

	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static int handles_are_apart(void *arg)
{
	ipc_conn *end[2];
	char      c;

	check_ok(ipc_pipe(end, NULL));
	check_child(child_closes_all, end);
	check_ok(ipc_conn_send(end[1], "x", 1, IPC_NOW));
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), 1);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EAGAIN);
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static void conn_close__in_the_child__leaves_the_parents_handles(void **state)
{
	check_case(handles_are_apart, 30);
}

/* ---- generations ----------------------------------------------------------------------------- */

struct line {
	ipc_conn **end;
	int        depth;
};

static int next_generation(void *arg)
{
	struct line *l = arg;

	if (l->depth-- == 0)
		return send_one(l->end);
	if (fork() == 0)
		exit(next_generation(l));
	return 0; /* without waiting for it */
}

static int grandchildren(void *arg)
{
	for (int depth = 1; depth < 8; depth++) {
		ipc_conn   *end[2];
		struct line l = {.end = end, .depth = depth};
		char        buf[8];

		check_ok(ipc_pipe(end, NULL));
		check_child(next_generation, &l);
		end[1] = ipc_conn_close(end[1]);
		check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_SEC(20)), 4);
		check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_SEC(20)), -EPIPE);
		end[0] = ipc_conn_close(end[0]);
	}
	return 0;
}

static void fork__grandchild_whose_parents_are_gone__still_writes(void **state)
{
	test_new_ipc_dir();
	test_deadline(60);
	check_child(grandchildren, NULL);
	check(wait_until(test_count_files(test_ipc_dir()) == 0,
			 20)); /* the last one goes by itself */
	(void)alarm(0);
}

/* ---- exec -------------------------------------------------------------------------------------- */

static int run_another_program(void *arg)
{
	ipc_conn **end = arg;

	check_ok(ipc_conn_send(end[1], "x", 1, IPC_SEC(10)));
	(void)execl("/bin/sleep", "sleep", "60", NULL);
	return TEST_FAILED;
}

static int exec_drops(void *arg)
{
	ipc_conn *end[2];
	pid_t     child;
	char      c;

	check_ok(ipc_pipe(end, NULL));
	child = test_fork(run_another_program, end);
	end[1] = ipc_conn_close(end[1]);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_SEC(20)), 1);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_SEC(20)), -EPIPE);
	check_eq(kill(child, 0), 0); /* it runs, and holds nothing */
	check_eq(waitpid(child, NULL, WNOHANG), 0);
	test_kill(child);
	end[0] = ipc_conn_close(end[0]);
	return 0;
}

static void exec__of_a_program_without_the_library__holds_nothing(void **state)
{
	check_case(exec_drops, 60);
}

static int wait_for_word(void *arg)
{
	ipc_conn **end = arg;
	char       buf[8];

	end[0] = ipc_conn_close(end[0]);
	check_r(ipc_conn_recv(end[1], buf, sizeof(buf), IPC_SEC(30)), 4);
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static int start_programs(void *arg)
{
	ipc_conn *end[2];
	pid_t     child;
	uint64_t  until;

	check_ok(ipc_pipe(end, NULL));
	child = test_fork(wait_for_word, end);
	end[1] = ipc_conn_close(end[1]);
	check(wait_until(test_asleep(child), 20));
	/* longer than a slice: had we been taken for dead, the child would see the end of file */
	until = test_now() + 700000000u;
	while (test_now() < until)
		check_eq(system("true"), 0); // NOLINT(cert-env33-c)
	check_ok(ipc_conn_send(end[0], "word", 4, IPC_SEC(10)));
	check_eq(test_wait(child), 0);
	end[0] = ipc_conn_close(end[0]);
	return 0;
}

static void system__while_another_process_waits__caller_stays_alive_to_it(void **state)
{
	check_case(start_programs, 60);
}

/* ---- many threads -------------------------------------------------------------------------------- */

struct busy {
	ipc_queue *q;
	int        stop;
	uint64_t   large;
};

static void *put_and_get(void *arg)
{
	struct busy *b = arg;
	char        *buf = calloc(1, b->large);

	check(buf);
	for (unsigned i = 0; !__atomic_load_n(&b->stop, __ATOMIC_ACQUIRE); i++) {
		ipc_conn *end[2];

		check_ok(ipc_queue_put(b->q, buf, i % 3 ? 16 : b->large, IPC_SEC(20)));
		check(ipc_queue_get(b->q, buf, b->large, IPC_SEC(20)) > 0);
		if (i % 16 == 0) {
			check_ok(ipc_pipe(end, NULL));
			end[0] = ipc_conn_close(end[0]);
			end[1] = ipc_conn_close(end[1]);
		}
	}
	free(buf);
	return NULL;
}

static int use_everything(void *arg)
{
	struct busy *b = arg;
	ipc_queue   *own;
	char        *buf = calloc(1, b->large);

	test_deadline(20);
	check(buf);
	check_ok(ipc_queue_create(&own, NULL, NULL));
	check_ok(ipc_queue_put(own, buf, b->large, IPC_NOW));
	check_r(ipc_queue_get(own, buf, b->large, IPC_NOW), (long long)b->large);
	own = ipc_queue_close(own);
	/* and what the other threads were inside of */
	check_ok(ipc_queue_put(b->q, buf, b->large, IPC_SEC(10)));
	check(ipc_queue_get(b->q, buf, b->large, IPC_SEC(10)) > 0);
	b->q = ipc_queue_close(b->q);
	free(buf);
	return 0;
}

static int fork_among_threads(void *arg)
{
	struct busy b = {.large = 20000};
	pthread_t   t[2];

	check_ok(ipc_queue_create(&b.q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 8)));
	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(put_and_get, &b);
	for (unsigned i = 0; i < test_rounds(200); i++)
		check_child(use_everything, &b);
	__atomic_store_n(&b.stop, 1, __ATOMIC_RELEASE);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	check_eq(ipc_queue_len(b.q), 0);
	b.q = ipc_queue_close(b.q);
	return 0;
}

static void fork__other_threads_in_every_call__child_can_use_the_library(void **state)
{
	check_case(fork_among_threads, 200);
}

static void *first_call(void *arg)
{
	ipc_queue *q;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	q = ipc_queue_close(q);
	return NULL;
}

static int call_once(void *arg)
{
	test_deadline(10);
	(void)first_call(NULL);
	return 0;
}

/* The process has not joined; a thread does so while another forks. */
static int fork_during_first_call(void *arg)
{
	uint32_t  seed = *(uint32_t *)arg;
	pthread_t t = test_thread(first_call, NULL);
	pid_t     child;

	test_burn(test_random(&seed) % 400);
	child = test_fork(call_once, NULL);
	test_join_thread(t);
	check_eq(test_wait(child), 0);
	return 0;
}

static void fork__another_thread_in_its_first_call__child_can_join(void **state)
{
	test_new_ipc_dir();
	test_deadline(120);
	for (uint32_t i = 1; i <= test_rounds(300); i++)
		check_child(fork_during_first_call, &i);
	check_eq(test_count_files(test_ipc_dir()), 0);
	(void)alarm(0);
}

static void *fork_often(void *arg)
{
	struct busy *b = arg;

	for (int i = 0; i < 50; i++)
		check_child(use_everything, b);
	return NULL;
}

static int fork_in_threads(void *arg)
{
	struct busy b = {.large = 1000};
	pthread_t   t[3];

	check_ok(ipc_queue_create(&b.q, NULL, NULL));
	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(fork_often, &b);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	b.q = ipc_queue_close(b.q);
	return 0;
}

static void fork__several_threads_at_once__every_child_can_use_the_library(void **state)
{
	check_case(fork_in_threads, 120);
}

/* ---- what is a thread's own ------------------------------------------------------------------------ */

static ipc_mutex *mutex;

static int unlock_the_parents(void *arg)
{
	check_r(ipc_mutex_unlock(mutex), -EPERM);
	check_r(ipc_mutex_lock(mutex, IPC_NOW), -EAGAIN);
	return 0;
}

static int fork_with_lock(void *arg)
{
	mutex = test_shared(sizeof(*mutex));
	check_ok(ipc_mutex_lock(mutex, IPC_NOW));
	check_child(unlock_the_parents, NULL);
	check_ok(ipc_mutex_unlock(mutex));
	return 0;
}

static void fork__holding_a_mutex__the_child_does_not_hold_it(void **state)
{
	check_case(fork_with_lock, 30);
}

/* ---- no room for the child -------------------------------------------------------------------------- */

static int no_member(void *arg)
{
	ipc_queue      *q = arg;
	struct ipc_item item = IPC_ITEM_QUEUE(q, IPC_READ);
	char            c;

	check_r(ipc_queue_put(q, "x", 1, IPC_NOW), -EBADF);
	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), -EBADF);
	check_r(ipc_queue_next_len(q), -EBADF);
	check_r(ipc_queue_task_done(q), -EBADF); /* the task is the parent's */
	check_r(ipc_queue_join(q, IPC_NOW), -EBADF);
	check_r(ipc_queue_seal(q), -EBADF);
	check_r(ipc_queue_shutdown(q), -EBADF);
	check_r(ipc_wait(&item, 1, 0, IPC_NOW), -EBADF);
	q = ipc_queue_close(q);
	check_r(ipc_queue_create(&q, NULL, NULL), -ENOBUFS);
	check_explains("IPC_MAX_PROCESSES");
	return 0;
}

static int sleep_until_killed(void *arg)
{
	return pause();
}

static int fork_into_full_domain(void *arg)
{
	ipc_queue *q;
	char       c;
	pid_t      room[2];

	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE)));
	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 1);
	for (size_t i = 0; i < N_OF(room); i++)
		room[i] = test_fork(sleep_until_killed, NULL);
	check_child(no_member, q);
	check_r(ipc_queue_join(q, IPC_NOW), -EAGAIN);
	check_ok(ipc_queue_task_done(q));
	check_ok(ipc_queue_join(q, IPC_NOW));
	for (size_t i = 0; i < N_OF(room); i++)
		test_kill(room[i]);
	q = ipc_queue_close(q);
	return 0;
}

static void fork__table_of_processes_full__child_holds_nothing_and_is_told_why(void **state)
{
	(void)setenv("IPC_MAX_PROCESSES", "3", 1);
	check_case(fork_into_full_domain, 30);
	(void)unsetenv("IPC_MAX_PROCESSES");
}

static pid_t sleeper[2];

/* Killed processes of somebody else's: over when they are zombies. */
static bool is_over(pid_t pid)
{
	char  path[64], text[512] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return true;
	(void)!fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	return strstr(text, ") Z") != NULL;
}

/* Whoever died in the next slots is not gone yet, as far as their locks say. */
static int fork_beside_locked_slots(void *arg)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 3};
	char         path[300];
	ipc_queue   *q;
	int          fd;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	(void)snprintf(path, sizeof(path), "%s/default/fork", test_ipc_dir());
	fd = open(path, O_RDWR | O_CLOEXEC);
	check(fd >= 0);
	check_eq(fcntl(fd, F_OFD_SETLK, &l), 0);
	check_child(use_everything, (&(struct busy){.q = q, .large = 5000}));
	close(fd);
	q = ipc_queue_close(q);
	return 0;
}

static void fork__next_slots_still_locked__child_gets_another(void **state)
{
	check_case(fork_beside_locked_slots, 30);
}

/* It was refused, closes what it inherited, and then there is room. */
static int member_at_last(void *arg)
{
	ipc_queue *q = arg, *own;

	check_r(ipc_queue_put(q, "x", 1, IPC_NOW), -EBADF);
	q = ipc_queue_close(q);
	for (size_t i = 0; i < N_OF(sleeper); i++)
		(void)kill(sleeper[i], SIGKILL);
	/* both: there must be room for this process, and then for its child */
	check(wait_until(is_over(sleeper[0]) && is_over(sleeper[1]), 20));
	check(wait_until(ipc_queue_create(&own, NULL, NULL) == 0, 20));
	check_child(use_everything, (&(struct busy){.q = own, .large = 5000}));
	own = ipc_queue_close(own);
	return 0;
}

static int room_later(void *arg)
{
	ipc_queue *q;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	for (size_t i = 0; i < N_OF(sleeper); i++)
		sleeper[i] = test_fork(sleep_until_killed, NULL);
	check_child(member_at_last, q);
	for (size_t i = 0; i < N_OF(sleeper); i++)
		check_eq(test_wait(sleeper[i]), -SIGKILL);
	q = ipc_queue_close(q);
	return 0;
}

/* ---- .. and its parent has gone on ------------------------------------------------------------------- */

enum { MANY = 4000, LARGE = 3000 };

struct late {
	ipc_queue *q; /* of which the parent's handle is closed by now */
	int        go[2];
};

/* Joins after all, and closes what it inherited. */
static int close_late(void *arg)
{
	struct late *l = arg;
	ipc_queue   *own;
	char         byte;

	check_eq(read(l->go[0], &byte, 1), 1);
	check_r(ipc_queue_put(l->q, "x", 1, IPC_NOW), -EBADF);
	check(wait_until(ipc_queue_create(&own, NULL, NULL) == 0, 20));
	l->q = ipc_queue_close(l->q);
	own = ipc_queue_close(own);
	return 0;
}

/* What a queue grew by, and has not given back. */
static ipc_queue *queue_of_some_size(void)
{
	static char buf[LARGE];
	ipc_queue  *q;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	for (int i = 0; i < MANY; i++)
		check_ok(ipc_queue_put(q, buf, LARGE, IPC_NOW));
	for (int i = 0; i < MANY - 1; i++) /* who closes one that is empty gives it back */
		check_r(ipc_queue_get(q, buf, LARGE, IPC_NOW), LARGE);
	return q;
}

static int another_in_its_place(void *arg)
{
	static struct ipc_msg m[MANY];
	struct late           l;
	ipc_queue            *first, *q;
	pid_t                 late;

	check_eq(pipe(l.go), 0);
	check_ok(ipc_queue_create(&first, NULL,
				  NULL)); /* so that these are members, and have no other */
	for (size_t i = 0; i < N_OF(sleeper); i++)
		sleeper[i] = test_fork(sleep_until_killed, NULL);
	l.q = queue_of_some_size();
	late = test_fork(close_late, &l);
	l.q = ipc_queue_close(l.q);
	for (size_t i = 0; i < N_OF(sleeper); i++)
		test_kill(sleeper[i]);
	check_ok(ipc_queue_create(&q, NULL, NULL)); /* has the record of the other */
	for (int i = 0; i < MANY; i++) {
		check_ok(ipc_queue_reserve(q, LARGE, &m[i], IPC_NOW));
		memset(m[i].data, 'R', LARGE);
	}
	check_eq(write(l.go[1], "x", 1), 1);
	check_eq(test_wait(late), 0);
	for (int i = 0; i < MANY; i++) {
		check_eq(*(char *)m[i].data, 'R');
		check_ok(ipc_queue_abort(q, &m[i]));
	}
	q = ipc_queue_close(q);
	first = ipc_queue_close(first);
	return 0;
}

static void fork__refused_child_joins_and_closes__others_keep_their_messages(void **state)
{
	(void)setenv("IPC_MAX_PROCESSES", "3", 1);
	check_case(another_in_its_place, 60);
	(void)unsetenv("IPC_MAX_PROCESSES");
}

static void fork__refused_child__joins_when_there_is_room(void **state)
{
	(void)setenv("IPC_MAX_PROCESSES", "3", 1);
	check_case(room_later, 60);
	(void)unsetenv("IPC_MAX_PROCESSES");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fork__parent_closes_its_end_at_once__child_still_writes),
		cmocka_unit_test(fork__child_ends_by__exit__is_eof_after_its_messages),
		cmocka_unit_test(conn_close__in_the_child__leaves_the_parents_handles),
		cmocka_unit_test(fork__grandchild_whose_parents_are_gone__still_writes),
		cmocka_unit_test(exec__of_a_program_without_the_library__holds_nothing),
		cmocka_unit_test(system__while_another_process_waits__caller_stays_alive_to_it),
		cmocka_unit_test(fork__other_threads_in_every_call__child_can_use_the_library),
		cmocka_unit_test(fork__another_thread_in_its_first_call__child_can_join),
		cmocka_unit_test(fork__several_threads_at_once__every_child_can_use_the_library),
		cmocka_unit_test(fork__holding_a_mutex__the_child_does_not_hold_it),
		cmocka_unit_test(
			fork__table_of_processes_full__child_holds_nothing_and_is_told_why),
		cmocka_unit_test(fork__next_slots_still_locked__child_gets_another),
		cmocka_unit_test(fork__refused_child__joins_when_there_is_room),
		cmocka_unit_test(fork__refused_child_joins_and_closes__others_keep_their_messages),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("fork", tests, NULL, NULL);
}
