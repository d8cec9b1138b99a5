#include "row.h"

#include "pool.h"
#include "support/test.h"

/* ---- what came of a trial ------------------------------------------------------------------ */

static void describe(const struct trial *t, char *ret, size_t size)
{
	int n = 0;

	for (unsigned i = 0; i < t->n_kills && n >= 0 && (size_t)n < size; i++)
		n += snprintf(ret + n, size - (size_t)n, "%scall %u, 0x%llx, time %u%s",
			      i ? ", then " : "", t->kill[i].n_calls,
			      (unsigned long long)t->kill[i].pc, t->kill[i].nth,
			      t->kill[i].asleep ? ", asleep" : "");
	if (t->partner && n >= 0 && (size_t)n < size)
		(void)snprintf(ret + n, size - (size_t)n, ", %s at call %u, 0x%llx, time %u",
			       t->partner->name, t->partner_at.n_calls,
			       (unsigned long long)t->partner_at.pc, t->partner_at.nth);
}

static void add(struct row *row, const struct trial *t, const struct outcome *o, const char *wrong)
{
	char where[300] = "no place";

	row->n_drifted += o->drifted;
	if (o->longest_ns > row->longest_ns)
		row->longest_ns = o->longest_ns;
	row->n_late += o->longest_ns > LATE_NS;
	if (!wrong)
		return;
	row->n_found[o->found]++;
	describe(t, where, sizeof(where));
	if (row->n_failed++ == 0 || row->options->verbose)
		(void)snprintf(row->failure, sizeof(row->failure), "%s: %s", where, wrong);
	if (row->options->verbose) {
		printf("# failed: %s: %s: %s\n", row->op->name, row->context->name, row->failure);
		(void)fflush(stdout);
	}
}

static void done(void *arg, const struct trial *t, const struct outcome *o, const char *wrong)
{
	struct row *row = arg;

	row->n_trials++;
	add(row, t, o, wrong);
}

/* ---- places ---------------------------------------------------------------------------------- */

struct places {
	struct row   *row;
	struct place *place;
	uint32_t      n;
};

static void keep(void *arg, const struct trial *t, const struct outcome *o, const char *wrong)
{
	struct places *p = arg;
	struct row    *row = p->row;

	add(row, t, o, wrong);
	row->n_images += o->n_images;
	row->n_places += o->n_places;
	row->n_steps += o->n_steps;
	p->place = calloc(o->n_places + 1, sizeof(*p->place));
	if (!p->place)
		return;
	memcpy(p->place, o->place, o->n_places * sizeof(*p->place));
	p->n = o->n_places;
}

/* Without a kill, or without one more, but stepped: where can one be killed? */
static struct places list(struct row *row, const struct trial *of)
{
	struct places p = {.row = row};
	struct trial  t = *of;

	t.ending = of->n_kills ? END_KILLED : END_NORMAL;
	t.list = of->n_kills + 1;
	t.list_repeats = row->options->repeats;
	pool_start(&t, keep, &p);
	pool_drain();
	return p;
}

/* Is the @i-th of @n one of the @most that are spread over all of them? */
static bool chosen(uint64_t i, uint64_t n, uint64_t most)
{
	return !most || n <= most || i * most / n != (i + 1) * most / n;
}

/* ---- modes ------------------------------------------------------------------------------------ */

/* Kill, or stop, at each place; as deep as is asked for, whoever cleans up is killed, too. */
static void kill_at_all(struct row *row, const struct trial *of, unsigned depth)
{
	struct places p = list(row, of);
	struct trial  t = *of;

	t.ending = row->options->mode == ROW_STOP ? END_STOPPED : END_KILLED;
	t.n_kills = of->n_kills + 1;
	for (uint32_t i = 0; i < p.n && !(row->options->first && row->n_failed); i++) {
		if (!chosen(i, p.n, of->n_kills ? row->options->deep : row->options->most))
			continue;
		t.kill[of->n_kills] = p.place[i];
		if (depth)
			kill_at_all(row, &t, depth - 1);
		else
			pool_start(&t, done, row);
	}
	pool_drain();
	free(p.place);
}

/* Two who stand still at random places of theirs; one dies there, and then the other goes on, or dies. */
static void kill_pairs(struct row *row)
{
	struct trial  t = {.op = row->op, .context = row->context}, other = t;
	struct places a = list(row, &t), b;
	uint32_t      seed = row->options->seed;

	other.op = row->op->partner ? row->op->partner : row->op;
	b = list(row, &other);
	t.ending = END_KILLED;
	t.n_kills = 1;
	for (unsigned i = 0; a.n && b.n && i < row->options->most; i++) {
		t.partner = i % 2 ? other.op : row->op;
		t.kill[0] = a.place[test_random(&seed) % a.n];
		t.partner_at = t.partner == row->op ? a.place[test_random(&seed) % a.n]
						    : b.place[test_random(&seed) % b.n];
		t.partner_dies = i / 2 % 2;
		pool_start(&t, done, row);
	}
	pool_drain();
	free(a.place);
	free(b.place);
}

void row_run(struct row *row)
{
	struct trial t = {.op = row->op, .context = row->context};

	if (row->options->mode == ROW_PAIR)
		kill_pairs(row);
	else
		kill_at_all(row, &t, row->options->mode == ROW_RECOVER ? row->options->depth : 0);
}
