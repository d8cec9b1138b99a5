/*
 * image.c - copy the registry, as little of it as will do
 *
 * Labels and histograms are most of the file and change least, so they are
 * copied when the record they belong to has changed. Process labels are the
 * exception: a process may be renamed at any time, and there are few.
 *
 * Of what is left, objects and ends are most, and each is looked at once: so they come through
 * a buffer that stays in the cache, and are kept only where somebody will ask again.
 */

#include <errno.h>

#include "base/error.h"
#include "observe/image.h"

#define RETRIES_MAX 3 /* of one thread's record */

static int read_into(struct image *m, enum table_id t, void *buf, size_t first, size_t n)
{
	uint64_t bytes = n * m->head.table[t].stride;
	int      r;

	if (n == 0)
		return 0;
	r = image_pread(m->fd, buf, bytes, image_offset(m, t, first));
	if (r < 0)
		return fail(r, "cannot read %s: it was cut short, or the disk failed", m->path);
	m->bytes += bytes;
	return 0;
}

static int read_records(struct image *m, enum table_id t, size_t first, size_t n)
{
	return read_into(m, t, image_at(m, t, first), first, n);
}

static int read_table(struct image *m, enum table_id t)
{
	m->n[t] = m->head.table[t].used;
	if (!grow_to(&m->mem[t], m->n[t] * m->head.table[t].stride))
		return fail(-ENOMEM, "no memory for a copy of %s", m->path);
	return read_records(m, t, 0, m->n[t]);
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

/* So many bytes at a time. Picked: half of a usual second-level cache has room for more. */
#define PASSING_BYTES ((size_t)64 * 1024)

int image_pass(struct image *m, enum table_id t, size_t first, size_t n, image_pass_fn *fn,
	       void *arg)
{
	size_t stride = m->head.table[t].stride, each = PASSING_BYTES / stride;

	if (!grow_to(&m->passing, PASSING_BYTES))
		return fail(-ENOMEM, "no memory for a copy of %s", m->path);
	for (size_t end = first + n; first < end; first += each) {
		size_t some = end - first < each ? end - first : each;
		int    r = read_into(m, t, m->passing.p, first, some);

		if (r < 0)
			return r;
		for (size_t i = 0; i < some; i++)
			fn(arg, (uint32_t)(first + i), (const char *)m->passing.p + i * stride);
	}
	return 0;
}

/* The first is all zeroes, and stays so. */
int image_reserve_kept(struct image *m, enum table_id t, size_t most, size_t n)
{
	if (!grow_to(&m->mem[t], (most + 1) * m->head.table[t].stride) ||
	    !grow_to(&m->kept_at[t], (n + 1) * sizeof(uint32_t)))
		return fail(-ENOMEM, "no memory for a copy of %s", m->path);
	return 0;
}

/* None is kept yet. */
static int reserve_passing(struct image *m, enum table_id t)
{
	int r;

	m->n[t] = m->head.table[t].used;
	r = image_reserve_kept(m, t, m->n[t], m->n[t]);
	if (r == 0)
		memset(m->kept_at[t].p, 0, m->n[t] * sizeof(uint32_t));
	m->n_kept[t] = 0;
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
	int                    r = image_header_at_rest(m->fd, m->path, &h);

	if (r < 0)
		return r;
	if (m->head.magic && !lies_as_before(&m->head, &h))
		return fail(-EBADMSG, "%s is damaged: its tables lie elsewhere than before",
			    m->path);
	m->head = h;
	m->bytes += sizeof(h);
	return 0;
}

int image_read(struct image *m)
{
	int r = read_header(m);

	m->torn = 0;
	if (r == 0)
		r = read_threads(m);
	if (r == 0)
		r = read_table(m, TABLE_PROCESSES);
	if (r == 0)
		r = read_table(m, TABLE_PROCESS_LABELS);
	m->n[TABLE_OBJECT_LABELS] = m->head.table[TABLE_OBJECT_LABELS].used;
	if (r == 0)
		r = reserve_passing(m, TABLE_ENDS);
	if (r == 0)
		r = reserve_passing(m, TABLE_OBJECTS);
	return r;
}

int image_look_back(struct image *m)
{
	struct registry_header after;
	int                    r = image_header(m->fd, m->path, &after);

	if (r == 0)
		m->unsteady = m->head.dirty || after.dirty || m->head.change != after.change;
	return r;
}

bool image_is_held(const struct image *m)
{
	struct registry_header now;

	return m->head.dirty && image_header(m->fd, m->path, &now) == 0 &&
	       now.dirty == m->head.dirty && now.turn == m->head.turn;
}

void image_fini(struct image *m)
{
	for (int t = 0; t < N_TABLES; t++) {
		grow_free(&m->mem[t]);
		grow_free(&m->kept_at[t]);
		grow_free(&m->part_key[t]);
		grow_free(&m->part_want[t]);
		grow_free(&m->due[t]);
	}
	grow_free(&m->passing);
	grow_free(&m->seq);
}
