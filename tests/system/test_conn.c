/*
 * Connections: two ends, whole messages, in order, and an end.
 *
 * test-limit: 300
 */

#include "support/test.h"

#include <signal.h>
#include <sys/wait.h>

#include <ipc/conn.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static void make_pipe(ipc_conn *end[2])
{
	check_ok(ipc_pipe(end, NULL));
}

static void close_both(ipc_conn *end[2])
{
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	check(!end[0] && !end[1]);
}

/* ---- directions ------------------------------------------------------------------------- */

static void pipe__duplex__carries_both_ways(void **state)
{
	ipc_conn *end[2];
	char      buf[8];

	make_pipe(end);
	for (int i = 0; i < 2; i++) {
		check_eq(ipc_conn_readable(end[i]), 1);
		check_eq(ipc_conn_writable(end[i]), 1);
		check_ok(ipc_conn_send(end[i], i ? "one" : "zero", i ? 3 : 4, IPC_NOW));
	}
	check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_NOW), 3);
	check(!memcmp(buf, "one", 3));
	check_r(ipc_conn_recv(end[1], buf, sizeof(buf), IPC_NOW), 4);
	check(!memcmp(buf, "zero", 4));
	/* nothing comes back to who sent it */
	check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_NOW), -EAGAIN);
	check_r(ipc_conn_recv(end[1], buf, sizeof(buf), IPC_NOW), -EAGAIN);
	close_both(end);
}

static void pipe__simplex__refuses_the_other_way(void **state)
{
	ipc_conn *end[2];
	char      c = 'x';

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX)));
	check_eq(ipc_conn_readable(end[0]), 1);
	check_eq(ipc_conn_writable(end[0]), 0);
	check_eq(ipc_conn_readable(end[1]), 0);
	check_eq(ipc_conn_writable(end[1]), 1);
	check_r(ipc_conn_send(end[0], &c, 1, IPC_NOW), -EBADF);
	check_r(ipc_conn_recv(end[1], &c, 1, IPC_NOW), -EBADF);
	check_r(ipc_conn_next_len(end[1]), -EBADF);
	check_r(ipc_conn_poll(end[1], IPC_NOW), -EBADF);
	check_ok(ipc_conn_send(end[1], &c, 1, IPC_NOW));
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), 1);
	end[1] = ipc_conn_close(end[1]);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EPIPE);
	close_both(end);
}

static void pipe__simplex_receiver_gone__send_is_epipe(void **state)
{
	ipc_conn *end[2];

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX)));
	end[0] = ipc_conn_close(end[0]);
	check_r(ipc_conn_send(end[1], "x", 1, IPC_FOREVER), -EPIPE);
	close_both(end);
}

static void pipe__bad_options__is_einval(void **state)
{
	ipc_conn *end[2];
	char      longest[IPC_NAME_MAX + 2];

	memset(longest, 'n', sizeof(longest));
	longest[IPC_NAME_MAX + 1] = '\0';
	check_r(ipc_pipe(NULL, NULL), -EINVAL);
	check_r(ipc_pipe(end, &(struct ipc_conn_opts){0}), -EINVAL);
	check_r(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = 1u << 31)), -EINVAL);
	check_r(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .name = "a/b")), -EINVAL);
	check_explains("a/b");
	check_r(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .name = "")), -EINVAL);
	check_r(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .name = longest)), -EINVAL);
	longest[IPC_NAME_MAX] = '\0';
	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .name = longest)));
	close_both(end);
}

static void pipe__options_of_a_newer_library__are_taken(void **state)
{
	struct {
		struct ipc_conn_opts opts;
		uint64_t             more;
	} newer = {.opts = {.sz = sizeof(newer), .capacity = 2}};
	ipc_conn *end[2];

	check_ok(ipc_pipe(end, &newer.opts));
	check_ok(ipc_conn_send(end[0], NULL, 0, IPC_NOW));
	check_ok(ipc_conn_send(end[0], NULL, 0, IPC_NOW));
	check_r(ipc_conn_send(end[0], NULL, 0, IPC_NOW), -EAGAIN);
	close_both(end);
}

