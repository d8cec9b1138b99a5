/*
 * What an observer sees: counters that add up, per process and per channel, and
 * who waits for what.
 */

#include "support/test.h"

#include <signal.h>
#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>

#define MIB        (1 << 20)
#define SHORT_ONES 3

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

/* ---- looking ----------------------------------------------------------------------------------- */

static ipc_observer *observer;

static const struct ipc_snapshot *look(void)
{
	const struct ipc_snapshot *s = NULL;

	if (!observer)
		check_ok(ipc_observer_open(&observer, NULL));
	check_ok(ipc_observer_read(observer, &s));
	return s;
}

static const struct ipc_obs_channel *channel_called(const struct ipc_snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->n_channels; i++)
		if (!strcmp(s->channels[i].name, name))
			return &s->channels[i];
	test_fail("there is no channel called %s", name);
}

static const struct ipc_obs_process *process_of(const struct ipc_snapshot *s, pid_t pid)
{
	for (size_t i = 0; i < s->n_processes; i++)
		if (s->processes[i].pid == (uint64_t)pid)
			return &s->processes[i];
	return NULL;
}

/* The end of @pid on @c; of several the one that holds @right. */
static const struct ipc_obs_end *end_of(const struct ipc_snapshot    *s,
					const struct ipc_obs_channel *c, pid_t pid, uint32_t right)
{
	for (size_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (s->processes[s->ends[i].process].pid == (uint64_t)pid &&
		    (s->ends[i].rights & right))
			return &s->ends[i];
	test_fail("process %d has no such end", (int)pid);
}

static const struct ipc_obs_wait *wait_of(const struct ipc_snapshot *s, pid_t pid)
{
	for (size_t i = 0; i < s->n_waits; i++)
		if (s->processes[s->threads[s->waits[i].thread].process].pid == (uint64_t)pid)
			return &s->waits[i];
	return NULL;
}

static ipc_queue *make(const char *name, uint64_t maxsize, unsigned flags)
{
	ipc_queue *q = NULL;

	check_ok(ipc_queue_create(&q, name,
				  IPC_OPTS(ipc_queue_opts, .maxsize = maxsize, .flags = flags)));
	check_ok(ipc_queue_unlink(name)); /* it keeps the name for people */
	return q;
}

static void put_n(ipc_queue *q, int n, size_t len)
{
	static char buf[100000];

	while (n--)
		check_ok(ipc_queue_put(q, buf, len, IPC_SEC(30)));
}

static void get_n(ipc_queue *q, int n)
{
	static char buf[100000];

	while (n--)
		check(ipc_queue_get(q, buf, sizeof(buf), IPC_SEC(30)) >= 0);
}

/* ---- messages ------------------------------------------------------------------------------------ */

static void counters__one_process__messages_and_bytes_add_up(void **state)
{
	ipc_queue                    *q = make("sums", 0, 0);
	const struct ipc_snapshot    *s;
	const struct ipc_obs_channel *c;
	const struct ipc_obs_end     *e;

	put_n(q, 70, 10);
	put_n(q, 30, 1000);
	get_n(q, 80);
	s = look();
	c = channel_called(s, "sums");
	check_eq(c->kind, IPC_KIND_QUEUE);
	check_eq(c->n_rings, 1);
	check_eq(c->ring[0].sent, 100);
	check_eq(c->ring[0].received, 80);
	check_eq(c->ring[0].queued, 20);
	check_eq(c->ring[0].high_water, 100);
	check_eq(c->ring[0].capacity, 0);
	check_eq(c->ring[0].out.messages, 100);
	check_eq(c->ring[0].out.bytes, 70 * 10 + 30 * 1000);
	check_eq(c->ring[0].in.messages, 80);
	check_eq(c->ring[0].in.bytes, 70 * 10 + 10 * 1000);
	check(c->ring[0].heap_bytes >= 20 * 1000);
	check(c->ring[0].oldest_ns != IPC_UNKNOWN);
	check(c->ring[0].p50_ns != IPC_UNKNOWN && c->ring[0].p50_ns <= c->ring[0].p99_ns &&
	      c->ring[0].p99_ns <= c->ring[0].max_ns);
	e = end_of(s, c, getpid(), IPC_RIGHT_SEND0);
	check_eq(e->out.messages, 100);
	check_eq(e->in.messages, 80);
	check_eq(e->handles, 1);
	get_n(q, 20);
	c = channel_called(look(), "sums");
	check_eq(c->ring[0].queued, 0);
	check_eq(c->ring[0].heap_bytes, 0);
	check_eq(c->ring[0].oldest_ns, IPC_UNKNOWN);
	q = ipc_queue_close(q);
}

struct share {
	ipc_queue *q;
	int        n;
	int       *done, *go;
};

static int put_share(void *arg)
{
	struct share *s = arg;

	put_n(s->q, s->n, 100);
	__atomic_store_n(s->done, 1, __ATOMIC_RELEASE);
	check(wait_until(__atomic_load_n(s->go, __ATOMIC_ACQUIRE), 30));
	return 0;
}

static void counters__several_processes__each_has_its_own_and_none_is_lost(void **state)
{
	struct share               s = {.q = make("shares", 0, 0), .go = test_shared(sizeof(int))};
	pid_t                      child[3];
	const struct ipc_snapshot *now;
	const struct ipc_obs_channel *c;

	for (int i = 0; i < 3; i++) {
		s.n = 10 * (i + 1);
		s.done = test_shared(sizeof(int));
		child[i] = test_fork(put_share, &s);
		check(wait_until(__atomic_load_n(s.done, __ATOMIC_ACQUIRE), 30));
	}
	now = look();
	c = channel_called(now, "shares");
	check_eq(c->n_ends, 4);
	check_eq(c->ring[0].out.messages, 60);
	for (int i = 0; i < 3; i++) {
		check_eq(end_of(now, c, child[i], IPC_RIGHT_SEND0)->out.messages, 10 * (i + 1));
		check_eq(process_of(now, child[i])->out.bytes, 1000 * (i + 1));
		check_eq(process_of(now, child[i])->life, IPC_OBS_ALIVE);
	}
	test_kill(child[0]);
	__atomic_store_n(s.go, 1, __ATOMIC_RELEASE);
	for (int i = 1; i < 3; i++)
		check_eq(test_wait(child[i]), 0);
	get_n(s.q, 60);
	check_r(ipc_queue_get(s.q, NULL, 0, IPC_MSEC(600)),
		-ETIMEDOUT); /* cleans up after the killed */
	now = look();
	c = channel_called(now, "shares");
	check_eq(c->n_ends, 1);
	check_eq(c->ring[0].out.messages, 60); /* what they counted stays */
	check_eq(c->ring[0].out.bytes, 6000);
	check_eq(c->ring[0].in.messages, 60);
	check(!process_of(now, child[0]));
	s.q = ipc_queue_close(s.q);
}

static int get_share(void *arg)
{
	struct share *s = arg;

	get_n(s->q, s->n);
	__atomic_store_n(s->done, 1, __ATOMIC_RELEASE);
	check(wait_until(__atomic_load_n(s->go, __ATOMIC_ACQUIRE), 30));
	return 0;
}

static bool in_program(const struct ipc_snapshot *s, const struct ipc_obs_end *e, uint64_t site)
{
	return site > s->processes[e->process].exe_base && site < s->processes[e->process].exe_end;
}

/* Busy, so no wait of its own tells the line: its end does. */
static void counters__who_has_got_and_is_busy__says_from_where(void **state)
{
	struct share s = {.q = make("lines", 0, 0), .n = 1, .go = test_shared(sizeof(int))};
	pid_t        child[2];

	put_n(s.q, 40, 10);
	for (int i = 0; i < 2; i++) { /* the first as owner of its side, the second among others */
		const struct ipc_snapshot *now;
		const struct ipc_obs_end  *e;

		s.done = test_shared(sizeof(int));
		child[i] = test_fork(get_share, &s);
		check(wait_until(__atomic_load_n(s.done, __ATOMIC_ACQUIRE), 30));
		now = look();
		e = end_of(now, channel_called(now, "lines"), child[i], IPC_RIGHT_RECV0);
		check_eq(e->in.messages, 1);
		check(in_program(now, e, e->in_site));
		check_eq(now->threads[e->in_thread].tid, child[i]);
		check_eq(now->threads[e->in_thread].wait, IPC_NO_INDEX);
		check_eq(e->out_site, 0);
		check_eq(e->out_thread, IPC_NO_INDEX);
		e = end_of(now, channel_called(now, "lines"), getpid(), IPC_RIGHT_SEND0);
		check(in_program(now, e, e->out_site));
	}
	__atomic_store_n(s.go, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < 2; i++)
		check_eq(test_wait(child[i]), 0);
	s.q = ipc_queue_close(s.q);
}

static uint64_t samples(const struct ipc_obs_channel *c)
{
	uint64_t n = 0;

	for (int i = 0; i < IPC_OBS_HIST; i++)
		n += c->ring[0].hist[i];
	return n;
}

static const struct ipc_obs_failure *failure_of(const struct ipc_snapshot *s, const char *name,
						int put, int code)
{
	const struct ipc_obs_failure *found = NULL;

	for (size_t i = 0; i < s->n_failures; i++) {
		const struct ipc_obs_failure *f = &s->failures[i];

		check(f->channel < s->n_channels && f->count > 0 && f->first_ns <= f->last_ns);
		check(f->end == IPC_NO_INDEX || s->ends[f->end].channel == f->channel);
		if (f->put == put && f->code == code && !strcmp(s->channels[f->channel].name, name))
			found = f;
	}
	return found;
}

static int get_share_and_fail(void *arg)
{
	struct share *s = arg;
	char          byte;

	get_n(s->q, s->n);
	check_r(ipc_queue_get(s->q, &byte, 1, IPC_NOW), -EAGAIN);
	return 0;
}

/* Killed or not: what it sampled and what failed stays, so no total ever goes back. */
static void counters__an_end_that_is_gone__leaves_its_histogram_and_failures(void **state)
{
	struct share               s = {.q = make("gone", 0, 0), .n = 64};
	uint64_t                   before = test_now();
	const struct ipc_snapshot *now;

	for (uint64_t i = 1; i <= 3; i++) {
		const struct ipc_obs_failure *f;

		put_n(s.q, 64, 10);
		check_eq(test_wait(test_fork(get_share_and_fail, &s)), 0);
		now = look();
		check(samples(channel_called(now, "gone")) >= 4 * i);
		f = failure_of(now, "gone", 0, -EAGAIN);
		check(f != NULL);
		check_eq(f->end, IPC_NO_INDEX);
		check_eq(f->count, i);
		/* ticks are made nanoseconds by a slope that is measured anew each time */
		check(f->first_ns + 50000000 >= before && f->last_ns <= test_now() + 50000000);
	}
	s.q = ipc_queue_close(s.q);
}

/* More than have their histograms read anew by one reading. */
#define MANY_QUEUES 1200
#define MS          UINT64_C(1000000)

/* Of the channels, those whose slowest message took that long at least. */
static size_t slower_than(uint64_t ns)
{
	const struct ipc_snapshot *s = look();
	size_t                     found = 0;

	for (size_t i = 0; i < s->n_channels; i++)
		found += s->channels[i].ring[0].max_ns != IPC_UNKNOWN &&
			 s->channels[i].ring[0].max_ns >= ns;
	return found;
}

static ipc_queue *many[MANY_QUEUES];

struct halves {
	ipc_queue *go, *done;
};

/* Half of what is in each, whenever told. */
static int take_half(void *arg)
{
	struct halves *h = arg;
	char           b;

	while (ipc_queue_get(h->go, &b, 1, IPC_SEC(30)) == 1 && b == 'g') {
		for (size_t i = 0; i < MANY_QUEUES; i++)
			get_n(many[i], 16);
		check_ok(ipc_queue_put(h->done, "d", 1, IPC_SEC(30)));
	}
	return 0;
}

static void pass_all(const struct halves *h, uint64_t lie_ns)
{
	uint64_t since;
	char     b;

	for (size_t i = 0; i < MANY_QUEUES; i++)
		put_n(many[i], 32, 1); /* of these two are timed */
	since = test_now();
	check(wait_until(test_now() >= since + lie_ns, 20));
	check_ok(ipc_queue_put(h->go, "g", 1, IPC_SEC(30)));
	for (size_t i = 0; i < MANY_QUEUES; i++)
		get_n(many[i], 16);
	check_r(ipc_queue_get(h->done, &b, 1, IPC_SEC(30)), 1);
}

/* Two take from each, so that hardly ever all histograms of one are read at once. */
static void counters__histograms_of_many__all_have_their_turn(void **state)
{
	struct halves h;
	pid_t         child;

	check_ok(ipc_queue_create(&h.go, NULL, NULL));
	check_ok(ipc_queue_create(&h.done, NULL, NULL));
	for (size_t i = 0; i < MANY_QUEUES; i++)
		check_ok(ipc_queue_create(&many[i], NULL, NULL));
	child = test_fork(take_half, &h);
	pass_all(&h, 0);
	check(wait_until(slower_than(0) >= MANY_QUEUES, 20));
	for (unsigned round = 0; round < 8; round++) { /* enough for each to be read twice */
		pass_all(&h, 100 * MS);
		(void)look();
	}
	pass_all(&h, 0);
	check(slower_than(100 * MS) >= MANY_QUEUES); /* though all went on meanwhile */
	pass_all(&h, 400 * MS);
	check(wait_until(slower_than(400 * MS) >= MANY_QUEUES, 20)); /* though nothing moves */
	check_ok(ipc_queue_put(h.go, "e", 1, IPC_SEC(30)));
	check_eq(test_wait(child), 0);
	for (size_t i = 0; i < MANY_QUEUES; i++)
		many[i] = ipc_queue_close(many[i]);
	h.go = ipc_queue_close(h.go);
	h.done = ipc_queue_close(h.done);
}

/* The last one does not fit beside the one before it, whatever becomes of the short ones. */
static int send_more_than_fits(void *arg)
{
	ipc_conn *to = arg;
	char     *bytes = calloc(1, 8 * MIB);

	for (int i = 0; i < SHORT_ONES; i++)
		check_ok(ipc_conn_send(to, bytes, MIB, IPC_SEC(20)));
	check_ok(ipc_conn_send(to, bytes, 4 * MIB, IPC_SEC(20)));
	check_ok(ipc_conn_send(to, bytes, 8 * MIB, IPC_SEC(20)));
	free(bytes);
	return 0;
}

static void counters__woken_and_still_no_room__is_in_vain(void **state)
{
	ipc_conn                     *end[2];
	char                         *bytes = malloc(8 * MIB);
	const struct ipc_obs_channel *c;
	pid_t                         child;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .name = "long", .flags = IPC_CONN_SIMPLEX,
					.max_bytes = 8 * MIB)));
	child = test_fork(send_more_than_fits, end[1]);
	for (uint64_t i = 0; i < SHORT_ONES; i++) {
		check(wait_until(channel_called(look(), "long")->ring[0].blocked_senders == 1 &&
					 test_asleep(child),
				 20));
		check_r(ipc_conn_recv(end[0], bytes, 8 * MIB, IPC_NOW), MIB);
		check(wait_until(channel_called(look(), "long")->ring[0].vain_out == i + 1, 20));
	}
	check_r(ipc_conn_recv(end[0], bytes, 8 * MIB, IPC_NOW), 4 * MIB);
	check_eq(test_wait(child), 0);
	c = channel_called(look(), "long");
	check_eq(c->ring[0].vain_out, SHORT_ONES); /* the last was not */
	check_eq(c->ring[0].vain_in, 0);
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	free(bytes);
}

