/*
 * test_observe_image.c - whatever the file holds, the observer survives it
 *
 * A snapshot is either refused with a reason, or well formed: every index in
 * range, every string ended, sent = received + queued.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <ipc/observe.h>

#include "base/histogram.h"
#include "ring/slot.h"
#include "support/fake_registry.h"

#define QUEUE (RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE)

struct test {
	struct fake   f;
	ipc_observer *o;
};

/* Four processes that were stuck in every kind of wait when this copy was made. */
static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));
	struct fake *f;
	uint32_t     q, j, a, m;

	if (!t)
		return -1;
	f = &t->f;
	fake_make(f);
	memcpy(fake_header(f)->boot_id, "00000000", 8);
	for (int i = 0; i < 4; i++)
		(void)fake_dead_process(f, "process");
	q = fake_object(f, KIND_QUEUE, 0, "queue");
	j = fake_object(f, KIND_JOINABLE, OBJECT_NAMED, "jobs");
	a = fake_object(f, KIND_PIPE, 0, "");
	m = fake_object(f, KIND_SHM, OBJECT_NAMED, "shm");
	for (uint32_t p = 0; p < 4; p++) {
		(void)fake_end(f, p, q, QUEUE);
		(void)fake_end(f, p, j, QUEUE);
		(void)fake_end(f, p, a,
			       p & 1 ? RIGHT_RECV0 | RIGHT_SEND1 : RIGHT_SEND0 | RIGHT_RECV1);
		(void)fake_end(f, p, m, RIGHT_MAP);
	}
	fake_fill(f, j, 0, 5, 5);
	fake_wait(f, 0, OP_JOIN, j, 0);
	fake_wait(f, 1, OP_GET, q, 0);
	fake_wait(f, 2, OP_RECV, a, 1);
	fake_wait(f, 3, OP_LOCK, m, 8);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	t->o = ipc_observer_close(t->o);
	fake_remove(&t->f);
	free(t);
	return 0;
}

static bool index_ok(uint32_t i, size_t n)
{
	return i < n || i == IPC_NO_INDEX;
}

static void check_channels(const struct ipc_snapshot *s)
{
	for (size_t i = 0; i < s->n_channels; i++) {
		const struct ipc_obs_channel *c = &s->channels[i];

		assert_true(strlen(c->name) < NAME_BYTES);
		assert_true((uint64_t)c->first_end + c->n_ends <= s->n_ends);
		assert_true(c->n_rings <= 2);
		for (uint32_t r = 0; r < c->n_rings; r++)
			assert_true(c->ring[r].sent == c->ring[r].received + c->ring[r].queued);
	}
	for (size_t i = 0; i < s->n_ends; i++) {
		assert_true(s->ends[i].process < s->n_processes);
		assert_true(s->ends[i].channel < s->n_channels);
	}
}

static void check_snapshot(const struct ipc_snapshot *s)
{
	for (size_t i = 0; i < s->n_processes; i++) {
		assert_true(strlen(s->processes[i].name) < NAME_BYTES);
		assert_true(index_ok(s->processes[i].parent, s->n_processes));
		assert_true(s->processes[i].build_id_len <= 40);
	}
	for (size_t i = 0; i < s->n_threads; i++) {
		assert_true(s->threads[i].process < s->n_processes);
		assert_true(index_ok(s->threads[i].wait, s->n_waits));
	}
	check_channels(s);
	for (size_t i = 0; i < s->n_waits; i++) {
		assert_true(s->waits[i].thread < s->n_threads);
		assert_true(index_ok(s->waits[i].channel, s->n_channels));
		assert_true(index_ok(s->waits[i].owner, s->n_threads));
		assert_true(index_ok(s->waits[i].child, s->n_processes));
		assert_non_null(memchr(s->waits[i].text, '\0', sizeof(s->waits[i].text)));
	}
	for (size_t i = 0; i < s->n_verdicts; i++) {
		for (size_t k = 0; k < s->verdicts[i].n_core; k++)
			assert_true(s->verdicts[i].core[k] < s->n_waits);
		for (size_t k = 0; k < s->verdicts[i].n_behind; k++)
			assert_true(s->verdicts[i].behind[k] < s->n_waits);
		assert_true(strlen(s->verdicts[i].text) > 0);
	}
}

