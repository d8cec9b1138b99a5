/*
 * monitor_habits.c - lints of what goes on for seconds: each fires, and not where it almost should
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lint/limits.h"
#include "lint/lint.h"
#include "model/tally.h"
#include "view/words.h"

#define SECOND UINT64_C(1000000000)
#define START  (1000 * SECOND)

enum { MAKER, FAST, SLOW, N_PEOPLE };

/* Somebody puts and two take, each with one thread; what a second changes is a test's own. */
struct scene {
	struct ipc_snapshot    s;
	struct ipc_obs_process processes[N_PEOPLE];
	struct ipc_obs_thread  threads[N_PEOPLE];
	struct ipc_obs_channel channel;
	uint32_t               hist[IPC_OBS_HIST]; /* of the channel's only ring */
	struct ipc_obs_end     ends[N_PEOPLE];
	struct ipc_obs_wait    waits[N_PEOPLE];
	struct ipc_obs_hold    holds[4];
	struct ipc_obs_failure failure;
	struct tally           m;
};

static struct scene *open_scene(enum ipc_kind kind)
{
	struct scene *k = calloc(1, sizeof(*k));

	assert_non_null(k);
	for (unsigned i = 0; i < N_PEOPLE; i++) {
		k->processes[i] = (struct ipc_obs_process){.id = 100 + i,
							   .pid = (uint64_t)getpid(),
							   .name = "p",
							   .exe = "",
							   .life = IPC_OBS_ALIVE,
							   .parent = IPC_NO_INDEX,
							   .n_threads = 1};
		k->threads[i] = (struct ipc_obs_thread){.id = 200 + i,
							.tid = 100 + i,
							.name = "p",
							.process = i,
							.wait = IPC_NO_INDEX};
		k->ends[i] = (struct ipc_obs_end){.process = i,
						  .rights = i == MAKER ? IPC_RIGHT_SEND0
								       : IPC_RIGHT_RECV0,
						  .handles = 1};
	}
	k->channel = (struct ipc_obs_channel){
		.id = 300, .kind = kind, .name = "jobs", .n_rings = 1, .n_ends = N_PEOPLE};
	k->channel.ring[0].capacity = 100;
	k->channel.ring[0].hist = k->hist;
	k->channel.ring[0].oldest_ns = IPC_UNKNOWN;
	k->s = (struct ipc_snapshot){.domain = "d",
				     .dir = "",
				     .nonce = 1,
				     .t_mono_ns = START,
				     .tick_ns = 1,
				     .processes = k->processes,
				     .n_processes = N_PEOPLE,
				     .threads = k->threads,
				     .n_threads = N_PEOPLE,
				     .channels = &k->channel,
				     .n_channels = 1,
				     .ends = k->ends,
				     .n_ends = N_PEOPLE,
				     .waits = k->waits,
				     .holds = k->holds,
				     .failures = &k->failure};
	tally_update(&k->m, &k->s);
	return k;
}

static void close_scene(struct scene *k)
{
	tally_fini(&k->m);
	free(k);
}

static void put(struct scene *k, uint64_t n, uint64_t size)
{
	struct ipc_obs_ring *r = &k->channel.ring[0];

	r->sent += n;
	r->out.messages += n;
	r->out.bytes += n * size;
	k->ends[MAKER].out.messages += n;
	r->queued = r->sent - r->received;
}

static void get(struct scene *k, unsigned who, uint64_t n)
{
	k->channel.ring[0].received += n;
	k->ends[who].in.messages += n;
	k->channel.ring[0].queued = k->channel.ring[0].sent - k->channel.ring[0].received;
}

static void sleeps(struct scene *k, uint32_t who, enum ipc_op op)
{
	k->waits[k->s.n_waits] = (struct ipc_obs_wait){.thread = who,
						       .op = op,
						       .owner = IPC_NO_INDEX,
						       .child = IPC_NO_INDEX,
						       .since_ns = k->s.t_mono_ns,
						       .text = "call(jobs)"};
	k->threads[who].wait = (uint32_t)k->s.n_waits++;
}

/* A second passes. */
static void look(struct scene *k)
{
	k->s.t_mono_ns += SECOND;
	tally_update(&k->m, &k->s);
}

