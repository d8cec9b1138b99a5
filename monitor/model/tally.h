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
#include "model/namespace.h"
#include "model/table.h"

struct procfs_usage;
struct symbols;
struct end_past;
struct events_past;

/* All zeroes is a tally that has seen nothing. */
struct tally {
	struct frame    frame;       /* of the last reading; frame.s is NULL before the first one */
	struct symbols *symbols;     /* NULL: call sites stay unknown */
	int             with_procfs; /* ask the kernel for processor time and memory */
	int             without_events; /* nobody asks for them, nor for lints */
	int             brief; /* for now leave out what takes long: places in the source, /proc */
	const struct procfs_usage *usage; /* per process, as recorded; NULL: nobody has */
	struct namespaces          namespaces;
	struct table               channels, processes;
	struct latencies           latencies;
	struct locks_past          locks;
	struct events_past        *events;    /* NULL: nothing yet */
	uint64_t                   lints_off; /* bits of enum lint_id: not looked for */
	struct end_past           *ends;      /* of the last reading, in its order */
	size_t                     n_ends;
	uint64_t                   ends_ns;         /* when they were last gone through */
	uint64_t                   ends_generation; /* of the reading then; 0: go through them */
	uint64_t                   layers_ns; /* when each channel's layer was found; 0: not yet */
	uint64_t                   t_ns, nonce; /* of the last reading */
};

/** Take in a reading. The frame borrows @s: it is good until the observer reads again. */
void tally_update(struct tally *m, const struct ipc_snapshot *s);

/** Forget the frame, because the snapshot under it is about to go. */
void tally_drop_frame(struct tally *m);

/** The next reading is the first one. */
void tally_forget(struct tally *m);

void tally_fini(struct tally *m);

#endif
