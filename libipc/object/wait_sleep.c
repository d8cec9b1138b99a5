/*
 * wait_sleep.c - sleeping on several things
 *
 * On the events of rings: this thread says at each that it sleeps there (event.h), runs
 * one fence for all, looks at all, and sleeps in futex_waitv(2). Who changes a ring pays
 * nothing for it beyond the wake-up. Killed asleep: it stays counted at all of them,
 * until it is cleaned up after (runtime/recover.c), as at one.
 *
 * On descriptors: of each ring its level (runtime/level.h), which says by itself what
 * there is, so nothing is stored. WAIT_POLLS in the record says that it is not counted.
 *
 * Both sleep for a slice at most, since who was to wake it may have been killed.
 */

#include "object/wait_set.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/futex.h"
#include "object/stream.h"
#include "object/watch.h"
#include "ring/event.h"
#include "runtime/deadlock.h"

static struct event *event_of(const struct question *q)
{
	struct ring_ctl *ctl = &q->c->h.o->ring[q->ring];

	return q->side == LEVEL_GET ? &ctl->readers : &ctl->writers;
}

bool question_holds(const struct question *q)
{
	if (!q->c)
		return q->item->got != 0; /* its only question; what it was told may be an error */
	return q->side == LEVEL_GET ? channel_get_ready(q->c, q->ring)
				    : channel_put_ready(q->c, q->ring);
}

bool set_holds(const struct wait_set *s)
{
	for (size_t i = 0; i < s->n;) {
		const struct ipc_item *item = s->q[i].item;
		bool                   holds = false;

		for (; i < s->n && s->q[i].item == item; i++)
			holds = holds || question_holds(&s->q[i]);
		if (holds != s->all)
			return holds;
	}
	return s->all && s->n;
}

/* Does it matter whether this one changes? Not if all are needed and it holds. */
static bool matters(const struct wait_set *s, const struct question *q)
{
	return !(s->all && question_holds(q));
}

/* Published: is it too late to sleep, and if not, until when? */
static bool may_sleep(struct wait_set *s, uint64_t now, uint64_t *ret_until)
{
	*ret_until = wait_sleep_until(&s->wait, now);
	return !set_holds(s) && now < *ret_until;
}

/* ---- on events ----------------------------------------------------------------------------- */

bool set_can_futex(const struct wait_set *s)
{
	static int known; /* 1: yes, -1: no */

	if (s->n == 0)
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (!s->q[i].c)
			return false;
	if (!known)
		known = futex_waitv(NULL, 0, 0) == -ENOSYS ? -1 : 1;
	return known > 0 && s->n <= FUTEXES_MAX;
}

/* As in wait.c: before it is published that this thread sleeps. */
static void enlist(struct wait_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!s->q[i].enlisted)
			event_enlist(event_of(&s->q[i]));
		s->q[i].enlisted = true;
	}
}

/*
 * It holds, and this thread sleeps on for another one: if it was woken by this one, that was in
 * the place of somebody else who sleeps here.
 */
static void pass_on(const struct question *q, struct event *e)
{
	if (load_relaxed(&e->sleepers) <= 1)
		return;
	(void)event_rearm(e);
	if (question_holds(q))
		event_wake(e, 1);
}

static size_t arm(struct wait_set *s, struct futex_one one[FUTEXES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct question *q = &s->q[i];
		struct event    *e = event_of(q);

		if (!matters(s, q)) {
			pass_on(q, e);
			continue;
		}
		q->key = event_mark(e);
		one[n++] = futex_one(&e->word, q->key);
	}
	fence_sleeper(); /* as in event_rearm() */
	return n;
}

static void sleep_on_events(struct wait_set *s)
{
	struct futex_one one[FUTEXES_MAX];
	size_t           n = arm(s, one);
	uint64_t         until;

	s->wait.settled_ns = clock_now_ns() + fence_settles_ns();
	while (n && may_sleep(s, clock_now_ns(), &until) &&
	       futex_waitv(one, (unsigned)n, until) == -ETIMEDOUT)
		;
}

/* ---- on descriptors ------------------------------------------------------------------------ */

int set_prepare_poll(struct wait_set *s)
{
	s->by_poll = true;
	for (size_t i = 0; i < s->n; i++) {
		struct question *q = &s->q[i];

		if (q->c && q->fd < 0)
			q->fd = watch_fifo(q->c, q->ring, q->side);
		if (q->c && q->fd < 0)
			return q->fd;
	}
	return 0;
}

