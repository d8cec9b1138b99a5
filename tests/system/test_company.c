/*
 * The one thread that has a side of a pipe to itself is held up in the midst of a call,
 * after each of its instructions in turn. Meanwhile another process of its family, which
 * has the end since the fork, uses it, closes it, and leaves the first alone again. Then
 * that goes on. No message may be lost or come twice.
 *
 * test-limit: 300
 */

#include "support/test.h"

#include <ipc/conn.h>

#include "support/step.h"

/* Of each numbered message it is counted how often it came. */
#define BEFORE   3u /* by the first, to be the one whose side it is */
#define COMPANY  5u
#define MESSAGES 32u
#define LARGE    200u /* more than a slot has room for */

struct meeting {
	ipc_conn *end[2]; /* end[0] receives, end[1] sends */
	size_t    len;
	bool      receive; /* or else they send */
	/* all shared by the three processes */
	uint32_t *n_came; /* MESSAGES of them */
	uint32_t *next;   /* number to be sent */
	uint32_t *come;   /* the company may use its end; and it has left */
	uint32_t *has_left;
};

static int setup(void **state)
{
	test_deadline(240);
	return 0;
}

static void receive_one(struct meeting *m, bool held_up)
{
	char     buf[LARGE];
	uint32_t n;
	ssize_t  r;

	if (held_up)
		step_me();
	r = ipc_conn_recv(m->end[0], buf, sizeof(buf), IPC_SEC(20));
	if (held_up)
		step_end();
	check_r(r, (ssize_t)m->len);
	memcpy(&n, buf, sizeof(n));
	check(n < MESSAGES && test_pattern_is(buf + sizeof(n), m->len - sizeof(n), n));
	(void)__atomic_fetch_add(&m->n_came[n], 1, __ATOMIC_RELAXED);
}

static void send_one(struct meeting *m, bool held_up)
{
	uint32_t n = __atomic_fetch_add(m->next, 1, __ATOMIC_RELAXED);
	char     buf[LARGE];
	int      r;

	memcpy(buf, &n, sizeof(n));
	test_pattern(buf + sizeof(n), m->len - sizeof(n), n);
	if (held_up)
		step_me();
	r = ipc_conn_send(m->end[1], buf, m->len, IPC_SEC(20));
	if (held_up)
		step_end();
	check_ok(r);
}

static void use_once(struct meeting *m, bool held_up)
{
	if (m->receive)
		receive_one(m, held_up);
	else
		send_one(m, held_up);
}

static void use(struct meeting *m, unsigned times)
{
	while (times--)
		use_once(m, false);
}

static ipc_conn **used(struct meeting *m)
{
	return &m->end[m->receive ? 0 : 1];
}

static int company(void *arg)
{
	struct meeting *m = arg;

	check(wait_until(__atomic_load_n(m->come, __ATOMIC_ACQUIRE), 30));
	use(m, COMPANY);
	*used(m) = ipc_conn_close(*used(m));
	__atomic_store_n(m->has_left, 1, __ATOMIC_RELEASE);
	return 0;
}

static int first(void *arg)
{
	struct meeting *m = arg;
	pid_t           child;

	m->end[m->receive] = ipc_conn_close(m->end[m->receive]);
	use(m, BEFORE);
	child = test_fork(company, m);
	use_once(m, true);
	use(m, MESSAGES - BEFORE - COMPANY - 1);
	check_eq(test_wait(child), 0);
	return 0;
}

static struct meeting meeting_make(bool receive, size_t len)
{
	uint32_t *shared = test_shared((MESSAGES + 3) * sizeof(*shared));

	return (struct meeting){.len = len,
				.receive = receive,
				.n_came = shared,
				.next = &shared[MESSAGES],
				.come = &shared[MESSAGES + 1],
				.has_left = &shared[MESSAGES + 2]};
}

static void meeting_open(struct meeting *m)
{
	memset(m->n_came, 0, (MESSAGES + 3) * sizeof(*m->n_came));
	check_ok(ipc_pipe(
		m->end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX, .capacity = MESSAGES)));
}

static void check_came(const struct meeting *m, unsigned held_up)
{
	for (unsigned i = 0; i < MESSAGES; i++)
		if (m->n_came[i] != 1)
			test_fail("message %u came %u times, held up after %u instructions", i,
				  m->n_came[i], held_up);
}

/* Hold the first up after @n instructions; true: the call was over before that. */
static bool meet(struct meeting *m, unsigned n)
{
	static struct stepper t;
	struct meeting        other = *m; /* what this process does itself */
	pid_t                 pid;
	bool                  over;

	other.receive = !m->receive;
	meeting_open(m);
	other.end[0] = m->end[0];
	other.end[1] = m->end[1];
	if (m->receive)
		use(&other, MESSAGES);
	pid = test_fork(first, m);
	*used(m) = ipc_conn_close(*used(m));
	step_begin(&t, pid);
	for (unsigned i = 0; i < n && !t.ended; i++)
		step_once(&t);
	over = t.ended;
	__atomic_store_n(m->come, 1, __ATOMIC_RELEASE);
	check(wait_until(__atomic_load_n(m->has_left, __ATOMIC_ACQUIRE), 30));
	step_release(&t);
	if (!m->receive)
		use(&other, MESSAGES);
	check_eq(test_wait(pid), 0);
	*used(&other) = ipc_conn_close(*used(&other));
	check_came(m, n);
	return over;
}

static void meet_everywhere(bool receive, size_t len)
{
	struct meeting m = meeting_make(receive, len);
	const char    *why;
	unsigned       n = 0;

	if (!step_possible(&why)) {
		print_message("skipped: %s\n", why);
		skip();
	}
	while (!meet(&m, n))
		n++;
	check(n > 100); /* it was the call that was held up */
}

static void conn_recv__company_leaves_in_the_midst__each_message_comes_once(void **state)
{
	meet_everywhere(true, 16);
}

static void conn_recv__company_leaves_a_large_one__each_message_comes_once(void **state)
{
	meet_everywhere(true, LARGE);
}

static void conn_send__company_leaves_in_the_midst__each_message_comes_once(void **state)
{
	meet_everywhere(false, 16);
}

static void conn_send__company_leaves_a_large_one__each_message_comes_once(void **state)
{
	meet_everywhere(false, LARGE);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			conn_recv__company_leaves_in_the_midst__each_message_comes_once, setup),
		cmocka_unit_test_setup(
			conn_recv__company_leaves_a_large_one__each_message_comes_once, setup),
		cmocka_unit_test_setup(
			conn_send__company_leaves_in_the_midst__each_message_comes_once, setup),
		cmocka_unit_test_setup(
			conn_send__company_leaves_a_large_one__each_message_comes_once, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("company", tests, NULL, NULL);
}
