/*
 * sys_play.c - a system played by real processes
 *
 * A keeper makes the objects, forks the processes that are there from the start, and lets
 * go of everything: from then on only they hold anything. It stays to collect them.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipc/conn.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <ipc/wait.h>

#include "deadlock/system.h"

#define FAR IPC_SEC(3600)

/* Of the process we are in. Not locked: two threads of a system never close the same end. */
static struct {
	const struct sys *s;
	struct sys_cast  *cast;
	uint32_t          seed;
	unsigned          process;
	ipc_conn         *end[SYS_OBJECTS][2];
	ipc_queue        *queue[SYS_OBJECTS];
	void             *sync[SYS_OBJECTS]; /* of ipc/sync.h, by kind */
	ipc_mutex        *lock;              /* per object; behind them those of conditions */
	ipc_proc         *child[SYS_PROCS];
} me;

static void must(long r, const char *what)
{
	if (r >= 0)
		return;
	(void)fprintf(stderr, "%s: %s: %s %s\n", me.s->name, what, ipc_strerror((int)r),
		      ipc_explain());
	_exit(1);
}

/* What it is for a call to fail in an orderly way: the system goes on. */
static void may(long r, const char *what)
{
	must(r == -EPIPE || r == -EOWNERDEAD || r == -EPERM || r == -EINVAL ? 0 : r, what);
}

/* Name, seal: others could open it, or could have. */
static int make_queue(unsigned i, const struct sys_object *o)
{
	int r = ipc_queue_create(&me.queue[i], o->named ? o->name : NULL,
				 IPC_OPTS(ipc_queue_opts, .maxsize = o->capacity,
					  .flags = o->kind == SYS_JOINABLE ? IPC_QUEUE_JOINABLE : 0,
					  .on_death = o->requeue ? IPC_TASKS_REQUEUE : 0));

	return r == 0 && o->sealed ? ipc_queue_seal(me.queue[i]) : r;
}

/* A line for each kind of ipc/sync.h: of one type each, with the same calls. */
#define SYNCS(X)              \
	X(SYS_RMUTEX, rmutex) \
	X(SYS_RWLOCK, rwlock) \
	X(SYS_EVENT, event)   \
	X(SYS_COND, cond)     \
	X(SYS_BARRIER, barrier)

static int make_sync(unsigned i, const struct sys_object *o)
{
	const char *name = o->named ? o->name : NULL;
	int         r = -EINVAL;

	switch (o->kind) {
#define CREATE(kind, type)                                             \
	case kind: {                                                   \
		ipc_##type *p = NULL;                                  \
		r = ipc_##type##_create(&p, name);                     \
		me.sync[i] = p;                                        \
		return r == 0 && o->sealed ? ipc_##type##_seal(p) : r; \
	}
		SYNCS(CREATE)
#undef CREATE
	case SYS_SEM:
	case SYS_GATE: {
		ipc_sem *p = NULL;
		int      n = o->kind == SYS_SEM ? o->capacity : 0;

		r = ipc_sem_create(&p, name, n, n);
		me.sync[i] = p;
		return r == 0 && o->sealed ? ipc_sem_seal(p) : r;
	}
	default: return r;
	}
}

static void close_sync(unsigned i, enum sys_kind kind)
{
	switch (kind) {
#define CLOSE(kind, type) \
	case kind: (void)ipc_##type##_close(me.sync[i]); break;
		SYNCS(CLOSE)
		CLOSE(SYS_SEM, sem)
		CLOSE(SYS_GATE, sem)
#undef CLOSE
	default: break;
	}
	me.sync[i] = NULL;
}

static void make_objects(void)
{
	ipc_shm *block;

	must(ipc_shm_create(&block, NULL, 4096), "shm");
	me.lock = ipc_shm_data(block);
	for (unsigned i = 0; i < me.s->n_objects; i++) {
		const struct sys_object *o = &me.s->object[i];

		if (o->kind == SYS_PIPE)
			must(ipc_pipe(me.end[i],
				      IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX,
					       .capacity = o->capacity, .name = o->name)),
			     "pipe");
		else if (o->kind < SYS_MUTEX)
			must(make_queue(i, o), "queue");
		else if (o->kind > SYS_MUTEX)
			must(make_sync(i, o), "sync");
	}
}

