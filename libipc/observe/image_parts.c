/*
 * image_parts.c - histograms, failures, and what ends that are gone have left
 *
 * Half a kilobyte each and more. Who looks at each record anyway says which are due; those stay
 * so until they are read.
 */

#include "base/error.h"
#include "observe/image.h"

#define PARTS_ANEW 1024 /* at one reading; picked: a domain of usual size has fewer */
#define GAP_MAX    8    /* parts read in passing rather than by another call; measured */

/* What a part changes with; 0: nothing is in it. */
static uint64_t histogram_count(const void *end)
{
	return ((const struct end_rec *)end)->in.messages;
}

static uint64_t failures_count(const void *end)
{
	return ((const struct end_rec *)end)->failed;
}

static uint64_t past_count(const void *object)
{
	const struct object_rec *o = object;

	return o->past_out[0].ends + o->past_out[1].ends + o->past_in[0].ends + o->past_in[1].ends;
}

/* A table that has parts of another one's records. */
struct part {
	enum table_id table, of;
	uint64_t (*count)(const void *rec);
};

/* Is the part of record @i another than the one we hold, and is it its turn? Then it is read. */
static bool part_wanted(const struct image *m, const struct part *p, struct part_key *k, size_t i,
			size_t *budget)
{
	const uint64_t *life = p->of == TABLE_OBJECTS ? &image_object(m, i)->life
						      : image_at(m, p->of, i);
	uint64_t        count = life_state(*life) == LIFE_LIVE ? p->count(life) : 0;
	uint8_t        *due = (uint8_t *)m->due[p->table].p + i;

	*due = PART_KEPT;
	if (count == 0 || (k->life == *life && k->count == count))
		return false;
	if (k->life == *life && *budget == 0) {
		*due = PART_DUE;
		return false;
	}
	*due = PART_READ;
	*budget -= k->life == *life;
	*k = (struct part_key){.life = *life, .count = count};
	return true;
}

/* Of records [@from, @to). Runs of those that are wanted are read by one call. */
static int read_some_parts(struct image *m, const struct part *p, size_t from, size_t to,
			   size_t *budget)
{
	struct part_key *key = m->part_key[p->table].p;
	uint8_t         *due = m->due[p->table].p;
	size_t           first = 0, end = 0; /* the run [first, end) is wanted */
	int              r = 0;

	for (size_t i = from; r == 0 && i < to; i++) {
		bool had = *budget > 0;

		if (due[i] == PART_READ) /* at the reading before */
			due[i] = PART_KEPT;
		if (due[i] == PART_KEPT || !part_wanted(m, p, &key[i], i, budget))
			continue;
		if (had && *budget == 0)
			m->part_next[p->table] = i + 1;
		if (end > first && i - end >= GAP_MAX) {
			r = image_read_records(m, p->table, first, end - first);
			first = i;
		} else if (end == first) {
			first = i;
		}
		end = i + 1;
	}
	return r < 0 ? r : image_read_records(m, p->table, first, end - first);
}

static int read_parts(struct image *m, const struct part *p)
{
	size_t n, from, budget = PARTS_ANEW;
	int    r;

	n = m->n[p->of] < m->n[p->table] ? m->n[p->of] : m->n[p->table];
	from = m->part_next[p->table] < n ? m->part_next[p->table] : 0;
	r = read_some_parts(m, p, from, n, &budget);
	return r < 0 ? r : read_some_parts(m, p, 0, from, &budget);
}

static const struct part parts[] = {
	{TABLE_HISTOGRAMS, TABLE_ENDS, histogram_count},
	{TABLE_FAILURES, TABLE_ENDS, failures_count},
	{TABLE_PASTS, TABLE_OBJECTS, past_count},
};
#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

int image_reserve_parts(struct image *m)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_PARTS; i++) {
		enum table_id t = parts[i].table;
		size_t        n = m->n[parts[i].of] + 1;

		r = image_make_room(m, t);
		if (r == 0 && (!grow_to(&m->part_key[t], n * sizeof(struct part_key)) ||
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
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_PARTS; i++)
		r = read_parts(m, &parts[i]);
	for (size_t i = 0; r < 0 && i < N_PARTS; i++) /* what is held is not what its key says */
		memset(m->part_key[parts[i].table].p, 0, m->part_key[parts[i].table].bytes);
	return r;
}
