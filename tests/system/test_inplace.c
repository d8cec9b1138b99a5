/*
 * Messages made and read in place: of any length, across processes and deaths.
 *
 * test-limit: 300
 */

#include "support/test.h"

#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/queue.h>

#define LONGEST (1u << 20)

static int setup(void **state)
{
	test_deadline(100);
	return 0;
}

static ipc_queue *make(uint64_t maxsize)
{
	ipc_queue *q = NULL;

	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = maxsize)));
	return q;
}

static void reserve(ipc_queue *q, size_t len, uint32_t seed, struct ipc_msg *m)
{
	check_ok(ipc_queue_reserve(q, len, m, IPC_NOW));
	check_eq(m->len, len);
	check_eq(m->type, 0);
	check_eq((uintptr_t)m->data % (len > IPC_MSG_SHORT ? 64 : 16), 0);
	test_pattern(m->data, len, seed);
}

static void put_in_place(ipc_queue *q, size_t len, uint32_t seed)
{
	struct ipc_msg m;

	reserve(q, len, seed, &m);
	m.type = seed;
	check_ok(ipc_queue_commit(q, &m, IPC_NOW));
	check(!m.data);
}

static void take_typed(ipc_queue *q, size_t len, uint32_t seed, uint32_t type)
{
	struct ipc_msg m;

	check_ok(ipc_queue_take(q, &m, IPC_FOREVER));
	check_eq(m.len, len);
	check_eq(m.type, type);
	check_eq((uintptr_t)m.data % (len > IPC_MSG_SHORT ? 64 : 16), 0);
	check(test_pattern_is(m.data, len, seed));
	memset(m.data, 0x5a, len); /* it is ours to write to */
	check_ok(ipc_queue_release(q, &m));
	check(!m.data);
}

static void take_in_place(ipc_queue *q, size_t len, uint32_t seed)
{
	take_typed(q, len, seed, seed);
}

/* What the files of the domain take, once blocks that came back are in use again. */
static uint64_t memory(void)
{
	return test_disk_usage(test_ipc_dir());
}

/* ---- lengths ------------------------------------------------------------------------------- */

static void in_place__any_length__arrives_whole(void **state)
{
	static const size_t len[] = {0,    1,      7,      8,           95,     96,   97,
				     127,  128,    255,    256,         257,    511,  4095,
				     4096, 4097,   65535,  65536,       70000,  1000, 3000,
				     9999, 524288, 524289, LONGEST - 1, LONGEST};
	ipc_queue          *q = make(0);

	for (uint32_t i = 0; i < N_OF(len); i++)
		put_in_place(q, len[i], i);
	check_eq(ipc_queue_len(q), N_OF(len));
	for (uint32_t i = 0; i < N_OF(len); i++)
		take_in_place(q, len[i], i);
	for (size_t n = 0; n <= 700; n++) {
		put_in_place(q, n, (uint32_t)n);
		take_in_place(q, n, (uint32_t)n);
	}
	ipc_queue_close(q);
}

static void commit__len_lowered__that_is_what_arrives(void **state)
{
	static const size_t from[] = {50, 96, 97, 300, 5000, LONGEST};
	static const size_t to[] = {0, 1, 8, 49, 96, 97, 256, 299, 4096, LONGEST - 1};
	ipc_queue          *q = make(4);
	char               *buf = malloc(LONGEST);
	struct ipc_msg      m;

	check(buf);
	for (size_t i = 0; i < N_OF(from); i++)
		for (size_t k = 0; k < N_OF(to) && to[k] <= from[i]; k++) {
			reserve(q, from[i], 5, &m);
			m.len = to[k];
			check_ok(ipc_queue_commit(q, &m, IPC_NOW));
			check_r(ipc_queue_next_len(q), (long long)to[k]);
			check_r(ipc_queue_get(q, buf, LONGEST, IPC_NOW), (long long)to[k]);
			reserve(q, from[i], 6, &m);
			m.len = to[k];
			m.type = 6;
			test_pattern(m.data, to[k], 6);
			check_ok(ipc_queue_commit(q, &m, IPC_NOW));
			take_in_place(q, to[k], 6);
		}
	free(buf);
	ipc_queue_close(q);
}

