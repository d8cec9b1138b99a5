/* test_observe_model.c - the fixed point and its cores, on graphs made by hand */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "observe/cores.h"
#include "observe/model.h"

struct test {
	struct model m;
	struct cores c;
	bool        *live, *stuck;
	size_t       n;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct test));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct test *t = *state;

	model_fini(&t->m);
	cores_fini(&t->c);
	free(t->live);
	free(t->stuck);
	free(t);
	return 0;
}

/* A process of one thread. */
static uint32_t person(struct test *t, bool blocked)
{
	uint32_t p = model_add_process(&t->m, (struct model_process){0});

	return model_add_thread(&t->m,
				(struct model_thread){.process = p, .blocked = blocked, .need = 1});
}

static uint32_t group(struct test *t, uint32_t need, enum model_death death)
{
	return model_add_group(&t->m, (struct model_group){.need = need, .death = death});
}

/* @thread waits for @process. */
static void waits_for(struct test *t, uint32_t thread, uint32_t process)
{
	uint32_t g = group(t, 1, DEATH_CLOSES);

	model_add_way(&t->m, false, process);
	(void)model_add_item(&t->m, thread, false, false);
	model_add_item_group(&t->m, g);
}

static void seal(struct test *t)
{
	assert_int_equal(model_seal(&t->m), 0);
	t->n = t->m.n_threads;
	t->live = calloc(t->n + 1, 1);
	t->stuck = calloc(t->n + 1, 1);
	assert_true(t->live && t->stuck);
}

static size_t solve(struct test *t, unsigned beliefs, uint32_t killed)
{
	size_t n = 0;

	model_solve(&t->m, beliefs, killed, t->live);
	for (uint32_t i = 0; i < t->n; i++) {
		t->stuck[i] = model_stuck(&t->m, t->live, i);
		n += t->stuck[i];
	}
	return n;
}

#define BELIEVE_ALL (BELIEVE_LIMITS | BELIEVE_STOPPED | BELIEVE_OPAQUE)

static void model_solve__circle__is_stuck(void **state)
{
	struct test *t = *state;
	uint32_t     a = person(t, true), b = person(t, true), c = person(t, true);

	waits_for(t, a, b);
	waits_for(t, b, a);
	waits_for(t, c, a);
	(void)person(t, false);
	seal(t);
	assert_int_equal(solve(t, BELIEVE_ALL, MODEL_NOBODY), 3);
	assert_int_equal(cores_find(&t->c, &t->m, t->stuck), 0);
	assert_int_equal(t->c.n_cores, 1);
	assert_true(t->c.in_core[a] && t->c.in_core[b] && !t->c.in_core[c]);
	assert_int_equal(t->c.core_of[c], t->c.core_of[a]);
	assert_int_equal(t->c.core_of[3], MODEL_NOBODY);
}

static void model_solve__one_of_several_ways_open__is_live(void **state)
{
	struct test *t = *state;
	uint32_t     a = person(t, true), b = person(t, true), c = person(t, false);
	uint32_t     g = group(t, 1, DEATH_CLOSES);

	model_add_way(&t->m, false, b);
	model_add_way(&t->m, false, c);
	(void)model_add_item(&t->m, a, false, false);
	model_add_item_group(&t->m, g);
	waits_for(t, b, a);
	seal(t);
	assert_int_equal(solve(t, 0, MODEL_NOBODY), 0);
	assert_int_equal(solve(t, 0, c), 2); /* but for c ... */
}

static void model_solve__k_of_n__needs_k(void **state)
{
	struct test *t = *state;
	uint32_t     a = person(t, true), g;

	for (int i = 0; i < 4; i++)
		(void)person(t, i >= 2);
	g = group(t, 3, DEATH_CLOSES);
	for (uint32_t p = 1; p < 5; p++)
		model_add_way(&t->m, false, p);
	(void)model_add_item(&t->m, a, false, false);
	model_add_item_group(&t->m, g);
	waits_for(t, 3, 3); /* never comes */
	waits_for(t, 4, 1); /* will come */
	seal(t);
	assert_int_equal(solve(t, 0, MODEL_NOBODY), 1);
	assert_false(t->stuck[a]);
	assert_int_equal(solve(t, 0, 1), 3); /* two left, and 4 waits for 1 */
}