/* Open, if it is not open, and read: 0 or the error of either. */
static int read_it(struct test *t, const struct ipc_snapshot **ret)
{
	int r = t->o ? 0 : ipc_observer_open_dir(&t->o, t->f.dir);

	if (r == 0)
		r = ipc_observer_read(t->o, ret);
	if (r == 0)
		check_snapshot(*ret);
	return r;
}

static int read_anew(struct test *t, const struct ipc_snapshot **ret)
{
	fake_write(&t->f);
	t->o = ipc_observer_close(t->o);
	return read_it(t, ret);
}

static void path_of(const struct test *t, char *path, size_t size, const char *file)
{
	(void)snprintf(path, size, "%s/%s", t->f.dir, file);
}

/* ---- refused ----------------------------------------------------------------------------------- */

static void observer_open__nothing_there__is_enoent(void **state)
{
	struct test *t = *state;

	assert_int_equal(ipc_observer_open_dir(&t->o, t->f.dir), -ENOENT);
	assert_null(t->o);
	assert_int_equal(ipc_observer_open_dir(&t->o, "/nowhere/at/all"), -ENOENT);
	assert_int_equal(ipc_observer_open(&t->o, "../x"), -EINVAL);
}

static void observer_open__foreign_header__is_refused(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct registry_header    *h = fake_header(&t->f), good = *h;

	assert_int_equal(read_anew(t, &s), 0);
	h->major++;
	assert_int_equal(read_anew(t, &s), -EPROTO);
	*h = good;
	h->magic = __builtin_bswap64(h->magic);
	assert_int_equal(read_anew(t, &s), -EPROTO);
	h->magic = 42;
	assert_int_equal(read_anew(t, &s), -EBADMSG);
	*h = good;
	h->state = 0;
	assert_int_equal(read_anew(t, &s), -ENOENT);
	h->state = 77;
	assert_int_equal(read_anew(t, &s), -EBADMSG);
	*h = good;
	h->header_bytes = 8;
	assert_int_equal(read_anew(t, &s), -EBADMSG);
}

static void observer_open__wild_tables__are_refused(void **state)
{
	static const uint64_t wild[] = {0,  1, 7, UINT64_MAX, UINT64_MAX / 2, UINT64_C(1) << 40,
					130};
	struct test          *t = *state;
	const struct ipc_snapshot *s;
	struct registry_header    *h = fake_header(&t->f), good;

	fake_write(&t->f);
	t->f.as_is = true;
	good = *h;
	for (int table = 0; table < N_TABLES; table++) {
		for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
			h->table[table].stride = wild[i];
			assert_int_equal(read_anew(t, &s), -EBADMSG);
			*h = good;
			h->table[table].offset = wild[i];
			(void)read_anew(t,
					&s); /* some other table's place: nonsense, but harmless */
			*h = good;
		}
	}
}

static void observer_read__cut_anywhere__is_ebadmsg_or_whole(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	char                       path[300];
	int                        r;

	path_of(t, path, sizeof(path), REGISTRY_FILE);
	for (long bytes = FAKE_BYTES; bytes >= 0; bytes -= bytes > 4096 ? 1021 : 61) {
		fake_write(&t->f);
		assert_int_equal(read_it(t, &s), 0);
		assert_int_equal(truncate(path, bytes), 0); /* while it is open */
		r = read_it(t, &s);
		assert_true(r == 0 || r == -EBADMSG);
		t->o = ipc_observer_close(t->o);
		r = read_it(t, &s); /* and from the start */
		assert_true(r == 0 || r == -EBADMSG);
		t->o = ipc_observer_close(t->o);
	}
}

static void observer_read__domain_removed_or_replaced__is_estale(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	char                       path[300], other[300];

	path_of(t, path, sizeof(path), REGISTRY_FILE);
	path_of(t, other, sizeof(other), "kept");
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(read_it(t, &s), -ESTALE);
	fake_write(&t->f); /* another file of that name */
	assert_int_equal(read_it(t, &s), -ESTALE);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(read_it(t, &s), -ESTALE);
	assert_int_equal(read_anew(t, &s), 0);
	fake_header(&t->f)->state = DOMAIN_RETIRED;
	fake_write(&t->f);
	assert_int_equal(read_it(t, &s), -ESTALE);
}

/* ---- survived ------------------------------------------------------------------------------------ */

static uint64_t seed;

static uint64_t pick(uint64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 24) % n;
}

/* Values that hurt: ends of ranges, references, small numbers, noise. */
static uint64_t nasty(void)
{
	switch (pick(6)) {
	case 0: return 0;
	case 1: return UINT64_MAX;
	case 2: return pick(200);
	case 3: return ref_make(7, (uint32_t)pick(140));
	case 4: return life_make(7, (enum life)pick(6));
	default: return seed ^ seed << 29;
	}
}

