/*
 * What a connection does, row by row: each test begins with the rows of tests/behaviour.md
 * it stands for. Rows with a test elsewhere are not repeated.
 */

#include "support/test.h"

#include <ipc/conn.h>
#include <ipc/observe.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static void make(ipc_conn *end[2], unsigned flags)
{
	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = flags)));
}

static void close_both(ipc_conn *end[2])
{
	for (int i = 0; i < 2; i++)
		end[i] = ipc_conn_close(end[i]);
}

static void check_next(ipc_conn *c, const char *want)
{
	char buf[32];

	check_r(ipc_conn_recv(c, buf, sizeof(buf), IPC_NOW), (long long)strlen(want));
	check(memcmp(buf, want, strlen(want)) == 0);
}

/* ---- bytes -------------------------------------------------------------------------------- */

/* A03: the same conversation over both kinds, from the sending end to the receiving one. */
static void pipe__simplex_and_duplex__behave_alike(void **state)
{
	for (unsigned flags = 0; flags <= IPC_CONN_SIMPLEX; flags++) {
		ipc_conn *end[2];
		char      buf[4];

		make(end, flags);
		check_eq(ipc_conn_poll(end[0], IPC_NOW), 0);
		check_ok(ipc_conn_send(end[1], "abcdefgh", 8, IPC_NOW));
		check_ok(ipc_conn_send(end[1], NULL, 0, IPC_NOW));
		check_eq(ipc_conn_poll(end[0], IPC_NOW), 1);
		check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_NOW), -EMSGSIZE);
		check_r(ipc_conn_next_len(end[0]), 8);
		check_next(end[0], "abcdefgh");
		check_eq(ipc_conn_poll(end[0], IPC_NOW), 1); /* an empty message is one */
		check_next(end[0], "");
		check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_NOW), -EAGAIN);
		end[1] = ipc_conn_close(end[1]);
		check_eq(ipc_conn_poll(end[0], IPC_NOW), 1);
		check_r(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_NOW), -EPIPE);
		close_both(end);
	}
}

/* A05, L03, L04: any part of a buffer is sent; a wrong length is refused and nothing is sent. */
static void conn_send__part_of_a_buffer__is_that_part(void **state)
{
	const char text[] = "abcdef";
	ipc_conn  *end[2];

	make(end, 0);
	for (size_t from = 0; from <= 6; from++)
		for (size_t len = 0; from + len <= 6; len++) {
			char want[8] = {0};

			check_ok(ipc_conn_send(end[0], text + from, len, IPC_NOW));
			memcpy(want, text + from, len);
			check_next(end[1], want);
		}
	check_r(ipc_conn_send(end[0], text, (size_t)INT64_MAX + 1, IPC_NOW), -EINVAL);
	check_r(ipc_conn_send(end[0], text, SIZE_MAX, IPC_NOW), -EINVAL);
	check_r(ipc_conn_send(end[0], NULL, 1, IPC_NOW), -EINVAL);
	check_r(ipc_conn_next_len(end[1]), -EAGAIN);
	close_both(end);
}

/* A06, A07, L01, L02, L05, L06: whatever is wrong with the buffer, the message stays. */
static void conn_recv__wrong_or_short_buffer__leaves_the_message(void **state)
{
	for (unsigned flags = 0; flags <= IPC_CONN_SIMPLEX; flags++) {
		char      buf[16];
		ipc_conn *end[2];

		make(end, flags);
		check_ok(ipc_conn_send(end[1], "0123456789", 10, IPC_NOW));
		check_r(ipc_conn_recv(end[0], NULL, 10, IPC_NOW), -EINVAL);
		check_r(ipc_conn_recv(end[0], NULL, 0, IPC_NOW), -EMSGSIZE);
		check_r(ipc_conn_recv(end[0], buf, 9, IPC_NOW), -EMSGSIZE);
		check_r(ipc_conn_recv(end[0], buf, 5, IPC_FOREVER), -EMSGSIZE);
		check_eq(ipc_conn_readable(end[0]), 1);
		if (!flags) { /* and the way back is open */
			check_ok(ipc_conn_send(end[0], "x", 1, IPC_NOW));
			check_next(end[1], "x");
		}
		check_r(ipc_conn_next_len(end[0]), 10);
		check_r(ipc_conn_recv(end[0], buf, SIZE_MAX, IPC_NOW), 10); /* no limit at all */
		check(memcmp(buf, "0123456789", 10) == 0);
		close_both(end);
	}
}

/* A07: into the middle of a buffer, and not a byte before or after. */
static void conn_recv__into_part_of_a_buffer__touches_no_more(void **state)
{
	char      buf[] = "..........";
	ipc_conn *end[2];

	make(end, 0);
	check_ok(ipc_conn_send(end[0], "abc", 3, IPC_NOW));
	check_r(ipc_conn_recv(end[1], buf + 4, 5, IPC_NOW), 3);
	check_eq(strcmp(buf, "....abc..."), 0);
	close_both(end);
}

/* ---- time ----------------------------------------------------------------------------------- */

static void *send_when_it_sleeps(void *arg)
{
	struct ipc_observer       *o;
	const struct ipc_snapshot *s;

	check_ok(ipc_observer_open(&o, NULL));
	check(wait_until(ipc_observer_read(o, &s) == 0 && s->n_waits == 1, 30));
	o = ipc_observer_close(o);
	check_ok(ipc_conn_send(arg, "late", 4, IPC_NOW));
	return NULL;
}

