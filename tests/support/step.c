#include "support/step.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "support/test.h"

#define TRAP_CALL (SIGTRAP | 0x80)

/* ---- the machine -------------------------------------------------------------- */

#if defined(__x86_64__)

static uint64_t read_pc(pid_t pid)
{
	struct user_regs_struct regs;
	struct iovec            v = {.iov_base = &regs, .iov_len = sizeof(regs)};

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &v) < 0)
		test_fail("PTRACE_GETREGSET: %s", strerror(errno));
	return regs.rip;
}

/* The child is a fork of this process: its code is ours. */
static bool at_call(uint64_t pc)
{
	const unsigned char *code = (const unsigned char *)(uintptr_t)pc;

	return code[0] == 0x0f && code[1] == 0x05; /* syscall */
}

bool step_possible(const char **ret_why)
{
	const char *mode = getenv("MODE");

	*ret_why = "a sanitizer executes thousands of instructions for one of ours";
	return !mode || (strcmp(mode, "asan") && strcmp(mode, "tsan"));
}

#else

static uint64_t read_pc(pid_t pid)
{
	return 0;
}

static bool at_call(uint64_t pc)
{
	return false;
}

bool step_possible(const char **ret_why)
{
	*ret_why = "stepping is written for x86-64 only";
	return false;
}

#endif

/* ---- the child ------------------------------------------------------------------ */

void step_me(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		test_fail("PTRACE_TRACEME: %s", strerror(errno));
	(void)raise(SIGSTOP);
}

__attribute__((noinline)) void step_end(void)
{
	(void)raise(SIGSTOP);
}

/* ---- stops ------------------------------------------------------------------------ */

/* Wait for the next stop; false: it sleeps in a system call. */
static bool wait_stop(pid_t pid, bool may_sleep, int *status)
{
	for (;;) {
		pid_t r = waitpid(pid, status, __WALL | (may_sleep ? WNOHANG : 0));

		if (r == pid)
			return true;
		if (r < 0 && errno != EINTR)
			test_fail("waitpid: %s", strerror(errno));
		if (r == 0 && test_stays_asleep(pid, 3))
			return false;
	}
}

enum stop { STOP_TRAP, STOP_CALL, STOP_SIGNAL, STOP_ASLEEP, STOP_OVER };

static enum stop next_stop(struct stepper *t, bool may_sleep)
{
	int status;

	t->at.asleep = !wait_stop(t->pid, may_sleep, &status);
	if (t->at.asleep)
		return STOP_ASLEEP;
	if (!WIFSTOPPED(status)) {
		t->gone = t->ended = true;
		return STOP_OVER;
	}
	switch (WSTOPSIG(status)) {
	case SIGTRAP: return STOP_TRAP;
	case TRAP_CALL: return STOP_CALL;
	case SIGSTOP: t->ended = t->stopped = true; return STOP_OVER;
	default: t->signal = WSTOPSIG(status); return STOP_SIGNAL;
	}
}

static void resume(struct stepper *t, enum __ptrace_request how)
{
	int signal = t->signal;

	t->signal = 0;
	if (ptrace(how, t->pid, NULL, (void *)(intptr_t)signal) < 0 && errno != ESRCH)
		test_fail("ptrace: %s", strerror(errno));
}

/* How often it was at .pc since its last system call. */
static uint32_t times_here(struct stepper *t)
{
	uint64_t i = (t->at.pc ^ (uint64_t)t->at.n_calls << 40) * UINT64_C(0x9e3779b97f4a7c15);

	for (i >>= 64 - STEP_SEEN_LOG2;; i = (i + 1) % STEP_SEEN) {
		struct step_seen *s = &t->seen[i];

		if (s->n && s->n_calls != t->at.n_calls)
			s->n = 0; /* of an earlier stretch: free */
		if (s->n && s->pc != t->at.pc)
			continue;
		s->pc = t->at.pc;
		s->n_calls = t->at.n_calls;
		return ++s->n;
	}
}

/* ---- stepping ----------------------------------------------------------------------- */

void step_begin(struct stepper *t, pid_t pid)
{
	int status;

	memset(t, 0, sizeof(*t));
	t->pid = pid;
	(void)wait_stop(pid, false, &status);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP)
		test_fail("a child ended before it could be stepped: status %x", status);
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) < 0)
		test_fail("PTRACE_SETOPTIONS: %s", strerror(errno));
	t->at.pc = read_pc(pid);
	t->at.nth = times_here(t);
}

static void count_step(struct stepper *t, bool call)
{
	t->n_total++;
	t->at.n_calls += call;
	t->at.pc = read_pc(t->pid);
	t->at.nth = times_here(t);
	if (t->at.pc == (uint64_t)(uintptr_t)step_end)
		t->ended = true;
}

void step_once(struct stepper *t)
{
	bool      call = at_call(t->at.pc), was_asleep = t->at.asleep;
	enum stop s;

	do {
		if (!was_asleep)
			resume(t, PTRACE_SINGLESTEP);
		s = next_stop(t, call && !was_asleep);
		was_asleep = false;
	} while (s == STOP_SIGNAL);
	if (s == STOP_TRAP)
		count_step(t, call);
}

/* From one stop at a system call to the next. */
static void one_stop(struct stepper *t, void (*asleep)(void *arg), void *arg)
{
	enum stop s;

	do {
		resume(t, PTRACE_SYSCALL);
		s = next_stop(t, asleep != NULL);
		if (s == STOP_ASLEEP && asleep) {
			asleep(arg);
			s = next_stop(t, false);
		}
	} while (s == STOP_SIGNAL);
}

void step_calls(struct stepper *t, uint32_t n_calls, void (*asleep)(void *arg), void *arg)
{
	while (t->at.n_calls < n_calls && !t->ended) {
		one_stop(t, NULL, NULL);
		if (!t->ended)
			one_stop(t, asleep, arg);
		if (!t->ended)
			count_step(t, true);
	}
}

void step_finish(struct stepper *t, void (*asleep)(void *arg), void *arg)
{
	while (!t->gone && !t->stopped) {
		resume(t, PTRACE_CONT);
		while (next_stop(t, asleep != NULL) == STOP_ASLEEP && asleep)
			asleep(arg); /* it may fall asleep again after that */
	}
}

void step_release(struct stepper *t)
{
	step_finish(t, NULL,
		    NULL); /* nobody would end the stop in step_end() once it is not traced */
	if (!t->gone && ptrace(PTRACE_DETACH, t->pid, NULL, NULL) < 0)
		test_fail("PTRACE_DETACH: %s", strerror(errno));
}

void step_kill(struct stepper *t)
{
	siginfo_t info;
	int       r;

	if (t->gone)
		return;
	(void)kill(t->pid, SIGKILL);
	/* it stays a zombie: who takes those for alive is to be found out */
	do {
		r = waitid(P_PID, (id_t)t->pid, &info, WEXITED | WNOWAIT);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		test_fail("waitid: %s", strerror(errno));
	t->gone = t->ended = true;
}
