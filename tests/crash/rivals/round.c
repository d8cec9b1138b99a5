/*
 * round.c - one kill
 *
 * All four run at full speed; after a random time one is killed. Then each of the others must
 * come further within the deadline, or the round is hung: it is counted as that, cleaned up, and
 * what was lost in it is not asked. Then the producers pause, and what they had sent must come.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rivals.h"

#define SECOND      INT64_C(1000000000)
#define START_NS    (30 * SECOND) /* until all run; an interpreter, or a daemon, takes its time */
#define PROGRESS_NS (3 * SECOND)  /* without which a survivor is stuck */
#define SETTLE_NS   (SECOND / 2)  /* without a message: no more will come */
#define STEPS       20            /* before the kill, and after it, of each */
#define KILL_MAX_NS (3 * SECOND / 1000) /* until the kill, once all run */

struct play {
	const struct rival *rival;
	struct board       *b;
	unsigned            victim; /* ROLES: nobody is killed yet */
	pid_t               host;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static void sleep_ns(int64_t ns)
{
	nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	return *seed ^= *seed << 5;
}

/* ---- the host --------------------------------------------------------------------------------- */

/* No program outlives the one that started it, even if that is killed. */
static void end_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

/* It says itself who it is: who sees it move can kill it. */
static void role_start(const struct play *p, unsigned role)
{
	pid_t parent = getpid();

	if (fork() != 0)
		return;
	end_with_parent(parent);
	__atomic_store_n(&p->b->role[role].pid, (uint64_t)getpid(), __ATOMIC_RELEASE);
	_exit(role_play(p->rival, p->b, role));
}

static bool role_ended(struct board *b, pid_t pid, int status)
{
	for (unsigned i = 0; i < ROLES; i++) {
		if (b->role[i].pid != (uint64_t)pid)
			continue;
		b->role[i].status = (uint64_t)status;
		__atomic_store_n(&b->role[i].ended, UINT64_C(1), __ATOMIC_RELEASE);
		return true;
	}
	return false; /* what the rival has started for itself */
}

static _Noreturn void host_exec(const char *program)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", RIVALS_DIR, program);
	execlp("python3", "python3", path, (char *)NULL);
	_exit(127);
}

static _Noreturn void host_run(const struct play *p, pid_t parent)
{
	unsigned n = 0;
	pid_t    pid;
	int      status;

	setsid();
	end_with_parent(parent);
	if (p->rival->program)
		host_exec(p->rival->program);
	if (p->rival->open() < 0)
		_exit(1);
	for (; n < PRODUCERS + p->b->n_consumers; n++)
		role_start(p, n);
	while (n > 0 && (pid = wait(&status)) > 0)
		n -= role_ended(p->b, pid, status);
	_exit(0);
}

/* ---- looking on ------------------------------------------------------------------------------- */

static bool takes_part(const struct play *p, unsigned role)
{
	return role != p->victim && role < PRODUCERS + p->b->n_consumers;
}

static bool has_ended(const struct play *p, unsigned role)
{
	return __atomic_load_n(&p->b->role[role].ended, __ATOMIC_ACQUIRE);
}

/* Is everybody who lives some steps further than in @since? Or has it done all it can. */
static bool all_moved(const struct play *p, const uint64_t since[ROLES])
{
	for (unsigned i = 0; i < ROLES; i++) {
		uint64_t now = __atomic_load_n(&p->b->role[i].steps, __ATOMIC_ACQUIRE);

		if (takes_part(p, i) && !has_ended(p, i) && now < since[i] + STEPS &&
		    now < MESSAGES_MAX)
			return false;
	}
	return true;
}

static bool host_ended(const struct play *p)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)p->host, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid;
}

static bool until_all_moved(const struct play *p, int64_t limit_ns)
{
	int64_t  end = now_ns() + limit_ns;
	uint64_t since[ROLES];

	for (unsigned i = 0; i < ROLES; i++)
		since[i] = __atomic_load_n(&p->b->role[i].steps, __ATOMIC_ACQUIRE);
	while (!all_moved(p, since)) {
		if (now_ns() > end || host_ended(p))
			return false;
		sleep_ns(200000);
	}
	return true;
}

static uint64_t received(const struct board *b)
{
	uint64_t n = 0;

	for (unsigned i = PRODUCERS; i < ROLES; i++)
		n += __atomic_load_n(&b->role[i].steps, __ATOMIC_ACQUIRE);
	return n;
}

