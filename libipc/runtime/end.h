#ifndef RUNTIME_END_H
#define RUNTIME_END_H

/* end.h - ends: which process holds which rights to which object; under the registry lock */

#include "runtime/layout.h"

/** An end of @process on @object with @rights, or one more handle of the one it has. */
int end_open(uint32_t object, ref process, uint32_t rights, uint32_t *ret);

/** One handle less; with the last, the end is folded into its object and freed. */
void end_close(uint32_t end);

/** The end is gone whatever handles it had: its process is dead. */
void end_remove(uint32_t end);

/** Finish a fold that a dead process began. */
void end_finish_fold(void);

/** Build list and holder counts of every object anew from the ends table. */
void ends_rebuild(void);

#endif /* RUNTIME_END_H */