static void commit__len_raised__is_einval_and_still_held(void **state)
{
	ipc_queue     *q = make(4);
	struct ipc_msg m;

	reserve(q, 10, 1, &m);
	m.len = 11;
	check_r(ipc_queue_commit(q, &m, IPC_NOW), -EINVAL);
	m.len = 10;
	m.type = 1;
	check_ok(ipc_queue_commit(q, &m, IPC_NOW));
	take_in_place(q, 10, 1);
	ipc_queue_close(q);
}

/* ---- copies and in place, mixed ------------------------------------------------------------- */

static void in_place__mixed_with_copies__one_order(void **state)
{
	ipc_queue *q = make(0);
	char       buf[3000];

	for (uint32_t i = 0; i < 3000; i++) {
		size_t len = i * 37 % sizeof(buf);

		if (i % 3) {
			test_pattern(buf, len, i);
			check_ok(ipc_queue_put(q, buf, len, IPC_NOW));
		} else {
			put_in_place(q, len, i);
		}
	}
	for (uint32_t i = 0; i < 3000; i++) {
		size_t len = i * 37 % sizeof(buf);

		if (i % 2) {
			check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), (long long)len);
			check(test_pattern_is(buf, len, i));
		} else {
			take_typed(q, len, i, i % 3 ? 0 : i);
		}
	}
	ipc_queue_close(q);
}

static void in_place__several_held__finished_in_any_order(void **state)
{
	enum { N = 8 };
	ipc_queue     *q = make(0);
	struct ipc_msg m[N], t[N];

	for (uint32_t i = 0; i < N; i++) {
		reserve(q, i % 2 ? 20 : 20000, i, &m[i]);
		m[i].type = i;
	}
	check_eq(ipc_queue_len(q), 0); /* nothing has a place before commit */
	for (uint32_t i = N; i-- > 0;)
		check_ok(ipc_queue_commit(q, &m[i], IPC_NOW));
	for (uint32_t i = 0; i < N; i++) {
		check_ok(ipc_queue_take(q, &t[i], IPC_NOW));
		check_eq(t[i].type, N - 1 - i);
	}
	check_eq(ipc_queue_len(q), 0);
	for (uint32_t i = 0; i < N; i++) {
		check(test_pattern_is(t[i ^ 1].data, t[i ^ 1].len, N - 1 - (i ^ 1)));
		check_ok(ipc_queue_release(q, &t[i ^ 1]));
	}
	ipc_queue_close(q);
}

static void msg_age__taken__is_the_time_since_it_was_put(void **state)
{
	ipc_queue     *q = make(0);
	struct ipc_msg m;
	uint64_t       before = test_now(), since;

	reserve(q, 8, 1, &m);
	check_eq(ipc_msg_age(&m), 0);
	check_ok(ipc_queue_commit(q, &m, IPC_NOW));
	test_pause();
	check_ok(ipc_queue_take(q, &m, IPC_NOW));
	check(ipc_msg_age(&m) >= 500000);
	since = test_now() - before;
	check((uint64_t)ipc_msg_age(&m) <=
	      since + since / 100 + 100000 + (test_now() - before - since));
	check_ok(ipc_queue_release(q, &m));
	check_eq(ipc_msg_age(&m), 0);
	ipc_queue_close(q);
}

/* ---- calls that are wrong -------------------------------------------------------------------- */

static void in_place__not_held__is_einval(void **state)
{
	ipc_queue     *q = make(0), *other = make(0);
	struct ipc_msg m = {0};

	check_r(ipc_queue_commit(q, &m, IPC_NOW), -EINVAL);
	check_r(ipc_queue_abort(q, &m), -EINVAL);
	check_r(ipc_queue_release(q, &m), -EINVAL);
	check_r(ipc_queue_reserve(NULL, 1, &m, IPC_NOW), -EINVAL);
	check_r(ipc_queue_reserve(q, 1, NULL, IPC_NOW), -EINVAL);
	check_r(ipc_queue_reserve(q, SIZE_MAX, &m, IPC_NOW), -EINVAL);
	check_r(ipc_queue_take(q, NULL, IPC_NOW), -EINVAL);
	check_r(ipc_queue_take(q, &m, IPC_NOW), -EAGAIN);
	reserve(q, 500, 1, &m);
	check_r(ipc_queue_commit(other, &m, IPC_NOW), -EINVAL);
	check_r(ipc_queue_release(q, &m), -EINVAL);
	check_ok(ipc_queue_abort(q, &m));
	check_r(ipc_queue_abort(q, &m), -EINVAL);
	check_r(ipc_queue_commit(q, &m, IPC_NOW), -EINVAL);
	check_eq(ipc_queue_len(q), 0);
	ipc_queue_close(q);
	ipc_queue_close(other);
}

