/*
 * Every kind of channel between the threads of one process.
 *
 * test-limit: 240
 */

#include "support/test.h"

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/simple_queue.h>
#include <ipc/sync.h>

static int setup(void **state)
{
	test_deadline(75);
	return 0;
}

/* ---- queues ------------------------------------------------------------------------------------ */

#define THREADS 3u

struct party {
	ipc_queue *q;
	uint32_t   me, n, largest;
	uint8_t   *seen; /* per producer and message */
};

static void *put_all(void *arg)
{
	const struct party *p = arg;
	uint32_t            seed = p->me + 1;
	char               *buf = malloc(p->largest);

	check(buf);
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t len = 8 + test_random(&seed) % (p->largest - 8);

		memcpy(buf, &p->me, 4);
		memcpy(buf + 4, &i, 4);
		test_pattern(buf + 8, len - 8, i);
		check_ok(ipc_queue_put(p->q, buf, len, IPC_SEC(60)));
	}
	free(buf);
	return NULL;
}

static void *get_all(void *arg)
{
	const struct party *p = arg;
	int64_t             last[THREADS] = {-1, -1, -1};
	char               *buf = malloc(p->largest);
	ssize_t             n;

	check(buf);
	while ((n = ipc_queue_get(p->q, buf, p->largest, IPC_SEC(60))) >= 0) {
		uint32_t who, i;

		memcpy(&who, buf, 4);
		memcpy(&i, buf + 4, 4);
		check(who < THREADS && i < p->n && (int64_t)i > last[who]);
		check(test_pattern_is(buf + 8, (size_t)n - 8, i));
		last[who] = i;
		(void)__atomic_fetch_add(&p->seen[who * p->n + i], 1, __ATOMIC_RELAXED);
	}
	check_r(n, -EPIPE);
	free(buf);
	return NULL;
}

static void check_party(uint64_t maxsize, uint32_t n, uint32_t largest)
{
	struct party p[THREADS];
	pthread_t    put[THREADS], get[THREADS];
	ipc_queue   *q;
	uint8_t     *seen;

	n = test_rounds(n);
	seen = calloc(THREADS, n);
	check(seen);
	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = maxsize)));
	for (uint32_t i = 0; i < THREADS; i++) {
		p[i] = (struct party){.q = q, .me = i, .n = n, .largest = largest, .seen = seen};
		put[i] = test_thread(put_all, &p[i]);
		get[i] = test_thread(get_all, &p[i]);
	}
	for (uint32_t i = 0; i < THREADS; i++)
		test_join_thread(put[i]);
	check_ok(ipc_queue_shutdown(q));
	for (uint32_t i = 0; i < THREADS; i++)
		test_join_thread(get[i]);
	for (uint32_t i = 0; i < THREADS * n; i++)
		check_eq(seen[i], 1);
	q = ipc_queue_close(q);
	free(seen);
}

static void queue__threads_bounded__exactly_once_in_order(void **state)
{
	check_party(1, 4000, 64);
	check_party(5, 20000, 64);
	check_party(100, 20000, 150);
}

static void queue__threads_unlimited__exactly_once_in_order(void **state)
{
	check_party(0, 30000, 64);
}

static void queue__threads_large__exactly_once_in_order(void **state)
{
	check_party(20, 3000, 100000);
	check_party(0, 3000, 20000);
}

static void *put_and_get_own(void *arg)
{
	char c;

	for (unsigned i = 0; i < test_rounds(2000); i++) {
		ipc_queue *q;

		check_ok(ipc_queue_create(&q, NULL, NULL));
		check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
		check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 1);
		q = ipc_queue_close(q);
	}
	return NULL;
}

static void queue__made_and_closed_by_many_threads__stay_apart(void **state)
{
	pthread_t t[4];

	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(put_and_get_own, NULL);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
}

static void *open_by_name(void *arg)
{
	for (unsigned i = 0; i < test_rounds(1000); i++) {
		ipc_queue *q;
		char       c;

		check_ok(ipc_queue_open(&q, "common"));
		check_ok(ipc_queue_put(q, "x", 1, IPC_SEC(30)));
		check_r(ipc_queue_get(q, &c, 1, IPC_SEC(30)), 1);
		q = ipc_queue_close(q);
	}
	return NULL;
}

static void queue__opened_by_name_in_many_threads__is_one_queue(void **state)
{
	ipc_queue *q;
	pthread_t  t[4];

	check_ok(ipc_queue_create(&q, "common", NULL));
	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(open_by_name, NULL);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	check_eq(ipc_queue_len(q), 0);
	check_ok(ipc_queue_unlink("common"));
	q = ipc_queue_close(q);
}

/* ---- tasks ------------------------------------------------------------------------------------------ */