struct locker {
	ipc_mutex *m;
	bool       had_it;
};

static int lock_and_unlock(void *arg)
{
	struct locker *l = arg;

	check_ok(ipc_mutex_lock(l->m, IPC_SEC(20)));
	__atomic_store_n(&l->had_it, true, __ATOMIC_RELEASE);
	check_ok(ipc_mutex_unlock(l->m));
	return 0;
}

static bool had_it(const struct locker *l)
{
	return __atomic_load_n(&l->had_it, __ATOMIC_ACQUIRE);
}

/* Whoever has it takes it again at once, before the one that is woken is there. */
static void counters__woken_and_the_lock_is_taken__is_in_vain(void **state)
{
	struct locker *l = test_shared(sizeof(*l));
	ipc_shm       *shm;
	uint64_t       vain = 0;

	check_ok(ipc_shm_create(&shm, NULL, sizeof(*l->m)));
	l->m = ipc_shm_data(shm);
	for (int i = 0; i < 1000 && vain == 0; i++) {
		pid_t child;

		l->had_it = false;
		check_ok(ipc_mutex_lock(l->m, IPC_NOW));
		child = test_fork(lock_and_unlock, l);
		check(wait_until(test_asleep(child) && look()->n_waits == 1, 20));
		check_ok(ipc_mutex_unlock(l->m));
		if (ipc_mutex_lock(l->m, IPC_NOW) == 0) {
			/* as a rule before the child; else that has had it, and gone */
			check(wait_until(had_it(l) || (test_asleep(child) && look()->n_waits == 1),
					 20));
			check_ok(ipc_mutex_unlock(l->m));
		}
		check_eq(test_wait(child), 0);
		for (size_t k = 0; k < look()->n_channels; k++)
			vain += look()->channels[k].lock_vain;
	}
	check(vain > 0);
	shm = ipc_shm_close(shm);
}

