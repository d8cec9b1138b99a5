/*
 * hooks.c - from the hooks of libipc to events of LTTng
 *
 * Without a session that wants it, a hook costs one load and one predicted
 * branch on top of the call. With one it costs what LTTng costs: no lock, no
 * system call, a copy into a ring buffer of this CPU.
 *
 * LTTng makes no promise about errno, so it is kept here, and only where an
 * event is really written.
 */

#include "hooks.h"

#include "provider.h"

#include <errno.h>

#define FIRE(event, ...)                                                     \
	do {                                                                 \
		if (!lttng_ust_tracepoint_enabled(libipc, event))            \
			break;                                               \
		int saved_ = errno;                                          \
		if (ready())                                                 \
			lttng_ust_do_tracepoint(libipc, event, __VA_ARGS__); \
		errno = saved_;                                              \
	} while (0)

/*
 * A process_fork that could not be told inside fork(), see fork.c, and the
 * process_join that libipc fires right behind it. The names are libipc's and stay.
 */
static struct {
	bool        pending;
	uint64_t    parent, child;
	const char *domain, *name;
} late;

static bool ready(void)
{
	if (!fork_settled())
		return false;
	if (__builtin_expect(late.pending, 0) &&
	    __atomic_exchange_n(&late.pending, false, __ATOMIC_RELAXED)) {
		lttng_ust_tracepoint(libipc, process_fork, late.parent, late.child);
		if (late.name)
			lttng_ust_tracepoint(libipc, process_join, late.child, late.domain,
					     late.name);
	}
	return true;
}

/* LTTng would follow a null pointer; a nameless object simply has no name. */
static const char *text(const char *s)
{
	return s ? s : "";
}

/* ---- processes ------------------------------------------------------------- */

/*
 * Which process of the domain we are, for hooks_leave(). Written by whoever
 * joins and by the only thread of a forked child; read at exit.
 */
static uint64_t self;
static bool     joined;

static void process_join(uint64_t process, const char *domain, const char *name)
{
	self = process;
	joined = true;
	if (late.pending && !late.name) {
		late.domain = text(domain);
		late.name = text(name);
		return;
	}
	FIRE(process_join, process, text(domain), text(name));
}

static void process_leave(uint64_t process)
{
	joined = false;
	FIRE(process_leave, process);
}

static void process_fork(uint64_t parent, uint64_t child)
{
	self = child;
	joined = true;
	late.pending = fork_wrapped();
	late.parent = parent;
	late.child = child;
	late.domain = late.name = NULL;
	if (!late.pending)
		FIRE(process_fork, parent, child);
}

static void process_reap(uint64_t process, int64_t pid)
{
	FIRE(process_reap, process, pid);
}

void hooks_leave(void)
{
	if (joined)
		process_leave(self);
}

/* ---- objects --------------------------------------------------------------- */

static void object_create(uint64_t object, uint32_t kind, const char *name, uint64_t capacity)
{
	FIRE(object_create, object, kind, text(name), capacity);
}

static void object_open(uint64_t object, uint32_t kind, const char *name)
{
	FIRE(object_open, object, kind, text(name));
}

static void object_close(uint64_t object)
{
	FIRE(object_close, object);
}

static void object_unlink(uint64_t object, const char *name)
{
	FIRE(object_unlink, object, text(name));
}

/* ---- messages -------------------------------------------------------------- */

static void send_begin(const struct ipc_trace_msg *m)
{
	FIRE(send_begin, m);
}

static void send_end(const struct ipc_trace_msg *m)
{
	FIRE(send_end, m);
}

static void recv_begin(const struct ipc_trace_msg *m)
{
	FIRE(recv_begin, m);
}

static void recv_end(const struct ipc_trace_msg *m)
{
	FIRE(recv_end, m);
}

/* ---- waiting, tasks, locks ------------------------------------------------- */

static void block(uint64_t object, uint32_t op, int64_t timeout_ns)
{
	FIRE(block, object, op, timeout_ns);
}

static void unblock(uint64_t object, uint32_t op, int64_t asleep_ns, int64_t result)
{
	FIRE(unblock, object, op, asleep_ns, result);
}

static void task_done(uint64_t object, uint64_t owed_after)
{
	FIRE(task_done, object, owed_after);
}

static void join(uint64_t object, int64_t result)
{
	FIRE(join, object, result);
}

static void lock(uint64_t object, uint64_t offset, int64_t result)
{
	FIRE(lock, object, offset, result);
}

static void unlock(uint64_t object, uint64_t offset)
{
	FIRE(unlock, object, offset);
}

static void deadlock(uint64_t object, const char *verdict)
{
	FIRE(deadlock, object, text(verdict));
}

const struct ipc_trace_ops hooks = {
	.sz = sizeof(struct ipc_trace_ops),
	.process_join = process_join,
	.process_leave = process_leave,
	.process_fork = process_fork,
	.process_reap = process_reap,
	.object_create = object_create,
	.object_open = object_open,
	.object_close = object_close,
	.object_unlink = object_unlink,
	.send_begin = send_begin,
	.send_end = send_end,
	.recv_begin = recv_begin,
	.recv_end = recv_end,
	.block = block,
	.unblock = unblock,
	.task_done = task_done,
	.join = join,
	.lock = lock,
	.unlock = unlock,
	.deadlock = deadlock,
};
