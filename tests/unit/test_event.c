#include "support/test.h"

#include "base/clock.h"
#include "ring/event.h"

/* Longer than a lost wake-up could hide behind, shorter than the deadline. */
#define SLICE_NS UINT64_C(5000000000)

struct baton {
	on_own_line struct event e;
	on_own_line uint64_t     n; /* the condition: whose turn it is */
	uint64_t                 last;
	uint32_t                 lost; /* sleeps that ended by time */
};

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static void event_arm__nobody_wakes__the_key_stays(void **state)
{
	struct event e = {0};
	uint32_t     key = event_arm(&e);

	assert_int_equal(e.sleepers, 1);
	assert_int_equal(e.word, key);
	assert_int_equal(futex_wait(&e.word, key, clock_now_ns() + 1000000), -ETIMEDOUT);
	assert_false(event_disarm(&e));
	assert_int_equal(e.sleepers, 0);
}

static void event_wake__armed__changes_the_key_and_clears_the_bit(void **state)
{
	struct event e = {0};
	uint32_t     key = event_arm(&e), next;

	event_wake(&e, 1);
	assert_int_not_equal(e.word, key);
	assert_int_equal(e.word & 1, 0);
	assert_int_equal(futex_wait(&e.word, key, clock_now_ns() + SLICE_NS), -EAGAIN);
	next = event_rearm(&e);
	assert_int_not_equal(next, key);
	assert_int_equal(e.word & 1, 1);
	assert_false(event_disarm(&e));
}

static void event_wake__nobody_sleeps__changes_nothing(void **state)
{
	struct event e = {.word = 8};

	event_wake(&e, 1);
	event_wake(&e, INT_MAX);
	assert_int_equal(e.word, 8);
}

static void event_disarm__others_sleep__sets_the_bit_again_and_says_so(void **state)
{
	struct event e = {0};

	(void)event_arm(&e);
	(void)event_arm(&e);
	event_wake(&e, 1);
	assert_int_equal(e.word & 1, 0);
	assert_true(event_disarm(&e));
	assert_int_equal(e.word & 1, 1);
	assert_false(event_disarm(&e));
}

static void event__word_wraps__goes_on(void **state)
{
	struct event e = {.word = UINT32_MAX - 3};
	uint32_t     key = event_arm(&e);

	event_wake(&e, 1);
	assert_int_not_equal(e.word, key);
	assert_int_equal(e.word & 1, 0);
	assert_false(event_disarm(&e));
}

/* Wait until it is the turn of @me, of @of. */
static void await_turn(struct baton *b, uint64_t me, uint64_t of)
{
	while (load_acquire(&b->n) % of != me && load_acquire(&b->n) < b->last) {
		uint32_t key = event_arm(&b->e);

		if (load_acquire(&b->n) % of != me && load_acquire(&b->n) < b->last &&
		    futex_wait(&b->e.word, key, clock_now_ns() + SLICE_NS) == -ETIMEDOUT)
			(void)fetch_add(&b->lost, 1u);
		if (event_disarm(&b->e))
			event_wake(&b->e, 1); /* not for us, perhaps: pass it on */
	}
}

struct player {
	struct baton *b;
	uint64_t      me, of;
};

static void *play(void *arg)
{
	struct player *p = arg;

	for (;;) {
		await_turn(p->b, p->me, p->of);
		if (load_acquire(&p->b->n) >= p->b->last)
			break;
		store_release(&p->b->n, load_relaxed(&p->b->n) + 1);
		event_wake(&p->b->e, INT_MAX);
	}
	event_wake(&p->b->e, INT_MAX);
	return NULL;
}

static void check_game(uint64_t players, uint64_t last)
{
	struct baton  b = {.last = last};
	struct player p[5];
	pthread_t     t[5];

	for (uint64_t i = 0; i < players; i++) {
		p[i] = (struct player){.b = &b, .me = i, .of = players};
		t[i] = test_thread(play, &p[i]);
	}
	for (uint64_t i = 0; i < players; i++)
		test_join_thread(t[i]);
	assert_true(b.n >= last);
	assert_int_equal(b.lost, 0);
	assert_int_equal(b.e.sleepers, 0);
}

static void event__two_threads_in_turn__no_wakeup_is_lost(void **state)
{
	check_game(2, test_rounds(100000));
}

static void event__five_threads_in_turn__no_wakeup_is_lost(void **state)
{
	check_game(5, test_rounds(20000));
}

/* One token for many: each wake is for one sleeper, who passes it on. */
struct tokens {
	struct event e;
	int64_t      n;
	int          taken, want;
	uint32_t     lost;
};

