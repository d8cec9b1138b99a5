/*
 * monitor_tally.c - rates, histories, and what belongs to which finding
 */
#include "monitor_fake.h"

#include <math.h>

#include "view/field.h"

static void tally_update__first_reading__rates_unknown(void **state)
{
	struct fake  k;
	struct tally m = {0};

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	assert_true(isnan(m.frame.channels[1].put));
	assert_true(isnan(m.frame.processes[1].out));
	assert_true(isnan(m.frame.interval_s));
	tally_fini(&m);
}

static void tally_update__two_readings__per_second(void **state)
{
	struct fake  k;
	struct tally m = {0};

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	tally_update(&m, fake_at(&k, 4));
	assert_float_equal(m.frame.channels[1].put, 1200, 0.01);
	assert_float_equal(m.frame.channels[1].get, 1200, 0.01);
	assert_float_equal(m.frame.channels[3].put, 240, 0.01);
	assert_float_equal(m.frame.channels[0].put, 0, 0.01);
	assert_float_equal(m.frame.processes[2].out, 120, 0.01);
	assert_float_equal(m.frame.processes[2].in, 80, 0.01);
	/* One thread asleep all the time, and nothing of it in the counters yet. */
	assert_float_equal(m.frame.channels[0].blocked_put, 1, 0.001);
	assert_float_equal(m.frame.processes[0].blocked, 1, 0.001);
	tally_fini(&m);
}

/* One process of one thread, asleep for @slept_ns in calls that are over when four seconds have passed. */
static double blocked_for(uint64_t slept_ns)
{
	struct fake  k;
	struct tally m = {0};
	double       blocked;

	fake_at(&k, 0);
	k.processes[0].asleep_ns = 0;
	tally_update(&m, &k.s);
	fake_at(&k, 4);
	k.processes[0].asleep_ns = slept_ns;
	tally_update(&m, &k.s);
	blocked = m.frame.processes[0].blocked;
	tally_fini(&m);
	return blocked;
}

/* In which calls does not matter: its ends have counted nothing. */
static void tally_update__sleeps_that_are_over__count(void **state)
{
	(void)state;
	assert_float_equal(blocked_for(FAKE_SECOND), 0.25, 0.001);
	assert_float_equal(blocked_for(5 * FAKE_SECOND), 1, 0.001);
}

static void tally_update__another_domain__starts_anew(void **state)
{
	struct fake  k;
	struct tally m = {0};

	(void)state;
	tally_update(&m, fake_at(&k, 100));
	fake_at(&k, 104);
	k.s.nonce++;
	tally_update(&m, &k.s);
	assert_true(isnan(m.frame.channels[1].put));
	tally_fini(&m);
}

static void tally_update__counter_runs_backwards__rate_is_zero(void **state)
{
	struct fake  k;
	struct tally m = {0};

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	fake_at(&k, 2);
	k.channels[1].ring[0].sent = 1;
	tally_update(&m, &k.s);
	assert_float_equal(m.frame.channels[1].put, 0, 0.001);
	tally_fini(&m);
}

static void tally_update__channel_goes__is_forgotten(void **state)
{
	struct fake  k;
	struct tally m = {0};

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	assert_int_equal(m.channels.n, 5);
	fake_at(&k, 1);
	k.s.n_channels = 2;
	k.s.n_ends = 4; /* two of each */
	k.s.n_holds = 0;
	tally_update(&m, &k.s);
	assert_int_equal(m.channels.n, 2);
	assert_float_equal(m.frame.channels[1].put, 1200, 0.01);
	tally_fini(&m);
}

/* Ends by the thousand, all of one channel; each has put @put messages. */
static const struct ipc_snapshot *crowded_at(struct fake *k, double t, uint64_t generation,
					     uint64_t put)
{
	enum { N = 3000 };
	static struct ipc_obs_end ends[N];

	fake_at(k, 0);
	k->s.t_mono_ns += (uint64_t)(t * FAKE_SECOND);
	k->s.generation = generation;
	for (int i = 0; i < 5; i++)
		k->channels[i].first_end = k->channels[i].n_ends = 0;
	k->channels[0].n_ends = N;
	for (int i = 0; i < N; i++) {
		ends[i] = (struct ipc_obs_end){.rights = IPC_RIGHT_SEND0};
		fake_flow(&ends[i].out, put, 1, 0);
	}
	k->s.ends = ends;
	k->s.n_ends = N;
	return &k->s;
}