static void *work(void *arg)
{
	char buf[8];

	while (ipc_queue_get(arg, buf, sizeof(buf), IPC_SEC(60)) > 0)
		check_ok(ipc_queue_task_done(arg));
	return NULL;
}

static void *put_and_join(void *arg)
{
	for (unsigned lap = 0; lap < test_rounds(200); lap++) {
		for (int i = 0; i < 20; i++)
			check_ok(ipc_queue_put(arg, "task", 4, IPC_SEC(60)));
		check_ok(ipc_queue_join(arg, IPC_SEC(60)));
	}
	return NULL;
}

static void joinable__threads_put_work_and_join__all_is_settled(void **state)
{
	pthread_t  worker[3], putter[2];
	ipc_queue *q;

	check_ok(ipc_queue_create(
		&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 8, .flags = IPC_QUEUE_JOINABLE)));
	for (size_t i = 0; i < N_OF(worker); i++)
		worker[i] = test_thread(work, q);
	for (size_t i = 0; i < N_OF(putter); i++)
		putter[i] = test_thread(put_and_join, q);
	for (size_t i = 0; i < N_OF(putter); i++)
		test_join_thread(putter[i]);
	check_ok(ipc_queue_shutdown(q));
	for (size_t i = 0; i < N_OF(worker); i++)
		test_join_thread(worker[i]);
	check_ok(ipc_queue_join(q, IPC_NOW));
	check_r(ipc_queue_task_done(q), -EINVAL);
	q = ipc_queue_close(q);
}

/* ---- connections --------------------------------------------------------------------------------------- */

static void *echo(void *arg)
{
	char   *buf = malloc(20000);
	ssize_t n;

	check(buf);
	while ((n = ipc_conn_recv(arg, buf, 20000, IPC_SEC(60))) >= 0)
		check_ok(ipc_conn_send(arg, buf, (size_t)n, IPC_SEC(60)));
	check_r(n, -EPIPE);
	free(buf);
	return NULL;
}

static void conn__echo_thread__every_message_comes_back(void **state)
{
	ipc_conn *end[2];
	char     *buf = malloc(20000);
	pthread_t t;

	check(buf);
	check_ok(ipc_pipe(end, NULL));
	t = test_thread(echo, end[1]);
	for (uint32_t i = 0; i < test_rounds(20000); i++) {
		size_t len = i % 50 ? i % 150 : i % 20000;

		test_pattern(buf, len, i);
		check_ok(ipc_conn_send(end[0], buf, len, IPC_SEC(60)));
		check_eq(ipc_conn_poll(end[0], IPC_SEC(60)), 1);
		check_r(ipc_conn_next_len(end[0]), (long long)len);
		check_r(ipc_conn_recv(end[0], buf, 20000, IPC_SEC(60)), (long long)len);
		check(test_pattern_is(buf, len, i));
	}
	end[0] = ipc_conn_close(end[0]);
	test_join_thread(t);
	end[1] = ipc_conn_close(end[1]);
	free(buf);
}

struct sender {
	ipc_conn *c;
	uint32_t  me;
};

static void *send_numbered(void *arg)
{
	const struct sender *s = arg;

	for (uint32_t i = 0; i < test_rounds(10000); i++) {
		uint32_t m[2] = {s->me, i};

		check_ok(ipc_conn_send(s->c, m, sizeof(m), IPC_SEC(60)));
	}
	return NULL;
}

static void conn__two_sending_threads__each_arrives_in_order(void **state)
{
	ipc_conn     *end[2];
	struct sender s[2];
	pthread_t     t[2];
	uint32_t      next[2] = {0, 0}, m[2];

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX, .capacity = 10)));
	for (uint32_t i = 0; i < 2; i++) {
		s[i] = (struct sender){.c = end[1], .me = i};
		t[i] = test_thread(send_numbered, &s[i]);
	}
	for (uint32_t i = 0; i < 2 * test_rounds(10000); i++) {
		check_r(ipc_conn_recv(end[0], m, sizeof(m), IPC_SEC(60)), sizeof(m));
		check(m[0] < 2);
		check_eq(m[1], next[m[0]]);
		next[m[0]]++;
	}
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
}

/* ---- simple queues ---------------------------------------------------------------------------------------- */

static void *put_simple(void *arg)
{
	for (uint32_t i = 1; i <= test_rounds(10000); i++)
		check_ok(ipc_simple_queue_put(arg, &i, sizeof(i)));
	return NULL;
}

static void simple_queue__several_putters__sum_arrives(void **state)
{
	ipc_simple_queue *q;
	pthread_t         t[3];
	uint64_t          sum = 0, n = test_rounds(10000);
	uint32_t          i;

	check_ok(ipc_simple_queue_create(&q));
	for (size_t k = 0; k < N_OF(t); k++)
		t[k] = test_thread(put_simple, q);
	for (uint64_t k = 0; k < N_OF(t) * n; k++) {
		check_r(ipc_simple_queue_get(q, &i, sizeof(i)), sizeof(i));
		sum += i;
	}
	for (size_t k = 0; k < N_OF(t); k++)
		test_join_thread(t[k]);
	check_eq(sum, N_OF(t) * n * (n + 1) / 2);
	check_eq(ipc_simple_queue_empty(q), 1);
	q = ipc_simple_queue_close(q);
}

