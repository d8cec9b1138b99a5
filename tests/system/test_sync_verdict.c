/*
 * Deadlocks through things of ipc/sync.h, by real processes, and what is nearly one.
 *
 * This process made the memory and has it mapped, but it runs: so whatever anybody with
 * the memory could end is no deadlock, and what only holders could end is one.
 */

#include "support/test.h"

#include <signal.h>

#include <ipc/observe.h>
#include <ipc/shm.h>
#include <ipc/sync.h>

struct room {
	ipc_rwlock  a, b;
	ipc_mutex   m;
	ipc_sem     s, t, signal;
	ipc_event   event;
	ipc_cond    cond;
	ipc_barrier barrier, ready;
};

struct test {
	ipc_shm                   *shm;
	struct room               *room;
	ipc_observer              *o;
	const struct ipc_snapshot *s;
	pid_t                      child[3];
	size_t                     n;
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	test_deadline(60);
	check_ok(ipc_shm_create(&t->shm, NULL, sizeof(struct room)));
	t->room = ipc_shm_data(t->shm);
	check_ok(ipc_sem_init(&t->room->s, 1, 1));
	check_ok(ipc_sem_init(&t->room->t, 2, 2));
	check_ok(ipc_observer_open(&t->o, NULL));
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	for (size_t i = 0; i < t->n; i++)
		test_kill(t->child[i]);
	t->o = ipc_observer_close(t->o);
	t->shm = ipc_shm_close(t->shm);
	free(t);
	return 0;
}

static void start(struct test *t, int (*fn)(void *arg))
{
	t->child[t->n++] = test_fork(fn, t->room);
}

static void look(struct test *t)
{
	check_ok(ipc_observer_read(t->o, &t->s));
}

/* All children sleep in calls of the library, without a limit that would end it soon. */
static bool all_wait(struct test *t)
{
	look(t);
	return t->s->n_waits == t->n;
}

static bool concerns(const struct test *t, const struct ipc_obs_verdict *v, pid_t pid)
{
	for (size_t i = 0; i < v->n_core; i++)
		if (t->s->processes[t->s->threads[t->s->waits[v->core[i]].thread].process].pid ==
		    (uint64_t)pid)
			return true;
	return false;
}

/* One verdict, of that class, and all children are its core. */
static void expect(struct test *t, enum ipc_verdict_class class_, const char *pattern)
{
	/* one may be stuck by itself while another still wakes from the call before its last */
	check(wait_until(all_wait(t) && t->s->n_verdicts > 0 && t->s->verdicts[0].n_core == t->n,
			 20));
	check_eq(t->s->n_verdicts, 1);
	check_eq(t->s->verdicts[0].class_, class_);
	for (size_t i = 0; i < t->n; i++)
		check(concerns(t, &t->s->verdicts[0], t->child[i]));
	if (strcmp(t->s->verdicts[0].pattern, pattern))
		test_fail("pattern %s\n%s", t->s->verdicts[0].pattern, t->s->verdicts[0].text);
}

static void expect_nothing(struct test *t)
{
	check(wait_until(all_wait(t), 20));
	for (int i = 0; i < 50; i++) {
		look(t);
		if (t->s->n_verdicts)
			test_fail("%s", t->s->verdicts[0].text);
	}
}

/* So that each holds what it holds before any goes on: two of them. */
static void together(struct room *r)
{
	check(ipc_barrier_wait(&r->ready, 2, IPC_SEC(20)) >= 0);
}

/* ---- deadlocks ---------------------------------------------------------------------------- */

static int write_a_read_b(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_rwlock_wrlock(&r->a, IPC_SEC(20)));
	together(r);
	return ipc_rwlock_rdlock(&r->b, IPC_FOREVER);
}

static int read_b_write_a(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_rwlock_wrlock(&r->b, IPC_SEC(20)));
	together(r);
	return ipc_rwlock_wrlock(&r->a, IPC_FOREVER);
}

static void verdict__rwlocks_in_two_orders__is_deadlock(void **state)
{
	struct test *t = *state;

	start(t, write_a_read_b);
	start(t, read_b_write_a);
	expect(t, IPC_DEADLOCK, "lock-order");
	check_eq(t->s->verdicts[0].strength, IPC_CERTAIN);
}

