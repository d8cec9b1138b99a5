/*
 * provider.h - the events of libipc, as LTTng knows them
 *
 * One event per hook of ipc/trace.h and nothing else, so that an event of a
 * trace means what the hook's comment says. Names of fields are a contract: the
 * analyses here, and any session or view built elsewhere, go by them. Fields may
 * be added at the end of an event; none is renamed or removed.
 *
 *   object      id of a channel, as in ipc/observe.h and in `ipcmon dump`
 *   process     id of a process of the domain; its pid is the context vpid
 *   ring        0, or 1 for the way back of a duplex pipe
 *   seq         position in the ring; UINT64_MAX: no message was passed
 *   len         [bytes]       depth       [messages]
 *   timeout_ns  [ns], negative: for ever
 *   result      0 or a length, or negative errno
 *
 * (object, ring, seq) names one message: its send_end and its recv_end carry the
 * same three.
 *
 * Log levels are set so that a session can be thrifty: "at least INFO" records
 * who came, what was made and what went wrong, and no message.
 *
 * This header is read several times over by lttng/tracepoint-event.h, each time
 * with other meanings of its macros; hence its odd guard.
 */

#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER libipc

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "provider.h"

#if !defined(LIBIPC_TRACE_PROVIDER_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define LIBIPC_TRACE_PROVIDER_H

/* Probes and callers are in one shared object, so it exports none of this. */
#ifndef LTTNG_UST_TRACEPOINT_HIDDEN_DEFINITION
#define LTTNG_UST_TRACEPOINT_HIDDEN_DEFINITION
#define LTTNG_UST_TRACEPOINT_PROVIDER_HIDDEN_DEFINITION
#endif

#include <ipc/observe.h>
#include <ipc/trace.h>
#include <lttng/tracepoint.h>

/* clang-format off */

LTTNG_UST_TRACEPOINT_ENUM(libipc, kind,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("pipe", IPC_KIND_PIPE)
		lttng_ust_field_enum_value("queue", IPC_KIND_QUEUE)
		lttng_ust_field_enum_value("joinable", IPC_KIND_JOINABLE)
		lttng_ust_field_enum_value("simple", IPC_KIND_SIMPLE)
		lttng_ust_field_enum_value("shm", IPC_KIND_SHM)
		lttng_ust_field_enum_value("mutex", IPC_KIND_MUTEX)
		lttng_ust_field_enum_value("rmutex", IPC_KIND_RMUTEX)
		lttng_ust_field_enum_value("rwlock", IPC_KIND_RWLOCK)
		lttng_ust_field_enum_value("semaphore", IPC_KIND_SEMAPHORE)
		lttng_ust_field_enum_value("event", IPC_KIND_EVENT)
		lttng_ust_field_enum_value("condition", IPC_KIND_CONDITION)
		lttng_ust_field_enum_value("barrier", IPC_KIND_BARRIER)
		lttng_ust_field_enum_value("value", IPC_KIND_VALUE)
	)
)

LTTNG_UST_TRACEPOINT_ENUM(libipc, op,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("send", IPC_OP_SEND)
		lttng_ust_field_enum_value("recv", IPC_OP_RECV)
		lttng_ust_field_enum_value("put", IPC_OP_PUT)
		lttng_ust_field_enum_value("get", IPC_OP_GET)
		lttng_ust_field_enum_value("join", IPC_OP_JOIN)
		lttng_ust_field_enum_value("lock", IPC_OP_LOCK)
		lttng_ust_field_enum_value("proc_join", IPC_OP_PROC)
		lttng_ust_field_enum_value("poll", IPC_OP_POLL)
		lttng_ust_field_enum_value("rdlock", IPC_OP_RDLOCK)
		lttng_ust_field_enum_value("wrlock", IPC_OP_WRLOCK)
		lttng_ust_field_enum_value("sem_wait", IPC_OP_SEM)
		lttng_ust_field_enum_value("event_wait", IPC_OP_EVENT)
		lttng_ust_field_enum_value("cond_wait", IPC_OP_COND)
		lttng_ust_field_enum_value("barrier_wait", IPC_OP_BARRIER)
	)
)

/* ---- processes ------------------------------------------------------------- */

LTTNG_UST_TRACEPOINT_EVENT(libipc, process_join,
	LTTNG_UST_TP_ARGS(uint64_t, process, const char *, domain, const char *, name),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, process, process)
		lttng_ust_field_string(domain, domain)
		lttng_ust_field_string(name, name)
	)
)
LTTNG_UST_TRACEPOINT_LOGLEVEL(libipc, process_join, LTTNG_UST_TRACEPOINT_LOGLEVEL_INFO)

LTTNG_UST_TRACEPOINT_EVENT(libipc, process_leave,
	LTTNG_UST_TP_ARGS(uint64_t, process),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, process, process)
	)
)
LTTNG_UST_TRACEPOINT_LOGLEVEL(libipc, process_leave, LTTNG_UST_TRACEPOINT_LOGLEVEL_INFO)

LTTNG_UST_TRACEPOINT_EVENT(libipc, process_fork,
	LTTNG_UST_TP_ARGS(uint64_t, parent, uint64_t, child),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, parent, parent)
		lttng_ust_field_integer(uint64_t, child, child)
	)
)
LTTNG_UST_TRACEPOINT_LOGLEVEL(libipc, process_fork, LTTNG_UST_TRACEPOINT_LOGLEVEL_INFO)

