/*
 * Programs that hang, and programs that nearly do: each is played by real processes, with
 * random delays, under the eyes of an observer. What is expected of each is an exact set of
 * verdicts; on the way there nothing else may be seen.
 *
 *     SCENARIOS=regex   only these      ROUNDS=n   times each (2)      SEED=n
 *     MONITOR=1         with ipcmon attached at 10 Hz, whose findings are checked too
 *
 * test-limit: 240
 */

#include "support/test.h"

#include <regex.h>
#include <signal.h>

#include <ipc/observe.h>

#include "deadlock/system.h"

#define SEEN_MAX   8
#define STAY_SCANS 12 /* readings for which all must stay as it is, once it is as expected */
#define LAPSES_MAX 6  /* of ipcmon, which may come upon such a moment, too */
#define LAPSE_NS   UINT64_C(5000000000) /* as long as one on a busy machine may last */

struct run {
	const struct sys *s;
	struct sys_cast  *cast;
	ipc_observer     *o;
	char              seen[SEEN_MAX][SYS_TEXT];
	unsigned          n_seen;
	const char       *text;        /* of the first verdict of the last reading */
	uint64_t          good;        /* when a reading was last as expected */
	unsigned          n_settled;   /* so many slept then */
	unsigned          unexplained; /* readings since that were not, and show no reason */
};

static struct sys *systems;
static unsigned    n_systems;
static uint32_t    seed;

/* ---- verdicts as text ----------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void thread_of_tid(const struct run *r, uint64_t tid, char *buf, unsigned size)
{
	for (unsigned t = 0; t < r->s->n_threads; t++)
		if ((uint64_t)__atomic_load_n(&r->cast->tid[t], __ATOMIC_ACQUIRE) == tid) {
			sys_thread_name(r->s, t, buf, size);
			return;
		}
	(void)snprintf(buf, size, "%lu", (unsigned long)tid);
}

/* Names of the threads of @n waits, sorted: " P Q". */
static void add_names(const struct run *r, const struct ipc_snapshot *s, const uint32_t *wait,
		      size_t n, char *out)
{
	char name[SYS_THREADS][20] = {0};

	if (n > SYS_THREADS)
		test_fail("%zu members", n);
	for (size_t i = 0; i < n; i++)
		thread_of_tid(r, s->threads[s->waits[wait[i]].thread].tid, name[i],
			      sizeof(name[i]));
	qsort(name, n, sizeof(name[0]), by_text);
	for (size_t i = 0; i < n; i++)
		(void)snprintf(out + strlen(out), SYS_TEXT - strlen(out), " %s", name[i]);
}

static void describe(const struct run *r, const struct ipc_snapshot *s,
		     const struct ipc_obs_verdict *v, char *out)
{
	(void)snprintf(out, SYS_TEXT, "%s%s", ipc_verdict_name(v->class_),
		       v->strength == IPC_CERTAIN        ? " certain"
		       : v->strength == IPC_CLOSED_WORLD ? " closed"
							 : " doubtful");
	add_names(r, s, v->core, v->n_core, out);
	if (v->n_behind > 0)
		(void)snprintf(out + strlen(out), SYS_TEXT - strlen(out), " behind");
	add_names(r, s, v->behind, v->n_behind, out);
}

static bool look(struct run *r, const struct ipc_snapshot **s)
{
	if (!r->o && ipc_observer_open(&r->o, NULL) < 0)
		return false; /* nobody has joined yet */
	check_ok(ipc_observer_read(r->o, s));
	r->n_seen = 0;
	r->text = (*s)->n_verdicts ? (*s)->verdicts[0].text : "";
	for (size_t i = 0; i < (*s)->n_verdicts && i < SEEN_MAX; i++)
		describe(r, *s, &(*s)->verdicts[i], r->seen[r->n_seen++]);
	qsort(r->seen, r->n_seen, sizeof(r->seen[0]), by_text);
	return true;
}

/* ---- against what is expected ------------------------------------------------------------------ */

