/* transfer.c - the slow half of a put or a get: waiting, failing, and telling the tracer */

#include "object/transfer.h"

#include <errno.h>

#include "object/count.h"
#include "object/ledger.h"
#include "object/watch.h"
#include "runtime/domain.h"

/* What one step of giving back takes at most, about (object/lane_trim.c). */
#define TRIM_STEP_NS UINT64_C(1000000)

__thread unsigned spin_looks = SPIN_LOOKS_MAX;

/* ---- waiting ------------------------------------------------------------------- */

/* Who holds one of these rights could end the wait. */
static uint32_t needed(const struct transfer *t)
{
	return t->kind->put ? RIGHT_RECV(t->call->ring) : RIGHT_SEND(t->call->ring);
}

/* Idle for a slice: what a burst left behind can go, once a wait. */
static bool trim_due(const struct transfer *t)
{
	return !t->kind->put && !t->trimmed && t->wait->slices > 0 && lane_worth_trimming(t->lane);
}

/* It has the time: until a message comes, or some of it is used up. */
static void trim(struct transfer *t, ipc_nsec left)
{
	uint64_t steps = left < 0 ? UINT64_MAX : (uint64_t)left / TRIM_STEP_NS;

	t->trimmed = true;
	while (steps-- && lane_worth_trimming(t->lane) && !t->kind->ready(t))
		(void)lane_trim(t->lane);
}

/*
 * Dead are looked for on both sides: the other side could have ended the wait, and
 * one of this side may have died on a claim that this call waits behind.
 */
static uint32_t concerned(const struct transfer *t)
{
	return RIGHT_SEND(t->call->ring) | RIGHT_RECV(t->call->ring);
}

/* What it still needs of the heap; a block once taken stays its own while it waits for a slot. */
static uint64_t heap_wanted(const struct transfer *t)
{
	return t->kind->put && !t->filled ? heap_bytes_for(t->len) : 0;
}

/*
 * Held up by what large payloads use, for a slice: is that still true? It is counted once, and
 * that is said (WAIT_COUNTED); from then on only where the sum turns out to be wrong, so that
 * the wait stays published as it is.
 */
static bool recount_due(const struct transfer *t)
{
	struct ring_ctl *ctl = t->lane->ctl;

	/* every other slice: those between are for deadlock_ask() */
	return heap_wanted(t) && t->wait->slices % 2 == 1 && load_relaxed(&ctl->heap_limit) &&
	       (!t->counted || heap_miscounted(&t->c->memory, t->call->ring, ctl));
}

/* A task came back, and who was to say so died: see ledger.h. */
static bool returned_astray(const struct transfer *t)
{
	return !t->kind->put && ledgered(t->c) && ledger_astray(t->c);
}

static bool transfer_lost(void *arg)
{
	const struct transfer *t = arg;

	return trim_due(t) || recount_due(t) || returned_astray(t) ||
	       channel_holders_lost(t->c, concerned(t));
}

static void transfer_mend(void *arg)
{
	struct transfer *t = arg;

	if (trim_due(t))
		trim(t, wait_left(t->wait));
	if (recount_due(t))
		t->counted = heap_recount(&t->c->memory, t->call->ring, t->lane->ctl);
	if (returned_astray(t))
		ledger_recount(t->c);
	channel_holders_mend(t->c, concerned(t));
}

struct wait transfer_wait(struct transfer *t)
{
	struct ring_ctl *ctl = t->lane->ctl;

	return (struct wait){
		.event = t->kind->put ? &ctl->writers : &ctl->readers,
		.item = {.op = t->call->op,
			 .need = needed(t),
			 .object = t->c->h.object_ref,
			 .arg = t->call->ring,
			 .arg2 = heap_wanted(t)},
		.object_id = t->c->h.object_ref,
		.timeout = t->call->timeout,
		.site = t->call->site,
		.flags = t->kind->flags,
		.arg = t,
		.glance = t->kind->glance,
		.ready = t->kind->ready,
		.lost = transfer_lost,
		.mend = transfer_mend,
		/* a queue may have a thousand holders: leave asking after them to the slices */
		.looked = !t->c->has_eof,
	};
}

