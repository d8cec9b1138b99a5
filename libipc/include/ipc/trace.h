#ifndef IPC_TRACE_H
#define IPC_TRACE_H

/*
 * ipc/trace.h - for tracepoint providers: a hook for every event
 *
 * A program does not need this header. A provider (libipc-trace.so is the one
 * for LTTng) fills a table of functions and installs it; from then on the
 * library calls them. While none is installed an event costs one predicted
 * branch, and libipc itself depends on no tracer.
 *
 * Hooks run in the thread the event is about, inside the call; they must not
 * call the library, block, or change errno. A NULL hook is skipped. Objects are
 * named by id, as in ipc/observe.h; a message is (object, ring, seq): its put
 * and its get carry the same three.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

/** struct ipc_trace_msg - one message on its way in or out */
struct ipc_trace_msg {
	uint64_t object;
	uint32_t ring;   /* 0; 1: the way back of a duplex pipe */
	uint32_t op;     /* enum ipc_op of ipc/observe.h */
	uint64_t seq;    /* position in the ring; UINT64_MAX: none was passed */
	uint64_t len;    /* [bytes] */
	uint64_t depth;  /* messages queued after it, as seen by this thread */
	int64_t  result; /* 0 or a length, or negative errno */
};

/**
 * struct ipc_trace_ops - the hooks
 * @sz:         sizeof(struct ipc_trace_ops) of who fills it
 *
 * Hooks are only ever added at the end.
 */
struct ipc_trace_ops {
	size_t sz;
	void (*process_join)(uint64_t process, const char *domain,
			     const char *name); /* also: renamed */
	void (*process_leave)(uint64_t process);
	void (*process_fork)(uint64_t parent, uint64_t child); /* in the child */
	void (*process_reap)(uint64_t process, int64_t pid);   /* found dead, cleaned up after */
	void (*object_create)(uint64_t object, uint32_t kind, const char *name, uint64_t capacity);
	void (*object_open)(uint64_t object, uint32_t kind, const char *name);
	void (*object_close)(uint64_t object);
	void (*object_unlink)(uint64_t object, const char *name);
	void (*send_begin)(const struct ipc_trace_msg *m); /* put as well */
	void (*send_end)(const struct ipc_trace_msg *m);
	void (*recv_begin)(const struct ipc_trace_msg *m); /* get as well */
	void (*recv_end)(const struct ipc_trace_msg *m);
	void (*block)(uint64_t object, uint32_t op, int64_t timeout_ns); /* about to sleep */
	void (*unblock)(uint64_t object, uint32_t op, int64_t asleep_ns, int64_t result);
	void (*task_done)(uint64_t object, uint64_t owed_after);
	void (*join)(uint64_t object, int64_t result); /* a join that returned */
	void (*lock)(uint64_t object, uint64_t offset, int64_t result);
	void (*unlock)(uint64_t object, uint64_t offset);
	void (*deadlock)(uint64_t object, const char *text);
};

/**
 * Install @ops (it must live for ever), or none with NULL. Replaces what was
 * installed. 0, or -EINVAL: @ops->sz is smaller than any known table.
 * Threads: once, before other threads use the library.
 */
IPC_API int ipc_trace_install(const struct ipc_trace_ops *ops);

IPC_END_DECLS

#endif /* IPC_TRACE_H */