/* A09, L20: any negative time is for ever. */
static void conn_recv__any_negative_time__waits(void **state)
{
	static const ipc_nsec forever[] = {IPC_FOREVER, -2, -1000000000, INT64_MIN};
	ipc_conn             *end[2];
	char                  buf[8];

	make(end, 0);
	for (size_t i = 0; i < N_OF(forever); i++) {
		pthread_t t = test_thread(send_when_it_sleeps, end[0]);

		check_r(ipc_conn_recv(end[1], buf, sizeof(buf), forever[i]), 4);
		test_join_thread(t);
	}
	close_both(end);
}

/* ---- ends ------------------------------------------------------------------------------------ */

/* A10: a handle that was set to what close returned can be closed again, and does nothing more. */
static void conn_close__again__is_allowed(void **state)
{
	ipc_conn *end[2];

	make(end, 0);
	close_both(end);
	close_both(end);
	check_r(ipc_conn_send(end[0], "x", 1, IPC_NOW), -EINVAL);
	check_r(ipc_conn_poll(end[0], IPC_NOW), -EINVAL);
	check_eq(ipc_conn_readable(end[0]) + ipc_conn_writable(end[0]), 0);
}

/* A11, A17: the other end's closing changes what happens, not what this end may do. */
static void conn_close__of_the_other_end__leaves_this_one_open(void **state)
{
	ipc_conn *end[2];
	char      c;

	make(end, 0);
	check_ok(ipc_conn_send(end[0], "a", 1, IPC_NOW));
	end[0] = ipc_conn_close(end[0]);
	check_eq(ipc_conn_readable(end[1]), 1);
	check_eq(ipc_conn_writable(end[1]), 1);
	check_r(ipc_conn_send(end[1], "b", 1, IPC_NOW), -EPIPE);
	check_r(ipc_conn_recv(end[1], &c, 1, IPC_NOW), 1);
	for (int i = 0; i < 3; i++) {
		check_r(ipc_conn_recv(end[1], &c, 1, IPC_NOW), -EPIPE);
		check_r(ipc_conn_send(end[1], "b", 1, IPC_FOREVER), -EPIPE);
	}
	close_both(end);
}

/* L09: what the other end did not read goes with it; what it sent is read, then comes the end. */
static void conn_close__with_unread_messages__what_it_sent_still_comes(void **state)
{
	ipc_conn *end[2];
	char      c;

	make(end, 0);
	check_ok(ipc_conn_send(end[0], "unread", 6, IPC_NOW));
	check_ok(ipc_conn_send(end[1], "sent", 4, IPC_NOW));
	end[1] = ipc_conn_close(end[1]);
	check_next(end[0], "sent");
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EPIPE);
	check_r(ipc_conn_send(end[0], "x", 1, IPC_NOW), -EPIPE);
	close_both(end);
}

static int send_to_nobody(void *arg)
{
	ipc_conn *end[2];

	make(end, IPC_CONN_SIMPLEX); /* with SIGPIPE as the system has it: it kills */
	end[0] = ipc_conn_close(end[0]);
	check_r(ipc_conn_send(end[1], "x", 1, IPC_NOW), -EPIPE);
	close_both(end);
	return 0;
}

/* L08: an error, and no signal. */
static void conn_send__nobody_there__is_an_error_and_no_signal(void **state)
{
	check_child(send_to_nobody, NULL);
}

static int hold(void *arg)
{
	ipc_conn **end = arg;
	char       c;

	end[0] = ipc_conn_close(end[0]);
	check_r(ipc_conn_recv(end[1], &c, 1, IPC_SEC(30)), -EPIPE);
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static unsigned holders(const struct ipc_snapshot *s, pid_t pid)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n_ends; i++)
		n += s->processes[s->ends[i].process].pid == (uint64_t)pid;
	return n;
}

/* A14, A15: who looks from outside sees each process that holds an end. */
static void pipe__held_by_two_processes__both_are_seen(void **state)
{
	struct ipc_observer       *o;
	const struct ipc_snapshot *s = NULL;
	ipc_conn                  *end[2];
	pid_t                      child;

	make(end, 0);
	child = test_fork(hold, end);
	end[1] = ipc_conn_close(end[1]);
	check_ok(ipc_observer_open(&o, NULL));
	check(wait_until(ipc_observer_read(o, &s) == 0 && holders(s, getpid()) == 1 &&
				 holders(s, child) == 1,
			 30));
	end[0] = ipc_conn_close(end[0]);
	check_eq(test_wait(child), 0);
	check(wait_until(ipc_observer_read(o, &s) == 0 && s->n_ends == 0, 30));
	o = ipc_observer_close(o);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(pipe__simplex_and_duplex__behave_alike, setup),
		cmocka_unit_test_setup(conn_send__part_of_a_buffer__is_that_part, setup),
		cmocka_unit_test_setup(conn_recv__wrong_or_short_buffer__leaves_the_message, setup),
		cmocka_unit_test_setup(conn_recv__into_part_of_a_buffer__touches_no_more, setup),
		cmocka_unit_test_setup(conn_recv__any_negative_time__waits, setup),
		cmocka_unit_test_setup(conn_close__again__is_allowed, setup),
		cmocka_unit_test_setup(conn_close__of_the_other_end__leaves_this_one_open, setup),
		cmocka_unit_test_setup(conn_close__with_unread_messages__what_it_sent_still_comes,
				       setup),
		cmocka_unit_test_setup(conn_send__nobody_there__is_an_error_and_no_signal, setup),
		cmocka_unit_test_setup(pipe__held_by_two_processes__both_are_seen, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("behaviour_pipe", tests, NULL, NULL);
}
