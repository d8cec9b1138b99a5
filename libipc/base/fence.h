#ifndef BASE_FENCE_H
#define BASE_FENCE_H

/*
 * fence.h - a full fence that the one who sleeps pays for
 *
 * "Announce, fence, look again" against "change, fence, look for sleepers" needs a
 * full fence on both sides, and the second side is the hot path: there the fence
 * drains stores to a line another core is reading, which costs several times what
 * the message costs (measured: 64 bytes one way, 111 ns with it, 40 without).
 *
 * membarrier(2) lets the sleeper run the fence on every core that runs a process
 * which registered for it. So wakers make do with keeping the compiler in order,
 * and sleepers, who have microseconds to spare, call the kernel.
 *
 * It takes every process of a domain to register. One that cannot (an old kernel, a
 * system call filter) raises a flag in the registry, and all wakers fence from then
 * on. Who had looked at the flag just before finds out at the end of a slice.
 *
 * And a core may be passed over. The kernel keeps with each core whether what runs there
 * has registered, and brings it up to date when the core changes to other memory. A core
 * on which the process ran before it registered, and which has been idle since, is not
 * changing to other memory when a thread of the process comes back (Linux 6.18; seen as
 * interprocessor interrupts that do not happen). What was stored there is seen by all the
 * same, a moment later, as a core's stores do not stay in it: so the sleeper looks once
 * more when that moment is over, instead of at the end of its slice. A child that was
 * forked after its parent registered has been registered on every core since its birth.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/atomic.h"

/* Not 0: wakers must fence. Points to a constant 1 until a domain says where its flag is. */
extern const uint64_t *fence_symmetric;

/** Register this process; false: it cannot, so others must fence for it. */
bool fence_register(void);

/** The sleeper's side. */
void fence_sleeper(void);

/*
 * A core's stores take microseconds. Longer than the kernel's tick all the same: a timer that
 * is due before the tick has the clock set anew for it, and again when it is not needed any
 * more, by who was woken (measured, in a virtual machine: a wake-up of 1.03 times the
 * yardstick's, and 1.23 with one millisecond here).
 */
#define FENCE_SETTLES_NS UINT64_C(20000000)

/** How long after fence_sleeper() the sleeper must look again [ns]; 0: it need not. */
static inline uint64_t fence_settles_ns(void)
{
	return load_relaxed(fence_symmetric) ? 0 : FENCE_SETTLES_NS;
}

/** The waker's side. */
static inline void fence_waker(void)
{
	if (unlikely(load_relaxed(fence_symmetric)))
		fence_seq_cst();
	else
		__atomic_signal_fence(__ATOMIC_SEQ_CST); /* the compiler only */
}

#endif /* BASE_FENCE_H */
