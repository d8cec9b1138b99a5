#ifndef RUNTIME_REPAIR_H
#define RUNTIME_REPAIR_H

/**
 * registry_repair() - make the tables right after a lock owner died
 *
 * Under the registry lock. Everything it makes is derived from records that are
 * whole (their first word is written last), so it may die itself at any point:
 * the next owner does it again, with the same result.
 */
void registry_repair(void);

#endif /* RUNTIME_REPAIR_H */
