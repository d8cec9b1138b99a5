/*
 * test_observe_random.c - the detector against the truth
 *
 * Systems are made up at random (deadlock/sys_random.c) and walked to a random state; that
 * state is written down as a registry of real, idle processes and judged by a real observer.
 * What the same system could still do is found by exploring all of it (sys_truth.c). Whoever
 * is called deadlocked or orphaned must never take another step there: that is checked. Of
 * those who never do, some are missed: who could help them by what it holds, though its
 * program will not. They are counted.
 *
 *     SYSTEMS=n (400)   SEED=n
 *
 * test-limit: 560
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <ipc/observe.h>
#include <ipc/sync.h>

#include "deadlock/system.h"
#include "support/fake_registry.h"

#define POOL 5 /* processes of one thread, and as many of two */

static struct fake f;
static uint32_t    seed;
static struct {
	unsigned systems, hung, with_verdict, dead, called, missed, skipped, but_for_exits,
		suspected;
} count;

static unsigned number(const char *variable, unsigned otherwise)
{
	const char *text = getenv(variable);

	return text && *text ? (unsigned)strtoul(text, NULL, 0) : otherwise;
}

/* ---- the cast: idle processes, which play all systems --------------------------------------- */

static uint64_t other_task(pid_t pid)
{
	char                 path[64];
	const struct dirent *d;
	uint64_t             tid = 0;
	DIR                 *tasks;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && (d = readdir(tasks)))
		if (strtoul(d->d_name, NULL, 10) > (unsigned long)pid)
			tid = strtoul(d->d_name, NULL, 10);
	if (tasks)
		(void)closedir(tasks);
	assert_true(tid != 0);
	return tid;
}

/* Thread i is the main one of process i; 2 * POOL + i the second one of process POOL + i. */
static void make_cast(void)
{
	fake_make(&f);
	for (uint32_t i = 0; i < POOL; i++)
		(void)fake_process(&f, "single");
	for (uint32_t i = 0; i < POOL; i++)
		(void)fake_threaded_process(&f, "double");
	for (uint32_t i = POOL; i < 2 * POOL; i++)
		(void)fake_thread(&f, i, other_task(f.child[i]));
}

/* ---- a state as a registry -------------------------------------------------------------------- */

struct stage {
	const struct sys       *s;
	const struct sys_state *st;
	uint32_t                process[SYS_PROCS], thread[SYS_THREADS], block;
	uint32_t                object[SYS_OBJECTS];
};

static void cast_roles(struct stage *g)
{
	for (unsigned p = 0; p < g->s->n_processes; p++) {
		unsigned n = 0, k = 0;

		for (unsigned t = 0; t < g->s->n_threads; t++)
			n += g->s->thread[t].process == p && sys_active(g->s, g->st, t);
		g->process[p] = n > 1 ? POOL + p : p;
		for (unsigned t = 0; t < g->s->n_threads; t++)
			if (g->s->thread[t].process == p && sys_active(g->s, g->st, t))
				g->thread[t] = g->process[p] + (k++ ? POOL : 0);
	}
}

static void forget_holds(struct thread_rec *rec)
{
	memset(rec->held, 0, sizeof(rec->held));
	rec->n_held = 0;
}

static void clear(void)
{
	memset(fake_record(&f, TABLE_OBJECTS, 0), 0,
	       f.n[TABLE_OBJECTS] * sizeof(struct object_rec));
	memset(fake_record(&f, TABLE_ENDS, 0), 0, f.n[TABLE_ENDS] * sizeof(struct end_rec));
	f.n[TABLE_OBJECTS] = f.n[TABLE_ENDS] = 0;
	for (uint32_t t = 0; t < f.n[TABLE_THREADS]; t++) {
		struct thread_rec *rec = fake_record(&f, TABLE_THREADS, t);

		forget_holds(rec);
		rec->wait.flags = 0;
		rec->wait.seq = (rec->wait.seq & ~(uint64_t)WAIT_STATE_MASK) + 4;
	}
}

static uint32_t flags_of(const struct sys_object *o)
{
	return (o->kind == SYS_PIPE ? (uint32_t)OBJECT_SIMPLEX : 0) |
	       (o->requeue ? (uint32_t)OBJECT_REQUEUE : 0) |
	       (o->named ? (uint32_t)OBJECT_NAMED : 0) | (o->sealed ? (uint32_t)OBJECT_SEALED : 0);
}