LTTNG_UST_TRACEPOINT_EVENT(libipc, process_reap,
	LTTNG_UST_TP_ARGS(uint64_t, process, int64_t, pid),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, process, process)
		lttng_ust_field_integer(int64_t, pid, pid)
	)
)
LTTNG_UST_TRACEPOINT_LOGLEVEL(libipc, process_reap, LTTNG_UST_TRACEPOINT_LOGLEVEL_WARNING)

/* ---- objects --------------------------------------------------------------- */

LTTNG_UST_TRACEPOINT_EVENT(libipc, object_create,
	LTTNG_UST_TP_ARGS(uint64_t, object, uint32_t, kind, const char *, name, uint64_t, capacity),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_enum(libipc, kind, uint32_t, kind, kind)
		lttng_ust_field_string(name, name)
		lttng_ust_field_integer(uint64_t, capacity, capacity)
	)
)
LTTNG_UST_TRACEPOINT_LOGLEVEL(libipc, object_create, LTTNG_UST_TRACEPOINT_LOGLEVEL_INFO)

LTTNG_UST_TRACEPOINT_EVENT(libipc, object_open,
	LTTNG_UST_TP_ARGS(uint64_t, object, uint32_t, kind, const char *, name),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_enum(libipc, kind, uint32_t, kind, kind)
		lttng_ust_field_string(name, name)
	)
)
LTTNG_UST_TRACEPOINT_LOGLEVEL(libipc, object_open, LTTNG_UST_TRACEPOINT_LOGLEVEL_INFO)

LTTNG_UST_TRACEPOINT_EVENT(libipc, object_close,
	LTTNG_UST_TP_ARGS(uint64_t, object),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
	)
)
LTTNG_UST_TRACEPOINT_LOGLEVEL(libipc, object_close, LTTNG_UST_TRACEPOINT_LOGLEVEL_INFO)

LTTNG_UST_TRACEPOINT_EVENT(libipc, object_unlink,
	LTTNG_UST_TP_ARGS(uint64_t, object, const char *, name),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_string(name, name)
	)
)
LTTNG_UST_TRACEPOINT_LOGLEVEL(libipc, object_unlink, LTTNG_UST_TRACEPOINT_LOGLEVEL_INFO)

/* ---- messages -------------------------------------------------------------- */

/* Four events of one shape share one serialiser. */
LTTNG_UST_TRACEPOINT_EVENT_CLASS(libipc, message,
	LTTNG_UST_TP_ARGS(const struct ipc_trace_msg *, m),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, m->object)
		lttng_ust_field_integer(uint32_t, ring, m->ring)
		lttng_ust_field_enum(libipc, op, uint32_t, op, m->op)
		lttng_ust_field_integer(uint64_t, seq, m->seq)
		lttng_ust_field_integer(uint64_t, len, m->len)
		lttng_ust_field_integer(uint64_t, depth, m->depth)
		lttng_ust_field_integer(int64_t, result, m->result)
	)
)
LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(libipc, message, libipc, send_begin,
	LTTNG_UST_TP_ARGS(const struct ipc_trace_msg *, m))
LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(libipc, message, libipc, send_end,
	LTTNG_UST_TP_ARGS(const struct ipc_trace_msg *, m))
LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(libipc, message, libipc, recv_begin,
	LTTNG_UST_TP_ARGS(const struct ipc_trace_msg *, m))
LTTNG_UST_TRACEPOINT_EVENT_INSTANCE(libipc, message, libipc, recv_end,
	LTTNG_UST_TP_ARGS(const struct ipc_trace_msg *, m))

/* ---- waiting --------------------------------------------------------------- */

LTTNG_UST_TRACEPOINT_EVENT(libipc, block,
	LTTNG_UST_TP_ARGS(uint64_t, object, uint32_t, op, int64_t, timeout_ns),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_enum(libipc, op, uint32_t, op, op)
		lttng_ust_field_integer(int64_t, timeout_ns, timeout_ns)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(libipc, unblock,
	LTTNG_UST_TP_ARGS(uint64_t, object, uint32_t, op, int64_t, asleep_ns, int64_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_enum(libipc, op, uint32_t, op, op)
		lttng_ust_field_integer(int64_t, asleep_ns, asleep_ns)
		lttng_ust_field_integer(int64_t, result, result)
	)
)

/* ---- tasks and locks ------------------------------------------------------- */

LTTNG_UST_TRACEPOINT_EVENT(libipc, task_done,
	LTTNG_UST_TP_ARGS(uint64_t, object, uint64_t, owed_after),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_integer(uint64_t, owed_after, owed_after)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(libipc, join,
	LTTNG_UST_TP_ARGS(uint64_t, object, int64_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_integer(int64_t, result, result)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(libipc, lock,
	LTTNG_UST_TP_ARGS(uint64_t, object, uint64_t, offset, int64_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_integer(uint64_t, offset, offset)
		lttng_ust_field_integer(int64_t, result, result)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(libipc, unlock,
	LTTNG_UST_TP_ARGS(uint64_t, object, uint64_t, offset),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_integer(uint64_t, offset, offset)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(libipc, deadlock,
	LTTNG_UST_TP_ARGS(uint64_t, object, const char *, text),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, object, object)
		lttng_ust_field_string(text, text)
	)
)
LTTNG_UST_TRACEPOINT_LOGLEVEL(libipc, deadlock, LTTNG_UST_TRACEPOINT_LOGLEVEL_CRIT)

/* clang-format on */

#endif /* LIBIPC_TRACE_PROVIDER_H */

#include <lttng/tracepoint-event.h>
