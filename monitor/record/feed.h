#ifndef RECORD_FEED_H
#define RECORD_FEED_H

/*
 * feed.h - a recording from a file or a pipe onto a tape
 *
 * Of a file the tape gets places, of a pipe the bytes. Either may still be being
 * written: feed_more() takes what has come since.
 */

#include "record/tape.h"

struct feed {
	struct tape   *tape;
	int            fd;
	int            is_file;
	uint64_t       at;      /* how far it was taken in [bytes] */
	struct bytes   pending; /* of a pipe: what has come from there on */
	struct packer *packer;
	int            ended; /* of a pipe: nothing more will come */
	int            begun; /* the head was read */
	char why[320];        /* after an error: what is wrong; else "", or a note about its end */
};

/**
 * Open @path, "-" is standard input, and take in what is there of a file; @memory
 * is how much of a pipe is kept [bytes]. 0 or a negative errno, with the reason in
 * @f->why; feed_close() in either case.
 */
int  feed_open(struct feed *f, struct tape *tape, const char *path, size_t memory);
void feed_close(struct feed *f);

/** Take in what has come; @wait: for at least one more sample, or the end of a pipe. 0 or an error. */
int feed_more(struct feed *f, int wait);

#endif
