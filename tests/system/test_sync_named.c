/* Things of ipc/sync.h with names: made here, used by a program that is not related. */

#include "support/test.h"

#include <signal.h>

#include <ipc/conn.h>
#include <ipc/deadlock.h>
#include <ipc/observe.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/simple_queue.h>
#include <ipc/sync.h>
#include <ipc/value.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static const struct ipc_obs_channel *channel(const struct ipc_snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->n_channels; i++)
		if (!strcmp(s->channels[i].name, name))
			return &s->channels[i];
	test_fail("no channel %s", name);
}

static void named__errors__are_those_of_all_named_objects(void **state)
{
	ipc_mutex *m, *again;
	ipc_event *e;

	check_r(ipc_mutex_open(&m, "absent"), -ENOENT);
	check_explains("absent");
	check_r(ipc_mutex_create(&m, "no/good"), -EINVAL);
	check_ok(ipc_mutex_create(&m, "one"));
	check_r(ipc_mutex_create(&again, "one"), -EEXIST);
	check_r(ipc_event_open(&e, "one"), -EINVAL); /* of another kind */
	check_r(ipc_event_unlink("one"), -ENOENT);
	check_ok(ipc_mutex_open(&again, "one"));
	check_ok(ipc_mutex_lock(m, IPC_NOW));
	check_r(ipc_mutex_lock(again, IPC_NOW), -EAGAIN); /* the same, mapped twice */
	check_ok(ipc_mutex_unlock(again));
	check(!ipc_mutex_close(again));
	check_ok(ipc_mutex_unlink("one"));
	check_r(ipc_mutex_unlink("one"), -ENOENT);
	check_ok(ipc_mutex_lock(m, IPC_NOW)); /* still there for who has it */
	check_ok(ipc_mutex_unlock(m));
	check(!ipc_mutex_close(m));
	check(!ipc_mutex_close(NULL));
	check_r(ipc_sem_create(NULL, "s", 1, 1), -EINVAL);
}

/* A failure of before, whose text none of what follows may repeat. */
static void fail_before(void)
{
	ipc_queue *q;

	check_r(ipc_queue_open(&q, "before"), -ENOENT);
	check_explains("before");
}

#define check_forgets(call, code)                        \
	do {                                             \
		fail_before();                           \
		check_r(call, code);                     \
		check(!strstr(ipc_explain(), "before")); \
	} while (0)

static int nothing(void *arg)
{
	return 0;
}

static void explain__wrong_argument__text_of_the_call_before_is_gone(void **state)
{
	static const struct ipc_deadlock_opts no_size = {0};
	ipc_sem                              *s;
	ipc_value                            *v;
	ipc_shm                              *m;

	check_forgets(ipc_sem_create(&s, NULL, -1, 0), -EINVAL);
	check_explains("-1");
	check_forgets(ipc_sem_create(NULL, NULL, 1, 1), -EINVAL);
	check_explains("NULL");
	check_forgets(ipc_sem_open(NULL, "x"), -EINVAL);
	check_forgets(ipc_mutex_create(NULL, NULL), -EINVAL);
	check_forgets(ipc_mutex_seal(NULL), -EINVAL);
	check_forgets(ipc_mutex_unlink(NULL), -EINVAL);
	check_forgets(ipc_value_create(&v, NULL, 5, 3, 1), -EINVAL);
	check_explains("from 3 to 1");
	check_forgets(ipc_value_create(&v, NULL, 5, 1, 3), -ERANGE);
	check_forgets(ipc_value_create(NULL, NULL, 1, 1, 1), -EINVAL);
	check_forgets(ipc_value_open(NULL, "x"), -EINVAL);
	check_forgets(ipc_shm_create(NULL, "s", 1), -EINVAL);
	check_explains("NULL");
	check_forgets(ipc_shm_create(&m, "s", 0), -EINVAL);
	check_explains("1 byte");
	check_forgets(ipc_shm_open(NULL, "s"), -EINVAL);
	check_forgets(ipc_shm_seal(NULL), -EINVAL);
	check_forgets(ipc_queue_create(NULL, NULL, NULL), -EINVAL);
	check_forgets(ipc_queue_open(NULL, "x"), -EINVAL);
	check_forgets(ipc_queue_seal(NULL), -EINVAL);
	check_forgets(ipc_queue_join(NULL, IPC_NOW), -EINVAL);
	check_forgets(ipc_simple_queue_create(NULL), -EINVAL);
	check_forgets(ipc_pipe(NULL, NULL), -EINVAL);
	check_forgets(ipc_conn_from_fd(NULL, 0, NULL), -EINVAL);
	check_explains("NULL");
	check_forgets(ipc_spawn(NULL, nothing, NULL, NULL), -EINVAL);
	check_forgets(ipc_spawn_program(NULL, "/", NULL, NULL), -EINVAL);
	check_forgets(ipc_proc_join(NULL, IPC_NOW, NULL), -EINVAL);
	check_forgets(ipc_proc_set_name(NULL), -EINVAL);
	check_forgets(ipc_observer_open(NULL, NULL), -EINVAL);
	check_forgets(ipc_observer_open_dir(NULL, NULL), -EINVAL);
	check_forgets(ipc_observer_read(NULL, NULL), -EINVAL);
	check_forgets(ipc_on_deadlock(&no_size), -EINVAL);
}