static unsigned times_got(const struct board *b, unsigned producer, uint64_t seq)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CONSUMERS; i++)
		n += b->got[i][producer][seq];
	return n;
}

/* Of the messages whose send returned. */
static unsigned missing(const struct board *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PRODUCERS; i++)
		for (uint64_t seq = 0; seq < b->role[i].steps; seq++)
			n += times_got(b, i, seq) == 0;
	return n;
}

/* Until all has come, or nothing has for a while. */
static void settle(const struct board *b)
{
	int64_t  since = now_ns();
	uint64_t n = received(b), more;

	while (now_ns() - since < SETTLE_NS && missing(b)) {
		sleep_ns(1000000);
		more = received(b);
		if (more != n)
			since = now_ns();
		n = more;
	}
}

static bool all_paused(const struct play *p)
{
	for (unsigned i = 0; i < PRODUCERS; i++)
		if (takes_part(p, i) && !has_ended(p, i) &&
		    !__atomic_load_n(&p->b->role[i].paused, __ATOMIC_ACQUIRE))
			return false;
	return true;
}

static bool all_ended(const struct play *p)
{
	for (unsigned i = 0; i < ROLES; i++)
		if (takes_part(p, i) && !has_ended(p, i))
			return false;
	return true;
}

static bool until(bool (*is_true)(const struct play *p), const struct play *p)
{
	int64_t end = now_ns() + PROGRESS_NS;

	while (now_ns() < end && !is_true(p))
		sleep_ns(1000000);
	return is_true(p);
}

/* ---- adding up --------------------------------------------------------------------------------- */

static void count_messages(const struct play *p, bool hung, struct result *ret)
{
	bool     takes_one = p->victim >= PRODUCERS;
	unsigned lost = missing(p->b);

	for (unsigned i = 0; i < ROLES; i++)
		ret->torn += (unsigned)p->b->role[i].torn;
	for (unsigned i = 0; i < PRODUCERS; i++)
		for (uint64_t seq = 0; seq < MESSAGES_MAX; seq++)
			ret->duplicated += times_got(p->b, i, seq) > 1;
	if (hung || (takes_one && p->rival->own_queue))
		return;
	if (lost && takes_one) /* the one it had in its hands, or had not noted yet */
		lost--;
	ret->lost += lost;
}

/* Those who ended by a signal, or by an error that a rival's death caused. */
static void count_harmed(const struct play *p, struct result *ret)
{
	for (unsigned i = 0; i < ROLES; i++)
		ret->harmed += takes_part(p, i) && has_ended(p, i) && p->b->role[i].status;
}

/*
 * The host and all it has started: it leads their process group, and is not reaped yet, so the
 * number is theirs. They are main's to reap then, which is a subreaper.
 */
static void clean_up(const struct play *p)
{
	kill(-p->host, SIGKILL);
	while (waitpid(-p->host, NULL, 0) > 0 || errno == EINTR)
		;
	if (p->rival->clean)
		p->rival->clean(p->host);
}

static bool finish(const struct play *p)
{
	__atomic_store_n(&p->b->phase, (uint64_t)PHASE_PAUSE, __ATOMIC_RELEASE);
	if (!until(all_paused, p))
		return false;
	settle(p->b);
	__atomic_store_n(&p->b->phase, (uint64_t)PHASE_END, __ATOMIC_RELEASE);
	return until(all_ended, p);
}

int round_play(const struct rival *rival, struct board *board, unsigned victim, uint32_t *seed,
	       struct result *ret)
{
	struct play p = {.rival = rival, .b = board, .victim = ROLES};
	pid_t       parent = getpid();
	bool        hung;

	memset(board, 0, sizeof(*board));
	board->n_consumers = rival->n_consumers;
	p.host = fork();
	if (p.host < 0)
		return -errno;
	if (p.host == 0)
		host_run(&p, parent);
	if (!until_all_moved(&p, START_NS) || !board->role[victim].pid) {
		clean_up(&p);
		return -ETIMEDOUT;
	}
	sleep_ns(next_random(seed) % KILL_MAX_NS);
	p.victim = victim;
	kill((pid_t)board->role[victim].pid, SIGKILL);
	hung = !until_all_moved(&p, PROGRESS_NS);
	if (!hung)
		hung = !finish(&p);
	count_harmed(&p, ret);
	clean_up(&p);
	count_messages(&p, hung, ret);
	ret->hung += hung;
	ret->kills++;
	return 0;
}
