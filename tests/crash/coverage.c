#include "coverage.h"

#include "operations.h"
#include "pool.h"
#include "storm.h"
#include "support/test.h"

#define IMAGES_MAX 256u
#define ROWS       4u

/* What workers of a storm do. */
static const struct {
	const char *operation, *context;
} rows[ROWS] = {
	{"queue put", "some queued"},
	{"queue put", "full"},
	{"queue get", "some queued"},
	{"queue get", "empty"},
};

static struct listed {
	uint32_t         n_images, n_trail;
	struct footstep *trail;
} listed[ROWS];

static uint8_t (*hit)[IMAGES_MAX]; /* shared with who kills */

static void keep(void *arg, const struct trial *t, const struct outcome *o, const char *wrong)
{
	struct listed *l = arg;

	l->n_images = o->n_images < IMAGES_MAX ? o->n_images : IMAGES_MAX;
	l->trail = calloc(o->n_trail + 1, sizeof(*l->trail));
	if (!l->trail)
		return;
	l->n_trail = o->n_trail;
	memcpy(l->trail, o->trail, o->n_trail * sizeof(*l->trail));
}

static void list(const struct operation *op, unsigned row)
{
	for (unsigned i = 0; i < op->n_contexts; i++) {
		struct trial t = {.op = op,
				  .context = &op->context[i],
				  .ending = END_NORMAL,
				  .list = 1,
				  .list_repeats = 1};

		if (strcmp(op->context[i].name, rows[row].context))
			continue;
		pool_start(&t, keep, &listed[row]);
		pool_drain();
	}
}

static void note_kill(uint64_t pc)
{
	for (unsigned row = 0; row < ROWS; row++)
		for (uint32_t i = 0; i < listed[row].n_trail; i++) {
			const struct footstep *f = &listed[row].trail[i];

			/* the first image is that of before */
			if (f->pc == pc && f->image - 1 < IMAGES_MAX)
				hit[row][f->image - 1] = 1;
		}
}

void coverage_begin(void)
{
	hit = test_shared(ROWS * sizeof(*hit));
	for (unsigned i = 0; i < message_operations.n; i++)
		for (unsigned row = 0; row < ROWS; row++)
			if (!strcmp(message_operations.op[i].name, rows[row].operation))
				list(&message_operations.op[i], row);
	storm_killed_at = note_kill;
}

static uint64_t hits(unsigned row)
{
	uint64_t n = 0;

	for (uint32_t i = 0; hit && i < listed[row].n_images; i++)
		n += hit[row][i];
	return n;
}

void coverage_count(uint64_t *ret_hit, uint64_t *ret_all)
{
	*ret_hit = *ret_all = 0;
	for (unsigned row = 0; row < ROWS; row++) {
		*ret_all += listed[row].n_images;
		*ret_hit += hits(row);
	}
}

void coverage_table(FILE *to)
{
	(void)fprintf(to,
		      "\n| images that random kills hit | hit | of | share |\n|---|--:|--:|--:|\n");
	for (unsigned row = 0; row < ROWS; row++)
		(void)fprintf(
			to, "| %s: %s | %llu | %u | %.0f %% |\n", rows[row].operation,
			rows[row].context, (unsigned long long)hits(row), listed[row].n_images,
			listed[row].n_images ? 100.0 * (double)hits(row) / listed[row].n_images
					     : 0.0);
}