static int churn(void *arg)
{
	uint32_t seed = (uint32_t)getpid();

	for (bool for_ever = true; for_ever;) {
		put_n(arg, 5, test_random(&seed) % 300);
		get_n(arg, 5);
	}
	return 0;
}

static void counters__while_messages_pass__sent_is_received_and_queued(void **state)
{
	ipc_queue *q = make("moving", 16, 0);
	pid_t      child[2] = {test_fork(churn, q), test_fork(churn, q)};
	uint64_t   last = 0;

	for (unsigned i = 0; i < test_rounds(2000); i++) {
		const struct ipc_snapshot    *s = look();
		const struct ipc_obs_channel *c = channel_called(s, "moving");

		check_eq(c->ring[0].sent, c->ring[0].received + c->ring[0].queued);
		check(c->ring[0].queued <= 16);
		check(c->ring[0].sent >= last);
		last = c->ring[0].sent;
		check_eq(s->damaged, 0);
	}
	for (int i = 0; i < 2; i++)
		test_kill(child[i]);
	q = ipc_queue_close(q);
}

/* Take one if there is one; whether nothing is left, and nobody else has the queue any more. */
static bool drained(ipc_queue *q)
{
	const struct ipc_obs_channel *c;
	char                          buf[300];
	ssize_t                       r = ipc_queue_get(q, buf, sizeof(buf), IPC_MSEC(300));

	check(r >= 0 || r == -ETIMEDOUT);
	c = channel_called(look(), "killed");
	return c->n_ends == 1 && c->ring[0].queued == 0;
}

