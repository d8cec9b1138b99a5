/* queue.c - queues, and queues that count tasks */

#include <errno.h>
#include <limits.h>
#include <stddef.h>

#include <ipc/queue.h>

#include "base/error.h"
#include "object/fast.h"
#include "object/ledger.h"
#include "object/limit.h"
#include "object/queue.h"
#include "object/watch.h"
#include "ring/event.h"
#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/trace.h"
#include "runtime/wait.h"

#define QUEUE_RIGHTS (RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE)
#define QUEUE_KINDS  (1u << KIND_QUEUE | 1u << KIND_JOINABLE)

/* ---- making and ending -------------------------------------------------------------- */

/* What becomes of tasks whose process dies, by ipc_queue_opts.on_death. */
static const uint32_t death_flags[] = {
	[IPC_TASKS_FAIL] = 0,
	[IPC_TASKS_REQUEUE] = OBJECT_REQUEUE,
	[IPC_TASKS_LOST] = OBJECT_LOST,
};

static int queue_spec(const char *name, const struct ipc_queue_opts *opts, struct channel_spec *ret)
{
	struct ipc_queue_opts o = {0};
	bool                  joinable;

	if (!options_read(&o, sizeof(o), offsetof(struct ipc_queue_opts, max_bytes), opts))
		return fail(-EINVAL, "ipc_queue_opts: sz must be sizeof(struct ipc_queue_opts)");
	joinable = o.flags & IPC_QUEUE_JOINABLE;
	if (o.flags & ~(unsigned)IPC_QUEUE_JOINABLE || o.maxsize > RING_POS_MASK)
		return fail(-EINVAL, "ipc_queue_opts: unknown flag, or maxsize out of range");
	if (o.on_death >= sizeof(death_flags) / sizeof(*death_flags) || (o.on_death && !joinable))
		return fail(-EINVAL,
			    "ipc_queue_opts: on_death is one of IPC_TASKS_*, of a joinable queue");
	*ret = (struct channel_spec){
		.object = {.kind = joinable ? KIND_JOINABLE : KIND_QUEUE,
			   .flags = (joinable ? OBJECT_JOINABLE : 0u) | death_flags[o.on_death],
			   .name = name},
		.n_rings = 1,
		.capacity = o.maxsize,
		.memory_limit = o.max_bytes,
		.share = true,
		.rights = QUEUE_RIGHTS,
	};
	return 0;
}

int ipc_queue_create(ipc_queue **ret, const char *name, const struct ipc_queue_opts *opts)
{
	struct channel_spec spec;
	int                 r = begin_output(ret);

	if (r == 0)
		r = queue_spec(name, opts, &spec);
	return r < 0 ? r : channel_create((struct channel **)ret, &spec);
}

int ipc_queue_open(ipc_queue **ret, const char *name)
{
	int r = begin_output(ret);

	return r < 0 ? r : channel_open((struct channel **)ret, name, QUEUE_KINDS, QUEUE_RIGHTS);
}

ipc_queue *ipc_queue_close(ipc_queue *q)
{
	if (q)
		channel_close(&q->c);
	return NULL;
}

int ipc_queue_unlink(const char *name)
{
	return object_unlink(name, QUEUE_KINDS);
}

int ipc_queue_seal(ipc_queue *q)
{
	explain_clear();
	return q ? object_seal(&q->c.h) : -EINVAL;
}

int ipc_queue_shutdown(ipc_queue *q)
{
	if (!q)
		return -EINVAL;
	if (!q->c.h.rights)
		return -EBADF;
	channel_shutdown(&q->c, 0);
	return 0;
}

/* ---- messages -------------------------------------------------------------------------- */

int ipc_queue_put(ipc_queue *q, const void *buf, size_t len, ipc_nsec timeout)
{
	if (unlikely(!q || (!buf && len) || len > (size_t)INT64_MAX))
		return -EINVAL;
	if (unlikely(!q->c.h.rights))
		return -EBADF; /* inherited by a process the domain had no room for */
	if (likely(put_fast(&q->c, 0, buf, len)))
		return 0;
	return channel_put_slow(&q->c,
				&(struct call){.op = OP_PUT, .timeout = timeout, .site = CALL_SITE},
				buf, len);
}

