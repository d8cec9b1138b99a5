/*
 * What an observer that stays open must not get wrong from one reading to the next: who has
 * died meanwhile, who sleeps as before, and who became another program.
 */

#include "support/test.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <ipc/wait.h>

#define SOON IPC_SEC(20)

static ipc_observer *observer;

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static int teardown(void **state)
{
	observer = ipc_observer_close(observer);
	(void)alarm(0);
	return 0;
}

static const struct ipc_snapshot *look(void)
{
	const struct ipc_snapshot *s = NULL;

	if (!observer && ipc_observer_open(&observer, NULL) < 0)
		return NULL; /* the domain is not there yet */
	check_ok(ipc_observer_read(observer, &s));
	return s;
}

static const struct ipc_obs_wait *wait_of(const struct ipc_snapshot *s, pid_t pid)
{
	for (size_t i = 0; s && i < s->n_waits; i++)
		if (s->processes[s->threads[s->waits[i].thread].process].pid == (uint64_t)pid)
			return &s->waits[i];
	return NULL;
}

/* How long @pid has slept in the call that it is in [ns]; 0: it does not. */
static uint64_t slept(pid_t pid)
{
	const struct ipc_obs_wait *w = wait_of(look(), pid);

	return w ? test_now() - w->since_ns : 0;
}

/* ---- many processes ------------------------------------------------------------------------ */

/* So many that not all are asked at each reading whether they live. */
#define MANY 70

struct crowd {
	ipc_queue *q;
	ipc_mutex *m;
	bool       owes, has_lock, go, done;
};

static void say(bool *what)
{
	__atomic_store_n(what, true, __ATOMIC_RELEASE);
}

static bool said(const bool *what)
{
	return __atomic_load_n(what, __ATOMIC_ACQUIRE);
}

static int idle(void *arg)
{
	check(wait_until(said(&((struct crowd *)arg)->done), 60));
	return 0;
}

static int owe_and_want_the_lock(void *arg)
{
	struct crowd *c = arg;
	char          byte;

	check_r(ipc_queue_get(c->q, &byte, 1, SOON), 1);
	say(&c->owes);
	check(wait_until(said(&c->has_lock), 20));
	return ipc_mutex_lock(c->m, IPC_FOREVER) < 0;
}

static int lock_and_get(void *arg)
{
	struct crowd *c = arg;
	char          byte;

	check_ok(ipc_mutex_lock(c->m, SOON));
	say(&c->has_lock);
	check(wait_until(said(&c->go), 20));
	check_r(ipc_queue_get(c->q, &byte, 1, IPC_FOREVER), 1); /* the dead one's comes back */
	say(&c->done);
	return 0;
}

