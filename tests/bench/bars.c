#include "bars.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "round.h"

/* What is compared with what, by name; NULL: the best peer that can sleep. */
struct comparison {
	const char     *text;
	enum bench_case which;
	size_t          size;
	const char     *impl, *to;
	double          limit;
	int faster; /* @impl takes less, by this factor at least; else at most as long */
};

static const struct comparison comparisons[] = {
	{"pipe, one way 64 B, to the yardstick", CASE_ONEWAY, 64, "libipc-pipe", "yardstick", 1.25,
	 0},
	{"pipe, one way 64 B, faster than the best peer that sleeps", CASE_ONEWAY, 64,
	 "libipc-pipe", NULL, 4, 1},
	{"pipe, there and back 64 B, to the yardstick", CASE_ROUNDTRIP, 64, "libipc-pipe",
	 "yardstick", 1.2, 0},
	{"pipe, there and back 64 B, faster than ck", CASE_ROUNDTRIP, 64, "libipc-pipe", "ck", 1,
	 1},
	{"queue, one way 64 B, to the yardstick", CASE_ONEWAY, 64, "libipc-queue", "yardstick", 1.5,
	 0},
	{"queue, two to two 64 B, faster than ck_mpmc", CASE_MANYTOMANY, 64, "libipc-queue",
	 "ck_mpmc", 1.6, 1},
	{"queue, two to two 64 B, faster than the best peer that sleeps", CASE_MANYTOMANY, 64,
	 "libipc-queue", NULL, 4, 1},
	{"pipe, 64 KiB copied, to the yardstick", CASE_ONEWAY, 65536, "libipc-pipe", "yardstick",
	 1.15, 0},
	{"queue, 64 KiB copied, to the yardstick", CASE_ONEWAY, 65536, "libipc-queue", "yardstick",
	 1.15, 0},
	{"pipe, 64 KiB in place, faster than iceoryx", CASE_INPLACE, 65536, "libipc-pipe",
	 "iceoryx", 8, 1},
	{"pipe, 1 MiB in place, faster than iceoryx", CASE_INPLACE, 1048576, "libipc-pipe",
	 "iceoryx", 8, 1},
	{"pipe, waking, to a bare futex", CASE_WAKEUP, 64, "libipc-pipe", "futex", 1.1, 0},
	{"queue, waking, to a bare futex", CASE_WAKEUP, 64, "libipc-queue", "futex", 1.1, 0},
};

/* In nanoseconds, whatever the machine. */
static const struct comparison absolutes[] = {
	{"pipe, 64 KiB in place", CASE_INPLACE, 65536, "libipc-pipe", NULL, 100, 0},
	{"pipe, 1 MiB in place", CASE_INPLACE, 1048576, "libipc-pipe", NULL, 100, 0},
	{"queue, 64 KiB in place", CASE_INPLACE, 65536, "libipc-queue", NULL, 100, 0},
	{"queue, 1 MiB in place", CASE_INPLACE, 1048576, "libipc-queue", NULL, 100, 0},
};

/* Who gives each measurement less than this wants to see that it works [s]. */
#define GLANCE_S 0.05

#define N(array) (sizeof(array) / sizeof(*(array)))

int bar_say(const struct bar *b)
{
	int missed = b->at_least ? b->value < b->limit : b->value > b->limit;

	if (isnan(b->value)) {
		printf("-       %-64s not measured\n", b->text);
		return 0;
	}
	printf("%-6s  %-64s %9.4g %-5s (%s %g)\n", missed ? "MISSED" : "ok", b->text, b->value,
	       b->unit, b->at_least ? "at least" : "at most", b->limit);
	report_flush();
	return missed;
}

/* ---- those that need messages ---------------------------------------------------------------- */

static struct block *measured(enum bench_case which, const struct effort *e)
{
	static const size_t small_and_large[] = {64, 65536}, large[] = {65536, 1048576};
	struct block       *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->which = which;
	while (bench_impls[b->n_impls]) {
		b->impl[b->n_impls] = bench_impls[b->n_impls];
		b->n_impls++;
	}
	b->n_sizes = which == CASE_ONEWAY || which == CASE_INPLACE ? 2 : 1;
	memcpy(b->size, which == CASE_INPLACE ? large : small_and_large, sizeof(large));
	if (measure(b, e, NULL) == 0)
		return b;
	free(b);
	return NULL;
}

