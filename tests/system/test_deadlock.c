/*
 * From inside: a process in a deadlock reports it, or is freed by -EDEADLK, or neither; and only
 * the one that was chosen, and only for what is proved.
 *
 * test-limit: 240
 */

#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <ipc/conn.h>
#include <ipc/deadlock.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>

#define SET(x)    __atomic_store_n(&(x), 1, __ATOMIC_RELEASE)
#define IS_SET(x) (__atomic_load_n(&(x), __ATOMIC_ACQUIRE) != 0)

static int setup(void **state)
{
	test_deadline(60);
	check_ok(ipc_on_deadlock(NULL));
	return 0;
}

static void want(enum ipc_deadlock_action action)
{
	check_ok(ipc_on_deadlock(
		IPC_OPTS(ipc_deadlock_opts, .action = action, .after = IPC_MSEC(1))));
}

/* ---- what an observer says -------------------------------------------------------- */

/* The verdict of @class_ over @n threads: does it say that its chosen one gets an error? -1: none. */
static int verdict(enum ipc_verdict_class class_, size_t n, uint32_t *ret_chosen)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	int                        r = -1;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	for (size_t i = 0; i < s->n_verdicts; i++) {
		if (s->verdicts[i].class_ != class_ || s->verdicts[i].n_core != n)
			continue;
		r = s->verdicts[i].chosen_error;
		*ret_chosen = s->verdicts[i].chosen;
	}
	o = ipc_observer_close(o);
	return r;
}

/* Wait until there is such a verdict, with nobody chosen; with one chosen to report. */
static void check_nobody_chosen(enum ipc_verdict_class class_, size_t n)
{
	uint32_t chosen = 0;

	check(wait_until(verdict(class_, n, &chosen) == 0, 20));
	check_eq(chosen, IPC_NO_INDEX);
}

static void check_chosen_reports(enum ipc_verdict_class class_, size_t n)
{
	uint32_t chosen = IPC_NO_INDEX;

	check(wait_until(verdict(class_, n, &chosen) == 0, 20));
	check(chosen != IPC_NO_INDEX);
}

/* ---- two locks in two orders --------------------------------------------------------- */

struct crossing {
	ipc_mutex lock[2];
	int       has[2];       /* each holds its first lock */
	int       result[2];    /* of the second */
	int       explained[2]; /* ipc_explain() spoke of a deadlock */
};

struct side {
	struct crossing *c;
	int              i;
};

static int cross(void *arg)
{
	struct side *s = arg;
	int          r;

	check_ok(ipc_mutex_lock(&s->c->lock[s->i], IPC_FOREVER));
	SET(s->c->has[s->i]);
	check(wait_until(IS_SET(s->c->has[1 - s->i]), 20));
	r = ipc_mutex_lock(&s->c->lock[1 - s->i], IPC_FOREVER);
	s->c->result[s->i] = r;
	s->c->explained[s->i] = strstr(ipc_explain(), "DEADLOCK (certain)") != NULL;
	if (r == 0)
		check_ok(ipc_mutex_unlock(&s->c->lock[1 - s->i]));
	check_ok(ipc_mutex_unlock(&s->c->lock[s->i]));
	return 0;
}

static struct crossing *make_crossing(ipc_shm **ret)
{
	check_ok(ipc_shm_create(ret, NULL, sizeof(struct crossing)));
	return ipc_shm_data(*ret);
}

