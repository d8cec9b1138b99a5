#include "support/test.h"

#include <sched.h>

#include "ring/mpmc.h"

#define SLOTS 8u
#define ANY   UINT64_MAX /* room for any length */

/* A ring over memory of the test's own. */
struct fixture {
	struct ring_ctl   c;
	struct slot       slots[SLOTS] __attribute__((aligned(64)));
	struct ring_view  v;
	struct intent_rec put, get;
	uint64_t          head_seen;
};

static int setup(void **state)
{
	struct fixture *f = aligned_alloc(64, sizeof(*f));

	test_deadline(60);
	assert_non_null(f);
	memset(f, 0, sizeof(*f));
	f->c.put_owner = f->c.get_owner = SIDE_SHARED;
	f->v = (struct ring_view){.slots = f->slots, .mask = SLOTS - 1, .until = UINT64_MAX};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static enum ring_result reserve(struct fixture *f, uint64_t *ret_pos)
{
	return ring_reserve(&f->c, &f->v, &f->put, 0x11, 77, &f->head_seen, ret_pos);
}

static enum ring_result take(struct fixture *f, uint64_t cap, uint64_t *ret_pos)
{
	return ring_take(&f->c, &f->v, &f->get, 0x12, 77, cap, ret_pos);
}

static void fill(struct slot *s, uint64_t value)
{
	store_relaxed(&s->len, sizeof(value));
	memcpy(s->inline_data, &value, sizeof(value));
}

static uint64_t value_of(const struct slot *s)
{
	uint64_t value;

	memcpy(&value, s->inline_data, sizeof(value));
	return value;
}

static void put_one(struct fixture *f, uint64_t value)
{
	uint64_t pos = 0;

	assert_int_equal(reserve(f, &pos), RING_OK);
	fill(ring_slot(&f->v, pos), value);
	ring_publish(ring_slot(&f->v, pos), pos);
}

static void get_one(struct fixture *f, uint64_t want)
{
	uint64_t pos = 0;

	assert_int_equal(take(f, ANY, &pos), RING_OK);
	assert_true(value_of(ring_slot(&f->v, pos)) == want);
	ring_release(ring_slot(&f->v, pos), pos);
}

/* ---- one thread --------------------------------------------------------------------------------- */

static void ring__many_laps_of_any_depth__first_in_first_out(void **state)
{
	struct fixture *f = *state;
	uint64_t        put = 0, got = 0;

	f->c.capacity = SLOTS;
	for (unsigned lap = 0; lap < 1000; lap++) {
		unsigned n = 1 + lap % SLOTS;

		for (unsigned i = 0; i < n; i++)
			put_one(f, put++);
		for (unsigned i = 0; i < n; i++)
			get_one(f, got++);
	}
	assert_true(f->c.head == put && f->c.tail == put);
}

static void ring_reserve__capacity_reached__is_wait(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0;

	f->c.capacity = 5; /* fewer than there are slots */
	for (unsigned lap = 0; lap < 20; lap++) {
		for (uint64_t i = 0; i < 5; i++)
			put_one(f, i);
		assert_int_equal(reserve(f, &pos), RING_WAIT);
		get_one(f, 0);
		put_one(f, 5);
		assert_int_equal(reserve(f, &pos), RING_WAIT);
		for (uint64_t i = 1; i <= 5; i++)
			get_one(f, i);
	}
}

static void ring_reserve__array_full_but_not_the_ring__is_stale(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0;

	for (int unlimited = 0; unlimited < 2; unlimited++) {
		f->c.capacity = unlimited ? 0 : 1000;
		for (uint64_t i = 0; i < SLOTS; i++)
			put_one(f, i);
		assert_int_equal(reserve(f, &pos), RING_STALE); /* it wants a larger array */
		for (uint64_t i = 0; i < SLOTS; i++)
			get_one(f, i);
	}
}

static void ring_take__empty__is_wait(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0;

	assert_int_equal(take(f, ANY, &pos), RING_WAIT);
	put_one(f, 1);
	get_one(f, 1);
	assert_int_equal(take(f, ANY, &pos), RING_WAIT);
}

static void ring__shut__gives_what_it_has_and_takes_nothing(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0;

	put_one(f, 1);
	put_one(f, 2);
	f->c.tail |= RING_SHUT;
	assert_int_equal(reserve(f, &pos), RING_SHUTDOWN);
	get_one(f, 1);
	get_one(f, 2);
	assert_int_equal(take(f, ANY, &pos), RING_SHUTDOWN);
	assert_int_equal(reserve(f, &pos), RING_SHUTDOWN);
}

static void ring_reserve__tag_of_another_epoch__is_stale(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0;

	f->c.tail = UINT64_C(3) << RING_TAG_SHIFT;
	assert_int_equal(reserve(f, &pos), RING_STALE);
	assert_int_equal(take(f, ANY, &pos), RING_STALE);
	f->v.tag = UINT64_C(3) << RING_TAG_SHIFT;
	put_one(f, 1);
	get_one(f, 1);
	f->c.tail |= RING_SWITCHING; /* nobody may claim while the array is changed */
	assert_int_equal(reserve(f, &pos), RING_STALE);
	assert_int_equal(take(f, ANY, &pos), RING_WAIT);
	f->c.tail |= RING_SHUT;
	assert_int_equal(reserve(f, &pos), RING_SHUTDOWN);
}

static void ring__position_outside_the_view__is_stale(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0;

	f->v.until = 2;
	put_one(f, 1);
	put_one(f, 2);
	assert_int_equal(reserve(f, &pos), RING_STALE);
	get_one(f, 1);
	get_one(f, 2);
	assert_int_equal(take(f, ANY, &pos), RING_STALE);
	f->v.from = 3;
	f->v.until = UINT64_MAX;
	assert_int_equal(reserve(f, &pos), RING_STALE);
	assert_int_equal(take(f, ANY, &pos), RING_STALE);
}

static void ring_take__longer_than_the_room__is_short_and_stays(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 99;

	put_one(f, 1);
	assert_int_equal(take(f, 7, &pos), RING_SHORT);
	assert_true(pos == 0 && f->c.head == 0);
	assert_int_equal(take(f, 7, &pos), RING_SHORT);
	assert_int_equal(take(f, 8, &pos), RING_OK);
}

static void ring__claims__are_said_before(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0;

	put_one(f, 1);
	put_one(f, 2);
	assert_true(f->put.pos == 1 && f->put.ring == 0x11 && f->put.object == 77);
	assert_int_equal(take(f, ANY, &pos), RING_OK);
	assert_true(f->get.pos == 0 && f->get.ring == 0x12 && f->get.object == 77);
}

/* ---- between claim and end ------------------------------------------------------------------------ */

static void ring_take__earlier_one_not_published__waits_for_it(void **state)
{
	struct fixture *f = *state;
	uint64_t        first = 0, second = 0, pos = 0;

	assert_int_equal(reserve(f, &first), RING_OK);
	assert_int_equal(reserve(f, &second), RING_OK);
	fill(ring_slot(&f->v, second), 2);
	ring_publish(ring_slot(&f->v, second), second);
	assert_int_equal(take(f, ANY, &pos), RING_WAIT);
	f->c.tail |= RING_SHUT;
	assert_int_equal(take(f, ANY, &pos), RING_WAIT); /* shut, and not empty */
	fill(ring_slot(&f->v, first), 1);
	ring_publish(ring_slot(&f->v, first), first);
	get_one(f, 1);
	get_one(f, 2);
}

static void ring_reserve__lap_behind_an_unpublished_slot__is_not_ok(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0, first = 0;

	for (unsigned lap = 0; lap < 3; lap++) { /* in the first lap, and in later ones */
		assert_int_equal(reserve(f, &first), RING_OK);
		for (uint64_t i = 1; i < SLOTS; i++)
			put_one(f, i);
		assert_int_equal(reserve(f, &pos), RING_STALE);
		fill(ring_slot(&f->v, first), 0);
		ring_publish(ring_slot(&f->v, first), first);
		assert_int_equal(reserve(f, &pos), RING_STALE);
		for (uint64_t i = 0; i < SLOTS; i++)
			get_one(f, i);
	}
}

static void ring_reserve__lap_behind_a_slot_being_read__is_occupied(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0, first = 0;

	for (unsigned lap = 0; lap < 3; lap++) {
		for (uint64_t i = 0; i < SLOTS; i++)
			put_one(f, i);
		assert_int_equal(take(f, ANY, &first), RING_OK); /* and is not out of it */
		assert_int_equal(reserve(f, &pos), RING_OCCUPIED);
		get_one(f, 1); /* the next one is, which does not help */
		assert_int_equal(reserve(f, &pos), RING_OCCUPIED);
		ring_release(ring_slot(&f->v, first), first);
		put_one(f, SLOTS);
		for (uint64_t i = 2; i <= SLOTS; i++)
			get_one(f, i);
	}
}

static void ring_skip__abandoned_slot__is_claimed_once(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0;

	assert_int_equal(reserve(f, &pos), RING_OK);
	f->slots[0].flags = SLOT_ABANDONED;
	ring_publish(&f->slots[0], 0);
	put_one(f, 1);
	assert_true(ring_skip(&f->c, &f->get, 0x12, 77, 0));
	assert_false(ring_skip(&f->c, &f->get, 0x12, 77, 0));
	assert_true(f->get.pos == 0);
	ring_release(&f->slots[0], 0);
	get_one(f, 1);
}

/* ---- the head as what is free ---------------------------------------------------------------------- */

/* A head that was moved by a claim says nothing about the slot behind it. */
static void ring_slot_free__not_merged__does_not_believe_the_head(void **state)
{
	struct fixture *f = *state;
	uint64_t        pos = 0;

	for (uint64_t i = 0; i < SLOTS; i++)
		put_one(f, i);
	assert_int_equal(take(f, ANY, &pos), RING_OK);
	f->head_seen = f->c.head;
	assert_false(ring_slot_free(&f->c, &f->v, SLOTS, &f->head_seen));
	f->c.merged = 1;
	assert_true(ring_slot_free(&f->c, &f->v, SLOTS, &f->head_seen));
}

/* Another thread's, or being decided: nothing may be claimed, and nothing was. */
static void ring_reserve_and_take__not_shared__claim_nothing(void **state)
{
	static const uint64_t owners[] = {SIDE_NOBODY, SIDE_CHANGING, 77};
	struct fixture       *f = *state;
	uint64_t              pos = 0;

	put_one(f, 1);
	for (unsigned i = 0; i < 3; i++) {
		f->c.put_owner = f->c.get_owner = owners[i];
		assert_int_equal(reserve(f, &pos), RING_OWNED);
		assert_int_equal(take(f, ANY, &pos), RING_OWNED);
		assert_false(ring_skip(&f->c, &f->get, 0x12, 77, 0));
		assert_true(f->c.tail == 1 && f->c.head == 0);
	}
}

/* ---- threads -------------------------------------------------------------------------------------------- */

#define THREADS 3u

struct worker {
	struct fixture *f;
	uint64_t        me, n;
	uint8_t        *seen;
	uint64_t       *left;
};

static void *put_many(void *arg)
{
	struct worker    *w = arg;
	struct intent_rec intent = {0};
	uint64_t          seen = 0, pos;

	for (uint64_t i = 0; i < w->n;) {
		enum ring_result r = ring_reserve(&w->f->c, &w->f->v, &intent, 0x11, 77, &seen,
						  &pos);

		if (r != RING_OK) {
			check(r == RING_WAIT || r == RING_OCCUPIED || r == RING_STALE);
			(void)sched_yield();
			continue;
		}
		check(intent.pos == pos);
		fill(ring_slot(&w->f->v, pos), w->me << 32 | i++);
		ring_publish(ring_slot(&w->f->v, pos), pos);
	}
	return NULL;
}

static void *get_many(void *arg)
{
	struct worker    *w = arg;
	struct intent_rec intent = {0};
	int64_t           last[THREADS] = {-1, -1, -1};
	uint64_t          pos = 0;

	while (load_acquire(w->left) > 0) {
		enum ring_result r = ring_take(&w->f->c, &w->f->v, &intent, 0x12, 77, ANY, &pos);
		uint64_t         value;

		if (r != RING_OK) {
			check_eq(r, RING_WAIT);
			(void)sched_yield();
			continue;
		}
		value = value_of(ring_slot(&w->f->v, pos));
		ring_release(ring_slot(&w->f->v, pos), pos);
		check(value >> 32 < THREADS && (uint32_t)value < w->n);
		check((int64_t)(uint32_t)value > last[value >> 32]);
		last[value >> 32] = (uint32_t)value;
		(void)__atomic_fetch_add(&w->seen[(value >> 32) * w->n + (uint32_t)value], 1,
					 __ATOMIC_RELAXED);
		(void)fetch_sub(w->left, UINT64_C(1));
	}
	return NULL;
}

static void check_many(struct fixture *f, uint64_t capacity)
{
	uint64_t      n = test_rounds(100000), left = THREADS * n;
	uint8_t      *seen = calloc(THREADS, n);
	struct worker w[THREADS];
	pthread_t     t[2 * THREADS];

	assert_non_null(seen);
	f->c.capacity = capacity;
	for (uint64_t i = 0; i < THREADS; i++) {
		w[i] = (struct worker){.f = f, .me = i, .n = n, .seen = seen, .left = &left};
		t[2 * i] = test_thread(put_many, &w[i]);
		t[2 * i + 1] = test_thread(get_many, &w[i]);
	}
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	for (uint64_t i = 0; i < THREADS * n; i++)
		check_eq(seen[i], 1);
	free(seen);
}

static void ring__many_writers_and_readers__exactly_once_in_order(void **state)
{
	check_many(*state, SLOTS);
}

static void ring__many_writers_and_readers_without_a_limit__exactly_once_in_order(void **state)
{
	check_many(*state, 0);
}

static void ring__many_writers_and_readers_one_at_a_time__exactly_once_in_order(void **state)
{
	check_many(*state, 1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(ring__many_laps_of_any_depth__first_in_first_out),
		CASE(ring_reserve__capacity_reached__is_wait),
		CASE(ring_reserve__array_full_but_not_the_ring__is_stale),
		CASE(ring_take__empty__is_wait),
		CASE(ring__shut__gives_what_it_has_and_takes_nothing),
		CASE(ring_reserve__tag_of_another_epoch__is_stale),
		CASE(ring__position_outside_the_view__is_stale),
		CASE(ring_take__longer_than_the_room__is_short_and_stays),
		CASE(ring__claims__are_said_before),
		CASE(ring_take__earlier_one_not_published__waits_for_it),
		CASE(ring_reserve__lap_behind_an_unpublished_slot__is_not_ok),
		CASE(ring_reserve__lap_behind_a_slot_being_read__is_occupied),
		CASE(ring_skip__abandoned_slot__is_claimed_once),
		CASE(ring_reserve_and_take__not_shared__claim_nothing),
		CASE(ring_slot_free__not_merged__does_not_believe_the_head),
		CASE(ring__many_writers_and_readers__exactly_once_in_order),
		CASE(ring__many_writers_and_readers_without_a_limit__exactly_once_in_order),
		CASE(ring__many_writers_and_readers_one_at_a_time__exactly_once_in_order),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("mpmc", tests, NULL, NULL);
}
