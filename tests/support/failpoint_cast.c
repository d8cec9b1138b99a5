#include "support/failpoint_cast.h"

#include "support/test.h"

#include <poll.h>
#include <signal.h>

#include <ipc/handle.h>
#include <ipc/wait.h>

#define LARGE 20000u
#define SHORT IPC_USEC(300)

struct letter {
	uint32_t      life, seq, len, carrier;
	unsigned char rest[LARGE];
};

#define HEAD offsetof(struct letter, rest)

/* A call may come to nothing, and may be told of a death; all else is wrong. */
static void check_came(long long r, const char *what)
{
	if (r < 0 && r != -EAGAIN && r != -ETIMEDOUT && r != -EOWNERDEAD)
		test_fail("%s: %s; %s", what, ipc_strerror((int)r), ipc_explain());
}

#define came(call) check_came((call), #call)

static ipc_nsec patience(struct cast *c)
{
	return test_random(&c->seed) % 3 ? IPC_NOW : SHORT;
}

/* Some die outside of the library, with a task or a lock in hand. */
static void die_holding(struct cast *c)
{
	if (c->mortal && test_random(&c->seed) % 40 == 0)
		(void)raise(SIGKILL);
}

/* ---- what is accounted for ------------------------------------------------------------------ */

static uint32_t seed_of(const struct letter *l)
{
	return l->life << 20 ^ l->carrier << 16 ^ l->seq;
}

static size_t write_letter(struct cast *c, struct letter *l, enum carrier to, uint32_t seq)
{
	uint32_t n = test_random(&c->seed);

	*l = (struct letter){.life = c->life, .seq = seq, .carrier = to};
	l->len = n % 4 ? n / 4 % 60 : n % 16 ? n / 16 % 2000 : n / 16 % LARGE;
	test_pattern(l->rest, l->len, seed_of(l));
	return HEAD + l->len;
}

static void enter(struct cast *c, enum carrier from, const struct letter *l, size_t n)
{
	uint32_t *word, bit;

	if (n < HEAD || n != HEAD + l->len || l->carrier != from || l->life >= CAST_LIVES ||
	    l->seq >= CAST_SEQS || !test_pattern_is(l->rest, l->len, seed_of(l))) {
		(void)__atomic_fetch_add(&c->ledger->n_torn, 1, __ATOMIC_RELAXED);
		return;
	}
	word = &c->ledger->got[l->life][from][l->seq / 32];
	bit = 1u << l->seq % 32;
	if (__atomic_fetch_or(word, bit, __ATOMIC_RELAXED) & bit && from != REQUEUE)
		(void)__atomic_fetch_add(&c->ledger->n_twice, 1, __ATOMIC_RELAXED);
}

static int put_in_place(struct cast *c, enum carrier to, const struct letter *l, size_t n)
{
	struct ipc_msg m;
	int            r = to == CONN ? ipc_conn_reserve(c->conn[0], n, &m, SHORT)
				      : ipc_queue_reserve(c->q[to], n, &m, SHORT);

	if (r < 0)
		return r;
	memcpy(m.data, l, n);
	r = to == CONN ? ipc_conn_commit(c->conn[0], &m, patience(c))
		       : ipc_queue_commit(c->q[to], &m, patience(c));
	if (r < 0)
		check_ok(to == CONN ? ipc_conn_abort(c->conn[0], &m)
				    : ipc_queue_abort(c->q[to], &m));
	return r < 0 ? r : 1;
}

static int put_many(struct cast *c, enum carrier to, uint32_t seq)
{
	static struct letter l[CAST_MANY];
	struct ipc_buf       b[CAST_MANY] = {0};

	for (uint32_t i = 0; i < CAST_MANY; i++) {
		b[i].len = write_letter(c, &l[i], to, seq + i);
		b[i].data = &l[i];
	}
	return (int)(to == CONN ? ipc_conn_send_many(c->conn[0], b, CAST_MANY, patience(c))
				: ipc_queue_put_many(c->q[to], b, CAST_MANY, patience(c)));
}

static int put_one(struct cast *c, enum carrier to, uint32_t seq)
{
	static struct letter l;
	size_t               n = write_letter(c, &l, to, seq);
	struct iovec         v[2] = {{&l, 8}, {(char *)&l + 8, n - 8}};
	int                  r;

	switch (test_random(&c->seed) % 4) {
	case 0: return put_in_place(c, to, &l, n);
	case 1:
		r = to == CONN ? ipc_conn_sendv(c->conn[0], v, 2, patience(c))
			       : ipc_queue_putv(c->q[to], v, 2, patience(c));
		break;
	default:
		r = to == CONN ? ipc_conn_send(c->conn[0], &l, n, patience(c))
			       : ipc_queue_put(c->q[to], &l, n, patience(c));
		break;
	}
	return r < 0 ? r : 1;
}

