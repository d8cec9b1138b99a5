/*
 * A side of a channel that one thread of one process has to itself may take short
 * cuts. Here it gets company, in all the ways it can, while messages pass; and it
 * dies. Nothing may be lost, come twice, or come out of order.
 *
 * test-limit: 300
 */

#include "support/test.h"

#include <signal.h>
#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/queue.h>

static int setup(void **state)
{
	test_deadline(120);
	return 0;
}

/* A message: who sent it, and which of its messages it is. */
struct stamp {
	uint32_t who, seq;
};

#define WRITERS  3u
#define MESSAGES 4000u

struct stage {
	ipc_conn *end[2];  /* end[0] receives, end[1] sends */
	uint32_t *n_sent;  /* per writer */
	uint8_t  *seen;    /* per writer and message: how many times it came */
	uint32_t  company; /* after how many messages the second comes */
};

static void *noted(const struct stage *s, uint32_t who, uint32_t seq)
{
	return &s->seen[who * MESSAGES + seq];
}

static void send_some(struct stage *s, uint32_t who, uint32_t from, uint32_t until)
{
	char buf[300];

	for (uint32_t i = from; i < until; i++) {
		struct stamp m = {.who = who, .seq = i};
		size_t       len = sizeof(m) + (i % 32 ? i % 80 : 250);

		memcpy(buf, &m, sizeof(m));
		test_pattern(buf + sizeof(m), len - sizeof(m), i);
		check_ok(ipc_conn_send(s->end[1], buf, len, IPC_SEC(60)));
		__atomic_store_n(&s->n_sent[who], i + 1, __ATOMIC_RELEASE);
	}
}

/* Receive until the end; what one reader gets of one writer is in order. */
static void receive_all(struct stage *s, uint32_t at_most)
{
	int64_t last[WRITERS] = {-1, -1, -1};
	char    buf[300];

	for (uint32_t n = 0; n < at_most; n++) {
		struct stamp m;
		ssize_t      r = ipc_conn_recv(s->end[0], buf, sizeof(buf), IPC_SEC(60));

		if (r == -EPIPE)
			return;
		check(r >= (ssize_t)sizeof(m));
		memcpy(&m, buf, sizeof(m));
		check(m.who < WRITERS && m.seq < MESSAGES);
		check(test_pattern_is(buf + sizeof(m), (size_t)r - sizeof(m), m.seq));
		check((int64_t)m.seq > last[m.who]);
		last[m.who] = m.seq;
		(void)__atomic_fetch_add((uint8_t *)noted(s, m.who, m.seq), 1, __ATOMIC_RELAXED);
	}
}

static void stage_set(struct stage *s, uint32_t round)
{
	uint32_t seed = round + 1;

	check_ok(ipc_pipe(s->end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX,
					   .capacity = round % 3 ? 50 : 2000)));
	memset(s->n_sent, 0, WRITERS * sizeof(*s->n_sent));
	memset(s->seen, 0, (size_t)WRITERS * MESSAGES);
	s->company = test_random(&seed) % MESSAGES;
}

static struct stage stage_make(void)
{
	return (struct stage){.n_sent = test_shared(WRITERS * sizeof(uint32_t)),
			      .seen = test_shared((size_t)WRITERS * MESSAGES)};
}

static void check_all_seen(const struct stage *s, uint32_t writers)
{
	for (uint32_t w = 0; w < writers; w++)
		for (uint32_t i = 0; i < MESSAGES; i++)
			if (*(uint8_t *)noted(s, w, i) != 1)
				test_fail("message %u of writer %u came %u times", i, w,
					  *(uint8_t *)noted(s, w, i));
}

/* ---- writers -------------------------------------------------------------------------------- */

static int second_writer(void *arg)
{
	send_some(arg, 1, 0, MESSAGES);
	return 0;
}

static int write_then_fork(void *arg)
{
	struct stage *s = arg;
	pid_t         child;

	s->end[0] = ipc_conn_close(s->end[0]);
	send_some(s, 0, 0, s->company);
	child = test_fork(second_writer, s);
	send_some(s, 0, s->company, MESSAGES);
	check_eq(test_wait(child), 0);
	return 0;
}

static void *second_writer_thread(void *arg)
{
	send_some(arg, 1, 0, MESSAGES);
	return NULL;
}

