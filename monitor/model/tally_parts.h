#ifndef MODEL_TALLY_PARTS_H
#define MODEL_TALLY_PARTS_H

/*
 * tally_parts.h - between the files that tally.h is made of
 *
 * Waits come first: channels and processes count those that last.
 */

#include <math.h>

#include "model/tally.h"

#define NS 1e9

/* Per second; counters that seem to run backwards were read in the middle of a change. */
static inline double tally_rate(double now, double before, double seconds)
{
	return now > before ? (now - before) / seconds : now <= before ? 0 : NAN;
}

void tally_channel(struct tally *m, uint32_t i);
void tally_process(struct tally *m, uint32_t i);
void tally_ends(struct tally *m);
void tally_layers(struct tally *m);

#endif
