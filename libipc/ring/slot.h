#ifndef RING_SLOT_H
#define RING_SLOT_H

/*
 * slot.h - what lies in a channel's object file
 *
 * The file begins with one struct ring_file for each ring: a directory of
 * regions. A region is an array of slots, or a window of a heap class; it gets
 * its place at the end of the file when it is first needed and keeps it for
 * ever, so a mapping never has to move and a recovery never has to search.
 *
 * A ring grows and shrinks by epochs: from some position on, slots lie in
 * another array, larger or as small as at first. Two arrays of each size (parity
 * 0 and 1) let an epoch of a size follow one that is not drained yet.
 *
 * Heap class c has blocks of 256 << c bytes, for payloads that do not fit a
 * slot. Its blocks come in windows, each twice as long as the one before, so
 * there is no limit chosen in advance and few mappings.
 */

#include <stdint.h>

#define SLOT_BYTES          128
#define SLOT_INLINE         96 /* payload that needs no block [bytes] */
#define SLOT_PARCEL_AT      88 /* where a handle is named; payload beside it ends here [bytes] */
#define SLOT_LOG2_MIN       6  /* 64 slots: 8 KiB, what an idle ring keeps */
#define SLOT_LOG2_MAX       27 /* 128 M messages queued: 16 GiB of slots */
#define HEAP_CLASSES        40
#define HEAP_WINDOWS        20
#define HEAP_BLOCK_MIN_LOG2 8 /* 256 bytes */

enum slot_flags {
	SLOT_HEAP = 1 << 0,      /* the payload is in the block inline_data[0..7] names */
	SLOT_ABANDONED = 1 << 1, /* closed for a writer that died: skip it */
	SLOT_PARCEL = 1 << 2, /* the last 8 bytes of inline_data name a handle: runtime/parcel.h */
};

/*
 * turn: 2p+1: published for position p; even: free (2p+2: released by the reader
 * of p; 0: never used). Positions are never used again, so a turn is never
 * mistaken for another's.
 */
struct slot {
	uint64_t      turn;
	uint64_t      len; /* payload [bytes] */
	uint32_t      type;
	uint32_t      flags; /* enum slot_flags */
	uint64_t      stamp; /* when it was put [ticks] */
	unsigned char inline_data[SLOT_INLINE];
};

struct heap_class {
	uint64_t ready; /* blocks that exist */
	uint64_t drops; /* raised when some were given back: a hint to begin at the first again */
};

/* The directory of one ring; 0 in place of an offset: not there yet. */
struct ring_file {
	uint64_t          slots[2 * (SLOT_LOG2_MAX + 1)]; /* by shape: offsets [bytes] */
	uint64_t          window[HEAP_CLASSES][HEAP_WINDOWS];
	struct heap_class heap[HEAP_CLASSES];
	uint64_t          end; /* of ring 0 only: where the next region goes [bytes] */
	uint64_t          spare[80];
};

#define RING_FILE_BYTES 8192

_Static_assert(sizeof(struct slot) == SLOT_BYTES, "ABI");
_Static_assert(sizeof(struct ring_file) <= RING_FILE_BYTES, "ABI");

static inline unsigned shape_log2(uint64_t shape)
{
	return (unsigned)(shape & 0xff);
}

static inline uint64_t shape_make(unsigned log2, unsigned parity)
{
	return (uint64_t)parity << 8 | log2;
}

/* Index in ring_file.slots, for a shape whose log2 was checked. */
static inline unsigned shape_index(uint64_t shape)
{
	return 2u * shape_log2(shape) + (unsigned)(shape >> 8 & 1);
}

/* Where in the object file the offset of that array of slots stands [bytes]. */
static inline uint64_t slots_entry_offset(unsigned ring, uint64_t shape)
{
	return (uint64_t)ring * RING_FILE_BYTES + shape_index(shape) * sizeof(uint64_t);
}

#endif /* RING_SLOT_H */