static void abort__any_length__frees_its_memory(void **state)
{
	ipc_queue     *q = make(0);
	struct ipc_msg m;
	uint64_t       took = 0;

	for (uint32_t i = 0; i < 1000; i++) {
		reserve(q, i % 2 ? 60 : LONGEST, 1, &m);
		check_ok(ipc_queue_abort(q, &m));
		check(!m.data);
		if (i == 0)
			took = memory();
	}
	check_eq(memory(), took);
	check_eq(ipc_queue_len(q), 0);
	ipc_queue_close(q);
}

/* ---- full, shut down, closed ------------------------------------------------------------------- */

static void commit__full__stays_held_until_there_is_room(void **state)
{
	static const size_t len[] = {10, 1000, LONGEST};

	for (size_t i = 0; i < N_OF(len); i++) {
		ipc_queue     *q = make(2);
		struct ipc_msg m;

		put_in_place(q, len[i], 1);
		put_in_place(q, len[i], 2);
		reserve(q, len[i], 3, &m);
		m.type = 3;
		check_r(ipc_queue_commit(q, &m, IPC_NOW), -EAGAIN);
		check_r(ipc_queue_commit(q, &m, IPC_MSEC(1)), -ETIMEDOUT);
		check(m.data && m.len == len[i]);
		take_in_place(q, len[i], 1);
		check_ok(ipc_queue_commit(q, &m, IPC_NOW));
		take_in_place(q, len[i], 2);
		take_in_place(q, len[i], 3);
		ipc_queue_close(q);
	}
}

static void in_place__shut_down__is_epipe_and_abort_works(void **state)
{
	ipc_queue     *q = make(0);
	struct ipc_msg m, n, t;

	reserve(q, 10, 1, &m);
	reserve(q, 10000, 1, &n);
	put_in_place(q, 3000, 9);
	check_ok(ipc_queue_shutdown(q));
	check_r(ipc_queue_commit(q, &m, IPC_FOREVER), -EPIPE);
	check_r(ipc_queue_commit(q, &n, IPC_FOREVER), -EPIPE);
	check_ok(ipc_queue_abort(q, &m));
	check_ok(ipc_queue_abort(q, &n));
	check_r(ipc_queue_reserve(q, 10, &m, IPC_FOREVER), -EPIPE);
	take_in_place(q, 3000, 9);
	check_r(ipc_queue_take(q, &t, IPC_FOREVER), -EPIPE);
	ipc_queue_close(q);
}

static void pipe__other_end_closed__is_epipe(void **state)
{
	ipc_conn      *end[2];
	struct ipc_msg m, t;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX)));
	check_r(ipc_conn_reserve(end[0], 1, &m, IPC_NOW), -EBADF);
	check_r(ipc_conn_take(end[1], &m, IPC_NOW), -EBADF);
	check_ok(ipc_conn_reserve(end[1], 5000, &m, IPC_NOW));
	test_pattern(m.data, 5000, 1);
	check_ok(ipc_conn_commit(end[1], &m, IPC_NOW));
	check_ok(ipc_conn_reserve(end[1], 6000, &m, IPC_NOW));
	check_ok(ipc_conn_take(end[0], &t, IPC_NOW));
	check(t.len == 5000 && test_pattern_is(t.data, 5000, 1));
	check_ok(ipc_conn_release(end[0], &t));
	end[0] = ipc_conn_close(end[0]);
	check_r(ipc_conn_commit(end[1], &m, IPC_FOREVER), -EPIPE);
	check_r(ipc_conn_reserve(end[1], 1, &t, IPC_FOREVER), -EPIPE);
	check_ok(ipc_conn_abort(end[1], &m));
	ipc_conn_close(end[1]);
}

/* What is held when a handle is closed is free with the last one of the process. */
static void close__messages_held__their_memory_is_used_again(void **state)
{
	ipc_queue     *keep = NULL, *q = NULL;
	struct ipc_msg m, n;
	uint64_t       took = 0;

	check_ok(ipc_queue_create(&keep, "held", NULL));
	for (unsigned i = 0; i < 20; i++) {
		keep = ipc_queue_close(keep);
		check_ok(ipc_queue_open(&q, "held"));
		put_in_place(q, LONGEST, 1);
		check_ok(ipc_queue_take(q, &m, IPC_NOW));
		reserve(q, LONGEST, 1, &n);
		q = ipc_queue_close(q);
		check_ok(ipc_queue_open(&keep, "held"));
		if (i == 0)
			took = memory();
		check_eq(memory(), took);
	}
	check_ok(ipc_queue_unlink("held"));
	ipc_queue_close(keep);
}

