/*
 * test_observe_tasks.c - verdicts on who joins a queue whose tasks the dead owe
 *
 * As test_observe_verdict.c. P joins; C, dead, took tasks and did not finish them. What becomes
 * of these is the queue's to say: they come back, they count as failed, or nobody asks. In no
 * case is the join itself without hope on their account; only what nobody can take any more is.
 */

#include "support/test.h"

#include <ipc/observe.h>

#include "support/fake_registry.h"

struct test {
	struct fake                f;
	ipc_observer              *o;
	const struct ipc_snapshot *s;
	uint32_t                   p, c, j;
};

static const uint32_t policies[] = {0, OBJECT_REQUEUE, OBJECT_LOST};

/* C owes one of 1 + @queued tasks; it is dead. P joins. */
static void scene(struct test *t, uint32_t policy, uint64_t queued)
{
	test_deadline(60);
	memset(t, 0, sizeof(*t));
	fake_make(&t->f);
	t->p = fake_process(&t->f, "P");
	t->c = fake_dead_process(&t->f, "C");
	t->j = fake_object(&t->f, KIND_JOINABLE, policy, "jobs");
	(void)fake_end(&t->f, t->p, t->j, RIGHT_SEND0);
	fake_end_at(&t->f, fake_end(&t->f, t->c, t->j, RIGHT_RECV0 | RIGHT_DONE))->in.messages = 1;
	fake_ring(&t->f, t->j, 0)->head = 1;
	fake_ring(&t->f, t->j, 0)->tail = 1 + queued;
	fake_wait(&t->f, t->p, OP_JOIN, t->j, 0);
}

/* Another one who could take tasks; @waits: but joins as well. */
static uint32_t add_taker(struct test *t, bool waits)
{
	uint32_t d = fake_process(&t->f, "D");

	(void)fake_end(&t->f, d, t->j, RIGHT_RECV0 | RIGHT_DONE);
	if (waits)
		fake_wait(&t->f, d, OP_JOIN, t->j, 0);
	return d;
}

static size_t look(struct test *t)
{
	fake_write(&t->f);
	if (!t->o)
		check_ok(ipc_observer_open_dir(&t->o, t->f.dir));
	check_ok(ipc_observer_read(t->o, &t->s));
	return t->s->n_verdicts;
}

static void done(struct test *t)
{
	t->o = ipc_observer_close(t->o);
	fake_remove(&t->f);
}

/* ---- while the dead one's end is there ------------------------------------------------------ */

static void join__all_is_owed_by_the_dead__is_nothing(void **state)
{
	struct test t;

	for (size_t i = 0; i < N_OF(policies); i++) {
		scene(&t, policies[i], 0);
		check_eq(look(&t), 0);
		done(&t);
	}
}

static void join__owed_by_the_dead_and_another_could_take_the_rest__is_nothing(void **state)
{
	struct test t;

	for (size_t i = 0; i < N_OF(policies); i++) {
		scene(&t, policies[i], 2);
		(void)add_taker(&t, false);
		check_eq(look(&t), 0);
		done(&t);
	}
}

static void join__nobody_is_left_to_take_the_rest__is_orphaned(void **state)
{
	struct test t;

	for (size_t i = 0; i < N_OF(policies); i++) {
		scene(&t, policies[i], 2);
		check_eq(look(&t), 1);
		check_eq(t.s->verdicts[0].class_, IPC_ORPHANED);
		check_eq(t.s->verdicts[0].strength, IPC_CERTAIN);
		done(&t);
	}
}

/* D owes a task as well, and waits for another: the one that comes back, if it does. */
static void join__taker_waits_for_more__is_deadlock_unless_the_task_comes_back(void **state)
{
	struct test t;
	uint32_t    d;

	for (size_t i = 0; i < N_OF(policies); i++) {
		scene(&t, policies[i], 0);
		d = add_taker(&t, false);
		fake_end_at(&t.f, 2)->in.messages = 1;
		fake_ring(&t.f, t.j, 0)->head = fake_ring(&t.f, t.j, 0)->tail = 2;
		fake_wait(&t.f, d, OP_GET, t.j, 0);
		check_eq(look(&t), policies[i] == OBJECT_REQUEUE ? 0 : 1);
		done(&t);
	}
}

static void requeue__who_took_one_waits_for_the_next__is_told_what_would_end_it(void **state)
{
	struct test t;
	uint32_t    d;
	char        killed[64];

	scene(&t, OBJECT_REQUEUE, 0);
	d = add_taker(&t, false);
	fake_end_at(&t.f, 1)->in.messages = 0; /* D has it, not C */
	fake_end_at(&t.f, 2)->in.messages = 1;
	fake_wait(&t.f, d, OP_GET, t.j, 0);
	check_eq(look(&t), 1);
	check_eq(t.s->verdicts[0].class_, IPC_DEADLOCK);
	check_eq(t.s->verdicts[0].n_core, 2);
	if (!strstr(t.s->verdicts[0].text, "put or give back by"))
		test_fail("%s", t.s->verdicts[0].text);
	/* killed, it leaves the task to nobody: P waits on */
	(void)snprintf(killed, sizeof(killed), "killing D %d frees 1 of 2", (int)t.f.child[d]);
	if (!strstr(t.s->verdicts[0].text, killed))
		test_fail("%s", t.s->verdicts[0].text);
	done(&t);
}

