#ifndef RING_EVENT_H
#define RING_EVENT_H

/*
 * event.h - sleep until a condition of shared memory may have changed
 *
 * An event count of one 32-bit futex word: bit 0 says "somebody may sleep", bit 1
 * "a descriptor shows the condition", the rest counts wake-ups. Who changes the
 * condition pays one load while neither is so: the sleeper runs the fence of both
 * (base/fence.h).
 *
 *     sleeper                            waker
 *       key = event_arm(e)                 change the condition
 *       if (!condition)                    event_wake(e, n)
 *               sleep while word == key
 *       event_disarm(e)
 *
 * Ordering
 *     F1  event_arm()   fence   bit 0 set, then the condition read
 *     F2  event_wake()  fence   the condition changed, then bit 0 read
 *         One of the two sees the other: the sleeper the change, or the waker
 *         the bit. Nobody sleeps through a change.
 *
 * Waking clears the bit, so a burst of changes makes one system call. Only some
 * sleepers are woken, so the first to get up sets the bit again while others say
 * they sleep (event_disarm() returns 1: look again, and pass the wake on).
 *
 * Killed between any two steps: a waker, after its change: the sleeper sees it
 * at the end of its slice. A woken sleeper, before it passed the wake on: the
 * others see it at the end of theirs. A sleeper, asleep: .sleepers stays too
 * high, which costs wake-ups nobody hears, until its process is reaped.
 */

#include <stdbool.h>

#include "base/atomic.h"
#include "base/fence.h"
#include "base/futex.h"
#include "ring/ctl.h"

enum event_bits {
	EVENT_ASLEEP = 1,  /* taken by the waker */
	EVENT_WATCHED = 2, /* stays for as long as there are such descriptors */
	EVENT_WAKE = 4,    /* one wake-up */
};

/*
 * Make the descriptors that show the condition of @e agree with it; with @again even
 * those that seem to. Set by runtime/level.c; called only where the bit is set.
 */
extern void (*event_watched)(struct event *e, bool again);

/* One more is about to sleep here, until event_disarm(). */
static inline void event_enlist(struct event *e)
{
	fetch_add(&e->sleepers, 1u);
}

/* Bit 0; the fence is still to come. */
static inline uint32_t event_mark(struct event *e)
{
	return fetch_or(&e->word, (uint32_t)EVENT_ASLEEP) | EVENT_ASLEEP;
}

/* Who is enlisted, before each sleep; returns the key. */
static inline uint32_t event_rearm(struct event *e)
{
	uint32_t key = event_mark(e);

	fence_sleeper(); /* F1: pairs with F2 */
	return key;
}

static inline uint32_t event_arm(struct event *e)
{
	event_enlist(e);
	return event_rearm(e);
}

/* True: others still sleep here; look at the condition once more and wake one if it holds. */
static inline bool event_disarm(struct event *e)
{
	if (fetch_sub(&e->sleepers, 1u) <= 1u)
		return false;
	(void)event_rearm(e);
	return true;
}

/* Tell descriptors; take the bit and wake at most @n. The slow half of event_wake(). */
static inline void event_wake_sleepers(struct event *e, int n)
{
	uint32_t word = load_relaxed(&e->word);

	if (word & EVENT_WATCHED)
		event_watched(e, false);
	while (word & EVENT_ASLEEP) {
		if (compare_swap(&e->word, &word, (word + EVENT_WAKE) & ~(uint32_t)EVENT_ASLEEP)) {
			futex_wake(&e->word, n);
			return;
		}
	}
}

/* The condition changed: does anybody need to be told? Then event_wake_sleepers(). */
static inline bool event_awaited(const struct event *e)
{
	fence_waker(); /* F2: pairs with F1 */
	return unlikely(load_relaxed(&e->word) & (EVENT_ASLEEP | EVENT_WATCHED));
}

/* The condition changed; at most @n sleepers need to look. */
static inline void event_wake(struct event *e, int n)
{
	if (event_awaited(e))
		event_wake_sleepers(e, n);
}

#endif /* RING_EVENT_H */