static void act_put(struct cast *c)
{
	enum carrier to = test_random(&c->seed) % N_CARRIERS;
	uint32_t    *put = &c->ledger->put[c->life][to], seq = *put;
	bool         many = test_random(&c->seed) % 6 == 0;
	int          r;

	if (seq + CAST_MANY >= CAST_SEQS)
		return;
	c->ledger->begun[c->life][to] = seq + (many ? CAST_MANY : 1);
	r = many ? put_many(c, to, seq) : put_one(c, to, seq);
	came(r);
	if (r > 0)
		*put = seq + (uint32_t)r;
}

static int get_in_place(struct cast *c, enum carrier from, ipc_nsec timeout)
{
	struct ipc_msg m;
	int            r = from == CONN ? ipc_conn_take(c->conn[1], &m, timeout)
					: ipc_queue_take(c->q[from], &m, timeout);

	if (r < 0)
		return r;
	enter(c, from, m.data, m.len);
	check_ok(from == CONN ? ipc_conn_release(c->conn[1], &m)
			      : ipc_queue_release(c->q[from], &m));
	return 1;
}

static int get_many(struct cast *c, enum carrier from, ipc_nsec timeout)
{
	static struct letter l[CAST_MANY];
	struct ipc_buf       b[CAST_MANY] = {0};
	ssize_t              n;

	for (uint32_t i = 0; i < CAST_MANY; i++)
		b[i] = (struct ipc_buf){.data = &l[i], .cap = sizeof(l[i])};
	n = from == CONN ? ipc_conn_recv_many(c->conn[1], b, CAST_MANY, timeout)
			 : ipc_queue_get_many(c->q[from], b, CAST_MANY, timeout);
	for (ssize_t i = 0; i < n; i++)
		enter(c, from, &l[i], b[i].len);
	return (int)n;
}

static int get_one(struct cast *c, enum carrier from, ipc_nsec timeout)
{
	static struct letter l;
	struct iovec         v[2] = {{&l, 8}, {(char *)&l + 8, sizeof(l) - 8}};
	ssize_t              n;

	if (test_random(&c->seed) % 4 == 0)
		n = from == CONN ? ipc_conn_recvv(c->conn[1], v, 2, timeout)
				 : ipc_queue_getv(c->q[from], v, 2, timeout);
	else
		n = from == CONN ? ipc_conn_recv(c->conn[1], &l, sizeof(l), timeout)
				 : ipc_queue_get(c->q[from], &l, sizeof(l), timeout);
	if (n < 0)
		return (int)n;
	enter(c, from, &l, (size_t)n);
	return 1;
}

int cast_get(struct cast *c, enum carrier from, ipc_nsec timeout)
{
	uint32_t how = test_random(&c->seed) % 6;
	int      n;

	if (how == 0)
		n = get_in_place(c, from, timeout);
	else if (how == 1)
		n = get_many(c, from, timeout);
	else
		n = get_one(c, from, timeout);
	if (n > 0 && from == REQUEUE)
		die_holding(c);
	if (from == REQUEUE || from == FAIL)
		for (int i = 0; i < n; i++)
			check_ok(ipc_queue_task_done(c->q[from]));
	return n;
}

static void act_get(struct cast *c)
{
	came(cast_get(c, test_random(&c->seed) % N_CARRIERS, patience(c)));
}

/* ---- locks and their like ---------------------------------------------------------------------- */

/* With the lock held: the two numbers are one, unless who held it died (@r says so). */
static void change_pair(uint64_t pair[2], int r)
{
	if (r == -EOWNERDEAD)
		pair[1] = pair[0];
	check_eq(pair[0], pair[1]);
	pair[0]++;
	pair[1]++;
}

static void act_value(struct cast *c)
{
	int64_t now = ipc_value_get(&c->block->value);

	check_ok(ipc_value_add(&c->block->value, 1, NULL));
	check(ipc_value_exchange(&c->block->value, &now, now + 1) >= 0);
	check_ok(ipc_value_set(&c->block->value, 0));
	check_ok(ipc_real_set(&c->block->real, 1));
	check_ok(ipc_real_add(&c->block->real, 1, NULL));
}

static void act_mutex(struct cast *c)
{
	int r = ipc_mutex_lock(&c->block->mutex, patience(c));

	came(r);
	if (r == 0 || r == -EOWNERDEAD) {
		change_pair(c->block->pair[0], r);
		die_holding(c);
		act_value(c);
		check_ok(ipc_mutex_unlock(&c->block->mutex));
	}
}

static void act_rmutex(struct cast *c)
{
	int r = ipc_rmutex_lock(&c->block->rmutex, patience(c));

	came(r);
	if (r == 0 || r == -EOWNERDEAD) {
		check_ok(ipc_rmutex_lock(&c->block->rmutex, IPC_NOW));
		change_pair(c->block->pair[1], r);
		check_ok(ipc_rmutex_unlock(&c->block->rmutex));
		check_ok(ipc_rmutex_unlock(&c->block->rmutex));
	}
}