/* ---- between processes ----------------------------------------------------------------------------- */

struct party {
	ipc_queue *q, *back;
	ipc_conn  *end[2];
	size_t     len;
	uint32_t   n;
};

static int receives_all(void *arg)
{
	struct party  *p = arg;
	struct ipc_msg m;

	ipc_conn_close(p->end[0]);
	for (uint32_t i = 0; i < p->n; i++) {
		check_ok(ipc_conn_take(p->end[1], &m, IPC_FOREVER));
		check_eq(m.type, i);
		check(test_pattern_is(m.data, m.len, i));
		check_ok(ipc_conn_release(p->end[1], &m));
	}
	check_r(ipc_conn_take(p->end[1], &m, IPC_FOREVER), -EPIPE);
	return 0;
}

static void pipe__two_processes__frames_in_order(void **state)
{
	struct party   p = {.n = test_rounds(2000)};
	struct ipc_msg m;
	pid_t          child;

	check_ok(ipc_pipe(p.end, NULL));
	child = test_fork(receives_all, &p);
	p.end[1] = ipc_conn_close(p.end[1]);
	for (uint32_t i = 0; i < p.n; i++) {
		check_ok(ipc_conn_reserve(p.end[0], i % 8 ? i % 200 : 200000, &m, IPC_FOREVER));
		m.type = i;
		test_pattern(m.data, m.len, i);
		check_ok(ipc_conn_commit(p.end[0], &m, IPC_FOREVER));
	}
	ipc_conn_close(p.end[0]);
	check_eq(test_wait(child), 0);
}

/* Sixty-four megabytes may be in flight: then reserve waits for the receiver. */
static void reserve__share_of_large_ones_used__waits(void **state)
{
	ipc_conn      *end[2];
	struct ipc_msg m, t;
	unsigned       n = 0;

	check_ok(ipc_pipe(end, NULL));
	for (;; n++) {
		int r = ipc_conn_reserve(end[0], LONGEST, &m, IPC_NOW);

		if (r == -EAGAIN)
			break;
		check_ok(r);
		check_ok(ipc_conn_commit(end[0], &m, IPC_NOW));
	}
	check_eq(n, 64);
	check_r(ipc_conn_reserve(end[0], LONGEST, &m, IPC_MSEC(1)), -ETIMEDOUT);
	check_ok(ipc_conn_take(end[1], &t, IPC_NOW));
	check_ok(
		ipc_conn_reserve(end[0], LONGEST, &m, IPC_NOW)); /* what is held is not in flight */
	check_ok(ipc_conn_abort(end[0], &m));
	check_ok(ipc_conn_release(end[1], &t));
	ipc_conn_close(end[0]);
	ipc_conn_close(end[1]);
}

static int child_of_holder(void *arg)
{
	struct ipc_msg *m = ((struct ipc_msg **)arg)[0], *t = ((struct ipc_msg **)arg)[1];
	ipc_queue      *q = ((ipc_queue **)arg)[2];

	check_r(ipc_queue_commit(q, m, IPC_NOW), -EINVAL);
	check_r(ipc_queue_abort(q, m), -EINVAL);
	check_r(ipc_queue_release(q, t), -EINVAL);
	put_in_place(q, 2000, 4); /* its own work as ever */
	ipc_queue_close(q);
	return 0;
}

static void fork__messages_held__stay_the_parents(void **state)
{
	ipc_queue     *q = make(0);
	struct ipc_msg m, t;
	void          *arg[] = {&m, &t, q};

	put_in_place(q, 3000, 1);
	check_ok(ipc_queue_take(q, &t, IPC_NOW));
	reserve(q, 3000, 2, &m);
	m.type = 2;
	check_child(child_of_holder, arg);
	check(test_pattern_is(t.data, 3000, 1));
	check_ok(ipc_queue_release(q, &t));
	check_ok(ipc_queue_commit(q, &m, IPC_NOW));
	take_in_place(q, 2000, 4);
	take_in_place(q, 3000, 2);
	ipc_queue_close(q);
}