static bool all_as_expected(const struct run *r)
{
	char want[SYS_EXPECTS][SYS_TEXT];

	memcpy(want, r->s->expect, sizeof(want));
	qsort(want, r->s->n_expects, sizeof(want[0]), by_text);
	if (r->n_seen != r->s->n_expects)
		return false;
	for (unsigned i = 0; i < r->n_seen; i++)
		if (strcmp(r->seen[i], want[i]) != 0)
			return false;
	return true;
}

/* @seen is @want, or @want with fewer behind it: those are yet to come. */
static bool on_the_way(const char *seen, const char *want)
{
	const char *s = strstr(seen, " behind"), *w = strstr(want, " behind");
	size_t      ns = s ? (size_t)(s - seen) : strlen(seen);
	size_t      nw = w ? (size_t)(w - want) : strlen(want);
	char        word[24];

	if (ns != nw || strncmp(seen, want, ns) != 0)
		return false;
	for (s = s ? s + 7 : ""; sscanf(s, " %20s", word) == 1;
	     s = strstr(s, word) + strlen(word)) {
		char padded[32], list[SYS_TEXT + 2];

		(void)snprintf(padded, sizeof(padded), " %s ", word);
		(void)snprintf(list, sizeof(list), "%s ", w ? w + 7 : "");
		if (!strstr(list, padded))
			return false;
	}
	return true;
}

static void nothing_unexpected(const struct run *r)
{
	for (unsigned i = 0; i < r->n_seen; i++) {
		bool ok = false;

		for (unsigned k = 0; k < r->s->n_expects; k++)
			ok = ok || on_the_way(r->seen[i], r->s->expect[k]);
		for (unsigned k = 0; k < r->s->n_maybes; k++)
			ok = ok || on_the_way(r->seen[i], r->s->maybe[k]);
		if (!ok)
			test_fail("%s: unexpected: %s\n%s", r->s->name, r->seen[i],
				  r->text ? r->text : "");
	}
}

static unsigned asleep_for(const struct ipc_snapshot *s, uint64_t ns)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n_waits; i++)
		n += !s->waits[i].satisfied && s->t_mono_ns - s->waits[i].since_ns >= ns;
	return n;
}

/* Where nobody sleeps in the end, that is when everybody has done all there is to do. */
static bool at_its_end(const struct run *r)
{
	for (unsigned t = 0; t < r->s->n_threads && !r->s->n_expects && !r->s->n_asleep; t++) {
		const struct sys_thread *thread = &r->s->thread[t];
		enum sys_act             last = thread->op[thread->n_ops - 1].act;
		int                      n = last == SYS_RUN || last == SYS_DIE ? -1 : 1;

		for (unsigned i = 0; i < thread->n_ops; i++)
			n += thread->op[i].times ? thread->op[i].times : 1;
		if (__atomic_load_n(&r->cast->step[t], __ATOMIC_ACQUIRE) < n)
			return false;
	}
	return true;
}

/* Who is to run, but has to wait for a processor, is still asleep by its own word. */
static bool someone_awake(const struct ipc_snapshot *s)
{
	for (size_t i = 0; i < s->n_waits; i++)
		if (!test_asleep((pid_t)s->threads[s->waits[i].thread].tid))
			return true;
	return false;
}

static bool is_member(const struct ipc_snapshot *s, int pid)
{
	for (size_t i = 0; i < s->n_processes; i++)
		if (s->processes[i].pid == (uint64_t)pid)
			return true;
	return false;
}

/* Who has left the domain, and not ended yet, still has it mapped; a sanitizer may take a while. */
static bool someone_leaves(const struct run *r, const struct ipc_snapshot *s)
{
	for (unsigned p = 0; p < SYS_PROCS; p++) {
		int pid = __atomic_load_n(&r->cast->pid[p], __ATOMIC_ACQUIRE);

		if (pid > 0 && !is_member(s, pid))
			return true;
	}
	return false;
}

/*
 * What was there is not in this reading. Who wakes at the end of a slice to clean up after the
 * dead is awake for a moment, longer where the machine is busy, and so may be whoever changes
 * the tables: a reading that falls into it proves nothing, and shows it. One that such a moment
 * begins in does not show it; and who cleans up may wake the others, one after the other. Else
 * what is settled is in every reading.
 */
