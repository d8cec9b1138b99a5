/*
 * Whose a side of a ring is: one thread's, everybody's, and one thread's again; also when
 * its owner forks, dies, or is killed while that is changed.
 */

#include "support/test.h"

#include <signal.h>

#include "object/epoch.h"
#include "object/side.h"
#include "runtime/lock.h"
#include "runtime/process.h"
#include "runtime/thread.h"
#include "support/channel.h"

static struct channel *c;

static int setup(void **state)
{
	test_deadline(60);
	c = test_channel(0);
	return 0;
}

static int teardown(void **state)
{
	channel_close(c);
	return 0;
}

static struct ring_ctl *ctl(void)
{
	return c->lane[0].ctl;
}

static ref self(void)
{
	struct thread_rec *t = NULL;

	check_ok(thread_self(&t));
	return t->self;
}

static uint64_t owner(enum side side)
{
	return load_acquire(side_owner(ctl(), side));
}

static void put_get(uint64_t n)
{
	uint64_t got = ~n;

	check_ok(test_put_number(c, n));
	check_r(test_get_number(c, &got), sizeof(got));
	check_eq(got, n);
}

static int put_and_get_one(void *arg)
{
	put_get(7);
	return 0;
}

static void check_works(void)
{
	for (uint64_t n = 0; n < 200; n++)
		put_get(n);
}

/* ---- owner, shared, owner ---------------------------------------------------------------------- */

static void side__first_who_comes__owns_it(void **state)
{
	put_get(1);
	assert_true(owner(SIDE_PUT) == self());
	assert_true(owner(SIDE_GET) == self());
}

static void side__another_comes__is_shared_and_counted_as_a_change(void **state)
{
	uint64_t changes = ctl()->changes;

	put_get(1);
	check_child(put_and_get_one, NULL);
	assert_true(owner(SIDE_PUT) == SIDE_SHARED);
	assert_true(owner(SIDE_GET) == SIDE_SHARED);
	assert_int_equal(ctl()->changes, changes + 2);
	check_works();
}

/* To get it back takes so many in a row, and twice as many with each change. */
static void side__alone_again_for_long_enough__is_owned_again(void **state)
{
	const uint64_t streak = UINT64_C(1) << SIDE_STREAK_LOG2;
	uint64_t       n = 0;

	put_get(1);
	check_child(put_and_get_one, NULL);
	for (; n < streak; n++)
		put_get(n);
	assert_true(owner(SIDE_PUT) == SIDE_SHARED);
	for (; n < streak << (ctl()->changes + 1) && owner(SIDE_GET) != self(); n++)
		put_get(n);
	assert_true(owner(SIDE_PUT) == self());
	assert_true(owner(SIDE_GET) == self());
	check_works();
}

static void switch_array(unsigned log2)
{
	registry_lock();
	check_r(epoch_switch(&c->lane[0], log2), LANE_CHANGED);
	registry_unlock();
}

/*
 * A claim is prepared, and then the side is somebody's. Tags come round, and other changes
 * of the ring in between must not make it look as if nothing had been.
 */
static void side__changes_hands_after_a_round_of_switches__old_claims_fail(void **state)
{
	enum { ROUND = (RING_TAG_MASK >> RING_TAG_SHIFT) + 1 };

	for (unsigned switches = 0; switches <= ROUND; switches++) {
		uint64_t head;

		put_get(1);
		check_child(put_and_get_one, NULL);
		assert_true(owner(SIDE_GET) == SIDE_SHARED);
		for (unsigned i = 0; i < switches; i++) {
			switch_array(6 + i % 3);
			put_get(i);
		}
		head = load_acquire(&ctl()->head);
		side_ask(c, 0, SIDE_GET);
		assert_true(owner(SIDE_GET) == self());
		assert_false(compare_swap(&ctl()->head, &head, head + 1));
	}
}

/* ---- an owner that is no more ------------------------------------------------------------------- */

