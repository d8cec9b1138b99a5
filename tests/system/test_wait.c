/*
 * Waiting for several things at once: E01, E02, and what an observer makes of it.
 *
 * test-limit: 240
 */

#include "support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <ipc/observe.h>
#include <ipc/wait.h>

static int setup(void **state)
{
	test_deadline(90);
	return 0;
}

static void check_lasts(uint64_t began, uint64_t ms)
{
	uint64_t took = (test_now() - began) / 1000000;

	if (took < ms || took > ms + 3000)
		test_fail("took %llu ms, not %llu", (unsigned long long)took,
			  (unsigned long long)ms);
}

static ipc_queue *queue_of(uint64_t maxsize)
{
	ipc_queue *q;

	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = maxsize)));
	return q;
}

/* ---- the calls themselves ----------------------------------------------------------------- */

/* E02: of a, b, c only a and c are ready: they are found in the order of the list */
static void wait__several_ready__all_are_told_in_list_order(void **state)
{
	ipc_queue      *q[3] = {queue_of(0), queue_of(0), queue_of(0)};
	struct ipc_item items[] = {IPC_ITEM_QUEUE(q[2], IPC_READ), IPC_ITEM_QUEUE(q[1], IPC_READ),
				   IPC_ITEM_QUEUE(q[0], IPC_READ)};

	check_ok(ipc_queue_put(q[0], "x", 1, IPC_NOW));
	check_ok(ipc_queue_put(q[2], "x", 1, IPC_NOW));
	check_r(ipc_wait(items, 3, IPC_WAIT_ANY, IPC_FOREVER), 2);
	check(items[0].got == IPC_READ && items[1].got == 0 && items[2].got == IPC_READ);
	check_r(ipc_wait(items, 3, IPC_WAIT_ALL, IPC_NOW), 0);
	check_ok(ipc_queue_put(q[1], "x", 1, IPC_NOW));
	check_r(ipc_wait(items, 3, IPC_WAIT_ALL, IPC_NOW), 3);
	for (int i = 0; i < 3; i++)
		q[i] = ipc_queue_close(q[i]);
}

/* E02: an empty list waits the time; ours refuses to do so for ever */
static void wait__nothing_in_the_list__waits_the_time(void **state)
{
	uint64_t began = test_now();

	check_r(ipc_wait(NULL, 0, IPC_WAIT_ANY, IPC_MSEC(300)), 0);
	check_lasts(began, 300);
	check_r(ipc_wait(NULL, 0, IPC_WAIT_ALL, IPC_NOW), 0);
	check_r(ipc_wait(NULL, 0, IPC_WAIT_ANY, IPC_FOREVER), -EDEADLK);
}

/* E02: duplicates, what is closed, what cannot be waited for */
static void wait__what_makes_no_sense__is_refused(void **state)
{
	ipc_queue      *q = queue_of(0);
	ipc_conn       *end[2];
	int             fd = open("/dev/null", O_RDONLY);
	struct ipc_item twice[] = {IPC_ITEM_QUEUE(q, IPC_READ), IPC_ITEM_FD(fd, POLLIN),
				   IPC_ITEM_QUEUE(q, IPC_WRITE)};
	struct ipc_item none = {.want = IPC_READ, .of = {.queue = q}};
	struct ipc_item null = IPC_ITEM_QUEUE(NULL, IPC_READ), idle = IPC_ITEM_QUEUE(q, 0);
	struct ipc_item odd = IPC_ITEM_QUEUE(q, POLLPRI), closed = IPC_ITEM_FD(fd, POLLIN);

	check_r(ipc_wait(twice, 3, IPC_WAIT_ANY, IPC_NOW), -EINVAL);
	check_explains("items 0 and 2 of 3");
	check_explains("twice");
	check_r(ipc_wait(&none, 1, IPC_WAIT_ANY, IPC_NOW), -EINVAL);
	check_explains("item 0 of 1");
	check_explains("of no kind");
	check_r(ipc_wait(&null, 1, IPC_WAIT_ANY, IPC_NOW), -EINVAL);
	check_explains("NULL");
	check_r(ipc_wait(&idle, 1, IPC_WAIT_ANY, IPC_NOW), -EINVAL);
	check_explains("wants neither");
	check_r(ipc_wait(&odd, 1, IPC_WAIT_ANY, IPC_NOW), -EINVAL);
	check_explains("something else");
	check_r(ipc_wait(NULL, 1, IPC_WAIT_ANY, IPC_NOW), -EINVAL);
	check_r(ipc_wait(twice, 1, 1u << 7, IPC_NOW), -EINVAL);
	(void)close(fd);
	check_r(ipc_wait(&closed, 1, IPC_WAIT_ANY, IPC_NOW), -EBADF);
	check_explains("not open");
	check_r(ipc_wait(&closed, 1, IPC_WAIT_ANY, IPC_FOREVER), -EBADF);

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX)));
	for (int i = 0; i < 2; i++) {
		struct ipc_item wrong = IPC_ITEM_CONN(end[i], i ? IPC_READ : IPC_WRITE);

		check_r(ipc_wait(&wrong, 1, IPC_WAIT_ANY, IPC_FOREVER), -EBADF);
		check_explains("that end");
	}
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	q = ipc_queue_close(q);
}

