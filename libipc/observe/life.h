#ifndef OBSERVE_LIFE_H
#define OBSERVE_LIFE_H

/*
 * life.h - which processes of a domain are alive, and what machine this is
 *
 * Liveness is asked of the kernel (base/alive.h), never guessed from silence; of many
 * processes in turns, so that what is said of one may be a second old (observer.c).
 */

#include <stdbool.h>
#include <stdint.h>

#include "runtime/layout.h"

struct vitals {
	int      alive_fd, fork_fd; /* negative: nobody can be proven alive */
	bool     copy; /* of a domain's directory, or of an earlier boot: nobody is in it */
	uint64_t self_pid, self_start_ticks, self_ns;
	uint64_t registry_inode;
	char     boot_id[40];
};

void life_init(struct vitals *l, const char *dir);
void life_fini(struct vitals *l);

/* What may have changed since the last reading: a fork makes the observer another process. */
void life_refresh(struct vitals *l);

/* Is the process of @p, in slot @slot, alive? */
bool life_asks(const struct vitals *l, const struct process_rec *p, uint64_t slot);

#endif /* OBSERVE_LIFE_H */