/* The name is a label: it is nobody's to take. */
static void pipe__same_name_twice__is_allowed(void **state)
{
	ipc_conn *a[2], *b[2];

	check_ok(ipc_pipe(a, IPC_OPTS(ipc_conn_opts, .name = "label")));
	check_ok(ipc_pipe(b, IPC_OPTS(ipc_conn_opts, .name = "label")));
	check_ok(ipc_conn_send(a[0], "x", 1, IPC_NOW));
	check_r(ipc_conn_next_len(b[1]), -EAGAIN);
	close_both(a);
	close_both(b);
}

static void conn_calls__without_a_handle__are_einval(void **state)
{
	char c = 'x';

	check_r(ipc_conn_send(NULL, &c, 1, IPC_NOW), -EINVAL);
	check_r(ipc_conn_recv(NULL, &c, 1, IPC_NOW), -EINVAL);
	check_r(ipc_conn_next_len(NULL), -EINVAL);
	check_r(ipc_conn_poll(NULL, IPC_NOW), -EINVAL);
	check_eq(ipc_conn_readable(NULL), 0);
	check_eq(ipc_conn_writable(NULL), 0);
	check(!ipc_conn_close(NULL));
}

/* ---- capacity and time ---------------------------------------------------------------------- */

static void conn_send__capacity_reached__is_eagain_until_one_is_taken(void **state)
{
	static const uint64_t capacity[] = {1, 2, 3, 63, 64, 65, 100, 1000};

	for (size_t k = 0; k < N_OF(capacity); k++) {
		ipc_conn *end[2];
		uint64_t  n;

		check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .capacity = capacity[k])));
		for (int lap = 0; lap < 3; lap++) {
			for (n = 0; ipc_conn_send(end[0], &n, sizeof(n), IPC_NOW) == 0; n++)
				;
			check_eq(n, capacity[k]);
			for (uint64_t i = 0; i < capacity[k]; i++) {
				check_r(ipc_conn_recv(end[1], &n, sizeof(n), IPC_NOW), sizeof(n));
				check_eq(n, i);
			}
		}
		/* the other way has a capacity of its own */
		check_ok(ipc_conn_send(end[1], "x", 1, IPC_NOW));
		close_both(end);
	}
}

static void pipe__default_capacity__is_256(void **state)
{
	ipc_conn *end[2];
	int       n = 0;

	make_pipe(end);
	while (ipc_conn_send(end[0], "x", 1, IPC_NOW) == 0)
		n++;
	check_eq(n, 256);
	close_both(end);
}

static void check_lasts(uint64_t began, uint64_t ms)
{
	uint64_t took = (test_now() - began) / 1000000;

	if (took < ms || took > ms + 3000)
		test_fail("took %llu ms, not %llu", (unsigned long long)took,
			  (unsigned long long)ms);
}

static void conn__timeout__passes_and_not_earlier(void **state)
{
	static const unsigned ms[] = {1, 20, 300, 600}; /* shorter and longer than a slice */
	ipc_conn             *end[2];
	uint64_t              began;
	char                  c;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .capacity = 1)));
	check_ok(ipc_conn_send(end[0], "x", 1, IPC_NOW));
	for (size_t i = 0; i < N_OF(ms); i++) {
		began = test_now();
		check_r(ipc_conn_send(end[0], "x", 1, IPC_MSEC(ms[i])), -ETIMEDOUT);
		check_lasts(began, ms[i]);
		began = test_now();
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_MSEC(ms[i])), -ETIMEDOUT);
		check_lasts(began, ms[i]);
		began = test_now();
		check_r(ipc_conn_poll(end[0], IPC_MSEC(ms[i])), 0);
		check_lasts(began, ms[i]);
	}
	/* the longest time there is, is no time that has passed already */
	check_r(ipc_conn_recv(end[1], &c, 1, INT64_MAX), 1);
	close_both(end);
}