static int read_then_write(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_rwlock_rdlock(&r->a, IPC_SEC(20)));
	together(r);
	return ipc_rwlock_wrlock(&r->a, IPC_FOREVER);
}

static void verdict__two_readers_want_to_write__is_deadlock(void **state)
{
	struct test *t = *state;

	start(t, read_then_write);
	start(t, read_then_write);
	expect(t, IPC_DEADLOCK, "upgrade");
	check(strstr(t->s->verdicts[0].text, "read by 2") != NULL);
}

static int read_then_write_alone(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_rwlock_rdlock(&r->a, IPC_SEC(20)));
	return ipc_rwlock_wrlock(&r->a, IPC_FOREVER);
}

static void verdict__reader_wants_to_write__is_deadlock_with_itself(void **state)
{
	struct test *t = *state;

	start(t, read_then_write_alone);
	expect(t, IPC_DEADLOCK, "self-lock");
}

static int take_two_each(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_sem_wait(&r->t, IPC_SEC(20)));
	together(r);
	return ipc_sem_wait(&r->t, IPC_FOREVER);
}

static void verdict__all_permits_with_those_who_want_more__is_deadlock(void **state)
{
	struct test *t = *state;

	start(t, take_two_each);
	start(t, take_two_each);
	check(wait_until(all_wait(t) && t->s->n_verdicts > 0, 20));
	check_eq(t->s->verdicts[0].class_, IPC_DEADLOCK);
	check_eq(t->s->verdicts[0].n_core, 2);
	check(strstr(t->s->verdicts[0].text, "0 of 2 permits left") != NULL);
}

static int lock_then_permit(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_mutex_lock(&r->m, IPC_SEC(20)));
	together(r);
	return ipc_sem_wait(&r->s, IPC_FOREVER);
}

static int permit_then_lock(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_sem_wait(&r->s, IPC_SEC(20)));
	together(r);
	return ipc_mutex_lock(&r->m, IPC_FOREVER);
}

static void verdict__mutex_and_permit_in_two_orders__is_deadlock(void **state)
{
	struct test *t = *state;

	start(t, lock_then_permit);
	start(t, permit_then_lock);
	expect(t, IPC_DEADLOCK, "wait-with-lock");
}

/* ---- nobody left who could ----------------------------------------------------------------- */

static int wait_for_event(void *arg)
{
	return ipc_event_wait(arg, IPC_FOREVER);
}

static void verdict__event_nobody_else_has__is_orphaned(void **state)
{
	struct test *t = *state;
	ipc_event   *e;

	check_ok(ipc_event_create(&e, "go"));
	t->child[t->n++] = test_fork(wait_for_event, e);
	expect_nothing(t); /* we could set it */
	e = ipc_event_close(e);
	check_ok(ipc_event_unlink("go"));
	expect(t, IPC_ORPHANED, "orphaned-event");
}

static int set_and_die(void *arg)
{
	return pause();
}

static void verdict__event_whose_setter_was_killed__is_orphaned(void **state)
{
	struct test *t = *state;
	ipc_event   *e;
	pid_t        setter;

	check_ok(ipc_event_create(&e, NULL));
	t->child[t->n++] = test_fork(wait_for_event, e);
	setter = test_fork(set_and_die, NULL);
	e = ipc_event_close(e);
	expect_nothing(t); /* it inherited the event, and runs */
	test_kill(setter);
	expect(t, IPC_ORPHANED, "orphaned-event");
}

static int wait_at_barrier(void *arg)
{
	return ipc_barrier_wait(arg, 3, IPC_FOREVER);
}

static void verdict__barrier_nobody_else_can_come_to__is_orphaned(void **state)
{
	struct test *t = *state;
	ipc_barrier *b;

	check_ok(ipc_barrier_create(&b, NULL));
	t->child[t->n++] = test_fork(wait_at_barrier, b);
	t->child[t->n++] = test_fork(wait_at_barrier, b);
	expect_nothing(t); /* we could come */
	b = ipc_barrier_close(b);
	check(wait_until(all_wait(t) && t->s->n_verdicts > 0, 20));
	check(strstr(t->s->verdicts[0].text, "2 of 3 here") != NULL);
}

