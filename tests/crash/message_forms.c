/*
 * message_forms.c - messages put and got in the other ways there are
 *
 * In place, in pieces, several at once, with a handle, found by ipc_wait() or a
 * descriptor; and tasks: done, joined, delivered again, lost. What holds is as told in
 * message.c.
 */

#include <poll.h>
#include <sys/uio.h>

#include <ipc/handle.h>
#include <ipc/msg.h>
#include <ipc/wait.h>

#include "message.h"
#include "operations.h"
#include "support/test.h"

#define SHORT 48u
#define LONG  3000u

/* ---- in place --------------------------------------------------------------------------- */

static int reserve(struct scene *s, struct ipc_msg *m)
{
	size_t len = s->trial->context->len;

	return s->c.kind == CARRIER_PIPE ? ipc_conn_reserve(s->c.end[0], len, m, IPC_FOREVER)
					 : ipc_queue_reserve(s->c.q, len, m, IPC_FOREVER);
}

static void act_commit(struct scene *s)
{
	struct ipc_msg m;
	int            r = reserve(s, &m);

	if (r < 0)
		return;
	memcpy(m.data, message, s->trial->context->len);
	r = s->c.kind == CARRIER_PIPE ? ipc_conn_commit(s->c.end[0], &m, IPC_FOREVER)
				      : ipc_queue_commit(s->c.q, &m, IPC_FOREVER);
	ledger_was_put(s->ledger, s->role, r);
}

static void act_abort(struct scene *s)
{
	struct ipc_msg m;

	if (reserve(s, &m) < 0)
		return;
	memcpy(m.data, message, s->trial->context->len);
	if (s->c.kind == CARRIER_PIPE)
		(void)ipc_conn_abort(s->c.end[0], &m);
	else
		(void)ipc_queue_abort(s->c.q, &m);
	ledger_was_put(s->ledger, s->role, -ECANCELED);
}

static void act_release(struct scene *s)
{
	struct ipc_msg m;
	int            r = s->c.kind == CARRIER_PIPE ? ipc_conn_take(s->c.end[1], &m, IPC_FOREVER)
						     : ipc_queue_take(s->c.q, &m, IPC_FOREVER);

	if (r < 0)
		return;
	memcpy(message, m.data, m.len);
	n_message = (ssize_t)m.len;
	if (s->c.kind == CARRIER_PIPE)
		(void)ipc_conn_release(s->c.end[1], &m);
	else
		(void)ipc_queue_release(s->c.q, &m);
}

/* ---- in pieces, several at once ------------------------------------------------------------ */

#define CUT 20u

static void act_putv(struct scene *s)
{
	const struct iovec iov[] = {{message, CUT}, {message + CUT, s->trial->context->len - CUT}};

	ledger_was_put(s->ledger, s->role, ipc_queue_putv(s->c.q, iov, 2, IPC_FOREVER));
}

static void act_getv(struct scene *s)
{
	const struct iovec iov[] = {{message, CUT}, {message + CUT, sizeof(message) - CUT}};

	n_message = ipc_queue_getv(s->c.q, iov, 2, IPC_FOREVER);
}

static unsigned char another[MESSAGE_MAX];
static ssize_t       n_another;

static void prime_two(struct scene *s)
{
	message_prime(s);
	if (!message_puts(s))
		return;
	s->ledger->put[s->role]++; /* the one after that */
	ledger_make(s->ledger, s->role, another, s->trial->context->len);
	s->ledger->put[s->role]--;
}

static void act_put_many(struct scene *s)
{
	size_t               len = s->trial->context->len;
	const struct ipc_buf buf[] = {{.data = message, .len = len}, {.data = another, .len = len}};

	if (ipc_queue_put_many(s->c.q, buf, 2, IPC_FOREVER) == 2)
		ledger_was_put(s->ledger, s->role, 0);
}

static void act_get_many(struct scene *s)
{
	struct ipc_buf buf[] = {{.data = message, .cap = sizeof(message)},
				{.data = another, .cap = sizeof(another)}};
	ssize_t        n = ipc_queue_get_many(s->c.q, buf, 2, IPC_FOREVER);

	n_message = n > 0 ? (ssize_t)buf[0].len : -1;
	n_another = n > 1 ? (ssize_t)buf[1].len : -1;
}

