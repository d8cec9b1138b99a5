/*
 * Systems made up at random, played by real processes under the eyes of an observer.
 *
 * Only such are played as always end with the same threads asleep, whoever comes first
 * (sys_truth.c explores that). So at no time may a verdict name anybody else; and in the
 * end those sleep, and no others: what the calls do is as the interpreter says, too.
 *
 *     SYSTEMS=n (40)   SEED=n
 *
 * test-limit: 560
 */

#include "support/test.h"

#include <ipc/observe.h>

#include "deadlock/system.h"

struct play {
	const struct sys *s;
	struct sys_cast  *cast;
	ipc_observer     *o;
	uint32_t          asleep; /* in the end */
};

static unsigned n_asleep, n_called;

static unsigned number(const char *variable, unsigned otherwise)
{
	const char *text = getenv(variable);

	return text && *text ? (unsigned)strtoul(text, NULL, 0) : otherwise;
}

static uint32_t set_of(const struct play *p, uint64_t tid)
{
	for (unsigned t = 0; t < p->s->n_threads; t++)
		if ((uint64_t)__atomic_load_n(&p->cast->tid[t], __ATOMIC_ACQUIRE) == tid)
			return 1u << t;
	return 0;
}

static void wrong(const struct play *p, const char *what, const char *more)
{
	sys_print(p->s);
	test_fail("%s: %s", what, more);
}

/* Whom the verdicts call deadlocked or orphaned; nobody else than who will sleep for ever. */
static uint32_t called(const struct play *p, const struct ipc_snapshot *s)
{
	uint32_t set = 0;

	for (size_t i = 0; i < s->n_verdicts; i++) {
		const struct ipc_obs_verdict *v = &s->verdicts[i];
		uint32_t                      members = 0;

		for (size_t k = 0; k < v->n_core + v->n_behind; k++)
			members |= set_of(
				p, s->threads[s->waits[k < v->n_core ? v->core[k]
								     : v->behind[k - v->n_core]]
						      .thread]
					   .tid);
		if (v->class_ != IPC_DEADLOCK && v->class_ != IPC_ORPHANED)
			continue;
		if (members & ~p->asleep)
			wrong(p, "false", v->text);
		set |= members;
	}
	return set;
}

static uint32_t sleeping(const struct play *p, const struct ipc_snapshot *s)
{
	uint32_t set = 0;

	for (size_t i = 0; i < s->n_waits; i++)
		if (!s->waits[i].satisfied && s->t_mono_ns - s->waits[i].since_ns > 20000000)
			set |= set_of(p, s->threads[s->waits[i].thread].tid);
	return set;
}

/* Who sleeps, who is said to, and how far each has come. */
static void not_at_its_end(const struct play *p, uint32_t now)
{
	char more[256], name[SYS_NAME + 4];
	int  n = 0;

	for (unsigned t = 0; t < p->s->n_threads; t++) {
		sys_thread_name(p->s, t, name, sizeof(name));
		n += snprintf(more + n, sizeof(more) - (size_t)n, "%s %s%s, %d done; ", name,
			      now >> t & 1 ? "asleep" : "awake",
			      p->asleep >> t & 1 ? " as it should" : "", p->cast->step[t]);
	}
	wrong(p, "did not come to its end", more);
}

static void watch(struct play *p)
{
	const struct ipc_snapshot *s;
	uint64_t                   end = test_now() + UINT64_C(20000000000);
	uint32_t                   now = 0, said = 0;

	for (unsigned stays = 0; stays < 5;) {
		test_pause();
		if (test_now() > end)
			not_at_its_end(p, now);
		if (!p->o && ipc_observer_open(&p->o, NULL) < 0)
			continue;
		check_ok(ipc_observer_read(p->o, &s));
		said = called(p, s);
		now = sleeping(p, s);
		stays = now == p->asleep && s->n_processes > 0 ? stays + 1 : 0;
	}
	n_asleep += (unsigned)__builtin_popcount(p->asleep);
	n_called += (unsigned)__builtin_popcount(said);
}

/*
 * A child forked while another thread allocates finds the sanitizer's allocator locked,
 * for ever, by a thread it does not have.
 */
static bool beyond_this_build(const struct sys *s)
{
#ifdef __SANITIZE_ADDRESS__
	unsigned n_threads[SYS_PROCS] = {0};

	for (unsigned t = 0; t < s->n_threads; t++)
		n_threads[s->thread[t].process]++;
	for (unsigned t = 0; t < s->n_threads; t++)
		for (unsigned i = 0; i < s->thread[t].n_ops; i++)
			if (s->thread[t].op[i].act == SYS_SPAWN &&
			    n_threads[s->thread[t].process] > 1)
				return true;
#else
	(void)s;
#endif
	return false;
}

static void random_systems__played__never_falsely_judged(void **state)
{
	unsigned    n = number("SYSTEMS", 40), played = 0;
	uint32_t    seed = number("SEED", (unsigned)test_now() | 1);
	struct play p = {.cast = test_shared(sizeof(struct sys_cast))};
	/* not on the stack: the threads of a process that plays it outlive its main one */
	static struct sys s;

	printf("# SEED=%u\n", seed);
	p.s = &s;
	while (played < n) {
		test_deadline(60);
		sys_random(&s, &seed, SYS_KINDS);
		if (beyond_this_build(&s) || !sys_ends_always(&s, &p.asleep) ||
		    (p.asleep == 0 && played % 4))
			continue;
		test_new_ipc_dir();
		sys_play(&s, p.cast, seed);
		watch(&p);
		sys_stop();
		p.o = ipc_observer_close(p.o);
		played++;
	}
	printf("# %u systems played: %u threads asleep for ever, %u called so, 0 falsely\n", played,
	       n_asleep, n_called);
}

static int stop(void **state)
{
	(void)state;
	sys_stop();
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(random_systems__played__never_falsely_judged, stop)};

#if defined(__SANITIZE_THREAD__)
	puts("skipped: the sanitizer's own thread is one that the library does not know");
	return 77;
#endif
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
