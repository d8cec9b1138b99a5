#ifndef CRASH_WALK_H
#define CRASH_WALK_H

#include "scene.h"

/**
 * Step member @i of the cast, process @pid, through its operation: to where the trial
 * kills it, or to the end, listing on the way where a kill would make a difference.
 */
void walk(struct scene *s, unsigned i, pid_t pid);

/** Bring the partner, process @pid, to where it stands still while the victim is killed. */
void walk_partner(struct scene *s, pid_t pid);

/** Let it go on, or die, as the trial has it. */
void walk_on(struct scene *s);

#endif /* CRASH_WALK_H */
