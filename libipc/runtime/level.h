#ifndef RUNTIME_LEVEL_H
#define RUNTIME_LEVEL_H

/*
 * level.h - would a get, or a put, wait? As a descriptor that any process can poll
 *
 * For each ring and each of the two questions there is, once somebody asked, a FIFO
 * beside the object's file, and one byte or more in it is the answer "it would not
 * wait". The FIFO is the same for all who poll, in whatever process, so one writer's
 * one byte tells them all, and it stays told until the answer changes.
 *
 * Why a FIFO: an eventfd has no name, and whoever opened the object by name has nobody
 * to get it from; a datagram socket has one, but a message for each listener, and a
 * queue that fills up. A FIFO is found by path, is a level and not a count of events,
 * goes with the domain's directory, and the kernel forgets its content with the last
 * who has it open. Who changes the answer opens it, writes or empties it, and closes
 * it: measured 1.2 µs, where a FIFO kept open takes 0.33 and an eventfd 0.25. That is
 * little beside the 20 µs that waking somebody takes, and leaves no descriptors in
 * processes that asked for none, nothing to inherit and nothing to clean up.
 *
 * Costs nothing until asked for: the bit EVENT_WATCHED in the words that puts and gets
 * look at anyway makes them come here.
 *
 * What the answer rests on are the ring's words alone, so that who cleans up after the
 * dead can give it without the object's memory. So "a message is there" may be said an
 * instant before it is whole; and, where its writer was stopped in that instant, for
 * longer.
 */

#include <stdbool.h>

#include "runtime/layout.h"

enum level_side { LEVEL_GET, LEVEL_PUT, N_LEVELS };

/** Its bit in end_rec.watches. */
#define LEVEL_BIT(ring, side) (UINT64_C(1) << (N_LEVELS * (ring) + (side)))

/**
 * Have @side of ring @ring of @object shown from now on, for as long as the end @end
 * lives: its FIFO, open for reading and writing, the caller's to close; or negative
 * errno with an explanation. Takes the registry lock.
 */
int level_watch(uint32_t object, unsigned ring, enum level_side side, uint32_t end);

/** The same for an end that came to be by fork, of a FIFO that it inherited. */
void level_keep(uint32_t object, unsigned ring, enum level_side side, uint32_t end);

/** End @end goes, its object stays: what nobody else watches ends. Under the lock. */
void level_leave(struct object_rec *o, uint32_t end);

/** Remove the FIFOs of @object. Under the lock. */
void level_unlink(uint32_t object);

/** Is the answer yes? From the ring's words alone. */
bool level_is(const struct object_rec *o, unsigned ring, enum level_side side);

/** Make what is shown right; with @again even where it seems to be. */
void level_sync(struct object_rec *o, unsigned ring, bool again);

#endif /* RUNTIME_LEVEL_H */
