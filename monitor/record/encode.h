#ifndef RECORD_ENCODE_H
#define RECORD_ENCODE_H

/*
 * encode.h - from a sample to few bytes
 *
 * Column by column, each value as its difference to the one the same row had
 * before: of most columns that is a run of zeroes, which is two bytes long.
 * Text and histograms are written once and numbered. What a sample is the
 * difference to begins anew at each key, so a reader can start there; keys
 * come as often as keeps their share of the whole small.
 */

#include "record/schema.h"
#include "record/values.h"

struct blob_slot {
	uint32_t hash;
	uint32_t at, n; /* in the blobs */
	uint32_t id;    /* 0: free */
};

/* All zeroes is an encoder that has seen nothing. */
struct encoder {
	struct blob_slot *slots; /* by hash */
	size_t            n_slots, n_blobs;
	struct bytes      blobs; /* since the key, as a sample has them: length, bytes */
	struct values     last[N_SAMPLE_TABLES];
	size_t   blobs_most; /* [bytes] before a key is due; 0: as much as a file may have */
	uint64_t nonce;
	size_t   key_bytes, since_key_bytes, key_blobs;
	unsigned n_since_key;
};

/**
 * Append @x to @to. 1: it is a key; 0: it is not; -E2BIG: there is too much of
 * it, and nothing was appended.
 */
int encode(struct encoder *e, const struct sample *x, struct bytes *to);

/** The next one will be a key. */
void encoder_restart(struct encoder *e);
void encoder_fini(struct encoder *e);

/* Picked: some hundred thousand channels. More of it in a recording is not believed. */
#define SAMPLE_CELLS_MAX (UINT64_C(1) << 24)

#endif