/* As soon as two readings tell it; then once a second, and at once when some came or went. */
static void tally_update__thousands_of_ends__once_a_second(void **state)
{
	struct fake  k;
	struct tally m = {0};

	(void)state;
	tally_update(&m, crowded_at(&k, 0, 7, 0));
	assert_true(isnan(m.frame.ends[2999].out));
	tally_update(&m, crowded_at(&k, 0.25, 7, 25));
	assert_float_equal(m.frame.ends[2999].out, 100, 0.01);
	tally_update(&m, crowded_at(&k, 0.5, 7, 100));
	assert_float_equal(m.frame.ends[2999].out, 100, 0.01);
	tally_update(&m, crowded_at(&k, 1.25, 7, 225));
	assert_float_equal(m.frame.ends[2999].out, 200, 0.01);
	tally_update(&m, crowded_at(&k, 1.5, 8, 225));
	assert_float_equal(m.frame.ends[2999].out, 0, 0.01);
	tally_drop_frame(&m);
	tally_update(&m, crowded_at(&k, 1.75, 8, 250));
	assert_float_equal(m.frame.ends[2999].out, 100, 0.01);
	tally_fini(&m);
}

static void tally_update__finding__marks_its_members(void **state)
{
	struct fake  k;
	struct tally m;

	(void)state;
	fake_watched(&k, &m);
	assert_int_equal(m.frame.waits[0].verdict, 0);
	assert_int_equal(m.frame.waits[1].verdict, 0);
	assert_true(m.frame.waits[2].behind);
	assert_int_equal(m.frame.channels[0].verdict, 0);
	assert_int_equal(m.frame.channels[4].verdict, IPC_NO_INDEX);
	assert_int_equal(frame_wait_letter(&m.frame, 0), 'D');
	assert_int_equal(frame_wait_letter(&m.frame, 2), 't');
	assert_int_equal(frame_process_letter(&m.frame, 1), 'D');
	assert_int_equal(frame_process_letter(&m.frame, 2), 'R');
	assert_int_equal(frame_process_letter(&m.frame, 4), 'Z');
	tally_fini(&m);
}

static double total(const struct frame *f, const char *json)
{
	for (int i = 0; i < total_listing.n_fields; i++)
		if (strcmp(total_listing.fields[i].json, json) == 0)
			return total_listing.fields[i].key(f, 0);
	fail_msg("no total is called %s", json);
	return NAN;
}

/* One waits for a process, and no channel knows of it; one for room in a queue. */
static void totals__sleeps_of_any_kind__count(void **state)
{
	struct fake  k;
	struct tally m = {0};

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	assert_true(isnan(total(&m.frame, "blocked_percent")));
	tally_update(&m, fake_at(&k, 4));
	assert_float_equal(total(&m.frame, "blocked_percent"), 200, 0.1);
	tally_fini(&m);
}

static void history_add__uneven_readings__same_seconds(void **state)
{
	struct history often = {0}, seldom = {0};

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		history_add(&often, i * FAKE_SECOND / 10, (i + 1) * FAKE_SECOND / 10,
			    &(struct history_step){.put = 5, .blocked = 2});
	history_add(&seldom, 0, 10 * FAKE_SECOND, &(struct history_step){.put = 500, .blocked = 2});
	for (unsigned i = 0; i < 8; i++) {
		assert_float_equal(history_at(&often, often.put, i), 50, 0.01);
		assert_float_equal(history_at(&seldom, seldom.put, i), 50, 0.01);
		assert_float_equal(history_at(&often, often.blocked, i), 2, 0.01);
		assert_float_equal(history_at(&seldom, seldom.blocked, i), 2, 0.01);
	}
	assert_float_equal(history_at(&often, often.put, 50), 0, 0.01);
}

