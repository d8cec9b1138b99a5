#ifndef RUNTIME_THREAD_H
#define RUNTIME_THREAD_H

/*
 * thread.h - this thread's record in the registry
 *
 * A thread gets one at its first call that needs one and gives it back when it
 * ends. The record holds what only this thread writes: its intents and what it
 * waits for.
 */

#include "base/atomic.h"
#include "runtime/layout.h"

/* initial-exec: one load on the fast path, and no allocation at first use. */
extern __thread struct thread_rec *thread_rec_self __attribute__((tls_model("initial-exec")));

/** Make a record for this thread; 0, -ENOBUFS, -ENOSPC. */
int thread_join(void);

static inline int thread_self(struct thread_rec **ret)
{
	if (unlikely(!thread_rec_self)) {
		int r = thread_join();

		if (r < 0)
			return r;
	}
	*ret = thread_rec_self;
	return 0;
}

/** The reference of thread record @t, which is live. */
static inline ref thread_ref(const struct thread_rec *t)
{
	return t->self;
}

/** The record @r refers to, if it is still that thread's; else NULL. */
struct thread_rec *thread_find(ref r);

/** In the child of fork: the record was the parent's. */
void thread_forget(void);

/** Free every record of process @p; under the registry lock. */
void threads_free(ref p);

/** How many threads of process @p have a record. */
unsigned threads_count(ref p);

#endif /* RUNTIME_THREAD_H */