static int put_some_and_die(void *arg)
{
	for (uint64_t n = 0; n < 3; n++)
		check_ok(test_put_number(c, n));
	assert_true(owner(SIDE_PUT) == self());
	(void)raise(SIGKILL);
	return 0;
}

static void side__owner_killed__the_next_who_comes_owns_it(void **state)
{
	uint64_t n;

	check_eq(test_run(put_some_and_die, NULL), -SIGKILL);
	registry_lock();
	process_reap_all();
	registry_unlock();
	check_ok(test_put_number(c, 3));
	assert_true(owner(SIDE_PUT) == self());
	for (uint64_t want = 0; want < 4; want++) {
		check_r(test_get_number(c, &n), sizeof(n));
		check_eq(n, want);
	}
}

/* A child is another thread than its parent was, though it has all that one's memory. */
static int put_as_child(void *arg)
{
	const ref *parent = arg;

	check_ok(test_put_number(c, 2));
	check(self() != *parent);
	check(owner(SIDE_PUT) == SIDE_SHARED);
	return 0;
}

static void side__owner_forks__the_child_does_not_own_it(void **state)
{
	ref      me = self();
	uint64_t n;

	check_ok(test_put_number(c, 1));
	assert_true(owner(SIDE_PUT) == me);
	check_child(put_as_child, &me);
	check_ok(test_put_number(c, 3));
	for (uint64_t want = 1; want < 4; want++) {
		check_r(test_get_number(c, &n), sizeof(n));
		check_eq(n, want);
	}
}

/* ---- killed while it is changed ---------------------------------------------------------------- */

/*
 * What change() leaves behind: the word says so, and whose it was; and then the position does,
 * too, so that no claim succeeds.
 */
static void leave_changing(enum side side, bool switching)
{
	uint64_t *word = side == SIDE_PUT ? &ctl()->tail : &ctl()->head;
	uint64_t *own = side_owner(ctl(), side);

	registry_lock();
	store_release(own, SIDE_CHANGING | side_whose(load_acquire(own)));
	if (switching)
		(void)fetch_or(word, RING_SWITCHING);
	registry_unlock();
}

static void side__killed_while_it_was_changed__the_next_completes_it(void **state)
{
	for (int was = 0; was < 3; was++)
		for (int step = 0; step < 4; step++) {
			channel_close(c);
			c = test_channel(0);
			if (was > 0)
				put_get(1); /* it is this thread's */
			if (was > 1)
				check_child(put_and_get_one, NULL); /* it is everybody's */
			leave_changing(step & 1 ? SIDE_PUT : SIDE_GET, step & 2);
			check_works();
			assert_false(owner(SIDE_PUT) != SIDE_SHARED &&
				     owner(SIDE_PUT) & SIDE_CHANGING);
			assert_false(owner(SIDE_GET) != SIDE_SHARED &&
				     owner(SIDE_GET) & SIDE_CHANGING);
			assert_false(ctl()->tail & RING_SWITCHING);
			assert_false(ctl()->head & RING_SWITCHING);
			check_child(put_and_get_one, NULL);
			check_works();
		}
}

/* A claim of before the change is lost: the tag of the position is another. */
static void side__changed__old_claims_fail(void **state)
{
	uint64_t before, tag;

	put_get(1);
	before = load_acquire(&ctl()->tail);
	check_child(put_and_get_one, NULL);
	tag = load_acquire(&ctl()->tail) & RING_TAG_MASK;
	assert_true(tag != (before & RING_TAG_MASK));
	check_works();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(side__first_who_comes__owns_it),
		CASE(side__another_comes__is_shared_and_counted_as_a_change),
		CASE(side__changes_hands_after_a_round_of_switches__old_claims_fail),
		CASE(side__alone_again_for_long_enough__is_owned_again),
		CASE(side__owner_killed__the_next_who_comes_owns_it),
		CASE(side__owner_forks__the_child_does_not_own_it),
		CASE(side__killed_while_it_was_changed__the_next_completes_it),
		CASE(side__changed__old_claims_fail),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("side", tests, NULL, NULL);
}
