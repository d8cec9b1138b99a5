#ifndef OBJECT_WATCH_H
#define OBJECT_WATCH_H

/*
 * watch.h - descriptors that this process has asked for of a channel
 *
 * Beside the FIFO of runtime/level.h there is what only the kernel can tell: that a
 * process has died, which may mean end of file, or a message behind what the dead had
 * claimed. So the descriptor is an epoll(7) of the FIFO and of the pidfds of those who
 * hold the channel. One of these, readable, is not the answer but a reason to look: the
 * next get that finds nothing cleans up after the dead, and then the answer is right.
 *
 * Who holds the channel changes. It is looked up when the descriptor is asked for, in
 * the child of a fork, when a handle to the same channel is closed here, after a spawn,
 * and by a get that finds nothing. Of a holder that came since and dies the kernel
 * tells nobody: its orderly goodbye is heard, and so is its end once anybody in the
 * domain cleans up after it; and who sleeps in a call of this library looks for itself.
 */

#include "object/channel.h"
#include "runtime/level.h"

/** The FIFO of @side: readable while a get (or put) would not wait. Belongs to @c. */
int watch_fifo(struct channel *c, unsigned ring, enum level_side side);

/** The descriptor for the caller to poll. Belongs to @c. */
int watch_fd(struct channel *c, unsigned ring, enum level_side side);

/**
 * Somebody asked without waiting and found nothing: is the descriptor of the same
 * opinion? True: somebody was dead and is cleaned up after; try again.
 */
bool watch_look(struct channel *c);

/** The holders of channels may have changed: look them up for all descriptors. */
void watch_holders(void);

/** @c is about to be closed. */
void watch_close(struct channel *c);

#endif /* OBJECT_WATCH_H */
