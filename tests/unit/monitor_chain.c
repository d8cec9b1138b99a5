/*
 * monitor_chain.c - who keeps whom waiting, as trees
 */
#include "monitor_fake.h"

#include <stdlib.h>

/* The fake's processes and channels, but with waits of the test's own, and no finding. */
struct scene {
	struct fake  k;
	struct tally m;
};

static void scene_init(struct scene *s)
{
	*s = (struct scene){0};
	fake_at(&s->k, 0);
	s->k.s.n_waits = s->k.s.n_verdicts = 0;
	for (unsigned i = 0; i < 7; i++)
		s->k.threads[i].wait = IPC_NO_INDEX;
	for (unsigned i = 0; i < 5; i++) {
		s->k.processes[i].n_threads = 1;
		s->k.processes[i].n_blocked = 0;
		s->k.processes[i].life = IPC_OBS_ALIVE;
	}
}

/* Thread @thread, alone in its process, sleeps in @op on @channel or on the exit of @child. */
static void sleeps(struct scene *s, uint32_t thread, enum ipc_op op, uint32_t channel,
		   uint32_t child)
{
	uint32_t i = (uint32_t)s->k.s.n_waits++;

	fake_wait(&s->k, i, thread, op, channel, FAKE_START - (10 - i) * FAKE_SECOND, "asleep");
	s->k.waits[i].child = child;
	s->k.processes[s->k.threads[thread].process].n_blocked++;
}

static const struct chain *chain_of(struct scene *s)
{
	tally_update(&s->m, &s->k.s);
	return &s->m.frame.chain;
}

static void chain__nobody_waits__no_lines(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	assert_int_equal(chain_of(&s)->n, 0);
	tally_fini(&s.m);
}

/* 2 waits for 1, which waits for 0, which runs: 0 is the root although it waits for nobody. */
static void chain__three_in_a_row__who_runs_is_the_root(void **state)
{
	struct scene        s;
	const struct chain *c;

	(void)state;
	scene_init(&s);
	sleeps(&s, 2, IPC_OP_PROC, IPC_NO_INDEX, 1);
	sleeps(&s, 1, IPC_OP_PROC, IPC_NO_INDEX, 0);
	c = chain_of(&s);
	assert_int_equal(c->n, 3);
	assert_int_equal(c->lines[0].process, 0);
	assert_int_equal(c->lines[0].wait, IPC_NO_INDEX);
	assert_int_equal(c->lines[0].n_behind, 2);
	assert_int_equal(c->lines[0].behind_ns, 19 * FAKE_SECOND);
	assert_int_equal(c->lines[1].process, 1);
	assert_int_equal(c->lines[1].depth, 1);
	assert_int_equal(c->lines[2].process, 2);
	assert_int_equal(c->lines[2].parent, 1);
	assert_int_equal(chain_root(c, 2), 0);
	assert_int_equal(chain_line_of_process(&s.m.frame, 2), 2);
	tally_fini(&s.m);
}

static void chain__circle__closes_at_its_last(void **state)
{
	struct scene        s;
	const struct chain *c;

	(void)state;
	scene_init(&s);
	sleeps(&s, 0, IPC_OP_PROC, IPC_NO_INDEX, 1);
	sleeps(&s, 1, IPC_OP_PROC, IPC_NO_INDEX, 2);
	sleeps(&s, 2, IPC_OP_PROC, IPC_NO_INDEX, 0);
	sleeps(&s, 3, IPC_OP_PROC, IPC_NO_INDEX, 2); /* behind it, not of it */
	c = chain_of(&s);
	assert_int_equal(c->n, 4);
	assert_int_equal(c->lines[0].process, 0); /* sleeps longest */
	assert_int_equal(c->lines[0].n_behind, 3);
	assert_int_equal(c->lines[1].process, 2); /* waits for 0 */
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(c->lines[i].closes, c->lines[i].process == 1);
	for (uint32_t i = 0; i < 4; i++)
		if (c->lines[i].process == 3)
			assert_int_equal(c->lines[i].parent, 1);
	tally_fini(&s.m);
}

/* Of several that could help, who runs has not done it yet; who sleeps cannot. */
static void chain__several_could__below_who_runs(void **state)
{
	struct scene        s;
	const struct chain *c;

	(void)state;
	scene_init(&s);
	/* All of 1, 2, 3 may put into channel 1; 1 sleeps itself, for 0. */
	s.k.channels[1].first_end = 2;
	s.k.channels[1].n_ends = 2;
	s.k.ends[2] = (struct ipc_obs_end){.process = 1, .channel = 1, .rights = IPC_RIGHT_SEND0};
	s.k.ends[3] = (struct ipc_obs_end){.process = 3, .channel = 1, .rights = IPC_RIGHT_SEND0};
	sleeps(&s, 1, IPC_OP_PROC, IPC_NO_INDEX, 0);
	sleeps(&s, 2, IPC_OP_GET, 1, IPC_NO_INDEX);
	c = chain_of(&s);
	assert_int_equal(c->n, 4);
	for (uint32_t i = 0; i < 4; i++)
		if (c->lines[i].process == 2) {
			assert_int_equal(c->lines[c->lines[i].parent].process, 3);
			assert_int_equal(c->lines[c->lines[i].parent].wait, IPC_NO_INDEX);
		}
	tally_fini(&s.m);
}

