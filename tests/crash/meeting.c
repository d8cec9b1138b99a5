/*
 * meeting.c - events, conditions and barriers: some wait, others come
 */

#include <ipc/shm.h>
#include <ipc/sync.h>

#include "operations.h"
#include "support/test.h"

#define LIMIT IPC_SEC(5)

static struct {
	ipc_event   event;
	ipc_mutex   mutex;
	ipc_cond    cond;
	ipc_barrier barrier;
	int         ready; /* under the mutex: what is waited for */
} * mem;

static ipc_shm *shm;

static void prepare(struct scene *s)
{
	check_ok(ipc_shm_create(&shm, NULL, sizeof(*mem)));
	mem = ipc_shm_data(shm);
	check_ok(ipc_mutex_lock(&mem->mutex, IPC_NOW));
	check_ok(ipc_mutex_unlock(&mem->mutex));
}

static void prime(struct scene *s)
{
	ipc_mutex other = {0};

	check_ok(ipc_mutex_lock(&other, IPC_NOW));
	check_ok(ipc_mutex_unlock(&other));
}

static void end(struct scene *s)
{
	shm = ipc_shm_close(shm);
}

static void fork_helper(struct scene *s, void (*fn)(struct scene *s))
{
	if (!s->trial->context->helper)
		return;
	s->helper = scene_fork(s, fn);
	if (!wait_until(test_asleep(s->helper), 20))
		scene_fail(s, "the helper does not fall asleep");
}

/* Those who wait have what they waited for. */
static void all_go_on(struct scene *s)
{
	if (!scene_killed(s))
		scene_wait_victim(s);
	if (s->helper)
		scene_wait(s, s->helper, "the helper");
}

/* ---- events ------------------------------------------------------------------------------ */

static void wait_event(struct scene *s)
{
	if (ipc_event_wait(&mem->event, IPC_SEC(30)) < 0)
		scene_fail(s, "waiting for an event failed");
}

static void event_others(struct scene *s)
{
	fork_helper(s, wait_event);
}

static void set_event(struct scene *s)
{
	(void)ipc_event_set(&mem->event);
}

static void event_aftermath(struct scene *s)
{
	if (scene_killed(s) || s->trial->op->act == wait_event)
		set_event(s);
	all_go_on(s);
	if (scene_timed(s, ipc_event_wait(&mem->event, LIMIT)) < 0)
		scene_fail(s, "an event that was set is not");
	check_ok(ipc_event_clear(&mem->event));
	if (ipc_event_wait(&mem->event, IPC_NOW) != -EAGAIN)
		scene_fail(s, "an event that was cleared is set");
}

static const struct play events = {.prepare = prepare,
				   .others = event_others,
				   .prime = prime,
				   .release = set_event,
				   .aftermath = event_aftermath,
				   .end = end};

/* ---- conditions ---------------------------------------------------------------------------- */

static void lock(struct scene *s)
{
	int r = ipc_mutex_lock(&mem->mutex, IPC_SEC(30));

	if (r < 0 && r != -EOWNERDEAD)
		scene_fail(s, "lock: %s", ipc_strerror(r));
}

static void wait_ready(struct scene *s)
{
	lock(s);
	while (!mem->ready) {
		int r = ipc_cond_wait(&mem->cond, &mem->mutex, IPC_SEC(30));

		if (r < 0 && r != -EOWNERDEAD)
			scene_fail(s, "waiting for a condition: %s", ipc_strerror(r));
	}
	(void)ipc_mutex_unlock(&mem->mutex);
}

static void cond_others(struct scene *s)
{
	fork_helper(s, wait_ready);
}

/* For as many as wait, of which one may be dead: then another must have it. */
static void make_ready(struct scene *s)
{
	lock(s);
	mem->ready = 1;
	(void)ipc_cond_notify(&mem->cond, &mem->mutex, s->trial->context->helper ? 2 : 1);
	(void)ipc_mutex_unlock(&mem->mutex);
}

static void make_ready_for_all(struct scene *s)
{
	lock(s);
	mem->ready = 1;
	(void)ipc_cond_notify_all(&mem->cond, &mem->mutex);
	(void)ipc_mutex_unlock(&mem->mutex);
}

static void cond_aftermath(struct scene *s)
{
	scene_timed(s, (make_ready(s), 0));
	all_go_on(s);
	wait_ready(s);
}

static const struct play conditions = {.prepare = prepare,
				       .others = cond_others,
				       .prime = prime,
				       .release = make_ready,
				       .aftermath = cond_aftermath,
				       .end = end};

/* ---- barriers -------------------------------------------------------------------------------- */

/* The stage is the last of the parties. */
static unsigned parties(const struct scene *s)
{
	return s->trial->context->helper ? 3 : 2;
}

static void arrive(struct scene *s)
{
	(void)!ipc_barrier_wait(&mem->barrier, parties(s), IPC_SEC(30));
}

static void barrier_others(struct scene *s)
{
	fork_helper(s, arrive);
}

static void barrier_aftermath(struct scene *s)
{
	int r;

	if (!s->released)
		(void)ipc_barrier_abort(&mem->barrier); /* where the victim never arrived */
	all_go_on(s);
	check_ok(ipc_barrier_reset(&mem->barrier));
	r = scene_timed(s, ipc_barrier_wait(&mem->barrier, 1, LIMIT));
	if (r != 0)
		scene_fail(s, "alone at a barrier for one: %s", ipc_strerror(r));
}

static void abort_barrier(struct scene *s)
{
	(void)ipc_barrier_abort(&mem->barrier);
}

static void reset_barrier(struct scene *s)
{
	(void)ipc_barrier_reset(&mem->barrier);
}

static const struct play barriers = {.prepare = prepare,
				     .others = barrier_others,
				     .prime = prime,
				     .release = arrive,
				     .aftermath = barrier_aftermath,
				     .end = end};

/* ---- operations -------------------------------------------------------------------------------- */

static const struct context meeting_in[] = {
	{.name = "nobody waits"},
	{.name = "another waits", .helper = true},
};

#define IN(table) .context = (table), .n_contexts = N_OF(table)

static const struct operation operations[] = {
	{"event set", &events, set_event, IN(meeting_in)},
	{"event wait", &events, wait_event, IN(meeting_in)},
	{"condition notify", &conditions, make_ready, IN(meeting_in)},
	{"condition wait", &conditions, wait_ready, IN(meeting_in)},
	{"condition notify_all", &conditions, make_ready_for_all, IN(meeting_in)},
	{"barrier wait", &barriers, arrive, IN(meeting_in)},
	{"barrier abort", &barriers, abort_barrier, IN(meeting_in)},
	{"barrier reset", &barriers, reset_barrier, IN(meeting_in)},
};

const struct operation_table meeting_operations = {"events, conditions, barriers", operations,
						   N_OF(operations)};
