/*
 * Processes killed at any instant: who survives goes on, nothing that was
 * acknowledged is lost or comes twice, and nothing stays in the directory.
 *
 * test-limit: 300
 */

#include "support/test.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/shm.h>

#define N_KILLS 150

/* Run @body as a process of its own; afterwards the domain must be gone. */
static void check_case(int (*body)(void *arg), void *arg, unsigned seconds)
{
	test_new_ipc_dir();
	test_deadline(seconds);
	check_child(body, arg);
	check_eq(test_count_files(test_ipc_dir()), 0);
	(void)alarm(0);
}

/* ---- ends of connections ------------------------------------------------------------ */

/* Send @arg messages and hold the end until killed. */
struct holder {
	ipc_conn **end;
	int        n;
	int       *ready;
};

static int hold_end(void *arg)
{
	struct holder *h = arg;

	h->end[0] = ipc_conn_close(h->end[0]);
	for (int i = 0; i < h->n; i++)
		check_ok(ipc_conn_send(h->end[1], &i, sizeof(i), IPC_SEC(10)));
	__atomic_store_n(h->ready, 1, __ATOMIC_RELEASE);
	return pause();
}

static void *recv_blocked(void *arg)
{
	int n;

	return (void *)(intptr_t)ipc_conn_recv(arg, &n, sizeof(n), IPC_SEC(30));
}

static int eof_after_kill(void *arg)
{
	int pending = *(int *)arg;

	for (unsigned round = 0; round < 5; round++) {
		ipc_conn     *end[2];
		struct holder h = {.end = end, .n = pending, .ready = test_shared(sizeof(int))};
		uint64_t      killed;
		pid_t         child;
		int           n;

		check_ok(ipc_pipe(end, NULL));
		child = test_fork(hold_end, &h);
		end[1] = ipc_conn_close(end[1]);
		check(wait_until(__atomic_load_n(h.ready, __ATOMIC_ACQUIRE), 20));
		test_kill(child);
		killed = test_now();
		for (int i = 0; i < pending; i++) {
			check_r(ipc_conn_recv(end[0], &n, sizeof(n), IPC_SEC(30)), sizeof(n));
			check_eq(n, i);
		}
		check_r(ipc_conn_recv(end[0], &n, sizeof(n), IPC_SEC(30)), -EPIPE);
		check_r(ipc_conn_recv(end[0], &n, sizeof(n), IPC_NOW), -EPIPE);
		check(test_now() - killed < 2000000000u);
		end[0] = ipc_conn_close(end[0]);
	}
	return 0;
}

static void conn_recv__sender_killed__is_eof(void **state)
{
	int none = 0;

	check_case(eof_after_kill, &none, 60);
}

static void conn_recv__sender_killed_with_messages_pending__they_come_first(void **state)
{
	int some = 100;

	check_case(eof_after_kill, &some, 60);
}

static int eof_wakes_sleeper(void *arg)
{
	for (unsigned round = 0; round < 5; round++) {
		ipc_conn     *end[2];
		struct holder h = {.end = end, .ready = test_shared(sizeof(int))};
		pthread_t     reader;
		uint64_t      killed;
		pid_t         child;
		void         *r;

		check_ok(ipc_pipe(end, NULL));
		child = test_fork(hold_end, &h);
		end[1] = ipc_conn_close(end[1]);
		check(wait_until(__atomic_load_n(h.ready, __ATOMIC_ACQUIRE), 20));
		reader = test_thread(recv_blocked, end[0]);
		test_burn(round * 1000);
		test_kill(child);
		killed = test_now();
		check_eq(pthread_join(reader, &r), 0);
		check_r((intptr_t)r, -EPIPE);
		check(test_now() - killed < 2000000000u);
		end[0] = ipc_conn_close(end[0]);
	}
	return 0;
}

static void conn_recv__sender_killed_while_it_sleeps__is_eof_within_a_slice(void **state)
{
	check_case(eof_wakes_sleeper, NULL, 60);
}