/* Nobody knows what the first second was before it was looked at. */
static void history_add__begun_within_a_second__only_whole_ones(void **state)
{
	struct history h = {0}, whole = {0};

	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		uint64_t t = FAKE_START + FAKE_SECOND / 2 + i * FAKE_SECOND / 5;

		history_add(&h, t, t + FAKE_SECOND / 5, &(struct history_step){.put = 20});
	}
	for (unsigned i = 0; i < 3; i++)
		assert_float_equal(history_at(&h, h.put, i), 100, 0.5);
	assert_float_equal(history_at(&h, h.put, 3), 0, 0);
	history_add(&whole, FAKE_START, FAKE_START + 2 * FAKE_SECOND,
		    &(struct history_step){.put = 200});
	history_add(&whole, FAKE_START + 2 * FAKE_SECOND, FAKE_START + 3 * FAKE_SECOND,
		    &(struct history_step){.put = 100});
	assert_float_equal(history_at(&whole, whole.put, 1), 100, 0.5);
}

static void history_add__long_pause__only_the_last_minutes(void **state)
{
	struct history h = {0};

	(void)state;
	history_add(&h, 0, 100000 * FAKE_SECOND, &(struct history_step){.put = 100000});
	assert_float_equal(history_at(&h, h.put, 0), 1, 0.01);
	assert_true(h.end - h.first <= HISTORY_SECONDS);
}

/* Recordings can say any time. */
static void history_add__end_of_time__comes_to_an_end(void **state)
{
	struct history h = {0};

	(void)state;
	history_add(&h, UINT64_MAX - 5 * FAKE_SECOND, UINT64_MAX - 1,
		    &(struct history_step){.put = 5});
	assert_float_equal(history_at(&h, h.put, 0), 1, 0.01);
	assert_true(h.end - h.first <= HISTORY_SECONDS);
}

static void frame_copy__original_changes__copy_does_not(void **state)
{
	struct fake  k;
	struct tally m;
	struct frame copy;

	(void)state;
	fake_watched(&k, &m);
	frame_copy(&copy, &m.frame);
	tally_drop_frame(&m);
	memset(&k, 0x55, sizeof(k));
	assert_string_equal(copy.s->channels[1].name, "jobs");
	assert_string_equal(copy.s->verdicts[0].pattern, "join-before-drain");
	assert_int_equal(copy.s->verdicts[0].core[1], 1);
	frame_fini(&copy);
	tally_fini(&m);
}

static void frame_releasers__each_wait__who_could_help(void **state)
{
	struct fake     k;
	struct tally    m;
	struct releaser by[4];

	(void)state;
	fake_watched(&k, &m);
	assert_int_equal(frame_releasers(&m.frame, 0, by, 4), 1); /* the child */
	assert_int_equal(by[0].process, 1);
	assert_int_equal(frame_releasers(&m.frame, 1, by, 4), 1); /* who may get from "results" */
	assert_int_equal(by[0].process, 0);
	assert_int_equal(frame_releasers(&m.frame, 2, by, 0),
			 1); /* counted though there is no room */
	tally_fini(&m);
}

/* Nobody need have a task for somebody to be able to do it. */
static void frame_releasers__join__who_has_tasks_or_could_take_them(void **state)
{
	struct fake             k;
	struct tally            m;
	struct releaser         by[4];
	struct ipc_obs_wait    *w = &k.waits[1];
	struct ipc_obs_channel *jobs = &k.channels[1];

	(void)state;
	fake_watched(&k, &m);
	w->op = IPC_OP_JOIN;
	w->channel = 1;
	assert_int_equal(frame_releasers(&m.frame, 1, by, 4), 1); /* who may get from "jobs" */
	assert_int_equal(by[0].process, 2);
	jobs->ring[0].queued = 0;
	assert_int_equal(frame_releasers(&m.frame, 1, by, 4), 0);
	jobs->returned = 1; /* of somebody who died */
	assert_int_equal(frame_releasers(&m.frame, 1, by, 4), 1);
	jobs->returned = 0;
	k.ends[2].owed = 1;
	assert_int_equal(frame_releasers(&m.frame, 1, by, 4), 1);
	assert_int_equal(by[0].process, 0);
	tally_fini(&m);
}

