/*
 * monitor_events.c - what was wrong: how often, first and last
 */
#include "monitor_fake.h"

#include <errno.h>
#include <stdlib.h>

struct scene {
	struct fake  k;
	struct tally m;
};

/* The fake's one deadlock, there or not, @t seconds after the start. */
static void look(struct scene *s, uint64_t t, int deadlocked)
{
	fake_at(&s->k, t);
	if (!deadlocked)
		s->k.s.n_verdicts = 0;
	tally_update(&s->m, &s->k.s);
}

static const struct event *finding(const struct scene *s)
{
	for (size_t i = 0; i < s->m.frame.n_events; i++)
		if (s->m.frame.events[i].kind == EVENT_FINDING)
			return &s->m.frame.events[i];
	return NULL;
}

static void events__finding_comes_goes_and_comes__is_one_that_came_twice(void **state)
{
	struct scene       *s = calloc(1, sizeof(*s));
	const struct event *e;
	uint64_t            first;

	(void)state;
	assert_non_null(s);
	look(s, 10, 1);
	e = finding(s);
	assert_non_null(e);
	assert_int_equal(e->now, EVENT_SEEN);
	assert_int_equal(e->count, 1);
	assert_int_equal(e->grade, IPC_GRADE_CRITICAL);
	first = e->first_ns;
	look(s, 12, 1);
	assert_int_equal(finding(s)->count, 1);
	look(s, 14, 0);
	assert_int_equal(finding(s)->now, EVENT_GONE);
	assert_int_equal(finding(s)->last_ns, FAKE_START + 12 * FAKE_SECOND);
	look(s, 16, 1);
	assert_int_equal(finding(s)->now, EVENT_SEEN);
	assert_int_equal(finding(s)->count, 2);
	assert_int_equal(finding(s)->first_ns, first);
	tally_fini(&s->m);
	free(s);
}

static void events__calls_that_failed__are_counted_by_the_domain(void **state)
{
	struct ipc_obs_failure failures[] = {
		{.end = IPC_NO_INDEX,
		 .channel = 1,
		 .put = 1,
		 .code = -EAGAIN,
		 .count = 41,
		 .first_ns = FAKE_START,
		 .last_ns = FAKE_START + FAKE_SECOND},
	};
	struct scene       *s = calloc(1, sizeof(*s));
	const struct event *e;

	(void)state;
	assert_non_null(s);
	fake_at(&s->k, 10);
	s->k.s.n_verdicts = 0;
	s->k.s.failures = failures;
	s->k.s.n_failures = 1;
	tally_update(&s->m, &s->k.s);
	e = &s->m.frame.events[s->m.frame.n_events - 1];
	assert_int_equal(e->kind, EVENT_FAILURE);
	assert_int_equal(e->count, 41);
	assert_int_equal(e->first_ns, FAKE_START);
	assert_non_null(strstr(e->text, "EAGAIN from put"));
	tally_fini(&s->m);
	free(s);
}

static void events__more_than_are_kept__the_oldest_goes(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	size_t        most = 0;

	(void)state;
	assert_non_null(s);
	for (uint64_t t = 10; t < 700; t++) {
		fake_at(&s->k, t);
		s->k.threads[0].id = t; /* another one each time */
		tally_update(&s->m, &s->k.s);
		most = s->m.frame.n_events > most ? s->m.frame.n_events : most;
	}
	assert_true(most <= 512 + s->k.s.n_failures);
	assert_int_equal(finding(s)->last_ns, FAKE_START + 699 * FAKE_SECOND);
	tally_fini(&s->m);
	free(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events__finding_comes_goes_and_comes__is_one_that_came_twice),
		cmocka_unit_test(events__calls_that_failed__are_counted_by_the_domain),
		cmocka_unit_test(events__more_than_are_kept__the_oldest_goes),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