static int eof_without_sleeping(void *arg)
{
	ipc_conn     *end[2];
	struct holder h = {.end = end, .ready = test_shared(sizeof(int))};
	pid_t         child;
	int           n;

	check_ok(ipc_pipe(end, NULL));
	child = test_fork(hold_end, &h);
	end[1] = ipc_conn_close(end[1]);
	check(wait_until(__atomic_load_n(h.ready, __ATOMIC_ACQUIRE), 20));
	check_r(ipc_conn_recv(end[0], &n, sizeof(n), IPC_NOW), -EAGAIN);
	test_kill(child);
	switch (*(int *)arg) {
	case 0:
		check(wait_until(ipc_conn_recv(end[0], &n, sizeof(n), IPC_NOW) == -EPIPE, 5));
		break;
	case 1: check(wait_until(ipc_conn_poll(end[0], IPC_NOW) == 1, 5)); break;
	case 2: check(wait_until(ipc_conn_next_len(end[0]) == -EPIPE, 5)); break;
	default:
		check(wait_until(ipc_conn_send(end[0], &n, sizeof(n), IPC_NOW) == -EPIPE, 5));
		break;
	}
	end[0] = ipc_conn_close(end[0]);
	return 0;
}

/* A program with an event loop of its own asks now and then, and never sleeps in the library. */
static void conn_recv__now_after_the_sender_was_killed__becomes_eof(void **state)
{
	check_case(eof_without_sleeping, &(int){0}, 30);
}

static void conn_poll__now_after_the_sender_was_killed__becomes_ready(void **state)
{
	check_case(eof_without_sleeping, &(int){1}, 30);
}

static void conn_next_len__after_the_sender_was_killed__becomes_eof(void **state)
{
	check_case(eof_without_sleeping, &(int){2}, 30);
}

static void conn_send__now_after_the_receiver_was_killed__becomes_epipe(void **state)
{
	check_case(eof_without_sleeping, &(int){3}, 30);
}

/* A sender with room has no reason to sleep, nor to ask. */
static int epipe_with_room(void *arg)
{
	ipc_conn     *end[2];
	struct holder h = {.end = end, .ready = test_shared(sizeof(int))};
	pid_t         child;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .capacity = 1000000)));
	child = test_fork(hold_end, &h);
	end[1] = ipc_conn_close(end[1]);
	check(wait_until(__atomic_load_n(h.ready, __ATOMIC_ACQUIRE), 20));
	for (int i = 0; i < 100; i++)
		check_ok(ipc_conn_send(end[0], "x", 1, IPC_FOREVER));
	test_kill(child);
	check(wait_until(ipc_conn_send(end[0], "x", 1, IPC_FOREVER) == -EPIPE, 20));
	check_r(ipc_conn_send(end[0], "x", 1, IPC_FOREVER), -EPIPE);
	end[0] = ipc_conn_close(end[0]);
	return 0;
}

static void conn_send__with_room_and_receiver_killed__becomes_epipe(void **state)
{
	check_case(epipe_with_room, NULL, 40);
}

static int epipe_when_full(void *arg)
{
	ipc_conn     *end[2];
	struct holder h = {.end = end, .ready = test_shared(sizeof(int))};
	pid_t         child;
	uint64_t      killed;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .capacity = 4)));
	child = test_fork(hold_end, &h);
	end[1] = ipc_conn_close(end[1]);
	check(wait_until(__atomic_load_n(h.ready, __ATOMIC_ACQUIRE), 20));
	for (int i = 0; i < 4; i++)
		check_ok(ipc_conn_send(end[0], "x", 1, IPC_NOW));
	check_r(ipc_conn_send(end[0], "x", 1, IPC_NOW), -EAGAIN);
	test_kill(child);
	killed = test_now();
	check_r(ipc_conn_send(end[0], "x", 1, IPC_SEC(30)), -EPIPE);
	check(test_now() - killed < 2000000000u);
	end[0] = ipc_conn_close(end[0]);
	return 0;
}

static void conn_send__full_and_receiver_killed__is_epipe(void **state)
{
	check_case(epipe_when_full, NULL, 30);
}

/* ---- fork and kill at once ------------------------------------------------------------- */

