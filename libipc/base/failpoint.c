#include "base/failpoint.h"

#ifdef LIBIPC_FAILPOINTS

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The linker's: bounds of the section. */
extern const struct failpoint __start_ipc_failpoints[] __attribute__((visibility("hidden")));
extern const struct failpoint __stop_ipc_failpoints[] __attribute__((visibility("hidden")));

struct failpoint_board *failpoint_board;
struct failpoint_fate   failpoint_fate;

const struct failpoint *failpoint_copies(uint32_t *ret_n)
{
	*ret_n = (uint32_t)(__stop_ipc_failpoints - __start_ipc_failpoints);
	return __start_ipc_failpoints;
}

static bool same_place(const struct failpoint *a, const struct failpoint *b)
{
	return a->line == b->line && !strcmp(a->what, b->what) &&
	       !strcmp(a->function, b->function) && !strcmp(a->file, b->file);
}

uint32_t failpoint_number(struct failpoint_board *board)
{
	uint32_t                n, n_places = 0, other;
	const struct failpoint *f = failpoint_copies(&n);

	if (n > FAILPOINT_COPIES_MAX)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		for (other = 0; other < i && !same_place(&f[i], &f[other]); other++)
			;
		board->place_of[i] = other < i ? board->place_of[other] : n_places++;
	}
	return n_places;
}

/* xorshift32; that threads may disturb one another's numbers does no harm */
static bool dawdles(void)
{
	uint32_t x = __atomic_load_n(&failpoint_fate.seed, __ATOMIC_RELAXED) | 1;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	__atomic_store_n(&failpoint_fate.seed, x, __ATOMIC_RELAXED);
	return failpoint_fate.yield_one && x % failpoint_fate.yield_one == 0;
}

/* One of several threads sees it become 0. */
static bool last_of_32(uint32_t *left)
{
	return __atomic_load_n(left, __ATOMIC_RELAXED) &&
	       __atomic_sub_fetch(left, 1, __ATOMIC_RELAXED) == 0;
}

static bool last_of_64(uint64_t *left)
{
	return __atomic_load_n(left, __ATOMIC_RELAXED) &&
	       __atomic_sub_fetch(left, 1, __ATOMIC_RELAXED) == 0;
}

void failpoint_hit(const struct failpoint *f)
{
	struct failpoint_board *b = failpoint_board;
	uint32_t                place = b->place_of[f - __start_ipc_failpoints];

	(void)__atomic_fetch_add(&b->hits[place], 1, __ATOMIC_RELAXED);
	if (((place == failpoint_fate.place && last_of_32(&failpoint_fate.visits)) ||
	     last_of_64(&failpoint_fate.left)) &&
	    getpid() != failpoint_fate.spared) {
		(void)__atomic_fetch_add(&b->deaths[place], 1, __ATOMIC_RELAXED);
		(void)kill(getpid(), SIGKILL);
	}
	if (dawdles())
		(void)sched_yield();
}

#endif