/* Nobody could put; but C may exit, and so give back what it took. */
static void get__taker_of_a_task_runs__is_orphaned_unless_the_task_comes_back(void **state)
{
	struct test t;
	uint32_t    c;

	for (size_t i = 0; i < N_OF(policies); i++) {
		test_deadline(60);
		memset(&t, 0, sizeof(t));
		fake_make(&t.f);
		t.p = fake_process(&t.f, "P");
		c = fake_process(&t.f, "C");
		t.j = fake_object(&t.f, KIND_JOINABLE, policies[i], "jobs");
		(void)fake_end(&t.f, t.p, t.j, RIGHT_RECV0 | RIGHT_DONE);
		fake_end_at(&t.f, fake_end(&t.f, c, t.j, RIGHT_RECV0 | RIGHT_DONE))->in.messages =
			1;
		fake_ring(&t.f, t.j, 0)->head = fake_ring(&t.f, t.j, 0)->tail = 1;
		fake_wait(&t.f, t.p, OP_GET, t.j, 0);
		check_eq(look(&t), policies[i] == OBJECT_REQUEUE ? 0 : 1);
		fake_end_at(&t.f, 1)->in.tasks_done = 1; /* it owes nothing now */
		check_eq(look(&t), 1);
		check_eq(t.s->verdicts[0].class_, IPC_ORPHANED);
		done(&t);
	}
}

/* It has left the queue, and is in nobody's count: its taker was killed, or is at it. */
static void get__task_on_its_way__is_orphaned_unless_it_comes_back(void **state)
{
	struct test t;

	for (size_t i = 0; i < N_OF(policies); i++) {
		scene(&t, policies[i], 0);
		fake_end_at(&t.f, 1)->in.messages = 0;
		fake_main(&t.f, t.p)->wait.seq = 0;
		fake_wait(&t.f, add_taker(&t, false), OP_GET, t.j, 0);
		fake_end_at(&t.f, 0)->life = life_make(7, LIFE_FREE);
		check_eq(look(&t), policies[i] == OBJECT_REQUEUE ? 0 : 1);
		done(&t);
	}
}

/* ---- when it has been removed ----------------------------------------------------------------- */

/* What C took has come back: it waits for a taker beside what was never taken. */
static void come_back(struct test *t)
{
	struct object_rec *o = fake_record(&t->f, TABLE_OBJECTS, t->j);

	fake_end_at(&t->f, 1)->life = life_make(7, LIFE_FREE);
	o->returned = 1;
	o->past_in[0].messages = 1;
}

static void requeue__came_back_and_another_could_take_it__is_nothing(void **state)
{
	struct test t;

	scene(&t, OBJECT_REQUEUE, 0);
	(void)add_taker(&t, false);
	come_back(&t);
	check_eq(look(&t), 0);
	done(&t);
}

static void requeue__came_back_and_all_takers_join__is_deadlock(void **state)
{
	struct test t;
	uint32_t    d;

	scene(&t, OBJECT_REQUEUE, 0);
	d = add_taker(&t, true);
	come_back(&t);
	check_eq(look(&t), 1);
	check_eq(t.s->verdicts[0].strength, IPC_CERTAIN);
	check_eq(t.s->verdicts[0].n_core, 1); /* D waits for itself, and P behind it */
	check_eq(t.s->threads[t.s->waits[t.s->verdicts[0].core[0]].thread].id, ref_make(7, d));
	check_eq(t.s->verdicts[0].n_behind, 1);
	done(&t);
}

/* Counted as failed, which settles it: join has only to wake. */
static void fail__counted__is_nothing(void **state)
{
	struct test        t;
	struct object_rec *o;

	for (size_t i = 0; i < N_OF(policies); i += 2) {
		scene(&t, policies[i], 0);
		o = fake_record(&t.f, TABLE_OBJECTS, t.j);
		fake_end_at(&t.f, 1)->life = life_make(7, LIFE_FREE);
		o->tasks_failed = 1;
		o->past_in[0].messages = 1;
		check_eq(look(&t), 0);
		check(t.s->waits[0].satisfied);
		done(&t);
	}
}

/* ---- handles on their way ------------------------------------------------------------------------ */

static void join__a_handle_is_in_flight__is_nothing(void **state)
{
	struct test t;

	scene(&t, 0, 2);
	check_eq(look(&t), 1);
	((struct object_rec *)fake_record(&t.f, TABLE_OBJECTS, t.j))->inflight = 1;
	check_eq(look(&t), 0); /* whoever gets it may take the rest */
	done(&t);
}

int main(int argc, char **argv)
{
#ifdef __SANITIZE_THREAD__
	puts("skipped: ThreadSanitizer's own thread is one that the library does not know");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(join__all_is_owed_by_the_dead__is_nothing),
		cmocka_unit_test(
			join__owed_by_the_dead_and_another_could_take_the_rest__is_nothing),
		cmocka_unit_test(join__nobody_is_left_to_take_the_rest__is_orphaned),
		cmocka_unit_test(
			join__taker_waits_for_more__is_deadlock_unless_the_task_comes_back),
		cmocka_unit_test(get__taker_of_a_task_runs__is_orphaned_unless_the_task_comes_back),
		cmocka_unit_test(
			requeue__who_took_one_waits_for_the_next__is_told_what_would_end_it),
		cmocka_unit_test(get__task_on_its_way__is_orphaned_unless_it_comes_back),
		cmocka_unit_test(requeue__came_back_and_another_could_take_it__is_nothing),
		cmocka_unit_test(requeue__came_back_and_all_takers_join__is_deadlock),
		cmocka_unit_test(fail__counted__is_nothing),
		cmocka_unit_test(join__a_handle_is_in_flight__is_nothing),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_tasks", tests, NULL, NULL);
}
