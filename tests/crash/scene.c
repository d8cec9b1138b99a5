#include "scene.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <ipc/proc.h>

#include "audit.h"
#include "support/test.h"
#include "walk.h"

#define HANG_NS     UINT64_C(1000000000) /* four slices: what a survivor may never wait */
#define QUEUED_HOPS 20 /* others that may have queued as long, one after the other; picked */

_Noreturn void scene_fail_at(struct scene *s, enum found what, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!s->outcome->failed) {
		s->outcome->found = what;
		(void)vsnprintf(s->outcome->failure, sizeof(s->outcome->failure), fmt, ap);
	}
	va_end(ap);
	s->outcome->failed = line;
	_exit(1);
}

struct moment scene_moment(void)
{
	struct moment m = {.ns = test_now()};
	char          text[100] = {0}, *second;
	int           fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return m;
	(void)!read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	second = strchr(text, ' ');
	m.queued_ns = second ? strtoull(second, NULL, 10) : 0;
	return m;
}

void scene_took(struct scene *s, struct moment began, const char *what)
{
	uint64_t      killed = __atomic_load_n(&s->outcome->killed_ns, __ATOMIC_ACQUIRE);
	struct moment now = scene_moment();
	uint64_t      queued = now.queued_ns - began.queued_ns;
	uint64_t      ns = now.ns - (began.ns > killed ? began.ns : killed);

	ns -= queued < ns ? queued : ns;
	if (ns > s->outcome->longest_ns)
		s->outcome->longest_ns = ns;
	if (ns > HANG_NS + QUEUED_HOPS * queued)
		scene_found(s, FOUND_HANG, "hung: %s took %.3f s", what, (double)ns / 1e9);
}

void scene_since_now(struct scene *s)
{
	__atomic_store_n(&s->outcome->killed_ns, test_now(), __ATOMIC_RELEASE);
}

bool scene_killed(const struct scene *s)
{
	return s->trial->ending == END_KILLED;
}

/* ---- the cast ------------------------------------------------------------------------ */

pid_t scene_fork(struct scene *s, void (*fn)(struct scene *s))
{
	pid_t pid = fork();

	if (pid < 0)
		scene_fail(s, "fork: %s", strerror(errno));
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		test_deadline(60);
		fn(s);
		exit(0);
	}
	return pid;
}

void scene_wait(struct scene *s, pid_t pid, const char *who)
{
	struct moment began = scene_moment();
	int           r = test_wait(pid);

	scene_took(s, began, who);
	if (r != 0)
		scene_fail(s, "%s ended with status %d", who, r);
}

void scene_wait_victim(struct scene *s)
{
	if (!s->victim.gone)
		scene_wait(s, s->victim.pid, "the victim");
}

static void wait_for_go(const struct scene *s, unsigned i)
{
	char c;

	if (read(s->go[i], &c, 1) != 1)
		_exit(0); /* the stage is gone, or does not need it */
}

/* One that has everything its parent has, and is there only as long as that is. */
static void have_child(struct scene *s)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0) {
		s->ledger->child = pid;
		return;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		(void)pause();
	_exit(0);
}

static void act(struct scene *s, const struct operation *op, enum writer role)
{
	s->op = op;
	s->role = role;
	if (op->fresh)
		wait_for_go(s, 0);
	if (op->play->prime)
		op->play->prime(s);
	if (s->trial->context->forked)
		have_child(s);
	step_me();
	op->act(s);
	step_end();
	if (op->play->record)
		op->play->record(s);
}

static void victim(struct scene *s)
{
	act(s, s->trial->op, WRITER_VICTIM);
}

static void partner(struct scene *s)
{
	act(s, s->trial->partner, WRITER_HELPER);
}

/* What a process does that was not there yet: it joins, and cleans up after the dead. */
static void join_domain(struct scene *s)
{
	int r = ipc_proc_set_name("joiner");

	if (r < 0)
		scene_fail(s, "a newcomer cannot join: %s %s", ipc_strerror(r), ipc_explain());
}

static void joiner_stepped(struct scene *s)
{
	wait_for_go(s, DEPTH_MAX);
	step_me();
	join_domain(s);
	step_end();
}

static void joiner_free(struct scene *s)
{
	wait_for_go(s, DEPTH_MAX);
	join_domain(s);
}

