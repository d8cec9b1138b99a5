#include "figures.h"

#include "coverage.h"
#include "support/test.h"

#define GROUPS_MAX 16u

struct sums {
	const char *name;
	unsigned    rows, failed;
	uint64_t    n_images, n_places, n_trials, n_drifted, n_late, longest_ns;
	uint64_t    n_found[N_FOUND];
};

static struct sums groups[GROUPS_MAX];
static unsigned    n_groups;
static FILE       *page;

void figures_open(const char *path)
{
	if (!path)
		return;
	page = fopen(path, "ae");
	if (!page)
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
}

/* ---- sums -------------------------------------------------------------------------------- */

void figures_group(const char *name)
{
	if (n_groups < GROUPS_MAX)
		groups[n_groups++].name = name;
}

static void add(struct sums *a, const struct sums *b)
{
	a->rows += b->rows;
	a->failed += b->failed;
	a->n_images += b->n_images;
	a->n_places += b->n_places;
	a->n_trials += b->n_trials;
	a->n_drifted += b->n_drifted;
	a->n_late += b->n_late;
	if (b->longest_ns > a->longest_ns)
		a->longest_ns = b->longest_ns;
	for (unsigned i = 0; i < N_FOUND; i++)
		a->n_found[i] += b->n_found[i];
}

void figures_add(const struct row *row)
{
	struct sums s = {.rows = 1,
			 .failed = row->n_failed > 0,
			 .n_images = row->n_images,
			 .n_places = row->n_places,
			 .n_trials = row->n_trials,
			 .n_drifted = row->n_drifted,
			 .n_late = row->n_late,
			 .longest_ns = row->longest_ns};

	for (unsigned i = 0; i < N_FOUND; i++)
		s.n_found[i] = row->n_found[i];
	if (n_groups)
		add(&groups[n_groups - 1], &s);
}

/* ---- tables ------------------------------------------------------------------------------- */

/* Harm is what is none of the others, and so comes last. */
static unsigned nth_found(unsigned i)
{
	return (i + 1) % N_FOUND;
}

static void head(const char *first, unsigned n_columns)
{
	(void)fprintf(page, "\n| %s |", first);
	for (unsigned i = 0; i < N_FOUND; i++)
		(void)fprintf(page, " %s |", found_names[nth_found(i)]);
	(void)fprintf(page, "\n|---|");
	for (unsigned i = 1; i < n_columns + N_FOUND; i++)
		(void)fprintf(page, "--:|");
	(void)fprintf(page, "\n");
}

static void found(const uint64_t n_found[N_FOUND])
{
	for (unsigned i = 0; i < N_FOUND; i++)
		(void)fprintf(page, " %llu |", (unsigned long long)n_found[nth_found(i)]);
	(void)fprintf(page, "\n");
}

static void line(const struct sums *s)
{
	if (!s->rows)
		return;
	(void)fprintf(page, "| %s | %u | %llu | %llu | %llu | %.0f ms |", s->name, s->rows,
		      (unsigned long long)s->n_images, (unsigned long long)s->n_trials,
		      (unsigned long long)s->n_late, (double)s->longest_ns / 1e6);
	found(s->n_found);
}

static void table(const struct sums *all)
{
	head("operations on | rows | images | trials | waits beyond a slice | longest wait", 6);
	for (unsigned i = 0; i < n_groups; i++)
		line(&groups[i]);
	line(all);
	(void)fclose(page);
}

bool figures_close(double seconds)
{
	struct sums all = {.name = "**all**"};

	for (unsigned i = 0; i < n_groups; i++)
		add(&all, &groups[i]);
	printf("# in all: %llu images, %llu places, %llu trials, %llu elsewhere than listed, longest "
	       "wait %.0f ms, %llu beyond a slice; %u of %u rows failed; %.1f s\n",
	       (unsigned long long)all.n_images, (unsigned long long)all.n_places,
	       (unsigned long long)all.n_trials, (unsigned long long)all.n_drifted,
	       (double)all.longest_ns / 1e6, (unsigned long long)all.n_late, all.failed, all.rows,
	       seconds);
	if (page)
		table(&all);
	return !all.failed;
}

/* ---- the storm ------------------------------------------------------------------------------ */

static void storm_table(const struct storm_options *o, const struct storm_result *r)
{
	uint64_t n_found[N_FOUND] = {0};

	if (r->failure[0])
		n_found[r->found] = 1;
	head("kills | of processes | seed | messages | abandoned | taken by the dead | longest "
	     "stall | kills/s",
	     8);
	(void)fprintf(page, "| %llu | %u | %u | %llu | %llu | %llu | %.0f ms | %.0f |",
		      (unsigned long long)r->kills, o->workers, o->seed,
		      (unsigned long long)r->messages, (unsigned long long)r->abandoned,
		      (unsigned long long)r->taken_by_dead, (double)r->longest_ns / 1e6,
		      (double)r->kills / r->seconds);
	found(n_found);
	coverage_table(page);
	(void)fclose(page);
}

void figures_storm(const struct storm_options *o, const struct storm_result *r)
{
	uint64_t hit, all;

	coverage_count(&hit, &all);
	printf("# %llu kills, seed %u, of %u processes: %llu messages in %llu batches, %llu abandoned, %llu "
	       "taken by the dead, nobody held up longer than %.0f ms; %.0f kills/s; at %llu of "
	       "%llu images of put and get; %.1f s\n",
	       (unsigned long long)r->kills, o->seed, o->workers, (unsigned long long)r->messages,
	       (unsigned long long)r->batches, (unsigned long long)r->abandoned,
	       (unsigned long long)r->taken_by_dead, (double)r->longest_ns / 1e6,
	       (double)r->kills / r->seconds, (unsigned long long)hit, (unsigned long long)all,
	       r->seconds);
	if (page)
		storm_table(o, r);
}