static void named_mutex__owner_of_another_program_killed__is_eownerdead(void **state)
{
	ipc_mutex *m;
	pid_t      pid;

	check_ok(ipc_mutex_create(&m, "m"));
	pid = test_program("sync", "lock", "m");
	check(wait_until(ipc_mutex_lock(m, IPC_NOW) == -EAGAIN || (ipc_mutex_unlock(m), false),
			 20));
	test_kill(pid);
	check_r(ipc_mutex_lock(m, IPC_SEC(30)), -EOWNERDEAD);
	check_ok(ipc_mutex_unlock(m));
	check_ok(ipc_mutex_unlink("m"));
	m = ipc_mutex_close(m);
}

static void named_rwlock_and_semaphore__holder_killed__its_shares_come_back(void **state)
{
	ipc_rwlock *l;
	ipc_sem    *s;
	pid_t       reader, taker;

	check_ok(ipc_rwlock_create(&l, "l"));
	check_ok(ipc_sem_create(&s, "s", 1, 1));
	reader = test_program("sync", "read", "l");
	taker = test_program("sync", "take", "s");
	check(wait_until(ipc_sem_value(s) == 0, 20));
	check(wait_until(ipc_rwlock_wrlock(l, IPC_NOW) == -EAGAIN || (ipc_rwlock_unlock(l), false),
			 20));
	test_kill(reader);
	test_kill(taker);
	check_ok(ipc_rwlock_wrlock(l, IPC_SEC(30)));
	check_ok(ipc_rwlock_unlock(l));
	check_ok(ipc_sem_wait(s, IPC_SEC(30)));
	check_ok(ipc_sem_post(s));
	check_ok(ipc_rwlock_unlink("l"));
	check_ok(ipc_sem_unlink("s"));
	l = ipc_rwlock_close(l);
	s = ipc_sem_close(s);
}

static void named__signals_between_unrelated_programs__arrive(void **state)
{
	ipc_sem     *s;
	ipc_event   *e;
	ipc_barrier *b;
	ipc_cond    *c;
	ipc_mutex   *m;
	ipc_rmutex  *r;
	pid_t        pid[5];

	check_ok(ipc_sem_create(&s, "s", 0, 0));
	check_ok(ipc_event_create(&e, "e"));
	check_ok(ipc_barrier_create(&b, "b"));
	check_ok(ipc_cond_create(&c, "c"));
	check_ok(ipc_mutex_create(&m, "c.m"));
	check_ok(ipc_rmutex_create(&r, "r"));
	check_ok(ipc_mutex_lock(m, IPC_NOW)); /* so that it is not notified before we wait */
	pid[0] = test_program("sync", "post", "s");
	pid[1] = test_program("sync", "set", "e");
	pid[2] = test_program("sync", "arrive", "b");
	pid[3] = test_program("sync", "notify", "c");
	pid[4] = test_program("sync", "nest", "r");
	check_ok(ipc_cond_wait(c, m, IPC_SEC(30)));
	check_ok(ipc_mutex_unlock(m));
	check_ok(ipc_sem_wait(s, IPC_SEC(30)));
	check_ok(ipc_event_wait(e, IPC_SEC(30)));
	check(ipc_barrier_wait(b, 2, IPC_SEC(30)) >= 0);
	for (size_t i = 0; i < N_OF(pid); i++)
		check_eq(test_wait(pid[i]), 0);
	s = ipc_sem_close(s);
	e = ipc_event_close(e);
	b = ipc_barrier_close(b);
	c = ipc_cond_close(c);
	m = ipc_mutex_close(m);
	r = ipc_rmutex_close(r);
	check_ok(ipc_sem_unlink("s"));
	check_ok(ipc_event_unlink("e"));
	check_ok(ipc_barrier_unlink("b"));
	check_ok(ipc_cond_unlink("c"));
	check_ok(ipc_mutex_unlink("c.m"));
	check_ok(ipc_rmutex_unlink("r"));
}

