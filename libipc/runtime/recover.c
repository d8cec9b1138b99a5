#include "runtime/recover.h"

#include "base/atomic.h"
#include "runtime/domain.h"

bool (*recover_claim)(struct thread_rec *t);

/* The event that a wait of this kind sleeps on, or NULL if it is not in the registry. */
static struct event *item_event(const struct wait_item *i)
{
	struct object_rec *o = i->object ? object_at(ref_index(i->object)) : NULL;

	if (!o || life_gen(o->life) != ref_gen(i->object))
		return NULL;
	switch (i->op) {
	case OP_SEND:
	case OP_PUT: return i->arg < 2 ? &o->ring[i->arg].writers : NULL;
	case OP_RECV:
	case OP_GET:
	case OP_POLL: return i->arg < 2 ? &o->ring[i->arg].readers : NULL;
	case OP_JOIN: return &o->joiners;
	default: return NULL;
	}
}

/*
 * A dead sleeper stays counted: every wake would be a system call for nobody. Who is said
 * to sleep is counted: before it says so, and until it has said that it does not. Killed on
 * one side or the other it stays counted for ever, which costs such a call now and then and
 * nothing else; the other way round would cost the living: who is woken last passes no wake
 * on (event_disarm()).
 */
static void forget_sleeper(const struct thread_rec *t)
{
	for (uint32_t i = 0; i < t->wait.n_items && i < WAIT_ITEMS_MAX; i++) {
		struct event *e = item_event(&t->wait.item[i]);
		uint32_t      n = e ? load_relaxed(&e->sleepers) : 0;

		while (n > 0 && !compare_swap(&e->sleepers, &n, n - 1))
			;
	}
}

bool recover_thread(struct thread_rec *t)
{
	bool counted;

	if (recover_claim && !recover_claim(t))
		return false;
	counted = (t->wait.seq & WAIT_STATE_MASK) == WAIT_BLOCKED && !(t->wait.flags & WAIT_POLLS);
	/* first: should this process be killed, too, the next one must not count it down again */
	store_release(&t->wait.seq, (t->wait.seq & ~(uint64_t)WAIT_STATE_MASK) + 4);
	if (counted)
		forget_sleeper(t);
	return true;
}