struct handed {
	ipc_queue     *q;
	struct ipc_msg m;
};

static void *commits(void *arg)
{
	struct handed *h = arg;

	check_ok(ipc_queue_commit(h->q, &h->m, IPC_NOW));
	check_ok(ipc_queue_take(h->q, &h->m, IPC_NOW));
	return NULL;
}

/* Who reserved, commits, takes and releases are four threads, of which three are gone. */
static void in_place__finished_by_another_thread__is_fine(void **state)
{
	struct handed h = {.q = make(0)};
	uint64_t      took = 0;

	for (unsigned i = 0; i < 50; i++) {
		reserve(h.q, LONGEST, i, &h.m);
		test_join_thread(test_thread(commits, &h));
		check(test_pattern_is(h.m.data, LONGEST, i));
		check_ok(ipc_queue_release(h.q, &h.m));
		if (i == 0)
			took = memory();
	}
	check_eq(memory(), took);
	ipc_queue_close(h.q);
}

/* ---- deaths ------------------------------------------------------------------------------------------ */

struct doomed {
	ipc_queue *q, *other;
	size_t     len;
	bool       takes;
	uint32_t  *held;
};

static int holds_and_waits(void *arg)
{
	struct doomed *d = arg;
	struct ipc_msg m;

	if (d->takes)
		check_ok(ipc_queue_take(d->q, &m, IPC_FOREVER));
	else
		check_ok(ipc_queue_reserve(d->q, d->len, &m, IPC_FOREVER));
	put_in_place(d->other, 10, 1); /* what it claimed last is elsewhere */
	__atomic_store_n(d->held, 1, __ATOMIC_RELEASE);
	while (*d->held)
		(void)pause();
	return 0;
}

static void hold_and_die(struct doomed *d)
{
	pid_t child;

	*d->held = 0;
	child = test_fork(holds_and_waits, d);
	check(wait_until(__atomic_load_n(d->held, __ATOMIC_ACQUIRE), 20));
	test_kill(child);
	take_in_place(d->other, 10, 1);
}

static bool reaped(ipc_queue *q)
{
	char c;

	check_r(ipc_queue_get(q, &c, 1, IPC_MSEC(300)), -ETIMEDOUT); /* looks for the dead */
	return true;
}

/* What an observer says of messages that went with the dead, in all of the domain. */
static uint64_t taken_by_dead(void)
{
	const struct ipc_snapshot *s = NULL;
	ipc_observer              *o = NULL;
	uint64_t                   n = 0;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	for (size_t i = 0; i < s->n_channels; i++)
		n += s->channels[i].ring[0].taken_by_dead;
	o = ipc_observer_close(o);
	return n;
}

static void check_dies(size_t len, bool takes)
{
	struct doomed d = {.q = make(0),
			   .other = make(0),
			   .len = len,
			   .takes = takes,
			   .held = test_shared(sizeof(uint32_t))};
	uint64_t      took = 0;

	for (unsigned i = 0; i < 4; i++) {
		if (takes)
			put_in_place(d.q, len, i);
		hold_and_die(&d);
		check(reaped(d.q));
		check_eq(ipc_queue_len(d.q), 0);
		put_in_place(d.q, len, 7); /* nobody is held up, and its block is ours */
		take_in_place(d.q, len, 7);
		if (i == 0)
			took = memory();
		check_eq(memory(), took);
	}
	check_eq(taken_by_dead(), takes && len > IPC_MSG_SHORT ? 4 : 0);
	ipc_queue_close(d.q);
	ipc_queue_close(d.other);
}

static void killed__between_reserve_and_commit__leaves_nothing(void **state)
{
	check_dies(20, false);
	check_dies(5000, false);
	check_dies(LONGEST, false);
}

static void killed__between_take_and_release__its_memory_is_used_again(void **state)
{
	check_dies(20, true);
	check_dies(5000, true);
	check_dies(LONGEST, true);
}

static int dwells(void *arg)
{
	struct doomed *d = arg;

	return holds_and_waits(d);
}

static void reserve__never_committed__holds_up_nobody(void **state)
{
	struct doomed d = {
		.q = make(4), .other = make(0), .len = 5000, .held = test_shared(sizeof(uint32_t))};
	pid_t child = test_fork(dwells, &d);

	check(wait_until(__atomic_load_n(d.held, __ATOMIC_ACQUIRE), 20));
	for (uint32_t i = 0; i < 1000; i++) {
		put_in_place(d.q, 5000, i);
		take_in_place(d.q, 5000, i);
	}
	test_kill(child);
	ipc_queue_close(d.q);
	ipc_queue_close(d.other);
}

