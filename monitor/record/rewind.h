#ifndef RECORD_REWIND_H
#define RECORD_REWIND_H

/*
 * rewind.h - a tape as frames
 *
 * A frame follows from its reading and from those before: rates, graphs. So to
 * go somewhere means to read from some minutes before it on, as far as that is
 * quick.
 */

#include "model/tally.h"
#include "record/decode.h"
#include "record/tape.h"

struct rewind {
	const struct tape *tape;
	struct decoder     decoder;
	struct packer     *packer;
	struct bytes       scratch, payload;
	struct sample      sample;
	struct tally       tally;       /* its frame is the one asked for */
	uint64_t           at;          /* number of the sample it is of; UINT64_MAX: none */
	uint64_t           decoded;     /* number of the last one decoded; UINT64_MAX: none */
	uint64_t           step_ns;     /* what one sample costs, about */
	uint64_t           patience_ns; /* for how long it may read what came before */
	struct bytes       damaged;     /* one each: is it known that it cannot be read? */
	uint64_t           n_damaged;   /* of them */
	struct symbols    *symbols;     /* its own, which know what the recording says; or NULL */
};

/** @symbols: to look call sites up with; NULL: they are as recorded. */
void rewind_init(struct rewind *w, const struct tape *tape, struct symbols *symbols);
void rewind_fini(struct rewind *w);

/**
 * Make the frame of sample @number. Where that is damaged, of the next one that
 * can be read, or of the last before it if none behind it can. 0; -ENODATA: none
 * can, or there is no such sample.
 */
int rewind_to(struct rewind *w, uint64_t number);

/** The frame; its s is NULL before the first one. */
static inline const struct frame *rewind_frame(const struct rewind *w)
{
	return &w->tally.frame;
}

#endif