/* Killed anywhere, with large messages in all hands: nothing is counted for ever. */
static void counters__processes_killed__add_up_again_when_they_are_reaped(void **state)
{
	uint32_t seed = 8;

	for (unsigned i = 0; i < test_rounds(40); i++) {
		ipc_queue                    *q = make("killed", 16, 0);
		pid_t                         child[2] = {test_fork(churn, q), test_fork(churn, q)};
		const struct ipc_obs_channel *c;

		check(wait_until(channel_called(look(), "killed")->ring[0].received > 100, 20));
		test_burn(test_random(&seed) % 1000);
		for (int k = 0; k < 2; k++)
			test_kill(child[k]);
		check(wait_until(drained(q), 20));
		c = channel_called(look(), "killed");
		check_eq(c->ring[0].sent, c->ring[0].received);
		check_eq(c->ring[0].received, c->ring[0].in.messages + c->ring[0].abandoned);
		/* a put may be killed between its message and the count of it */
		check(c->ring[0].sent >= c->ring[0].out.messages + c->ring[0].abandoned);
		check(c->ring[0].sent <= c->ring[0].out.messages + c->ring[0].abandoned + 2);
		check_eq(c->ring[0].heap_bytes, 0);
		q = ipc_queue_close(q);
	}
}

/* ---- waiting --------------------------------------------------------------------------------------- */

