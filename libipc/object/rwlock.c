/*
 * rwlock.c - many readers or one writer
 *
 * One word tells all: 0, free; READING with a count of readers and two flags; else the
 * writer's reference, as the owner of a mutex. Who reads is in the threads' own records
 * (share.h). WAITING, set by a writer before it sleeps, holds new readers back, else
 * writers would starve; it goes with the last reader. A reader that was held back for
 * two slices goes in regardless: so nobody waits for ever for a writer that waits itself,
 * and a flag that a dead writer left costs no more, and is taken away then.
 *
 * Killed between any two stores:
 *     holding it to write      as with a mutex: mutex.c
 *     holding it to read, or   who sleeps finds at the end of a slice that the living
 *     half way in or out       have fewer shares than are counted, and sets that right
 *     WAITING set, not asleep  see above
 *     FROZEN                   who next wants to change the word finds it so, waits for
 *                              the registry lock, and sets it right
 *     out, not woken           who sleeps sees it at the end of a slice
 *
 * Ordering
 *     R1  unlock  release  state   what was protected is written; readers: has been read
 *     A1  lock    acquire  state   (the CAS) pairs with R1
 */

#include "object/mutex.h"
#include "object/share.h"
#include "runtime/lock.h"

#define READING     (UINT64_C(1) << 63) /* a reference has neither of its two top bits */
#define FROZEN      (UINT64_C(1) << 32)
#define WAITING     (UINT64_C(1) << 33)
#define COUNT       UINT64_C(0xffffffff)
#define READERS_MAX UINT64_C(0x7fffffff)
#define WRITERS(l)  ((struct event *)(void *)&(l)->writers_word)

_Static_assert(sizeof(ipc_rwlock) == 32 && offsetof(ipc_rwlock, number) == 24, "ABI");

struct locking {
	ipc_rwlock        *l;
	struct thread_rec *t;
	uint64_t           key; /* of shares to read it */
	bool               write;
	struct wait        w;
};

static void wake_all(ipc_rwlock *l)
{
	event_wake(SYNC_EVENT(l), INT_MAX);
	event_wake(WRITERS(l), 1);
}

/* ---- after a death --------------------------------------------------------------------- */

/* Freeze the count of readers. False: there is none, so nothing is wrong with it. */
static bool freeze(ipc_rwlock *l)
{
	uint64_t s = load_relaxed(&l->state);

	while (s & READING)
		if ((s & FROZEN) || compare_swap(&l->state, &s, s | FROZEN))
			return true;
	return false;
}

/*
 * The count of readers is what the living have; writers wait if they do. Who only waits may have a
 * time limit, and looks again in a slice: should the registry be held for long, that is not now.
 */
static void recount(ipc_rwlock *l, uint64_t key, ipc_nsec patience)
{
	uint64_t n, s;

	if (registry_lock_within(patience) < 0)
		return;
	if (freeze(l)) {
		s = load_relaxed(&l->state) & ~FROZEN;
		if (share_census_settled(key, &n)) {
			s = n ? READING | n : 0;
			if (n && share_is_awaited(OP_WRLOCK, load_relaxed(&l->number)))
				s |= WAITING;
		}
		store_release(&l->state, s);
	}
	registry_unlock();
	wake_all(l);
}

/* Do the living have fewer shares than are counted, or does no writer wait although it says so? */
static bool is_miscounted(ipc_rwlock *l, uint64_t s, uint64_t key)
{
	struct census c;

	if (s & FROZEN)
		return true;
	c = share_census(key);
	if (c.unsettled || load_relaxed(&l->state) != s)
		return false;
	return c.shares != (s & COUNT) ||
	       ((s & WAITING) && !share_is_awaited(OP_WRLOCK, load_relaxed(&l->number)));
}

static bool lock_lost(void *arg)
{
	const struct locking *k = arg;
	uint64_t              s = load_acquire(&k->l->state);

	if (!(s & READING))
		return mutex_owner_lost(&k->l->state);
	if (k->write && !(s & (FROZEN | WAITING)))
		return true; /* somebody counted before this wait could be seen: ask again */
	return is_miscounted(k->l, s, k->key);
}

static void lock_mend(void *arg)
{
	const struct locking *k = arg;

	if (load_acquire(&k->l->state) & READING)
		recount(k->l, k->key, IPC_NOW);
	else
		mutex_owner_mend(&k->l->state);
}

/* ---- locking ----------------------------------------------------------------------------- */

static bool reads_already(const struct locking *k)
{
	const struct held_rec *h = held_find(k->t, k->key);

	return h && held_count(held_what(h)) > 0; /* an entry without a share is this very call's */
}

static bool may_read(const struct locking *k, uint64_t s)
{
	bool held_back = (s & WAITING) && k->w.slices == 0;

	return (s & READING) && !(s & FROZEN) && (s & COUNT) < READERS_MAX &&
	       (!held_back || reads_already(k));
}

static bool lock_ready(void *arg)
{
	const struct locking *k = arg;
	uint64_t              s = load_acquire(&k->l->state);

	if (!s)
		return true;
	if (s & READING)
		return !k->write && may_read(k, s);
	return sync_owner_gone(s);
}

