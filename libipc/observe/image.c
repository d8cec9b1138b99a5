/*
 * image.c - copy the registry, as little of it as will do
 *
 * Labels and histograms are most of the file and change least, so they are
 * copied when the record they belong to has changed. Process labels are the
 * exception: a process may be renamed at any time, and there are few.
 */

#include <errno.h>

#include "base/error.h"
#include "observe/image.h"

#define READINGS_MAX 3    /* then the picture is called unsteady */
#define RETRIES_MAX  3    /* of one thread's record */
#define PARTS_ANEW   1024 /* at one reading; picked: a domain of usual size has fewer */
#define GAP_MAX      8    /* parts read in passing rather than by another call; measured */

static int read_records(struct image *m, enum table_id t, size_t first, size_t n)
{
	uint64_t bytes = n * m->head.table[t].stride;
	int      r;

	if (n == 0)
		return 0;
	r = image_pread(m->fd, image_at(m, t, first), bytes, image_offset(m, t, first));
	if (r < 0)
		return fail(r, "cannot read %s: it was cut short, or the disk failed", m->path);
	m->bytes += bytes;
	return 0;
}

static int make_room(struct image *m, enum table_id t)
{
	m->n[t] = m->head.table[t].used;
	if (!grow_to(&m->mem[t], m->n[t] * m->head.table[t].stride))
		return fail(-ENOMEM, "no memory for a copy of %s", m->path);
	return 0;
}

static int read_table(struct image *m, enum table_id t)
{
	int r = make_room(m, t);

	return r < 0 ? r : read_records(m, t, 0, m->n[t]);
}

/*
 * Of a thread that sleeps, the table's copy may be half of one wait and half of
 * the next. So its record is read again: where both readings have the same seq,
 * the second lay within that wait. A record that does not hold still belongs to
 * a thread that runs.
 */
static bool is_settled(const struct thread_rec *t, uint64_t seq_before)
{
	return t->wait.seq == seq_before && (seq_before & WAIT_STATE_MASK) == WAIT_BLOCKED;
}

static bool sleeps(const struct thread_rec *t)
{
	return life_state(t->life) == LIFE_LIVE && (t->wait.seq & WAIT_STATE_MASK) != WAIT_RUNNING;
}

static int settle_thread(struct image *m, size_t i)
{
	struct thread_rec *t = image_at(m, TABLE_THREADS, i);
	int                r;

	for (int n = 0; n < RETRIES_MAX && sleeps(t); n++) {
		uint64_t seq = t->wait.seq;

		r = read_records(m, TABLE_THREADS, i, 1);
		if (r < 0 || is_settled(t, seq))
			return r;
	}
	if (sleeps(t)) {
		t->wait.seq = WAIT_RUNNING;
		m->torn++;
	}
	return 0;
}

/* Neighbours that all sleep are read again by one call: of thousands, calls would be most of it. */
static int settle_run(struct image *m, size_t first, size_t end)
{
	uint64_t *seq = m->seq.p;
	int       r;

	for (size_t i = first; i < end; i++)
		seq[i] = ((struct thread_rec *)image_at(m, TABLE_THREADS, i))->wait.seq;
	r = read_records(m, TABLE_THREADS, first, end - first);
	for (size_t i = first; r == 0 && i < end; i++)
		if (!is_settled(image_at(m, TABLE_THREADS, i), seq[i]))
			r = settle_thread(m, i);
	return r;
}

static int read_threads(struct image *m)
{
	int    r = read_table(m, TABLE_THREADS);
	size_t n = m->n[TABLE_THREADS], end;

	if (r == 0 && !grow_to(&m->seq, n * sizeof(uint64_t)))
		return fail(-ENOMEM, "no memory for a copy of %s", m->path);
	for (size_t i = 0; r == 0 && i < n; i = end + 1) {
		for (end = i; end < n && sleeps(image_at(m, TABLE_THREADS, end)); end++)
			;
		r = settle_run(m, i, end);
	}
	return r;
}

static int read_object_labels(struct image *m)
{
	size_t    n, end;
	uint64_t *key;
	int       r = make_room(m, TABLE_OBJECT_LABELS);

	if (r < 0)
		return r;
	n = m->n[TABLE_OBJECTS] < m->n[TABLE_OBJECT_LABELS] ? m->n[TABLE_OBJECTS]
							    : m->n[TABLE_OBJECT_LABELS];
	key = grow_to(&m->label_key, n * sizeof(*key));
	if (!key)
		return fail(-ENOMEM, "no memory for the labels of %s", m->path);
	for (size_t i = 0; r == 0 && i < n; i = end + 1) {
		for (end = i; end < n; end++) {
			const struct object_rec *o = image_at(m, TABLE_OBJECTS, end);

			if (o->life == key[end])
				break;
			key[end] = o->life;
		}
		r = read_records(m, TABLE_OBJECT_LABELS, i, end - i);
	}
	return r;
}