/* Of several that run, who has taken out of it before; the others have inherited a handle. */
static void chain__one_has_done_so_before__below_it(void **state)
{
	struct scene        s;
	struct releaser     by[3];
	const struct chain *c;

	(void)state;
	scene_init(&s);
	s.k.channels[1].first_end = 2;
	s.k.channels[1].n_ends = 2;
	s.k.ends[2] = (struct ipc_obs_end){.process = 1, .channel = 1, .rights = IPC_RIGHT_RECV0};
	s.k.ends[3] = (struct ipc_obs_end){
		.process = 3, .channel = 1, .rights = IPC_RIGHT_RECV0, .in = {.messages = 1}};
	sleeps(&s, 2, IPC_OP_PUT, 1, IPC_NO_INDEX);
	c = chain_of(&s);
	assert_int_equal(c->n, 2);
	assert_int_equal(c->lines[0].process, 3);
	assert_int_equal(frame_releasers(&s.m.frame, 0, by, 3), 2);
	assert_int_equal(by[0].process, 3);
	assert_false(by[0].idle);
	assert_int_equal(by[1].process, 1);
	assert_true(by[1].idle);

	/* also where it sleeps itself: for 0, which is the root then */
	s.k.s.n_waits = 0;
	sleeps(&s, 3, IPC_OP_PROC, IPC_NO_INDEX, 0);
	sleeps(&s, 2, IPC_OP_PUT, 1, IPC_NO_INDEX);
	c = chain_of(&s);
	assert_int_equal(c->n, 3);
	assert_int_equal(c->lines[0].process, 0);
	assert_int_equal(c->lines[1].process, 3);
	assert_int_equal(c->lines[2].process, 2);
	tally_fini(&s.m);
}

/* Idle readers may sleep longest; a sender that is kept from sending is the worse news. */
static void chain__senders__before_idle_readers(void **state)
{
	struct scene        s;
	const struct chain *c;

	(void)state;
	scene_init(&s);
	sleeps(&s, 1, IPC_OP_GET, 1, IPC_NO_INDEX);
	sleeps(&s, 2, IPC_OP_PUT, 0, IPC_NO_INDEX);
	c = chain_of(&s);
	assert_true(c->n >= 3);
	for (uint32_t i = 0; i < c->n; i++)
		if (c->lines[i].wait == 1)
			assert_int_equal(chain_root(c, i), 0);
	tally_fini(&s.m);
}

/* Below one that runs, too: the line of the first is where that one is looked for. */
static void chain__same_blocker__senders_first(void **state)
{
	struct scene        s;
	const struct chain *c;

	(void)state;
	scene_init(&s);
	s.k.channels[1].first_end = s.k.channels[0].first_end = 2;
	s.k.channels[1].n_ends = s.k.channels[0].n_ends = 1;
	s.k.ends[2] = (struct ipc_obs_end){
		.process = 3, .channel = 1, .rights = IPC_RIGHT_SEND0 | IPC_RIGHT_RECV0};
	sleeps(&s, 1, IPC_OP_GET, 1, IPC_NO_INDEX);
	sleeps(&s, 2, IPC_OP_PUT, 0, IPC_NO_INDEX);
	c = chain_of(&s);
	assert_int_equal(c->n, 3);
	assert_int_equal(c->lines[1].wait, 1);
	assert_int_equal(c->lines[2].wait, 0);
	tally_fini(&s.m);
}

static void chain__nobody_could__is_its_own_root(void **state)
{
	struct scene        s;
	const struct chain *c;

	(void)state;
	scene_init(&s);
	sleeps(&s, 2, IPC_OP_PROC, IPC_NO_INDEX, IPC_NO_INDEX);
	c = chain_of(&s);
	assert_int_equal(c->n, 1);
	assert_int_equal(c->lines[0].wait, 0);
	assert_int_equal(c->lines[0].depth, 0);
	tally_fini(&s.m);
}

/* Every wait has one line, whatever waits for what; lines come after those they hang from. */
static void chain__at_random__each_wait_once(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 2000; round++) {
		struct scene        s;
		const struct chain *c;
		unsigned            seen = 0;
		int                 n = 1 + rand() % 4;

		scene_init(&s);
		for (int i = 0; i < n; i++)
			sleeps(&s, (uint32_t)i, rand() % 2 ? IPC_OP_PROC : IPC_OP_GET,
			       (uint32_t)(rand() % 4),
			       rand() % 2 ? (uint32_t)(rand() % 5) : IPC_NO_INDEX);
		c = chain_of(&s);
		for (uint32_t i = 0; i < c->n; i++) {
			const struct chain_line *l = &c->lines[i];

			assert_true(l->parent == IPC_NO_INDEX ? l->depth == 0 : l->parent < i);
			if (l->wait == IPC_NO_INDEX)
				continue;
			assert_false(seen & 1u << l->wait);
			seen |= 1u << l->wait;
			assert_int_equal(s.m.frame.waits[l->wait].line, i);
		}
		assert_int_equal(seen, (1u << n) - 1);
		tally_fini(&s.m);
	}
}

FAKE_MAIN(chain, cmocka_unit_test(chain__nobody_waits__no_lines),
	  cmocka_unit_test(chain__three_in_a_row__who_runs_is_the_root),
	  cmocka_unit_test(chain__circle__closes_at_its_last),
	  cmocka_unit_test(chain__several_could__below_who_runs),
	  cmocka_unit_test(chain__one_has_done_so_before__below_it),
	  cmocka_unit_test(chain__senders__before_idle_readers),
	  cmocka_unit_test(chain__same_blocker__senders_first),
	  cmocka_unit_test(chain__nobody_could__is_its_own_root),
	  cmocka_unit_test(chain__at_random__each_wait_once))