static void lapse(struct run *r, const struct ipc_snapshot *s)
{
	bool shows = s->torn > 0 || asleep_for(s, 0) < r->n_settled || someone_awake(s) ||
		     someone_leaves(r, s);

	r->unexplained = shows ? 0 : r->unexplained + 1;
	if (r->unexplained > r->s->n_threads || test_now() - r->good > LAPSE_NS)
		test_fail("%s: was as expected, and then: %s", r->s->name,
			  r->n_seen ? r->seen[0] : "nothing");
}

static void settled(struct run *r, const struct ipc_snapshot *s)
{
	r->good = test_now();
	r->n_settled = asleep_for(s, 0);
	r->unexplained = 0;
}

/* All that shall come has come, and does not go; meanwhile nothing else is seen. */
static void watch(struct run *r)
{
	const struct ipc_snapshot *s;
	uint64_t                   end = test_now() + UINT64_C(20000000000);
	unsigned                   stays = 0, quiet_ms = r->s->settle_ms;
	bool                       here;

	if (!quiet_ms && !r->s->n_expects)
		quiet_ms = 20;

	while (stays < STAY_SCANS) {
		here = look(r, &s);
		if (here)
			nothing_unexpected(r);
		here = here && all_as_expected(r) && at_its_end(r) &&
		       asleep_for(s, quiet_ms * UINT64_C(1000000)) >= r->s->n_asleep;
		if (here)
			settled(r, s);
		else if (stays > 0)
			lapse(r, s);
		stays += here;
		if (test_now() > end)
			test_fail("%s: waited for '%s', seen '%s', %zu asleep", r->s->name,
				  r->s->n_expects ? r->s->expect[0] : "nothing",
				  r->n_seen ? r->seen[0] : "nothing", here ? s->n_waits : 0);
		test_pause();
	}
}

/* ---- what ipcmon says of it ---------------------------------------------------------------------- */

static const char filter[] =
	"def names: map(.tid|tostring)|sort|join(\" \");"
	" .verdicts[]|\"\\(.class) \\(.strength)|\\(.core|names)|\\(.behind|names)\"";

/* One line of that as text of ours. */
static void translate(const struct run *r, char *line, char *out)
{
	char  names[SYS_THREADS][20], *part[3] = {line}, *rest, *word;
	char *strength;

	for (int i = 1; i < 3; i++) {
		part[i] = strchr(part[i - 1], '|');
		check(part[i]);
		*part[i]++ = '\0';
	}
	strength = strchr(line, ' ');
	check(strength);
	*strength++ = '\0';
	(void)snprintf(out, SYS_TEXT, "%.40s %s", line,
		       strcmp(strength, "certain") == 0        ? "certain"
		       : strcmp(strength, "closed world") == 0 ? "closed"
							       : "doubtful");
	for (int i = 1; i < 3; i++) {
		unsigned n = 0;

		for (word = strtok_r(part[i], " \n", &rest); word;
		     word = strtok_r(NULL, " \n", &rest))
			thread_of_tid(r, strtoull(word, NULL, 10), names[n++], sizeof(names[0]));
		qsort(names, n, sizeof(names[0]), by_text);
		if (i == 2 && n > 0)
			(void)snprintf(out + strlen(out), SYS_TEXT - strlen(out), " behind");
		for (unsigned k = 0; k < n; k++)
			(void)snprintf(out + strlen(out), SYS_TEXT - strlen(out), " %s", names[k]);
	}
}

static void ask_once(struct run *r)
{
	char  command[1024], line[512];
	FILE *f;

	(void)snprintf(command, sizeof(command), "'%s/ipcmon' check --json | jq -r '%s'",
		       test_build_dir(), filter);
	f = popen(command, "re");
	check(f);
	r->n_seen = 0;
	while (fgets(line, sizeof(line), f) && r->n_seen < SEEN_MAX)
		translate(r, line, r->seen[r->n_seen++]);
	check_eq(pclose(f), 0);
	qsort(r->seen, r->n_seen, sizeof(r->seen[0]), by_text);
	nothing_unexpected(r);
}

static void ask_ipcmon(struct run *r)
{
	unsigned n = 0;

	do
		ask_once(r);
	while (!all_as_expected(r) && n++ < LAPSES_MAX);
	if (!all_as_expected(r))
		test_fail("%s: ipcmon check says: %s", r->s->name,
			  r->n_seen ? r->seen[0] : "nothing");
}

