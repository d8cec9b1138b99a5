#ifndef RUNTIME_RECOVER_H
#define RUNTIME_RECOVER_H

/*
 * recover.h - what a dead thread had begun in a ring
 *
 * Only the object layer knows rings and their memory; it sets the function.
 */

#include <stdbool.h>

#include "runtime/layout.h"

/**
 * Close or release the position the dead thread @t had claimed, if any; under the
 * registry lock. False: it cannot be told yet whether the claim was its own.
 */
extern bool (*recover_claim)(struct thread_rec *t);

/** The same, and take it off the sleepers it counted itself among. */
bool recover_thread(struct thread_rec *t);

#endif /* RUNTIME_RECOVER_H */
