/* spawn.c - child processes */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/pidfd.h"
#include "object/proc.h"
#include "object/watch.h"
#include "runtime/deadlock.h"
#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/process.h"
#include "runtime/trace.h"
#include "runtime/wait.h"

struct ipc_proc {
	pthread_mutex_t reaping; /* of two joiners one reaps, the other reads what it found */
	pid_t           pid, parent;
	int             pidfd;
	ref             child; /* its slot in the domain; 0: not known to be in it */
	bool            ended;
	int             status; /* exit status, or minus the signal */
};

/* ---- starting --------------------------------------------------------------------------- */

static const char *opts_name(const struct ipc_proc_opts *opts)
{
	return opts ? opts->name : NULL;
}

static int check(const void *ret, const void *what, const struct ipc_proc_opts *opts)
{
	int r = begin_output(ret);

	if (r < 0)
		return r;
	if (!what) {
		(void)fail(-EINVAL,
			   "there is nothing to start: the function, path or argv is NULL");
		return -EINVAL;
	}
	if (opts && opts->sz < sizeof(*opts))
		return fail(-EINVAL, "ipc_proc_opts: sz must be sizeof(struct ipc_proc_opts)");
	return domain_join();
}

static int no_pidfd(int error)
{
	return fail(-error, "pidfd_open: %s%s", strerrordesc_np(error),
		    error == ENOSYS   ? ": Linux 5.3 or later is needed"
		    : error == EMFILE ? ": a child takes one; close some, or raise ulimit -n"
				      : "");
}

static int proc_new(ipc_proc **ret, pid_t pid, ref child)
{
	ipc_proc *p = calloc(1, sizeof(*p));
	int       r = -ENOMEM;

	if (p) {
		p->pid = pid;
		p->parent = getpid();
		p->child = child;
		(void)pthread_mutex_init(&p->reaping, NULL);
		p->pidfd = pidfd_of(pid); /* our child, not reaped: the pid is still its own */
		r = p->pidfd < 0 ? no_pidfd(errno) : 0;
	}
	if (r < 0) { /* a child nobody could join is worse than none */
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

static void flush_if_free(FILE *f)
{
	if (ftrylockfile(f) != 0)
		return;
	(void)fflush(f);
	funlockfile(f);
}

/*
 * fflush(NULL) takes the lock of streams that are read, too: a thread that waits for somebody to
 * type has that of stdin for as long.
 */
static void flush_stdio(void)
{
	int before = cancel_off();

	if (ftrylockfile(stdin) == 0) {
		(void)fflush(NULL);
		funlockfile(stdin);
	} else {
		flush_if_free(stdout);
		flush_if_free(stderr);
	}
	cancel_on(before);
}

static _Noreturn void child_main(int (*fn)(void *arg), void *arg)
{
	int status = fn(arg);

	(void)fflush(NULL);
	process_leave();
	_exit(status);
}

int ipc_spawn(ipc_proc **ret, int (*fn)(void *arg), void *arg, const struct ipc_proc_opts *opts)
{
	ref   child;
	pid_t pid;
	int   r = fn ? check(ret, &fn, opts) : check(ret, NULL, opts);

	if (r < 0)
		return r;
	flush_stdio(); /* else what is buffered is written twice */
	process_next_child_name(opts_name(opts));
	pid = fork();
	if (pid == 0)
		child_main(fn, arg);
	r = pid < 0 ? -errno : 0;
	child = process_last_child();
	process_next_child_name(NULL);
	if (r < 0)
		return fail(r, "fork: %s", strerrordesc_np(-r));
	if (child)
		process_note_pid(child, (uint64_t)pid);
	watch_holders();
	return proc_new(ret, pid, child);
}

/* The environment with the child's name in it; freed by the caller, the strings are not its. */
static char **environment_with(char *name)
{
	size_t n = 0, to = 0;
	char **env;

	while (environ[n])
		n++;
	env = calloc(n + 2, sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], PROCESS_NAME_VARIABLE "=", sizeof(PROCESS_NAME_VARIABLE)))
			env[to++] = environ[i];
	env[to] = name;
	return env;
}