/* The id of the one lint there is; "": none; "?": several. */
static const char *fires(const struct scene *k)
{
	static char  id[8];
	struct lints l;

	lints_find(&l, &k->m.frame, LINT_ALL);
	strcpy(id, l.n == 0 ? "" : l.n > 1 ? "?" : lint_kinds[l.v[0].id].id);
	if (l.n == 1) {
		assert_true(strlen(l.v[0].text) > 20);
		assert_true(l.v[0].is_now);
		assert_int_equal(l.v[0].count, 1);
		assert_true(l.v[0].first_ns <= l.v[0].last_ns);
	}
	lints_fini(&l);
	return id;
}

/* ---- I007 ------------------------------------------------------------------------------- */

static void fill(struct scene *k, uint64_t seconds, uint64_t queued)
{
	for (uint64_t t = 0; t < seconds; t++) {
		get(k, FAST, 90);
		get(k, SLOW, 10);
		put(k, 100, 64);
		k->channel.ring[0].queued = queued;
		k->channel.ring[0].out.blocked_ns += SECOND / 4;
		look(k);
	}
}

static void saturated__full_and_senders_asleep__names_the_slowest(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);
	struct lints  l;

	(void)state;
	fill(k, 4, 100);
	assert_string_equal(fires(k), ""); /* that may be a burst */
	fill(k, 8, 100);
	assert_string_equal(fires(k), "I007");
	lints_find(&l, &k->m.frame, LINT_ALL);
	assert_int_equal(l.v[0].process, SLOW);
	assert_int_equal(l.v[0].channel, 0);
	assert_non_null(strstr(l.v[0].text, "10% of what is taken"));
	lints_fini(&l);
	close_scene(k);
}

static void words_summary__long_names__cut_at_a_character(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);
	struct words  w;

	(void)state;
	for (unsigned i = 0; i < N_PEOPLE; i++)
		k->processes[i].name =
			"x\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4";
	fill(k, 12, 100);
	w = words_summary(&k->m.frame);
	assert_non_null(strstr(w.text, "SATURATED"));
	assert_non_null(strstr(
		w.text,
		" x\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4... "));
	close_scene(k);
}

static void saturated__mostly_less_than_full__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	for (int i = 0; i < 6; i++) {
		fill(k, 2, 60);
		fill(k, 1, 100);
	}
	assert_string_equal(fires(k), "");
	close_scene(k);
}

static void saturated__is_over__is_remembered(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);
	struct lints  l;

	(void)state;
	fill(k, 12, 100);
	fill(k, 12, 60);
	assert_string_equal(fires(k), "");
	lints_seen(&l, &k->m.frame, LINT_ALL);
	assert_int_equal(l.n, 1);
	assert_false(l.v[0].is_now);
	assert_int_equal(l.v[0].count, 1);
	assert_true(l.v[0].last_ns < k->s.t_mono_ns);
	lints_fini(&l);
	lints_seen(&l, &k->m.frame, LINT_ALL & ~(UINT64_C(1) << LINT_SATURATED));
	assert_int_equal(l.n, 0);
	lints_fini(&l);
	close_scene(k);
}

/* ---- I008 ------------------------------------------------------------------------------- */

static void share(struct scene *k, uint64_t slow, uint64_t asleep_ns)
{
	for (int t = 0; t < 8; t++) {
		put(k, 1000 + slow, 64);
		get(k, FAST, 1000);
		get(k, SLOW, slow);
		k->ends[SLOW].in.blocked_ns += asleep_ns;
		look(k);
	}
}

static void starved__waits_and_gets_nearly_nothing__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	share(k, 10, SECOND * 9 / 10);
	assert_string_equal(fires(k), "I008");
	close_scene(k);
}

static void starved__works_instead__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	share(k, 10, SECOND / 10);
	assert_string_equal(fires(k), "");
	close_scene(k);
}

static void starved__gets_a_fair_part__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	share(k, 400, SECOND * 9 / 10);
	assert_string_equal(fires(k), "");
	close_scene(k);
}

/* ---- I009 ------------------------------------------------------------------------------- */

static void talk(struct scene *k, uint64_t rate, uint64_t queued, uint64_t blocks)
{
	for (int t = 0; t < 8; t++) {
		put(k, rate, 64);
		get(k, FAST, rate);
		k->channel.ring[0].queued = queued;
		k->channel.ring[0].in.blocks += blocks;
		look(k);
	}
}

static void ping_pong__a_sleep_each__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	talk(k, 5000, 1, 5000);
	assert_string_equal(fires(k), "I009");
	close_scene(k);
}

