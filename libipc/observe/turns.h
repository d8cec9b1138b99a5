#ifndef OBSERVE_TURNS_H
#define OBSERVE_TURNS_H

/*
 * turns.h - of many things that take a system call each, how many a reading looks at
 *
 * The next one goes on from there.
 */

#include <stdint.h>

/* So many that it is @per_s of them a second, but @least of them at a reading and @most. */
static inline uint32_t turns_now(uint64_t now_ns, uint64_t last_ns, uint32_t least, uint32_t most,
				 uint32_t per_s)
{
	const uint64_t second = UINT64_C(1000000000);
	uint64_t       since = now_ns - last_ns;
	uint64_t       n = last_ns && since < second ? since * per_s / second : most;

	return n < least ? least : n < most ? (uint32_t)n : most;
}

#endif /* OBSERVE_TURNS_H */
