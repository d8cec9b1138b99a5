/*
 * event.c - unset until set
 *
 * One word: bit 0 says that it is set, the rest counts how often it was. Who waits goes
 * on if it is set, or if the count is not what it was: nobody misses a set that was
 * cleared at once.
 *
 * Setting it is a CAS and, if somebody sleeps, futex(2): nothing else, so it may be done
 * in a signal handler. Killed between the two: who sleeps sees it at the end of a slice.
 *
 * Ordering
 *     R1  set   release  state   what was done before is written
 *     A1  wait  acquire  state   pairs with R1
 */

#include "object/sync.h"

#define SET UINT64_C(1)

_Static_assert(sizeof(ipc_event) == 16, "ABI");

struct waiting {
	const ipc_event *e;
	uint64_t         before;
	struct wait      w;
};

static bool has_passed(const ipc_event *e, uint64_t before)
{
	uint64_t now = load_acquire(&e->state); /* A1: pairs with R1 */

	return (now & SET) || now / 2 != before / 2;
}

static bool event_ready(void *arg)
{
	const struct waiting *k = arg;

	return has_passed(k->e, k->before);
}

static int try_pass(void *arg)
{
	return event_ready(arg) ? 0 : -EAGAIN;
}

int ipc_event_wait(ipc_event *e, ipc_nsec timeout)
{
	struct waiting k = {.e = e};

	if (!sync_aligned(e))
		return -EINVAL;
	k.before = load_acquire(&e->state); /* A1: pairs with R1 */
	if (k.before & SET)
		return 0;
	k.w.event = SYNC_EVENT(e);
	k.w.ready = event_ready;
	k.w.lost = sync_never_lost;
	k.w.mend = sync_no_mend;
	k.w.arg = &k;
	if (timeout == IPC_NOW)
		return -EAGAIN;
	sync_prepare(&k.w, e, OP_EVENT, k.before, timeout, caller(__builtin_return_address(0)));
	return sync_wait(&k.w, try_pass);
}

int ipc_event_set(ipc_event *e)
{
	uint64_t s;
	int      saved = errno;

	if (!sync_aligned(e))
		return -EINVAL;
	s = load_relaxed(&e->state);
	while (!(s & SET))
		if (compare_swap(&e->state, &s, (s + 2) | SET)) { /* R1 */
			event_wake(SYNC_EVENT(e), INT_MAX);
			break;
		}
	errno = saved;
	return 0;
}

int ipc_event_clear(ipc_event *e)
{
	if (!sync_aligned(e))
		return -EINVAL;
	(void)fetch_and(&e->state, ~SET);
	return 0;
}

int ipc_event_is_set(const ipc_event *e)
{
	if (!sync_aligned(e))
		return -EINVAL;
	return (int)(load_acquire(&e->state) & SET); /* A1: pairs with R1 */
}