static void ping_pong__some_at_once_or_seldom__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	talk(k, 5000, 12, 5000);
	assert_string_equal(fires(k), "");
	close_scene(k);
	k = open_scene(IPC_KIND_QUEUE);
	talk(k, 100, 1, 100); /* nobody is in a hurry */
	assert_string_equal(fires(k), "");
	close_scene(k);
	k = open_scene(IPC_KIND_QUEUE);
	talk(k, 5000, 1, 1000); /* spinning mostly does it */
	assert_string_equal(fires(k), "");
	close_scene(k);
}

static void ping_pong__limit_set_higher__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	assert_int_equal(lint_limit_set(LIMIT_PING_PONG, "6k"), 0);
	talk(k, 5000, 1, 5000);
	assert_string_equal(fires(k), "");
	assert_int_equal(lint_limit_set(LIMIT_PING_PONG, "1000"), 0);
	talk(k, 5000, 1, 5000);
	assert_string_equal(fires(k), "I009");
	close_scene(k);
}

/* ---- I010 ------------------------------------------------------------------------------- */

static void wake(struct scene *k, uint64_t vain, uint64_t blocks)
{
	for (int t = 0; t < 8; t++) {
		put(k, 5000, 64);
		get(k, FAST, 5000);
		k->channel.ring[0].queued = 12;
		k->channel.ring[0].in.blocks += blocks;
		k->channel.ring[0].vain_in += vain;
		look(k);
	}
}

static void herd__woken_for_nothing_mostly__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	wake(k, 3000, 1000);
	assert_string_equal(fires(k), "I010");
	close_scene(k);
}

static void herd__mostly_for_something_or_seldom__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	wake(k, 1000, 3000);
	assert_string_equal(fires(k), "");
	close_scene(k);
	k = open_scene(IPC_KIND_QUEUE);
	wake(k, 30, 10);
	assert_string_equal(fires(k), "");
	close_scene(k);
}

static void herd__at_locks__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_SHM);

	(void)state;
	k->channel.n_rings = 0;
	for (int t = 0; t < 8; t++) {
		k->channel.lock_waits.blocks += 1000;
		k->channel.lock_vain += 3000;
		look(k);
	}
	assert_string_equal(fires(k), "I010");
	close_scene(k);
}

static void limit__wrong_unit_or_nonsense__stays_what_it_is(void **state)
{
	static const char *const wrong[] = {"", "x", "-1", "0", "5s", "1000%", "1e300"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(lint_limit_set(LIMIT_PING_PONG, wrong[i]), -EINVAL);
	assert_int_equal(lint_limit_set(LIMIT_SATURATED, "101%"), -EINVAL);
	assert_int_equal(lint_limit_set(LIMIT_NEVER_DRAINED, "30"), -EINVAL);
	assert_float_equal(lint_limit(LIMIT_PING_PONG), 1000, 0);
}

static void limit__shifted_forth_and_back__is_a_round_one(void **state)
{
	char text[32];

	(void)state;
	lint_limit_shift(LIMIT_STARVED, 1); /* 25 % */
	lint_limit_text(LIMIT_STARVED, 0, text, sizeof(text));
	assert_string_equal(text, "50%");
	for (int i = 0; i < 10; i++)
		lint_limit_shift(LIMIT_STARVED, 1);
	assert_float_equal(lint_limit(LIMIT_STARVED), 50, 0); /* 100 % makes no sense */
	lint_limit_shift(LIMIT_STARVED, -1);
	assert_float_equal(lint_limit(LIMIT_STARVED), 20, 0);
	for (int i = 0; i < 10; i++)
		lint_limit_shift(LIMIT_STARVED, -1);
	assert_float_equal(lint_limit(LIMIT_STARVED), 1, 0);
	assert_int_equal(lint_limit_set(LIMIT_STARVED, "25%"), 0);
}

/* ---- I011 ------------------------------------------------------------------------------- */

static void heavy(struct scene *k, uint64_t queued)
{
	for (int t = 0; t < 8; t++) {
		put(k, 10, 1 << 20);
		get(k, FAST, 10);
		k->channel.ring[0].queued = queued;
		k->channel.ring[0].heap_bytes = 8 << 20;
		k->channel.ring[0].out.blocked_ns += SECOND * 8 / 10;
		look(k);
	}
}

static void oversize__asleep_with_room__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	heavy(k, 8);
	assert_string_equal(fires(k), "I011");
	close_scene(k);
}

static void oversize__places_are_what_is_short__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	heavy(k, 90);
	assert_string_equal(fires(k), "");
	close_scene(k);
}