/* E02: end of file counts as ready */
static void wait__end_of_file__is_ready(void **state)
{
	ipc_conn       *end[2];
	struct ipc_item item;

	check_ok(ipc_pipe(end, NULL));
	item = (struct ipc_item)IPC_ITEM_CONN(end[0], IPC_READ);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_NOW), 0);
	end[1] = ipc_conn_close(end[1]);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_FOREVER), 1);
	item.want = IPC_READ | IPC_WRITE; /* EPIPE would be told at once */
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_FOREVER), 1);
	check_eq(item.got, IPC_READ | IPC_WRITE);
	end[0] = ipc_conn_close(end[0]);
}

static void wait__time_passes__nothing_is_ready(void **state)
{
	static const unsigned ms[] = {1, 20, 300, 600};
	int                   fds[2];
	ipc_queue            *q = queue_of(1);
	struct ipc_item       items[2] = {IPC_ITEM_QUEUE(q, IPC_READ)};

	check_eq(pipe(fds), 0);
	items[1] = (struct ipc_item)IPC_ITEM_FD(fds[0], POLLIN);
	for (size_t n = 1; n <= 2; n++)
		for (size_t i = 0; i < N_OF(ms); i++) {
			uint64_t began = test_now();

			check_r(ipc_wait(items, n, i % 2, IPC_MSEC(ms[i])), 0);
			check_lasts(began, ms[i]);
		}
	(void)close(fds[0]);
	(void)close(fds[1]);
	q = ipc_queue_close(q);
}

/* ---- waking up ------------------------------------------------------------------------------- */

struct scene {
	ipc_queue *q[3];
	ipc_conn  *end[2];
	int        fds[2];
	unsigned   act;
	pid_t      sleeper;
};

enum act { PUT, GET, SEND, CLOSE, WRITE, N_ACTS };

/* Do it once the parent is asleep: then it is the wake-up that is tested. */
static int acts(void *arg)
{
	struct scene *s = arg;
	char          c;

	s->end[0] = ipc_conn_close(s->end[0]);
	check(wait_until(test_asleep(s->sleeper), 20));
	switch (s->act) {
	case PUT: return ipc_queue_put(s->q[0], "x", 1, IPC_NOW) != 0;
	case GET: return ipc_queue_get(s->q[1], &c, 1, IPC_NOW) != 1;
	case SEND: return ipc_conn_send(s->end[1], "x", 1, IPC_NOW) != 0;
	case CLOSE: return 0; /* by ending: of the pipe, and of this process */
	default: return write(s->fds[1], "x", 1) != 1;
	}
}