static int kill_after_fork(void *arg)
{
	uint32_t seed = 7;

	for (unsigned i = 0; i < test_rounds(200); i++) {
		ipc_conn *end[2];
		pid_t     child;
		char      c;

		check_ok(ipc_pipe(end, NULL));
		child = fork();
		check(child >= 0);
		if (child == 0)
			for (;;)
				(void)pause();
		end[1] = ipc_conn_close(end[1]);
		test_burn(test_random(&seed) % 300);
		test_kill(child);
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_SEC(30)), -EPIPE);
		end[0] = ipc_conn_close(end[0]);
	}
	return 0;
}

static void fork__child_killed_before_its_first_call__is_eof(void **state)
{
	check_case(kill_after_fork, NULL, 120);
}

/* ---- producers ----------------------------------------------------------------------------- */

struct stamp {
	uint32_t producer, seq;
};

struct produce {
	ipc_queue *q;
	uint32_t   producer;
	uint32_t  *acked; /* of this producer: puts that have returned */
	uint64_t   largest;
};

static size_t random_length(uint32_t *seed, uint64_t largest)
{
	uint32_t n = test_random(seed);

	/* mostly small, now and then anything */
	return sizeof(struct stamp) + (n % 8 ? n % 120 : n % largest);
}

static int produce_until_killed(void *arg)
{
	struct produce *p = arg;
	uint32_t        seed = p->producer + 1;
	char           *buf = malloc(p->largest + 256);
	struct stamp    s = {.producer = p->producer};

	check(buf);
	for (;; s.seq++) {
		size_t len = random_length(&seed, p->largest);

		memcpy(buf, &s, sizeof(s));
		test_pattern(buf + sizeof(s), len - sizeof(s), s.seq);
		check_ok(ipc_queue_put(p->q, buf, len, IPC_SEC(30)));
		__atomic_store_n(p->acked, s.seq + 1, __ATOMIC_RELEASE);
	}
}

struct consume {
	ipc_queue *q;
	uint32_t  *next; /* per producer: the sequence number that comes next */
	uint64_t   largest;
};

/* Everything there is, in order of each producer, whole; until the queue is shut down and empty. */
static void *consume_all(void *arg)
{
	struct consume *c = arg;
	char           *buf = malloc(c->largest + 256);
	struct stamp    s;
	ssize_t         n;

	check(buf);
	for (;;) {
		n = ipc_queue_get(c->q, buf, c->largest + 256, IPC_SEC(30));
		if (n == -EPIPE)
			break;
		check(n >= (ssize_t)sizeof(s));
		memcpy(&s, buf, sizeof(s));
		check_eq(s.seq, c->next[s.producer]);
		check(test_pattern_is(buf + sizeof(s), (size_t)n - sizeof(s), s.seq));
		c->next[s.producer]++;
	}
	free(buf);
	return NULL;
}

struct producers_case {
	uint64_t maxsize, largest;
	unsigned at_once;
};

static int kill_producers(void *arg)
{
	const struct producers_case *pc = arg;
	unsigned                     n = test_rounds(N_KILLS);
	uint32_t                    *acked = test_shared(n * sizeof(*acked));
	uint32_t                    *next = test_shared(n * sizeof(*next));
	uint32_t                     seed = 99;
	struct produce               p = {.largest = pc->largest};
	struct consume               c = {.next = next, .largest = pc->largest};
	pid_t                       *child = calloc(n, sizeof(*child));
	pthread_t                    consumer;
	unsigned                     started = 0;

	check(child);
	check_ok(ipc_queue_create(&p.q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = pc->maxsize)));
	c.q = p.q;
	consumer = test_thread(consume_all, &c);
	for (unsigned killed = 0; killed < n; killed++) {
		while (started < n && started < killed + pc->at_once) {
			p.producer = started;
			p.acked = &acked[started];
			child[started] = test_fork(produce_until_killed, &p);
			started++;
		}
		check(wait_until(__atomic_load_n(&acked[killed], __ATOMIC_ACQUIRE) > 0, 30));
		test_burn(test_random(&seed) % 2000);
		test_kill(child[killed]);
	}
	check_ok(ipc_queue_shutdown(p.q));
	test_join_thread(consumer);
	for (unsigned i = 0; i < n;
	     i++) /* the last put may have been killed before it could say so */
		if (next[i] != acked[i] && next[i] != acked[i] + 1)
			test_fail("producer %u: %u acknowledged, %u received", i, acked[i],
				  next[i]);
	p.q = ipc_queue_close(p.q);
	free(child);
	return 0;
}