static void error__locks_in_two_orders__one_fails_and_the_other_goes_on(void **state)
{
	ipc_shm         *shm;
	struct crossing *c = make_crossing(&shm);
	pid_t            child[2];

	want(IPC_DEADLOCK_ERROR); /* inherited */
	for (int i = 0; i < 2; i++)
		child[i] = test_fork(cross, &(struct side){c, i});
	for (int i = 0; i < 2; i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(c->result[0] + c->result[1], -EDEADLK);
	check_eq(c->result[0] * c->result[1], 0);
	check(c->explained[c->result[1] != 0]);
	check(!c->explained[c->result[1] == 0]);
	shm = ipc_shm_close(shm);
}

static void off__locks_in_two_orders__nobody_is_chosen(void **state)
{
	ipc_shm         *shm;
	struct crossing *c = make_crossing(&shm);
	pid_t            child[2];

	want(IPC_DEADLOCK_OFF);
	for (int i = 0; i < 2; i++)
		child[i] = test_fork(cross, &(struct side){c, i});
	check_nobody_chosen(IPC_DEADLOCK, 2);
	for (int i = 0; i < 2; i++)
		test_kill(child[i]);
	shm = ipc_shm_close(shm);
}

static int cross_asking(void *arg)
{
	want(((struct side *)arg)->i ? IPC_DEADLOCK_ERROR : IPC_DEADLOCK_OFF);
	return cross(arg);
}

static void error__one_side_asked__it_is_the_one(void **state)
{
	ipc_shm         *shm;
	struct crossing *c = make_crossing(&shm);
	pid_t            child[2];

	for (int i = 0; i < 2; i++)
		child[i] = test_fork(cross_asking, &(struct side){c, i});
	for (int i = 0; i < 2; i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(c->result[0], 0);
	check_eq(c->result[1], -EDEADLK);
	shm = ipc_shm_close(shm);
}

static void error__said_of_the_domain_while_they_sleep__is_heeded(void **state)
{
	ipc_shm         *shm;
	struct crossing *c = make_crossing(&shm);
	pid_t            child[2];

	want(IPC_DEADLOCK_DEFAULT);
	for (int i = 0; i < 2; i++)
		child[i] = test_fork(cross, &(struct side){c, i});
	check_nobody_chosen(IPC_DEADLOCK, 2);
	check_ok(ipc_on_deadlock(IPC_OPTS(ipc_deadlock_opts, .action = IPC_DEADLOCK_ERROR,
					  .flags = IPC_DEADLOCK_DOMAIN)));
	for (int i = 0; i < 2; i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(c->result[0] + c->result[1], -EDEADLK);
	check_ok(ipc_on_deadlock(IPC_OPTS(ipc_deadlock_opts, .flags = IPC_DEADLOCK_DOMAIN)));
	shm = ipc_shm_close(shm);
}

/* ---- a call that cannot fail there ------------------------------------------------ */

struct meeting {
	ipc_mutex lock;
	ipc_cond  come;
	int       waits;
};

static int wait_for_notice(void *arg)
{
	struct meeting *m = arg;

	want(IPC_DEADLOCK_ERROR);
	check_ok(ipc_mutex_lock(&m->lock, IPC_FOREVER));
	SET(m->waits); /* seen by who has the lock, and so after it was unlocked again */
	return ipc_cond_wait(&m->come, &m->lock, IPC_FOREVER);
}

static int notify_and_join(void *arg)
{
	struct meeting *m = arg;
	ipc_proc       *p;

	want(IPC_DEADLOCK_OFF);
	check_ok(ipc_spawn(&p, wait_for_notice, m, NULL));
	check(wait_until(IS_SET(m->waits), 20));
	check_ok(ipc_mutex_lock(&m->lock, IPC_FOREVER));
	check_ok(ipc_cond_notify(&m->come, &m->lock, 1));
	return ipc_proc_join(p, IPC_FOREVER, NULL); /* and the lock is kept */
}

static void error__condition_that_locks_again__is_only_reported(void **state)
{
	ipc_shm        *shm;
	struct meeting *m;
	pid_t           child;

	check_ok(ipc_shm_create(&shm, NULL, sizeof(*m)));
	m = ipc_shm_data(shm);
	child = test_fork(notify_and_join, m);
	check_chosen_reports(IPC_DEADLOCK, 2);
	test_kill(child);
	shm = ipc_shm_close(shm);
}

/* ---- reports ----------------------------------------------------------------------------- */

static size_t read_file(const char *path, char *buf, size_t size)
{
	int     fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = 0;
	if (fd >= 0)
		close(fd);
	return strlen(buf);
}

static int count(const char *text, const char *word)
{
	int n = 0;

	while ((text = strstr(text, word)) != NULL) {
		text += strlen(word);
		n++;
	}
	return n;
}

static char stderr_path[512];

static int cross_reporting(void *arg)
{
	int fd = open(stderr_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	check(fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
	return cross(arg);
}

static void report__locks_in_two_orders__is_printed_once_and_all_sleep_on(void **state)
{
	ipc_shm         *shm;
	struct crossing *c = make_crossing(&shm);
	pid_t            child[2];
	char             text[16384];

	snprintf(stderr_path, sizeof(stderr_path), "%s/report", test_tmp());
	(void)unlink(stderr_path);
	want(IPC_DEADLOCK_REPORT);
	for (int i = 0; i < 2; i++)
		child[i] = test_fork(cross_reporting, &(struct side){c, i});
	check(wait_until(read_file(stderr_path, text, sizeof(text)) > 0, 20));
	check_chosen_reports(IPC_DEADLOCK, 2);
	/* both have had their turns again by the time one of them has slept for five slices more */
	for (int i = 0; i < 1500; i++)
		test_pause();
	(void)read_file(stderr_path, text, sizeof(text));
	check_eq(count(text, "DEADLOCK (certain)"), 1);
	check_eq(count(text, "Pattern: lock-order"), 1);
	check_eq(count(text, "  at test_deadlock+0x"), 2);
	for (int i = 0; i < 2; i++) {
		check(test_asleep(child[i]));
		test_kill(child[i]);
	}
	shm = ipc_shm_close(shm);
}

/* ---- joining before draining ---------------------------------------------------------------- */

#define N_RESULTS 40

static int produce(void *arg)
{
	for (int i = 0; i < N_RESULTS; i++)
		check_ok(ipc_queue_put(arg, &i, sizeof(i), IPC_FOREVER));
	return 0;
}

static void error__join_before_drain__the_joiner_is_told_and_drains(void **state)
{
	ipc_queue *q;
	ipc_proc  *p;
	int        got, status = -1;

	want(IPC_DEADLOCK_ERROR);
	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 8)));
	check_ok(ipc_spawn(&p, produce, q, NULL));
	check_r(ipc_proc_join(p, IPC_FOREVER, &status), -EDEADLK);
	check_explains("DEADLOCK (certain)");
	check_eq(status, -1);
	for (int i = 0; i < N_RESULTS; i++) {
		check_r(ipc_queue_get(q, &got, sizeof(got), IPC_FOREVER), sizeof(got));
		check_eq(got, i);
	}
	check_ok(ipc_proc_join(p, IPC_FOREVER, &status));
	check_eq(status, 0);
	p = ipc_proc_close(p);
	q = ipc_queue_close(q);
}

/* ---- messages ----------------------------------------------------------------------------------- */

struct full {
	ipc_queue *q;
	int        result;
	size_t     len;
};

static int put_into_full(void *arg)
{
	struct full *f = arg;
	int          i;

	for (i = 0; f->result == 0; i++)
		f->result = ipc_queue_put(f->q, &i, sizeof(i), IPC_FOREVER);
	f->len = ipc_queue_len(f->q);
	return 0;
}

#define LARGE 1000000u

/* Until it fails; then the end is closed, and who sends to it is told. */
static int send_large(ipc_conn *c)
{
	char *message = calloc(1, LARGE);
	int   r;

	check(message != NULL);
	do
		r = ipc_conn_send(c, message, LARGE, IPC_FOREVER);
	while (r == 0);
	free(message);
	(void)ipc_conn_close(c);
	return r;
}

struct two_senders {
	ipc_conn *end[2];
	int      *result; /* shared */
};

static int second_sender(void *arg)
{
	struct two_senders *two = arg;

	two->end[0] = ipc_conn_close(two->end[0]);
	two->result[1] = send_large(two->end[1]);
	return 0;
}

/* Large ones are held up by the bytes in flight, and that is looked at again in each slice. */
static void error__large_ones_sent_to_each_other__one_fails(void **state)
{
	struct two_senders two = {.result = test_shared(2 * sizeof(int))};
	pid_t              child;

	want(IPC_DEADLOCK_ERROR);
	check_ok(ipc_pipe(two.end, NULL));
	child = test_fork(second_sender, &two);
	two.end[1] = ipc_conn_close(two.end[1]);
	two.result[0] = send_large(two.end[0]);
	check_eq(test_wait(child), 0);
	check((two.result[0] == -EDEADLK) != (two.result[1] == -EDEADLK));
	check((two.result[0] == -EPIPE) != (two.result[1] == -EPIPE));
}

static void error__put_that_nobody_could_end__puts_nothing(void **state)
{
	struct full *f = test_shared(sizeof(*f));
	int          got;

	want(IPC_DEADLOCK_ERROR);
	check_ok(ipc_queue_create(&f->q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 4)));
	/* alone in it: the only one who could get is the one who puts */
	(void)put_into_full(f);
	check_eq(f->result, -EDEADLK);
	check_explains("ORPHANED (certain)");
	check_eq(f->len, 4);
	for (int i = 0; i < 4; i++) {
		check_r(ipc_queue_get(f->q, &got, sizeof(got), IPC_NOW), sizeof(got));
		check_eq(got, i);
	}
	check_r(ipc_queue_get(f->q, &got, sizeof(got), IPC_NOW), -EAGAIN);
	f->q = ipc_queue_close(f->q);
}

static void error__own_lock__is_edeadlk_and_still_held_once(void **state)
{
	ipc_shm   *shm;
	ipc_mutex *m;

	want(IPC_DEADLOCK_ERROR);
	check_ok(ipc_shm_create(&shm, NULL, sizeof(*m)));
	m = ipc_shm_data(shm);
	check_ok(ipc_mutex_lock(m, IPC_FOREVER));
	check_r(ipc_mutex_lock(m, IPC_FOREVER), -EDEADLK);
	check_r(ipc_mutex_lock(m, IPC_FOREVER), -EDEADLK); /* as often as it is tried */
	check_ok(ipc_mutex_unlock(m));
	check(ipc_mutex_unlock(m) < 0);
	shm = ipc_shm_close(shm);
}

/* ---- stuck only after a first look ------------------------------------------------------------- */

static uint64_t longest_sleep_ns(void)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	uint64_t                   ns = 0;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	if (s->n_waits > 0)
		ns = s->t_mono_ns - s->waits[0].since_ns;
	o = ipc_observer_close(o);
	return ns;
}