/* ---- ipcmon attached: all that it says from the first to the last ------------------------------- */

#define ATTACHED_SCANS 5

static FILE *attach(void)
{
	char command[1024];

	if (!getenv("MONITOR"))
		return NULL;
	(void)snprintf(command, sizeof(command),
		       "until '%s/ipcmon' ls >/dev/null 2>&1; do sleep 0.01; done;"
		       " '%s/ipcmon' dump --json -d 100ms -n %d | jq -r '\"scan\", (%s)'",
		       test_build_dir(), test_build_dir(), ATTACHED_SCANS, filter);
	return popen(command, "re");
}

static void detach(struct run *r, FILE *f)
{
	char     line[512];
	unsigned n_scans = 0;

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		if (strcmp(line, "scan\n") == 0) {
			n_scans++;
			continue;
		}
		r->n_seen = 1;
		translate(r, line, r->seen[0]);
		nothing_unexpected(r);
	}
	check_eq(pclose(f), 0);
	check_eq(n_scans, ATTACHED_SCANS);
}

/* ---- cases ------------------------------------------------------------------------------------------ */

static unsigned number(const char *variable, unsigned otherwise)
{
	const char *text = getenv(variable);

	return text && *text ? (unsigned)strtoul(text, NULL, 0) : otherwise;
}

/* By exploration: whoever comes first, it ends with those asleep that the text says. */
static void written_well(const struct sys *s)
{
	uint32_t asleep;
	unsigned n = 0;
	char     word[24];

	for (unsigned i = 0; i < s->n_expects; i++)
		for (const char *at = s->expect[i]; sscanf(at, " %20s", word) == 1;
		     at = strstr(at, word) + strlen(word))
			n += strcmp(word, "behind") != 0;
	n -= 2 * s->n_expects; /* class and strength */
	check(sys_ends_always(s, &asleep));
	check_eq(__builtin_popcount(asleep), s->n_asleep ? s->n_asleep : n);
}

static void scenario(void **state)
{
	struct run r = {.s = *state, .cast = test_shared(sizeof(struct sys_cast))};
	unsigned   rounds = number("ROUNDS", 2);

	test_deadline(60 * rounds);
	written_well(r.s);
	for (unsigned i = 0; i < rounds; i++) {
		FILE *monitor;

		test_new_ipc_dir();
		sys_play(r.s, r.cast, test_random(&seed));
		monitor = attach();
		watch(&r);
		detach(&r, monitor);
		if (i == 0)
			ask_ipcmon(&r);
		sys_stop();
		r.o = ipc_observer_close(r.o);
	}
}

static int stop(void **state)
{
	(void)state;
	sys_stop();
	return 0;
}

static struct CMUnitTest *choose(unsigned *ret_n)
{
	struct CMUnitTest *test = calloc(n_systems + 1, sizeof(*test));
	const char        *only = getenv("SCENARIOS");
	regex_t            re;

	check(test && regcomp(&re, only ? only : "", REG_EXTENDED | REG_NOSUB) == 0);
	*ret_n = 0;
	for (unsigned i = 0; i < n_systems; i++)
		if (regexec(&re, systems[i].name, 0, NULL, 0) == 0)
			test[(*ret_n)++] = (struct CMUnitTest){.name = systems[i].name,
							       .test_func = scenario,
							       .teardown_func = stop,
							       .initial_state = &systems[i]};
	regfree(&re);
	return test;
}

int main(int argc, char **argv)
{
	char               path[512];
	struct CMUnitTest *test;
	unsigned           n;

#if defined(__SANITIZE_THREAD__)
	puts("skipped: the sanitizer's own thread is one that the library does not know");
	return 77;
#endif
	(void)snprintf(path, sizeof(path), "%s/tests/deadlock/scenarios.txt",
		       getenv("SOURCE_DIR") ? getenv("SOURCE_DIR") : ".");
	n_systems = sys_parse(path, &systems);
	seed = number("SEED", (unsigned)test_now());
	printf("# SEED=%u\n", seed);
	test = choose(&n);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return _cmocka_run_group_tests("scenarios", test, n, NULL, NULL);
}
