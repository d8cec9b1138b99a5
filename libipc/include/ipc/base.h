#ifndef IPC_BASE_H
#define IPC_BASE_H

/*
 * ipc/base.h - time, errors and options: the words every other header uses
 *
 * Errors are negative errno values, returned, never stored: a call that can
 * fail returns 0 (or a length, or a count) on success and -E... on failure.
 * The same code means the same thing everywhere:
 *
 *   -EAGAIN      it would have to wait, and IPC_NOW was asked
 *   -ETIMEDOUT   it waited that long
 *   -EPIPE       closed or shut down at the other end, and drained
 *   -EOWNERDEAD  a process died holding it; see the call for what to do
 *   -EDEADLK     it would wait for ever, which was proved, and this process asked
 *                to be told so (ipc/deadlock.h); nothing was done
 *   -EMSGSIZE    longer than the buffer; the message stays where it is
 *   -EINVAL      the call is wrong
 *   -EBADF       the handle cannot do this (that end only receives, this process is no
 *                member). One that was closed is gone: to use it is as wrong as after free()
 *   -ENOENT      no such name          -EEXIST   the name is taken
 *   -ENOSPC      the file system that holds the domain (or that a descriptor writes to)
 *                is full, or a queue has its share
 *   -ENOBUFS     a table of the domain is full, or what can be told of this thread's locks
 *   -EACCES      the domain, or the program to start, is not this user's to use
 *   -EPROTO      the domain was made by an incompatible version
 *   -EBADMSG     the domain is damaged
 *   -ERANGE      the number would leave its range; it is unchanged
 *
 * Where a code alone cannot say what to do (which file, which limit), the call
 * leaves a sentence that can: see ipc_explain().
 *
 * Outputs are named ret_* (or ret) and are written on success only.
 *
 * Threads: every call may be made from any thread unless its comment says
 * otherwise. None is async-signal-safe, but for ipc_event_set() and those on
 * numbers (ipc/value.h). No call is a cancellation point: a thread cancelled
 * while it is asleep here ends after the call returns.
 * Interrupting signals (EINTR) never end a call: it goes on waiting.
 *
 * fork: handles survive fork(2). The child becomes a process of the domain of
 * its own before fork returns in it, and holds everything its parent held. Where
 * a table of the domain has no room for that (IPC_MAX_PROCESSES, IPC_MAX_OBJECTS),
 * or the parent no descriptor left, the handles it inherited answer -EBADF to
 * everything but close.
 * pthread_atfork(3) runs handlers in the child in the order of registration, and the
 * library's are registered at its first call: a handler that was registered before must
 * call nothing of the library in the child, not even close. It would wait for ever for a
 * lock that fork holds.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IPC_VERSION_MAJOR  0
#define IPC_VERSION_MINOR  1
#define IPC_VERSION_PATCH  0
#define IPC_VERSION_STRING "0.1.0"

#ifdef __cplusplus
#define IPC_BEGIN_DECLS extern "C" {
#define IPC_END_DECLS   }
#else
#define IPC_BEGIN_DECLS
#define IPC_END_DECLS
#endif

/** Part of the ABI; everything else is hidden. See libipc.map. */
#define IPC_API __attribute__((visibility("default")))

/** The result must be looked at: it is an error code or an owned handle. */
#define IPC_CHECKED __attribute__((warn_unused_result))

IPC_BEGIN_DECLS

/* ---- time ---------------------------------------------------------------- */

/** A length of time [ns] on CLOCK_MONOTONIC. Negative means "forever". */
typedef int64_t ipc_nsec;

#define IPC_NOW     ((ipc_nsec)0)  /* try once, never sleep: fails with -EAGAIN */
#define IPC_FOREVER ((ipc_nsec)-1) /* sleep as long as it takes */
#define IPC_USEC(n) ((ipc_nsec)(n)*1000)
#define IPC_MSEC(n) ((ipc_nsec)(n)*1000000)
#define IPC_SEC(n)  ((ipc_nsec)(n)*1000000000)

/* ---- readiness ----------------------------------------------------------- */

/** What to ask a channel for; the values are those of POLLIN and POLLOUT in poll(2). */
enum {
	IPC_READ = 0x001,  /* a receive or get would not wait: a message, or the end */
	IPC_WRITE = 0x004, /* a send or put would not wait */
};

/* ---- options ------------------------------------------------------------- */

/*
 * Every *_opts structure starts with its own size, so that it can grow: fields
 * are only ever added at the end, and zero always means "the default".
 *
 *     ipc_queue_create(&q, "jobs", IPC_OPTS(ipc_queue_opts, .maxsize = 1024));
 *
 * NULL in place of options means all defaults.
 */
#define IPC_OPTS(type, ...) (&(const struct type){.sz = sizeof(struct type), __VA_ARGS__})

/* ---- names --------------------------------------------------------------- */

/** Longest name of an object or a process [bytes], without the final 0. */
#define IPC_NAME_MAX 63

/* ---- errors -------------------------------------------------------------- */

/**
 * One plain sentence for the result @r of any call of this library.
 *
 * The text is static and lives for ever.
 */
IPC_API const char *ipc_strerror(int r);

/**
 * What the last call that failed in this thread had to say about it: the file,
 * the limit or the process concerned and what to do. "" if it had nothing to
 * add to ipc_strerror().
 *
 * Only calls that make, open, seal, unlink, spawn, join or observe something leave
 * such a text, and each begins by forgetting what the one before left; and calls that
 * return -EDEADLK, -ENOSPC or -ENOBUFS. Other calls may leave it as it is. It is this thread's.
 */
IPC_API const char *ipc_explain(void);

/** The version of the library that is running, for instance "0.1.0". */
IPC_API const char *ipc_version(void);

IPC_END_DECLS

#endif /* IPC_BASE_H */