/* A word of one of the records in use. */
static void spoil(struct fake *f)
{
	enum table_id t = (enum table_id)pick(N_TABLES);
	uint32_t      n = f->n[t] ? f->n[t] : 4;
	uint64_t     *word = fake_record(f, t, (uint32_t)pick(n));
	uint64_t      value = nasty();

	word += pick(fake_header(f)->table[t].stride / 8);
	if (pick(3) == 0)
		memcpy((char *)word + 4, &value, 4);
	else
		*word = value;
}

static void observer_read__garbage_in_records__stays_well_formed(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	uint8_t                   *good = malloc(FAKE_BYTES);

	assert_non_null(good);
	memcpy(good, t->f.bytes, FAKE_BYTES);
	for (seed = 1; seed < 4000; seed++) {
		uint64_t round = seed;

		for (uint64_t n = 1 + round % 40; n > 0; n--)
			spoil(&t->f);
		t->f.as_is = true;
		fake_write(&t->f);
		assert_int_equal(read_it(t, &s), 0);
		if (round % 8 == 0)
			memcpy(t->f.bytes, good, FAKE_BYTES);
		seed = round;
	}
	free(good);
}

static void observer_read__garbage_in_header__is_refused_or_well_formed(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct registry_header     good = *fake_header(&t->f);

	for (seed = 1; seed < 3000; seed++) {
		uint64_t round = seed;

		fake_write(&t->f);
		for (uint64_t n = 1 + round % 4; n > 0; n--)
			((uint64_t *)(void *)t->f.bytes)[pick(sizeof(good) / 8)] = nasty();
		t->f.as_is = true;
		(void)read_anew(t, &s);
		*fake_header(&t->f) = good;
		seed = round;
	}
}

static void observer_read__endless_strings__are_ended(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;

	memset(((struct process_label *)fake_record(&t->f, TABLE_PROCESS_LABELS, 0))->name, 'x',
	       NAME_BYTES);
	memset(((struct object_label *)fake_record(&t->f, TABLE_OBJECT_LABELS, 0))->name, '\n',
	       NAME_BYTES);
	memset(((struct thread_rec *)fake_record(&t->f, TABLE_THREADS, 0))->name, 'y', 16);
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->damaged, 3);
	assert_int_equal(strlen(s->processes[0].name), NAME_BYTES - 1);
	assert_int_equal(s->channels[0].name[0], '?'); /* nothing that breaks a line */
	assert_int_equal(strlen(s->threads[0].name), 15);
}

static void observer_read__circular_list__is_not_followed(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;

	fake_write(&t->f);
	fake_end_at(&t->f, 0)->next = 1;
	t->f.as_is = true;
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->n_ends, 16);
}

static void observer_read__longer_records__are_walked_by_stride(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct table_desc         *d = &fake_header(&t->f)->table[TABLE_ENDS];
	uint64_t                   old = d->offset;

	/* move the ends to unused room, 64 bytes more each, as a later minor version may */
	d->offset = fake_header(&t->f)->table[TABLE_HISTOGRAMS].offset +
		    FAKE_ENDS * sizeof(struct histogram_rec);
	d->stride += 64;
	assert_true(d->offset + d->stride * t->f.n[TABLE_ENDS] <= FAKE_BYTES);
	for (uint32_t i = 0; i < t->f.n[TABLE_ENDS]; i++)
		memcpy(t->f.bytes + d->offset + i * d->stride,
		       t->f.bytes + old + i * sizeof(struct end_rec), sizeof(struct end_rec));
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->n_ends, 16);
	assert_int_equal(s->ends[15].process, 3);
}

static void observer_read__wait_being_written__is_running(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;

	fake_main(&t->f, 1)->wait.seq |= WAIT_WRITING;
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->torn, 1);
	assert_int_equal(s->n_waits, 3);
	assert_int_equal(s->threads[1].wait, IPC_NO_INDEX);
}

/* ---- counted right -------------------------------------------------------------------------------- */