static void act_rwlock(struct cast *c)
{
	bool writes = test_random(&c->seed) % 2;
	int  r = writes ? ipc_rwlock_wrlock(&c->block->rwlock, patience(c))
			: ipc_rwlock_rdlock(&c->block->rwlock, patience(c));

	came(r);
	if (r == -EOWNERDEAD || (r == 0 && writes))
		change_pair(c->block->pair[2], r);
	else if (r == 0)
		check_eq(c->block->pair[2][0], c->block->pair[2][1]);
	if (r == 0) {
		die_holding(c);
		act_put(c);
	}
	if (r == 0 || r == -EOWNERDEAD)
		check_ok(ipc_rwlock_unlock(&c->block->rwlock));
}

static void act_sem(struct cast *c)
{
	int r = ipc_sem_wait(&c->block->permits, patience(c));

	came(r);
	if (r == 0) {
		die_holding(c);
		act_put(c);
		check_ok(ipc_sem_post(&c->block->permits));
	}
	check_ok(ipc_sem_post(&c->block->sem));
	came(ipc_sem_wait(&c->block->sem, patience(c)));
}

static void act_event(struct cast *c)
{
	if (test_random(&c->seed) % 2)
		check_ok(ipc_event_set(&c->block->event));
	else
		check_ok(ipc_event_clear(&c->block->event));
	came(ipc_event_wait(&c->block->event, SHORT));
}

static void act_cond(struct cast *c)
{
	struct cast_block *b = c->block;
	int                r = ipc_mutex_lock(&b->cond_mutex, SHORT);

	came(r);
	if (r != 0 && r != -EOWNERDEAD)
		return;
	switch (test_random(&c->seed) % 4) {
	case 0: check_ok(ipc_cond_notify(&b->cond, &b->cond_mutex, 1)); break;
	case 1: check_ok(ipc_cond_notify_all(&b->cond, &b->cond_mutex)); break;
	default: came(ipc_cond_wait(&b->cond, &b->cond_mutex, IPC_MSEC(1))); break;
	}
	check_ok(ipc_mutex_unlock(&b->cond_mutex));
}

static void act_barrier(struct cast *c)
{
	int r = ipc_barrier_wait(&c->block->barrier, 2,
				 test_random(&c->seed) % 4 ? SHORT : IPC_NOW);

	if (r == -EPIPE || r == -ETIMEDOUT || r == -EOWNERDEAD)
		check_ok(ipc_barrier_reset(&c->block->barrier));
	else
		came(r);
}

/* ---- making, sharing, waiting -------------------------------------------------------------------- */

static void act_open(struct cast *c)
{
	ipc_queue *q;

	check_ok(ipc_queue_open(&q, "small"));
	q = ipc_queue_close(q);
}

/* More than it holds at first, twice; drain does not wait, not even for the registry's lock. */
static void act_grow(struct cast *c)
{
	static const char letter[3000] = {0};
	ipc_queue        *q;
	size_t            len = test_random(&c->seed) % 8 ? 8 : sizeof(letter);
	ssize_t           left = 0, n;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 100; i++, left++)
			check_ok(ipc_queue_put(q, letter, len, IPC_SEC(30)));
		n = ipc_queue_drain(q);
		check(n >= 0 && n <= left);
		left -= n;
	}
	check_eq(ipc_queue_shutdown_now(q), left);
	q = ipc_queue_close(q);
}

/* Tasks that nobody does. */
static void act_tasks(struct cast *c)
{
	ipc_queue     *q;
	struct ipc_msg m;
	ssize_t        n;

	check_ok(ipc_queue_create(&q, NULL,
				  IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE,
					   .on_death = test_random(&c->seed) % 3)));
	check_ok(ipc_queue_reserve(q, 1000, &m, IPC_SEC(30)));
	m.len = 10;
	check_ok(ipc_queue_commit(q, &m, IPC_SEC(30)));
	check_ok(ipc_queue_put(q, "task", 4, IPC_SEC(30)));
	n = ipc_queue_drain(q);
	check(n >= 0 && n <= 2);
	if (n == 2) {
		check_eq(ipc_queue_task_done(q), -EINVAL);
		check_ok(ipc_queue_join(q, IPC_SEC(30)));
	}
	q = ipc_queue_close(q);
}

static void act_create(struct cast *c)
{
	ipc_rwlock *l;

	check_ok(ipc_rwlock_create(&l, NULL));
	check_ok(ipc_rwlock_wrlock(l, IPC_NOW));
	check_ok(ipc_rwlock_unlock(l));
	l = ipc_rwlock_close(l);
}

