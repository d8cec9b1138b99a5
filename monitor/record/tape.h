#ifndef RECORD_TAPE_H
#define RECORD_TAPE_H

/*
 * tape.h - samples in order of time, packed
 *
 * They lie in memory, where the oldest make room for new ones, or in a file that
 * is read where needed. A sample keeps its number as long as there is a tape.
 */

#include "record/pack.h"

struct tape_entry {
	uint64_t t_real_ns;
	uint64_t offset; /* in the file, where there is one */
	uint8_t *data;   /* in memory; NULL: in the file */
	uint32_t bytes;
	int      key;
};

struct tape {
	struct tape_entry *entries; /* [begin, begin + n) are there */
	size_t             begin, n, room;
	uint64_t           first;  /* number of the oldest */
	size_t             bytes;  /* in memory */
	size_t             most;   /* of that; 0: no limit */
	struct bytes       schema; /* unpacked */
	int                fd;     /* -1: all of it lies in memory */
};

/** @fd: of the file, which becomes the tape's; -1: none. */
void tape_init(struct tape *t, size_t most, int fd);
void tape_fini(struct tape *t);

/** One more sample; @data is copied, or NULL: it is at @offset in the file. */
void tape_add(struct tape *t, const struct record_head *h, const uint8_t *data, uint64_t offset);

/** Number of the sample behind the last. */
uint64_t tape_end(const struct tape *t);

/** NULL: there is none of that number. */
const struct tape_entry *tape_at(const struct tape *t, uint64_t number);

/** The packed bytes of @e, for a moment. NULL: they cannot be read. */
const uint8_t *tape_data(const struct tape *t, const struct tape_entry *e, struct bytes *scratch);

/** The last key at or before @number; tape_end() if there is none. */
uint64_t tape_key(const struct tape *t, uint64_t number);

/** The first sample at or after that time of day; the last one if there is none. */
uint64_t tape_when(const struct tape *t, uint64_t t_real_ns);

#endif
