/* Handles in messages: what arrives, what holds them on their way, and what becomes of those that do not. */

#include "support/test.h"

#include <signal.h>
#include <sys/resource.h>

#include <ipc/handle.h>
#include <ipc/observe.h>
#include <ipc/shm.h>

#define SOON IPC_SEC(20)

struct stage {
	ipc_queue *q;       /* carries */
	ipc_conn  *end[2];  /* what is sent: end[1] */
	ipc_conn  *road[2]; /* carries, too */
};

static struct stage s;

static int setup(void **state)
{
	static const struct ipc_queue_opts bounded = {.sz = sizeof(bounded), .maxsize = 64};

	test_deadline(60);
	s = (struct stage){0};
	check_ok(ipc_queue_create(&s.q, "q", &bounded));
	check_ok(ipc_pipe(s.end, NULL));
	check_ok(ipc_pipe(s.road, NULL));
	return 0;
}

static void close_pair(ipc_conn *pair[2])
{
	for (int i = 0; i < 2; i++)
		pair[i] = ipc_conn_close(pair[i]);
}

/* Objects that are left in the domain. */
static size_t n_objects(void)
{
	const struct ipc_snapshot *snap;
	ipc_observer              *o;
	size_t                     n;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &snap));
	n = snap->n_channels;
	o = ipc_observer_close(o);
	return n;
}

static int teardown(void **state)
{
	close_pair(s.end);
	close_pair(s.road);
	check_eq(n_objects(), 1); /* whatever was done: nothing keeps what all have closed */
	s.q = ipc_queue_close(s.q);
	check_ok(ipc_queue_unlink("q"));
	return 0;
}

static void put_end(ipc_conn *c, const void *buf, size_t len)
{
	struct ipc_handle h = IPC_HANDLE_CONN(c);

	check_ok(ipc_queue_put_handle(s.q, buf, len, &h, IPC_NOW));
}

static ipc_conn *get_end(void)
{
	struct ipc_handle h;

	check(ipc_queue_get_handle(s.q, NULL, 0, &h, SOON) == 0);
	check_eq(h.kind, IPC_HANDLE_IS_CONN);
	return h.of.conn;
}

static void check_talks(ipc_conn *a, ipc_conn *b)
{
	char c = 0;

	check_ok(ipc_conn_send(a, "x", 1, SOON));
	check_r(ipc_conn_recv(b, &c, 1, SOON), 1);
	check_eq(c, 'x');
}

/* This process stays in its domain, so all cases share one. */
static int group_setup(void **state)
{
	test_new_ipc_dir();
	return 0;
}

/* ---- what arrives ------------------------------------------------------------------ */

static void handle__conn_in_a_queue__talks_to_its_other_end(void **state)
{
	ipc_conn *got;

	put_end(s.end[1], NULL, 0);
	got = get_end();
	check_talks(s.end[0], got);
	check_talks(got, s.end[0]);
	got = ipc_conn_close(got);
	check_talks(s.end[0], s.end[1]); /* the sender has kept its own */
}

static void handle__with_bytes_of_every_length__both_arrive(void **state)
{
	static const size_t lens[] = {0, 1, 87, 88, 89, 96, 97, 5000, 1000000};
	unsigned char      *out = malloc(1000000), *in = malloc(1000000);

	check(out && in);
	for (size_t i = 0; i < N_OF(lens); i++) {
		struct ipc_handle h;

		test_pattern(out, lens[i], (uint32_t)i);
		put_end(s.end[1], out, lens[i]);
		check_r(ipc_queue_get_handle(s.q, in, 1000000, &h, SOON), (long long)lens[i]);
		check(test_pattern_is(in, lens[i], (uint32_t)i));
		check_eq(h.kind, IPC_HANDLE_IS_CONN);
		check_talks(h.of.conn, s.end[0]);
		h.of.conn = ipc_conn_close(h.of.conn);
	}
	free(out);
	free(in);
}

