/*
 * message.c - what is done before, during and after an operation on messages
 *
 * The stage has put as many messages as the context says. The victim puts or gets one
 * more. Afterwards the stage drains what there is, sends a last message through, and
 * holds all that came against the ledger.
 */

#include "message.h"
#include "support/test.h"

/* ---- during ------------------------------------------------------------------------------ */

static void release(struct scene *s)
{
	if (message_puts(s))
		message_stage_get(s);
	else
		message_stage_put(s);
}

/* One in, one out: as many are left for the victim as were there. */
static void bother(struct scene *s)
{
	if (ledger_put(s->ledger, &s->c, WRITER_STAGE, s->trial->context->len, IPC_NOW) < 0)
		return;
	if (ledger_get(s->ledger, &s->c, WRITER_STAGE, IPC_NOW) >= 0 && carrier_has_tasks(&s->c))
		check_ok(ipc_queue_task_done(s->c.q));
}

static void meddle(struct scene *s)
{
	if (s->meddled++ % 2 == 0)
		message_stage_put(s);
	else if (ledger_get(s->ledger, &s->c, WRITER_STAGE, IPC_NOW) >= 0 &&
		 carrier_has_tasks(&s->c))
		check_ok(ipc_queue_task_done(s->c.q));
}

/* ---- after -------------------------------------------------------------------------------- */

static void drain(struct scene *s)
{
	/* a simple queue would wait for a message behind one that its dead writer did not finish */
	if (s->c.kind == CARRIER_SIMPLE)
		return;
	for (;;) {
		ssize_t r = scene_timed(s, ledger_get(s->ledger, &s->c, WRITER_STAGE, IPC_NOW));

		if (r == -EAGAIN || r == -EPIPE)
			return;
		if (r < 0)
			scene_fail(s, "draining: %s", ipc_strerror((int)r));
		if (carrier_has_tasks(&s->c) && ipc_queue_task_done(s->c.q) < 0)
			scene_fail(s, "task_done of the stage failed");
	}
}

/* The other end is dead, and says so: after what was sent, or at once. */
static void alone_aftermath(struct scene *s)
{
	ssize_t r = 0;

	if (!scene_killed(s))
		scene_wait_victim(s);
	while (r >= 0)
		r = message_puts(s)
			    ? scene_timed(s,
					  ledger_get(s->ledger, &s->c, WRITER_STAGE, MESSAGE_LIMIT))
			    : scene_timed(s, ledger_put(s->ledger, &s->c, WRITER_STAGE,
							s->trial->context->len, MESSAGE_LIMIT));
	if (r != -EPIPE)
		scene_fail(s, "instead of the end: %s", ipc_strerror((int)r));
}

/* A last message, and everything until it came. */
static void last_message(struct scene *s)
{
	uint32_t last = s->ledger->put[WRITER_STAGE];

	message_stage_put(s);
	while (!ledger_has(s->ledger, WRITER_STAGE, last))
		message_stage_get(s);
}

/* Messages that may go with the dead. */
static unsigned may_take(const struct scene *s)
{
	const struct trial *t = s->trial;

	return t->op->gets + (t->partner && t->partner_dies ? t->partner->gets : 0);
}

static void join(struct scene *s)
{
	int r = scene_timed(s, ipc_queue_join(s->c.q, MESSAGE_LIMIT));

	if (r == -EOWNERDEAD && may_take(s))
		r = scene_timed(s, ipc_queue_join(s->c.q, MESSAGE_LIMIT));
	if (r < 0)
		scene_fail(s, "join: %s %s", ipc_strerror(r), ipc_explain());
}

static void verify(struct scene *s)
{
	uint32_t    missing;
	enum found  what;
	const char *wrong = ledger_judge(s->ledger, &missing, &what);

	if (wrong)
		scene_found(s, what, "%s", wrong);
	if (s->trial->context->alone && !message_puts(s))
		return; /* nobody is left who could get the rest */
	if (missing > (scene_killed(s) ? may_take(s) : 0))
		scene_found(s, FOUND_LOST, "%u messages are lost", missing);
}

static void shared_aftermath(struct scene *s)
{
	bool taker = s->trial->context->helper && message_puts(s);

	if (!scene_killed(s))
		scene_wait_victim(s);
	/* who stood still has put what the helper gets, and perhaps until it was full */
	if (taker && s->trial->ending != END_STOPPED)
		message_stage_put(s);
	else if (!taker)
		drain(s);
	if (s->helper)
		scene_wait(s, s->helper, "the helper");
	if (s->trial->context->shut)
		return;
	if (s->trial->ending == END_STOPPED)
		drain(s); /* behind a victim that stood in a slot it may have become full */
	last_message(s);
	drain(s);
	if (carrier_has_tasks(&s->c))
		join(s);
}

static void aftermath(struct scene *s)
{
	if (s->trial->context->alone)
		alone_aftermath(s);
	else
		shared_aftermath(s);
	verify(s);
}

static void end(struct scene *s)
{
	carrier_close(&s->c);
	if (!s->trial->context->nameless &&
	    (s->c.kind == CARRIER_QUEUE || carrier_has_tasks(&s->c)))
		check_ok(ipc_queue_unlink("c"));
}

static void record(struct scene *s)
{
	if (!message_puts(s))
		ledger_was_got(s->ledger, s->role, message, n_message);
}

const struct play messages = {
	.prepare = message_prepare,
	.others = message_others,
	.prime = message_prime,
	.ready = message_ready,
	.record = record,
	.release = release,
	.bother = bother,
	.meddle = meddle,
	.aftermath = aftermath,
	.end = end,
};

/* ---- in the victim --------------------------------------------------------------------------- */

void message_act_put(struct scene *s)
{
	ledger_was_put(s->ledger, s->role,
		       carrier_put(&s->c, message, s->trial->context->len, IPC_FOREVER));
}

void message_act_get(struct scene *s)
{
	n_message = carrier_get(&s->c, message, sizeof(message), IPC_FOREVER);
}

void message_act_get_done(struct scene *s)
{
	message_act_get(s);
	(void)!ipc_queue_task_done(s->c.q);
}