static void conn_recv__now__returns_at_once(void **state)
{
	ipc_conn *end[2];
	uint64_t  began = test_now();
	char      c;

	make_pipe(end);
	for (int i = 0; i < 1000; i++)
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EAGAIN);
	check(test_now() - began < 2000000000u);
	close_both(end);
}

static void ignore(int sig)
{
	(void)sig;
}

static void *interrupt(void *arg)
{
	pthread_t *who = arg;

	for (int i = 0; i < 200; i++) {
		(void)pthread_kill(*who, SIGUSR1);
		test_pause();
	}
	return NULL;
}

static void conn_recv__interrupted_by_signals__goes_on_waiting(void **state)
{
	struct sigaction act = {.sa_handler = ignore}; /* without SA_RESTART */
	pthread_t        self = pthread_self(), t;
	ipc_conn        *end[2];
	uint64_t         began;
	char             c;

	make_pipe(end);
	check_eq(sigaction(SIGUSR1, &act, NULL), 0);
	began = test_now();
	t = test_thread(interrupt, &self);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_MSEC(400)), -ETIMEDOUT);
	check_lasts(began, 400);
	test_join_thread(t);
	close_both(end);
}

/* ---- lengths ----------------------------------------------------------------------------------- */

static void conn__any_length__arrives_whole(void **state)
{
	static const size_t length[] = {
		0,       1,
		7,       8,
		95,      96,
		97,      127,
		128,     129,
		255,     256,
		257,     4095,
		4096,    4097,
		8192,    65535,
		65536,   65537,
		1 << 19, (1 << 20) - 1,
		1 << 20, (1 << 20) + 1,
		3 << 20, (8 << 20) - 1,
		8 << 20,
	};
	char     *buf = malloc((8 << 20) + 1), *got = malloc((8 << 20) + 1);
	ipc_conn *end[2];

	check(buf && got);
	make_pipe(end);
	for (int lap = 0; lap < 3; lap++)
		for (size_t i = 0; i < N_OF(length); i++) {
			int from = lap % 2;

			test_pattern(buf, length[i], (uint32_t)i);
			check_ok(ipc_conn_send(end[from], length[i] ? buf : NULL, length[i],
					       IPC_NOW));
			check_r(ipc_conn_next_len(end[!from]), (long long)length[i]);
			got[length[i]] = 'E';
			check_r(ipc_conn_recv(end[!from], got, length[i], IPC_NOW),
				(long long)length[i]);
			check(test_pattern_is(got, length[i], (uint32_t)i));
			check_eq(got[length[i]], 'E'); /* not a byte more */
		}
	close_both(end);
	free(buf);
	free(got);
}

static void conn__random_lengths_queued__arrive_in_order(void **state)
{
	char     *buf = malloc(1 << 20);
	ipc_conn *end[2];

	check(buf);
	make_pipe(end);
	for (uint32_t round = 1; round <= test_rounds(40); round++) {
		uint32_t put = round, got = round;

		for (int i = 0; i < 50; i++) {
			size_t len = test_random(&put) % (1u << (i % 17));

			test_pattern(buf, len, put);
			check_ok(ipc_conn_send(end[0], buf, len, IPC_NOW));
		}
		for (int i = 0; i < 50; i++) {
			size_t len = test_random(&got) % (1u << (i % 17));

			check_r(ipc_conn_recv(end[1], buf, 1 << 20, IPC_NOW), (long long)len);
			check(test_pattern_is(buf, len, got));
		}
	}
	close_both(end);
	free(buf);
}