static void ignore(int sig)
{
	(void)sig;
}

static int wait_for_a_signal(void *arg)
{
	(void)signal(SIGTERM,
		     ignore); /* it might set the event: many programs wait so for their end */
	return ipc_event_wait(arg, IPC_FOREVER);
}

static void verdict__event_a_signal_handler_could_set__is_nothing(void **state)
{
	struct test *t = *state;
	ipc_event   *e;

	check_ok(ipc_event_create(&e, NULL));
	t->child[t->n++] = test_fork(wait_for_a_signal, e);
	e = ipc_event_close(e);
	expect_nothing(t);
}

/* ---- near misses --------------------------------------------------------------------------------- */

static int wait_for_signal(void *arg)
{
	struct room *r = arg;

	return ipc_sem_wait(&r->signal, IPC_FOREVER);
}

static int wait_for_room_event(void *arg)
{
	struct room *r = arg;

	return ipc_event_wait(&r->event, IPC_FOREVER);
}

static int wait_for_cond(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_mutex_lock(&r->m, IPC_SEC(20)));
	return ipc_cond_wait(&r->cond, &r->m, IPC_FOREVER);
}

static void verdict__waits_that_we_could_end__are_nothing(void **state)
{
	struct test *t = *state;

	start(t, wait_for_signal);
	start(t, wait_for_room_event);
	start(t, wait_for_cond);
	expect_nothing(t);
	for (size_t i = 0; i < t->s->n_waits; i++)
		check(t->s->waits[i].channel != IPC_NO_INDEX);
}

static int read_and_pause(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_rwlock_rdlock(&r->a, IPC_SEC(20)));
	together(r);
	return pause();
}

static int write_after_reader(void *arg)
{
	struct room *r = arg;

	together(r);
	return ipc_rwlock_wrlock(&r->a, IPC_FOREVER);
}

static void verdict__reader_is_busy_elsewhere__is_nothing(void **state)
{
	struct test *t = *state;

	start(t, read_and_pause);
	start(t, write_after_reader);
	check(wait_until((look(t), t->s->n_waits == 1 && t->s->waits[0].op == IPC_OP_WRLOCK &&
					   t->s->n_holds == 1),
			 20)); /* and nobody is on the way out of the barrier */
	for (int i = 0; i < 50; i++) {
		look(t);
		check_eq(t->s->n_verdicts, 0);
	}
	check_eq(t->s->n_holds, 1);
}

static int permit_with_limit(void *arg)
{
	struct room *r = arg;

	check_ok(ipc_sem_wait(&r->t, IPC_SEC(20)));
	together(r);
	return ipc_sem_wait(&r->t, IPC_SEC(50));
}

static void verdict__one_gives_up_in_time__is_timed_only(void **state)
{
	struct test *t = *state;

	start(t, permit_with_limit);
	start(t, take_two_each);
	check(wait_until(all_wait(t), 20));
	for (int i = 0; i < 50; i++) {
		look(t);
		for (size_t k = 0; k < t->s->n_verdicts; k++)
			check_eq(t->s->verdicts[k].class_, IPC_TIMED);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
#ifdef __SANITIZE_THREAD__
	puts("skipped: ThreadSanitizer's own thread is one that the library does not know");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
		T(verdict__rwlocks_in_two_orders__is_deadlock),
		T(verdict__two_readers_want_to_write__is_deadlock),
		T(verdict__reader_wants_to_write__is_deadlock_with_itself),
		T(verdict__all_permits_with_those_who_want_more__is_deadlock),
		T(verdict__mutex_and_permit_in_two_orders__is_deadlock),
		T(verdict__event_nobody_else_has__is_orphaned),
		T(verdict__event_whose_setter_was_killed__is_orphaned),
		T(verdict__event_a_signal_handler_could_set__is_nothing),
		T(verdict__barrier_nobody_else_can_come_to__is_orphaned),
		T(verdict__waits_that_we_could_end__are_nothing),
		T(verdict__reader_is_busy_elsewhere__is_nothing),
		T(verdict__one_gives_up_in_time__is_timed_only),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("sync_verdict", tests, NULL, NULL);
}