static void handle__queue_and_memory_over_a_connection__arrive(void **state)
{
	struct ipc_handle h, got;
	ipc_queue        *q;
	ipc_shm          *shm;
	char              c;

	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE)));
	check_ok(ipc_shm_create(&shm, NULL, 5000));
	memcpy(ipc_shm_data(shm), "hello", 5);
	h = (struct ipc_handle)IPC_HANDLE_QUEUE(q);
	check_ok(ipc_conn_send_handle(s.road[0], NULL, 0, &h, SOON));
	h = (struct ipc_handle)IPC_HANDLE_SHM(shm);
	check_ok(ipc_conn_send_handle(s.road[0], "m", 1, &h, SOON));
	q = ipc_queue_close(q);
	shm = ipc_shm_close(shm);

	check_r(ipc_conn_recv_handle(s.road[1], &c, 1, &got, SOON), 0);
	check_eq(got.kind, IPC_HANDLE_IS_QUEUE);
	check_ok(ipc_queue_put(got.of.queue, "t", 1, SOON));
	check_r(ipc_queue_get(got.of.queue, &c, 1, SOON), 1);
	check_ok(ipc_queue_task_done(got.of.queue));
	check_ok(ipc_queue_join(got.of.queue, SOON));
	got.of.queue = ipc_queue_close(got.of.queue);

	check_r(ipc_conn_recv_handle(s.road[1], &c, 1, &got, SOON), 1);
	check_eq(got.kind, IPC_HANDLE_IS_SHM);
	check_eq(ipc_shm_size(got.of.shm), 5000);
	check(memcmp(ipc_shm_data(got.of.shm), "hello", 5) == 0);
	got.of.shm = ipc_shm_close(got.of.shm);
}

static void handle__message_without_one__is_none(void **state)
{
	struct ipc_handle h = {.kind = IPC_HANDLE_IS_SHM};
	char              c;

	check_ok(ipc_queue_put(s.q, "x", 1, SOON));
	check_r(ipc_queue_get_handle(s.q, &c, 1, &h, SOON), 1);
	check_eq(h.kind, IPC_HANDLE_NONE);
	check_eq(h.error, 0);
}

/* A program that is no child of who sends and shares the domain's name only. */
static void handle__unrelated_program__gets_a_connection(void **state)
{
	pid_t pid = test_program("handle", "q", NULL);
	char  got[8];

	put_end(s.end[1], NULL, 0);
	s.end[1] = ipc_conn_close(s.end[1]);
	check_ok(ipc_conn_send(s.end[0], "over", 4, SOON));
	check_r(ipc_conn_recv(s.end[0], got, sizeof(got), SOON), 4);
	check(memcmp(got, "over", 4) == 0);
	s.end[0] = ipc_conn_close(s.end[0]);
	check_eq(test_wait(pid), 0);
}

/* ---- on their way -------------------------------------------------------------------- */

static int sends_and_exits(void *arg)
{
	s.end[0] = ipc_conn_close(s.end[0]);
	put_end(s.end[1], NULL, 0);
	if (arg)
		(void)raise(SIGKILL);
	return 0;
}

static void sent_by_a_child(bool killed)
{
	ipc_conn *got;
	char      c;

	check_eq(test_run(sends_and_exits, killed ? &s : NULL), killed ? -SIGKILL : 0);
	s.end[1] = ipc_conn_close(s.end[1]);
	/* only the message holds the other end: no end of file */
	check_r(ipc_conn_recv(s.end[0], &c, 1, IPC_MSEC(600)), -ETIMEDOUT);
	got = get_end();
	check_talks(s.end[0], got);
	got = ipc_conn_close(got);
	check_r(ipc_conn_recv(s.end[0], &c, 1, SOON), -EPIPE);
}

static void handle__sender_has_exited__message_holds_it(void **state)
{
	sent_by_a_child(false);
}

static void handle__sender_was_killed__message_holds_it(void **state)
{
	sent_by_a_child(true);
}

static int waits(void *arg)
{
	char c;

	s.end[1] = ipc_conn_close(s.end[1]);
	return ipc_conn_recv(s.end[0], &c, 1, IPC_FOREVER) == -EPIPE ? 0 : 1;
}

static size_t n_waits(ipc_observer *o, size_t *ret_verdicts)
{
	const struct ipc_snapshot *snap;

	check_ok(ipc_observer_read(o, &snap));
	*ret_verdicts = snap->n_verdicts;
	return snap->n_waits;
}