int ipc_spawn_program(ipc_proc **ret, const char *path, char *const argv[],
		      const struct ipc_proc_opts *opts)
{
	char   name[sizeof(PROCESS_NAME_VARIABLE) + 32 + NAME_BYTES];
	char **env;
	pid_t  pid = 0;
	int    r = check(ret, path ? argv : NULL, opts);

	if (r < 0)
		return r;
	(void)snprintf(name, sizeof(name), PROCESS_NAME_VARIABLE "=%d:%.*s", (int)getpid(),
		       NAME_BYTES - 1, opts_name(opts) ? opts_name(opts) : "");
	env = environment_with(name);
	if (!env)
		return -ENOMEM;
	flush_stdio();
	r = -posix_spawnp(&pid, path, NULL, NULL, argv, env);
	free(env);
	if (r < 0)
		return fail(r, "cannot start %s: %s", path, strerrordesc_np(-r));
	return proc_new(ret, pid, 0);
}

/* ---- waiting ------------------------------------------------------------------------------ */

/* By the pidfd: a child that somebody else waited for has left its pid to others by now. */
static long wait_ended(const ipc_proc *p, siginfo_t *ret)
{
	long r = pidfd_waitid(p->pidfd, ret, WEXITED | WNOHANG);

	if (r < 0 && errno != ECHILD) /* somebody closed it, as closefrom(3) does */
		r = syscall(SYS_waitid, P_PID, p->pid, ret, WEXITED | WNOHANG, NULL);
	return r;
}

static int reap(ipc_proc *p)
{
	siginfo_t info = {0};
	int       r = 0;

	(void)pthread_mutex_lock(&p->reaping);
	if (!p->ended) {
		if (wait_ended(p, &info) < 0)
			r = errno == ECHILD ? fail(-ECHILD,
						   "process %d is not this process's child, or was "
						   "waited for by somebody else",
						   (int)p->pid)
					    : -errno;
		else if (info.si_pid == 0)
			r = -EAGAIN;
		else
			p->status = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
		p->ended = r == 0;
	}
	(void)pthread_mutex_unlock(&p->reaping);
	return r;
}

struct wait_item proc_wait_item(const ipc_proc *p)
{
	return (struct wait_item){.op = OP_PROC, .arg = (uint64_t)p->pid, .arg2 = p->child};
}

/* Until the pidfd is readable, for @ns at most: 0, -EAGAIN. */
static int sleep_for(const ipc_proc *p, uint64_t ns)
{
	struct pollfd   fd = {.fd = p->pidfd, .events = POLLIN};
	struct timespec left = {.tv_sec = (time_t)(ns / 1000000000u),
				.tv_nsec = (long)(ns % 1000000000u)};
	long            n = syscall(SYS_ppoll, &fd, 1, &left, NULL, 0); /* base/cancel.h */

	if (n > 0)
		return 0;
	return n == 0 || errno == EINTR ? -EAGAIN : -errno;
}

/*
 * Published. The kernel wakes us, so slices are not needed for that; only for asking
 * why it takes so long. -EAGAIN: there is an answer.
 */
static int sleep_until_exit(const ipc_proc *p, struct wait *w)
{
	uint64_t now = clock_now_ns(), ns;
	int      r;

	for (;;) {
		ns = deadlock_action() > ON_DEADLOCK_OFF ? WAIT_SLICE_NS : WAIT_LONG_NS;
		if (w->deadline && w->deadline < now + ns)
			ns = w->deadline > now ? w->deadline - now : 0;
		r = sleep_for(p, ns);
		now = clock_now_ns();
		if (r != -EAGAIN)
			return r;
		if (w->deadline && now >= w->deadline)
			return -ETIMEDOUT;
		wait_note_alarm(w);
		if (deadlock_ask(w) == WAIT_TOLD)
			return -EAGAIN;
	}
}

