/* transfer.c - the slow half of a put or a get: waiting, and telling the tracer */

#include "object/transfer.h"

#include <errno.h>

#include "object/count.h"

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
	return !t->kind->put && !t->trimmed && t->wait->slices > 0 &&
	       channel_queued(t->c, t->call->ring) == 0 && lane_worth_trimming(t->lane);
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

/* Held up by what large payloads use, for a slice: is that still true? */
static bool recount_due(const struct transfer *t)
{
	return heap_wanted(t) && t->wait->slices > 0 && load_relaxed(&t->lane->ctl->heap_limit);
}

static bool transfer_lost(void *arg)
{
	const struct transfer *t = arg;

	return trim_due(t) || recount_due(t) || channel_holders_lost(t->c, concerned(t));
}

static void transfer_mend(void *arg)
{
	struct transfer *t = arg;

	if (trim_due(t)) {
		t->trimmed = true;
		lane_trim(t->lane);
	}
	if (recount_due(t))
		store_release(&t->lane->ctl->heap_bytes, heap_in_use(&t->c->memory, t->call->ring));
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

ssize_t transfer_slow(struct transfer *t)
{
	struct wait w;
	ssize_t     r = -EAGAIN;

	intend_nothing(t);
	w = transfer_wait(t);
	t->wait = &w;
	if (t->call->timeout == IPC_NOW) {
		r = wait_glance(&w) ? t->kind->try_(t) : -EAGAIN;
		t->wait = NULL;
		return r;
	}
	t->waited = true;
	while (r == -EAGAIN) {
		int waited;

		w.item.arg2 = heap_wanted(t);
		waited = wait_more(&w);
		r = t->kind->try_(t);
		if (r == -EAGAIN)
			intend_nothing(t);
		if (r == -EAGAIN && waited < 0)
			r = waited;
	}
	wait_end(&w, r);
	t->wait = NULL;
	count_wait(t, &w, r);
	return r;
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
