/*
 * image_parts.c - histograms, failures, and what ends that are gone have left
 *
 * Half a kilobyte each and more. Who looks at each record anyway says which are due; those stay
 * so until they are read.
 */

#include "base/clock.h"
#include "base/error.h"
#include "observe/image.h"
#include "observe/turns.h"

/*
 * Of those that are held already, and only changed. Picked: a domain of usual size has fewer; of ten
 * thousand channels all percentiles are new in four seconds, for a twentieth of what a reading costs.
 */
#define ANEW_LEAST 256
#define ANEW_MOST  2560
#define ANEW_PER_S 2560
#define GAP_MAX    8 /* parts read in passing rather than by another call; measured */

/* So many at this reading, which may come soon after the last one. */
static size_t anew_now(struct image *m)
{
	uint64_t now_ns = clock_now_ns();
	uint32_t n = turns_now(now_ns, m->parts_ns, ANEW_LEAST, ANEW_MOST, ANEW_PER_S);

	m->parts_ns = now_ns;
	return n;
}

/* Is it the turn of part @i, which is due? Then it is read. */
static bool has_turn(struct image *m, enum table_id t, size_t i, size_t *budget)
{
	struct part_key       *have = (struct part_key *)m->part_key[t].p + i;
	const struct part_key *want = (const struct part_key *)m->part_want[t].p + i;
	bool                   anew = have->life == want->life;

	if (anew && *budget == 0)
		return false;
	*budget -= anew;
	*have = *want;
	((uint8_t *)m->due[t].p)[i] = PART_READ;
	m->n_read[t]++;
	return true;
}

/* Of which table, to which image. */
struct reading {
	struct image *m;
	enum table_id table;
};

static void keep_part(void *arg, uint32_t i, const void *rec)
{
	const struct reading *r = arg;

	if (image_due(r->m, r->table, i) == PART_READ)
		image_keep(r->m, r->table, i, rec);
}

static int read_run(struct image *m, enum table_id t, size_t first, size_t end)
{
	struct reading r = {m, t};

	return image_pass(m, t, first, end - first, keep_part, &r);
}

/* Of records [@from, @to). Runs of those whose turn it is are read by one call. */
static int read_some_parts(struct image *m, enum table_id t, size_t from, size_t to, size_t *budget)
{
	uint8_t *due = m->due[t].p;
	size_t   first = 0, end = 0; /* the run [first, end) is to be read */
	int      r = 0;

	for (size_t i = from; r == 0 && i < to; i++) {
		bool had = *budget > 0;

		if (due[i] == PART_READ) /* at the reading before */
			due[i] = PART_KEPT;
		if (due[i] == PART_KEPT || !has_turn(m, t, i, budget))
			continue;
		if (had && *budget == 0)
			m->part_next[t] = i + 1;
		if (end > first && i - end >= GAP_MAX) {
			r = read_run(m, t, first, end);
			first = i;
		} else if (end == first) {
			first = i;
		}
		end = i + 1;
	}
	return r < 0 ? r : read_run(m, t, first, end);
}

/* A table that has parts of another one's records. */
struct part {
	enum table_id table, of;
};

static const struct part parts[] = {
	{TABLE_HISTOGRAMS, TABLE_ENDS},
	{TABLE_FAILURES, TABLE_ENDS},
	{TABLE_PASTS, TABLE_OBJECTS},
};
#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static int read_parts(struct image *m, const struct part *p, size_t budget)
{
	size_t n, from;
	int    r;

	n = m->n[p->of] < m->n[p->table] ? m->n[p->of] : m->n[p->table];
	m->n_read[p->table] = 0;
	from = m->part_next[p->table] < n ? m->part_next[p->table] : 0;
	r = read_some_parts(m, p->table, from, n, &budget);
	return r < 0 ? r : read_some_parts(m, p->table, 0, from, &budget);
}

int image_reserve_parts(struct image *m)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_PARTS; i++) {
		enum table_id t = parts[i].table;
		size_t        n = m->n[parts[i].of] + 1;

		m->n[t] = m->head.table[t].used;
		r = image_reserve_kept(m, t, n < m->n[t] ? n : m->n[t], n);
		if (r == 0 && (!grow_to(&m->part_key[t], n * sizeof(struct part_key)) ||
			       !grow_to(&m->part_want[t], n * sizeof(struct part_key)) ||
			       !grow_to(&m->due[t], n * sizeof(uint8_t))))
			r = fail(-ENOMEM, "no memory for a copy of %s", m->path);
	}
	/* said of each at each reading; what was left due may have lost its record since */
	if (r == 0)
		memset(m->due[TABLE_PASTS].p, 0, m->due[TABLE_PASTS].bytes);
	return r;
}

int image_read_parts(struct image *m)
{
	size_t budget = anew_now(m);
	int    r = 0;

	for (size_t i = 0; r == 0 && i < N_PARTS; i++)
		r = read_parts(m, &parts[i], budget);
	for (size_t i = 0; r < 0 && i < N_PARTS; i++) /* what is held is not what its key says */
		memset(m->part_key[parts[i].table].p, 0, m->part_key[parts[i].table].bytes);
	return r;
}