/* ---- locks -------------------------------------------------------------------------------------------------- */

struct room {
	ipc_mutex lock;
	uint64_t  n;
};

static void *enter(void *arg)
{
	struct room *r = arg;

	for (unsigned i = 0; i < test_rounds(20000); i++) {
		check_ok(ipc_mutex_lock(&r->lock, IPC_SEC(60)));
		r->n++; /* not atomic: the lock orders it */
		check_ok(ipc_mutex_unlock(&r->lock));
	}
	return NULL;
}

static void mutex__threads_in_shared_memory__one_at_a_time(void **state)
{
	ipc_shm     *s;
	struct room *r;
	pthread_t    t[4];

	check_ok(ipc_shm_create(&s, NULL, sizeof(*r)));
	r = ipc_shm_data(s);
	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(enter, r);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	check_eq(r->n, N_OF(t) * test_rounds(20000));
	s = ipc_shm_close(s);
}

static void *lock_and_end(void *arg)
{
	struct room *r = arg;
	int          got = ipc_mutex_lock(&r->lock, IPC_SEC(60));

	if (got != -EOWNERDEAD)
		check_ok(got);
	r->n++;
	return NULL; /* holding it */
}

static void mutex__threads_that_end_holding_it__each_next_is_told(void **state)
{
	struct room r = {0};

	for (unsigned i = 0; i < 50; i++)
		test_join_thread(test_thread(lock_and_end, &r));
	check_eq(r.n, 50);
	check_r(ipc_mutex_lock(&r.lock, IPC_NOW), -EOWNERDEAD);
	check_ok(ipc_mutex_unlock(&r.lock));
}

/* ---- threads that come and go ---------------------------------------------------------------------------------- */

static void *call_once(void *arg)
{
	char c;

	check_ok(ipc_queue_put(arg, "x", 1, IPC_SEC(60)));
	check_r(ipc_queue_get(arg, &c, 1, IPC_SEC(60)), 1);
	return NULL;
}

static void threads__many_come_and_go__their_records_are_given_back(void **state)
{
	ipc_queue *q;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	for (unsigned i = 0; i < test_rounds(5000); i++) {
		pthread_t t[2] = {test_thread(call_once, q), test_thread(call_once, q)};

		for (size_t k = 0; k < N_OF(t); k++)
			test_join_thread(t[k]);
	}
	q = ipc_queue_close(q);
}

static void *say_what_failed(void *arg)
{
	ipc_queue *q;
	char       name[32];

	(void)snprintf(name, sizeof(name), "nobody%d", *(int *)arg);
	for (int i = 0; i < 2000; i++) {
		check_r(ipc_queue_open(&q, name), -ENOENT);
		check_explains(name); /* this thread's, not another's */
	}
	return NULL;
}

static void explain__several_threads_fail__each_has_its_own(void **state)
{
	pthread_t t[4];
	int       i[4];

	for (int k = 0; k < 4; k++) {
		i[k] = k;
		t[k] = test_thread(say_what_failed, &i[k]);
	}
	for (int k = 0; k < 4; k++)
		test_join_thread(t[k]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(queue__threads_bounded__exactly_once_in_order, setup),
		cmocka_unit_test_setup(queue__threads_unlimited__exactly_once_in_order, setup),
		cmocka_unit_test_setup(queue__threads_large__exactly_once_in_order, setup),
		cmocka_unit_test_setup(queue__made_and_closed_by_many_threads__stay_apart, setup),
		cmocka_unit_test_setup(queue__opened_by_name_in_many_threads__is_one_queue, setup),
		cmocka_unit_test_setup(joinable__threads_put_work_and_join__all_is_settled, setup),
		cmocka_unit_test_setup(conn__echo_thread__every_message_comes_back, setup),
		cmocka_unit_test_setup(conn__two_sending_threads__each_arrives_in_order, setup),
		cmocka_unit_test_setup(simple_queue__several_putters__sum_arrives, setup),
		cmocka_unit_test_setup(mutex__threads_in_shared_memory__one_at_a_time, setup),
		cmocka_unit_test_setup(mutex__threads_that_end_holding_it__each_next_is_told,
				       setup),
		cmocka_unit_test_setup(threads__many_come_and_go__their_records_are_given_back,
				       setup),
		cmocka_unit_test_setup(explain__several_threads_fail__each_has_its_own, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("threads_channels", tests, NULL, NULL);
}