static void check_act(unsigned act, bool with_fd)
{
	struct scene    s = {.act = act, .sleeper = getpid()};
	struct ipc_item items[4];
	pid_t           pid;

	s.q[0] = queue_of(0);
	s.q[1] = queue_of(1);
	check_ok(ipc_queue_put(s.q[1], "x", 1, IPC_NOW));
	check_ok(ipc_pipe(s.end, NULL));
	check_eq(pipe(s.fds), 0);
	pid = test_fork(acts, &s);
	s.end[1] = ipc_conn_close(s.end[1]);
	items[0] = (struct ipc_item)IPC_ITEM_QUEUE(s.q[0], IPC_READ);
	items[1] = (struct ipc_item)IPC_ITEM_QUEUE(s.q[1], IPC_WRITE);
	items[2] = (struct ipc_item)IPC_ITEM_CONN(s.end[0], IPC_READ);
	items[3] = (struct ipc_item)IPC_ITEM_FD(s.fds[0], POLLIN);
	check(ipc_wait(items, with_fd ? 4 : 3, IPC_WAIT_ANY, IPC_FOREVER) >= 1);
	check(items[act < SEND ? act : act < WRITE ? 2 : 3].got || items[2].got);
	check_eq(test_wait(pid), 0);
	for (int i = 0; i < 2; i++) {
		s.q[i] = ipc_queue_close(s.q[i]);
		(void)close(s.fds[i]);
	}
	s.end[0] = ipc_conn_close(s.end[0]);
}

/* E01 */
static void wait__any__wakes_for_each_kind_of_thing(void **state)
{
	for (unsigned act = 0; act < N_ACTS; act++)
		for (int with_fd = act == WRITE; with_fd < 2; with_fd++)
			check_act(act, with_fd);
}

static int exits_3(void *arg)
{
	check(wait_until(test_asleep(*(pid_t *)arg), 20));
	return 3;
}

/* E01: the exit of a process */
static void wait__process__is_ready_when_it_has_ended(void **state)
{
	pid_t           self = getpid();
	ipc_queue      *q = queue_of(0);
	ipc_proc       *p;
	struct ipc_item items[2] = {IPC_ITEM_QUEUE(q, IPC_READ)};
	int             status;

	check_ok(ipc_spawn(&p, exits_3, &self, NULL));
	items[1] = (struct ipc_item)IPC_ITEM_PROC(p);
	check_r(ipc_wait(items, 2, IPC_WAIT_ANY, IPC_FOREVER), 1);
	check_eq(items[1].got, IPC_READ);
	check_ok(ipc_proc_join(p, IPC_NOW, &status));
	check_eq(status, 3);
	p = ipc_proc_close(p);
	q = ipc_queue_close(q);
}

static int waits_to_be_killed(void *arg)
{
	struct scene *s = arg;

	s->end[0] = ipc_conn_close(s->end[0]);
	for (;;)
		(void)pause();
	return 0;
}

/* Who was to send is killed, and nobody says so: within a slice it is found out. */
static void wait__peer_killed__is_ready(void **state)
{
	for (int with_fd = 0; with_fd < 2; with_fd++) {
		struct scene    s = {0};
		struct ipc_item items[2];
		pid_t           pid;

		check_ok(ipc_pipe(s.end, NULL));
		check_eq(pipe(s.fds), 0);
		pid = test_fork(waits_to_be_killed, &s);
		s.end[1] = ipc_conn_close(s.end[1]);
		items[0] = (struct ipc_item)IPC_ITEM_CONN(s.end[0], IPC_READ);
		items[1] = (struct ipc_item)IPC_ITEM_FD(s.fds[0], POLLIN);
		check_r(ipc_wait(items, 1u + (unsigned)with_fd, IPC_WAIT_ANY, IPC_MSEC(20)), 0);
		(void)kill(pid, SIGKILL);
		check_r(ipc_wait(items, 1u + (unsigned)with_fd, IPC_WAIT_ANY, IPC_SEC(20)), 1);
		check_eq(items[0].got, IPC_READ);
		(void)test_wait(pid);
		s.end[0] = ipc_conn_close(s.end[0]);
		(void)close(s.fds[0]);
		(void)close(s.fds[1]);
	}
}

static int puts_into_each(void *arg)
{
	struct scene *s = arg;

	for (int i = 2; i >= 0; i--)
		check_ok(ipc_queue_put(s->q[i], "x", 1, IPC_NOW));
	return 0;
}

static int sleeps_for_ever(void *arg)
{
	return pause();
}

/* An event loop: it looks at what is urgent first, and then sleeps for a tick. */
static bool ready_in_turn(ipc_conn *urgent, ipc_conn *other)
{
	struct ipc_item first = IPC_ITEM_CONN(urgent, IPC_READ);
	struct ipc_item then = IPC_ITEM_CONN(other, IPC_READ);

	check_r(ipc_wait(&first, 1, 0, IPC_NOW), 0);
	return ipc_wait(&then, 1, 0, IPC_MSEC(50)) == 1;
}