static void record_two(struct scene *s)
{
	if (message_puts(s))
		return;
	ledger_was_got(s->ledger, s->role, message, n_message);
	ledger_was_got(s->ledger, s->role, another, n_another);
}

/* ---- with a handle ----------------------------------------------------------------------------- */

static void act_put_handle(struct scene *s)
{
	struct ipc_handle h = IPC_HANDLE_QUEUE(s->c.q);

	ledger_was_put(
		s->ledger, s->role,
		ipc_queue_put_handle(s->c.q, message, s->trial->context->len, &h, IPC_FOREVER));
}

static void act_get_handle(struct scene *s)
{
	struct ipc_handle h = {0};

	n_message = ipc_queue_get_handle(s->c.q, message, sizeof(message), &h, IPC_FOREVER);
	if (h.kind == IPC_HANDLE_IS_QUEUE)
		h.of.queue = ipc_queue_close(h.of.queue);
}

/* The messages there are have handles with them, for the victim to open. */
static void prepare_handles(struct scene *s)
{
	struct ipc_handle h;
	unsigned char     buf[SHORT];

	message_prepare(s);
	h = (struct ipc_handle)IPC_HANDLE_QUEUE(s->c.q);
	for (int i = 0; i < 3; i++) {
		ledger_make(s->ledger, WRITER_STAGE, buf, sizeof(buf));
		ledger_was_put(s->ledger, WRITER_STAGE,
			       ipc_queue_put_handle(s->c.q, buf, sizeof(buf), &h, IPC_NOW));
	}
}

/* ---- found by others -------------------------------------------------------------------------- */

static void act_wait_get(struct scene *s)
{
	struct ipc_item item[] = {IPC_ITEM_QUEUE(s->c.q, IPC_READ)};

	if (ipc_wait(item, 1, IPC_WAIT_ANY, IPC_FOREVER) == 1)
		n_message = ipc_queue_get(s->c.q, message, sizeof(message), IPC_NOW);
}

static int fd = -1;

static void prepare_fd(struct scene *s)
{
	message_prepare(s);
	fd = ipc_queue_fd(s->c.q, IPC_READ);
	if (fd < 0)
		scene_fail(s, "descriptor: %s", ipc_strerror(fd));
}

static bool shows(short events)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) >= 0 && (p.revents & POLLIN) == events;
}

/* It shows what there is to get, for who waits for nothing else. */
static void aftermath_fd(struct scene *s)
{
	bool shown;

	messages.aftermath(s);
	message_stage_put(s);
	shown = scene_timed(s, wait_until(shows(POLLIN), 5));
	if (!shown)
		scene_fail(s, "a message is there, and the descriptor does not say so");
	while (ledger_get(s->ledger, &s->c, WRITER_STAGE, IPC_NOW) >= 0)
		;
	if (!wait_until(shows(0), 5))
		scene_fail(s, "the descriptor says that a message is there");
}

static void act_fd(struct scene *s)
{
	(void)!ipc_queue_fd(s->c.q, IPC_READ);
	n_message = -1; /* it got none */
}

/* ---- tasks ------------------------------------------------------------------------------------- */

static void prime_task(struct scene *s)
{
	message_prime(s);
	n_message = carrier_get(&s->c, message, sizeof(message), IPC_NOW);
	ledger_was_got(s->ledger, s->role, message, n_message);
}

static void act_done(struct scene *s)
{
	(void)!ipc_queue_task_done(s->c.q);
}

static void act_join(struct scene *s)
{
	(void)!ipc_queue_join(s->c.q, IPC_FOREVER);
}

static void finish_all(struct scene *s)
{
	while (ledger_get(s->ledger, &s->c, WRITER_STAGE, IPC_NOW) >= 0)
		check_ok(ipc_queue_task_done(s->c.q));
}

static void aftermath_join(struct scene *s)
{
	finish_all(s);
	messages.aftermath(s);
}

/* ---- the table ---------------------------------------------------------------------------------- */

static struct play two, with_handles, with_fd, done, joined;

