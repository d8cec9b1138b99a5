#ifndef OBSERVE_QUIET_H
#define OBSERVE_QUIET_H

/*
 * quiet.h - what /proc said of a process at an earlier reading, and still holds
 *
 * A process that had no thread but the known ones, and no timer, and of which all threads have
 * been asleep ever since, each in the same wait, still has none: nobody else makes them. So /proc
 * is not asked again at each reading; that is most of what many who are stuck cost. (A handler of
 * a signal could, but ends the wait it interrupts. LTTng's threads make only more of their kind.)
 */

#include "observe/judge.h"

/* The waits that all threads of process @p are in, as one number; 0: one of them is in none. */
uint64_t quiet_sleeps(const struct judge *j, uint32_t p);

/* Was @p found quiet while it was in these waits? */
bool quiet_still(struct judge *j, uint32_t p, uint64_t sleeps);

/* /proc was asked, and it is. */
void quiet_from_now(struct judge *j, uint32_t p, uint64_t sleeps);

#endif /* OBSERVE_QUIET_H */
