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

#define READINGS_MAX 3 /* then the picture is called unsteady */
#define RETRIES_MAX  3 /* of one thread's record */
#define GAP_MAX      8 /* histograms read in passing rather than by another call; measured */

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
static int settle_thread(struct image *m, size_t i)
{
	struct thread_rec *t = image_at(m, TABLE_THREADS, i);
	uint64_t           seq;
	int                r;

	for (int n = 0; n <= RETRIES_MAX; n++) {
		seq = t->wait.seq;
		if ((seq & WAIT_STATE_MASK) == WAIT_RUNNING)
			return 0;
		r = read_records(m, TABLE_THREADS, i, 1);
		if (r < 0)
			return r;
		if (t->wait.seq == seq && (seq & WAIT_STATE_MASK) == WAIT_BLOCKED)
			return 0;
	}
	t->wait.seq = WAIT_RUNNING;
	m->torn++;
	return 0;
}

static int read_threads(struct image *m)
{
	int r = read_table(m, TABLE_THREADS);

	for (size_t i = 0; r == 0 && i < m->n[TABLE_THREADS]; i++) {
		const struct thread_rec *t = image_at(m, TABLE_THREADS, i);

		if (life_state(t->life) == LIFE_LIVE)
			r = settle_thread(m, i);
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

static int read_once(struct image *m)
{
	static const enum table_id order[] = {TABLE_PROCESSES, TABLE_PROCESS_LABELS, TABLE_ENDS,
					      TABLE_OBJECTS};
	int                        r = image_header(m->fd, m->path, &m->head);

	if (r < 0)
		return r;
	m->bytes += sizeof(m->head);
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

/* Is the histogram of end @i another than the one we hold? Remember that we read it. */
static bool histogram_wanted(struct image *m, size_t i)
{
	const struct end_rec *e = image_at(m, TABLE_ENDS, i);
	struct hist_key      *k = (struct hist_key *)m->hist_key.p + i;

	if (life_state(e->life) != LIFE_LIVE || e->in.messages == 0)
		return false; /* its buckets are zero, or nobody's */
	if (k->life == e->life && k->messages == e->in.messages)
		return false;
	*k = (struct hist_key){.life = e->life, .messages = e->in.messages};
	return true;
}

int image_read_histograms(struct image *m)
{
	size_t n, first = 0, end = 0; /* the run [first, end) is wanted */
	int    r = make_room(m, TABLE_HISTOGRAMS);

	if (r < 0)
		return r;
	n = m->n[TABLE_ENDS] < m->n[TABLE_HISTOGRAMS] ? m->n[TABLE_ENDS] : m->n[TABLE_HISTOGRAMS];
	if (!grow_to(&m->hist_key, m->n[TABLE_ENDS] * sizeof(struct hist_key)))
		return fail(-ENOMEM, "no memory for the histograms of %s", m->path);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!histogram_wanted(m, i))
			continue;
		if (end > first && i - end >= GAP_MAX) {
			r = read_records(m, TABLE_HISTOGRAMS, first, end - first);
			first = i;
		} else if (end == first) {
			first = i;
		}
		end = i + 1;
	}
	return r < 0 ? r : read_records(m, TABLE_HISTOGRAMS, first, end - first);
}

void image_fini(struct image *m)
{
	for (int t = 0; t < N_TABLES; t++)
		grow_free(&m->mem[t]);
	grow_free(&m->hist_key);
	grow_free(&m->label_key);
}