static void handle__in_a_message__keeps_nobody_in_a_verdict(void **state)
{
	ipc_observer *o;
	size_t        n_verdicts = 0;
	pid_t         child;

	check_ok(ipc_observer_open(&o, NULL));
	put_end(s.end[1], NULL, 0);
	s.end[1] = ipc_conn_close(s.end[1]);
	child = test_fork(waits, NULL);
	check(wait_until(n_waits(o, &n_verdicts) == 1, 20));
	check_eq(n_verdicts, 0);
	s.end[0] = ipc_conn_close(s.end[0]);
	for (int i = 0; i < 5; i++) {
		check(wait_until(n_waits(o, &n_verdicts) == 1,
				 20)); /* it looks around now and then */
		check_eq(n_verdicts, 0);
		test_pause();
	}
	close_pair((ipc_conn *[2]){get_end(), NULL});
	check_eq(test_wait(child), 0);
	o = ipc_observer_close(o);
}

/* ---- those that do not arrive ------------------------------------------------------------ */

static void check_ends(ipc_conn *c)
{
	char x;

	check_r(ipc_conn_recv(c, &x, 1, SOON), -EPIPE);
}

static void handle__not_asked_for__bytes_come_and_it_is_closed(void **state)
{
	char           c[8];
	struct ipc_msg m;
	struct ipc_buf b = {.data = c, .cap = sizeof(c)};

	put_end(s.end[1], "a", 1);
	put_end(s.end[1], "b", 1);
	put_end(s.end[1], "c", 1);
	s.end[1] = ipc_conn_close(s.end[1]);
	check_r(ipc_queue_get(s.q, c, sizeof(c), SOON), 1);
	check_eq(c[0], 'a');
	check_ok(ipc_queue_take(s.q, &m, SOON));
	check(m.len == 1 && *(char *)m.data == 'b');
	check_ok(ipc_queue_release(s.q, &m));
	check_r(ipc_conn_recv(s.end[0], c, 1, IPC_NOW), -EAGAIN);
	check_r(ipc_queue_get_many(s.q, &b, 1, SOON), 1);
	check(b.len == 1 && c[0] == 'c');
	check_ends(s.end[0]);
}

static void handle__send_fails__is_not_on_its_way(void **state)
{
	struct ipc_handle h = IPC_HANDLE_CONN(s.end[1]);
	int               r;

	while ((r = ipc_conn_send_handle(s.road[0], NULL, 0, &h, IPC_NOW)) == 0)
		;
	check_r(r, -EAGAIN);
	s.road[1] = ipc_conn_close(s.road[1]); /* with all that were in there */
	check_r(ipc_conn_send_handle(s.road[0], NULL, 0, &h, IPC_NOW), -EPIPE);
	s.end[1] = ipc_conn_close(s.end[1]);
	check_ends(s.end[0]);
}

static void handle__carrier_closed_by_all__is_closed(void **state)
{
	struct ipc_handle h = IPC_HANDLE_CONN(s.end[1]);

	check_ok(ipc_conn_send_handle(s.road[0], NULL, 0, &h, SOON));
	s.end[1] = ipc_conn_close(s.end[1]);
	close_pair(s.road);
	check_ends(s.end[0]);
}

static void handle__carrier_unlinked_and_open_nowhere__is_closed(void **state)
{
	struct ipc_handle h = IPC_HANDLE_CONN(s.end[1]);
	ipc_queue        *q;
	char              c;

	check_ok(ipc_queue_create(&q, "carrier", NULL));
	check_ok(ipc_queue_put_handle(q, NULL, 0, &h, SOON));
	s.end[1] = ipc_conn_close(s.end[1]);
	q = ipc_queue_close(q);
	check_r(ipc_conn_recv(s.end[0], &c, 1, IPC_NOW), -EAGAIN); /* by its name it can be had */
	check_ok(ipc_queue_unlink("carrier"));
	check_r(ipc_conn_recv(s.end[0], &c, 1, IPC_NOW), -EPIPE);
}

static int leave_a_handle(void *arg)
{
	struct ipc_handle h;
	ipc_queue        *q;
	ipc_conn         *end[2];

	check_ok(ipc_queue_create(&q, "carrier", NULL));
	check_ok(ipc_pipe(end, NULL));
	h = (struct ipc_handle)IPC_HANDLE_CONN(end[1]);
	check_ok(ipc_queue_put_handle(q, NULL, 0, &h, SOON));
	return 0;
}

