#include "carrier.h"

#include "support/test.h"

/* ---- carriers ------------------------------------------------------------------------ */

bool carrier_has_tasks(const struct carrier *c)
{
	return c->kind == CARRIER_JOINABLE || c->kind == CARRIER_REQUEUE || c->kind == CARRIER_LOST;
}

static enum ipc_tasks tasks_of(enum carrier_kind kind)
{
	if (kind == CARRIER_REQUEUE)
		return IPC_TASKS_REQUEUE;
	return kind == CARRIER_LOST ? IPC_TASKS_LOST : IPC_TASKS_FAIL;
}

void carrier_make(struct carrier *c, const char *name, uint64_t maxsize)
{
	switch (c->kind) {
	case CARRIER_PIPE:
		check_ok(ipc_pipe(c->end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX,
						   .capacity = maxsize)));
		ipc_conn *receives = c->end[0];

		c->end[0] = c->end[1];
		c->end[1] = receives;
		break;
	case CARRIER_SIMPLE: check_ok(ipc_simple_queue_create(&c->simple)); break;
	default:
		check_ok(ipc_queue_create(
			&c->q, name,
			IPC_OPTS(ipc_queue_opts, .maxsize = maxsize,
				 .flags = carrier_has_tasks(c) ? IPC_QUEUE_JOINABLE : 0,
				 .on_death = tasks_of(c->kind))));
	}
}

void carrier_close(struct carrier *c)
{
	c->q = ipc_queue_close(c->q);
	c->simple = ipc_simple_queue_close(c->simple);
	c->end[0] = ipc_conn_close(c->end[0]);
	c->end[1] = ipc_conn_close(c->end[1]);
}

int carrier_put(struct carrier *c, const void *buf, size_t len, ipc_nsec timeout)
{
	switch (c->kind) {
	case CARRIER_PIPE: return ipc_conn_send(c->end[0], buf, len, timeout);
	case CARRIER_SIMPLE: return ipc_simple_queue_put(c->simple, buf, len);
	default: return ipc_queue_put(c->q, buf, len, timeout);
	}
}

ssize_t carrier_get(struct carrier *c, void *buf, size_t cap, ipc_nsec timeout)
{
	switch (c->kind) {
	case CARRIER_PIPE: return ipc_conn_recv(c->end[1], buf, cap, timeout);
	case CARRIER_SIMPLE:
		if (timeout == IPC_NOW && ipc_simple_queue_empty(c->simple))
			return -EAGAIN;
		return ipc_simple_queue_get(c->simple, buf, cap);
	default: return ipc_queue_get(c->q, buf, cap, timeout);
	}
}

/* ---- the ledger ---------------------------------------------------------------------- */

static uint32_t seed_of(const struct stamp *s)
{
	return s->writer << 24 | s->seq;
}

void ledger_make(struct ledger *l, enum writer writer, void *buf, size_t len)
{
	struct stamp s = {.writer = writer, .seq = l->put[writer]};

	memcpy(buf, &s, sizeof(s));
	test_pattern((char *)buf + sizeof(s), len - sizeof(s), seed_of(&s));
	l->begun[writer] = s.seq + 1;
}

void ledger_was_put(struct ledger *l, enum writer writer, int r)
{
	if (r == 0)
		l->put[writer] = l->begun[writer];
	else
		l->begun[writer] = l->put[writer];
}

void ledger_was_got(struct ledger *l, enum writer getter, const void *buf, ssize_t n)
{
	struct stamp s;

	if (n < 0)
		return;
	memcpy(&s, buf, sizeof(s));
	if (n < (ssize_t)sizeof(s) ||
	    !test_pattern_is((const char *)buf + sizeof(s), (size_t)n - sizeof(s), seed_of(&s)))
		(void)snprintf(l->torn, sizeof(l->torn), "a message of %zd bytes is torn", n);
	else if (l->n_got < LEDGER_MOST)
		l->got[l->n_got++] = (struct got){.stamp = s, .getter = getter};
}

int ledger_put(struct ledger *l, struct carrier *c, enum writer writer, size_t len,
	       ipc_nsec timeout)
{
	unsigned char buf[MESSAGE_MAX];
	int           r;

	ledger_make(l, writer, buf, len);
	r = carrier_put(c, buf, len, timeout);
	ledger_was_put(l, writer, r);
	return r;
}

ssize_t ledger_get(struct ledger *l, struct carrier *c, enum writer getter, ipc_nsec timeout)
{
	unsigned char buf[MESSAGE_MAX];
	ssize_t       n = carrier_get(c, buf, sizeof(buf), timeout);

	ledger_was_got(l, getter, buf, n);
	return n;
}

bool ledger_has(const struct ledger *l, enum writer writer, uint32_t seq)
{
	for (uint32_t i = 0; i < l->n_got; i++)
		if (l->got[i].stamp.writer == writer && l->got[i].stamp.seq == seq)
			return true;
	return false;
}

static bool was_put(const struct ledger *l, const struct stamp *s)
{
	return s->writer < N_WRITERS && s->seq < l->begun[s->writer];
}

/* The message of that writer that @i-th's getter got before it; NULL: none. */
static const struct got *before(const struct ledger *l, uint32_t i)
{
	for (uint32_t k = i; k-- > 0;)
		if (l->got[k].stamp.writer == l->got[i].stamp.writer &&
		    l->got[k].getter == l->got[i].getter)
			return &l->got[k];
	return NULL;
}

static const char *judge_one(const struct ledger *l, uint32_t i, enum found *ret_what)
{
	const struct stamp *s = &l->got[i].stamp;
	const struct got   *b = before(l, i);

	*ret_what = FOUND_TORN;
	if (!was_put(l, s))
		return "was never put";
	*ret_what = FOUND_ORDER;
	if (!l->any_order && b && b->stamp.seq > s->seq)
		return "came late";
	*ret_what = FOUND_TWICE;
	for (uint32_t k = 0; k < i; k++)
		if (!memcmp(&l->got[k].stamp, s, sizeof(*s)))
			return "came twice";
	return NULL;
}

static const char *judge_each(const struct ledger *l, enum found *ret_what)
{
	static char text[160];

	for (uint32_t i = 0; i < l->n_got; i++) {
		const char *wrong = judge_one(l, i, ret_what);

		if (!wrong)
			continue;
		(void)snprintf(text, sizeof(text), "message %u of writer %u %s",
			       l->got[i].stamp.seq, l->got[i].stamp.writer, wrong);
		return text;
	}
	return NULL;
}

const char *ledger_judge(const struct ledger *l, uint32_t *ret_missing, enum found *ret_what)
{
	uint32_t put = 0, got = 0;

	for (int w = 0; w < N_WRITERS; w++)
		put += l->put[w];
	/* one that was begun and did not return, its writer being dead, is not missed */
	for (uint32_t i = 0; i < l->n_got; i++) {
		const struct stamp *s = &l->got[i].stamp;

		got += s->writer < N_WRITERS && s->seq < l->put[s->writer];
	}
	*ret_missing = put > got ? put - got : 0;
	*ret_what = FOUND_TORN;
	return l->torn[0] ? l->torn : judge_each(l, ret_what);
}