static void any_or_all(struct test *t, uint32_t need, size_t n_stuck)
{
	uint32_t a = person(t, true), b = person(t, true), c = person(t, false);

	t->m.thread[a].need = need;
	waits_for(t, a, b);
	waits_for(t, a, c);
	waits_for(t, b, a);
	seal(t);
	assert_int_equal(solve(t, BELIEVE_ALL, MODEL_NOBODY), n_stuck);
}

static void model_solve__any_item__is_enough(void **state)
{
	any_or_all(*state, 1, 0);
}

static void model_solve__all_items__are_needed(void **state)
{
	any_or_all(*state, 2, 2);
}

static void model_solve__another_thread_of_the_process__helps(void **state)
{
	struct test *t = *state;
	uint32_t     a = person(t, true), b = person(t, true), g;

	(void)model_add_thread(&t->m, (struct model_thread){.process = b}); /* runs */
	waits_for(t, b, a);
	g = group(t, 1, DEATH_FREES); /* but a lock is the thread's own */
	model_add_way(&t->m, true, b);
	(void)model_add_item(&t->m, a, false, false);
	model_add_item_group(&t->m, g);
	seal(t);
	assert_int_equal(solve(t, BELIEVE_ALL, MODEL_NOBODY), 2);
	t->m.way[0].index = 1; /* b waits for its own process, which runs */
	assert_int_equal(model_seal(&t->m), 0);
	assert_int_equal(solve(t, BELIEVE_ALL, MODEL_NOBODY), 0);
}

static void model_solve__beliefs__open_what_they_name(void **state)
{
	struct test *t = *state;
	uint32_t     a = person(t, true), b = person(t, true);

	waits_for(t, a, b);
	waits_for(t, b, a);
	seal(t);
	t->m.thread[a].timed = true;
	assert_int_equal(solve(t, BELIEVE_STOPPED | BELIEVE_OPAQUE, MODEL_NOBODY), 2);
	assert_int_equal(solve(t, BELIEVE_LIMITS, MODEL_NOBODY), 0);
	t->m.thread[a].timed = false;
	t->m.process[1].opaque = true;
	assert_int_equal(solve(t, BELIEVE_LIMITS | BELIEVE_STOPPED, MODEL_NOBODY), 2);
	assert_int_equal(solve(t, BELIEVE_OPAQUE, MODEL_NOBODY),
			 0); /* somebody in it helps a, and a helps b */
}

static void model_solve__stopped__runs_only_if_believed(void **state)
{
	struct test *t = *state;
	uint32_t     a = person(t, true), b = person(t, false);

	waits_for(t, a, b);
	seal(t);
	t->m.thread[b].stopped = true;
	assert_int_equal(solve(t, BELIEVE_STOPPED, MODEL_NOBODY), 0);
	assert_int_equal(solve(t, 0, MODEL_NOBODY), 1);
	assert_true(t->stuck[a]);
}

static void model_solve__stopped_with_a_limit__takes_both_beliefs(void **state)
{
	struct test *t = *state;
	uint32_t     a = person(t, true), b = person(t, true);

	waits_for(t, a, b);
	waits_for(t, b, a);
	seal(t);
	t->m.thread[b].timed = t->m.thread[b].stopped = true;
	assert_int_equal(solve(t, BELIEVE_STOPPED, MODEL_NOBODY), 2);
	assert_int_equal(solve(t, BELIEVE_LIMITS, MODEL_NOBODY), 2);
	assert_int_equal(solve(t, BELIEVE_STOPPED | BELIEVE_LIMITS, MODEL_NOBODY), 0);
}

static void model_solve__stopped_in_its_sleep__wakes_only_if_believed(void **state)
{
	struct test *t = *state;
	uint32_t     a = person(t, true), b = person(t, true);

	waits_for(t, a, b);
	(void)model_add_item(&t->m, b, true, false); /* what it waits for is there */
	seal(t);
	assert_int_equal(solve(t, 0, MODEL_NOBODY), 0);
	t->m.thread[b].stopped = true;
	assert_int_equal(solve(t, BELIEVE_STOPPED, MODEL_NOBODY), 0);
	assert_int_equal(solve(t, 0, MODEL_NOBODY), 2);
}

