#ifndef OBSERVE_RELATE_H
#define OBSERVE_RELATE_H

/*
 * relate.h - from a view to the model: what each kind of wait waits for
 *
 * This file is where the meaning of the library's calls is known. Processes and
 * threads have the same numbers in both; a thread's model .wait is its wait's.
 *
 * Whatever is not understood or not in order counts as "may go on": a verdict
 * left out is better than a wrong one.
 */

#include "observe/locks.h"
#include "observe/model.h"
#include "observe/view.h"

struct relate {
	const struct view      *v;
	const struct image     *image;
	const struct lock_seen *locks;       /* per wait */
	bool                    as_recorded; /* of a copy: believe the records, not the kernel */
	struct {
		uint32_t channel, group;
		uint64_t offset;
	} crowd;            /* of the barrier last seen: relate_sync.c */
	struct grow groups; /* per channel and condition: its group, or MODEL_NOBODY */
};

/* Make @m of @r: 0 or -ENOMEM. Sets satisfied of the view's waits and owner of its locks. */
int relate(struct model *m, struct relate *r);

/* Is there room for one more message on this ring? */
bool relate_has_room(const struct ring_ctl *c, uint64_t heap_wanted, bool needs_slot);

#endif /* OBSERVE_RELATE_H */