/* ---- things of ipc/sync.h ----------------------------------------------------------------- */

static void hold(const struct stage *g, unsigned t, unsigned o, uint64_t kind, uint64_t n)
{
	struct thread_rec *rec = fake_record(&f, TABLE_THREADS, g->thread[t]);

	rec->held[rec->n_held++] = (struct held_rec){
		.what = (100u + o) << HELD_NUMBER_SHIFT | n << HELD_COUNT_SHIFT | kind | HELD_HAS,
		.object = ref_make(7, g->object[o])};
}

static bool arrived(const struct stage *g, unsigned t, unsigned o)
{
	const struct sys_op *op = &g->s->thread[t].op[g->st->pc[t]];

	return sys_active(g->s, g->st, t) && g->st->in[t] && g->st->in[t] != 0xff &&
	       op->act == SYS_GET && op->on == o;
}

/* Say what each thread has of it: shares, or that it has arrived. How many all have. */
static uint64_t stage_holds(const struct stage *g, unsigned o, uint64_t kind)
{
	uint64_t sum = 0;

	for (unsigned t = 0; t < g->s->n_threads; t++) {
		uint64_t n = kind == HELD_ARRIVAL ? arrived(g, t, o) : g->st->share[t][o];

		if (n && sys_active(g->s, g->st, t))
			hold(g, t, o, kind, n); /* of a barrier: the turn, which is 1 */
		sum += n;
	}
	return sum;
}

static uint64_t owner_word(const struct stage *g, unsigned o)
{
	unsigned t = g->st->owner[o] - 1u;

	if (!g->st->owner[o])
		return 0;
	return sys_active(g->s, g->st, t) ? fake_thread_ref(&f, g->thread[t])
					  : ref_make(3, 60); /* of who is gone */
}

static void stage_sync(struct stage *g, unsigned o)
{
	static const enum object_kind kinds[] = {
		[SYS_RMUTEX] = KIND_RMUTEX,   [SYS_RWLOCK] = KIND_RWLOCK,
		[SYS_SEM] = KIND_SEMAPHORE,   [SYS_GATE] = KIND_SEMAPHORE,
		[SYS_EVENT] = KIND_EVENT,     [SYS_COND] = KIND_CONDITION,
		[SYS_BARRIER] = KIND_BARRIER,
	};
	const struct sys_object *object = &g->s->object[o];
	uint64_t                 n, value = g->st->queued[o];
	union {
		ipc_rmutex  m;
		ipc_rwlock  l;
		ipc_sem     s;
		ipc_event   e;
		ipc_cond    c;
		ipc_barrier b;
	} u;

	memset(&u, 0, sizeof(u));
	g->object[o] = fake_object(&f, kinds[object->kind], flags_of(object), object->name);
	for (unsigned p = 0; p < g->s->n_processes; p++)
		if (g->st->life[p] == SYS_ALIVE && g->st->ends[p][o])
			(void)fake_end(&f, g->process[p], g->object[o], RIGHT_MAP);
	switch (object->kind) {
	case SYS_RMUTEX: u.m.owner = owner_word(g, o); break;
	case SYS_RWLOCK:
		n = stage_holds(g, o, HELD_READ);
		u.l = (ipc_rwlock){.number = 100u + o,
				   .state = n ? UINT64_C(1) << 63 | n : owner_word(g, o)};
		break;
	case SYS_SEM:
		(void)stage_holds(g, o, HELD_PERMIT);
		u.s = (ipc_sem){.number = 100u + o, .state = value, .bound = object->capacity};
		break;
	case SYS_GATE: u.s.state = value; break;
	case SYS_EVENT: u.e.state = value; break;
	case SYS_COND:
		for (unsigned t = 0; t < g->s->n_threads; t++)
			u.c.tickets += arrived(g, t, o);
		break;
	default:
		n = stage_holds(g, o, HELD_ARRIVAL);
		u.b = (ipc_barrier){.number = 100u + o,
				    .state = UINT64_C(1) << 32 | (value ? UINT64_C(1) << 24 : 0) |
					     (uint64_t)object->capacity << 12 | n};
		break;
	}
	fake_object_file(&f, g->object[o], &u, sizeof(u), 0);
}