static void counters__a_wait_that_timed_out__is_counted(void **state)
{
	ipc_queue                    *q = make("slow", 1, 0);
	const struct ipc_obs_channel *c;
	char                          byte;

	check_r(ipc_queue_get(q, &byte, 1, IPC_MSEC(300)), -ETIMEDOUT);
	put_n(q, 1, 1);
	check_r(ipc_queue_put(q, "x", 1, IPC_MSEC(100)), -ETIMEDOUT);
	check_r(ipc_queue_put(q, "x", 1, IPC_NOW), -EAGAIN); /* that is no wait */
	c = channel_called(look(), "slow");
	check_eq(c->ring[0].in.timeouts, 1);
	check_eq(c->ring[0].out.timeouts, 1);
	check(c->ring[0].in.blocks >= 1 && c->ring[0].out.blocks >= 1);
	check(c->ring[0].in.blocked_ns >= 290000000 && c->ring[0].in.blocked_ns < 5000000000);
	check(c->ring[0].out.blocked_ns >= 90000000 && c->ring[0].out.blocked_ns < 5000000000);
	check_eq(c->ring[0].capacity, 1);
	check_eq(failure_of(look(), "slow", 0, -ETIMEDOUT)->count, 1);
	check_eq(failure_of(look(), "slow", 1, -ETIMEDOUT)->count, 1);
	check_eq(failure_of(look(), "slow", 1, -EAGAIN)->count, 1);
	check(!failure_of(look(), "slow", 0, -EAGAIN));
	check_r(ipc_queue_get(q, NULL, 0, IPC_NOW), -EMSGSIZE);
	check_eq(failure_of(look(), "slow", 0, -EMSGSIZE)->count, 1);
	q = ipc_queue_close(q);
}

