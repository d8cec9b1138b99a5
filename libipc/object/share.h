#ifndef OBJECT_SHARE_H
#define OBJECT_SHARE_H

/*
 * share.h - shares of a lock: counted in the lock, known by thread
 *
 * A lock that many hold at once has room for a count and not for their names. Those are
 * in the threads' own records (runtime/held.h), and that is the truth: a process that is
 * killed takes its shares along, and what the count is too high by then, any sleeper
 * finds out by counting the living (share_census()).
 *
 * To set it right, the count must hold still. So it is frozen: a bit in the lock's word
 * makes every change of it fail and look again. Frozen and set right under the registry
 * lock, which the kernel gives back when its owner dies; a frozen word that somebody
 * finds while holding that lock is a dead one's, and is set right anew.
 *
 * A living thread whose record says "taking" or "giving" cannot be counted. While the word
 * is frozen it says something else within a few instructions, if it runs.
 */

#include "object/sync.h"

/* Picked: each lets others run, and who was interrupted in taking or giving comes to run in that. */
#define SETTLE_TRIES 200

struct census {
	uint64_t shares;    /* of the living, added up */
	bool     unsettled; /* a living thread is just taking or giving one */
};

/** Count over all threads of living processes. Reads only; some calls of the kernel. */
struct census share_census(uint64_t key);

/** Of arrivals: count those of one turn. */
struct census share_census_of_turn(uint64_t key, unsigned turn);

/** The same, again and again until it is settled; false: it would not. */
bool share_census_settled(uint64_t key, uint64_t *ret_shares);

/** Does a living thread sleep in a wait of @op for the lock numbered @number? */
bool share_is_awaited(enum wait_op op, uint64_t number);

/**
 * Enter @phase with an entry of this thread; false: it is none any more, as another
 * thread of the process took over what was there. *@ret_was: what it said before.
 */
bool share_begin(struct held_rec *h, enum held_bits phase, uint64_t *ret_was);

/**
 * An entry of @t for one more share of that lock, phase TAKING; NULL: it has as many
 * locks as can be told. *@ret_was is for share_taken() and share_untaken().
 */
struct held_rec *share_take(struct thread_rec *t, uint64_t key, const void *lock, uint64_t site,
			    uint64_t *ret_was);

/** That it has: -ENOBUFS, and what to do. */
int share_no_room(void);

void share_taken(struct held_rec *h, uint64_t was);
void share_untaken(struct thread_rec *t, struct held_rec *h, uint64_t was);

/** One share less, the lock's count having been lowered. */
void share_given(struct thread_rec *t, struct held_rec *h, uint64_t was);

#endif /* OBJECT_SHARE_H */