static void stage_sync_wait(const struct stage *g, unsigned t, const struct sys_op *op)
{
	static const enum wait_op ops[] = {
		[SYS_RMUTEX] = OP_LOCK,     [SYS_RWLOCK] = OP_WRLOCK, [SYS_SEM] = OP_SEM,
		[SYS_GATE] = OP_SEM,        [SYS_EVENT] = OP_EVENT,   [SYS_COND] = OP_COND,
		[SYS_BARRIER] = OP_BARRIER,
	};
	enum sys_kind      kind = g->s->object[op->on].kind;
	struct thread_rec *rec = fake_record(&f, TABLE_THREADS, g->thread[t]);
	bool               reads = kind == SYS_RWLOCK && op->act == SYS_GET;

	fake_wait(&f, g->thread[t], reads ? OP_RDLOCK : ops[kind], g->object[op->on], 0);
	rec->wait.item[0].arg2 = kind == SYS_RMUTEX    ? owner_word(g, op->on)
				 : kind == SYS_EVENT   ? 0
				 : kind == SYS_COND    ? g->st->in[t] - 1u
				 : kind == SYS_BARRIER ? 1
						       : 100u + op->on;
}

static void stage_ends(struct stage *g, unsigned o)
{
	enum sys_kind kind = g->s->object[o].kind;

	for (unsigned p = 0; p < g->s->n_processes; p++) {
		uint8_t  ends = g->st->ends[p][o];
		uint32_t e;

		if (g->st->life[p] != SYS_ALIVE || !ends)
			continue;
		if (kind == SYS_PIPE && (ends & SYS_R))
			(void)fake_end(&f, g->process[p], g->object[o], RIGHT_RECV0);
		if (kind == SYS_PIPE && (ends & SYS_W))
			(void)fake_end(&f, g->process[p], g->object[o], RIGHT_SEND0);
		if (kind == SYS_QUEUE)
			(void)fake_end(&f, g->process[p], g->object[o], RIGHT_SEND0 | RIGHT_RECV0);
		if (kind == SYS_JOINABLE) {
			e = fake_end(&f, g->process[p], g->object[o],
				     RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE);
			fake_end_at(&f, e)->in.messages = g->st->owed[p][o];
		}
	}
}

static void stage_object(struct stage *g, unsigned o)
{
	static const enum object_kind kinds[] = {KIND_PIPE, KIND_QUEUE, KIND_JOINABLE, KIND_SHM};
	const struct sys_object      *object = &g->s->object[o];
	struct ring_ctl              *ring;
	uint64_t                      owed = 0;

	if (object->kind == SYS_MUTEX)
		return;
	if (object->kind > SYS_MUTEX) {
		stage_sync(g, o);
		return;
	}
	g->object[o] = fake_object(&f, kinds[object->kind], flags_of(object), object->name);
	stage_ends(g, o);
	for (unsigned p = 0; p < g->s->n_processes; p++)
		owed += g->st->owed[p][o];
	ring = fake_ring(&f, g->object[o], 0);
	ring->capacity = object->capacity;
	ring->head = owed;
	ring->tail = owed + g->st->queued[o];
}

/* All locks lie in one block that everybody has mapped. */
static void stage_locks(struct stage *g)
{
	uint64_t words[2 * SYS_OBJECTS] = {0};

	g->block = fake_object(&f, KIND_SHM, 0, "locks");
	for (uint32_t p = 0; p < 2 * POOL; p++)
		(void)fake_end(&f, p, g->block, RIGHT_MAP);
	for (unsigned o = 0; o < g->s->n_objects; o++)
		words[2 * o] = owner_word(g, o);
	fake_object_file(&f, g->block, words, sizeof(words), 0);
}