static int get_for_ever(void *arg)
{
	char c;

	return ipc_queue_get(arg, &c, 1, IPC_FOREVER) == 1 ? 0 : 1;
}

static int get_for_a_minute(void *arg)
{
	char c;

	return ipc_queue_get(arg, &c, 1, IPC_SEC(60)) == 1 ? 0 : 1;
}

static void waits__blocked_get__says_who_what_since_and_from_where(void **state)
{
	for (int limited = 0; limited < 2; limited++) {
		ipc_queue *q = make("awaited", 0, 0);
		uint64_t   before = test_now();
		pid_t      child = test_fork(limited ? get_for_a_minute : get_for_ever, q);
		const struct ipc_snapshot    *s = NULL;
		const struct ipc_obs_wait    *w = NULL;
		const struct ipc_obs_process *p;

		check(wait_until((s = look(), w = wait_of(s, child)) != NULL, 20));
		check_eq(w->op, IPC_OP_GET);
		check(!strcmp(s->channels[w->channel].name, "awaited"));
		check(w->since_ns >= before && w->since_ns <= test_now());
		check(limited ? w->deadline_ns > before : w->deadline_ns == 0);
		check_eq(w->satisfied, 0);
		check(strstr(w->text, "awaited"));
		p = process_of(s, child);
		check(w->site > p->exe_base && w->site < p->exe_end); /* in this very program */
		check_eq(p->n_blocked, 1);
		check_eq(s->channels[w->channel].ring[0].blocked_receivers, 1);
		put_n(q, 1, 1);
		check_eq(test_wait(child), 0);
		check(!wait_of(look(), child));
		q = ipc_queue_close(q);
	}
}

/* ---- locks ----------------------------------------------------------------------------------------- */

static int lock_and_time_out(void *arg)
{
	ipc_shm *shm = arg;

	check_r(ipc_mutex_lock(ipc_shm_data(shm), IPC_MSEC(300)), -ETIMEDOUT);
	return 0;
}

static void counters__waits_for_locks__are_counted_where_the_lock_lies(void **state)
{
	ipc_shm                      *shm = NULL;
	const struct ipc_obs_channel *c;

	check_ok(ipc_shm_create(&shm, "locks", 4096));
	check_ok(ipc_shm_unlink("locks"));
	check_ok(ipc_mutex_lock(ipc_shm_data(shm), IPC_NOW));
	for (uint64_t i = 1; i <= 2; i++) {
		check_eq(test_wait(test_fork(lock_and_time_out, shm)), 0);
		c = channel_called(look(), "locks"); /* the child is gone: folded */
		check_eq(c->lock_waits.timeouts, i);
		check(c->lock_waits.blocks >= i);
		check(c->lock_waits.blocked_ns >= i * 290000000);
	}
	check(c->memory_bytes >= 4096 && c->memory_bytes < 1 << 20);
	check_ok(ipc_mutex_unlock(ipc_shm_data(shm)));
	shm = ipc_shm_close(shm);
}