/* ---- I012 ------------------------------------------------------------------------------- */

static void grow(struct scene *k, int seconds, uint64_t more)
{
	for (int t = 0; t < seconds; t++) {
		put(k, 200 + more, 64);
		get(k, FAST, 200);
		look(k);
	}
}

static void never_drained__only_grows__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	grow(k, 25, 2);
	assert_string_equal(fires(k), "");
	grow(k, 8, 2);
	assert_string_equal(fires(k), "I012");
	close_scene(k);
}

static void never_drained__no_capacity__fires_when_it_is_much(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	k->channel.ring[0].capacity = 0;
	grow(k, 35, 2);
	assert_string_equal(fires(k), "");
	grow(k, 35, 100);
	assert_string_equal(fires(k), "I012");
	close_scene(k);
}

static void never_drained__once_less_or_far_from_full__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	grow(k, 20, 2);
	get(k, FAST, 5);
	grow(k, 20, 2);
	assert_string_equal(fires(k), "");
	close_scene(k);
	k = open_scene(IPC_KIND_QUEUE);
	k->channel.ring[0].capacity = 1000000;
	grow(k, 40, 2);
	assert_string_equal(fires(k), "");
	close_scene(k);
}

/* ---- I014 ------------------------------------------------------------------------------- */

static void poll(struct scene *k, uint64_t in_vain, uint64_t hits)
{
	k->s.n_failures = 1;
	for (int t = 0; t < 8; t++) {
		k->failure = (struct ipc_obs_failure){.end = FAST,
						      .channel = 0,
						      .code = -EAGAIN,
						      .count = k->failure.count + in_vain};
		put(k, hits, 64);
		get(k, FAST, hits);
		look(k);
	}
}

static void poll_spin__asks_in_vain__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	poll(k, 200000, 10);
	assert_string_equal(fires(k), "I014");
	close_scene(k);
}

static void poll_spin__seldom_or_with_success__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	poll(k, 200, 0);
	assert_string_equal(fires(k), "");
	close_scene(k);
	k = open_scene(IPC_KIND_QUEUE);
	poll(k, 5000, 5000);
	assert_string_equal(fires(k), "");
	close_scene(k);
}

/* ---- I016 ------------------------------------------------------------------------------- */

static void telemetry_lost__rows_torn__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	for (int t = 0; t < 8; t++) {
		k->s.torn = t == 3; /* one of hundreds: that is nothing */
		look(k);
	}
	assert_string_equal(fires(k), "");
	for (int t = 0; t < 8; t++) {
		k->s.torn = 1;
		look(k);
	}
	assert_string_equal(fires(k), "I016");
	close_scene(k);
}

static void telemetry_lost__beyond_the_last_bucket__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);

	(void)state;
	for (int t = 0; t < 8; t++) {
		k->hist[50] += 1000;
		k->hist[IPC_OBS_HIST - 1] += t < 4 ? 1 : 5;
		look(k);
		if (t < 5)
			assert_string_equal(fires(k), "");
	}
	for (int t = 0; t < 8; t++) {
		k->hist[IPC_OBS_HIST - 1] += 100;
		look(k);
	}
	assert_string_equal(fires(k), "I016");
	close_scene(k);
}

/* ---- I006 ------------------------------------------------------------------------------- */

/* Thread @who has the lock at @has and waits for the one at @wants. */
static void takes(struct scene *k, uint32_t who, uint64_t has, uint64_t wants)
{
	k->channel.n_rings = 0;
	k->s.n_waits = k->s.n_holds = 0;
	sleeps(k, who, IPC_OP_LOCK);
	k->waits[0].lock_offset = wants;
	k->holds[k->s.n_holds++] = (struct ipc_obs_hold){who, IPC_HOLD_MUTEX, 0, has,
							 1,   IPC_UNKNOWN,    0};
}

static void nothing_is_held(struct scene *k)
{
	k->s.n_waits = k->s.n_holds = 0;
	look(k);
}

static void lock_order__both_orders_at_different_times__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_SHM);

	(void)state;
	takes(k, FAST, 64, 128);
	look(k);
	assert_string_equal(fires(k), "");
	nothing_is_held(k);
	takes(k, SLOW, 128, 64);
	look(k);
	nothing_is_held(k);
	assert_string_equal(fires(k), "I006");
	close_scene(k);
}

