/*
 * monitor_record.c - recordings: the same comes out, and nothing bad does whatever goes in
 */
#include "monitor_fake.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "output/dump.h"
#include "record/feed.h"
#include "record/past.h"
#include "record/rewind.h"
#include "record/writer.h"
#include "text/mem.h"

/* ---- help --------------------------------------------------------------------- */

/* What the monitor itself costs is never the same. */
static void leave_out_self(char *json)
{
	char *self = strstr(json, "\"self\":"), *end = self != NULL ? strchr(self, '}') : NULL;

	if (end != NULL)
		memmove(self, end + 1, strlen(end + 1) + 1);
}

/* All there is of a frame, as JSON. */
static char *json_of(const struct frame *f)
{
	char        *text = NULL;
	size_t       n;
	FILE        *to = open_memstream(&text, &n);
	struct lints l;

	lints_find(&l, f, LINT_ALL);
	dump_json(to, f, DUMP_ALL, &l);
	lints_fini(&l);
	fclose(to);
	leave_out_self(text);
	return text;
}

static const char *a_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/monitor_record.%d", (int)getpid());
	unlink(path);
	return path;
}

/* A recording of @n readings, two seconds apart; where each record ends into @ends. */
static void record(const char *path, uint64_t n, uint64_t *ends)
{
	struct fake     k;
	struct tally    m = {0};
	struct symbols *symbols = symbols_recorded();
	struct writer   w;

	assert_int_equal(writer_open(&w, path), 0);
	for (uint64_t i = 0; i < n; i++) {
		fake_at(&k, 2 * i);
		k.s.t_real_ns += 2 * i * FAKE_SECOND;
		symbols_tell(symbols, &k.processes[0], k.waits[0].site, "ingest.c:218 finish");
		m.symbols = symbols;
		tally_update(&m, &k.s);
		assert_int_equal(writer_add(&w, &m.frame, symbols), 0);
		if (ends != NULL)
			ends[i] = w.bytes;
	}
	writer_close(&w);
	tally_fini(&m);
	symbols_free(symbols);
}

static uint8_t *contents(const char *path, size_t *ret_n)
{
	FILE    *f = fopen(path, "re");
	uint8_t *p = mem_new(1 << 20, 1);

	*ret_n = fread(p, 1, 1 << 20, f);
	fclose(f);
	return p;
}

