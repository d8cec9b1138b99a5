#include "runtime/wait.h"

#include <errno.h>
#include <sched.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/futex.h"
#include "ring/event.h"
#include "runtime/deadlock.h"
#include "runtime/domain.h"
#include "runtime/thread.h"
#include "runtime/trace.h"

/*
 * How long to spin before sleeping [ns]. Going to sleep and being woken costs some
 * 20 µs and a switch on both sides, so the break-even is about there. It adapts:
 * doubled when spinning was enough, halved when it was not, so a thread that waits
 * for slow things soon spins next to nothing.
 */
#define SPIN_MIN_NS 500u
#define SPIN_MAX_NS 40000u

static __thread uint32_t spin_ns = SPIN_MAX_NS / 2;

static bool more_than_one_cpu(void)
{
	static int known; /* any thread may be the first to ask */
	int        n = load_relaxed(&known);

	if (!n) {
		n = (int)sysconf(_SC_NPROCESSORS_ONLN);
		store_relaxed(&known, n);
	}
	return n > 1;
}

bool wait_spin(struct wait *w)
{
	bool (*look)(void *) = w->glance ? w->glance : w->ready;
	uint64_t until;

	if (!more_than_one_cpu())
		return false;
	until = w->since + spin_ns;
	do {
		for (int i = 0; i < 32; i++) { /* a clock read is worth about this many looks */
			if (look(w->arg)) {
				spin_ns = spin_ns * 2 > SPIN_MAX_NS ? SPIN_MAX_NS : spin_ns * 2;
				return true;
			}
			cpu_relax();
		}
	} while (clock_now_ns() < until);
	spin_ns = spin_ns / 2 < SPIN_MIN_NS ? SPIN_MIN_NS : spin_ns / 2;
	return false;
}

int wait_begin(struct wait *w)
{
	int r = thread_self(&w->thread);

	if (r < 0)
		return r;
	w->since = clock_now_ns();
	w->look_ns = w->since + WAIT_SLICE_NS;
	w->deadline = w->timeout < 0 ? 0 : w->since + (uint64_t)w->timeout;
	if (w->deadline < w->since)
		w->deadline = 0; /* beyond the end of time */
	return 0;
}

/*
 * When alarm(2) or setitimer(2) will send this process SIGALRM: the kernel tells nobody
 * but itself, and it may end this wait, or the process. Who sets it while this thread
 * sleeps says so in its own record, once it sleeps too; or it ends, and then this thread
 * says so at the end of its slice.
 */
static uint64_t alarm_ns(void)
{
	struct itimerval t;

	if (getitimer(ITIMER_REAL, &t) < 0 || !(t.it_value.tv_sec || t.it_value.tv_usec))
		return 0;
	if (t.it_interval.tv_sec || t.it_interval.tv_usec)
		return UINT64_MAX;
	return clock_now_ns() + (uint64_t)t.it_value.tv_sec * 1000000000u +
	       (uint64_t)t.it_value.tv_usec * 1000u;
}

/* Read by observers, and by siblings who look for sleepers (object/share.c). */
static void item_store(struct wait_item *to, const struct wait_item *from)
{
	store_relaxed(&to->op, from->op);
	store_relaxed(&to->need, from->need);
	store_relaxed(&to->object, from->object);
	store_relaxed(&to->arg, from->arg);
	store_relaxed(&to->arg2, from->arg2);
}

void wait_publish(struct wait *w)
{
	struct wait_rec *rec = &w->thread->wait;
	uint64_t         seq = (rec->seq & ~(uint64_t)WAIT_STATE_MASK) + 4, now = clock_now_ns();

	if (!w->slept) {
		TRACE(block, w->object_id, w->item.op, w->timeout);
		w->asleep_before = rec->asleep_ns;
	}
	w->slept = true;

	store_relaxed(&rec->seq, seq | WAIT_WRITING);
	fence_release(); /* WAIT_WRITING is seen before any of what follows */
	store_relaxed(&rec->since_ns, w->since);
	store_relaxed(&rec->deadline_ns, w->deadline);
	store_relaxed(&rec->site, w->site);
	store_relaxed(&rec->alarm_ns, w->deadline ? 0 : alarm_ns());
	store_relaxed(&rec->n_items, w->n_more ? w->n_more : 1u);
	store_relaxed(&rec->n_hidden, (uint64_t)w->n_hidden);
	store_relaxed(&rec->flags, w->flags | deadlock_flags());
	store_relaxed(&rec->asleep_ns, w->asleep_before + w->asleep_ns - (now - w->since));
	item_store(&rec->item[0], &w->item);
	for (uint32_t i = 1; i < w->n_more; i++)
		item_store(&rec->item[i], &w->more[i]);
	store_release(&rec->seq, seq | WAIT_BLOCKED);
	w->published = clock_now_ns(); /* not before: who looked until then may have missed it */
}