static const struct cell *compared_to(const struct block *b, const struct comparison *c)
{
	enum bench_metric metric = block_metric(c->which);

	if (c->to)
		return block_find(b, c->to, c->size, metric);
	for (unsigned s = 0; s < b->n_sizes; s++)
		if (b->size[s] == c->size)
			return block_best_peer(b, s, metric);
	return NULL;
}

static int say_comparison(const struct block *b, const struct comparison *c)
{
	const struct cell *it = block_find(b, c->impl, c->size, block_metric(c->which));
	const struct cell *to = compared_to(b, c);
	double             ratio = it && to ? cell_ratio(it, to) : NAN;
	const struct bar   bar = {.text = c->text,
				  .unit = "times",
				  .value = c->faster ? 1 / ratio : ratio,
				  .limit = c->limit,
				  .at_least = c->faster};

	return bar_say(&bar);
}

static int say_absolute(const struct block *b, const struct comparison *c)
{
	const struct cell *it = block_find(b, c->impl, c->size, block_metric(c->which));
	const struct bar   bar = {.text = c->text,
				  .unit = "ns",
				  .value = it ? cell_median(it) : NAN,
				  .limit = c->limit};

	return bar_say(&bar);
}

static int say_messages(const struct effort *e)
{
	int missed = 0;

	for (int which = 0; which < N_CASES; which++) {
		struct block *b = which == CASE_INPLACE_FULL ? NULL : measured(which, e);

		if (!b && which != CASE_INPLACE_FULL)
			return 1; /* said by who failed */
		for (size_t i = 0; b && i < N(comparisons); i++)
			if (comparisons[i].which == (enum bench_case)which)
				missed |= say_comparison(b, &comparisons[i]);
		for (size_t i = 0; b && i < N(absolutes); i++)
			if (absolutes[i].which == (enum bench_case)which)
				missed |= say_absolute(b, &absolutes[i]);
		free(b);
	}
	return missed;
}

/* ---- the others ------------------------------------------------------------------------------ */

static int say_idle(void)
{
	const struct idle_bytes bytes = bar_idle_bytes();
	const struct bar        bars[] = {
		       {"memory of an idle queue", "KiB", bytes.queue / 1024, 64, 0},
		       {"memory of an idle pipe", "KiB", bytes.pipe / 1024, 64, 0},
		       {"memory of a registry", "KiB", bytes.registry / 1024, 1024, 0},
		       {"a process blocked in recv", "% CPU", bar_blocked_percent(), 0.1, 0},
		       {"one snapshot of 1000 channels", "ms", bar_snapshot_ns(1000) / 1e6, 2, 0},
        };
	int missed = 0;

	for (size_t i = 0; i < N(bars); i++)
		missed |= bar_say(&bars[i]);
	return missed;
}

static int say_prices(const struct effort *e)
{
	const struct watch_cost few = bar_watch(5, 20), none = {NAN, NAN};
	/* to make a thousand processes takes longer than all else; not for a glance */
	const struct watch_cost many = e->seconds < GLANCE_S ? none : bar_watch(1000, 10000);
	const struct bar        bars[] = {
		       {"price of counters and samples, 64 B one way", "%", bar_counting_percent(e), 5, 0},
		       {"price of a monitor at 10 Hz, 64 B one way", "%", bar_monitor_percent(e), 1, 0},
		       {"a monitor of 20 channels at 10 Hz", "% CPU", few.percent, 1, 0},
		       {"a monitor of 10000 channels, 1000 processes at 10 Hz", "% CPU", many.percent, 10,
			0},
		       {"memory of that monitor", "MiB", many.megabytes, 100, 0},
		       {"simple queue, 100 B, faster than Python's SimpleQueue", "times",
			bar_python_times(), 10, 1},
        };
	int missed = 0;

	for (size_t i = 0; i < N(bars); i++)
		missed |= bar_say(&bars[i]);
	return missed;
}

int bars_run(const struct effort *e)
{
	int missed = say_idle(); /* first: it needs a process that has opened nothing */

	missed |= say_messages(e);
	missed |= say_prices(e);
	printf("a cache line takes %.0f ns there and back\n", round_line());
	return missed;
}
