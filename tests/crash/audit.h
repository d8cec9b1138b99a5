#ifndef CRASH_AUDIT_H
#define CRASH_AUDIT_H

#include "scene.h"

/** How much of everything the domain holds. */
void audit_count(struct scene *s, struct numbers *ret);

/** Is @pid a member, and not taken for dead? */
bool audit_lives(struct scene *s, pid_t pid);

/**
 * Everybody who died was cleaned up after: the domain holds what it held before, and the
 * counters of what carried messages agree with one another and with the ledger.
 */
void audit(struct scene *s);

#endif /* CRASH_AUDIT_H */
