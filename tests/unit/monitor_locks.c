/*
 * monitor_locks.c - who has which lock, and who waits for it
 */
#include "monitor_fake.h"

struct scene {
	struct fake  k;
	struct tally m;
};

/* The fake's processes, with holds and waits of the test's own, @t seconds after the start. */
static void scene_at(struct scene *s, uint64_t t)
{
	fake_at(&s->k, t);
	s->k.s.n_waits = s->k.s.n_holds = s->k.s.n_verdicts = 0;
	for (unsigned i = 0; i < 7; i++)
		s->k.threads[i].wait = IPC_NO_INDEX;
}

static void holds(struct scene *s, uint32_t thread, enum ipc_hold_kind kind, uint64_t offset,
		  uint64_t since_ns)
{
	s->k.holds[s->k.s.n_holds++] = (struct ipc_obs_hold){thread, kind,     4, offset,
							     1,      since_ns, 0};
}

static void wants(struct scene *s, uint32_t thread, enum ipc_op op, uint32_t channel,
		  uint64_t offset, uint64_t since_ns)
{
	uint32_t i = (uint32_t)s->k.s.n_waits++;

	fake_wait(&s->k, i, thread, op, channel, since_ns, "asleep");
	s->k.waits[i].lock_offset = offset;
}

static const struct lock_stat *lock_at(const struct frame *f, uint64_t offset)
{
	for (size_t i = 0; i < f->n_locks; i++)
		if (f->locks[i].offset == offset)
			return &f->locks[i];
	return NULL;
}

static void locks__waits_and_holds__one_by_place(void **state)
{
	struct scene            s = {0};
	const struct lock_stat *l;

	(void)state;
	scene_at(&s, 10);
	holds(&s, 3, IPC_HOLD_MUTEX, 64, FAKE_START + 4 * FAKE_SECOND);
	wants(&s, 0, IPC_OP_LOCK, 4, 64, FAKE_START + 2 * FAKE_SECOND);
	wants(&s, 1, IPC_OP_LOCK, 4, 64, FAKE_START + 7 * FAKE_SECOND);
	wants(&s, 2, IPC_OP_RDLOCK, 4, 128, FAKE_START + 9 * FAKE_SECOND);
	tally_update(&s.m, &s.k.s);
	assert_int_equal(s.m.frame.n_locks, 2);
	l = lock_at(&s.m.frame, 64);
	assert_int_equal(l->kind, IPC_KIND_MUTEX);
	assert_int_equal(l->owner, 3);
	assert_int_equal(l->n_holds, 1);
	assert_int_equal(l->n_waits, 2);
	assert_int_equal(l->wait, 0);
	assert_int_equal(l->held_ns, 6 * FAKE_SECOND);
	assert_false(l->at_least);
	assert_int_equal(l->caused_ns, (8 + 3) * FAKE_SECOND);
	assert_true(lock_has_wait(&s.m.frame, l, 1) && !lock_has_wait(&s.m.frame, l, 2));
	l = lock_at(&s.m.frame, 128);
	assert_int_equal(l->kind, IPC_KIND_RWLOCK);
	assert_int_equal(l->owner, IPC_NO_INDEX);
	assert_true(l->held_ns == IPC_UNKNOWN);
	tally_fini(&s.m);
}

/* Two processes may have locks at the same address of their own memory. */
static void locks__private_memory__of_each_process(void **state)
{
	struct scene s = {0};

	(void)state;
	scene_at(&s, 0);
	wants(&s, 0, IPC_OP_LOCK, IPC_NO_INDEX, 0x7000, FAKE_START);
	wants(&s, 1, IPC_OP_LOCK, IPC_NO_INDEX, 0x7000, FAKE_START);
	tally_update(&s.m, &s.k.s);
	assert_int_equal(s.m.frame.n_locks, 2);
	assert_true(s.m.frame.locks[0].id != s.m.frame.locks[1].id);
	tally_fini(&s.m);
}

static void locks__not_waited_for__held_as_long_as_seen(void **state)
{
	struct scene            s = {0};
	const struct lock_stat *l;

	(void)state;
	for (uint64_t t = 0; t <= 5; t++) {
		scene_at(&s, t);
		holds(&s, 3, IPC_HOLD_MUTEX, 64, IPC_UNKNOWN);
		tally_update(&s.m, &s.k.s);
	}
	l = lock_at(&s.m.frame, 64);
	assert_true(l->at_least);
	assert_int_equal(l->held_ns, 5 * FAKE_SECOND);
	/* Another holder is another hold. */
	scene_at(&s, 6);
	holds(&s, 2, IPC_HOLD_MUTEX, 64, IPC_UNKNOWN);
	tally_update(&s.m, &s.k.s);
	assert_int_equal(lock_at(&s.m.frame, 64)->held_ns, 0);
	tally_fini(&s.m);
}

static void locks__time_waited__adds_up_over_readings(void **state)
{
	struct scene s = {0};

	(void)state;
	for (uint64_t t = 1; t <= 5; t++) {
		scene_at(&s, t);
		wants(&s, 0, IPC_OP_LOCK, 4, 64, FAKE_START);
		tally_update(&s.m, &s.k.s);
	}
	assert_int_equal(lock_at(&s.m.frame, 64)->caused_ns, 5 * FAKE_SECOND);
	scene_at(&s, 6); /* free, and so not there */
	tally_update(&s.m, &s.k.s);
	assert_null(lock_at(&s.m.frame, 64));
	scene_at(&s, 8);
	wants(&s, 1, IPC_OP_LOCK, 4, 64, FAKE_START + 7 * FAKE_SECOND);
	tally_update(&s.m, &s.k.s);
	assert_int_equal(lock_at(&s.m.frame, 64)->caused_ns, 6 * FAKE_SECOND);
	tally_fini(&s.m);
}

/* One with a name is always there, and is one, whatever word of it is waited on. */
static void locks__object__always_there(void **state)
{
	struct scene s = {0};

	(void)state;
	scene_at(&s, 0);
	s.k.channels[4].kind = IPC_KIND_SEMAPHORE;
	wants(&s, 0, IPC_OP_SEM, 4, 8, FAKE_START);
	holds(&s, 3, IPC_HOLD_PERMIT, 16, FAKE_START);
	tally_update(&s.m, &s.k.s);
	assert_int_equal(s.m.frame.n_locks, 1);
	assert_int_equal(s.m.frame.locks[0].kind, IPC_KIND_SEMAPHORE);
	assert_int_equal(s.m.frame.locks[0].n_waits, 1);
	s.k.s.n_waits = s.k.s.n_holds = 0;
	tally_update(&s.m, &s.k.s);
	assert_int_equal(s.m.frame.n_locks, 1);
	tally_fini(&s.m);
}

FAKE_MAIN(locks, cmocka_unit_test(locks__waits_and_holds__one_by_place),
	  cmocka_unit_test(locks__private_memory__of_each_process),
	  cmocka_unit_test(locks__not_waited_for__held_as_long_as_seen),
	  cmocka_unit_test(locks__time_waited__adds_up_over_readings),
	  cmocka_unit_test(locks__object__always_there))
