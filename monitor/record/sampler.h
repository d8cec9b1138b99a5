#ifndef RECORD_SAMPLER_H
#define RECORD_SAMPLER_H

/* sampler.h - from a frame to the sample that is recorded of it */

#include "model/frame.h"
#include "model/table.h"
#include "record/schema.h"
#include "symbols.h"

/* All zeroes is one that has sampled nothing. */
struct sampler {
	struct sample        sample;
	struct procfs_usage *usage;
	struct sample_site  *sites;
	char (*texts)[SITE_BYTES]; /* of the sites */
	size_t               sites_room;
	struct table         seen; /* sites of this sample */
	struct sample_origin origin;
	char                 host[65];
};

/** @symbols: NULL, where who reads it has the programs at hand. Good until the next. */
const struct sample *sampler_take(struct sampler *x, const struct frame *f,
				  struct symbols *symbols);

void sampler_fini(struct sampler *x);

#endif