/* It could set the event, until it leaves; by then its parent has looked, and will look again. */
static int leave_the_event(void *arg)
{
	(void)ipc_event_is_set(arg);
	check(wait_until(longest_sleep_ns() > (uint64_t)IPC_MSEC(700), 20));
	return 0;
}

static int await_the_event(void *arg)
{
	ipc_event *e;
	pid_t      child;

	check_ok(ipc_event_create(&e, NULL));
	child = test_fork(leave_the_event, e);
	check_r(ipc_event_wait(e, IPC_FOREVER), -EDEADLK);
	check_explains("ORPHANED (certain)");
	check_eq(test_wait(child), 0);
	e = ipc_event_close(e);
	return 0;
}

/* In a process without an alarm: what its handler does could be to set the event. */
static void error__last_who_could_help_leaves_late__is_edeadlk(void **state)
{
	want(IPC_DEADLOCK_ERROR);
	check_eq(test_run(await_the_event, NULL), 0);
}

/* ---- the chosen one is killed ------------------------------------------------------------------ */

struct killing {
	ipc_queue *q;
	int        n_killed, n_edeadlk;
};

static enum ipc_deadlock_action die_first(const struct ipc_deadlock *d, void *arg)
{
	struct killing *k = arg;

	if (__atomic_fetch_add(&k->n_killed, 1, __ATOMIC_ACQ_REL) == 0)
		raise(SIGKILL);
	return d->action;
}