/* As ipc_wait() publishes it. */
static void stage_two(const struct stage *g, unsigned t, const struct sys_op *op)
{
	struct thread_rec *rec = fake_record(&f, TABLE_THREADS, g->thread[t]);
	unsigned           on[2] = {op->on, op->on2};

	fake_wait(&f, g->thread[t], OP_GET, g->object[op->on], 0);
	rec->wait.item[1] = rec->wait.item[0];
	for (unsigned i = 0; i < 2; i++) {
		rec->wait.item[i].op = g->s->object[on[i]].kind == SYS_PIPE ? OP_RECV : OP_GET;
		rec->wait.item[i].object = ref_make(7, g->object[on[i]]);
	}
	rec->wait.n_items = op->on == op->on2 ? 1 : 2;
	rec->wait.flags = op->act == SYS_ALL ? WAIT_ALL : 0;
}

static void stage_wait(struct stage *g, unsigned t)
{
	const struct sys_op *op = &g->s->thread[t].op[g->st->pc[t]];
	bool                 pipe = g->s->object[op->on].kind == SYS_PIPE;
	struct thread_rec   *rec = fake_record(&f, TABLE_THREADS, g->thread[t]);
	uint32_t             on = op->act < SYS_SPAWN ? g->object[op->on] : FAKE_NONE;

	if (op->act < SYS_CLOSE && g->s->object[op->on].kind > SYS_MUTEX)
		stage_sync_wait(g, t, op);
	else
		switch (op->act) {
		case SYS_ANY:
		case SYS_ALL: stage_two(g, t, op); break;
		case SYS_PUT: fake_wait(&f, g->thread[t], pipe ? OP_SEND : OP_PUT, on, 0); break;
		case SYS_GET: fake_wait(&f, g->thread[t], pipe ? OP_RECV : OP_GET, on, 0); break;
		case SYS_JOIN: fake_wait(&f, g->thread[t], OP_JOIN, on, 0); break;
		case SYS_LOCK: {
			unsigned owner = g->st->owner[op->on] - 1u;

			fake_wait(&f, g->thread[t], OP_LOCK, g->block, 16u * op->on);
			rec->wait.item[0].arg2 = fake_thread_ref(&f, g->thread[owner]);
			break;
		}
		case SYS_WAIT:
			fake_wait(&f, g->thread[t], OP_PROC, FAKE_NONE,
				  (uint64_t)f.child[g->process[op->on]]);
			rec->wait.item[0].arg2 = fake_process_ref(&f, g->process[op->on]);
			break;
		default: return; /* it runs */
		}
	if (op->timed)
		rec->wait.deadline_ns = f.made_ns + UINT64_C(3600000000000);
}

static void stage(struct stage *g, const struct sys *s, const struct sys_state *st)
{
	*g = (struct stage){.s = s, .st = st};
	clear();
	cast_roles(g);
	stage_locks(g);
	for (unsigned o = 0; o < s->n_objects; o++)
		stage_object(g, o);
	for (unsigned t = 0; t < s->n_threads; t++)
		if (sys_active(s, st, t) && !sys_can_step(s, st, t))
			stage_wait(g, t);
	fake_write(&f);
}

/* ---- what the detector says ----------------------------------------------------------------------- */

static uint32_t system_thread(const struct stage *g, uint64_t id)
{
	for (unsigned t = 0; t < g->s->n_threads; t++)
		if (sys_active(g->s, g->st, t) && ref_make(7, g->thread[t]) == id)
			return t;
	fail_msg("a verdict about somebody else");
	return 0;
}

/* Who never goes on: certainly, or in a closed world, as those behind a core. */
struct said {
	uint32_t certainly, closed;
};

static struct said called(const struct stage *g, const struct ipc_snapshot *s)
{
	struct said set = {0};

	for (size_t i = 0; i < s->n_verdicts; i++) {
		const struct ipc_obs_verdict *v = &s->verdicts[i];

		if (v->class_ == IPC_SUSPECTED && strstr(v->headline, "the barrier needs"))
			count.suspected++;
		else if (v->class_ == IPC_SUSPECTED || v->class_ == IPC_LOST_WAKEUP)
			fail_msg("%s", v->headline);
		if (v->class_ != IPC_DEADLOCK && v->class_ != IPC_ORPHANED)
			continue;
		for (size_t k = 0; k < v->n_core + v->n_behind; k++) {
			uint32_t w = k < v->n_core ? v->core[k] : v->behind[k - v->n_core];

			uint32_t bit = 1u << system_thread(g, s->threads[s->waits[w].thread].id);

			if (k < v->n_core && v->strength == IPC_CERTAIN)
				set.certainly |= bit;
			else
				set.closed |= bit;
		}
	}
	return set;
}