static void lock_order__one_thread_or_one_order_or_readers__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_SHM);

	(void)state;
	takes(k, FAST, 64, 128);
	look(k);
	takes(k, FAST, 128, 64); /* it cannot meet itself */
	look(k);
	takes(k, SLOW, 64, 256);
	look(k);
	takes(k, SLOW, 256, 512);
	look(k);
	takes(k, SLOW, 128, 512);
	k->holds[0].kind = IPC_HOLD_READ;
	look(k);
	assert_string_equal(fires(k), "");
	close_scene(k);
}

static void lock_order__a_third_lock_around_both__does_not(void **state)
{
	struct scene *k = open_scene(IPC_KIND_SHM);

	(void)state;
	for (uint32_t who = FAST; who <= SLOW; who++) {
		takes(k, who, who == FAST ? 64 : 128, who == FAST ? 128 : 64);
		k->holds[k->s.n_holds++] = (struct ipc_obs_hold){who, IPC_HOLD_MUTEX, 0, 8,
								 1,   IPC_UNKNOWN,    0};
		look(k);
	}
	assert_string_equal(fires(k), "");
	takes(k, SLOW, 128, 64); /* once without it */
	look(k);
	nothing_is_held(k);
	assert_string_equal(fires(k), "I006");
	close_scene(k);
}

/* ---- I018 ------------------------------------------------------------------------------- */

static void late__asleep_beyond_its_limit__fires(void **state)
{
	struct scene *k = open_scene(IPC_KIND_QUEUE);
	int           ends[2];
	char          c;
	pid_t         pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		_exit((int)read(ends[0], &c, 1)); /* asleep until we are gone, or say so */
	}
	close(ends[0]);
	for (unsigned i = 0; i < N_PEOPLE; i++)
		k->processes[i].pid = (uint64_t)pid;
	sleeps(k, FAST, IPC_OP_GET);
	k->waits[0].deadline_ns = k->s.t_mono_ns + 2 * SECOND;
	look(k);
	look(k);
	assert_string_equal(fires(k), ""); /* the machine may be busy */
	/* Between fork and read it was not asleep. */
	for (int t = 0; t < 500 && fires(k)[0] == 0; t++) {
		usleep(10000);
		look(k);
	}
	assert_string_equal(fires(k), "I018");
	k->waits[0].deadline_ns = 0;
	look(k);
	assert_string_equal(fires(k), "");
	close(ends[1]);
	close_scene(k);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(saturated__full_and_senders_asleep__names_the_slowest),
		cmocka_unit_test(words_summary__long_names__cut_at_a_character),
		cmocka_unit_test(saturated__mostly_less_than_full__does_not),
		cmocka_unit_test(saturated__is_over__is_remembered),
		cmocka_unit_test(starved__waits_and_gets_nearly_nothing__fires),
		cmocka_unit_test(starved__works_instead__does_not),
		cmocka_unit_test(starved__gets_a_fair_part__does_not),
		cmocka_unit_test(ping_pong__a_sleep_each__fires),
		cmocka_unit_test(ping_pong__some_at_once_or_seldom__does_not),
		cmocka_unit_test(herd__woken_for_nothing_mostly__fires),
		cmocka_unit_test(herd__mostly_for_something_or_seldom__does_not),
		cmocka_unit_test(herd__at_locks__fires),
		cmocka_unit_test(ping_pong__limit_set_higher__does_not),
		cmocka_unit_test(limit__wrong_unit_or_nonsense__stays_what_it_is),
		cmocka_unit_test(limit__shifted_forth_and_back__is_a_round_one),
		cmocka_unit_test(oversize__asleep_with_room__fires),
		cmocka_unit_test(oversize__places_are_what_is_short__does_not),
		cmocka_unit_test(never_drained__only_grows__fires),
		cmocka_unit_test(never_drained__no_capacity__fires_when_it_is_much),
		cmocka_unit_test(never_drained__once_less_or_far_from_full__does_not),
		cmocka_unit_test(poll_spin__asks_in_vain__fires),
		cmocka_unit_test(poll_spin__seldom_or_with_success__does_not),
		cmocka_unit_test(telemetry_lost__rows_torn__fires),
		cmocka_unit_test(telemetry_lost__beyond_the_last_bucket__fires),
		cmocka_unit_test(lock_order__both_orders_at_different_times__fires),
		cmocka_unit_test(lock_order__one_thread_or_one_order_or_readers__does_not),
		cmocka_unit_test(lock_order__a_third_lock_around_both__does_not),
		cmocka_unit_test(late__asleep_beyond_its_limit__fires),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("habits", tests, NULL, NULL);
}