static bool lies_as_before(const struct registry_header *a, const struct registry_header *b)
{
	for (int t = 0; t < N_TABLES; t++)
		if (a->table[t].offset != b->table[t].offset ||
		    a->table[t].stride != b->table[t].stride)
			return false;
	return true;
}

/* Whoever made the registry laid the tables out, once: parts and labels are kept where they lie. */
static int read_header(struct image *m)
{
	struct registry_header h;
	int                    r = image_header(m->fd, m->path, &h);

	if (r < 0)
		return r;
	if (m->head.magic && !lies_as_before(&m->head, &h))
		return fail(-EBADMSG, "%s is damaged: its tables lie elsewhere than before",
			    m->path);
	m->head = h;
	m->bytes += sizeof(h);
	return 0;
}

static int read_once(struct image *m)
{
	static const enum table_id order[] = {TABLE_PROCESSES, TABLE_PROCESS_LABELS, TABLE_ENDS,
					      TABLE_OBJECTS};
	int                        r = read_header(m);

	if (r == 0)
		r = read_threads(m);
	for (size_t i = 0; r == 0 && i < sizeof(order) / sizeof(order[0]); i++)
		r = read_table(m, order[i]);
	return r < 0 ? r : read_object_labels(m);
}

int image_read(struct image *m)
{
	struct registry_header after;
	int                    r;

	m->bytes = 0;
	for (int n = 0; n < READINGS_MAX; n++) {
		m->torn = 0;
		r = read_once(m);
		if (r < 0)
			return r;
		r = image_header(m->fd, m->path, &after);
		if (r < 0)
			return r;
		m->unsteady = m->head.dirty || after.dirty || m->head.change != after.change;
		if (!m->unsteady)
			break;
	}
	return 0;
}

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
	const uint64_t *life = image_at(m, p->of, i);
	uint64_t        count = life_state(*life) == LIFE_LIVE ? p->count(life) : 0;

	if (count == 0 || (k->life == *life && k->count == count))
		return false;
	if (k->life == *life && *budget == 0)
		return false;
	*budget -= k->life == *life;
	*k = (struct part_key){.life = *life, .count = count};
	return true;
}

/* Of records [@from, @to). Runs of those that are wanted are read by one call. */
static int read_some_parts(struct image *m, const struct part *p, size_t from, size_t to,
			   size_t *budget)
{
	struct part_key *key = m->part_key[p->table].p;
	size_t           first = 0, end = 0; /* the run [first, end) is wanted */
	int              r = 0;

	for (size_t i = from; r == 0 && i < to; i++) {
		bool had = *budget > 0;

		if (!part_wanted(m, p, &key[i], i, budget))
			continue;
		if (had && *budget == 0)
			m->part_next[p->table] = i + 1;
		if (end > first && i - end >= GAP_MAX) {
			r = read_records(m, p->table, first, end - first);
			first = i;
		} else if (end == first) {
			first = i;
		}
		end = i + 1;
	}
	return r < 0 ? r : read_records(m, p->table, first, end - first);
}

static int read_parts(struct image *m, const struct part *p)
{
	size_t n, from, budget = PARTS_ANEW;
	int    r = make_room(m, p->table);

	if (r < 0)
		return r;
	n = m->n[p->of] < m->n[p->table] ? m->n[p->of] : m->n[p->table];
	if (!grow_to(&m->part_key[p->table], (n + 1) * sizeof(struct part_key)))
		return fail(-ENOMEM, "no memory for a copy of %s", m->path);
	from = m->part_next[p->table] < n ? m->part_next[p->table] : 0;
	r = read_some_parts(m, p, from, n, &budget);
	return r < 0 ? r : read_some_parts(m, p, 0, from, &budget);
}

int image_read_parts(struct image *m)
{
	static const struct part parts[] = {
		{TABLE_HISTOGRAMS, TABLE_ENDS, histogram_count},
		{TABLE_FAILURES, TABLE_ENDS, failures_count},
		{TABLE_PASTS, TABLE_OBJECTS, past_count},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = read_parts(m, &parts[i]);
	return r;
}

void image_fini(struct image *m)
{
	for (int t = 0; t < N_TABLES; t++)
		grow_free(&m->mem[t]);
	for (int t = 0; t < N_TABLES; t++)
		grow_free(&m->part_key[t]);
	grow_free(&m->label_key);
	grow_free(&m->seq);
}