static int write_then_thread(void *arg)
{
	struct stage *s = arg;
	pthread_t     t;

	s->end[0] = ipc_conn_close(s->end[0]);
	send_some(s, 0, 0, s->company);
	t = test_thread(second_writer_thread, s);
	send_some(s, 0, s->company, MESSAGES);
	test_join_thread(t);
	return 0;
}

/* The child goes, and its parent is alone again. */
static int write_then_alone(void *arg)
{
	struct stage *s = arg;
	pid_t         child;

	s->end[0] = ipc_conn_close(s->end[0]);
	child = test_fork(second_writer, s);
	send_some(s, 0, 0, s->company);
	check_eq(test_wait(child), 0);
	send_some(s, 0, s->company, MESSAGES);
	return 0;
}

static void check_writers(int (*write)(void *arg))
{
	struct stage s = stage_make();

	for (unsigned round = 0; round < test_rounds(60); round++) {
		pid_t child;

		stage_set(&s, round);
		child = test_fork(write, &s);
		s.end[1] = ipc_conn_close(s.end[1]);
		receive_all(&s, UINT32_MAX);
		check_eq(test_wait(child), 0);
		check_all_seen(&s, 2);
		s.end[0] = ipc_conn_close(s.end[0]);
	}
}

static void conn_send__lone_writer_forks__both_arrive_in_order(void **state)
{
	check_writers(write_then_fork);
}

static void conn_send__lone_writer_starts_a_thread__both_arrive_in_order(void **state)
{
	check_writers(write_then_thread);
}

static void conn_send__second_writer_leaves__the_first_goes_on(void **state)
{
	check_writers(write_then_alone);
}

/* ---- readers ----------------------------------------------------------------------------------- */

static int second_reader(void *arg)
{
	receive_all(arg, UINT32_MAX);
	return 0;
}

static int read_then_fork(void *arg)
{
	struct stage *s = arg;
	pid_t         child;

	s->end[1] = ipc_conn_close(s->end[1]);
	receive_all(s, s->company);
	child = test_fork(second_reader, s);
	receive_all(s, UINT32_MAX);
	check_eq(test_wait(child), 0);
	return 0;
}

static void *second_reader_thread(void *arg)
{
	receive_all(arg, UINT32_MAX);
	return NULL;
}

static int read_then_thread(void *arg)
{
	struct stage *s = arg;
	pthread_t     t;

	s->end[1] = ipc_conn_close(s->end[1]);
	receive_all(s, s->company);
	t = test_thread(second_reader_thread, s);
	receive_all(s, UINT32_MAX);
	test_join_thread(t);
	return 0;
}

static int read_some(void *arg)
{
	struct stage *s = arg;

	receive_all(s, s->company / 2);
	return 0;
}

/* Alone, in company, alone, in company, alone. */
static int read_by_turns(void *arg)
{
	struct stage *s = arg;

	s->end[1] = ipc_conn_close(s->end[1]);
	receive_all(s, s->company / 4);
	for (int i = 0; i < 2; i++) {
		pid_t child = test_fork(read_some, s);

		receive_all(s, s->company / 4);
		check_eq(test_wait(child), 0);
		receive_all(s, s->company / 4);
	}
	receive_all(s, UINT32_MAX);
	return 0;
}

static void check_readers(int (*read_)(void *arg))
{
	struct stage s = stage_make();

	for (unsigned round = 0; round < test_rounds(60); round++) {
		pid_t child;

		stage_set(&s, round);
		child = test_fork(read_, &s);
		s.end[0] = ipc_conn_close(s.end[0]);
		send_some(&s, 0, 0, MESSAGES);
		s.end[1] = ipc_conn_close(s.end[1]);
		check_eq(test_wait(child), 0);
		check_all_seen(&s, 1);
	}
}

static void conn_recv__lone_reader_forks__each_message_comes_once(void **state)
{
	check_readers(read_then_fork);
}

static void conn_recv__lone_reader_starts_a_thread__each_message_comes_once(void **state)
{
	check_readers(read_then_thread);
}

static void conn_recv__readers_come_and_go__each_message_comes_once(void **state)
{
	check_readers(read_by_turns);
}

/* ---- by name --------------------------------------------------------------------------------------- */