static void conn_recv__buffer_too_short__is_emsgsize_and_message_stays(void **state)
{
	static const size_t length[] = {1, 10, 96, 97, 5000, 100000};
	char               *buf = calloc(1, 100000);
	ipc_conn           *end[2];

	check(buf);
	make_pipe(end);
	for (size_t i = 0; i < N_OF(length); i++) {
		test_pattern(buf, length[i], 1);
		check_ok(ipc_conn_send(end[0], buf, length[i], IPC_NOW));
		check_ok(ipc_conn_send(end[0], "next", 4, IPC_NOW));
		memset(buf, 'u', length[i]);
		check_r(ipc_conn_recv(end[1], NULL, 0, IPC_FOREVER), -EMSGSIZE);
		for (int k = 0; k < 3; k++) {
			check_r(ipc_conn_recv(end[1], buf, length[i] - 1, IPC_FOREVER), -EMSGSIZE);
			check_r(ipc_conn_next_len(end[1]), (long long)length[i]);
		}
		check(buf[0] == 'u'); /* written on success only */
		check_r(ipc_conn_recv(end[1], buf, length[i], IPC_NOW), (long long)length[i]);
		check(test_pattern_is(buf, length[i], 1));
		check_r(ipc_conn_recv(end[1], buf, 4, IPC_NOW), 4);
	}
	close_both(end);
	free(buf);
}

static void conn_next_len__empty__is_eagain_and_at_the_end_epipe(void **state)
{
	ipc_conn *end[2];

	make_pipe(end);
	check_r(ipc_conn_next_len(end[0]), -EAGAIN);
	check_ok(ipc_conn_send(end[1], "abc", 3, IPC_NOW));
	check_r(ipc_conn_next_len(end[0]), 3);
	end[1] = ipc_conn_close(end[1]);
	check_r(ipc_conn_next_len(end[0]), 3);
	check_r(ipc_conn_recv(end[0], (char[3]){0}, 3, IPC_NOW), 3);
	check_r(ipc_conn_next_len(end[0]), -EPIPE);
	close_both(end);
}

/* Large payloads are bounded too, but one always fits. */
static void conn_send__more_than_the_payload_limit__waits_and_one_always_fits(void **state)
{
	size_t    len = 40 << 20;
	char     *buf = calloc(1, len);
	ipc_conn *end[2];
	int       n = 0, r;

	check(buf);
	make_pipe(end);
	while ((r = ipc_conn_send(end[0], buf, len, IPC_NOW)) == 0 && n < 100)
		n++;
	check_r(r, -EAGAIN);
	check(n >= 1);
	for (int i = 0; i < n; i++)
		check_r(ipc_conn_recv(end[1], buf, len, IPC_NOW), (long long)len);
	check_ok(ipc_conn_send(end[0], buf, len, IPC_NOW));
	close_both(end);
	free(buf);
}

/* ---- the end -------------------------------------------------------------------------------------- */

static void conn_recv__other_end_closed__is_epipe_again_and_again(void **state)
{
	ipc_conn *end[2];
	char      c;

	make_pipe(end);
	check_ok(ipc_conn_send(end[1], "a", 1, IPC_NOW));
	check_ok(ipc_conn_send(end[1], "b", 1, IPC_NOW));
	end[1] = ipc_conn_close(end[1]);
	check_r(ipc_conn_poll(end[0], IPC_FOREVER), 1);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_FOREVER), 1);
	check_eq(c, 'a');
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_FOREVER), 1);
	check_eq(c, 'b');
	for (int i = 0; i < 3; i++) {
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_FOREVER), -EPIPE);
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EPIPE);
		check_r(ipc_conn_poll(end[0], IPC_FOREVER), 1);
		check_r(ipc_conn_poll(end[0], IPC_NOW), 1);
		check_r(ipc_conn_send(end[0], "x", 1, IPC_NOW), -EPIPE);
		check_r(ipc_conn_send(end[0], "x", 1, IPC_FOREVER), -EPIPE);
	}
	close_both(end);
}