/* 0, or -EAGAIN, with *@s up to date. */
static int take_share(const struct locking *k, uint64_t *s)
{
	uint64_t         was;
	struct held_rec *h = share_take(k->t, k->key, k->l, k->w.site, &was);

	if (!h)
		return share_no_room();
	while (!*s || may_read(k, *s)) {
		if (!compare_swap(&k->l->state, s, (*s | READING) + 1)) /* A1: pairs with R1 */
			continue;
		share_taken(h, was);
		return 0;
	}
	share_untaken(k->t, h, was);
	return -EAGAIN;
}

/* Say that a writer waits, so that readers end some time. */
static void ask_readers(const struct locking *k, uint64_t s)
{
	while ((s & READING) && !(s & (FROZEN | WAITING)))
		if (compare_swap(&k->l->state, &s, s | WAITING))
			return;
}

static int take_all(const struct locking *k, uint64_t *s)
{
	int r = *s ? -EOWNERDEAD : 0;

	if (!compare_swap(&k->l->state, s, thread_ref(k->t))) /* A1: pairs with R1 */
		return -EAGAIN;
	sync_note(k->t, k->l, HELD_WRITE, k->w.site, k->w.thread != NULL);
	return r;
}

static int try_lock(void *arg)
{
	struct locking *k = arg;
	uint64_t        s = load_relaxed(&k->l->state);
	int             r = -EAGAIN;

	if (!k->write && (!s || (s & READING)))
		r = take_share(k, &s);
	else if (!s || (!(s & READING) && sync_owner_gone(s)))
		r = take_all(k, &s);
	if (r == -EAGAIN && k->write && k->w.timeout != IPC_NOW)
		ask_readers(k, load_relaxed(&k->l->state));
	return r;
}

/* The last of the writers that wait gives up: readers need not be held back any more. */
static void withdraw_request(struct locking *k)
{
	uint64_t s = load_relaxed(&k->l->state);

	/* not by .writers_sleepers: the killed stay counted there */
	if (share_is_awaited(OP_WRLOCK, load_relaxed(&k->l->number)))
		return;
	while ((s & READING) && (s & WAITING) && !(s & FROZEN))
		if (compare_swap(&k->l->state, &s, s & ~WAITING)) {
			event_wake(SYNC_EVENT(k->l), INT_MAX);
			return;
		}
}

static int lock_slow(struct locking *k, ipc_nsec timeout)
{
	int r;

	k->w.event = k->write ? WRITERS(k->l) : SYNC_EVENT(k->l);
	k->w.ready = lock_ready;
	k->w.lost = lock_lost;
	k->w.mend = lock_mend;
	k->w.arg = k;
	sync_prepare(&k->w, k->l, k->write ? OP_WRLOCK : OP_RDLOCK, k->key >> HELD_NUMBER_SHIFT,
		     timeout, k->w.site);
	r = sync_wait(&k->w, try_lock);
	if (r < 0 && r != -EOWNERDEAD && k->write)
		withdraw_request(k);
	return r;
}

static int lock(ipc_rwlock *l, bool write, ipc_nsec timeout, uint64_t site)
{
	struct locking k = {.l = l, .write = write, .w = {.timeout = timeout, .site = site}};
	int            r = sync_aligned(l) ? thread_self(&k.t) : -EINVAL;

	if (r < 0)
		return r;
	k.key = held_key(sync_number(&l->number), HELD_READ);
	r = try_lock(&k);
	return likely(r != -EAGAIN) ? r : lock_slow(&k, timeout);
}

int ipc_rwlock_rdlock(ipc_rwlock *l, ipc_nsec timeout)
{
	return lock(l, false, timeout, caller(__builtin_return_address(0)));
}

int ipc_rwlock_wrlock(ipc_rwlock *l, ipc_nsec timeout)
{
	return lock(l, true, timeout, caller(__builtin_return_address(0)));
}

/* ---- unlocking ------------------------------------------------------------------------------ */

static void give_share(ipc_rwlock *l, struct thread_rec *t, struct held_rec *h)
{
	uint64_t was = held_what(h), s = load_relaxed(&l->state), left;

	held_set(h, (was & ~(uint64_t)HELD_PHASE) | HELD_GIVING);
	for (;;) {
		if (s & FROZEN) {
			held_set(h, was); /* so that it can be counted */
			recount(l, was & HELD_KEY, IPC_FOREVER);
			s = load_relaxed(&l->state);
			held_set(h, (was & ~(uint64_t)HELD_PHASE) | HELD_GIVING);
			continue;
		}
		left = (s & COUNT) > 1 ? s - 1 : 0;
		if (compare_swap(&l->state, &s, left)) /* R1 */
			break;
	}
	share_given(t, h, was);
	if (left)
		return;
	wake_all(l); /* the writers counted may be dead, or about to give up */
}

int ipc_rwlock_unlock(ipc_rwlock *l)
{
	struct thread_rec *t = thread_rec_self;
	struct held_rec   *h;
	uint64_t           number = sync_aligned(l) ? load_relaxed(&l->number) : 0;

	if (!sync_aligned(l))
		return -EINVAL;
	if (t && load_relaxed(&l->state) == thread_ref(t)) {
		sync_forget(t, l, HELD_WRITE);
		store_release(&l->state, UINT64_C(0)); /* R1 */
		wake_all(l);
		return 0;
	}
	h = t && number ? held_find(t, held_key(number, HELD_READ)) : NULL;
	if (!h)
		return load_relaxed(&l->state) ? -EPERM : -EINVAL;
	give_share(l, t, h);
	return 0;
}