/* ---- many ------------------------------------------------------------------------------------------ */

static unsigned n_aged(const struct ipc_snapshot *s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n_channels; i++)
		n += s->channels[i].n_rings > 0 && s->channels[i].ring[0].oldest_ns != IPC_UNKNOWN;
	return n;
}

/* In one reading only some can be looked at; all have their turn, and none is forgotten. */
static void snapshot__hundreds_of_queues__each_has_the_age_of_its_oldest(void **state)
{
	static ipc_queue *q[300];
	char              name[16];
	unsigned          last = 0, now = 0;

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "many%d", i);
		q[i] = make(name, 4, 0);
		put_n(q[i], 1, 1);
	}
	while (now < 300) {
		now = n_aged(look());
		check(now >= last);
		last = now;
	}
	for (int i = 0; i < 300; i++)
		q[i] = ipc_queue_close(q[i]);
}

/* ---- tasks ------------------------------------------------------------------------------------------- */

static void counters__joinable__tasks_are_accounted(void **state)
{
	ipc_queue                    *q = make("tasks", 0, IPC_QUEUE_JOINABLE);
	const struct ipc_snapshot    *s;
	const struct ipc_obs_channel *c;

	put_n(q, 10, 8);
	get_n(q, 4);
	check_ok(ipc_queue_task_done(q));
	s = look();
	c = channel_called(s, "tasks");
	check_eq(c->kind, IPC_KIND_JOINABLE);
	check_eq(c->unfinished, 9);
	check_eq(end_of(s, c, getpid(), IPC_RIGHT_DONE)->owed, 3);
	check_eq(c->tasks_failed, 0);
	q = ipc_queue_close(q);
}

/* ---- pipes and blocks ----------------------------------------------------------------------------------- */

static void counters__pipe__each_way_has_its_own(void **state)
{
	ipc_conn                     *end[2];
	const struct ipc_snapshot    *s;
	const struct ipc_obs_channel *c;
	char                          byte;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .name = "both-ways", .capacity = 9)));
	for (int i = 0; i < 5; i++)
		check_ok(ipc_conn_send(end[0], "x", 1, IPC_NOW));
	check_ok(ipc_conn_send(end[1], "yy", 2, IPC_NOW));
	check_r(ipc_conn_recv(end[1], &byte, 1, IPC_NOW), 1);
	s = look();
	c = channel_called(s, "both-ways");
	check_eq(c->kind, IPC_KIND_PIPE);
	check_eq(c->named, 0);
	check_eq(c->n_rings, 2);
	check_eq(c->n_ends, 2);
	check_eq(c->ring[0].sent, 5);
	check_eq(c->ring[0].received, 1);
	check_eq(c->ring[0].capacity, 9);
	check_eq(c->ring[1].sent, 1);
	check_eq(c->ring[1].out.bytes, 2);
	check_eq(end_of(s, c, getpid(), IPC_RIGHT_SEND0)->out.messages, 5);
	check_eq(end_of(s, c, getpid(), IPC_RIGHT_SEND1)->in.messages, 1);
	end[0] = ipc_conn_close(end[0]);
	c = channel_called(look(), "both-ways");
	check_eq(c->n_ends, 1);
	check_eq(c->ring[0].out.messages, 5); /* the end is gone, its counts are not */
	end[1] = ipc_conn_close(end[1]);
}

static void snapshot__shared_memory__has_its_size(void **state)
{
	ipc_shm                      *s;
	const struct ipc_obs_channel *c;

	check_ok(ipc_shm_create(&s, "block", 12345));
	c = channel_called(look(), "block");
	check_eq(c->kind, IPC_KIND_SHM);
	check_eq(c->size_bytes, 12345);
	check_eq(c->named, 1);
	check_eq(c->n_rings, 0);
	check_ok(ipc_shm_unlink("block"));
	check_eq(channel_called(look(), "block")->named, 0);
	s = ipc_shm_close(s);
}