static const struct context puts_in[] = {
	{.name = "some queued", .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "full", .maxsize = 8, .full = true, .len = SHORT},
	{.name = "receiver asleep", .maxsize = 8, .helper = true, .len = SHORT},
	{.name = "side of its own", .owns = true, .maxsize = 8, .len = SHORT},
	{.name = "large", .maxsize = 8, .queued = 2, .len = LONG},
};

static const struct context gets_in[] = {
	{.name = "empty", .maxsize = 8, .len = SHORT},
	{.name = "some queued", .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "side of its own", .owns = true, .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "large", .maxsize = 8, .queued = 3, .len = LONG},
};

static const struct context pipe_in[] = {
	{.name = "some queued", .nameless = true, .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "large", .nameless = true, .maxsize = 8, .queued = 3, .len = LONG},
};

static const struct context some[] = {
	{.name = "some queued", .maxsize = 8, .queued = 3, .len = SHORT},
};

static const struct context either[] = {
	{.name = "empty", .maxsize = 8, .len = SHORT},
	{.name = "some queued", .maxsize = 8, .queued = 3, .len = SHORT},
};

static const struct context unfinished[] = {
	{.name = "tasks unfinished", .maxsize = 8, .queued = 2, .first = true, .len = SHORT},
};

#define IN(table) .context = (table), .n_contexts = N_OF(table)
#define PUTS(n)   .puts = (n)
#define GETS(n)   .gets = (n)

static const struct operation operations[] = {
	{"queue reserve, commit", &messages, act_commit, PUTS(1), IN(puts_in)},
	{"queue reserve, abort", &messages, act_abort, PUTS(1), IN(puts_in)},
	{"queue take, release", &messages, act_release, GETS(1), IN(gets_in)},
	{"pipe reserve, commit", &messages, act_commit, .carrier = CARRIER_PIPE, PUTS(1),
	 IN(pipe_in)},
	{"pipe take, release", &messages, act_release, .carrier = CARRIER_PIPE, GETS(1),
	 IN(pipe_in)},
	{"queue putv", &messages, act_putv, PUTS(1), IN(puts_in)},
	{"queue getv", &messages, act_getv, GETS(1), IN(gets_in)},
	{"queue put_many", &two, act_put_many, PUTS(2), IN(puts_in)},
	{"queue get_many", &two, act_get_many, GETS(2), IN(gets_in)},
	{"queue put_handle", &messages, act_put_handle, PUTS(1), IN(some)},
	{"queue get_handle", &with_handles, act_get_handle, GETS(1), IN(either)},
	{"wait, get", &messages, act_wait_get, GETS(1), IN(either)},
	{"queue fd", &messages, act_fd, GETS(1), IN(some)},
	{"queue put, polled", &with_fd, message_act_put, PUTS(1), IN(either)},
	{"queue get, polled", &with_fd, message_act_get, GETS(1), IN(either)},
	{"joinable task_done", &done, act_done, .carrier = CARRIER_JOINABLE, GETS(1), IN(some)},
	{"joinable join", &joined, act_join, .carrier = CARRIER_JOINABLE, IN(unfinished)},
	{"requeue put", &messages, message_act_put, .carrier = CARRIER_REQUEUE, PUTS(1),
	 IN(puts_in)},
	{"requeue get, task_done", &messages, message_act_get_done, .carrier = CARRIER_REQUEUE,
	 GETS(1), IN(gets_in)},
	{"lost put", &messages, message_act_put, .carrier = CARRIER_LOST, PUTS(1), IN(some)},
	{"lost get, task_done", &messages, message_act_get_done, .carrier = CARRIER_LOST, GETS(1),
	 IN(gets_in)},
};

const struct operation_table form_operations = {"messages in other forms, tasks", operations,
						N_OF(operations)};

/* Each is the play of all messages, but for one thing or two. */
__attribute__((constructor)) static void vary(void)
{
	two = with_handles = with_fd = done = joined = messages;
	two.prime = prime_two;
	two.record = record_two;
	with_handles.prepare = prepare_handles;
	with_fd.prepare = prepare_fd;
	with_fd.aftermath = aftermath_fd;
	done.prime = prime_task;
	done.record = NULL;
	joined.release = finish_all;
	joined.aftermath = aftermath_join;
	joined.record = NULL;
}
