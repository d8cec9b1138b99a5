/* share.c - shares of a lock, counted anew; see share.h */

#include "object/share.h"

#include <errno.h>
#include <sched.h>

#include "base/error.h"
#include "runtime/process.h"

#define NO_TURN UINT_MAX

/* Threads of one process mostly lie together: each process is asked once in a row. */
struct asked {
	ref  process;
	bool dead;
};

static bool is_dead(struct asked *last, ref process)
{
	if (last->process != process) {
		last->process = process;
		last->dead = process_is_dead(process);
	}
	return last->dead;
}

static void count_thread(struct census *c, struct thread_rec *t, uint64_t key, unsigned turn,
			 struct asked *asked)
{
	for (unsigned i = 0; i < HELD_MAX && i < load_relaxed(&t->n_held); i++) {
		uint64_t what = held_what(&t->held[i]);

		if (!what || (what & HELD_KEY) != key || is_dead(asked, load_relaxed(&t->process)))
			continue;
		if (turn != NO_TURN && held_count(what) != turn)
			continue;
		c->shares += turn != NO_TURN ? 1 : held_count(what);
		c->unsettled |= (what & HELD_PHASE) != HELD_HAS;
	}
}

struct census share_census_of_turn(uint64_t key, unsigned turn)
{
	struct census c = {0};
	struct asked  asked = {0};

	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		struct thread_rec *t = thread_at(i);

		if (life_state(load_acquire(&t->life)) == LIFE_LIVE)
			count_thread(&c, t, key, turn, &asked);
	}
	return c;
}

struct census share_census(uint64_t key)
{
	return share_census_of_turn(key, NO_TURN);
}

bool share_census_settled(uint64_t key, uint64_t *ret_shares)
{
	for (int i = 0; i < SETTLE_TRIES; i++) {
		struct census c = share_census(key);

		if (!c.unsettled) {
			*ret_shares = c.shares;
			return true;
		}
		(void)sched_yield();
	}
	return false;
}

bool share_is_awaited(enum wait_op op, uint64_t number)
{
	struct asked asked = {0};

	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		const struct thread_rec *t = thread_at(i);

		if (life_state(load_acquire(&t->life)) == LIFE_LIVE &&
		    (load_acquire(&t->wait.seq) & WAIT_STATE_MASK) == WAIT_BLOCKED &&
		    load_relaxed(&t->wait.item[0].op) == (uint32_t)op &&
		    load_relaxed(&t->wait.item[0].arg2) == number &&
		    !is_dead(&asked, load_relaxed(&t->process)))
			return true;
	}
	return false;
}

bool share_begin(struct held_rec *h, enum held_bits phase, uint64_t *ret_was)
{
	uint64_t what = held_what(h);

	while (what && !compare_swap(&h->what, &what, (what & ~(uint64_t)HELD_PHASE) | phase))
		;
	*ret_was = what;
	return what != 0;
}

struct held_rec *share_take(struct thread_rec *t, uint64_t key, const void *lock, uint64_t site,
			    uint64_t *ret_was)
{
	struct held_rec *h = held_find(t, key);
	struct place     p;

	*ret_was = 0;
	if (h && share_begin(h, HELD_TAKING, ret_was)) {
		if (held_count(*ret_was) < HELD_COUNT_MAX)
			return h;
		held_set(h, *ret_was);
		return NULL;
	}
	h = held_room(t);
	if (!h)
		return NULL;
	p = place_of(lock);
	held_place(h, p.block, p.offset, 0, site);
	held_set(h, key | HELD_TAKING);
	return h;
}

int share_no_room(void)
{
	return fail(-ENOBUFS,
		    "this thread has %d locks, or %u times this one, and more cannot be "
		    "told of it: unlock some first",
		    HELD_MAX, HELD_COUNT_MAX);
}

void share_taken(struct held_rec *h, uint64_t was)
{
	uint64_t count = was ? was & ~(uint64_t)HELD_PHASE : held_what(h) & HELD_KEY;

	held_set(h, (count + HELD_COUNT_ONE) | HELD_HAS);
}

void share_untaken(struct thread_rec *t, struct held_rec *h, uint64_t was)
{
	if (was)
		held_set(h, was);
	else
		held_clear(t, h);
}

void share_given(struct thread_rec *t, struct held_rec *h, uint64_t was)
{
	if (held_count(was) <= 1)
		held_clear(t, h);
	else
		held_set(h, was - HELD_COUNT_ONE);
}