static void let_go(unsigned o, uint8_t ends)
{
	if (ends & SYS_R)
		me.end[o][0] = ipc_conn_close(me.end[o][0]);
	if (ends & SYS_W)
		me.end[o][1] = ipc_conn_close(me.end[o][1]);
	if (ends == (SYS_R | SYS_W))
		me.queue[o] = ipc_queue_close(me.queue[o]);
	if (ends == (SYS_R | SYS_W) && me.sync[o])
		close_sync(o, me.s->object[o].kind);
}

static void hesitate(uint32_t *seed, unsigned most_us)
{
	*seed = *seed * 1664525u + 1013904223u;
	if (*seed >> 31)
		(void)usleep((*seed >> 8) % most_us);
}

/* ---- operations ------------------------------------------------------------------------- */

/* Who was waited for has a number that may be another's. */
static void forget(struct sys_cast *cast, int pid)
{
	for (unsigned p = 0; p < SYS_PROCS; p++)
		if (__atomic_load_n(&cast->pid[p], __ATOMIC_RELAXED) == pid)
			__atomic_store_n(&cast->pid[p], 0, __ATOMIC_RELAXED);
}

static int process_main(void *arg);

/* What the children to come need is not let go of before they are there. */
static void let_go_after_spawn(const struct sys_op *op)
{
	const struct sys *s = me.s;

	for (unsigned o = 0; o < s->n_objects; o++) {
		uint8_t keep = sys_own(s, me.process, o);

		for (unsigned t = 0; t < s->n_threads; t++)
			for (unsigned i = 0; i < s->thread[t].n_ops; i++) {
				const struct sys_op *x = &s->thread[t].op[i];

				if (x > op && s->thread[t].process == me.process &&
				    x->act == SYS_SPAWN)
					keep |= sys_need(s, x->on, o);
			}
		let_go(o, (uint8_t)(~keep & (SYS_R | SYS_W)));
	}
}

static void spawn(const struct sys_op *op)
{
	const struct sys_process *p = &me.s->process[op->on];

	must(ipc_spawn(&me.child[op->on], process_main, (void *)(uintptr_t)op->on,
		       IPC_OPTS(ipc_proc_opts, .name = p->name)),
	     "spawn");
	let_go_after_spawn(op);
}

