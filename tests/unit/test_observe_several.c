/*
 * test_observe_several.c - verdicts on who waits for several things at once
 *
 * Made-up registries of real, idle processes, as in test_observe_verdict.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ipc/observe.h>

#include "support/fake_registry.h"

struct test {
	struct fake                f;
	ipc_observer              *o;
	const struct ipc_snapshot *s;
	uint32_t                   p, q, r; /* processes */
	uint32_t                   a, b, c; /* pipes: q to p, q to p, p to q */
};

static uint32_t pipe_from(struct fake *f, uint32_t w, uint32_t r, const char *name)
{
	uint32_t o = fake_object(f, KIND_PIPE, OBJECT_SIMPLEX, name);

	(void)fake_end(f, w, o, RIGHT_SEND0);
	(void)fake_end(f, r, o, RIGHT_RECV0);
	return o;
}

/* q waits for what p sends; each case says what p waits for. r runs, and holds nothing yet. */
static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	if (!t)
		return -1;
	fake_make(&t->f);
	t->p = fake_process(&t->f, "P");
	t->q = fake_process(&t->f, "Q");
	t->r = fake_process(&t->f, "R");
	t->a = pipe_from(&t->f, t->q, t->p, "a");
	t->b = pipe_from(&t->f, t->q, t->p, "b");
	t->c = pipe_from(&t->f, t->p, t->q, "c");
	fake_wait(&t->f, t->q, OP_RECV, t->c, 0);
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

/* @t waits for two things, with @flags. */
static struct wait_rec *wait_for_two(struct fake *f, uint32_t t, enum wait_op op1, uint32_t o1,
				     enum wait_op op2, uint32_t o2, uint32_t flags)
{
	struct wait_rec *w = &fake_main(f, t)->wait;
	struct wait_item first;

	fake_wait(f, t, op1, o1, 0);
	first = w->item[0];
	fake_wait(f, t, op2, o2, 0);
	w->item[1] = w->item[0];
	w->item[0] = first;
	w->n_items = 2;
	w->flags = flags;
	return w;
}

static const struct ipc_obs_verdict *verdict(struct test *t)
{
	fake_write(&t->f);
	assert_int_equal(ipc_observer_open_dir(&t->o, t->f.dir), 0);
	assert_int_equal(ipc_observer_read(t->o, &t->s), 0);
	assert_true(t->s->n_verdicts <= 1);
	return t->s->n_verdicts ? &t->s->verdicts[0] : NULL;
}

static void expect_deadlock_of_two(struct test *t)
{
	const struct ipc_obs_verdict *v = verdict(t);

	assert_non_null(v);
	assert_int_equal(v->class_, IPC_DEADLOCK);
	assert_int_equal(v->strength, IPC_CERTAIN);
	assert_int_equal(v->n_core, 2);
}

/* ---- any ------------------------------------------------------------------------------------ */

static void verdict__any_and_none_can_come__is_deadlock(void **state)
{
	struct test *t = *state;

	(void)wait_for_two(&t->f, t->p, OP_POLL, t->a, OP_POLL, t->b, 0);
	expect_deadlock_of_two(t);
	assert_non_null(
		strstr(t->s->verdicts[0].text, "wait for any of 2: poll(pipe \"a\") empty"));
	assert_non_null(strstr(t->s->verdicts[0].text, "; or only send by Q"));
}

static void wait__for_two__lists_both(void **state)
{
	struct test *t = *state;

	(void)wait_for_two(&t->f, t->p, OP_POLL, t->a, OP_POLL, t->b, 0);
	(void)verdict(t);
	assert_int_equal(t->s->n_items, 2);
	for (size_t i = 0; i < t->s->n_waits; i++) {
		const struct ipc_obs_wait *w = &t->s->waits[i];

		assert_int_equal(w->n_listed, w->op == IPC_OP_WAIT ? 2 : 0);
		for (uint32_t k = 0; k < w->n_listed; k++) {
			const struct ipc_obs_item *x = &t->s->items[w->first_item + k];

			assert_int_equal(x->op, IPC_OP_POLL);
			assert_string_equal(t->s->channels[x->channel].name, k ? "b" : "a");
		}
	}
}

static void verdict__any_and_one_could_come__is_nothing(void **state)
{
	struct test *t = *state;

	(void)fake_end(&t->f, t->r, t->b, RIGHT_SEND0);
	(void)wait_for_two(&t->f, t->p, OP_POLL, t->a, OP_POLL, t->b, 0);
	assert_null(verdict(t));
}