static int get_or_die(void *arg)
{
	struct killing *k = arg;
	char            c;

	check_ok(ipc_on_deadlock(IPC_OPTS(ipc_deadlock_opts, .action = IPC_DEADLOCK_ERROR,
					  .after = IPC_MSEC(1), .found = die_first, .arg = k)));
	if (ipc_queue_get(k->q, &c, 1, IPC_FOREVER) == -EDEADLK) {
		__atomic_fetch_add(&k->n_edeadlk, 1, __ATOMIC_ACQ_REL);
		check_ok(ipc_queue_put(k->q, "x", 1, IPC_NOW)); /* one more can go on */
	}
	return 0;
}

static void error__the_chosen_one_is_killed__another_is_chosen(void **state)
{
	struct killing *k = test_shared(sizeof(*k));
	ipc_queue      *q;
	pid_t           child[3];
	int             n_signalled = 0;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	k->q = q;
	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(get_or_die, k);
	q = ipc_queue_close(q);
	for (size_t i = 0; i < N_OF(child); i++) {
		int status = test_wait(child[i]);

		n_signalled += status == -SIGKILL;
		check(status == 0 || status == -SIGKILL);
	}
	check_eq(n_signalled, 1);
	check_eq(k->n_edeadlk, 1); /* the other one got what it put */
}

/* ---- callbacks ------------------------------------------------------------------------------------ */

struct heard {
	int  n;
	char headline[256], pattern[64];
};

static enum ipc_deadlock_action hear(const struct ipc_deadlock *d, void *arg)
{
	struct heard *h = arg;