struct visit {
	ipc_queue *q;
	uint8_t   *seen; /* per writer and message */
	uint32_t   who;
};

/* One in, one out, as often as there are messages. */
static void put_and_get(struct visit *v)
{
	int64_t last[WRITERS] = {-1, -1, -1};

	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct stamp m = {.who = v->who, .seq = i};

		check_ok(ipc_queue_put(v->q, &m, sizeof(m), IPC_SEC(60)));
		check_r(ipc_queue_get(v->q, &m, sizeof(m), IPC_SEC(60)), sizeof(m));
		check(m.who < WRITERS && (int64_t)m.seq > last[m.who]);
		last[m.who] = m.seq;
		(void)__atomic_fetch_add(&v->seen[m.who * MESSAGES + m.seq], 1, __ATOMIC_RELAXED);
	}
}

static int visit(void *arg)
{
	struct visit v = *(struct visit *)arg;

	for (;;) { /* it is being used by somebody alone when we come */
		int r = ipc_queue_open(&v.q, "visited");

		if (r == 0)
			break;
		check_r(r, -ENOENT);
	}
	put_and_get(&v);
	v.q = ipc_queue_close(v.q);
	return 0;
}

static void queue__used_alone_when_others_open_it__each_message_comes_once(void **state)
{
	struct visit v = {.seen = test_shared((size_t)WRITERS * MESSAGES)};

	for (unsigned round = 0; round < test_rounds(60); round++) {
		pid_t child[2];

		memset(v.seen, 0, (size_t)WRITERS * MESSAGES);
		for (v.who = 1; v.who < WRITERS; v.who++)
			child[v.who - 1] = test_fork(visit, &v);
		v.who = 0;
		check_ok(ipc_queue_create(&v.q, "visited",
					  IPC_OPTS(ipc_queue_opts, .maxsize = round % 2 ? 8 : 0)));
		put_and_get(&v);
		for (size_t i = 0; i < N_OF(child); i++)
			check_eq(test_wait(child[i]), 0);
		for (uint32_t i = 0; i < WRITERS * MESSAGES; i++)
			check_eq(v.seen[i], 1);
		check_ok(ipc_queue_unlink("visited"));
		v.q = ipc_queue_close(v.q);
	}
}

/* It comes, puts one, takes one, and goes: each time the other is alone, then not, then alone. */
static int come_and_go(void *arg)
{
	struct visit v = *(struct visit *)arg;

	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct stamp m = {.who = v.who, .seq = i};

		for (int r = -ENOENT;
		     r == -ENOENT && i == 0;) /* at first it may not be there yet */
			r = ipc_queue_open(&v.q, "visited");
		if (i > 0)
			check_ok(ipc_queue_open(&v.q, "visited"));
		check_ok(ipc_queue_put(v.q, &m, sizeof(m), IPC_SEC(60)));
		check_r(ipc_queue_get(v.q, &m, sizeof(m), IPC_SEC(60)), sizeof(m));
		check(m.who < WRITERS);
		(void)__atomic_fetch_add(&v.seen[m.who * MESSAGES + m.seq % MESSAGES], 1,
					 __ATOMIC_RELAXED);
		v.q = ipc_queue_close(v.q);
	}
	return 0;
}

static void queue__opened_and_closed_beside_its_user__each_message_comes_once(void **state)
{
	struct visit v = {.seen = test_shared((size_t)WRITERS * MESSAGES), .who = 1};

	for (unsigned round = 0; round < test_rounds(10); round++) {
		uint32_t n = 0;
		pid_t    child;

		memset(v.seen, 0, (size_t)WRITERS * MESSAGES);
		child = test_fork(come_and_go, &v);
		check_ok(ipc_queue_create(&v.q, "visited", NULL));
		/* of our own messages only the number is kept: one in, one out */
		while (waitpid(child, NULL, WNOHANG) == 0) {
			struct stamp m = {.who = 0, .seq = n++ % MESSAGES};

			check_ok(ipc_queue_put(v.q, &m, sizeof(m), IPC_SEC(60)));
			check_r(ipc_queue_get(v.q, &m, sizeof(m), IPC_SEC(60)), sizeof(m));
			check(m.who < WRITERS);
			if (m.who == 1)
				(void)__atomic_fetch_add(&v.seen[MESSAGES + m.seq], 1,
							 __ATOMIC_RELAXED);
		}
		check_eq(ipc_queue_len(v.q), 0);
		for (uint32_t i = 0; i < MESSAGES; i++)
			check_eq(v.seen[MESSAGES + i], 1);
		check_ok(ipc_queue_unlink("visited"));
		v.q = ipc_queue_close(v.q);
	}
}

