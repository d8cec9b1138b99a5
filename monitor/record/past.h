#ifndef RECORD_PAST_H
#define RECORD_PAST_H

/*
 * past.h - what the monitor has seen, packed, in memory
 *
 * Samples of a big domain are taken further apart than it is read, so that
 * remembering costs little beside reading; and so much is kept that all of the
 * monitor stays below 100 MB with ten thousand channels.
 */

#include "record/encode.h"
#include "record/sampler.h"
#include "record/tape.h"

struct past {
	size_t         memory; /* to be kept at most */
	struct tape    tape;
	struct encoder encoder;
	struct packer *packer;
	struct sampler sampler;
	struct bytes   payload, packed;
	uint64_t       not_before_ns; /* CLOCK_MONOTONIC: when the next is due */
};

/** Keep at most about @memory bytes, or less where a big domain leaves less. */
void past_init(struct past *p, size_t memory);
void past_fini(struct past *p);

/** Remember @f, unless it is too early; @anyway: even then. */
void past_add(struct past *p, const struct frame *f, int anyway);

#endif