	check_eq(d->class_, IPC_ORPHANED);
	check_eq(d->strength, IPC_CERTAIN);
	check_eq(d->action, IPC_DEADLOCK_REPORT);
	check(strncmp(d->text, d->headline, strlen(d->headline)) == 0);
	snprintf(h->headline, sizeof(h->headline), "%s", d->headline);
	snprintf(h->pattern, sizeof(h->pattern), "%s", d->pattern);
	h->n++;
	return IPC_DEADLOCK_ERROR;
}

static void callback__returns_error__is_done(void **state)
{
	struct heard h = {0};
	ipc_queue   *q;
	char         c;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_ok(ipc_on_deadlock(IPC_OPTS(ipc_deadlock_opts, .action = IPC_DEADLOCK_REPORT,
					  .after = IPC_MSEC(1), .found = hear, .arg = &h)));
	check_r(ipc_queue_get(q, &c, 1, IPC_FOREVER), -EDEADLK);
	check_eq(h.n, 1);
	check(strstr(h.headline, "ORPHANED (certain)") != NULL);
	check(strcmp(h.pattern, "orphaned-get") == 0);
	q = ipc_queue_close(q);
}

/* ---- what is not proved --------------------------------------------------------------------------- */

static int get_for_ever(void *arg)
{
	char c;

	return ipc_queue_get(arg, &c, 1, IPC_FOREVER) == 1 ? 0 : 1;
}

static void error__name_that_others_could_open__is_only_reported(void **state)
{
	ipc_queue *q;
	pid_t      child;

	want(IPC_DEADLOCK_ERROR);
	check_ok(ipc_queue_create(&q, "open-to-all", NULL));
	child = test_fork(get_for_ever, q);
	q = ipc_queue_close(q);
	check_chosen_reports(IPC_ORPHANED, 1);
	check_ok(ipc_queue_open(&q, "open-to-all")); /* and here is the late comer */
	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	check_eq(test_wait(child), 0);
	check_ok(ipc_queue_unlink("open-to-all"));
	q = ipc_queue_close(q);
}

static void error__closed_world_by_declaration__is_edeadlk(void **state)
{
	ipc_queue *q;
	char       c;

	check_ok(ipc_on_deadlock(IPC_OPTS(ipc_deadlock_opts, .action = IPC_DEADLOCK_ERROR,
					  .flags = IPC_DEADLOCK_CLOSED, .after = IPC_MSEC(1))));
	check_ok(ipc_queue_create(&q, "closed", NULL));
	check_r(ipc_queue_get(q, &c, 1, IPC_FOREVER), -EDEADLK);
	check_ok(ipc_queue_unlink("closed"));
	q = ipc_queue_close(q);
}

struct secret {
	ipc_queue *q;
	int        go;
};

static void *put_when_told(void *arg)
{
	struct secret *s = arg;

	while (!IS_SET(s->go))
		test_pause();
	check_ok(ipc_queue_put(s->q, "x", 1, IPC_NOW));
	return NULL;
}

static int get_beside_a_stranger(void *arg)
{
	struct secret *s = arg;
	pthread_t      t = test_thread(put_when_told, s);
	char           c;

	check_r(ipc_queue_get(s->q, &c, 1, IPC_FOREVER), 1);
	test_join_thread(t);
	return 0;
}

static void error__thread_that_nobody_told_of__is_suspected_and_no_error(void **state)
{
	struct secret *s = test_shared(sizeof(*s));
	ipc_queue     *q;
	pid_t          child;

	want(IPC_DEADLOCK_ERROR);
	check_ok(ipc_queue_create(&q, NULL, NULL));
	s->q = q;
	child = test_fork(get_beside_a_stranger, s);
	q = ipc_queue_close(q);
	check_nobody_chosen(IPC_SUSPECTED, 1);
	SET(s->go);
	check_eq(test_wait(child), 0);
}

static int get_parked(void *arg)
{
	check_eq(ipc_park(1), 0);
	check_eq(ipc_park(1), 1);
	return get_for_ever(arg);
}

static size_t n_waits(size_t *ret_verdicts)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	size_t                     n;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	n = s->n_waits;
	*ret_verdicts = s->n_verdicts;
	o = ipc_observer_close(o);
	return n;
}