static void put_contents(const char *path, const uint8_t *p, size_t n)
{
	FILE *f = fopen(path, "we");

	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

/* A recording that is shown. */
struct replay {
	struct tape   tape;
	struct feed   feed;
	struct rewind w;
};

static int replay_open(struct replay *r, const char *path)
{
	int e = feed_open(&r->feed, &r->tape, path, 0);

	rewind_init(&r->w, &r->tape, NULL);
	return e;
}

static void replay_close(struct replay *r)
{
	rewind_fini(&r->w);
	feed_close(&r->feed);
	tape_fini(&r->tape);
}

/* How many samples can be shown. 0 or the error of opening it. */
static int play(const char *path, uint64_t *ret_n, char *ret_why)
{
	struct replay x;
	int           r = replay_open(&x, path);

	*ret_n = 0;
	for (uint64_t i = x.tape.first; r == 0 && i < tape_end(&x.tape); i++)
		*ret_n += rewind_to(&x.w, i) == 0 && x.w.at == i;
	if (r == 0 && x.w.tally.frame.s != NULL)
		free(json_of(rewind_frame(&x.w)));
	if (ret_why != NULL)
		snprintf(ret_why, sizeof(x.feed.why), "%s", x.feed.why);
	replay_close(&x);
	return r;
}

/* ---- the same comes out ---------------------------------------------------------- */

/* Every byte of every structure is a column, or known to be padding. */
static void schema__every_member_is_a_column(void **state)
{
	(void)state;
	for (int t = 0; t < N_SAMPLE_TABLES; t++) {
		const struct table_shape *s = &sample_shapes[t];
		uint8_t                  *covered = mem_new(s->row_bytes, 1);
		uint32_t                  n = 0;

		for (uint32_t i = 0; i < s->n_columns; i++) {
			const struct column *c = &s->columns[i];

			memset(covered + c->at, 1, c->bytes);
			if (c->count != 0)
				memset(covered + c->count, 1, sizeof(size_t));
		}
		for (uint32_t i = 0; i < s->row_bytes; i++)
			n += !covered[i];
		if (n != s->padding)
			print_error(
				"%s: %u bytes are in no column, and %u are known: add what is new "
				"to record/schema.c\n",
				s->name, n, s->padding);
		assert_int_equal(n, s->padding);
		free(covered);
	}
}

static void recording__replayed__is_what_was_recorded(void **state)
{
	const char   *path = a_path();
	struct fake   k;
	struct tally  m = {0};
	struct replay x;

	(void)state;
	record(path, 10, NULL);
	assert_int_equal(replay_open(&x, path), 0);
	assert_int_equal(x.tape.n, 10);
	for (uint64_t i = 0; i < 10; i++) {
		char *live, *again;

		fake_at(&k, 2 * i);
		k.s.t_real_ns += 2 * i * FAKE_SECOND;
		m.symbols = x.w.symbols;
		assert_int_equal(rewind_to(&x.w, i), 0);
		tally_update(&m, &k.s);
		live = json_of(&m.frame);
		again = json_of(rewind_frame(&x.w));
		assert_string_equal(live, again);
		assert_float_equal(m.frame.channels[1].put, i > 0 ? 1200 : 0, i > 0 ? 0.01 : 1e300);
		if (i > 0)
			assert_float_equal(x.w.tally.frame.channels[1].put, 1200, 0.01);
		free(live);
		free(again);
	}
	assert_string_equal(x.w.tally.frame.waits[0].site, "ingest.c:218 finish");
	assert_string_equal(x.feed.why, "");
	replay_close(&x);
	tally_fini(&m);
	unlink(path);
}

/* The kernel is asked once a second; of a sample in between there is nothing to make a rate of. */
static void recording__samples_faster_than_the_kernel_is_asked__rate_as_it_was_shown(void **state)
{
	const char   *path = a_path();
	struct fake   k;
	struct tally  m = {0};
	struct writer w;
	struct replay x;

	(void)state;
	assert_int_equal(writer_open(&w, path), 0);
	for (uint64_t i = 0; i < 6; i++) {
		fake_at(&k, i);
		tally_update(&m, &k.s);
		m.frame.processes[0].cpu_ns = (1 + i / 3) * FAKE_SECOND; /* the same, three times */
		m.frame.processes[0].cpu = 42.5;
		m.frame.processes[1].cpu_ns = 0;
		m.frame.processes[1].cpu = 0;
		assert_int_equal(writer_add(&w, &m.frame, NULL), 0);
	}
	writer_close(&w);
	assert_int_equal(replay_open(&x, path), 0);
	for (uint64_t i = 6; i-- > 0;) {
		assert_int_equal(rewind_to(&x.w, i), 0);
		assert_float_equal(rewind_frame(&x.w)->processes[0].cpu, 42.5, 0.001);
		assert_float_equal(rewind_frame(&x.w)->processes[1].cpu, 0, 0.001);
		assert_true(isnan(rewind_frame(&x.w)->processes[2].cpu));
	}
	replay_close(&x);
	tally_fini(&m);
	unlink(path);
}

/* Backwards, and in leaps: rates are those of the place, whichever way one came. */
static void rewind__any_order__same_frames(void **state)
{
	const char   *path = a_path();
	char         *there[30];
	struct replay x;

	(void)state;
	record(path, 30, NULL);
	assert_int_equal(replay_open(&x, path), 0);
	x.w.patience_ns = UINT64_MAX;
	for (uint64_t i = 0; i < 30; i++) {
		assert_int_equal(rewind_to(&x.w, i), 0);
		there[i] = json_of(rewind_frame(&x.w));
	}
	for (uint64_t i = 0; i < 60; i++) {
		uint64_t to = (i * 17 + 29) % 30;
		char    *here;

		assert_int_equal(rewind_to(&x.w, to), 0);
		here = json_of(rewind_frame(&x.w));
		assert_string_equal(here, there[to]);
		if (to > 0)
			assert_float_equal(x.w.tally.frame.channels[1].put, 1200, 0.01);
		free(here);
	}
	assert_int_equal(rewind_to(&x.w, 30), -ENODATA);
	for (int i = 0; i < 30; i++)
		free(there[i]);
	replay_close(&x);
	unlink(path);
}

/* ---- whatever goes in -------------------------------------------------------------- */

static void recording__cut_at_every_byte__opens_or_says_why(void **state)
{
	const char *path = a_path();
	uint64_t    ends[4], n, whole;
	size_t      size;
	uint8_t    *p;
	char        why[320];

	(void)state;
	record(path, 4, ends);
	p = contents(path, &size);
	assert_int_equal(size, ends[3]);
	for (size_t cut = 0; cut <= size; cut++) {
		put_contents(path, p, cut);
		for (whole = 0; whole < 4 && ends[whole] <= cut;)
			whole++;
		if (whole == 0) {
			assert_true(play(path, &n, why) < 0);
			assert_true(why[0] != 0);
			continue;
		}
		assert_int_equal(play(path, &n, why), 0);
		assert_int_equal(n, whole);
		assert_int_equal(why[0] != 0, cut != ends[whole - 1]); /* a note */
	}
	free(p);
	unlink(path);
}

static void recording__bytes_changed__no_harm(void **state)
{
	const char *path = a_path();
	uint64_t    n;
	size_t      size;
	uint8_t    *p;

	(void)state;
	record(path, 4, NULL);
	p = contents(path, &size);
	srandom(1);
	for (int i = 0; i < 1500; i++) {
		size_t  at = (size_t)random() % size;
		uint8_t was = p[at];

		p[at] = (uint8_t)random();
		put_contents(path, p, size);
		(void)play(path, &n, NULL);
		p[at] = was;
	}
	free(p);
	unlink(path);
}

/* Of samples [@from, @to), of which @ends says where each one ends, the checksum. */
static void damage(const char *path, const uint64_t *ends, int from, int to)
{
	size_t   size;
	uint8_t *p = contents(path, &size);

	for (int i = from; i < to; i++)
		p[ends[i] - 1] ^= 0xff;
	put_contents(path, p, size);
	free(p);
}

/* Differences to what is lost are worth nothing: none is shown before the next key. */
static void recording__sample_damaged__goes_on_at_the_next_key(void **state)
{
	enum { N = 40, DAMAGED = 8 };
	const char   *path = a_path();
	uint64_t      ends[N], next = DAMAGED;
	struct replay x;

	(void)state;
	record(path, N, ends);
	damage(path, ends, DAMAGED, DAMAGED + 1);
	assert_int_equal(replay_open(&x, path), 0);
	while (next < N && !tape_at(&x.tape, next)->key)
		next++;
	assert_in_range(next, DAMAGED + 2, N - 1);
	for (uint64_t i = 0; i < N; i++) {
		uint64_t shown = i < DAMAGED || i >= next ? i : next;

		assert_int_equal(rewind_to(&x.w, i), 0);
		assert_int_equal(x.w.at, shown);
		assert_int_equal(x.w.tally.frame.s->t_mono_ns,
				 FAKE_START + 2 * shown * FAKE_SECOND);
	}
	replay_close(&x);
	unlink(path);
}

/* Behind it there is nothing to go on at: what is shown is what was before it. */
static void recording__all_to_its_end_damaged__stays_at_the_last_good_one(void **state)
{
	enum { N = 40, DAMAGED = 20 };
	const char   *path = a_path();
	uint64_t      ends[N];
	struct replay x;

	(void)state;
	record(path, N, ends);
	damage(path, ends, DAMAGED, N);
	assert_int_equal(replay_open(&x, path), 0);
	for (uint64_t i = N; i-- > 0;) {
		assert_int_equal(rewind_to(&x.w, i), 0);
		assert_int_equal(x.w.at, i < DAMAGED ? i : DAMAGED - 1);
		if (x.w.at > 0)
			assert_float_equal(x.w.tally.frame.channels[1].put, 1200, 0.01);
	}
	assert_int_equal(x.w.n_damaged, N - DAMAGED);
	replay_close(&x);
	damage(path, ends, 0, DAMAGED);
	assert_int_equal(replay_open(&x, path), 0);
	assert_int_equal(rewind_to(&x.w, N - 1), -ENODATA);
	assert_int_equal(x.w.n_damaged, N);
	replay_close(&x);
	unlink(path);
}

/* What is inside is no better than what is outside: checksums only tell accidents. */
static void decode__bytes_changed__refused_or_sound(void **state)
{
	struct encoder e = {0};
	struct decoder d = {0};
	struct sampler sampler = {0};
	struct bytes   schema = {0}, payload = {0};
	struct fake    k;
	struct tally   m = {0};
	unsigned       n_good = 0;

	(void)state;
	schema_write(&schema);
	tally_update(&m, fake_at(&k, 3));
	assert_int_equal(encode(&e, sampler_take(&sampler, &m.frame, NULL), &payload), 1);
	assert_int_equal(decoder_schema(&d, schema.p, schema.n), 0);
	srandom(2);
	for (int i = 0; i < 20000; i++) {
		struct sample x = {.usage = NULL};
		size_t        at = (size_t)random() % payload.n;
		uint8_t       was = payload.p[at];
		struct tally  again = {0};

		payload.p[at] = random() % 2 ? (uint8_t)random()
					     : was ^ (uint8_t)(1 << random() % 8);
		if (decode(&d, 1, payload.p, payload.n, &x) == 0) {
			n_good++;
			tally_update(&again, &x.s);
			free(json_of(&again.frame));
			tally_fini(&again);
		}
		payload.p[at] = was;
	}
	assert_true(n_good > 1000);
	for (size_t cut = 0; cut < payload.n; cut++) {
		struct sample x;

		assert_int_equal(decode(&d, 1, payload.p, cut, &x), -EBADMSG);
	}
	for (int i = 0; i < 5000; i++) {
		size_t  at = (size_t)random() % schema.n;
		uint8_t was = schema.p[at];

		schema.p[at] = (uint8_t)random();
		if (decoder_schema(&d, schema.p, schema.n) == 0) {
			struct sample x;

			(void)decode(&d, 1, payload.p, payload.n, &x);
		}
		schema.p[at] = was;
	}
	decoder_fini(&d);
	encoder_fini(&e);
	sampler_fini(&sampler);
	bytes_fini(&schema);
	bytes_fini(&payload);
	tally_fini(&m);
}

static void feed__another_major_version__said(void **state)
{
	const char *path = a_path();
	uint64_t    n;
	size_t      size;
	uint8_t    *p;
	char        why[320];

	(void)state;
	record(path, 2, NULL);
	p = contents(path, &size);
	p[8] = 9;
	put_contents(path, p, size);
	assert_int_equal(play(path, &n, why), -EPROTO);
	assert_non_null(strstr(why, "version 9"));
	free(p);
	unlink(path);
}

/* A later version has columns and tables this one has not, and may lack some of ours. */
static void decode__columns_of_another_version__those_known_are_read(void **state)
{
	static const char    later[] = "\2"
				       "\4more\1\3new\1"
				       "\6moment\3\11t_mono_ns\1\5never\1\5nonce\1";
	static const uint8_t sample[] = {0, 2, 10, 10, 1, 14, 16, 18};
	struct decoder       d = {0};
	struct sample        x = {.usage = NULL};

	(void)state;
	assert_int_equal(decoder_schema(&d, (const uint8_t *)later, sizeof(later) - 1), 0);
	assert_int_equal(decode(&d, 1, sample, sizeof(sample), &x), 0);
	assert_int_equal(x.s.t_mono_ns, 7);
	assert_int_equal(x.s.nonce, 9);
	assert_int_equal(x.s.n_processes, 0);
	assert_string_equal(x.s.domain, "");
	decoder_fini(&d);
}

/* Clocks count from 0 in 63 bits; from a time beyond, sums and steps would wrap around. */
static void decode__wild_times__are_none(void **state)
{
	static const char    columns[] = "\1\6moment\5"
					 "\11t_mono_ns\1\11t_real_ns\1\17created_mono_ns\1"
					 "\17created_real_ns\1\5nonce\1";
	static const uint8_t sample[] = {0, 1, 11, 11, 11, 11, 11}; /* 2^64 - 6 each */
	struct decoder       d = {0};
	struct sample        x = {.usage = NULL};

	(void)state;
	assert_int_equal(decoder_schema(&d, (const uint8_t *)columns, sizeof(columns) - 1), 0);
	assert_int_equal(decode(&d, 1, sample, sizeof(sample), &x), 0);
	assert_int_equal(x.s.nonce, UINT64_MAX - 5);
	assert_int_equal(x.s.t_mono_ns, 0);
	assert_int_equal(x.s.t_real_ns, 0);
	assert_int_equal(x.s.created_mono_ns, 0);
	assert_int_equal(x.s.created_real_ns, 0);
	decoder_fini(&d);
}

/* ---- being written -------------------------------------------------------------------- */

static void writer__file_exists__left_alone(void **state)
{
	const char   *path = a_path();
	struct writer w;
	size_t        n;
	uint8_t      *p;

	(void)state;
	put_contents(path, (const uint8_t *)"mine", 4);
	assert_int_equal(writer_open(&w, path), -EEXIST);
	assert_non_null(strstr(w.why, "exists"));
	p = contents(path, &n);
	assert_int_equal(n, 4);
	free(p);
	unlink(path);
}

static void writer__disk_is_full__said(void **state)
{
	struct writer w;

	(void)state;
	assert_int_equal(writer_open(&w, "/dev/full"), -ENOSPC);
	assert_non_null(strstr(w.why, "No space left"));
	assert_false(writer_is_open(&w));
}

/* ---- in memory ------------------------------------------------------------------------- */

static void past__more_than_there_is_room_for__the_oldest_go(void **state)
{
	struct past   p;
	struct fake   k;
	struct tally  m = {0};
	struct rewind w;

	(void)state;
	past_init(&p, 20000);
	for (uint64_t t = 0; t < 3000; t++) {
		fake_at(&k, t);
		k.s.t_real_ns += t * FAKE_SECOND;
		tally_update(&m, &k.s);
		past_add(&p, &m.frame, 1);
	}
	assert_in_range(p.tape.bytes, 5000, 40000);
	assert_int_equal(tape_end(&p.tape), 3000);
	assert_true(p.tape.first > 0);
	assert_true(tape_at(&p.tape, p.tape.first)->key);
	rewind_init(&w, &p.tape, NULL);
	assert_int_equal(rewind_to(&w, p.tape.first), 0);
	assert_int_equal(w.tally.frame.s->t_mono_ns, FAKE_START + p.tape.first * FAKE_SECOND);
	assert_int_equal(rewind_to(&w, 2999), 0);
	assert_int_equal(w.tally.frame.s->t_mono_ns, FAKE_START + 2999 * FAKE_SECOND);
	rewind_fini(&w);
	past_fini(&p);
	tally_fini(&m);
}

#define MANY 12000 /* channels */

/* What is remembered may take what the rest leaves of 100 MB, and always a little. */
static void past__of_many_channels__leaves_room_for_the_rest(void **state)
{
	struct ipc_obs_channel *c = calloc(MANY, sizeof(*c));
	struct past             p;
	struct fake             k;
	struct tally            m = {0};

	(void)state;
	assert_non_null(c);
	past_init(&p, 16 << 20);
	tally_update(&m, fake_at(&k, 1));
	past_add(&p, &m.frame, 1);
	assert_int_equal(p.tape.most, 16 << 20);
	fake_empty(&k);
	for (uint32_t i = 0; i < MANY; i++)
		c[i] = (struct ipc_obs_channel){
			.id = i + 1, .kind = IPC_KIND_QUEUE, .n_rings = 1, .name = "many"};
	k.s.channels = c;
	k.s.n_channels = MANY;
	tally_update(&m, &k.s);
	past_add(&p, &m.frame, 1);
	assert_in_range(p.tape.most, 1 << 20, 8 << 20);
	past_fini(&p);
	tally_fini(&m);
	free(c);
}

FAKE_MAIN(
	tests, cmocka_unit_test(schema__every_member_is_a_column),
	cmocka_unit_test(recording__replayed__is_what_was_recorded),
	cmocka_unit_test(recording__samples_faster_than_the_kernel_is_asked__rate_as_it_was_shown),
	cmocka_unit_test(rewind__any_order__same_frames),
	cmocka_unit_test(recording__cut_at_every_byte__opens_or_says_why),
	cmocka_unit_test(recording__bytes_changed__no_harm),
	cmocka_unit_test(recording__sample_damaged__goes_on_at_the_next_key),
	cmocka_unit_test(recording__all_to_its_end_damaged__stays_at_the_last_good_one),
	cmocka_unit_test(decode__bytes_changed__refused_or_sound),
	cmocka_unit_test(feed__another_major_version__said),
	cmocka_unit_test(decode__columns_of_another_version__those_known_are_read),
	cmocka_unit_test(decode__wild_times__are_none),
	cmocka_unit_test(writer__file_exists__left_alone),
	cmocka_unit_test(writer__disk_is_full__said),
	cmocka_unit_test(past__more_than_there_is_room_for__the_oldest_go),
	cmocka_unit_test(past__of_many_channels__leaves_room_for_the_rest))
