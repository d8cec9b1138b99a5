#include "measure.h"

#include <stdio.h>
#include <unistd.h>

#include "round.h"

#define IN_FLIGHT_BYTES (4 * 1024 * 1024) /* most that a channel is asked to hold */
#define MAX_DEPTH       256               /* messages; what a pipe of libipc holds by itself */
#define MIN_DEPTH       4

static size_t depth_for(size_t size)
{
	size_t n = IN_FLIGHT_BYTES / size;

	return n > MAX_DEPTH ? MAX_DEPTH : n < MIN_DEPTH ? MIN_DEPTH : n;
}

static int can(const struct bench_impl *impl, enum bench_case which, size_t size)
{
	if (!(impl->cases & 1u << which) || (impl->max_size && size > impl->max_size))
		return 0;
	return which != CASE_MANYTOMANY || !impl->max_many || size <= impl->max_many;
}

static int measure_size(struct block *b, const struct effort *e, unsigned i_size)
{
	const struct bench_plan plan = {.which = b->which,
					.size = b->size[i_size],
					.depth = depth_for(b->size[i_size]),
					.seconds = e->seconds / e->rounds};
	int                     out[MAX_IMPLS] = {0}, bad = 0;

	for (unsigned round = 0; round < e->rounds; round++) {
		cell_add(&b->line, round_line());
		for (unsigned i = 0; i < b->n_impls; i++) {
			double value[N_METRICS];

			if (out[i] || !can(b->impl[i], plan.which, plan.size))
				continue;
			out[i] = round_run(b->impl[i], &plan, value);
			bad |= out[i] < 0;
			for (int m = 0; m < N_METRICS && out[i] == 0; m++)
				cell_add(&b->cell[i][i_size][m], value[m]);
		}
	}
	return bad;
}

int measure(struct block *b, const struct effort *e,
	    void (*each)(const struct block *b, unsigned size))
{
	int bad = 0;

	for (unsigned s = 0; s < b->n_sizes; s++) {
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r\033[K%s, %zu bytes ...", bench_cases[b->which]->name,
				b->size[s]);
		bad |= measure_size(b, e, s);
		if (each)
			each(b, s);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	return bad;
}
