#ifndef SOURCE_H
#define SOURCE_H

/*
 * source.h - frames, wherever they come from: a domain that lives, or a recording
 *
 * What comes of a domain is recorded on the way, where that was asked for.
 */

#include "model/tally.h"
#include "options.h"
#include "record/feed.h"
#include "record/rewind.h"
#include "record/writer.h"
#include "target.h"

struct source {
	const struct options *options;
	struct target         target;
	struct tally          tally; /* of a domain */
	struct tape           tape;
	struct feed           feed; /* of a recording */
	struct rewind         rewind;
	uint64_t              next; /* sample of the recording */
	int                   replays;
	struct writer         writer;
	const char           *label; /* what to call it */
	const char           *why;   /* the last failure in words */
};

/**
 * @with_procfs: ask the kernel for processor time and memory. 0 or a negative
 * errno, with @s->why; source_close() in either case, which says on standard error
 * what of a recording was damaged.
 */
int  source_open(struct source *s, const struct options *o, int with_procfs);
void source_close(struct source *s);

/**
 * The next frame, into source_frame(). 0, or a negative errno with @s->why;
 * -ENODATA: the recording has ended. A recording that cannot be written any
 * more is closed, @s->writer.why says why, and the frames go on.
 */
int source_read(struct source *s);

/** Is another reading to be had at once, without waiting for the time to pass? */
int source_is_past(const struct source *s);

/** Begin where one that prints once has to: at the end, or where --since says. */
void source_seek(struct source *s, int once);

const struct frame *source_frame(const struct source *s);

#endif