void wait_note_alarm(const struct wait *w)
{
	if (!w->deadline)
		store_relaxed(&w->thread->wait.alarm_ns, alarm_ns());
}

void wait_withdraw(struct wait *w)
{
	struct wait_rec *rec = &w->thread->wait;
	uint64_t         now = clock_now_ns();

	store_release(&rec->seq, (rec->seq & ~(uint64_t)WAIT_STATE_MASK) + 4);
	fence_seq_cst(); /* I2: before any store or load of what comes next */
	w->asleep_ns += now - w->published;
	store_relaxed(&rec->asleep_ns, w->asleep_before + w->asleep_ns);
}

void wait_next_slice(struct wait *w)
{
	w->look_ns = clock_now_ns() + WAIT_SLICE_NS;
}

int wait_act(struct wait *w)
{
	return wait_doctor->act(w);
}

enum outcome { LOOK_AGAIN, TIME_IS_UP, MEND, TOLD };

/* Once in a slice: has somebody died that this wait depends on? */
static bool look_for_dead(struct wait *w, uint64_t now)
{
	bool lost;

	if (now < w->look_ns)
		return false;
	w->slices++;
	lost = w->lost(w->arg);
	wait_next_slice(w);
	return lost;
}

uint64_t wait_sleep_until(const struct wait *w, uint64_t now)
{
	uint64_t until = w->deadline && w->deadline < w->look_ns ? w->deadline : w->look_ns;

	return now < w->settled_ns && w->settled_ns < until ? w->settled_ns : until;
}

/* Published and armed: sleep until there is a reason not to. */
static enum outcome sleep_published(struct wait *w)
{
	uint64_t now = clock_now_ns();
	bool     slice;
	int      r;

	w->settled_ns = now + fence_settles_ns();
	for (;;) {
		/* first: .ready may be wrong for long, and who is told this tries once more */
		if (w->deadline && now >= w->deadline)
			return TIME_IS_UP;
		if (w->ready(w->arg))
			return LOOK_AGAIN;
		slice = now >= w->look_ns;
		if (slice)
			wait_note_alarm(w);
		if (look_for_dead(w, now))
			return MEND;
		if (slice && deadlock_ask(w) == WAIT_TOLD)
			return TOLD;
		r = futex_wait(&w->event->word, w->key, wait_sleep_until(w, now));
		w->woken = r == 0;
		if (r != -ETIMEDOUT)
			return LOOK_AGAIN;
		now = clock_now_ns();
	}
}

static enum outcome sleep_once(struct wait *w)
{
	enum outcome o;

	w->woken = false;
	if (!w->armed)
		event_enlist(w->event); /* first: BLOCKED means counted, see runtime/recover.c */
	w->armed = true;
	wait_publish(w);
	w->key = event_rearm(w->event);
	/* before the first sleep: who died long ago wakes nobody */
	o = !w->looked && w->lost(w->arg) ? MEND : sleep_published(w);
	w->looked = true;
	wait_withdraw(w);
	return o;
}

/*
 * Where call follows call, and none of them lasts for a slice, nobody else may look for the dead.
 * Once: what cannot be mended now, for a registry that is held, is not worth a second try.
 */
static int time_is_up(struct wait *w)
{
	if (w->slices > 0 || !wait_glance(w))
		return -ETIMEDOUT;
	w->slices++;
	return 0;
}

int wait_more(struct wait *w)
{
	if (!w->thread) {
		int r = wait_begin(w);

		if (r < 0)
			return r;
		if (wait_spin(w))
			return 0;
	}
	switch (sleep_once(w)) {
	case MEND: w->mend(w->arg); return 0;
	case TIME_IS_UP: return time_is_up(w);
	case TOLD: return wait_act(w);
	default: return 0;
	}
}

bool wait_glance(struct wait *w)
{
	static __thread uint64_t last;
	static __thread void    *at; /* of somebody who polls many things, each gets its turn */
	uint64_t                 now = clock_now_ns();

	if (at == w->event && now - last < WAIT_SLICE_NS / 16)
		return false;
	at = w->event;
	last = now;
	if (!w->lost(w->arg))
		return false;
	w->mend(w->arg);
	return true;
}

ipc_nsec wait_left(const struct wait *w)
{
	uint64_t now = w->deadline ? clock_now_ns() : 0;

	if (!w->thread || !w->deadline)
		return w->timeout; /* not begun, or no end to it */
	return w->deadline > now ? (ipc_nsec)(w->deadline - now) : IPC_NOW;
}

void wait_end(struct wait *w, int64_t result)
{
	if (w->armed && event_disarm(w->event) && w->ready(w->arg))
		event_wake(w->event, 1);
	if (w->slept)
		TRACE(unblock, w->object_id, w->item.op, (int64_t)w->asleep_ns, result);
}
