#ifndef OBSERVE_SIGNALS_H
#define OBSERVE_SIGNALS_H

/*
 * signals.h - who may set an event although it sleeps
 *
 * ipc_event_set() may be called in a signal handler, so a thread asleep in the library is
 * not as silent as the proof takes it to be: a main program that waits on an event for
 * SIGTERM is no deadlock. Which signals a process catches, /proc tells; what their handlers
 * do, nobody does. So where one of those who could set an event catches any that comes from
 * outside, the wait counts as open.
 */

#include "observe/relate.h"

void signals_open(struct model *m, const struct relate *r, const bool *stuck);

#endif /* OBSERVE_SIGNALS_H */
