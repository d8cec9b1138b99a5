#ifndef RUNTIME_END_H
#define RUNTIME_END_H

/* end.h - ends: which process holds which rights to which object; under the registry lock */

#include <stdbool.h>

#include "runtime/layout.h"

/** An end of @process on @object with @rights, or one more handle of the one it has. */
int end_open(uint32_t object, ref process, uint32_t rights, uint32_t *ret);

/**
 * A further end, that of a parcel inside a message of @carrier (runtime/parcel.h): @process
 * sends it, and nobody uses it.
 */
int end_open_parcel(uint32_t object, ref process, uint32_t rights, ref carrier, uint32_t *ret);

/** One handle less; with the last, the end is folded into its object and freed. */
void end_close(uint32_t end);

/**
 * The end is gone whatever handles it had: its process is dead. False: not yet, for lack
 * of memory or descriptors; ask again later.
 */
bool end_remove(uint32_t end);

/**
 * Free what the process of an end that is about to go had of its object's memory; set by
 * the object layer, called where .in_place says that there may be something. False: it
 * could not get at them now.
 */
extern bool (*end_held_sweep)(struct object_rec *o, struct end_rec *e);

/** Finish a fold that a dead process began. */
void end_finish_fold(void);

/** Have list and holder counts of every object as the ends table says. */
void ends_rebuild(void);

#endif /* RUNTIME_END_H */
