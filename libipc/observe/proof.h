#ifndef OBSERVE_PROOF_H
#define OBSERVE_PROOF_H

/*
 * proof.h - the second reading: did anything move?
 *
 * The first reading (image.c) takes the threads' wait records before the objects.
 * If afterwards a thread's 64-bit wait sequence is what it was, it slept in that
 * very wait all the time between; and while it is published as asleep it changes
 * nothing. So of a set of threads that all still sleep, all slept at the one
 * instant between the two readings, and what only they could have changed was
 * then as the first reading found it: the picture is of one moment, although
 * nobody was stopped.
 *
 * Whatever did move counts as able to go on. So the proof cannot fail as a whole
 * because something elsewhere is busy, but for one case: the tables are being
 * changed, which proves nothing. That is a matter of microseconds, and worth
 * another reading (observer.c), so that what was proved once does not vanish.
 */

#include "observe/files.h"
#include "observe/life.h"
#include "observe/relate.h"

struct proof {
	struct model        *m;
	const struct relate *r;
	const struct vitals *vitals;
	const bool   *believed; /* per process slot: to live, and not asked at this reading */
	struct files *files;
	struct grow   seen;           /* one byte per process, one per channel */
	struct grow   anew[N_TABLES]; /* tables read again, if @whole */
	bool          whole;
	bool          shaky; /* the tables were under change */
};

/* Read everything that @stuck rests on again, and open in the model what changed. */
void proof_check(struct proof *p, const bool *stuck);

void proof_fini(struct proof *p);

#endif /* OBSERVE_PROOF_H */
