#ifndef RUNTIME_FORK_H
#define RUNTIME_FORK_H

/** Register the fork handlers, once in a process. */
void fork_watch(void);

#endif /* RUNTIME_FORK_H */