static int unlink_carrier(void *arg)
{
	check_ok(ipc_queue_unlink("carrier"));
	return 0;
}

/* Stands first: this process is no member yet, and so is not the last that would leave. */
static void handle__carrier_unlinked_when_all_have_left__nothing_is_left(void **state)
{
	test_deadline(60);
	test_new_ipc_dir();
	check_child(leave_a_handle, NULL);
	check_eq(test_count_files(test_ipc_dir()), 1);
	check_child(unlink_carrier, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static struct at_limit {
	unsigned closed, go;
} * at_limit;

/* Who gives back an end of such a queue needs a descriptor, for tasks it may have taken. */
static int close_at_the_limit(void *arg)
{
	struct rlimit     old, none;
	struct ipc_handle h;
	ipc_queue        *q;
	ipc_conn         *end[2];

	check_ok(ipc_queue_create(&q, NULL,
				  IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE,
					   .on_death = IPC_TASKS_REQUEUE)));
	check_ok(ipc_pipe(end, NULL));
	h = (struct ipc_handle)IPC_HANDLE_QUEUE(q);
	check_ok(ipc_conn_send_handle(end[0], NULL, 0, &h, SOON));
	check_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 3; /* those that are open stay open */
	check_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	end[1] = ipc_conn_close(end[1]);
	__atomic_store_n(&at_limit->closed, 1, __ATOMIC_RELEASE);
	check(wait_until(__atomic_load_n(&at_limit->go, __ATOMIC_ACQUIRE), 30));
	check_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	return 0;
}

static void handle__last_receiver_closes_without_descriptors__returns(void **state)
{
	pid_t    child;
	bool     closed;
	ipc_shm *shm;

	at_limit = test_shared(sizeof(*at_limit));
	child = test_fork(close_at_the_limit, NULL);
	closed = wait_until(__atomic_load_n(&at_limit->closed, __ATOMIC_ACQUIRE), 10);
	if (!closed)
		test_kill(child);
	check(closed);
	check_ok(ipc_shm_create(&shm, NULL, 8)); /* nor does it hold up others */
	shm = ipc_shm_close(shm);
	__atomic_store_n(&at_limit->go, 1, __ATOMIC_RELEASE);
	check_eq(test_wait(child), 0);
}

/* Each is only to be had out of the other: nobody can, so both go. */
static void handle__in_one_another__both_are_closed(void **state)
{
	struct ipc_handle h = IPC_HANDLE_CONN(s.road[1]);

	check_ok(ipc_conn_send_handle(s.end[0], NULL, 0, &h, SOON));
	h = (struct ipc_handle)IPC_HANDLE_CONN(s.end[1]);
	check_ok(ipc_conn_send_handle(s.road[0], NULL, 0, &h, SOON));
	close_pair(s.end);
	close_pair(s.road);
	check_eq(n_objects(), 1);
}

/* Each in a message of the one before, and the first in one of the last. */
static void handle__in_a_long_circle__all_are_closed(void **state)
{
	enum { MANY = 40 };
	ipc_queue *q[MANY];

	for (int i = 0; i < MANY; i++)
		check_ok(ipc_queue_create(&q[i], NULL, NULL));
	for (int i = 0; i < MANY; i++) {
		struct ipc_handle h = IPC_HANDLE_QUEUE(q[(i + 1) % MANY]);

		check_ok(ipc_queue_put_handle(q[i], NULL, 0, &h, IPC_NOW));
	}
	for (int i = 1; i < MANY; i++)
		q[i] = ipc_queue_close(q[i]);
	check_eq(n_objects(), 3 + MANY); /* all can be had, one out of the other */
	q[0] = ipc_queue_close(q[0]);
	check_eq(n_objects(), 3);
}

static void handle__nonsense__is_refused(void **state)
{
	struct ipc_handle h = {.kind = IPC_HANDLE_NONE};
	int               fds[2];
	ipc_conn         *adopted;

	check_r(ipc_queue_put_handle(s.q, NULL, 0, &h, IPC_NOW), -EINVAL);
	check_r(ipc_queue_put_handle(s.q, NULL, 0, NULL, IPC_NOW), -EINVAL);
	h = (struct ipc_handle)IPC_HANDLE_QUEUE(s.q);
	check_r(ipc_queue_put_handle(s.q, NULL, 0, &h, IPC_NOW), -EINVAL);
	check_explains("same channel");
	check_eq(pipe(fds), 0);
	check_ok(ipc_conn_from_fd(&adopted, fds[0], NULL));
	h = (struct ipc_handle)IPC_HANDLE_CONN(adopted);
	check_r(ipc_queue_put_handle(s.q, NULL, 0, &h, IPC_NOW), -ENOTSUP);
	check_r(ipc_conn_recv_handle(adopted, NULL, 0, &h, IPC_NOW), -ENOTSUP);
	adopted = ipc_conn_close(adopted);
	(void)close(fds[1]);
}

/* ---- kills ------------------------------------------------------------------------------ */

static int receives_for_ever(void *arg)
{
	uint32_t *n = arg;

	close_pair(s.end);
	close_pair(s.road);
	for (;;) {
		close_pair((ipc_conn *[2]){get_end(), NULL});
		(void)__atomic_fetch_add(n, 1, __ATOMIC_RELEASE);
	}
	return 0;
}

static int sends_for_ever(void *arg)
{
	uint32_t *n = arg;

	close_pair(s.road);
	for (;;) {
		struct ipc_handle h = IPC_HANDLE_CONN(s.end[1]);

		check_ok(ipc_queue_put_handle(s.q, NULL, 0, &h, SOON));
		(void)__atomic_fetch_add(n, 1, __ATOMIC_RELEASE);
	}
	return 0;
}

/* Whoever of the two is killed and when: none arrives twice, and none stays. */
static void handle__sender_and_receiver_killed__none_is_left(void **state)
{
	uint32_t *n = test_shared(2 * sizeof(*n)), seed = 11;

	for (unsigned round = 0; round < test_rounds(200); round++) {
		pid_t             child[2];
		struct ipc_handle h;
		ssize_t           r;

		test_deadline(60);
		n[0] = n[1] = 0;
		child[0] = test_fork(receives_for_ever, &n[0]);
		child[1] = test_fork(sends_for_ever, &n[1]);
		check(wait_until(__atomic_load_n(&n[0], __ATOMIC_ACQUIRE) > 2, 20));
		test_burn(test_random(&seed) % 300);
		test_kill(child[round % 2]);
		test_kill(child[1 - round % 2]);
		s.end[1] = ipc_conn_close(s.end[1]);
		while ((r = ipc_queue_get_handle(s.q, NULL, 0, &h, IPC_NOW)) == 0) {
			check_eq(h.kind, IPC_HANDLE_IS_CONN);
			h.of.conn = ipc_conn_close(h.of.conn);
		}
		check_r(r, -EAGAIN);
		check_ends(s.end[0]);
		s.end[0] = ipc_conn_close(s.end[0]);
		check_ok(ipc_pipe(s.end, NULL));
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handle__carrier_unlinked_when_all_have_left__nothing_is_left),
		T(handle__conn_in_a_queue__talks_to_its_other_end),
		T(handle__with_bytes_of_every_length__both_arrive),
		T(handle__queue_and_memory_over_a_connection__arrive),
		T(handle__message_without_one__is_none),
		T(handle__unrelated_program__gets_a_connection),
		T(handle__sender_has_exited__message_holds_it),
		T(handle__sender_was_killed__message_holds_it),
		T(handle__in_a_message__keeps_nobody_in_a_verdict),
		T(handle__not_asked_for__bytes_come_and_it_is_closed),
		T(handle__send_fails__is_not_on_its_way),
		T(handle__carrier_closed_by_all__is_closed),
		T(handle__carrier_unlinked_and_open_nowhere__is_closed),
		T(handle__last_receiver_closes_without_descriptors__returns),
		T(handle__in_one_another__both_are_closed),
		T(handle__in_a_long_circle__all_are_closed),
		T(handle__nonsense__is_refused),
		T(handle__sender_and_receiver_killed__none_is_left),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("handle", tests, group_setup, NULL);
}
