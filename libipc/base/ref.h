#ifndef BASE_REF_H
#define BASE_REF_H

/* ref.h - references between records of shared memory, and the first word of each */

#include <stdint.h>

#define CACHE_LINE  64

#define on_own_line __attribute__((aligned(CACHE_LINE)))

/* generation << 32 | index + 1; 0: nobody. Equal references are the same thing, for ever. */
typedef uint64_t ref;

static inline ref ref_make(uint32_t gen, uint32_t index)
{
	return (uint64_t)gen << 32 | (index + 1u);
}

static inline uint32_t ref_gen(ref r)
{
	return (uint32_t)(r >> 32);
}

static inline uint32_t ref_index(ref r)
{
	return (uint32_t)r - 1u; /* of 0: no valid index of any table */
}

/*
 * The first word of every record: generation << 32 | state. The generation is
 * raised when the record is freed, so a stale reference never matches again.
 */
enum life {
	LIFE_FREE = 0,
	LIFE_MAKING = 1, /* being filled by its maker, not to be used yet */
	LIFE_LIVE = 2,
	LIFE_FORKING = 3, /* processes: made by the parent, the child is not here yet */
	LIFE_DYING = 4,   /* processes: proven dead, being cleaned up after */
};

static inline uint32_t life_state(uint64_t life)
{
	return (uint32_t)life & 0xffu;
}

static inline uint32_t life_gen(uint64_t life)
{
	return (uint32_t)(life >> 32);
}

static inline uint64_t life_make(uint32_t gen, enum life state)
{
	return (uint64_t)gen << 32 | (uint64_t)state;
}

#endif /* BASE_REF_H */
