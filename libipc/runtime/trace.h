#ifndef RUNTIME_TRACE_H
#define RUNTIME_TRACE_H

/* trace.h - call the installed provider's hook, if there is one; see ipc/trace.h */

#include <ipc/trace.h>

#include "base/atomic.h"

extern const struct ipc_trace_ops *trace_ops;

/** Load libipc-trace.so if IPC_TRACE asks for it; once, before the domain is joined. */
void trace_load(void);

#define TRACE(hook, ...)                                                          \
	do {                                                                      \
		const struct ipc_trace_ops *trace_now = load_acquire(&trace_ops); \
		if (unlikely(trace_now) && trace_now->hook)                       \
			trace_now->hook(__VA_ARGS__);                             \
	} while (0)

#endif /* RUNTIME_TRACE_H */
