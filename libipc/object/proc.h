#ifndef OBJECT_PROC_H
#define OBJECT_PROC_H

/* proc.h - what other waits must know of a child process */

#include <ipc/proc.h>

#include "runtime/layout.h"

/** How a wait for its end is published. */
struct wait_item proc_wait_item(const ipc_proc *p);

#endif /* OBJECT_PROC_H */