static void death(struct test *t, enum model_death kind, size_t n_stuck)
{
	uint32_t a = person(t, true), b = person(t, true);
	uint32_t g = group(t, 1, kind);

	model_add_way(&t->m, false, b);
	(void)model_add_item(&t->m, a, false, false);
	model_add_item_group(&t->m, g);
	waits_for(t, b, a);
	seal(t);
	solve(t, BELIEVE_ALL, 1);
	assert_int_equal(t->stuck[a], n_stuck);
}

static void model_solve__killed_taker__helps_nobody(void **state)
{
	death(*state, DEATH_CLOSES, 1);
}

static void model_solve__killed_owner__frees(void **state)
{
	death(*state, DEATH_FREES, 0);
}

static void model_solve__last_writer_killed__is_end_of_file(void **state)
{
	death(*state, DEATH_OF_LAST, 0);
}

static void cores_find__nobody_could__is_a_core_of_one(void **state)
{
	struct test *t = *state;
	uint32_t     a = person(t, true), b = person(t, true), g = group(t, 1, DEATH_CLOSES);

	(void)model_add_item(&t->m, a, false, false);
	model_add_item_group(&t->m, g);
	waits_for(t, b, a);
	seal(t);
	assert_int_equal(solve(t, BELIEVE_ALL, MODEL_NOBODY), 2);
	assert_int_equal(cores_find(&t->c, &t->m, t->stuck), 0);
	assert_int_equal(t->c.n_cores, 1);
	assert_true(t->c.in_core[a] && !t->c.in_core[b]);
}

/* Recursion would end here; so would anything worse than linear. */
static void cores_find__long_chain__is_walked(void **state)
{
	enum { N = 200000 };
	struct test *t = *state;

	for (uint32_t i = 0; i < N; i++)
		(void)person(t, true);
	for (uint32_t i = 0; i < N; i++)
		waits_for(t, i, i + 1 < N ? i + 1 : i);
	seal(t);
	assert_int_equal(solve(t, BELIEVE_ALL, MODEL_NOBODY), N);
	assert_int_equal(cores_find(&t->c, &t->m, t->stuck), 0);
	assert_int_equal(t->c.n_cores, 1);
	assert_true(t->c.in_core[N - 1] && !t->c.in_core[0]);
	assert_int_equal(t->c.core_of[0], 0);
}

/* A thousand waiters for a thousand holders: a million edges if groups were not nodes. */
static void cores_find__crowd_on_one_queue__is_one_core(void **state)
{
	enum { N = 1000 };
	struct test *t = *state;
	uint32_t     g;

	for (uint32_t i = 0; i < N; i++)
		(void)person(t, true);
	g = group(t, 1, DEATH_CLOSES);
	for (uint32_t i = 0; i < N; i++)
		model_add_way(&t->m, false, i);
	for (uint32_t i = 0; i < N; i++) {
		(void)model_add_item(&t->m, i, false, false);
		model_add_item_group(&t->m, g);
	}
	seal(t);
	assert_int_equal(solve(t, BELIEVE_ALL, MODEL_NOBODY), N);
	assert_int_equal(cores_find(&t->c, &t->m, t->stuck), 0);
	assert_int_equal(t->c.n_cores, 1);
	assert_true(t->c.in_core[0] && t->c.in_core[N - 1]);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(model_solve__circle__is_stuck),
		T(model_solve__one_of_several_ways_open__is_live),
		T(model_solve__k_of_n__needs_k),
		T(model_solve__any_item__is_enough),
		T(model_solve__all_items__are_needed),
		T(model_solve__another_thread_of_the_process__helps),
		T(model_solve__beliefs__open_what_they_name),
		T(model_solve__stopped__runs_only_if_believed),
		T(model_solve__stopped_in_its_sleep__wakes_only_if_believed),
		T(model_solve__stopped_with_a_limit__takes_both_beliefs),
		T(model_solve__killed_taker__helps_nobody),
		T(model_solve__killed_owner__frees),
		T(model_solve__last_writer_killed__is_end_of_file),
		T(cores_find__nobody_could__is_a_core_of_one),
		T(cores_find__long_chain__is_walked),
		T(cores_find__crowd_on_one_queue__is_one_core),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_model", tests, NULL, NULL);
}