static int ask(struct wait_set *s, uint64_t ns)
{
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000u),
			     .tv_nsec = (long)(ns % 1000000000u)};
	long            n = syscall(SYS_ppoll, s->fds, s->n, &t, NULL, 0);

	return n < 0 ? -errno : (int)n;
}

/*
 * Who asks for a descriptor gets what poll(2) says. For all else an end or an error is what
 * was asked for: the call would not wait.
 */
static unsigned got_of(const struct question *q, unsigned revents)
{
	if (q->item->kind == IPC_ITEM_IS_FD)
		return revents;
	return revents & (POLLHUP | POLLERR) ? q->bit : revents & q->bit;
}

int set_ask_fds(struct wait_set *s)
{
	bool any = false;
	int  r;

	for (size_t i = 0; i < s->n; i++) {
		struct question *q = &s->q[i];

		s->fds[i] = (struct pollfd){.fd = q->c ? -1 : q->fd, .events = (short)q->bit};
		any = any || !q->c;
	}
	if (!any)
		return 0;
	do {
		r = ask(s, 0);
	} while (r == -EINTR);
	for (size_t i = 0; r > 0 && i < s->n; i++) {
		if (s->fds[i].revents & POLLNVAL)
			return fail(-EBADF, "descriptor %d in the list is not open", s->fds[i].fd);
		s->q[i].item->got |= got_of(&s->q[i], (unsigned)s->fds[i].revents);
	}
	for (size_t i = 0; r >= 0 && i < s->n; i++)
		if (s->q[i].stream && stream_has_message(s->q[i].stream))
			s->q[i].item->got |= IPC_READ;
	return r < 0 ? r : 0;
}

#define NAP_NS UINT64_C(1000000)

/*
 * A ring's level may say "ready" where its writer was stopped, or killed, in the middle of
 * a put: then that one is left out for a moment, rather than asked again and again.
 */
static void sleep_on_fds(struct wait_set *s)
{
	uint64_t now = clock_now_ns(), until;
	bool     early = false;

	if (!may_sleep(s, now, &until))
		return;
	for (size_t i = 0; i < s->n; i++) {
		const struct question *q = &s->q[i];

		s->fds[i] = (struct pollfd){.fd = matters(s, q) ? q->fd : -1,
					    .events = q->c ? POLLIN : (short)q->bit};
		if (q->c && s->fds[i].fd >= 0 && level_is(q->c->h.o, q->ring, q->side)) {
			s->fds[i].fd = -1;
			early = true;
		}
	}
	(void)ask(s, early && until - now > NAP_NS ? NAP_NS : until - now);
}

/* ---- either -------------------------------------------------------------------------------- */

/* Is there something to do that must not be done while the record is published? */
static bool has_chores(const struct wait_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct question *q = &s->q[i];

		if (q->c &&
		    (channel_holders_lost(q->c, RIGHT_SEND(q->ring) | RIGHT_RECV(q->ring)) ||
		     (q->side == LEVEL_GET && lane_worth_trimming(&q->c->lane[q->ring]))))
			return true;
	}
	return false;
}

/*
 * A slice is over, and nothing is to be done: the record stays as it is, so that others who look
 * find it the same as before. (Two who sleep in step would else see each other move for ever.)
 */
static bool sleeps_on(struct wait_set *s, uint64_t now)
{
	struct wait *w = &s->wait;

	if (now < w->look_ns || (w->deadline && now >= w->deadline) || set_holds(s) ||
	    has_chores(s))
		return false;
	wait_note_alarm(w);
	w->slices++;
	wait_next_slice(w);
	return true;
}

int set_sleep(struct wait_set *s)
{
	struct wait *w = &s->wait;
	uint64_t     now;
	bool         told;

	if (!s->by_poll)
		enlist(s);
	wait_publish(w);
	do {
		if (s->by_poll)
			sleep_on_fds(s);
		else
			sleep_on_events(s);
		now = clock_now_ns();
		told = now >= w->look_ns && deadlock_ask(w) == WAIT_TOLD;
	} while (!told && sleeps_on(s, now));
	wait_withdraw(w);
	if (told && wait_act(w) < 0)
		return -EDEADLK;
	return w->deadline && now >= w->deadline ? -ETIMEDOUT : 0;
}

void set_leave(struct wait_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct question *q = &s->q[i];

		if (q->enlisted && event_disarm(event_of(q)) && question_holds(q))
			event_wake(event_of(q), 1);
	}
}