static void wait__peer_killed_and_two_sets_in_turn__is_ready(void **state)
{
	ipc_conn *urgent[2], *other[2];
	pid_t     pid;

	check_ok(ipc_pipe(other, NULL));
	pid = test_fork(sleeps_for_ever, NULL);
	check_ok(ipc_pipe(urgent, NULL));    /* and it has no part in this */
	other[1] = ipc_conn_close(other[1]); /* the child's is the last one */
	test_kill(pid);
	check(wait_until(ready_in_turn(urgent[0], other[0]), 20));
	for (int i = 0; i < 2; i++) {
		urgent[i] = ipc_conn_close(urgent[i]);
		other[i] = ipc_conn_close(other[i]);
	}
}

static void wait__all__waits_for_the_last(void **state)
{
	for (int round = 0; round < 50; round++) {
		struct scene    s = {.q = {queue_of(0), queue_of(0), queue_of(0)}};
		struct ipc_item items[] = {IPC_ITEM_QUEUE(s.q[0], IPC_READ),
					   IPC_ITEM_QUEUE(s.q[1], IPC_READ | IPC_WRITE),
					   IPC_ITEM_QUEUE(s.q[2], IPC_READ)};
		pid_t           pid = test_fork(puts_into_each, &s);

		check_r(ipc_wait(items, 3, IPC_WAIT_ALL, IPC_FOREVER), 3);
		for (int i = 0; i < 3; i++)
			check(items[i].got & IPC_READ || i == 1);
		check_eq(test_wait(pid), 0);
		for (int i = 0; i < 3; i++)
			s.q[i] = ipc_queue_close(s.q[i]);
	}
}

#define FLOWS 150u /* more than futex_waitv(2) takes, and than a record names */

struct flows {
	ipc_queue *q[FLOWS];
	uint32_t   n;
};

static int puts_everywhere(void *arg)
{
	const struct flows *f = arg;
	uint32_t            seed = (uint32_t)getpid();

	for (uint32_t i = 0; i < 2000; i++)
		check_ok(
			ipc_queue_put(f->q[test_random(&seed) % f->n], &i, sizeof(i), IPC_FOREVER));
	return 0;
}

/* Two writers over many queues; the reader never waits but for all of them, and for ever. */
static void check_flows(uint32_t n)
{
	struct flows    f = {.n = n};
	struct ipc_item items[FLOWS];
	pid_t           pid[2];
	uint32_t        left = 2 * 2000, x;

	for (uint32_t i = 0; i < n; i++) {
		f.q[i] = queue_of(2);
		items[i] = (struct ipc_item)IPC_ITEM_QUEUE(f.q[i], IPC_READ);
	}
	for (int i = 0; i < 2; i++)
		pid[i] = test_fork(puts_everywhere, &f);
	while (left) {
		check(ipc_wait(items, n, IPC_WAIT_ANY, IPC_FOREVER) >= 1);
		for (uint32_t i = 0; i < n; i++)
			if (items[i].got && ipc_queue_get(f.q[i], &x, sizeof(x), IPC_NOW) >= 0)
				left--;
	}
	for (int i = 0; i < 2; i++)
		check_eq(test_wait(pid[i]), 0);
	for (uint32_t i = 0; i < n; i++)
		f.q[i] = ipc_queue_close(f.q[i]);
}

static void wait__many_flows__nothing_is_lost(void **state)
{
	check_flows(3);
	check_flows(40);
	check_flows(FLOWS);
}

static void ignore(int sig)
{
	(void)sig;
}

static int storms(void *arg)
{
	struct scene *s = arg;

	for (int i = 0; i < 200; i++) {
		(void)kill(s->sleeper, SIGUSR1);
		test_pause();
	}
	return ipc_queue_put(s->q[0], "x", 1, IPC_NOW);
}