static void *stranger_main(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

static struct ipc_item item_of(unsigned o)
{
	if (me.s->object[o].kind == SYS_PIPE)
		return (struct ipc_item)IPC_ITEM_CONN(me.end[o][0], IPC_READ);
	return (struct ipc_item)IPC_ITEM_QUEUE(me.queue[o], IPC_READ);
}

static void wait_for_two(const struct sys_op *op, ipc_nsec limit)
{
	struct ipc_item item[2] = {item_of(op->on), item_of(op->on2)};
	unsigned        flags = op->act == SYS_ALL ? IPC_WAIT_ALL : IPC_WAIT_ANY;

	must(ipc_wait(item, op->on == op->on2 ? 1 : 2, flags, limit), "wait for two");
}

static void use_cond(const struct sys_op *op, ipc_nsec limit)
{
	ipc_mutex *m = &me.lock[SYS_OBJECTS + op->on];

	may(ipc_mutex_lock(m, IPC_FOREVER), "lock");
	may(op->act == SYS_GET ? ipc_cond_wait(me.sync[op->on], m, limit)
			       : ipc_cond_notify(me.sync[op->on], m, 1),
	    "condition");
	may(ipc_mutex_unlock(m), "unlock");
}

/* What ipc/sync.h has but for mutexes that are not recursive. */
static void use_sync(const struct sys_op *op, ipc_nsec limit)
{
	void *p = me.sync[op->on];
	bool  get = op->act == SYS_GET;

	switch (me.s->object[op->on].kind) {
	case SYS_RMUTEX:
		may(op->act == SYS_LOCK ? ipc_rmutex_lock(p, limit) : ipc_rmutex_unlock(p),
		    "rmutex");
		break;
	case SYS_RWLOCK:
		may(get                   ? ipc_rwlock_rdlock(p, limit)
		    : op->act == SYS_LOCK ? ipc_rwlock_wrlock(p, limit)
					  : ipc_rwlock_unlock(p),
		    "rwlock");
		break;
	case SYS_SEM:
	case SYS_GATE: may(get ? ipc_sem_wait(p, limit) : ipc_sem_post(p), "sem"); break;
	case SYS_EVENT: may(get ? ipc_event_wait(p, limit) : ipc_event_set(p), "event"); break;
	case SYS_COND: use_cond(op, limit); break;
	default: may(ipc_barrier_wait(p, me.s->object[op->on].capacity, limit), "barrier"); break;
	}
}

static bool is_stopped(int pid)
{
	char  path[64], state = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	if (f)
		(void)fclose(f);
	return state == 'T';
}

static void let_go_on(unsigned process)
{
	int pid;

	do {
		(void)usleep(1000);
		pid = __atomic_load_n(&me.cast->pid[process], __ATOMIC_ACQUIRE);
	} while (!pid || !is_stopped(pid));
	(void)usleep(600000); /* so that it can be seen */
	(void)kill(pid, SIGCONT);
}

static void do_op(const struct sys_op *op)
{
	ipc_nsec  limit = op->timed ? FAR : IPC_FOREVER;
	bool      pipe = me.s->object[op->on].kind == SYS_PIPE;
	char      message[16] = "message";
	pthread_t thread;

	if (op->act < SYS_CLOSE && me.s->object[op->on].kind > SYS_MUTEX) {
		use_sync(op, limit);
		return;
	}
	switch (op->act) {
	case SYS_ANY:
	case SYS_ALL: wait_for_two(op, limit); break;
	case SYS_PUT:
		may(pipe ? ipc_conn_send(me.end[op->on][1], message, 8, limit)
			 : ipc_queue_put(me.queue[op->on], message, 8, limit),
		    "put");
		break;
	case SYS_GET:
		may(pipe ? ipc_conn_recv(me.end[op->on][0], message, 16, limit)
			 : ipc_queue_get(me.queue[op->on], message, 16, limit),
		    "get");
		break;
	case SYS_DONE: may(ipc_queue_task_done(me.queue[op->on]), "task_done"); break;
	case SYS_JOIN: may(ipc_queue_join(me.queue[op->on], limit), "join"); break;
	case SYS_LOCK: may(ipc_mutex_lock(&me.lock[op->on], limit), "lock"); break;
	case SYS_UNLOCK: may(ipc_mutex_unlock(&me.lock[op->on]), "unlock"); break;
	case SYS_CLOSE: let_go(op->on, pipe ? op->ends : SYS_R | SYS_W); break;
	case SYS_SPAWN: spawn(op); break;
	case SYS_WAIT:
		must(ipc_proc_join(me.child[op->on], limit, NULL), "wait");
		forget(me.cast, ipc_proc_pid(me.child[op->on]));
		break;
	case SYS_CONT: let_go_on(op->on); break;
	case SYS_OPEN:
		must(ipc_queue_open(&me.queue[op->on], me.s->object[op->on].name), "open");
		break;
	case SYS_SLEEP: (void)usleep(10000); break;
	case SYS_DIE: (void)raise(SIGKILL); break;
	case SYS_HALT: (void)raise(SIGSTOP); break;
	case SYS_STRANGER:
		must(-pthread_create(&thread, NULL, stranger_main, NULL), "thread");
		break;
	case SYS_RUN:
		for (;;)
			(void)pause();
	}
}

static void *thread_main(void *arg)
{
	unsigned                 t = (unsigned)(uintptr_t)arg;
	const struct sys_thread *thread = &me.s->thread[t];
	uint32_t                 seed = me.seed * 2654435761u + t;
	char                     name[16];

	sys_thread_name(me.s, t, name, sizeof(name));
	(void)prctl(PR_SET_NAME, name);
	__atomic_store_n(&me.cast->tid[t], (int)gettid(), __ATOMIC_RELEASE);
	hesitate(&seed, 3000);
	for (unsigned i = 0; i < thread->n_ops; i++)
		for (unsigned n = 0; n < (thread->op[i].times ? thread->op[i].times : 1u); n++) {
			hesitate(&seed, 500);
			do_op(&thread->op[i]);
			__atomic_add_fetch(&me.cast->step[t], 1, __ATOMIC_RELEASE);
		}
	__atomic_add_fetch(&me.cast->step[t], 1, __ATOMIC_RELEASE);
	return NULL;
}

static int process_main(void *arg)
{
	const struct sys *s = me.s;
	unsigned          main_thread = SYS_THREADS, n = 0;
	pthread_t         thread;

	me.process = (unsigned)(uintptr_t)arg;
	__atomic_store_n(&me.cast->pid[me.process], (int)getpid(), __ATOMIC_RELEASE);
	for (unsigned o = 0; o < s->n_objects; o++)
		let_go(o, (uint8_t)(~sys_need(s, me.process, o) & (SYS_R | SYS_W)));
	(void)ipc_proc_set_name(s->process[me.process].name);
	for (unsigned t = 0; t < s->n_threads; t++) {
		if (s->thread[t].process != me.process)
			continue;
		if (n++ == 0)
			main_thread = t;
		else
			must(-pthread_create(&thread, NULL, thread_main, (void *)(uintptr_t)t),
			     "thread");
	}
	if (main_thread < SYS_THREADS)
		(void)thread_main((void *)(uintptr_t)main_thread);
	if (n > 1)
		pthread_exit(NULL); /* the process lives on in its other threads */
	return 0;
}

/* ---- the keeper --------------------------------------------------------------------------- */

/* An end that no operation provides for is said: what is asleep will not be as it should. */
static void collect(void)
{
	int   status;
	pid_t pid;

	while ((pid = wait(&status)) >= 0 || errno == EINTR) {
		if (pid >= 0)
			forget(me.cast, pid);
		if (pid >= 0 && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
			(void)fprintf(stderr, "%s: process %d died of signal %d\n", me.s->name,
				      (int)pid, WTERMSIG(status));
	}
}

/* Handlers of the test's, by which an event might be set. */
static void catch_nothing(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
}

static void keep(void)
{
	pid_t keeper = getpid();

	catch_nothing();
	make_objects();
	for (unsigned p = 0; p < me.s->n_processes; p++) {
		if (me.s->process[p].spawned)
			continue;
		pid_t pid = fork();

		if (pid == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != keeper)
				_exit(1);
			exit(process_main((void *)(uintptr_t)p));
		}
		must(pid, "fork");
	}
	for (unsigned o = 0; o < me.s->n_objects; o++)
		let_go(o, SYS_R | SYS_W);
	collect();
	for (;;)
		(void)pause();
}

static struct {
	struct sys_cast *cast;
	pid_t            keeper; /* 0: nothing is played */
} playing;

void sys_play(const struct sys *s, struct sys_cast *cast, uint32_t seed)
{
	*cast = (struct sys_cast){0};
	(void)fflush(NULL);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1); /* whose parent is gone is ours to wait for */
	playing.cast = cast;
	playing.keeper = fork();
	if (playing.keeper != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	me.s = s;
	me.cast = cast;
	me.seed = seed;
	keep();
	_exit(0);
}

/* Who was just being born has a pid a moment later: so until there is nobody. */
void sys_stop(void)
{
	pid_t pid = 0;

	if (playing.keeper <= 0)
		return;
	(void)kill(playing.keeper, SIGKILL);
	while (pid >= 0 || errno == EINTR) {
		for (unsigned p = 0; p < SYS_PROCS; p++)
			if (playing.cast->pid[p] > 0)
				(void)kill(playing.cast->pid[p], SIGKILL);
		pid = waitpid(-1, NULL, WNOHANG);
		forget(playing.cast, pid);
		if (pid == 0)
			(void)usleep(200);
	}
	playing.keeper = 0;
}
