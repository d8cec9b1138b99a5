#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

/*
 * failpoint.h - places at which a process of a test may die
 *
 * Whatever a kill can leave behind, it leaves between two stores to shared memory or
 * calls of the kernel. Under a sanitizer, where no process can be single-stepped,
 * each of these is a place: it says so to failpoint_hit() before it does what it does,
 * and a test that has set up a board counts the visits and chooses where a process ends.
 * Without LIBIPC_FAILPOINTS (the Makefile's asan sets it) nothing of this exists.
 *
 * Places are found by the section they lie in, so there is no list to keep. One in a
 * function of a header is there once for each file that includes it; those with the same
 * words are one place to the board.
 */

#ifdef LIBIPC_FAILPOINTS

#include <stdbool.h>
#include <stdint.h>

#define FAILPOINT_COPIES_MAX 8192

struct failpoint {
	const char *file, *function, *what;
	uint64_t    line;
} __attribute__((aligned(32))); /* a power of two: nothing lies between two in the section */

/** What the processes of a test share. */
struct failpoint_board {
	uint32_t place_of[FAILPOINT_COPIES_MAX]; /* by copy */
	uint64_t hits[FAILPOINT_COPIES_MAX];     /* by place */
	uint64_t deaths[FAILPOINT_COPIES_MAX];
};

/** How this process ends, and how it dawdles on the way. */
struct failpoint_fate {
	uint32_t place;     /* it dies there, */
	uint32_t visits;    /* at this visit; 0: never */
	uint64_t left;      /* or after so many visits of any; 0: never */
	uint32_t yield_one; /* of so many visits it lets others run, at random; 0: none */
	uint32_t seed;
	int      spared; /* the process that is forked by does not die of it */
};

/* NULL: nobody counts. Set before there are threads. */
extern struct failpoint_board *failpoint_board;
extern struct failpoint_fate   failpoint_fate;

/** All copies, in the order of the section. */
const struct failpoint *failpoint_copies(uint32_t *ret_n);

/** Number the places of @board, which is zeroed: how many there are. */
uint32_t failpoint_number(struct failpoint_board *board);

/** Count a visit of @f; does not return where fate has it so. */
void failpoint_hit(const struct failpoint *f);

#define FAILPOINT(what_)                                                                        \
	do {                                                                                    \
		static struct failpoint failpoint_                                              \
			__attribute__((section("ipc_failpoints"), used)) = {__FILE__, __func__, \
									    (what_), __LINE__}; \
		if (__builtin_expect(failpoint_board != 0, 0))                                  \
			failpoint_hit(&failpoint_);                                             \
	} while (0)

#else

#define FAILPOINT(what_) ((void)0)

#endif

#endif /* BASE_FAILPOINT_H */