/* Fork one that waits for a word; *@ret_go is where to write it. */
static pid_t fork_waiting(struct scene *s, unsigned i, void (*fn)(struct scene *s), int *ret_go)
{
	int   fd[2];
	pid_t pid;

	if (pipe(fd) < 0)
		scene_fail(s, "pipe: %s", strerror(errno));
	s->go[i] = fd[0];
	pid = fork();
	if (pid == 0) {
		(void)close(fd[1]);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		test_deadline(60);
		fn(s);
		exit(0);
	}
	(void)close(fd[0]);
	*ret_go = fd[1];
	return pid;
}

static void go(int fd)
{
	(void)!write(fd, "g", 1);
	(void)close(fd);
}

/* ---- the stage ------------------------------------------------------------------------- */

/* Is member @i (0: the victim) of the cast stepped? */
static bool is_stepped(const struct trial *t, unsigned i)
{
	return i == 0 || i < t->n_kills || t->list == i + 1;
}

/* For as long as the victim stands still, and a little longer. */
static void bother(struct scene *s)
{
	wait_for_go(s, DEPTH_MAX);
	for (int i = 0; i < 900 && s->trial->op->play->bother; i++) {
		s->trial->op->play->bother(s);
		test_pause();
	}
}

void scene_let_in(struct scene *s)
{
	go(s->go_newcomer);
	go(s->go_botherer);
}

void scene_let_out(struct scene *s)
{
	if (!s->newcomer)
		return; /* they are out already */
	if (test_wait(s->newcomer) != 0 || test_wait(s->botherer) != 0)
		scene_fail(s, "somebody failed while the victim stood still");
	s->newcomer = s->botherer = 0;
}

/* Two who come afterwards: the second must find nothing to do. */
static void recover_twice(struct scene *s, const int *go_fd, unsigned first)
{
	if (s->ledger->child > 0) /* the stage's now, and as dead as the victim */
		(void)test_wait(s->ledger->child);
	for (unsigned i = first; i < first + 2; i++) {
		go(go_fd[i]);
		scene_wait(s, s->joiner[i], "a newcomer");
		audit(s);
	}
}

static void stage(struct scene *s)
{
	const struct trial *t = s->trial;
	const struct play  *play = t->op->play;
	int                 go_fd[DEPTH_MAX + 2], go_victim = -1;
	unsigned            depth = t->list > t->n_kills ? t->list : t->n_kills, n = depth - 1;

	for (unsigned i = 0; i < n + 2; i++)
		s->joiner[i] = fork_waiting(s, DEPTH_MAX,
					    is_stepped(t, i + 1) ? joiner_stepped : joiner_free,
					    &go_fd[i]);
	if (t->ending == END_STOPPED)
		s->newcomer = fork_waiting(s, DEPTH_MAX, joiner_free, &s->go_newcomer);
	if (t->op->fresh)
		s->victim.pid = fork_waiting(s, 0, victim, &go_victim);
	play->prepare(s);
	audit_count(s, &s->before);
	if (play->others)
		play->others(s);
	if (t->ending == END_STOPPED)
		s->botherer = fork_waiting(s, DEPTH_MAX, bother, &s->go_botherer);
	if (t->op->fresh)
		go(go_victim);
	else
		s->victim.pid = scene_fork(s, victim);
	if (t->partner)
		walk_partner(s, scene_fork(s, partner));
	walk(s, 0, s->victim.pid);
	if (t->partner)
		walk_on(s);
	for (unsigned i = 0; i < n; i++) {
		go(go_fd[i]);
		walk(s, i + 1, s->joiner[i]);
	}
	scene_since_now(s);
	play->aftermath(s);
	recover_twice(s, go_fd, n);
	if (play->end)
		play->end(s);
}

static int stage_main(const struct trial *t, const char *dir, struct outcome *o)
{
	struct scene s = {.trial = t, .outcome = o};

	(void)setenv("IPC_DIR", dir, 1);
	(void)setenv("IPC_MAX_PROCESSES", "16", 1);
	(void)setenv("IPC_MAX_OBJECTS", "16", 1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1); /* children of the victim become ours */
	test_deadline(60);
	s.ledger = test_shared(sizeof(*s.ledger));
	s.c.kind = t->op->carrier;
	s.op = t->op;
	stage(&s);
	return 0;
}

pid_t scene_start(const struct trial *t, const char *dir, struct outcome *o)
{
	pid_t pid;

	o->failed = 0;
	o->found = FOUND_HARM;
	o->failure[0] = '\0';
	o->n_places = o->n_images = o->drifted = o->n_trail = 0;
	o->n_steps = o->longest_ns = o->killed_ns = 0;
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		exit(stage_main(t, dir, o));
	return pid;
}