static void observer_read__flows__are_summed(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct object_rec         *o = fake_record(&t->f, TABLE_OBJECTS, 0);

	o->past_out[0].messages = 1000;
	o->past_out[0].high_water = 17;
	for (uint32_t e = 0; e < 16; e += 4) {
		fake_end_at(&t->f, e)->out = (struct flow){
			.messages = 10, .bytes = 100, .high_water = e};
		fake_end_at(&t->f, e)->in = (struct flow){.messages = 5, .blocked_ns = 3};
	}
	fake_fill(&t->f, 0, 0, 20, 64);
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].out.messages, 1040);
	assert_int_equal(s->channels[0].ring[0].out.bytes, 400);
	assert_int_equal(s->channels[0].ring[0].in.messages, 20);
	assert_int_equal(s->channels[0].ring[0].in.blocked_ns, 12);
	assert_int_equal(s->channels[0].ring[0].high_water, 20);
	assert_int_equal(s->channels[0].ring[0].queued, 20);
	assert_int_equal(s->channels[0].ring[0].sent, 120);
	assert_int_equal(s->processes[2].out.messages, 10);
	assert_int_equal(s->processes[2].n_ends, 4);
	assert_int_equal(s->channels[0].n_ends, 4);
	assert_string_equal(s->channels[0].name, "queue");
	assert_int_equal(s->channels[2].n_rings, 2);
	assert_int_equal(s->channels[3].n_rings, 0);
	assert_true(s->channels[1].named && !s->channels[0].named);
	assert_string_equal(s->channels[2].name, "4000000.2"); /* has none: maker and number */
}

static void observer_read__head_ahead_of_tail__queues_nothing(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;

	fake_ring(&t->f, 0, 0)->head = 9; /* the tail was copied first */
	fake_ring(&t->f, 0, 0)->tail = 7 | RING_SHUT;
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].queued, 0);
	assert_true(s->channels[0].ring[0].shut);
}

static void observer_read__unfinished__leaves_out_done_and_failed(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct object_rec         *o = fake_record(&t->f, TABLE_OBJECTS, 1);

	o->ring[0].head = 50;
	o->ring[0].tail = 60;
	o->ring[0].abandoned = 1;
	o->past_in[0].tasks_done = 20;
	o->tasks_failed = 4;
	o->failed_pid = 99;
	fake_end_at(&t->f, 1)->in = (struct flow){.messages = 25, .tasks_done = 22};
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->channels[1].unfinished, 60 - 1 - 20 - 4 - 22);
	assert_int_equal(s->channels[0].unfinished, IPC_UNKNOWN);
	assert_int_equal(s->ends[s->channels[1].first_end].owed, 3);
	assert_int_equal(s->channels[1].failed_pid, 99);
}

static void observer_read__histograms__follow_traffic(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct histogram_rec *h = fake_record(&t->f, TABLE_HISTOGRAMS, 4); /* of process 1, queue */

	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].p50_ns, IPC_UNKNOWN);
	h->bucket[histogram_bucket(1000)] = 98;
	h->bucket[histogram_bucket(1000000)] = 2;
	fake_end_at(&t->f, 4)->in.messages = 100;
	fake_write(&t->f);
	assert_int_equal(read_it(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].p50_ns, histogram_bound(histogram_bucket(1000)));
	assert_int_equal(s->channels[0].ring[0].p99_ns, histogram_bound(histogram_bucket(1000000)));
	assert_int_equal(s->channels[0].ring[0].max_ns, s->channels[0].ring[0].p99_ns);
	assert_int_equal(ipc_obs_hist_ns(s, histogram_bucket(1000)), s->channels[0].ring[0].p50_ns);
	assert_int_equal(read_it(t, &s), 0); /* nothing new: kept */
	assert_int_equal(s->channels[0].ring[0].hist[histogram_bucket(1000)], 98);
}

static void observer_read__histograms_of_several__are_summed(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct histogram_rec      *h4 = fake_record(&t->f, TABLE_HISTOGRAMS, 4);
	struct histogram_rec      *h8 = fake_record(&t->f, TABLE_HISTOGRAMS, 8);
	unsigned                   b = histogram_bucket(1000);

	h4->bucket[b] = 7;
	fake_end_at(&t->f, 4)->in.messages = 7;
	fake_end_at(&t->f, 8)->in.messages = 5;
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].hist[b], 7);
	h8->bucket[b] = 5;
	fake_end_at(&t->f, 8)->in.messages = 6;
	fake_write(&t->f);
	assert_int_equal(read_it(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].hist[b], 12);
	h4->bucket[b] = UINT32_MAX; /* full */
	fake_end_at(&t->f, 4)->in.messages = 8;
	fake_write(&t->f);
	assert_int_equal(read_it(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].hist[b], UINT32_MAX);
	assert_null(s->channels[1].ring[0].hist);
}

