/*
 * Programs that are fast, looked at as fast as one can look: no verdict of any kind.
 *
 * Every instant of such a program looks like a deadlock to somebody who reads carelessly: both
 * sides asleep, a message just taken, a lock between two owners. $SCANS says how many readings to
 * make of each; `make soak` makes 60 000.
 *
 * test-limit: 900
 */

#include "support/test.h"

#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>

#define SCANS_QUICK 5000

static int setup(void **state)
{
	test_deadline(840);
	return 0;
}

static unsigned scans(void)
{
	const char *n = getenv("SCANS");

	return n && atoi(n) > 0 ? (unsigned)atoi(n) : test_rounds(SCANS_QUICK);
}

struct shared {
	int      stop;
	uint64_t n; /* how far they came */
};

static bool stopped(struct shared *s)
{
	return __atomic_load_n(&s->stop, __ATOMIC_RELAXED) != 0;
}

/* Read until it was enough; every reading without a finding. */
static void watch(struct shared *s, const char *what)
{
	const struct ipc_snapshot *snap;
	ipc_observer              *o = NULL;
	uint64_t                   began, first;
	unsigned                   n = scans();

	check(wait_until(ipc_observer_open(&o, NULL) == 0, 20));
	check(wait_until(__atomic_load_n(&s->n, __ATOMIC_RELAXED) > 100, 20));
	began = test_now();
	first = __atomic_load_n(&s->n, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < n; i++) {
		check_ok(ipc_observer_read(o, &snap));
		if (snap->n_verdicts > 0)
			test_fail("reading %u: %s", i, snap->verdicts[0].text);
	}
	printf("%s: %u readings, %.0f rounds/s\n", what, n,
	       (double)(__atomic_load_n(&s->n, __ATOMIC_RELAXED) - first) * 1e9 /
		       (double)(test_now() - began));
	o = ipc_observer_close(o);
}

/* ---- ping-pong ------------------------------------------------------------------------- */

struct game {
	struct shared *s;
	ipc_conn      *end[2];
};

static int serve(void *arg)
{
	struct game *g = arg;
	char         c;

	g->end[1] = ipc_conn_close(g->end[1]);
	while (!stopped(g->s)) {
		check_ok(ipc_conn_send(g->end[0], "!", 1, IPC_FOREVER));
		check_r(ipc_conn_recv(g->end[0], &c, 1, IPC_FOREVER), 1);
		__atomic_store_n(&g->s->n, g->s->n + 1, __ATOMIC_RELAXED);
	}
	g->end[0] = ipc_conn_close(g->end[0]);
	return 0;
}

static int answer(struct game *g)
{
	char c;

	while (ipc_conn_recv(g->end[1], &c, 1, IPC_FOREVER) == 1)
		if (ipc_conn_send(g->end[1], "!", 1, IPC_FOREVER) < 0)
			break;
	return 0;
}

/* The pipe is made in a child, so that this process is not of the domain it looks at. */
static int play(void *arg)
{
	struct game g = {.s = arg};
	pid_t       other;

	test_deadline(840);
	check_ok(ipc_pipe(g.end, NULL));
	other = test_fork(serve, &g);
	g.end[0] = ipc_conn_close(g.end[0]);
	check_eq(answer(&g), 0);
	return test_wait(other);
}

static void scanned__ping_pong__no_verdict(void **state)
{
	struct shared *s = test_shared(sizeof(*s));
	pid_t          child;

	test_new_ipc_dir();
	child = test_fork(play, s);
	watch(s, "ping-pong");
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
	check_eq(test_wait(child), 0);
}

/* ---- a full queue and an empty one, and a lock between ----------------------------------- */

struct mill {
	struct shared *s;
	ipc_queue     *in, *out;
	ipc_mutex     *lock;
};

static int grind(void *arg)
{
	struct mill *m = arg;
	uint64_t     x;

	test_deadline(840);
	while (ipc_queue_get(m->in, &x, sizeof(x), IPC_FOREVER) > 0) {
		check_ok(ipc_mutex_lock(m->lock, IPC_FOREVER));
		m->s->n++;
		check_ok(ipc_mutex_unlock(m->lock));
		if (ipc_queue_put(m->out, &x, sizeof(x), IPC_FOREVER) < 0)
			break;
	}
	return 0;
}

static int feed(void *arg)
{
	struct mill *m = arg;
	uint64_t     x = 0;

	test_deadline(840);
	while (!stopped(m->s)) {
		/* two on their way: one waits for room, or for something to come, all the time */
		check_ok(ipc_queue_put(m->in, &x, sizeof(x), IPC_FOREVER));
		check_r(ipc_queue_get(m->out, &x, sizeof(x), IPC_FOREVER), sizeof(x));
	}
	check_ok(ipc_queue_shutdown(m->in));
	return 0;
}

static int mill(void *arg)
{
	struct mill m = {.s = arg};
	ipc_shm    *shm;
	pid_t       child[4];

	check_ok(ipc_shm_create(&shm, NULL, 4096));
	m.lock = ipc_shm_data(shm);
	check_ok(ipc_queue_create(&m.in, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 1)));
	check_ok(ipc_queue_create(&m.out, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 1)));
	child[0] = test_fork(feed, &m);
	child[1] = test_fork(feed, &m);
	child[2] = test_fork(grind, &m);
	child[3] = test_fork(grind, &m);
	m.in = ipc_queue_close(m.in);
	m.out = ipc_queue_close(m.out);
	shm = ipc_shm_close(shm);
	test_deadline(840);
	return test_wait(child[0]);
}

static void scanned__queues_of_one_and_a_lock__no_verdict(void **state)
{
	struct shared *s = test_shared(sizeof(*s));
	pid_t          child;

	test_new_ipc_dir();
	child = test_fork(mill, s);
	watch(s, "mill");
	test_kill(child); /* they do not outlive it */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(scanned__ping_pong__no_verdict, setup),
		cmocka_unit_test_setup(scanned__queues_of_one_and_a_lock__no_verdict, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("scanned", tests, NULL, NULL);
}
