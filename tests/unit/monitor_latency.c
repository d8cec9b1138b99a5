/*
 * monitor_latency.c - how long messages lay, second by second
 */
#include "monitor_fake.h"

#include <stdlib.h>

struct scene {
	struct ipc_snapshot    s;
	struct ipc_obs_channel c;
	uint32_t               hist[IPC_OBS_HIST];
	struct latencies       all;
};

static void scene_init(struct scene *x)
{
	*x = (struct scene){
		.s = {.tick_ns = 1, .t_mono_ns = FAKE_START},
		.c = {.id = 7, .n_rings = 1},
	};
	x->c.ring[0].max_ns = 1;
	x->c.ring[0].hist = x->hist;
}

/* @n samples in bucket @i, in the second that now ends. */
static struct latency *after(struct scene *x, unsigned i, uint64_t n, uint64_t seconds)
{
	x->hist[i] += (uint32_t)n;
	x->s.t_mono_ns += seconds * FAKE_SECOND;
	return latencies_look(&x->all, &x->s, &x->c);
}

static void latency__window__only_what_is_new(void **state)
{
	struct scene    x;
	struct latency *l;

	(void)state;
	scene_init(&x);
	x.hist[120] = 1000000; /* of before anybody looked */
	l = after(&x, 0, 0, 0);
	assert_int_equal(l->window.n, 0);
	l = after(&x, 40, 990, 1);
	l = after(&x, 60, 10, 1);
	assert_int_equal(l->window.n, 1000);
	assert_int_equal(l->window.p50_ns, ipc_obs_hist_ns(&x.s, 40));
	assert_int_equal(l->window.p99_ns, ipc_obs_hist_ns(&x.s, 40));
	assert_int_equal(l->window.p999_ns, ipc_obs_hist_ns(&x.s, 60));
	assert_int_equal(l->window.max_ns, ipc_obs_hist_ns(&x.s, 60));
	assert_int_equal(latency_total(&x.s, &x.c).max_ns, ipc_obs_hist_ns(&x.s, 120));
	latencies_fini(&x.all);
}

static void latency__window_over__forgets(void **state)
{
	struct scene    x;
	struct latency *l = NULL;

	(void)state;
	scene_init(&x);
	after(&x, 0, 0, 0);
	after(&x, 60, 500, 1);
	for (int i = 0; i < LATENCY_WINDOW_S; i++)
		l = after(&x, 40, 1, 1);
	assert_int_equal(l->window.max_ns, ipc_obs_hist_ns(&x.s, 40));
	assert_true(l->window.n >= LATENCY_WINDOW_S - LATENCY_STEP_S - 1);
	assert_true(l->window.n <= LATENCY_WINDOW_S);
	latencies_fini(&x.all);
}

static void latency__heat__in_its_second(void **state)
{
	struct scene    x;
	struct latency *l;

	(void)state;
	scene_init(&x);
	after(&x, 0, 0, 0);
	after(&x, 41, 3, 1);
	l = after(&x, 80, 100000, 1);
	assert_int_equal(latency_heat(l, 0, 20), UINT16_MAX);
	assert_int_equal(latency_heat(l, 1, 20), 0);
	assert_int_equal(latency_heat(l, 1, 10), 3);
	assert_int_equal(latency_heat(l, 0, 10), 0);
	/* Nobody looked for four seconds: nobody knows when in them it was. */
	l = after(&x, 41, 8, 4);
	for (unsigned t = 0; t < 4; t++)
		assert_int_equal(latency_heat(l, t, 10), 2);
	l = after(&x, 41, 1, 1000);
	assert_true(latency_heat(l, 117, 20) == 0 && latency_heat(l, 1000, 20) == 0);
	latencies_fini(&x.all);
}

static void latency__end_closed__nothing_new(void **state)
{
	struct scene    x;
	struct latency *l;

	(void)state;
	scene_init(&x);
	after(&x, 0, 0, 0);
	after(&x, 40, 1000, 1);
	x.hist[40] = 10;
	l = after(&x, 44, 5, 1);
	assert_int_equal(latency_heat(l, 0, 10), 0);
	assert_int_equal(latency_heat(l, 0, 11), 5);
	latencies_fini(&x.all);
}

/* A frozen frame keeps what it showed. */
static void latency__held__stays_as_it_was(void **state)
{
	struct scene    x;
	struct latency *held, *l;

	(void)state;
	scene_init(&x);
	after(&x, 0, 0, 0);
	held = latency_ref(after(&x, 40, 10, 1));
	l = after(&x, 40, 90, 1);
	assert_ptr_not_equal(held, l);
	assert_int_equal(held->window.n, 10);
	assert_int_equal(l->window.n, 100);
	latency_unref(held);
	latencies_fini(&x.all);
}

static void latencies__more_than_fit__bounded(void **state)
{
	struct scene x;
	size_t       kept = 0;

	(void)state;
	scene_init(&x);
	for (uint64_t i = 0; i < 3 * LATENCY_MOST; i++) {
		x.c.id = i * 7919 % (3 * LATENCY_MOST) + 1; /* in no order */
		kept += latencies_look(&x.all, &x.s, &x.c) != NULL;
	}
	assert_int_equal(kept, LATENCY_MOST);
	latencies_sweep(&x.all);
	x.c.id = 1;
	latencies_look(&x.all, &x.s, &x.c);
	latencies_sweep(&x.all);
	assert_int_equal(x.all.n, 1);
	latencies_fini(&x.all);
}

static void latencies__never_timed__nothing_kept(void **state)
{
	struct scene x;

	(void)state;
	scene_init(&x);
	x.c.ring[0].max_ns = IPC_UNKNOWN;
	assert_null(latencies_look(&x.all, &x.s, &x.c));
	assert_int_equal(x.all.n, 0);
}

FAKE_MAIN(latency, cmocka_unit_test(latency__window__only_what_is_new),
	  cmocka_unit_test(latency__window_over__forgets),
	  cmocka_unit_test(latency__heat__in_its_second),
	  cmocka_unit_test(latency__end_closed__nothing_new),
	  cmocka_unit_test(latency__held__stays_as_it_was),
	  cmocka_unit_test(latencies__more_than_fit__bounded),
	  cmocka_unit_test(latencies__never_timed__nothing_kept))
