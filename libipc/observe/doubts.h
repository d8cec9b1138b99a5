#ifndef OBSERVE_DOUBTS_H
#define OBSERVE_DOUBTS_H

/*
 * doubts.h - what lowers a verdict: all that the registry cannot know of those who seem stuck
 *
 *     threads that libipc has not seen            /proc/PID/task
 *     another pid namespace, no permission        the record; EACCES
 *     a SIGALRM or a timer on its way             the wait record; /proc/PID/timers
 *     processes that have the domain mapped       /proc/PID/maps
 *     and are not of it
 *
 * Each makes its process opaque, with a reason in words: what it might do counts as
 * possible, so that there is at most a suspicion.
 */

#include "observe/judge.h"

/* Ask the kernel about all processes that the waits of set STUCK rest on. */
void doubts_look(struct judge *j);

/*
 * Is there a process that has this domain's registry mapped and is not in it, as after a
 * fork that went past the library, or one of which that cannot be told? In @why, which.
 */
bool strangers_find(struct judge *j, char *why, size_t size);

#endif /* OBSERVE_DOUBTS_H */
