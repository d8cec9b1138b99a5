#include "support/torture_party.h"

#include "support/test.h"

/* ---- ways to call ---------------------------------------------------------------- */

static ipc_nsec some_timeout(uint32_t dice)
{
	switch (dice % 16) {
	case 0: return IPC_NOW;
	case 1: return IPC_USEC(50);
	case 2: return IPC_SEC(3600);
	default: return IPC_FOREVER;
	}
}

/* Now and then the others get ahead: then rings fill or run dry, and somebody sleeps. */
static void maybe_rest(uint32_t dice)
{
	if (dice % 65536 == 0)
		test_pause();
	else if (dice % 4096 == 1)
		test_burn(dice >> 12 & 127);
}

static bool not_yet(ssize_t r)
{
	return r == -EAGAIN || r == -ETIMEDOUT;
}

/* ---- sending ---------------------------------------------------------------------- */

static int line_send(const struct torture_line *l, const void *buf, size_t len, ipc_nsec timeout)
{
	return l->q ? ipc_queue_put(l->q, buf, len, timeout)
		    : ipc_conn_send(l->end[1], buf, len, timeout);
}

static void send_one(const struct torture_party *p, const void *buf, size_t len, uint32_t dice)
{
	int r = line_send(&p->line, buf, len, some_timeout(dice));

	if (not_yet(r))
		r = line_send(&p->line, buf, len, IPC_FOREVER);
	check_ok(r);
}

void torture_send_all(struct torture_party *p)
{
	struct torture_account *a = p->account;
	uint32_t                dice = (uint32_t)mail_mix(p->t->seed, p->me * 2);
	char                   *buf = malloc(p->plan->largest);

	check(buf);
	for (uint64_t i = 0; i < p->plan->n_letters; i++) {
		size_t len = mail_write(p->plan, p->me, i, buf);

		send_one(p, buf, len, test_random(&dice));
		if (len < MAIL_NAMED)
			mail_count_short(&a->small, buf, len);
		a->bytes += len;
		__atomic_store_n(&a->n, i + 1, __ATOMIC_RELAXED);
		maybe_rest(dice);
	}
	free(buf);
	__atomic_store_n(&a->done, true, __ATOMIC_RELEASE);
}

/* ---- receiving -------------------------------------------------------------------- */

struct receiver {
	struct torture_party *p;
	int64_t              *last; /* of each sender, the letter that came last */
	char                 *buf;
	uint32_t              dice;
};

static ssize_t line_receive(const struct torture_line *l, void *buf, size_t cap, ipc_nsec timeout)
{
	return l->q ? ipc_queue_get(l->q, buf, cap, timeout)
		    : ipc_conn_recv(l->end[0], buf, cap, timeout);
}

/* Another receiver may take it first, so any length is right, and none. */
static void look_ahead(const struct receiver *r)
{
	const struct torture_line *l = &r->p->line;
	ssize_t n = l->q ? ipc_queue_next_len(l->q) : ipc_conn_next_len(l->end[0]);

	check(n <= (ssize_t)r->p->plan->largest);
	if (n < 0 && n != -EAGAIN && n != -EPIPE)
		test_fail("next_len: %s %s", ipc_strerror((int)n), ipc_explain());
	if (!l->q)
		check(ipc_conn_poll(l->end[0], IPC_USEC(20)) >= 0);
}

static ssize_t receive_one(struct receiver *r)
{
	const struct torture_line *l = &r->p->line;
	size_t  all = r->p->plan->largest, cap = test_random(&r->dice) % 8 == 0 ? 48 : all;
	ssize_t n;

	if (r->dice % 32 == 1)
		look_ahead(r);
	n = line_receive(l, r->buf, cap, some_timeout(r->dice >> 8));
	if (n == -EMSGSIZE) {
		check(cap < all);
		look_ahead(r);
		n = line_receive(l, r->buf, all, IPC_FOREVER);
	}
	return not_yet(n) ? line_receive(l, r->buf, all, IPC_FOREVER) : n;
}

/* Enter a letter into the books: whole, in order, and never seen before. */
static void enter(struct receiver *r, size_t len)
{
	struct torture_account *a = r->p->account;
	uint32_t                sender = 0;
	uint64_t                index = 0, bit;
	uint8_t                 mask, old;

	if (len < MAIL_NAMED) {
		mail_count_short(&a->small, r->buf, len);
		return;
	}
	if (!mail_read(r->p->plan, r->buf, len, &sender, &index) || sender >= r->p->t->n_senders)
		test_fail("a message of %zu bytes is damaged", len);
	if ((int64_t)index <= r->last[sender])
		test_fail("message %llu of sender %u came after its %lldth",
			  (unsigned long long)index, sender, (long long)r->last[sender]);
	r->last[sender] = (int64_t)index;
	bit = sender * r->p->plan->n_letters + index;
	mask = (uint8_t)(1u << bit % 8);
	old = __atomic_fetch_or(&r->p->seen[bit / 8], mask, __ATOMIC_RELAXED);
	if (old & mask)
		test_fail("message %llu of sender %u came twice", (unsigned long long)index,
			  sender);
}

static void receive_until_end(struct receiver *r)
{
	struct torture_party   *p = r->p;
	struct torture_account *a = p->account;
	ssize_t                 n;

	while ((n = receive_one(r)) >= 0) {
		enter(r, (size_t)n);
		if (p->t->channel == TORTURE_JOINABLE)
			check_ok(ipc_queue_task_done(p->line.q));
		a->bytes += (size_t)n;
		__atomic_store_n(&a->n, a->n + 1, __ATOMIC_RELAXED);
		maybe_rest(r->dice);
	}
	check_r(n, -EPIPE);
}

void torture_receive_all(struct torture_party *p)
{
	struct receiver r = {
		.p = p,
		.last = malloc(p->t->n_senders * sizeof(*r.last)),
		.buf = malloc(p->plan->largest),
		.dice = (uint32_t)mail_mix(p->t->seed, p->me * 2 + 1),
	};

	check(r.last && r.buf);
	for (uint32_t i = 0; i < p->t->n_senders; i++)
		r.last[i] = -1;
	receive_until_end(&r);
	free(r.buf);
	free(r.last);
	__atomic_store_n(&p->account->done, true, __ATOMIC_RELEASE);
}
