/* names.c - the words of enums, for people and for JSON. A new kind of thing needs a line here. */

#include <ipc/observe.h>

static const char *name_of(const char *const *names, size_t n, unsigned i)
{
	return i < n && names[i] ? names[i] : "unknown";
}

#define NAME_OF(names, i) name_of(names, sizeof(names) / sizeof((names)[0]), (unsigned)(i))

const char *ipc_kind_name(enum ipc_kind kind)
{
	static const char *const names[] = {
		[IPC_KIND_PIPE] = "pipe",
		[IPC_KIND_QUEUE] = "queue",
		[IPC_KIND_JOINABLE] = "joinable",
		[IPC_KIND_SIMPLE] = "simple",
		[IPC_KIND_SHM] = "shm",
		[IPC_KIND_MUTEX] = "mutex",
		[IPC_KIND_RMUTEX] = "rmutex",
		[IPC_KIND_RWLOCK] = "rwlock",
		[IPC_KIND_SEMAPHORE] = "semaphore",
		[IPC_KIND_EVENT] = "event",
		[IPC_KIND_CONDITION] = "condition",
		[IPC_KIND_BARRIER] = "barrier",
		[IPC_KIND_VALUE] = "value",
	};

	return NAME_OF(names, kind);
}

const char *ipc_op_name(enum ipc_op op)
{
	static const char *const names[] = {
		[IPC_OP_SEND] = "send",      [IPC_OP_RECV] = "recv",
		[IPC_OP_PUT] = "put",        [IPC_OP_GET] = "get",
		[IPC_OP_JOIN] = "join",      [IPC_OP_LOCK] = "lock",
		[IPC_OP_POLL] = "poll",      [IPC_OP_PROC] = "proc_join",
		[IPC_OP_RDLOCK] = "rdlock",  [IPC_OP_WRLOCK] = "wrlock",
		[IPC_OP_SEM] = "sem_wait",   [IPC_OP_EVENT] = "event_wait",
		[IPC_OP_COND] = "cond_wait", [IPC_OP_BARRIER] = "barrier_wait",
		[IPC_OP_FD] = "fd_wait",     [IPC_OP_WAIT] = "wait",
	};

	return NAME_OF(names, op);
}

const char *ipc_verdict_name(enum ipc_verdict_class class_)
{
	static const char *const names[] = {
		[IPC_DEADLOCK] = "deadlock",       [IPC_ORPHANED] = "orphaned",
		[IPC_SUSPECTED] = "suspected",     [IPC_STALLED] = "stalled",
		[IPC_STOPPED] = "stopped",         [IPC_TIMED] = "timed",
		[IPC_LOST_WAKEUP] = "lost_wakeup", [IPC_POISONED] = "poisoned",
	};

	return NAME_OF(names, class_);
}

const char *ipc_strength_name(enum ipc_strength strength)
{
	static const char *const names[] = {
		[IPC_CERTAIN] = "certain",
		[IPC_CLOSED_WORLD] = "closed world",
		[IPC_NOT_CERTAIN] = "not certain",
	};

	return NAME_OF(names, strength);
}