static void verdict__any_and_one_is_there__is_nothing(void **state)
{
	struct test *t = *state;

	fake_fill(&t->f, t->b, 0, 1, 8);
	(void)wait_for_two(&t->f, t->p, OP_POLL, t->a, OP_POLL, t->b, 0);
	assert_null(verdict(t));
}

static void verdict__any_and_one_is_a_descriptor__is_nothing(void **state)
{
	struct test *t = *state;

	(void)wait_for_two(&t->f, t->p, OP_POLL, t->a, OP_FD, FAKE_NONE, WAIT_EXT);
	assert_null(verdict(t));
	assert_int_equal(t->s->damaged, 0);
}

static void verdict__any_of_more_than_are_named__is_nothing(void **state)
{
	struct test *t = *state;

	wait_for_two(&t->f, t->p, OP_POLL, t->a, OP_POLL, t->b, WAIT_EXT)->n_hidden = 3;
	assert_null(verdict(t));
	for (size_t i = 0; i < t->s->n_waits; i++)
		if (t->s->waits[i].op == IPC_OP_WAIT)
			assert_int_equal(t->s->waits[i].n_items, 5);
}

static void verdict__any_with_a_child__is_deadlock_if_that_waits_too(void **state)
{
	struct test     *t = *state;
	struct wait_rec *w = wait_for_two(&t->f, t->p, OP_POLL, t->a, OP_PROC, FAKE_NONE, 0);

	w->item[1].arg2 = fake_process_ref(&t->f, t->q);
	expect_deadlock_of_two(t);
	assert_non_null(strstr(t->s->verdicts[0].text, "; or only exit by Q"));
}

/* ---- all ------------------------------------------------------------------------------------- */

static void verdict__all_and_one_cannot_come__is_deadlock(void **state)
{
	struct test *t = *state;

	(void)fake_end(&t->f, t->r, t->b, RIGHT_SEND0);
	(void)wait_for_two(&t->f, t->p, OP_POLL, t->a, OP_POLL, t->b, WAIT_ALL);
	expect_deadlock_of_two(t);
}

static void verdict__all_and_one_is_a_descriptor__is_deadlock_by_the_other(void **state)
{
	struct test *t = *state;

	(void)wait_for_two(&t->f, t->p, OP_FD, FAKE_NONE, OP_POLL, t->a, WAIT_ALL);
	expect_deadlock_of_two(t);
}

/* P is in nobody's way but its own: r may send, and of the descriptor nobody knows. */
static void verdict__all_and_one_is_a_descriptor__is_nothing_if_the_other_may_come(void **state)
{
	struct test *t = *state;

	(void)fake_end(&t->f, t->r, t->a, RIGHT_SEND0);
	(void)wait_for_two(&t->f, t->p, OP_FD, FAKE_NONE, OP_POLL, t->a, WAIT_ALL);
	assert_null(verdict(t));
}

static void verdict__all_could_come__is_nothing(void **state)
{
	struct test *t = *state;

	(void)fake_end(&t->f, t->r, t->a, RIGHT_SEND0);
	(void)fake_end(&t->f, t->r, t->b, RIGHT_SEND0);
	(void)wait_for_two(&t->f, t->p, OP_POLL, t->a, OP_POLL, t->b, WAIT_ALL);
	assert_null(verdict(t));
}

int main(int argc, char **argv)
{
#ifdef __SANITIZE_THREAD__
	/* its runtime has a thread in every process, which makes each verdict "not certain" */
	puts("skipped: ThreadSanitizer's own thread is one that the library does not know");
	return 77;
#endif
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(wait__for_two__lists_both),
		CASE(verdict__any_and_none_can_come__is_deadlock),
		CASE(verdict__any_and_one_could_come__is_nothing),
		CASE(verdict__any_and_one_is_there__is_nothing),
		CASE(verdict__any_and_one_is_a_descriptor__is_nothing),
		CASE(verdict__any_of_more_than_are_named__is_nothing),
		CASE(verdict__any_with_a_child__is_deadlock_if_that_waits_too),
		CASE(verdict__all_and_one_cannot_come__is_deadlock),
		CASE(verdict__all_and_one_is_a_descriptor__is_deadlock_by_the_other),
		CASE(verdict__all_and_one_is_a_descriptor__is_nothing_if_the_other_may_come),
		CASE(verdict__all_could_come__is_nothing),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_several", tests, NULL, NULL);
}