/* Dead, and not gone: its parent has not asked for it yet. */
static void kill_and_leave(pid_t pid)
{
	siginfo_t info;

	check_eq(kill(pid, SIGKILL), 0);
	check_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void readings__one_of_many_is_killed__nobody_waits_for_the_dead(void **state)
{
	struct crowd *c = test_shared(sizeof(*c));
	ipc_queue    *q;
	ipc_shm      *shm;
	pid_t         idles[MANY], owing, getting;

	check_ok(ipc_shm_create(&shm, NULL, sizeof(*c->m)));
	c->m = ipc_shm_data(shm);
	for (int i = 0; i < MANY; i++) /* without the queue */
		idles[i] = test_fork(idle, c);
	check_ok(ipc_queue_create(&q, NULL,
				  IPC_OPTS(ipc_queue_opts, .flags = IPC_QUEUE_JOINABLE,
					   .on_death = IPC_TASKS_REQUEUE)));
	c->q = q;
	check_ok(ipc_queue_put(q, "x", 1, SOON));
	owing = test_fork(owe_and_want_the_lock, c);
	check(wait_until(said(&c->owes), 20));
	getting = test_fork(lock_and_get, c);
	q = ipc_queue_close(q); /* nobody else could put */
	check(wait_until(wait_of(look(), owing) != NULL, 20));
	kill_and_leave(owing);
	say(&c->go);
	while (!said(&c->done))
		check_eq(look()->n_verdicts, 0);
	check_eq(test_wait(getting), 0);
	check_eq(test_wait(owing), -SIGKILL);
	for (int i = 0; i < MANY; i++)
		check_eq(test_wait(idles[i]), 0);
	shm = ipc_shm_close(shm);
}

/* ---- room in memory ------------------------------------------------------------------------------ */

#define LARGE 100000u

struct sender {
	ipc_conn *end[2];
	int       go[2];
};

/* Once nobody else has the pipe. */
static int send_until_there_is_no_room(void *arg)
{
	static char    large[LARGE];
	struct sender *s = arg;
	char           c;

	check_eq(read(s->go[0], &c, 1), 1);
	while (ipc_conn_send(s->end[0], large, sizeof(large), IPC_FOREVER) == 0)
		;
	return 1;
}

/* Whether there is room is counted once, and it is said that it was. */
static void readings__asleep_for_room__is_one_sleep_and_orphaned_in_each(void **state)
{
	struct sender s;
	uint64_t      seq;
	pid_t         pid;

	check_eq(pipe(s.go), 0);
	check_ok(ipc_pipe(s.end, IPC_OPTS(ipc_conn_opts, .max_bytes = LARGE)));
	pid = test_fork(send_until_there_is_no_room, &s);
	for (int i = 0; i < 2; i++)
		s.end[i] = ipc_conn_close(s.end[i]);
	check_eq(write(s.go[1], "x", 1), 1);
	check(wait_until(look()->n_verdicts == 1, 20));
	seq = wait_of(look(), pid)->seq;
	while (slept(pid) < (uint64_t)IPC_SEC(3)) {
		check_eq(look()->n_verdicts, 1);
		check_eq(look()->verdicts[0].class_, IPC_ORPHANED);
	}
	check_eq(wait_of(look(), pid)->seq, seq);
	check_eq(kill(pid, SIGKILL), 0);
	check_eq(test_wait(pid), -SIGKILL);
	for (int i = 0; i < 2; i++)
		(void)close(s.go[i]);
}

/* ---- several things at once ------------------------------------------------------------------ */

static int wait_for_either(void *arg)
{
	ipc_queue     **q = arg;
	struct ipc_item items[2] = {IPC_ITEM_QUEUE(q[0], IPC_READ), IPC_ITEM_QUEUE(q[1], IPC_READ)};

	return ipc_wait(items, 2, 0, IPC_FOREVER) < 0;
}

static void readings__asleep_for_several_slices__is_one_sleep(void **state)
{
	const struct ipc_obs_wait *w;
	ipc_queue                 *q[2];
	uint64_t                   seq;
	pid_t                      pid;

	for (int i = 0; i < 2; i++)
		check_ok(ipc_queue_create(&q[i], NULL, NULL));
	pid = test_fork(wait_for_either, q);
	check(wait_until((w = wait_of(look(), pid)) != NULL, 20));
	seq = w->seq;
	check(wait_until(slept(pid) > (uint64_t)IPC_SEC(1), 20));
	check_eq(wait_of(look(), pid)->seq, seq);
	check_ok(ipc_queue_put(q[1], "x", 1, SOON));
	check_eq(test_wait(pid), 0);
	for (int i = 0; i < 2; i++)
		q[i] = ipc_queue_close(q[i]);
}

/* ---- one sleep after the other ------------------------------------------------------------------ */

#define NAP  IPC_MSEC(20)
#define LONG (NAP + IPC_MSEC(2)) /* of which it sleeps for NAP at least: it spins first */

struct naps {
	ipc_queue *q;
	ipc_mutex *held;
};

/* In calls of three kinds, of which ends count two; and then for good. */
static int nap(void *arg)
{
	struct naps    *n = arg;
	struct ipc_item item = IPC_ITEM_QUEUE(n->q, IPC_READ);
	char            byte;

	check_r(ipc_queue_get(n->q, &byte, 1, LONG), -ETIMEDOUT);
	check_r(ipc_mutex_lock(n->held, LONG), -ETIMEDOUT);
	check_r(ipc_wait(&item, 1, 0, LONG), 0);
	check_r(ipc_queue_get(n->q, &byte, 1, IPC_FOREVER), 1);
	return 0;
}

static void readings__several_sleeps__are_added_up_by_thread(void **state)
{
	const struct ipc_obs_wait   *w = NULL;
	const struct ipc_obs_thread *t;
	const struct ipc_snapshot   *s = NULL;
	struct naps                  n;
	ipc_shm                     *shm;
	uint64_t                     began = test_now();
	pid_t                        pid;

	check_ok(ipc_shm_create(&shm, NULL, sizeof(*n.held)));
	n.held = ipc_shm_data(shm);
	check_ok(ipc_mutex_lock(n.held, SOON));
	check_ok(ipc_queue_create(&n.q, NULL, NULL));
	pid = test_fork(nap, &n);
	check(wait_until((w = wait_of(s = look(), pid)) && !w->deadline_ns, 20));
	check_eq(s->channels[w->channel].ring[0].in.blocks, 2); /* get, and ipc_wait() */
	check(s->channels[w->channel].ring[0].in.blocked_ns >= (uint64_t)NAP);
	t = &s->threads[w->thread];
	check(t->asleep_ns >= 3 * (uint64_t)NAP);
	check(t->asleep_ns <= test_now() - began);
	check_ok(ipc_queue_put(n.q, "x", 1, SOON));
	check_eq(test_wait(pid), 0);
	check_ok(ipc_mutex_unlock(n.held));
	n.q = ipc_queue_close(n.q);
	shm = ipc_shm_close(shm);
}

/* ---- another program --------------------------------------------------------------------------- */

static int get_from(const char *name)
{
	ipc_queue *q;
	char       byte;

	return ipc_queue_open(&q, name) < 0 || ipc_queue_get(q, &byte, 1, IPC_FOREVER) < 0;
}

static int become_another(void *arg)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)execl("/proc/self/exe", "test_readings", "--get", "answers", (char *)NULL);
	return 1;
}