ssize_t ipc_queue_get(ipc_queue *q, void *buf, size_t cap, ipc_nsec timeout)
{
	ssize_t r;

	if (unlikely(!q || (!buf && cap)))
		return -EINVAL;
	if (unlikely(!q->c.h.rights))
		return -EBADF;
	r = get_fast(&q->c, 0, buf, cap, timeout, CALL_SITE);
	if (likely(r >= 0))
		return r;
	return channel_get_slow(&q->c,
				&(struct call){.op = OP_GET, .timeout = timeout, .site = CALL_SITE},
				buf, cap);
}

ssize_t ipc_queue_next_len(ipc_queue *q)
{
	if (!q)
		return -EINVAL;
	return q->c.h.rights ? channel_peek(&q->c, 0) : -EBADF;
}

int ipc_queue_fd(ipc_queue *q, unsigned event)
{
	explain_clear();
	if (!q || (event != IPC_READ && event != IPC_WRITE))
		return -EINVAL;
	if (!q->c.h.rights)
		return -EBADF;
	return watch_fd(&q->c, 0, event == IPC_READ ? LEVEL_GET : LEVEL_PUT);
}

size_t ipc_queue_len(const ipc_queue *q)
{
	return q ? channel_queued(&q->c, 0) + ledger_returned(&q->c) : 0;
}

size_t ipc_queue_maxsize(const ipc_queue *q)
{
	return q ? q->c.lane[0].ctl->capacity : 0;
}

int ipc_queue_empty(const ipc_queue *q)
{
	return ipc_queue_len(q) == 0;
}

int ipc_queue_full(const ipc_queue *q)
{
	size_t most = ipc_queue_maxsize(q);

	/* of what came back from the dead a put takes no notice */
	return most && channel_queued(&q->c, 0) >= most;
}

unsigned ipc_queue_attempt(const ipc_queue *q)
{
	return q && ledgered(&q->c) && ledger_got.object == q->c.h.object_ref ? ledger_got.attempt
									      : 0;
}

/* ---- tasks -------------------------------------------------------------------------------- */

/* Only somebody who finished its last task while nothing is queued can be the last of all. */
static inline __attribute__((always_inline)) void wake_joiners(const ipc_queue   *q,
							       const struct flow *in)
{
	if (load_acquire(&in->tasks_done) == load_acquire(&in->messages) && ipc_queue_empty(q))
		event_wake(&q->c.h.o->joiners, INT_MAX);
}

static __attribute__((noinline)) int task_done_of_ledger(ipc_queue *q)
{
	int r = ledger_done(&q->c);

	if (r == 0)
		wake_joiners(q, &q->c.h.e->in);
	return r;
}

int queue_done_with(ipc_queue *q, uint64_t block)
{
	int r = ledger_done_with(&q->c, block);

	if (r == 0)
		wake_joiners(q, &q->c.h.e->in);
	return r;
}

int ipc_queue_task_done(ipc_queue *q)
{
	struct flow *in;
	uint64_t     done;

	if (!q)
		return -EINVAL;
	if (!q->c.h.rights)
		return -EBADF; /* first: its object may be another by now */
	if (!(q->c.h.o->flags & OBJECT_JOINABLE))
		return -EINVAL;
	if (ledgered(&q->c))
		return task_done_of_ledger(q);
	in = &q->c.h.e->in;
	done = load_acquire(&in->tasks_done);
	do {
		if (done >= load_acquire(&in->messages)) {
			(void)fetch_add(&q->c.h.e->tasks_extra, 1);
			return -EINVAL;
		}
	} while (!compare_swap(&in->tasks_done, &done, done + 1));
	TRACE(task_done, q->c.h.object_ref, load_relaxed(&in->messages) - done - 1);
	wake_joiners(q, in);
	return 0;
}