/* ---- the observer ------------------------------------------------------------------------------------------ */

static int wait_for_word(void *arg)
{
	ipc_conn **end = arg;
	char       byte;

	end[0] = ipc_conn_close(end[0]);
	check_r(ipc_conn_recv(end[1], &byte, 1, IPC_SEC(30)), 1);
	return 0;
}

/* Who keeps something by index has to know when indices mean others. */
static void snapshot__some_come_or_go__is_another_generation(void **state)
{
	ipc_queue                 *q = make("first", 0, 0), *r;
	ipc_observer              *other = NULL;
	const struct ipc_snapshot *s;
	uint64_t                   generation = look()->generation;

	check(generation != 0);
	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	check(look()->generation == generation);
	r = make("second", 0, 0);
	check(look()->generation != generation);
	generation = look()->generation;
	r = ipc_queue_close(r);
	check(look()->generation != generation);
	generation = look()->generation;
	check_ok(ipc_observer_open(&other, NULL));
	check_ok(ipc_observer_read(other, &s));
	check(s->generation != generation);
	other = ipc_observer_close(other);
	q = ipc_queue_close(q);
}

/* Looking at one's own domain must not end one's own membership. */
static void observer__opened_and_closed_by_a_member__it_stays_alive(void **state)
{
	ipc_conn *end[2];
	uint64_t  until;
	pid_t     child;

	check_ok(ipc_pipe(end, NULL));
	child = test_fork(wait_for_word, end);
	end[1] = ipc_conn_close(end[1]);
	check(wait_until(test_asleep(child), 20));
	until = test_now() + 800000000u; /* some slices */
	while (test_now() < until) {
		const struct ipc_snapshot *s;
		ipc_observer              *o;

		check_ok(ipc_observer_open(&o, NULL));
		check_ok(ipc_observer_read(o, &s));
		check(process_of(s, getpid()));
		o = ipc_observer_close(o);
		check(!o);
	}
	check_ok(ipc_conn_send(end[0], "x", 1, IPC_NOW));
	check_eq(test_wait(child), 0);
	end[0] = ipc_conn_close(end[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(counters__one_process__messages_and_bytes_add_up, setup),
		cmocka_unit_test_setup(
			counters__several_processes__each_has_its_own_and_none_is_lost, setup),
		cmocka_unit_test_setup(counters__who_has_got_and_is_busy__says_from_where, setup),
		cmocka_unit_test_setup(
			counters__an_end_that_is_gone__leaves_its_histogram_and_failures, setup),
		cmocka_unit_test_setup(counters__histograms_of_many__all_have_their_turn, setup),
		cmocka_unit_test_setup(counters__while_messages_pass__sent_is_received_and_queued,
				       setup),
		cmocka_unit_test_setup(
			counters__processes_killed__add_up_again_when_they_are_reaped, setup),
		cmocka_unit_test_setup(counters__a_wait_that_timed_out__is_counted, setup),
		cmocka_unit_test_setup(waits__blocked_get__says_who_what_since_and_from_where,
				       setup),
		cmocka_unit_test_setup(counters__waits_for_locks__are_counted_where_the_lock_lies,
				       setup),
		cmocka_unit_test_setup(snapshot__hundreds_of_queues__each_has_the_age_of_its_oldest,
				       setup),
		cmocka_unit_test_setup(counters__woken_and_still_no_room__is_in_vain, setup),
		cmocka_unit_test_setup(counters__woken_and_the_lock_is_taken__is_in_vain, setup),
		cmocka_unit_test_setup(counters__joinable__tasks_are_accounted, setup),
		cmocka_unit_test_setup(counters__pipe__each_way_has_its_own, setup),
		cmocka_unit_test_setup(snapshot__shared_memory__has_its_size, setup),
		cmocka_unit_test_setup(snapshot__some_come_or_go__is_another_generation, setup),
		cmocka_unit_test_setup(observer__opened_and_closed_by_a_member__it_stays_alive,
				       setup),
	};
	int failed;

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	failed = cmocka_run_group_tests_name("counters", tests, NULL, NULL);
	observer = ipc_observer_close(observer);
	return failed;
}