static int join_before_put(void *arg)
{
	ipc_queue *q;
	ipc_proc  *child;

	check_ok(ipc_queue_create(&q, "answers", NULL));
	check_ok(ipc_spawn(&child, become_another, NULL, NULL));
	return ipc_proc_join(child, IPC_FOREVER, NULL) < 0;
}

static bool deadlock_of(pid_t pid)
{
	const struct ipc_snapshot *s = look();

	return s && s->n_verdicts == 1 && s->verdicts[0].class_ == IPC_DEADLOCK &&
	       s->verdicts[0].n_core == 2 && wait_of(s, pid) != NULL;
}

static void readings__joined_child_runs_another_program__is_the_child_still(void **state)
{
	pid_t pid = test_fork(join_before_put, NULL);

	check(wait_until(deadlock_of(pid), 20));
	test_kill(pid);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			readings__one_of_many_is_killed__nobody_waits_for_the_dead, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			readings__asleep_for_room__is_one_sleep_and_orphaned_in_each, setup,
			teardown),
		cmocka_unit_test_setup_teardown(readings__asleep_for_several_slices__is_one_sleep,
						setup, teardown),
		cmocka_unit_test_setup_teardown(readings__several_sleeps__are_added_up_by_thread,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			readings__joined_child_runs_another_program__is_the_child_still, setup,
			teardown),
	};

	if (argc > 2 && !strcmp(argv[1], "--get"))
		return get_from(argv[2]);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("readings", tests, NULL, NULL);
}