/* What is in the loose queue comes with a handle, or does not. */
static void act_handle(struct cast *c)
{
	struct ipc_handle h = {.kind = IPC_HANDLE_IS_CONN};
	char              buf[16];
	ipc_conn         *end[2];
	int               r;

	check_ok(ipc_pipe(end, NULL));
	h.of.conn = end[0];
	r = ipc_queue_put_handle(c->loose, "h", 1, &h, IPC_NOW);
	came(r);
	r = (int)ipc_queue_get_handle(c->loose, buf, sizeof(buf), &h, IPC_NOW);
	came(r);
	if (r >= 0 && h.kind == IPC_HANDLE_IS_CONN)
		h.of.conn = ipc_conn_close(h.of.conn);
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
}

static void act_drain(struct cast *c)
{
	came(ipc_queue_put(c->loose, "loose", 5, IPC_NOW));
	came(ipc_queue_next_len(c->loose));
	came(ipc_queue_drain(c->loose));
}

static void act_wait(struct cast *c)
{
	struct ipc_item items[] = {
		IPC_ITEM_QUEUE(c->q[SMALL], IPC_READ),
		IPC_ITEM_QUEUE(c->loose, IPC_READ),
		IPC_ITEM_CONN(c->conn[1], IPC_READ),
	};

	came(ipc_wait(items, N_OF(items), test_random(&c->seed) % 2, SHORT));
}

static void act_poll(struct cast *c)
{
	struct pollfd p = {.fd = ipc_queue_fd(c->loose, IPC_READ), .events = POLLIN};

	came(p.fd);
	came(poll(&p, 1, 0));
	came(ipc_queue_put(c->loose, "polled", 6, IPC_NOW));
}

/* The first twelve of sixteen acts carry messages. */
void cast_act(struct cast *c)
{
	static void (*const rare[])(struct cast *) = {
		act_mutex,   act_rmutex, act_rwlock, act_sem,    act_event, act_cond,
		act_barrier, act_value,  act_open,   act_create, act_grow,  act_tasks,
		act_handle,  act_drain,  act_wait,   act_poll,
	};
	uint32_t n = test_random(&c->seed) % 16;

	if (n < 6)
		act_put(c);
	else if (n < 10)
		act_get(c);
	else
		rare[test_random(&c->seed) % N_OF(rare)](c);
}

/* The domain may be made and taken away meanwhile; or nobody else is in it. */
void cast_visit(uint32_t seed)
{
	ipc_queue *q;
	int        r = ipc_queue_open(&q, test_random(&seed) % 2 ? "small" : "visited");

	if (r == 0) {
		check(ipc_queue_len(q) < 100);
		q = ipc_queue_close(q);
	}
	r = ipc_queue_create(&q, "visited", NULL);
	if (r == -EEXIST) {
		(void)ipc_queue_unlink("visited");
		return;
	}
	check_r(r, 0);
	came(ipc_queue_put(q, &seed, sizeof(seed), IPC_NOW));
	(void)ipc_queue_unlink("visited");
	q = ipc_queue_close(q);
}

/* ---- the stage's ------------------------------------------------------------------------------------ */

void cast_make(struct cast *c)
{
	static const struct ipc_queue_opts opts[] = {
		[SMALL] = {.sz = sizeof(*opts), .maxsize = 8},
		[UNLIMITED] = {.sz = sizeof(*opts)},
		[REQUEUE] = {.sz = sizeof(*opts),
			     .flags = IPC_QUEUE_JOINABLE,
			     .maxsize = 16,
			     .on_death = IPC_TASKS_REQUEUE},
		[FAIL] = {.sz = sizeof(*opts), .flags = IPC_QUEUE_JOINABLE, .maxsize = 64},
	};

	for (unsigned i = 0; i < N_OF(opts); i++)
		check_ok(ipc_queue_create(&c->q[i], i == SMALL ? "small" : NULL, &opts[i]));
	check_ok(ipc_queue_create(&c->loose, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 8)));
	check_ok(ipc_pipe(c->conn, IPC_OPTS(ipc_conn_opts, .capacity = 16)));
	check_ok(ipc_shm_create(&c->shm, NULL, sizeof(*c->block)));
	c->block = ipc_shm_data(c->shm);
	check_ok(ipc_sem_init(&c->block->permits, 1, 1));
}

void cast_unmake(struct cast *c, bool for_all)
{
	if (for_all)
		check_ok(ipc_queue_unlink("small"));
	for (unsigned i = 0; i < CONN; i++)
		c->q[i] = ipc_queue_close(c->q[i]);
	c->loose = ipc_queue_close(c->loose);
	for (unsigned i = 0; i < 2; i++)
		c->conn[i] = ipc_conn_close(c->conn[i]);
	c->shm = ipc_shm_close(c->shm);
}