static uint32_t random_number(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Let threads step in any order: some steps, or until nobody can. */
static void walk(const struct sys *s, struct sys_state *st)
{
	unsigned steps = random_number(2) ? 1000 : random_number(16);

	sys_start(s, st);
	while (steps-- > 0) {
		unsigned can[SYS_THREADS], n = 0;

		for (unsigned t = 0; t < s->n_threads; t++)
			if (sys_active(s, st, t) && sys_can_step(s, st, t))
				can[n++] = t;
		if (n == 0)
			return;
		sys_step(s, st, can[random_number(n)]);
	}
}

static void compare(const struct sys *s, const struct stage *g, uint32_t dead, struct said set)
{
	uint32_t said = set.certainly | set.closed, but_for_exits;

	count.systems++;
	count.hung += dead != 0;
	count.with_verdict += said != 0;
	count.dead += (unsigned)__builtin_popcount(dead);
	count.called += (unsigned)__builtin_popcount(said);
	count.missed += (unsigned)__builtin_popcount(dead & ~said);
	if (!(said & ~dead))
		return;
	if (!(set.certainly & ~dead) && sys_dead_but_for_exits(s, g->st, &but_for_exits) &&
	    !(said & ~but_for_exits)) {
		count.but_for_exits++;
		return;
	}
	sys_print(s);
	for (unsigned t = 0; t < s->n_threads; t++)
		printf("thread %u: at %u%s%s\n", t, g->st->pc[t], said & 1u << t ? ", called" : "",
		       dead & 1u << t ? ", dead" : "");
	fail_msg("a false verdict");
}

/* @n systems of the first @n_kinds, from @first on. */
static void judge_systems(uint32_t first, unsigned n, unsigned n_kinds)
{
	ipc_observer *o = NULL;

	seed = first;
	make_cast();
	for (unsigned i = 0; i < n; i++) {
		static struct sys          s;
		struct sys_state           st;
		struct stage               g;
		const struct ipc_snapshot *snap;
		uint32_t                   dead, seed_of = seed ^ (i * 2654435761u + 1u);

		sys_random(&s, &seed_of, n_kinds);
		walk(&s, &st);
		if (!sys_dead(&s, &st, &dead)) {
			count.skipped++;
			continue;
		}
		stage(&g, &s, &st);
		if (!o)
			assert_int_equal(ipc_observer_open_dir(&o, f.dir), 0);
		assert_int_equal(ipc_observer_read(o, &snap), 0);
		compare(&s, &g, dead, called(&g, snap));
	}
	(void)ipc_observer_close(o);
	fake_remove(&f);
}

static void systems_judged_falsely_once__judged__never_again(void **state)
{
	static const uint32_t seeds[] = {
		1795900236, /* a lock's owner sleeps, and another thread ends its process */
	};

	for (unsigned i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		judge_systems(seeds[i], 400, SYS_MUTEX + 1);
}

static void random_systems__judged__never_falsely(void **state)
{
	unsigned n = number("SYSTEMS", 400);

	memset(&count, 0, sizeof(count));
	judge_systems(seed, n, SYS_KINDS);
	printf("# %u systems, %u of them hang, %u with a verdict: %u threads that never go on, "
	       "%u called so, 0 falsely, %u missed; in %u systems the exit of a process may free "
	       "one who is not called certainly so; %u suspicions; %u systems too large to explore\n",
	       count.systems, count.hung, count.with_verdict, count.dead, count.called,
	       count.missed, count.but_for_exits, count.suspected, count.skipped);
	assert_true(count.with_verdict > count.systems / 10);
}

int main(int argc, char **argv)
{
#ifdef __SANITIZE_THREAD__
	puts("skipped: ThreadSanitizer's own thread is one that the library does not know");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_systems__judged__never_falsely),
		cmocka_unit_test(systems_judged_falsely_once__judged__never_again),
	};

	seed = number("SEED", (unsigned)time(NULL));
	printf("# SEED=%u\n", seed);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_random", tests, NULL, NULL);
}