/* Killed at any instant of all of it: what arrives is whole, and memory does not grow. */
static int churns(void *arg)
{
	struct doomed *d = arg;
	struct ipc_msg m;

	for (uint32_t i = 0;; i++) {
		check_ok(ipc_queue_reserve(d->q, d->len, &m, IPC_FOREVER));
		m.type = i;
		test_pattern(m.data, 16, i);
		if (i % 5 == 0)
			check_ok(ipc_queue_abort(d->q, &m));
		else
			check_ok(ipc_queue_commit(d->q, &m, IPC_FOREVER));
		/* or the parent has taken it, and waits for more */
		if (i % 5 > 2 && ipc_queue_take(d->q, &m, IPC_NOW) == 0) {
			check(test_pattern_is(m.data, 16, m.type));
			check_ok(ipc_queue_release(d->q, &m));
		}
	}
}

static void killed__anywhere__what_arrives_is_whole_and_memory_is_bounded(void **state)
{
	struct doomed d = {.q = make(16), .len = 70000};
	uint32_t      random = 7;
	uint64_t      took = 0;

	for (unsigned i = 0; i < test_rounds(60); i++) {
		pid_t          child = test_fork(churns, &d);
		struct ipc_msg m;
		unsigned       n = test_random(&random) % 40;

		for (unsigned k = 0; k < n; k++) {
			check_ok(ipc_queue_take(d.q, &m, IPC_FOREVER));
			check(test_pattern_is(m.data, 16, m.type));
			check_ok(ipc_queue_release(d.q, &m));
		}
		test_burn(test_random(&random) % 300);
		test_kill(child);
		while (ipc_queue_take(d.q, &m, IPC_NOW) == 0)
			check_ok(ipc_queue_release(d.q, &m));
	}
	for (unsigned i = 0; i < 40 && ipc_queue_len(d.q); i++)
		check(reaped(d.q)); /* closed for the dead, then skipped */
	for (unsigned i = 0; i < 16; i++)
		put_in_place(d.q, d.len, i);
	check_eq(ipc_queue_len(d.q), 16);
	took = memory();
	check(took < (uint64_t)(16 + 8) * 131072 + (4u << 20));
	for (unsigned i = 0; i < 16; i++)
		take_in_place(d.q, d.len, i);
	ipc_queue_close(d.q);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(in_place__any_length__arrives_whole, setup),
		cmocka_unit_test_setup(commit__len_lowered__that_is_what_arrives, setup),
		cmocka_unit_test_setup(commit__len_raised__is_einval_and_still_held, setup),
		cmocka_unit_test_setup(in_place__mixed_with_copies__one_order, setup),
		cmocka_unit_test_setup(in_place__several_held__finished_in_any_order, setup),
		cmocka_unit_test_setup(msg_age__taken__is_the_time_since_it_was_put, setup),
		cmocka_unit_test_setup(in_place__not_held__is_einval, setup),
		cmocka_unit_test_setup(abort__any_length__frees_its_memory, setup),
		cmocka_unit_test_setup(commit__full__stays_held_until_there_is_room, setup),
		cmocka_unit_test_setup(in_place__shut_down__is_epipe_and_abort_works, setup),
		cmocka_unit_test_setup(pipe__other_end_closed__is_epipe, setup),
		cmocka_unit_test_setup(close__messages_held__their_memory_is_used_again, setup),
		cmocka_unit_test_setup(pipe__two_processes__frames_in_order, setup),
		cmocka_unit_test_setup(reserve__share_of_large_ones_used__waits, setup),
		cmocka_unit_test_setup(fork__messages_held__stay_the_parents, setup),
		cmocka_unit_test_setup(in_place__finished_by_another_thread__is_fine, setup),
		cmocka_unit_test_setup(reserve__never_committed__holds_up_nobody, setup),
		cmocka_unit_test_setup(killed__between_reserve_and_commit__leaves_nothing, setup),
		cmocka_unit_test_setup(killed__between_take_and_release__its_memory_is_used_again,
				       setup),
		cmocka_unit_test_setup(
			killed__anywhere__what_arrives_is_whole_and_memory_is_bounded, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