static int close_own_first(void *arg)
{
	ipc_conn **end = arg;

	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static void conn_recv__own_copy_of_the_other_end__keeps_the_end_away(void **state)
{
	ipc_conn *end[2];
	char      c;

	make_pipe(end);
	check_child(close_own_first, end);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_MSEC(600)),
		-ETIMEDOUT); /* longer than two slices */
	check_r(ipc_conn_poll(end[0], IPC_NOW), 0);
	end[1] = ipc_conn_close(end[1]);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_FOREVER), -EPIPE);
	close_both(end);
}

static int hold_until_told(void *arg)
{
	ipc_conn **end = arg;
	char       c;

	check_r(ipc_conn_recv(end[3], &c, 1, IPC_SEC(30)), 1);
	return 0;
}

/* How many of @n children have ended since the last look. */
static int count_ended(pid_t *child, int n)
{
	int ended = 0;

	for (int i = 0; i < n; i++)
		if (child[i] && waitpid(child[i], NULL, WNOHANG) > 0) {
			child[i] = 0;
			ended++;
		}
	return ended;
}

static void conn_recv__several_holders__the_last_one_makes_the_end(void **state)
{
	ipc_conn *end[4];
	pid_t     child[3];
	char      c;

	make_pipe(end);
	make_pipe(end + 2);
	for (int i = 0; i < 3; i++)
		child[i] = test_fork(hold_until_told, end);
	end[1] = ipc_conn_close(end[1]);
	for (int i = 0; i < 3; i++) {
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EAGAIN);
		check_ok(ipc_conn_send(end[2], "x", 1, IPC_NOW));
		check(wait_until(count_ended(child, 3) == 1, 30)); /* whichever */
	}
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_FOREVER), -EPIPE);
	close_both(end);
	close_both(end + 2);
}

static void *close_it(void *arg)
{
	ipc_conn **end = arg;

	end[1] = ipc_conn_close(end[1]);
	return NULL;
}

static void conn_recv__other_end_closed_while_it_waits__wakes(void **state)
{
	for (unsigned i = 0; i < test_rounds(200); i++) {
		ipc_conn *end[2];
		pthread_t t;
		char      c;

		make_pipe(end);
		t = test_thread(close_it, end);
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_SEC(30)), -EPIPE);
		test_join_thread(t);
		close_both(end);
	}
}

static void conn_send__other_end_closed_while_it_waits__wakes(void **state)
{
	for (unsigned i = 0; i < test_rounds(200); i++) {
		ipc_conn *end[2];
		pthread_t t;
		int       r = 0;

		check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .capacity = 2)));
		t = test_thread(close_it, end);
		while (r == 0)
			r = ipc_conn_send(end[0], "x", 1, IPC_SEC(30));
		check_r(r, -EPIPE);
		test_join_thread(t);
		close_both(end);
	}
}

/* ---- between processes -------------------------------------------------------------------------------- */

static int echo(void *arg)
{
	ipc_conn **end = arg;
	char      *buf = malloc(1 << 20);
	ssize_t    n;

	check(buf);
	end[0] = ipc_conn_close(end[0]);
	while ((n = ipc_conn_recv(end[1], buf, 1 << 20, IPC_SEC(30))) >= 0)
		check_ok(ipc_conn_send(end[1], buf, (size_t)n, IPC_SEC(30)));
	check_r(n, -EPIPE);
	end[1] = ipc_conn_close(end[1]);
	free(buf);
	return 0;
}

static void conn__ping_pong_between_processes__loses_nothing(void **state)
{
	char     *buf = malloc(1 << 20);
	ipc_conn *end[2];
	pid_t     child;

	check(buf);
	make_pipe(end);
	child = test_fork(echo, end);
	end[1] = ipc_conn_close(end[1]);
	for (uint32_t i = 0; i < 20 * test_rounds(1000); i++) {
		size_t len = i % 100 ? i % 200 : i * 7919u % (1u << 20);

		test_pattern(buf, len, i);
		check_ok(ipc_conn_send(end[0], buf, len, IPC_SEC(30)));
		check_r(ipc_conn_recv(end[0], buf, 1 << 20, IPC_SEC(30)), (long long)len);
		check(test_pattern_is(buf, len, i));
	}
	end[0] = ipc_conn_close(end[0]);
	check_eq(test_wait(child), 0);
	free(buf);
}

