#ifndef TRACEPOINTS_HOOKS_H
#define TRACEPOINTS_HOOKS_H

/*
 * hooks.h - what provider.c installs, and what keeps LTTng right across fork
 */

#include <ipc/trace.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

extern const struct ipc_trace_ops hooks;

/** Fire process_leave, unless libipc did, or this process never joined. */
void hooks_leave(void);

/** Let LTTng know of forks, unless liblttng-ust-fork.so already does. */
void fork_init(void);

/** Whether this thread may fire an event now. Completes a fork in the child. */
bool fork_settled(void);

/** Whether liblttng-ust-fork.so looks after forks, outside of libc's fork(). */
bool fork_wrapped(void);

#pragma GCC visibility pop

#endif /* TRACEPOINTS_HOOKS_H */