static void queue__producers_killed__nothing_acknowledged_is_lost(void **state)
{
	struct producers_case c = {.maxsize = 16, .largest = 300, .at_once = 3};

	check_case(kill_producers, &c, 120);
}

static void queue__producers_of_large_messages_killed__nothing_acknowledged_is_lost(void **state)
{
	struct producers_case c = {.maxsize = 16, .largest = 100000, .at_once = 3};

	check_case(kill_producers, &c, 120);
}

static void queue__producers_killed_while_it_grows__nothing_acknowledged_is_lost(void **state)
{
	struct producers_case c = {.maxsize = 0, .largest = 100, .at_once = 3};

	check_case(kill_producers, &c, 120);
}

/* ---- a producer that is stopped, not dead ------------------------------------------------------ */

struct echo {
	ipc_queue *q;
	uint32_t  *rounds, *taken; /* its own rounds; messages of the other producer it got */
};

/* One in, one out, so that the ring stays as small as it is at first. */
static int put_and_get(void *arg)
{
	struct echo *e = arg;
	struct stamp s;

	for (;;) {
		ssize_t n;

		s = (struct stamp){0};
		check_ok(ipc_queue_put(e->q, &s, sizeof(s), IPC_SEC(30)));
		n = ipc_queue_get(e->q, &s, sizeof(s), IPC_NOW);
		check(n == -EAGAIN || n == sizeof(s));
		if (n > 0 && s.producer == 1)
			(void)__atomic_fetch_add(e->taken, 1, __ATOMIC_RELEASE);
		(void)__atomic_fetch_add(e->rounds, 1, __ATOMIC_RELEASE);
	}
}

struct stopped_case {
	uint64_t maxsize;
	bool     never_waits; /* a put that would have to wait is an error */
};

static int put_while_one_is_stopped(void *arg)
{
	const struct stopped_case *sc = arg;
	struct echo                e = {.rounds = test_shared(sizeof(uint32_t)),
					.taken = test_shared(sizeof(uint32_t))};
	uint32_t                   seed = 5;

	for (unsigned round = 0; round < test_rounds(N_KILLS / 2); round++) {
		struct stamp s = {.producer = 1}, got;
		uint32_t     mine = 0, last = 0;
		bool         go_on = round % 2;
		pid_t        child;
		ssize_t      n;

		*e.rounds = *e.taken = 0;
		check_ok(ipc_queue_create(&e.q, NULL,
					  IPC_OPTS(ipc_queue_opts, .maxsize = sc->maxsize)));
		child = test_fork(put_and_get, &e);
		check(wait_until(__atomic_load_n(e.rounds, __ATOMIC_ACQUIRE) > 0, 30));
		test_burn(test_random(&seed) % 100);
		(void)kill(child, SIGSTOP);
		check_eq(waitpid(child, NULL, WUNTRACED), child);
		for (; s.seq < 300; s.seq++) {
			int r = ipc_queue_put(e.q, &s, sizeof(s), IPC_NOW);

			if (r == -EAGAIN && !sc->never_waits)
				break;
			check_ok(r);
		}
		if (go_on) {
			uint32_t before = *e.rounds;

			(void)kill(child, SIGCONT);
			check(wait_until(__atomic_load_n(e.rounds, __ATOMIC_ACQUIRE) > before + 1,
					 20));
		}
		test_kill(child);
		check_ok(ipc_queue_shutdown(e.q));
		while ((n = ipc_queue_get(e.q, &got, sizeof(got), IPC_SEC(20))) != -EPIPE) {
			check_r(n, sizeof(got));
			check(got.producer == 0 || mine == 0 || got.seq > last);
			if (got.producer == 1) {
				last = got.seq;
				mine++;
			}
		}
		/* the child may have been killed with one in its hands */
		check(mine + *e.taken == s.seq || mine + *e.taken + 1 == s.seq);
		e.q = ipc_queue_close(e.q);
	}
	return 0;
}

