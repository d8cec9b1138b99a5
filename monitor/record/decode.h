#ifndef RECORD_DECODE_H
#define RECORD_DECODE_H

/*
 * decode.h - from bytes to a sample again
 *
 * Believes nothing: whatever the bytes are, what comes out is as well formed as
 * a snapshot of the observer's, or it is refused.
 */

#include "record/encode.h"

struct chunk;

struct blob {
	uint8_t *p; /* a zero behind it */
	uint32_t n;
	int      clean; /* as text it can be shown */
	int      list;  /* of indices, and of rows that there are: no text, which clean() changes */
};

/* All zeroes is a decoder that has read nothing. */
struct decoder {
	struct schema_map schema;
	struct values    *values; /* per table of the schema */
	struct blob      *blobs;  /* since the key */
	size_t            n_blobs, blobs_room;
	struct chunk     *chunks; /* where their bytes are */
	uint32_t        **hists;  /* blocks of HISTS_EACH, of this sample */
	size_t            n_hists, n_hist_blocks;
	uint8_t          *rows[N_SAMPLE_TABLES];
	size_t            rows_room[N_SAMPLE_TABLES]; /* [bytes] */
	int               follows;                    /* the sample before was read */
};

/** The names of the columns, which come first. 0 or -EBADMSG. */
int decoder_schema(struct decoder *d, const uint8_t *p, size_t n);

/** 0 or -EBADMSG. @ret is good until the next one is read. */
int decode(struct decoder *d, int key, const uint8_t *p, size_t n, struct sample *ret);

void decoder_fini(struct decoder *d);

#endif