/* ---- from reading to reading ---------------------------------------------------------------------- */

/* As programs do that only put and get: the domain counts no change. */
static void write_unchanged(struct test *t)
{
	fake_header(&t->f)->change--;
	fake_write(&t->f);
}

static void observer_read__nothing_came_or_went__numbers_follow(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct object_rec         *o = fake_record(&t->f, TABLE_OBJECTS, 0);

	assert_int_equal(read_anew(t, &s), 0);
	for (uint64_t i = 1; i < 4; i++) {
		fake_fill(&t->f, 0, 0, i, 64);
		fake_end_at(&t->f, 4)->out = (struct flow){.messages = 10 * i, .bytes = 7 * i};
		fake_end_at(&t->f, 4)->handles = (uint32_t)i;
		fake_end_at(&t->f, 4)->failed = i;
		((struct failures_rec *)fake_record(&t->f, TABLE_FAILURES, 4))
			->out.of[FAILED_AGAIN]
			.count = i;
		o->flags |= OBJECT_NAMED;
		write_unchanged(t);
		assert_int_equal(read_it(t, &s), 0);
		assert_int_equal(s->channels[0].ring[0].queued, i);
		assert_int_equal(s->channels[0].ring[0].out.messages, 10 * i);
		assert_true(s->channels[0].named);
		assert_int_equal(s->processes[1].out.bytes, 7 * i);
		assert_int_equal(s->processes[1].n_ends, 4);
		assert_int_equal(s->ends[s->channels[0].first_end + 1].handles, i);
		assert_int_equal(s->n_failures, 1);
		assert_int_equal(s->failures[0].count, i);
		assert_int_equal(s->n_ends, 16);
	}
}

/* Counts whose sum is nothing: there is room for what is told of them all the same. */
static void observer_read__ends_gone_add_up_to_nothing__failures_have_room(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;

	for (uint32_t i = 0; i < 4; i++) {
		struct object_rec   *o = fake_record(&t->f, TABLE_OBJECTS, i);
		struct past_rec     *past = fake_record(&t->f, TABLE_PASTS, i);
		struct failures_rec *failed = fake_record(&t->f, TABLE_FAILURES, i);

		o->past_out[0].ends = o->past_in[0].ends = 1;
		o->past_out[1].ends = UINT64_MAX;
		fake_end_at(&t->f, i)->failed = 1;
		for (int kind = 0; kind < N_FAILURES; kind++) {
			past->failed.out.of[kind].count = past->failed.in.of[kind].count = 1;
			failed->out.of[kind].count = failed->in.of[kind].count = 1;
		}
	}
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->n_failures, 4 * 2 * 2 * N_FAILURES);
}

/* No program of ours does so; what is said must be of what is there all the same. */
static void observer_read__end_changes_hands_unsaid__is_seen(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;

	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->ends[s->channels[0].first_end].process, 0);
	fake_end_at(&t->f, 0)->process = fake_process_ref(&t->f, 1);
	write_unchanged(t);
	assert_int_equal(read_it(t, &s), 0);
	assert_int_equal(s->ends[s->channels[0].first_end].process, 1);
	assert_int_equal(s->processes[0].n_ends, 3);
	assert_int_equal(s->processes[1].n_ends, 5);
	fake_end_at(&t->f, 0)->life = 0;
	write_unchanged(t);
	assert_int_equal(read_it(t, &s), 0);
	assert_int_equal(s->n_ends, 15);
	assert_int_equal(s->channels[0].n_ends, 3);
}

/* What is kept of the last reading lies by the strides of then. */
static void observer_read__tables_move_while_it_is_open__is_ebadmsg(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct registry_header    *h = fake_header(&t->f), good;

	assert_int_equal(read_anew(t, &s), 0);
	t->f.as_is = true;
	good = *h;
	for (int table = 0; table < N_TABLES; table++) {
		h->table[table].stride += 64;
		h->table[table].capacity = h->table[table].used;
		fake_write(&t->f);
		assert_int_equal(read_it(t, &s), -EBADMSG);
		*h = good;
		h->table[table].offset += 64;
		h->table[table].capacity = h->table[table].used;
		fake_write(&t->f);
		assert_int_equal(read_it(t, &s), -EBADMSG);
		*h = good;
	}
	fake_write(&t->f);
	assert_int_equal(read_it(t, &s), 0);
}