static void queue__one_stopped_in_put__others_do_not_overrun_it(void **state)
{
	struct stopped_case c = {.maxsize = 0};

	check_case(put_while_one_is_stopped, &c, 120);
}

static void bounded_queue__one_stopped_in_put__others_do_not_overrun_it(void **state)
{
	struct stopped_case c = {.maxsize = 1000};

	check_case(put_while_one_is_stopped, &c, 120);
}

/* Not full is not full, whoever is stopped where. */
static void queue_put__not_full_and_one_stopped_in_get__does_not_wait(void **state)
{
	struct stopped_case c = {.maxsize = 1000, .never_waits = true};

	check_case(put_while_one_is_stopped, &c, 120);
}

/* ---- consumers ------------------------------------------------------------------------------------ */

struct consumer {
	ipc_queue *q;
	uint8_t   *taken; /* per message: how many got it */
	uint64_t   largest;
	uint32_t  *n_taken;
};

static int take_all(void *arg)
{
	struct consumer *c = arg;
	char            *buf = malloc(c->largest + 256);
	struct stamp     s;
	ssize_t          n;

	check(buf);
	for (;;) {
		n = ipc_queue_get(c->q, buf, c->largest + 256, IPC_SEC(30));
		if (n == -EPIPE)
			break;
		if (n < (ssize_t)sizeof(s))
			test_fail("get returned %zd after %u messages", n, *c->n_taken);
		memcpy(&s, buf, sizeof(s));
		check(test_pattern_is(buf + sizeof(s), (size_t)n - sizeof(s), s.seq));
		(void)__atomic_fetch_add(&c->taken[s.seq], 1, __ATOMIC_RELAXED);
		(void)__atomic_fetch_add(c->n_taken, 1, __ATOMIC_RELEASE);
	}
	free(buf);
	return 0;
}

struct put_n {
	ipc_queue *q;
	uint32_t   n, most; /* most: so many it may put by now, some more with each kill */
	uint64_t   largest;
	int        stop;
};

#define MOST_MESSAGES 4000000u

static void *put_until_stopped(void *arg)
{
	struct put_n *p = arg;
	uint32_t      seed = 3;
	char         *buf = malloc(p->largest + 256);
	struct stamp  s = {0};

	check(buf);
	for (; !__atomic_load_n(&p->stop, __ATOMIC_ACQUIRE); s.seq++) {
		size_t len = random_length(&seed, p->largest);

		check(wait_until(s.seq < __atomic_load_n(&p->most, __ATOMIC_ACQUIRE) ||
					 __atomic_load_n(&p->stop, __ATOMIC_ACQUIRE),
				 60));
		if (s.seq == MOST_MESSAGES)
			break;

		memcpy(buf, &s, sizeof(s));
		test_pattern(buf + sizeof(s), len - sizeof(s), s.seq);
		check_ok(ipc_queue_put(p->q, buf, len, IPC_SEC(30)));
	}
	p->n = s.seq;
	free(buf);
	return NULL;
}

static int kill_consumers(void *arg)
{
	const struct producers_case *pc = arg;
	struct consumer c = {.taken = test_shared(MOST_MESSAGES), .largest = pc->largest};
	struct put_n    p = {.largest = pc->largest};
	pid_t          *child = calloc(pc->at_once, sizeof(*child));
	uint32_t        seed = 4, lost = 0;
	unsigned        n_kills = test_rounds(N_KILLS);
	pthread_t       producer;

	check(child);
	c.n_taken = test_shared(sizeof(*c.n_taken));
	check_ok(ipc_queue_create(&c.q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = pc->maxsize)));
	p.q = c.q;
	for (unsigned i = 0; i < pc->at_once; i++)
		child[i] = test_fork(take_all, &c);
	producer = test_thread(put_until_stopped, &p);
	for (unsigned killed = 0; killed < n_kills; killed++) {
		unsigned i = killed % pc->at_once;
		uint32_t before = __atomic_load_n(c.n_taken, __ATOMIC_ACQUIRE);

		(void)__atomic_add_fetch(&p.most, MOST_MESSAGES / n_kills, __ATOMIC_RELEASE);
		/* things go on after the last kill, before the next */
		check(wait_until(__atomic_load_n(c.n_taken, __ATOMIC_ACQUIRE) > before, 30));
		test_burn(test_random(&seed) % 2000);
		test_kill(child[i]);
		child[i] = test_fork(take_all, &c);
	}
	__atomic_store_n(&p.stop, 1, __ATOMIC_RELEASE);
	test_join_thread(producer);
	check_ok(ipc_queue_shutdown(c.q));
	for (unsigned i = 0; i < pc->at_once; i++)
		check_eq(test_wait(child[i]), 0);
	for (uint32_t i = 0; i < p.n; i++) {
		if (c.taken[i] > 1)
			test_fail("message %u came %u times", i, c.taken[i]);
		lost += c.taken[i] == 0;
	}
	if (lost > n_kills)
		test_fail("%u messages lost by %u kills", lost, n_kills);
	c.q = ipc_queue_close(c.q);
	free(child);
	return 0;
}