static int send_later(void *arg)
{
	ipc_conn **end = arg;

	end[0] = ipc_conn_close(end[0]);
	check(wait_until(test_asleep(getppid()), 20));
	check_ok(ipc_conn_send(end[1], "x", 1, IPC_NOW));
	check(wait_until(test_asleep(getppid()), 20));
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static void conn_poll__message_then_end_from_another_process__wakes(void **state)
{
	ipc_conn *end[2];
	pid_t     child;
	char      c;

	make_pipe(end);
	child = test_fork(send_later, end);
	end[1] = ipc_conn_close(end[1]);
	check_r(ipc_conn_poll(end[0], IPC_FOREVER), 1);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), 1);
	check_r(ipc_conn_poll(end[0], IPC_FOREVER), 1);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EPIPE);
	check_eq(test_wait(child), 0);
	close_both(end);
}

/* ---- two threads at both ends, in two processes --------------------------------------------------------- */

#define FRAMES 3000u

struct side {
	ipc_conn *c;
	uint32_t  writer; /* numbers the writers of all */
	uint32_t  n;
	uint32_t *next; /* per writer: which frame comes next */
};

static void *write_frames(void *arg)
{
	struct side *s = arg;
	uint32_t     seed = s->writer + 9;
	char        *buf = malloc(70000);

	check(buf);
	for (uint32_t i = 0; i < s->n; i++) {
		size_t len = 8 + test_random(&seed) % (i % 10 ? 150 : 60000);

		memcpy(buf, &s->writer, 4);
		memcpy(buf + 4, &i, 4);
		test_pattern(buf + 8, len - 8, i ^ s->writer << 20);
		check_ok(ipc_conn_send(s->c, buf, len, IPC_SEC(30)));
	}
	free(buf);
	return NULL;
}

static void *read_frames(void *arg)
{
	struct side *s = arg;
	char        *buf = malloc(70000);

	check(buf);
	for (;;) {
		uint32_t writer, i;
		ssize_t  n = ipc_conn_recv(s->c, buf, 70000, IPC_SEC(30));

		check(n >= 4);
		memcpy(&writer, buf, 4);
		if (n == 4)
			break; /* one for each reader says: no more */
		memcpy(&i, buf + 4, 4);
		check(test_pattern_is(buf + 8, (size_t)n - 8, i ^ writer << 20));
		(void)__atomic_fetch_add(&s->next[writer], 1, __ATOMIC_RELAXED);
	}
	free(buf);
	return NULL;
}

static int both_ways(ipc_conn *c, uint32_t first_writer, uint32_t first_reader)
{
	uint32_t    next[4] = {0}, stop = UINT32_MAX;
	struct side w[2], r = {.c = c, .next = next};
	pthread_t   t[4];

	for (uint32_t i = 0; i < 2; i++) {
		w[i] = (struct side){.c = c, .writer = first_writer + i, .n = test_rounds(FRAMES)};
		t[i] = test_thread(write_frames, &w[i]);
		t[2 + i] = test_thread(read_frames, &r);
	}
	for (int i = 0; i < 2; i++)
		test_join_thread(t[i]);
	for (int i = 0; i < 2; i++)
		check_ok(ipc_conn_send(c, &stop, 4, IPC_SEC(30)));
	for (int i = 2; i < 4; i++)
		test_join_thread(t[i]);
	for (int i = 0; i < 2; i++) {
		check_eq(next[first_reader + (uint32_t)i], test_rounds(FRAMES));
		check_eq(next[first_writer + (uint32_t)i], 0);
	}
	return 0;
}