/* Marks never fall. Where they do all the same, nothing is looked for above them. */
static void observer_read__marks_move_unsaid__nothing_lies_above_them(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct table_desc         *d = fake_header(&t->f)->table;

	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->n_ends, 16);
	d[TABLE_ENDS].used -= 15;
	d[TABLE_OBJECTS].used += 15; /* their sum is what it was */
	t->f.as_is = true;
	fake_write(&t->f);
	assert_int_equal(read_it(t, &s), 0);
	assert_int_equal(s->n_ends, 1);
	assert_int_equal(s->n_channels, 4);
}

/* What a channel keeps is of its rings: the copy that a histogram lies in moves as it grows. */
static void observer_read__kind_changes__no_ring_is_kept(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct object_rec         *o = fake_record(&t->f, TABLE_OBJECTS, 0);
	struct histogram_rec      *h = fake_record(&t->f, TABLE_HISTOGRAMS, 4);

	h->bucket[histogram_bucket(1000)] = 98;
	fake_end_at(&t->f, 4)->in.messages = 98;
	assert_int_equal(read_anew(t, &s), 0);
	assert_non_null(s->channels[0].ring[0].hist);
	o->kind = KIND_SHM;
	fake_write(&t->f);
	assert_int_equal(read_it(t, &s), 0);
	assert_int_equal(s->channels[0].kind, IPC_KIND_SHM);
	assert_null(s->channels[0].ring[0].hist);
}

static void observer_read__oldest_message__has_an_age(void **state)
{
	struct test               *t = *state;
	const struct ipc_snapshot *s;
	struct ring_ctl           *c = fake_ring(&t->f, 0, 0);
	struct slot                slot = {.turn = 2 * 200 + 1};
	uint64_t                   array = 65536;

	c->head = 200;
	c->tail = 203;
	c->epoch[0] = (struct ring_epoch){.from = 0, .shape = shape_make(6, 0), .ready = 64};
	c->epoch[3] = (struct ring_epoch){.from = 192, .shape = shape_make(7, 1), .ready = 64};
	fake_header(&t->f)->mono1 = fake_header(&t->f)->tick1 = t->f.made_ns + 5000;
	slot.stamp = t->f.made_ns + 2000;
	assert_int_equal(read_anew(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].oldest_ns, IPC_UNKNOWN); /* no file */
	fake_object_file(&t->f, 0, &array, 8, slots_entry_offset(0, shape_make(7, 1)));
	fake_object_file(&t->f, 0, &slot, sizeof(slot), array + 8 * SLOT_BYTES);
	assert_int_equal(read_it(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].oldest_ns, 3000);
	slot.turn = 2 * 201; /* the next one's put is not finished */
	fake_object_file(&t->f, 0, &slot, sizeof(slot), array + 9 * SLOT_BYTES);
	c->head = 201;
	fake_write(&t->f);
	assert_int_equal(read_it(t, &s), 0);
	assert_int_equal(s->channels[0].ring[0].oldest_ns, IPC_UNKNOWN);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(observer_open__nothing_there__is_enoent),
		T(observer_open__foreign_header__is_refused),
		T(observer_open__wild_tables__are_refused),
		T(observer_read__cut_anywhere__is_ebadmsg_or_whole),
		T(observer_read__domain_removed_or_replaced__is_estale),
		T(observer_read__garbage_in_records__stays_well_formed),
		T(observer_read__garbage_in_header__is_refused_or_well_formed),
		T(observer_read__endless_strings__are_ended),
		T(observer_read__circular_list__is_not_followed),
		T(observer_read__longer_records__are_walked_by_stride),
		T(observer_read__wait_being_written__is_running),
		T(observer_read__flows__are_summed),
		T(observer_read__head_ahead_of_tail__queues_nothing),
		T(observer_read__unfinished__leaves_out_done_and_failed),
		T(observer_read__histograms__follow_traffic),
		T(observer_read__histograms_of_several__are_summed),
		T(observer_read__nothing_came_or_went__numbers_follow),
		T(observer_read__ends_gone_add_up_to_nothing__failures_have_room),
		T(observer_read__end_changes_hands_unsaid__is_seen),
		T(observer_read__tables_move_while_it_is_open__is_ebadmsg),
		T(observer_read__marks_move_unsaid__nothing_lies_above_them),
		T(observer_read__kind_changes__no_ring_is_kept),
		T(observer_read__oldest_message__has_an_age),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_image", tests, NULL, NULL);
}