static void queue__consumers_killed__each_takes_at_most_one_message_with_it(void **state)
{
	struct producers_case c = {.maxsize = 16, .largest = 300, .at_once = 3};

	check_case(kill_consumers, &c, 120);
}

static void queue__consumers_of_large_messages_killed__each_takes_at_most_one(void **state)
{
	struct producers_case c = {.maxsize = 16, .largest = 100000, .at_once = 3};

	check_case(kill_consumers, &c, 120);
}

static void unlimited_queue__consumers_killed__each_takes_at_most_one_message_with_it(void **state)
{
	struct producers_case c = {.maxsize = 0, .largest = 100, .at_once = 2};

	check_case(kill_consumers, &c, 120);
}

/* ---- in the middle of making and ending ------------------------------------------------------ */

static int make_and_end(void *arg)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "n%d", (int)getpid());
	for (;;) {
		ipc_conn  *end[2];
		ipc_queue *q;
		ipc_shm   *s;
		pid_t      child;

		check_ok(ipc_pipe(end, NULL));
		check_ok(ipc_queue_create(&q, NULL, NULL));
		check_ok(ipc_shm_create(&s, name, 10000));
		check_ok(ipc_queue_put(q, name, sizeof(name), IPC_NOW));
		child = fork();
		if (child == 0)
			_exit(0);
		(void)test_wait(child);
		check_ok(ipc_shm_unlink(name));
		s = ipc_shm_close(s);
		q = ipc_queue_close(q);
		end[0] = ipc_conn_close(end[0]);
		end[1] = ipc_conn_close(end[1]);
		(void)__atomic_fetch_add((unsigned *)arg, 1, __ATOMIC_RELEASE);
	}
}

static int kill_makers(void *arg)
{
	unsigned *made = test_shared(sizeof(*made));
	uint32_t  seed = 12;
	char      name[32];

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1); /* so that their children are waited for, too */
	for (unsigned i = 0; i < test_rounds(N_KILLS); i++) {
		unsigned  before = __atomic_load_n(made, __ATOMIC_ACQUIRE);
		pid_t     a = test_fork(make_and_end, made), b = test_fork(make_and_end, made);
		ipc_shm  *s;
		ipc_conn *end[2];

		check(wait_until(__atomic_load_n(made, __ATOMIC_ACQUIRE) > before, 30));
		test_burn(test_random(&seed) % 1500);
		test_kill(a);
		/* who is left, and who comes anew, can go on at once */
		check_ok(ipc_pipe(end, NULL));
		end[0] = ipc_conn_close(end[0]);
		end[1] = ipc_conn_close(end[1]);
		before = __atomic_load_n(made, __ATOMIC_ACQUIRE);
		check(wait_until(__atomic_load_n(made, __ATOMIC_ACQUIRE) > before, 30));
		test_kill(b);
		/* a name that outlived its maker is a name like any other */
		for (unsigned k = 0; k < 2; k++) {
			(void)snprintf(name, sizeof(name), "n%d", (int)(k ? a : b));
			if (ipc_shm_open(&s, name) == 0)
				s = ipc_shm_close(s);
			(void)ipc_shm_unlink(name);
		}
		while (waitpid(-1, NULL, 0) > 0)
			;
	}
	return 0;
}