#define TRACED_PAUSE_NS 1000000 /* picked: as long as a debugger takes, and no more */

/*
 * The pidfd tells of the end, also while a debugger or strace has not yet taken note of it, and
 * until then the kernel does not hand the child's status to its parent.
 */
static int reap_ended(ipc_proc *p, struct wait *w)
{
	int r = reap(p);

	while (r == -EAGAIN) {
		if (w->deadline && clock_now_ns() >= w->deadline)
			return -ETIMEDOUT;
		wait_publish(w);
		clock_nap(TRACED_PAUSE_NS);
		wait_withdraw(w);
		r = reap(p);
	}
	return r;
}

static int join_slow(ipc_proc *p, ipc_nsec timeout, uint64_t site)
{
	struct wait w = {
		.item = proc_wait_item(p),
		.object_id = p->child,
		.timeout = timeout,
		.site = site,
	};
	bool told;
	int  r = wait_begin(&w), reaped;

	if (r < 0)
		return r;
	do {
		wait_publish(&w);
		r = sleep_until_exit(p, &w);
		wait_withdraw(&w);
		told = r == -EAGAIN;
		if (told)
			r = wait_act(&w);
	} while (told && r == 0);
	if (r == 0)
		r = reap_ended(p, &w);
	else if (r == -EDEADLK && (reaped = reap(p)) != -EAGAIN)
		r = reaped; /* it has ended all the same */
	wait_end(&w, r);
	return r;
}

/*
 * The child has ended, so whatever it held can be given up now and not when
 * somebody comes to wait for it.
 */
static void clean_up_after(const ipc_proc *p)
{
	if (p->child && load_acquire(&the_domain.joined))
		(void)process_reap_ref(p->child);
}

int ipc_proc_join(ipc_proc *p, ipc_nsec timeout, int *ret_status)
{
	int r;

	explain_clear();
	if (!p)
		return -EINVAL;
	if (p->parent != getpid())
		return fail(-ECHILD, "process %d is a child of process %d, not of this one",
			    (int)p->pid, (int)p->parent);
	r = reap(p);
	if (r == -EAGAIN && timeout != IPC_NOW)
		r = join_slow(p, timeout, (uint64_t)(uintptr_t)__builtin_return_address(0));
	if (r < 0)
		return r;
	clean_up_after(p);
	if (ret_status)
		*ret_status = p->status;
	return 0;
}

/* ---- the rest -------------------------------------------------------------------------------- */

pid_t ipc_proc_pid(const ipc_proc *p)
{
	return p ? p->pid : -1;
}

int ipc_proc_fd(const ipc_proc *p)
{
	return p ? p->pidfd : -EINVAL;
}

int ipc_proc_kill(ipc_proc *p, int sig)
{
	if (!p || sig < 0 || sig > SIGRTMAX)
		return -EINVAL;
	if (pidfd_kill(p->pidfd, sig) < 0 && errno != ESRCH)
		return -errno;
	return 0;
}

int ipc_proc_terminate(ipc_proc *p)
{
	return ipc_proc_kill(p, SIGTERM);
}

ipc_proc *ipc_proc_close(ipc_proc *p)
{
	if (!p)
		return NULL;
	if (p->parent == getpid())
		(void)reap(p);
	file_close(p->pidfd);
	(void)pthread_mutex_destroy(&p->reaping);
	free(p);
	return NULL;
}

int ipc_proc_set_name(const char *name)
{
	int r;

	explain_clear();
	r = name ? domain_join() : -EINVAL;
	if (r < 0)
		return r;
	registry_lock();
	process_label_name(the_domain.slot, name);
	registry_unlock();
	TRACE(process_join, the_domain.self, the_domain.name, name);
	return 0;
}