/* ---- killed --------------------------------------------------------------------------------------------- */

static int write_until_killed(void *arg)
{
	struct stage *s = arg;

	s->end[0] = ipc_conn_close(s->end[0]);
	send_some(s, 0, 0, MESSAGES);
	return pause();
}

static void conn_send__lone_writer_killed__nothing_acknowledged_is_lost(void **state)
{
	struct stage s = stage_make();
	uint32_t     seed = 31;

	for (unsigned round = 0; round < test_rounds(150); round++) {
		uint32_t received = 0;
		pid_t    child;

		stage_set(&s, round);
		child = test_fork(write_until_killed, &s);
		s.end[1] = ipc_conn_close(s.end[1]);
		receive_all(&s, 1 + test_random(&seed) % 200);
		test_burn(test_random(&seed) % 300);
		test_kill(child);
		receive_all(&s, UINT32_MAX);
		while (received < MESSAGES && *(uint8_t *)noted(&s, 0, received) == 1)
			received++;
		/* the last one may have been killed before it could say so */
		check(received == s.n_sent[0] || received == s.n_sent[0] + 1);
		s.end[0] = ipc_conn_close(s.end[0]);
	}
}

static int write_all(void *arg)
{
	struct stage *s = arg;

	s->end[0] = ipc_conn_close(s->end[0]);
	send_some(s, 0, 0, MESSAGES);
	return 0;
}

static int read_until_killed(void *arg)
{
	receive_all(arg, UINT32_MAX);
	return pause();
}

/* We hold the end, too; another reads, is killed, and we read on. */
static void conn_recv__reader_killed__the_other_holder_reads_on(void **state)
{
	struct stage s = stage_make();
	uint32_t     seed = 41;

	for (unsigned round = 0; round < test_rounds(150); round++) {
		unsigned lost = 0;
		pid_t    reader, writer;

		stage_set(&s, round);
		writer = test_fork(write_all, &s);
		s.end[1] = ipc_conn_close(s.end[1]);
		reader = test_fork(read_until_killed, &s);
		check(wait_until(__atomic_load_n(&s.n_sent[0], __ATOMIC_ACQUIRE) > 60, 30));
		test_burn(test_random(&seed) % 300);
		test_kill(reader);
		receive_all(&s, UINT32_MAX);
		check_eq(test_wait(writer), 0);
		for (uint32_t i = 0; i < MESSAGES; i++) {
			check(*(uint8_t *)noted(&s, 0, i) <= 1);
			lost += *(uint8_t *)noted(&s, 0, i) == 0;
		}
		check(lost <= 1); /* the one that was in its hands */
		s.end[0] = ipc_conn_close(s.end[0]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(conn_send__lone_writer_forks__both_arrive_in_order, setup),
		cmocka_unit_test_setup(conn_send__lone_writer_starts_a_thread__both_arrive_in_order,
				       setup),
		cmocka_unit_test_setup(conn_send__second_writer_leaves__the_first_goes_on, setup),
		cmocka_unit_test_setup(conn_recv__lone_reader_forks__each_message_comes_once,
				       setup),
		cmocka_unit_test_setup(
			conn_recv__lone_reader_starts_a_thread__each_message_comes_once, setup),
		cmocka_unit_test_setup(conn_recv__readers_come_and_go__each_message_comes_once,
				       setup),
		cmocka_unit_test_setup(
			queue__used_alone_when_others_open_it__each_message_comes_once, setup),
		cmocka_unit_test_setup(
			queue__opened_and_closed_beside_its_user__each_message_comes_once, setup),
		cmocka_unit_test_setup(conn_send__lone_writer_killed__nothing_acknowledged_is_lost,
				       setup),
		cmocka_unit_test_setup(conn_recv__reader_killed__the_other_holder_reads_on, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("alone", tests, NULL, NULL);
}
