#ifndef REEL_H
#define REEL_H

/*
 * reel.h - what the screen shows: now, what was seen before, or a recording
 *
 * Everything read is remembered in little memory, and any of it can be shown
 * again. A recording is the same without a now: it stands still at a place, or
 * goes on from there.
 */

#include "record/past.h"
#include "source.h"

struct reel {
	struct source source;
	struct past   past;      /* of a domain */
	struct rewind back;      /* into it */
	struct frame  copy;      /* of now, as the display was frozen */
	uint64_t      place;     /* number of the sample that is shown, or to be gone on from */
	int           frozen;    /* it is not now that is shown */
	int           stepped;   /* nor is it the copy */
	int           attached;  /* there is a now */
	char          path[256]; /* the recording being made */
};

/** 0 or a negative errno with reel->source.why; reel_close() in either case. */
int  reel_open(struct reel *r, const struct options *o);
void reel_close(struct reel *r);

/** Read the domain; or go on in a recording, unless it is frozen. 0 or a negative errno. */
int reel_read(struct reel *r);

/** What is to be shown; its s is NULL where nothing was ever seen. */
const struct frame *reel_frame(const struct reel *r);

/** Stand still, or go on. */
void reel_freeze(struct reel *r, int frozen);

#define REEL_OLDEST (-1000000000L)
#define REEL_NEWEST 1000000000L

/** So many samples on, or back; the reel is frozen then. */
void reel_step(struct reel *r, long n);

/** How long before the newest there is was what is shown [ns]. */
uint64_t reel_behind_ns(const struct reel *r);

/**
 * Begin to record what is read, or end it; @name is what to call the file after.
 * Writes what happened into @ret.
 */
void reel_record(struct reel *r, const char *name, char *ret, size_t size);

/** Bytes recorded so far; 0: nothing is being recorded. */
uint64_t reel_recorded(const struct reel *r);

#endif