static void park__orphaned_but_declared__is_no_finding(void **state)
{
	ipc_queue *q;
	size_t     n = 0;
	pid_t      child;

	want(IPC_DEADLOCK_ERROR);
	check_ok(ipc_queue_create(&q, NULL, NULL));
	child = test_fork(get_parked, q);
	q = ipc_queue_close(q);
	check(wait_until(n_waits(&n) == 1, 20));
	check_eq(n, 0);
	for (int i = 0; i < 600; i++) /* it has asked at the end of two slices */
		test_pause();
	check(n_waits(&n) == 1 && n == 0);
	check(test_asleep(child));
	test_kill(child);
}

/* ---- a thread of little stack -------------------------------------------------------------------- */

#ifdef __SANITIZE_ADDRESS__
#define LITTLE_STACK ((size_t)512 * 1024) /* every array has a margin, and every call is deeper */
#else
#define LITTLE_STACK ((size_t)32 * 1024) /* as libipc(7) says */
#endif

static void *get_and_exit(void *q)
{
	char c;

	check_r(ipc_queue_get(q, &c, 1, IPC_FOREVER), -EDEADLK);
	exit(0);
}

static int get_on_little_stack(void *q)
{
	pthread_attr_t attr;
	pthread_t      t;

	check_eq(pthread_attr_init(&attr), 0);
	check_eq(pthread_attr_setstacksize(&attr, LITTLE_STACK), 0);
	check_eq(pthread_create(&t, &attr, get_and_exit, q), 0);
	pthread_exit(NULL);
}

static void error__thread_of_little_stack__survives_the_look(void **state)
{
	ipc_queue *q;
	pid_t      child;

	want(IPC_DEADLOCK_ERROR);
	check_ok(ipc_queue_create(&q, NULL, NULL));
	child = test_fork(get_on_little_stack, q);
	q = ipc_queue_close(q);
	check_eq(test_wait(child), 0);
}

static void on_deadlock__nonsense__is_einval(void **state)
{
	check_r(ipc_on_deadlock(&(struct ipc_deadlock_opts){.sz = 4}), -EINVAL);
	check_r(ipc_on_deadlock(IPC_OPTS(ipc_deadlock_opts, .action = 77)), -EINVAL);
	check_r(ipc_on_deadlock(IPC_OPTS(ipc_deadlock_opts, .flags = 4)), -EINVAL);
	check_r(ipc_on_deadlock(IPC_OPTS(ipc_deadlock_opts, .after = -1)), -EINVAL);
	check_ok(ipc_on_deadlock(NULL));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(error__locks_in_two_orders__one_fails_and_the_other_goes_on,
				       setup),
		cmocka_unit_test_setup(off__locks_in_two_orders__nobody_is_chosen, setup),
		cmocka_unit_test_setup(error__one_side_asked__it_is_the_one, setup),
		cmocka_unit_test_setup(error__said_of_the_domain_while_they_sleep__is_heeded,
				       setup),
		cmocka_unit_test_setup(error__condition_that_locks_again__is_only_reported, setup),
		cmocka_unit_test_setup(
			report__locks_in_two_orders__is_printed_once_and_all_sleep_on, setup),
		cmocka_unit_test_setup(error__join_before_drain__the_joiner_is_told_and_drains,
				       setup),
		cmocka_unit_test_setup(error__put_that_nobody_could_end__puts_nothing, setup),
		cmocka_unit_test_setup(error__large_ones_sent_to_each_other__one_fails, setup),
		cmocka_unit_test_setup(error__own_lock__is_edeadlk_and_still_held_once, setup),
		cmocka_unit_test_setup(error__last_who_could_help_leaves_late__is_edeadlk, setup),
		cmocka_unit_test_setup(error__the_chosen_one_is_killed__another_is_chosen, setup),
		cmocka_unit_test_setup(callback__returns_error__is_done, setup),
		cmocka_unit_test_setup(error__name_that_others_could_open__is_only_reported, setup),
		cmocka_unit_test_setup(error__closed_world_by_declaration__is_edeadlk, setup),
		cmocka_unit_test_setup(error__thread_that_nobody_told_of__is_suspected_and_no_error,
				       setup),
		cmocka_unit_test_setup(park__orphaned_but_declared__is_no_finding, setup),
		cmocka_unit_test_setup(error__thread_of_little_stack__survives_the_look, setup),
		cmocka_unit_test_setup(on_deadlock__nonsense__is_einval, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("deadlock", tests, NULL, NULL);
}