/* Signals never end it, and never lengthen its time. */
static void wait__interrupted_by_signals__goes_on_waiting(void **state)
{
	struct sigaction act = {.sa_handler = ignore}; /* without SA_RESTART */
	int              fds[2];

	check_eq(sigaction(SIGUSR1, &act, NULL), 0);
	check_eq(pipe(fds), 0);
	for (unsigned n = 1; n <= 2; n++) {
		struct scene    s = {.q = {queue_of(0)}, .sleeper = getpid()};
		struct ipc_item items[] = {IPC_ITEM_QUEUE(s.q[0], IPC_READ),
					   IPC_ITEM_FD(fds[0], POLLIN)};
		pid_t           pid = test_fork(storms, &s);

		check_r(ipc_wait(items, n, IPC_WAIT_ANY, IPC_SEC(60)), 1);
		check_eq(test_wait(pid), 0);
		s.q[0] = ipc_queue_close(s.q[0]);
	}
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* ---- what an observer sees ------------------------------------------------------------------ */

struct view {
	ipc_observer              *o;
	const struct ipc_snapshot *s;
};

static const struct ipc_snapshot *look(struct view *v)
{
	if (!v->o)
		check_ok(ipc_observer_open(&v->o, NULL));
	check_ok(ipc_observer_read(v->o, &v->s));
	return v->s;
}

static const struct ipc_obs_wait *wait_of(const struct ipc_snapshot *s, pid_t pid)
{
	for (size_t i = 0; i < s->n_waits; i++)
		if (s->processes[s->threads[s->waits[i].thread].process].pid == (uint64_t)pid)
			return &s->waits[i];
	return NULL;
}

static int waits_for_ever(void *arg)
{
	struct scene   *s = arg;
	struct ipc_item items[] = {IPC_ITEM_QUEUE(s->q[0], IPC_READ),
				   IPC_ITEM_QUEUE(s->q[1], IPC_READ),
				   IPC_ITEM_FD(s->fds[0], POLLIN)};

	return ipc_wait(items, s->act ? 3 : 2, IPC_WAIT_ANY, IPC_FOREVER) < 0;
}

static void wait__asleep__is_shown_with_all_it_waits_for(void **state)
{
	struct scene s = {.q = {queue_of(0), queue_of(0)}};

	check_eq(pipe(s.fds), 0);
	for (s.act = 0; s.act < 2; s.act++) {
		struct view                v = {0};
		const struct ipc_obs_wait *w;
		pid_t                      pid = test_fork(waits_for_ever, &s);

		check(wait_until(wait_of(look(&v), pid) != NULL, 20));
		w = wait_of(v.s, pid);
		check_eq(w->op, IPC_OP_WAIT);
		check_eq(w->n_items, 2 + s.act);
		check_eq(w->all, 0);
		check_eq(w->satisfied, 0);
		check(strstr(w->text, "wait for any of") && strstr(w->text, "get(queue"));
		check_eq(v.s->n_verdicts, 0); /* this process could put */
		v.o = ipc_observer_close(v.o);
		test_kill(pid);
	}
	(void)close(s.fds[0]);
	(void)close(s.fds[1]);
	s.q[0] = ipc_queue_close(s.q[0]);
	s.q[1] = ipc_queue_close(s.q[1]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(wait__several_ready__all_are_told_in_list_order, setup),
		cmocka_unit_test_setup(wait__nothing_in_the_list__waits_the_time, setup),
		cmocka_unit_test_setup(wait__what_makes_no_sense__is_refused, setup),
		cmocka_unit_test_setup(wait__end_of_file__is_ready, setup),
		cmocka_unit_test_setup(wait__time_passes__nothing_is_ready, setup),
		cmocka_unit_test_setup(wait__any__wakes_for_each_kind_of_thing, setup),
		cmocka_unit_test_setup(wait__process__is_ready_when_it_has_ended, setup),
		cmocka_unit_test_setup(wait__peer_killed__is_ready, setup),
		cmocka_unit_test_setup(wait__peer_killed_and_two_sets_in_turn__is_ready, setup),
		cmocka_unit_test_setup(wait__all__waits_for_the_last, setup),
		cmocka_unit_test_setup(wait__many_flows__nothing_is_lost, setup),
		cmocka_unit_test_setup(wait__interrupted_by_signals__goes_on_waiting, setup),
		cmocka_unit_test_setup(wait__asleep__is_shown_with_all_it_waits_for, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
