#include "storm_cast.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

void (*storm_killed_at)(uint64_t pc);

bool storm_wrong(struct weather *w, enum found what, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!w->r->failure[0]) {
		w->r->found = what;
		(void)vsnprintf(w->r->failure, sizeof(w->r->failure), fmt, ap);
	}
	va_end(ap);
	return false;
}

/* ---- workers ---------------------------------------------------------------------------- */

static void raise_progress(uint64_t *p)
{
	(void)__atomic_fetch_add(p, 1, __ATOMIC_RELAXED);
}

static void producer(struct weather *w, unsigned index, unsigned life)
{
	struct board *b = w->b;
	struct letter l = {.life = life};
	uint32_t      seed = life * 7919 + w->seed;

	while (l.seq < SEQ_MOST) {
		l.len = test_random(&seed) % 32 ? l.seq % 60 : test_random(&seed) % LARGE;
		test_pattern(l.rest, l.len, life << 16 ^ l.seq);
		b->begun[life] = l.seq + 1;
		b->error = ipc_queue_put(w->q, &l, offsetof(struct letter, rest) + l.len,
					 IPC_SEC(30));
		if (b->error < 0)
			_exit(3);
		b->put[life] = ++l.seq;
		raise_progress(&b->progress[index]);
	}
	__atomic_store_n(&b->exhausted, 1, __ATOMIC_RELEASE);
	for (;;) { /* done its part: alive, and no reason to worry */
		raise_progress(&b->progress[index]);
		test_pause();
	}
}

static void enter(struct board *b, const struct letter *l, ssize_t n, int64_t next[LIVES])
{
	bool whole = n >= (ssize_t)offsetof(struct letter, rest) && l->life < LIVES &&
		     l->seq < SEQ_MOST && (size_t)n == offsetof(struct letter, rest) + l->len &&
		     test_pattern_is(l->rest, l->len, l->life << 16 ^ l->seq);
	uint32_t bit;

	if (!whole) {
		(void)__atomic_fetch_add(&b->n_torn, 1, __ATOMIC_RELAXED);
		return;
	}
	if ((int64_t)l->seq < next[l->life])
		(void)__atomic_fetch_add(&b->n_late, 1, __ATOMIC_RELAXED);
	next[l->life] = l->seq + 1;
	bit = 1u << l->seq % 32;
	if (__atomic_fetch_or(&b->got[l->life][l->seq / 32], bit, __ATOMIC_RELAXED) & bit)
		(void)__atomic_fetch_add(&b->n_double, 1, __ATOMIC_RELAXED);
}

/* Everything, until the queue is shut down and empty, or, for the stage, just empty. */
ssize_t storm_consume(struct weather *w, uint64_t *progress)
{
	int64_t       next[LIVES] = {0};
	struct letter l;
	ssize_t       n;

	while ((n = ipc_queue_get(w->q, &l, sizeof(l), IPC_SEC(30))) >= 0) {
		enter(w->b, &l, n, next);
		if (w->joinable && ipc_queue_task_done(w->q) < 0)
			_exit(4);
		raise_progress(progress);
	}
	return n;
}

static void consumer(struct weather *w, unsigned index)
{
	ssize_t n = storm_consume(w, &w->b->progress[index]);

	if (n == -EPIPE)
		_exit(0);
	w->b->error = (int32_t)n;
	_exit(5);
}

void storm_spawn(struct weather *w, unsigned index)
{
	struct worker *k = &w->w[index];

	k->life = w->lives++;
	k->seen = UINT64_MAX;
	k->since = test_now();
	k->pid = fork();
	if (k->pid != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpriority(PRIO_PROCESS, 0, 0);
	test_deadline(120);
	if (index % 2 == 0)
		producer(w, index, k->life);
	else
		consumer(w, index);
}

/* ---- killing ------------------------------------------------------------------------------ */

/* Where it stands: it is stopped for that. What it has not done by then it never does. */
static uint64_t stop_and_look(pid_t pid)
{
	char path[64], text[256] = {0};
	int  fd, status;

	(void)kill(pid, SIGSTOP);
	/* it stops when it has its turn: where that is allowed, now */
	(void)sched_setscheduler(pid, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!read(fd, text, sizeof(text) - 1);
		(void)close(fd);
	}
	return strrchr(text, ' ') ? strtoull(strrchr(text, ' ') + 1, NULL, 16) : 0;
}

/* At random; or just after it got something done, where the stores are. */
static void choose_moment(struct weather *w, unsigned index)
{
	const uint64_t *p = &w->b->progress[index];
	uint32_t        n = test_random(&w->seed);
	uint64_t        before = __atomic_load_n(p, __ATOMIC_RELAXED), until;

	if (n % 2)
		until = test_now() + n / 2 % 300000;
	else
		until = test_now() + 2000000;
	while (test_now() < until && (n % 2 || __atomic_load_n(p, __ATOMIC_RELAXED) == before))
		;
	for (volatile unsigned i = n / 2 % 600; i && n % 2 == 0; i--)
		;
}

void storm_kill(struct weather *w, unsigned index)
{
	uint64_t pc;

	choose_moment(w, index);
	pc = stop_and_look(w->w[index].pid);
	(void)kill(w->w[index].pid, SIGKILL);
	(void)waitpid(w->w[index].pid, NULL, 0);
	if (storm_killed_at)
		storm_killed_at(pc);
	w->getters_killed += index % 2;
	w->r->kills++;
}

bool storm_all_get_on(struct weather *w)
{
	uint64_t now = test_now();

	if (__atomic_load_n(&w->b->exhausted, __ATOMIC_ACQUIRE))
		return true;
	for (unsigned i = 0; i < w->o->workers; i++) {
		struct worker *k = &w->w[i];
		uint64_t       progress = __atomic_load_n(&w->b->progress[i], __ATOMIC_RELAXED);

		if (progress != k->seen) {
			k->seen = progress;
			k->since = now;
		}
		if (now - k->since > w->r->longest_ns)
			w->r->longest_ns = now - k->since;
		if (now - k->since > STUCK_NS)
			return storm_wrong(
				w, FOUND_HANG, "worker %u gets nowhere for %.1f s, after kill %llu",
				i, (double)(now - k->since) / 1e9, (unsigned long long)w->r->kills);
	}
	return true;
}