static int other_side(void *arg)
{
	ipc_conn **end = arg;
	int        r;

	end[0] = ipc_conn_close(end[0]);
	r = both_ways(end[1], 2, 0);
	end[1] = ipc_conn_close(end[1]);
	return r;
}

static void conn__two_threads_at_both_ends__frames_never_interleave(void **state)
{
	ipc_conn *end[2];
	pid_t     child;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .capacity = 16)));
	child = test_fork(other_side, end);
	end[1] = ipc_conn_close(end[1]);
	(void)both_ways(end[0], 0, 2);
	check_eq(test_wait(child), 0);
	close_both(end);
}

/* ---- many ------------------------------------------------------------------------------------------------- */

static void pipe__a_thousand_at_once__each_is_its_own(void **state)
{
	enum { N = 1000 };
	ipc_conn *(*end)[2] = calloc(N, sizeof(*end));
	int n;

	check(end);
	for (int i = 0; i < N; i++) {
		make_pipe(end[i]);
		check_ok(ipc_conn_send(end[i][0], &i, sizeof(i), IPC_NOW));
	}
	for (int i = 0; i < N; i++) {
		check_r(ipc_conn_recv(end[i][1], &n, sizeof(n), IPC_NOW), sizeof(n));
		check_eq(n, i);
		close_both(end[i]);
	}
	free(end);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(pipe__duplex__carries_both_ways, setup),
		cmocka_unit_test_setup(pipe__simplex__refuses_the_other_way, setup),
		cmocka_unit_test_setup(pipe__simplex_receiver_gone__send_is_epipe, setup),
		cmocka_unit_test_setup(pipe__bad_options__is_einval, setup),
		cmocka_unit_test_setup(pipe__options_of_a_newer_library__are_taken, setup),
		cmocka_unit_test_setup(pipe__same_name_twice__is_allowed, setup),
		cmocka_unit_test_setup(conn_calls__without_a_handle__are_einval, setup),
		cmocka_unit_test_setup(conn_send__capacity_reached__is_eagain_until_one_is_taken,
				       setup),
		cmocka_unit_test_setup(pipe__default_capacity__is_256, setup),
		cmocka_unit_test_setup(conn__timeout__passes_and_not_earlier, setup),
		cmocka_unit_test_setup(conn_recv__now__returns_at_once, setup),
		cmocka_unit_test_setup(conn_recv__interrupted_by_signals__goes_on_waiting, setup),
		cmocka_unit_test_setup(conn__any_length__arrives_whole, setup),
		cmocka_unit_test_setup(conn__random_lengths_queued__arrive_in_order, setup),
		cmocka_unit_test_setup(conn_recv__buffer_too_short__is_emsgsize_and_message_stays,
				       setup),
		cmocka_unit_test_setup(conn_next_len__empty__is_eagain_and_at_the_end_epipe, setup),
		cmocka_unit_test_setup(
			conn_send__more_than_the_payload_limit__waits_and_one_always_fits, setup),
		cmocka_unit_test_setup(conn_recv__other_end_closed__is_epipe_again_and_again,
				       setup),
		cmocka_unit_test_setup(conn_recv__own_copy_of_the_other_end__keeps_the_end_away,
				       setup),
		cmocka_unit_test_setup(conn_recv__several_holders__the_last_one_makes_the_end,
				       setup),
		cmocka_unit_test_setup(conn_recv__other_end_closed_while_it_waits__wakes, setup),
		cmocka_unit_test_setup(conn_send__other_end_closed_while_it_waits__wakes, setup),
		cmocka_unit_test_setup(conn__ping_pong_between_processes__loses_nothing, setup),
		cmocka_unit_test_setup(conn_poll__message_then_end_from_another_process__wakes,
				       setup),
		cmocka_unit_test_setup(conn__two_threads_at_both_ends__frames_never_interleave,
				       setup),
		cmocka_unit_test_setup(pipe__a_thousand_at_once__each_is_its_own, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
