/* message_before.c - what there is, and who, when an operation on messages begins */

#include "message.h"
#include "support/test.h"

#include <ipc/sync.h>

#define GROW_MOST 5000u

bool message_puts(const struct scene *s)
{
	return s->op->puts > 0;
}

void message_stage_put(struct scene *s)
{
	int r = scene_timed(s, ledger_put(s->ledger, &s->c, WRITER_STAGE, s->trial->context->len,
					  MESSAGE_LIMIT));

	if (r < 0)
		scene_fail(s, "put of the stage: %s", ipc_strerror(r));
}

void message_stage_get(struct scene *s)
{
	ssize_t r = scene_timed(s, ledger_get(s->ledger, &s->c, WRITER_STAGE, MESSAGE_LIMIT));

	if (r < 0)
		scene_fail(s, "get of the stage: %s", ipc_strerror((int)r));
	if (carrier_has_tasks(&s->c) && ipc_queue_task_done(s->c.q) < 0)
		scene_fail(s, "task_done of the stage failed");
}

/* ---- before -------------------------------------------------------------------------- */

/* Memory that the one object takes: it grows when its ring does. */
static uint64_t blocks_of_domain(void)
{
	return test_disk_usage(test_ipc_dir());
}

/*
 * Until the next put is the one that makes the ring larger: found by a first queue that
 * is filled for that only, for how large a ring is at first is nobody's business here.
 */
static unsigned puts_until_growth(struct scene *s)
{
	struct ledger *scratch = test_shared(sizeof(*scratch));
	struct carrier c = {.kind = s->c.kind};
	uint64_t       before;
	unsigned       n = 0;

	carrier_make(&c, "scratch", s->trial->context->maxsize);
	check_ok(ledger_put(scratch, &c, WRITER_STAGE, s->trial->context->len, MESSAGE_LIMIT));
	before = blocks_of_domain();
	do {
		check_ok(ledger_put(scratch, &c, WRITER_STAGE, s->trial->context->len, IPC_NOW));
		n++;
	} while (blocks_of_domain() == before && n < GROW_MOST);
	carrier_close(&c);
	if (c.kind != CARRIER_PIPE && c.kind != CARRIER_SIMPLE)
		check_ok(ipc_queue_unlink("scratch"));
	return n;
}

/* As many as are to be there when the victim begins, less what it puts itself before, or gets. */
static unsigned level(struct scene *s)
{
	const struct context *x = s->trial->context;
	unsigned              n = x->full ? x->maxsize : x->queued;

	if (x->first)
		return n;
	return message_puts(s) ? n - (n > 0) : n + 1;
}

/* Who gets after that finds memory that is needed no more; who puts, that it was given back. */
static void burst(struct scene *s)
{
	for (unsigned i = 0; i < s->trial->context->burst; i++)
		message_stage_put(s);
	for (unsigned i = 0; i < s->trial->context->burst; i++)
		message_stage_get(s);
	if (message_puts(s) && s->trial->context->burst)
		check_r(ledger_get(s->ledger, &s->c, WRITER_STAGE, IPC_NOW), -EAGAIN);
}

void message_prepare(struct scene *s)
{
	const struct context *x = s->trial->context;
	unsigned              grow = x->grows ? puts_until_growth(s) : 0, n = level(s);
	ipc_mutex             any = {0};

	carrier_make(&s->c, x->nameless ? NULL : "c", x->maxsize);
	s->ledger->any_order = s->c.kind == CARRIER_REQUEUE;
	check_ok(ipc_mutex_lock(&any, IPC_NOW)); /* this thread is known, whatever it does below */
	check_ok(ipc_mutex_unlock(&any));
	for (unsigned i = 0; i < 1 + x->rounds && !x->owns; i++) {
		message_stage_put(s);
		message_stage_get(s);
	}
	burst(s);
	/* a put finds the ring full; a get is of the first message behind */
	for (unsigned i = 0; grow && i < grow + (message_puts(s) ? 0 : 3); i++)
		message_stage_put(s);
	for (unsigned i = 0; grow && !message_puts(s) && i < grow - !x->first; i++)
		message_stage_get(s);
	for (unsigned i = 0; !grow && i < n; i++)
		message_stage_put(s);
	if (x->shut)
		check_ok(ipc_queue_shutdown(s->c.q));
}

static void helper(struct scene *s)
{
	ssize_t r;

	if (message_puts(s))
		r = ledger_get(s->ledger, &s->c, WRITER_HELPER, IPC_SEC(10));
	else
		r = ledger_put(s->ledger, &s->c, WRITER_HELPER, s->trial->context->len,
			       IPC_SEC(10));
	if (r < 0)
		scene_fail(s, "the helper: %s", ipc_strerror((int)r));
	if (message_puts(s) && carrier_has_tasks(&s->c))
		check_ok(ipc_queue_task_done(s->c.q));
}

void message_others(struct scene *s)
{
	if (!s->trial->context->helper)
		return;
	s->helper = scene_fork(s, helper);
	if (!wait_until(test_asleep(s->helper), 20))
		scene_fail(s, "the helper does not fall asleep");
}

/* One of each, so that the victim has all mapped and at hand that it will need. */
static void warm_up(struct scene *s)
{
	const struct context *x = s->trial->context;
	bool                  got = false;

	if (x->first || x->helper || (x->grows && message_puts(s)))
		return;
	if (message_puts(s))
		check_ok(ledger_put(s->ledger, &s->c, s->role, x->len, IPC_NOW));
	if (!message_puts(s) || (x->queued == 0 && !x->full && !x->alone))
		got = ledger_get(s->ledger, &s->c, s->role, IPC_NOW) > 0;
	if (got && carrier_has_tasks(&s->c))
		check_ok(ipc_queue_task_done(s->c.q));
}

/* The victim's message, or the room for it. */
unsigned char message[MESSAGE_MAX];
ssize_t       n_message;

void message_prime(struct scene *s)
{
	const struct context *x = s->trial->context;
	unsigned              others_end = message_puts(s) ? 1 : 0;

	if (x->alone)
		s->c.end[others_end] = ipc_conn_close(s->c.end[others_end]);
	warm_up(s);
	if (message_puts(s))
		ledger_make(s->ledger, s->role, message, x->len);
}

/* The stage lets go of the victim's end, so that the victim is alone there. */
void message_ready(struct scene *s)
{
	unsigned victims_end = message_puts(s) ? 0 : 1;

	if (!s->trial->context->alone)
		return;
	s->c.end[victims_end] = ipc_conn_close(s->c.end[victims_end]);
	s->before.ends--;
}