/* Tasks that are done, failed, or were never whole. */
static uint64_t tasks_settled(const struct object_rec *o)
{
	uint64_t n = table_used(TABLE_ENDS);
	uint64_t sum = load_acquire(&o->past_in[0].tasks_done) + load_acquire(&o->tasks_failed) +
		       load_acquire(&o->ring[0].abandoned);

	for (uint64_t at = load_acquire(&o->first_end); at && n; n--) {
		const struct end_rec *e = end_at(at - 1);

		if (!e)
			break;
		sum += load_acquire(&e->in.tasks_done);
		at = load_acquire(&e->next);
	}
	return sum;
}

/*
 * All that is counted here only grows, so where the sum is what was put in the end, it was so all
 * the while: at one instant there was nothing unfinished. The other way round a task that was put
 * and done during the look would stand for one that is not done.
 */
static bool tasks_all_settled(ipc_queue *q)
{
	const struct object_rec *o = q->c.h.o;
	uint64_t                 settled;

	if (ledgered(&q->c))
		return ledger_settled(&q->c);
	settled = tasks_settled(o);
	return settled >= (load_acquire(&o->ring[0].tail) & RING_POS_MASK);
}

/*
 * Reads only. Without the lock an end may be folded under our eyes and counted
 * twice; then the table has changed, and the look under the lock decides.
 */
static bool join_ready(void *arg)
{
	return tasks_all_settled(arg);
}

static bool join_lost(void *arg)
{
	return channel_holders_lost(&((ipc_queue *)arg)->c, RIGHT_DONE);
}

static void join_mend(void *arg)
{
	channel_holders_mend(&((ipc_queue *)arg)->c, RIGHT_DONE);
}

static int join_try(ipc_queue *q, ipc_nsec timeout)
{
	struct object_rec *o = q->c.h.o;
	uint64_t           failed;
	int                r = registry_lock_within(timeout);

	if (r < 0)
		return timeout == IPC_NOW ? -EAGAIN : r;
	r = -EAGAIN;
	if (tasks_all_settled(q)) {
		failed = o->flags & OBJECT_LOST ? 0 : o->tasks_failed - o->tasks_reported;
		o->tasks_reported = o->tasks_failed;
		r = failed ? fail(-EOWNERDEAD,
				  "%llu tasks were not finished: process %llu got them and died, or closed "
				  "the queue",
				  (unsigned long long)failed, (unsigned long long)o->failed_pid)
			   : 0;
	}
	registry_unlock();
	return r;
}

static int join_slow(ipc_queue *q, ipc_nsec timeout, uint64_t site)
{
	struct wait w = {
		.event = &q->c.h.o->joiners,
		.item = {.op = OP_JOIN, .need = RIGHT_DONE, .object = q->c.h.object_ref},
		.object_id = q->c.h.object_ref,
		.timeout = timeout,
		.site = site,
		.arg = q,
		.ready = join_ready,
		.lost = join_lost,
		.mend = join_mend,
		.looked = true,
	};
	int r = -EAGAIN;

	if (timeout == IPC_NOW)
		return wait_glance(&w) ? join_try(q, IPC_NOW) : -EAGAIN;
	while (r == -EAGAIN) {
		int waited = wait_more(&w);

		r = join_try(q, waited < 0 ? IPC_NOW : wait_left(&w));
		if (r == -EAGAIN && waited < 0)
			r = waited;
	}
	wait_end(&w, r);
	return r;
}

int ipc_queue_join(ipc_queue *q, ipc_nsec timeout)
{
	int r;

	explain_clear();
	if (!q)
		return -EINVAL;
	if (!q->c.h.rights)
		return -EBADF;
	if (!(q->c.h.o->flags & OBJECT_JOINABLE))
		return -EINVAL;
	r = join_try(q, timeout);
	if (r == -EAGAIN)
		r = join_slow(q, timeout, CALL_SITE);
	TRACE(join, q->c.h.object_ref, r);
	return r;
}