static void count_wait(const struct transfer *t, const struct wait *w, ssize_t r)
{
	struct flow *flow = t->kind->put ? &t->c->h.e->out : &t->c->h.e->in;

	if (w->slept) {
		count_add(&flow->blocks, 1);
		count_add(&flow->blocked_ns, w->asleep_ns);
	}
	if (r == -ETIMEDOUT)
		count_add(&flow->timeouts, 1);
}

static uint64_t *vain_of(const struct transfer *t)
{
	return &t->c->h.o->vain[t->call->ring][t->kind->put ? SIDE_PUT : SIDE_GET];
}

ssize_t transfer_slow(struct transfer *t)
{
	struct wait w;
	ssize_t     r = -EAGAIN;

	intend_nothing(t);
	w = transfer_wait(t);
	t->wait = &w;
	if (t->call->timeout == IPC_NOW) {
		r = wait_glance(&w) ? t->kind->try_(t) : -EAGAIN;
		if (unlikely(t->c->watched) && r == -EAGAIN && watch_look(t->c))
			r = t->kind->try_(t);
		t->wait = NULL;
		return r;
	}
	t->waited = true;
	if (!t->kind->put && lane_found_empty(t->lane, clock_coarse_ns()))
		trim(t, t->call->timeout);
	while (r == -EAGAIN) {
		int waited;

		w.item.arg2 = heap_wanted(t);
		w.flags = t->kind->flags | (t->counted ? (uint32_t)WAIT_COUNTED : 0);
		waited = wait_more(&w);
		r = t->kind->try_(t);
		if (r == -EAGAIN) {
			intend_nothing(t);
			count_vain(vain_of(t), w.woken);
		}
		if (r == -EAGAIN && waited < 0)
			r = waited;
	}
	wait_end(&w, r);
	if (!w.slept)
		spin_looks = SPIN_LOOKS_MAX;
	else if (spin_looks > 1)
		spin_looks /= 2;
	t->wait = NULL;
	count_wait(t, &w, r);
	return r;
}

/* ---- failing -------------------------------------------------------------------- */

static enum failure_kind failure_kind(int64_t r)
{
	switch (-r) {
	case EAGAIN: return FAILED_AGAIN;
	case ETIMEDOUT: return FAILED_TIME;
	case EPIPE: return FAILED_CLOSED;
	case EMSGSIZE: return FAILED_LENGTH;
	case ENOSPC:
	case ENOMEM:
	case ENOBUFS: return FAILED_MEMORY;
	default: return FAILED_OTHER;
	}
}

/* Two threads that fail at once may leave the later time of the two, or the earlier. */
void transfer_failed(const struct transfer *t, int64_t r)
{
	enum failure_kind    kind = failure_kind(r);
	struct failures_rec *rec = table_at(TABLE_FAILURES, t->c->h.end);
	struct failures     *f;
	uint64_t             now;

	if (!COUNTING || !rec || (t->call->more && r == -EAGAIN))
		return;
	f = t->kind->put ? &rec->out : &rec->in;
	now = clock_ticks(t->c->tick_kind);
	if (!load_relaxed(&f->of[kind].count))
		store_relaxed(&f->of[kind].first_tick, now);
	store_relaxed(&f->of[kind].last_tick, now);
	if (kind == FAILED_OTHER)
		store_relaxed(&f->other_code, (uint64_t)-r);
	count_add(&f->of[kind].count, 1);
	count_add(&t->c->h.e->failed, 1);
}

/* ---- tracing -------------------------------------------------------------------- */

void transfer_trace(const struct transfer *t, bool end, int64_t result)
{
	struct ipc_trace_msg m = {
		.object = t->c->h.object_ref,
		.ring = t->call->ring,
		.op = t->call->op,
		.seq = t->pos,
		.depth = channel_queued(t->c, t->call->ring),
		.result = result,
	};

	if (t->kind->put)
		m.len = t->len;
	else if (result > 0)
		m.len = (uint64_t)result;
	if (t->kind->put && !end)
		TRACE(send_begin, &m);
	else if (t->kind->put)
		TRACE(send_end, &m);
	else if (!end)
		TRACE(recv_begin, &m);
	else
		TRACE(recv_end, &m);
}
