#ifndef MODEL_TALLY_H
#define MODEL_TALLY_H

/*
 * tally.h - from one reading after the other to rates, histories and places
 *
 *     tally_update(&m, s);     s: what ipc_observer_read() gave
 *     draw(&m.frame);
 *
 * It remembers totals by id and knows no screen.
 */

#include "model/frame.h"
#include "model/table.h"

struct symbols;

/* All zeroes is a tally that has seen nothing. */
struct tally {
	struct frame    frame;       /* of the last reading; frame.s is NULL before the first one */
	struct symbols *symbols;     /* NULL: call sites stay unknown */
	int             with_procfs; /* ask the kernel for processor time and memory */
	struct table    channels, processes;
	uint64_t        t_ns, nonce; /* of the last reading */
};

/** Take in a reading. The frame borrows @s: it is good until the observer reads again. */
void tally_update(struct tally *m, const struct ipc_snapshot *s);

/** Forget the frame, because the snapshot under it is about to go. */
void tally_drop_frame(struct tally *m);

void tally_fini(struct tally *m);

#endif