static bool take(struct tokens *k)
{
	int64_t n = load_acquire(&k->n);

	while (n > 0)
		if (compare_swap(&k->n, &n, n - 1))
			return true;
	return false;
}

static void *take_tokens(void *arg)
{
	struct tokens *k = arg;

	while (fetch_add(&k->taken, 1) < k->want) {
		while (!take(k)) {
			uint32_t key = event_arm(&k->e);

			if (load_acquire(&k->n) <= 0 &&
			    futex_wait(&k->e.word, key, clock_now_ns() + SLICE_NS) == -ETIMEDOUT)
				(void)fetch_add(&k->lost, 1u);
			if (event_disarm(&k->e) && load_acquire(&k->n) > 0)
				event_wake(&k->e, 1);
		}
	}
	return NULL;
}

static void event_wake__one_at_a_time__every_token_finds_a_taker(void **state)
{
	struct tokens k = {.want = (int)test_rounds(100000)};
	pthread_t     t[4];

	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(take_tokens, &k);
	for (int i = 0; i < k.want; i++) {
		(void)fetch_add(&k.n, 1);
		event_wake(&k.e, 1);
	}
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	assert_int_equal(k.n, 0);
	assert_int_equal(k.lost, 0);
}

/* ---- the two sides at the same instant ------------------------------------------------------------ */

struct instant {
	struct event         e;
	on_own_line uint64_t cond;  /* what the sleeper waits for */
	on_own_line uint64_t begun; /* the round both are in */
	on_own_line uint64_t done;  /* rounds the waker is through with */
	bool                 saw_sleeper;
	uint64_t             rounds;
};

static void *wake_at_once(void *arg)
{
	struct instant *t = arg;

	for (uint64_t i = 1; i <= t->rounds; i++) {
		while (load_acquire(&t->begun) < i)
			cpu_relax();
		store_release(&t->cond, i);
		fence_waker(); /* as event_wake() does */
		t->saw_sleeper = load_relaxed(&t->e.word) & 1;
		store_release(&t->done, i);
	}
	return NULL;
}

/* What all of it rests on: of two that act at once, one sees the other. */
static void event_arm__while_the_condition_changes__one_sees_the_other(void **state)
{
	static struct instant t; /* outlives a failure, as the other thread does */
	pthread_t             waker;
	unsigned              delay = 0;

	t = (struct instant){.rounds = test_rounds(10000)};
	waker = test_thread(wake_at_once, &t);

	for (uint64_t i = 1; i <= t.rounds; i++) {
		bool saw_change;

		store_relaxed(&t.e.word, 0u);
		store_release(&t.begun, i);
		for (volatile unsigned k = 0; k < delay; k++)
			;
		(void)event_arm(&t.e);
		saw_change = load_relaxed(&t.cond) == i;
		while (load_acquire(&t.done) < i)
			cpu_relax();
		check(saw_change || t.saw_sleeper);
		/* neither too early nor too late: stay where it is decided by a hair */
		if (!saw_change)
			delay++;
		else if (delay > 0)
			delay--;
		(void)fetch_sub(&t.e.sleepers, 1u);
	}
	test_join_thread(waker);
}

static int run(void *group)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(event_arm__nobody_wakes__the_key_stays, setup),
		cmocka_unit_test_setup(event_wake__armed__changes_the_key_and_clears_the_bit,
				       setup),
		cmocka_unit_test_setup(event_wake__nobody_sleeps__changes_nothing, setup),
		cmocka_unit_test_setup(event_disarm__others_sleep__sets_the_bit_again_and_says_so,
				       setup),
		cmocka_unit_test_setup(event__word_wraps__goes_on, setup),
		cmocka_unit_test_setup(event__two_threads_in_turn__no_wakeup_is_lost, setup),
		cmocka_unit_test_setup(event__five_threads_in_turn__no_wakeup_is_lost, setup),
		cmocka_unit_test_setup(event_wake__one_at_a_time__every_token_finds_a_taker, setup),
		cmocka_unit_test_setup(event_arm__while_the_condition_changes__one_sees_the_other,
				       setup),
	};

	return cmocka_run_group_tests_name((const char *)group, tests, NULL, NULL);
}

/* The same where the sleeper fences for both. */
static int run_asymmetric(void *group)
{
	static const uint64_t asymmetric;

	fence_symmetric = &asymmetric;
	return run(group);
}

int main(int argc, char **argv)
{
	static char plain[] = "event", membarrier[] = "event_membarrier";
	int         failed;

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	failed = run(plain);
	(void)fflush(stdout);
	if (fence_register()) /* in a child: it is registered on every core, see fence.h */
		failed += test_run(run_asymmetric, membarrier) != 0;
	return failed;
}