/* Who could end a wait for several things in more than one way is one. */
static void frame_releasers__several_things__each_once(void **state)
{
	struct fake               k;
	struct tally              m;
	struct releaser           by[4];
	const struct ipc_obs_item items[] = {
		{.op = IPC_OP_GET, .channel = 1},  /* process 0 puts there */
		{.op = IPC_OP_RECV, .channel = 2}, /* and there */
		{.op = IPC_OP_PUT, .channel = 1},  /* process 2 gets there */
		{.op = IPC_OP_PROC, .child = 2, .channel = IPC_NO_INDEX},
	};

	(void)state;
	fake_watched(&k, &m);
	k.s.items = items;
	k.s.n_items = 4;
	k.waits[1].op = IPC_OP_WAIT;
	k.waits[1].n_items = k.waits[1].n_listed = 4;
	assert_int_equal(frame_releasers(&m.frame, 1, by, 4), 2);
	assert_int_equal(by[0].process, 0);
	assert_int_equal(by[1].process, 2);
	assert_int_equal(frame_releasers(&m.frame, 1, by, 1), 2);
	assert_int_equal(frame_releasers(&m.frame, 1, NULL, 0), 2);
	tally_fini(&m);
}

static void table_get__many_ids__each_its_own(void **state)
{
	struct table t = {0};

	(void)state;
	for (uint64_t i = 1; i <= 5000; i++)
		*(uint64_t *)table_get(&t, i << 32 | 1, 8) = i;
	for (uint64_t i = 1; i <= 5000; i++)
		assert_int_equal(*(uint64_t *)table_find(&t, i << 32 | 1), i);
	assert_null(table_find(&t, 7));
	table_sweep(&t);
	table_get(&t, UINT64_C(9) << 32 | 1, 8);
	table_sweep(&t);
	assert_int_equal(t.n, 1);
	table_fini(&t);
}

/* Layers are found once a second; what has none yet does not wait for it. */
static void tally_update__another_in_its_place__has_its_layer(void **state)
{
	static struct fake k;
	struct tally       m = {0};
	unsigned           layer[5], n_far = 0;

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	for (int i = 0; i < 5; i++) {
		layer[i] = m.frame.channels[i].layer;
		n_far += layer[i] > 0;
	}
	assert_true(n_far > 0);
	for (int i = 0; i < 5; i++)
		k.channels[i].id += 1000;
	k.s.t_mono_ns += FAKE_SECOND / 10;
	tally_update(&m, &k.s);
	for (int i = 0; i < 5; i++)
		assert_int_equal(m.frame.channels[i].layer, layer[i]);
	tally_fini(&m);
}

FAKE_MAIN(tally, cmocka_unit_test(tally_update__first_reading__rates_unknown),
	  cmocka_unit_test(tally_update__thousands_of_ends__once_a_second),
	  cmocka_unit_test(tally_update__two_readings__per_second),
	  cmocka_unit_test(tally_update__sleeps_that_are_over__count),
	  cmocka_unit_test(tally_update__another_domain__starts_anew),
	  cmocka_unit_test(tally_update__counter_runs_backwards__rate_is_zero),
	  cmocka_unit_test(tally_update__channel_goes__is_forgotten),
	  cmocka_unit_test(tally_update__finding__marks_its_members),
	  cmocka_unit_test(totals__sleeps_of_any_kind__count),
	  cmocka_unit_test(history_add__uneven_readings__same_seconds),
	  cmocka_unit_test(history_add__begun_within_a_second__only_whole_ones),
	  cmocka_unit_test(history_add__long_pause__only_the_last_minutes),
	  cmocka_unit_test(history_add__end_of_time__comes_to_an_end),
	  cmocka_unit_test(frame_copy__original_changes__copy_does_not),
	  cmocka_unit_test(frame_releasers__each_wait__who_could_help),
	  cmocka_unit_test(frame_releasers__join__who_has_tasks_or_could_take_them),
	  cmocka_unit_test(frame_releasers__several_things__each_once),
	  cmocka_unit_test(table_get__many_ids__each_its_own),
	  cmocka_unit_test(tally_update__another_in_its_place__has_its_layer))