static int use_inherited(void *arg)
{
	ipc_mutex *m = arg;

	check_ok(ipc_mutex_lock(m, IPC_SEC(20)));
	check_ok(ipc_mutex_unlock(m));
	check(!ipc_mutex_close(m));
	return 0;
}

static void anonymous__child__uses_what_it_inherited(void **state)
{
	ipc_mutex *m;

	check_ok(ipc_mutex_create(&m, NULL));
	check_child(use_inherited, m);
	check_ok(ipc_mutex_lock(m, IPC_NOW));
	check_ok(ipc_mutex_unlock(m));
	m = ipc_mutex_close(m);
}

static void snapshot__named_things__are_told_with_their_holders(void **state)
{
	const struct ipc_snapshot    *snap;
	const struct ipc_obs_channel *c;
	ipc_observer                 *o;
	ipc_rwlock                   *l;
	ipc_sem                      *s;
	size_t                        n_read = 0, n_permits = 0;

	check_ok(ipc_rwlock_create(&l, "table"));
	check_ok(ipc_sem_create(&s, "slots", 3, 3));
	check_ok(ipc_rwlock_rdlock(l, IPC_NOW));
	check_ok(ipc_sem_wait(s, IPC_NOW));
	check_ok(ipc_sem_wait(s, IPC_NOW));
	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &snap));
	c = channel(snap, "table");
	check_eq(c->kind, IPC_KIND_RWLOCK);
	check(c->named);
	check_eq(c->n_ends, 1);
	check_eq(channel(snap, "slots")->kind, IPC_KIND_SEMAPHORE);
	for (size_t i = 0; i < snap->n_holds; i++) {
		const struct ipc_obs_hold *h = &snap->holds[i];

		check_eq(snap->processes[snap->threads[h->thread].process].pid, getpid());
		check(h->site != 0);
		if (h->kind == IPC_HOLD_READ && h->channel == (uint32_t)(c - snap->channels))
			n_read += h->count;
		if (h->kind == IPC_HOLD_PERMIT)
			n_permits += h->count;
	}
	check_eq(n_read, 1);
	check_eq(n_permits, 2);
	check_ok(ipc_rwlock_unlock(l));
	check_ok(ipc_sem_post(s));
	check_ok(ipc_sem_post(s));
	check_ok(ipc_observer_read(o, &snap));
	check_eq(snap->n_holds, 0);
	o = ipc_observer_close(o);
	check_ok(ipc_rwlock_unlink("table"));
	check_ok(ipc_sem_unlink("slots"));
	l = ipc_rwlock_close(l);
	s = ipc_sem_close(s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(named__errors__are_those_of_all_named_objects, setup),
		cmocka_unit_test_setup(explain__wrong_argument__text_of_the_call_before_is_gone,
				       setup),
		cmocka_unit_test_setup(named_mutex__owner_of_another_program_killed__is_eownerdead,
				       setup),
		cmocka_unit_test_setup(
			named_rwlock_and_semaphore__holder_killed__its_shares_come_back, setup),
		cmocka_unit_test_setup(named__signals_between_unrelated_programs__arrive, setup),
		cmocka_unit_test_setup(anonymous__child__uses_what_it_inherited, setup),
		cmocka_unit_test_setup(snapshot__named_things__are_told_with_their_holders, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("sync_named", tests, NULL, NULL);
}