static void objects__makers_killed__the_others_go_on(void **state)
{
	check_case(kill_makers, NULL, 200);
}

/* ---- tables full of the dead ----------------------------------------------------------------- */

static int make_six(void *arg)
{
	ipc_queue *q;

	for (int i = 0; i < 6; i++)
		check_ok(ipc_queue_create(&q, NULL, NULL));
	_exit(0); /* without leaving */
}

static int make_beside_the_dead(void *arg)
{
	ipc_queue *q[6];

	check_ok(ipc_queue_create(&q[0], NULL, NULL));
	q[0] = ipc_queue_close(q[0]);
	for (int round = 0; round < 5; round++)
		check_child(make_six, NULL);
	for (int i = 0; i < 6; i++)
		check_ok(ipc_queue_create(&q[i], NULL, NULL));
	for (int i = 0; i < 6; i++)
		q[i] = ipc_queue_close(q[i]);
	return 0;
}

static void create__table_full_of_objects_of_the_dead__finds_room(void **state)
{
	(void)setenv("IPC_MAX_OBJECTS", "8", 1);
	check_case(make_beside_the_dead, NULL, 30);
	(void)unsetenv("IPC_MAX_OBJECTS");
}

static int fork_beside_the_dead(void *arg)
{
	ipc_conn *end[2];
	char      c;

	check_ok(ipc_pipe(end, NULL));
	for (int i = 0; i < 20; i++) {
		pid_t child = fork();

		if (child == 0) {
			check_ok(ipc_conn_send(end[1], "x", 1, IPC_SEC(10)));
			_exit(0); /* without leaving */
		}
		check_eq(test_wait(child), 0);
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), 1);
	}
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
	return 0;
}

static void fork__table_full_of_dead_processes__finds_room(void **state)
{
	(void)setenv("IPC_MAX_PROCESSES", "4", 1);
	check_case(fork_beside_the_dead, NULL, 30);
	(void)unsetenv("IPC_MAX_PROCESSES");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conn_recv__sender_killed__is_eof),
		cmocka_unit_test(conn_recv__sender_killed_with_messages_pending__they_come_first),
		cmocka_unit_test(conn_recv__sender_killed_while_it_sleeps__is_eof_within_a_slice),
		cmocka_unit_test(conn_recv__now_after_the_sender_was_killed__becomes_eof),
		cmocka_unit_test(conn_poll__now_after_the_sender_was_killed__becomes_ready),
		cmocka_unit_test(conn_next_len__after_the_sender_was_killed__becomes_eof),
		cmocka_unit_test(conn_send__now_after_the_receiver_was_killed__becomes_epipe),
		cmocka_unit_test(conn_send__with_room_and_receiver_killed__becomes_epipe),
		cmocka_unit_test(conn_send__full_and_receiver_killed__is_epipe),
		cmocka_unit_test(fork__child_killed_before_its_first_call__is_eof),
		cmocka_unit_test(queue__producers_killed__nothing_acknowledged_is_lost),
		cmocka_unit_test(
			queue__producers_of_large_messages_killed__nothing_acknowledged_is_lost),
		cmocka_unit_test(
			queue__producers_killed_while_it_grows__nothing_acknowledged_is_lost),
		cmocka_unit_test(queue__one_stopped_in_put__others_do_not_overrun_it),
		cmocka_unit_test(bounded_queue__one_stopped_in_put__others_do_not_overrun_it),
		cmocka_unit_test(queue_put__not_full_and_one_stopped_in_get__does_not_wait),
		cmocka_unit_test(queue__consumers_killed__each_takes_at_most_one_message_with_it),
		cmocka_unit_test(queue__consumers_of_large_messages_killed__each_takes_at_most_one),
		cmocka_unit_test(
			unlimited_queue__consumers_killed__each_takes_at_most_one_message_with_it),
		cmocka_unit_test(objects__makers_killed__the_others_go_on),
		cmocka_unit_test(create__table_full_of_objects_of_the_dead__finds_room),
		cmocka_unit_test(fork__table_full_of_dead_processes__finds_room),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
