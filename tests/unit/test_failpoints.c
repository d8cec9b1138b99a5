/*
 * Processes that die at chosen places (base/failpoint.h), with a sanitizer to see what those
 * do with memory who clean up after them. In builds without such places there is nothing to do.
 *
 *     SEED=n   the same fates and the same acts (who is faster than whom is not in it)
 *
 * test-limit: 240
 */

#include "support/test.h"

#include "base/failpoint.h"

#ifdef LIBIPC_FAILPOINTS

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <ipc/observe.h>

#include "support/failpoint_cast.h"
#include "support/failpoint_rare.h"

#define WORKERS       4u
#define ACTS          400u
#define VISITS        40u /* of a batch */
#define HITS_WANTED   100u
#define BATCHES_LEAST 8u
#define BATCHES_MOST  80u

static struct failpoint_board *board;
static uint32_t                n_places;

struct batch {
	struct cast_ledger *ledger;
	uint32_t            seed;
};

/* ---- lives -------------------------------------------------------------------------------------- */

/* The place where the fewest have died, of some; of ten lives one has no end like that. */
static void choose_fate(uint32_t *seed)
{
	uint32_t place = test_random(seed) % n_places, other;

	for (unsigned i = 0; i < 8; i++) {
		other = test_random(seed) % n_places;
		if (board->hits[other] &&
		    (!board->hits[place] || board->deaths[other] < board->deaths[place]))
			place = other;
	}
	failpoint_fate = (struct failpoint_fate){
		.place = place,
		.visits = 1 + test_random(seed) % (1u << test_random(seed) % 9),
		.left = 500 + test_random(seed) % 20000,
		.yield_one = 64,
		.seed = test_random(seed),
		.spared = (int)getpid(),
	};
	if (test_random(seed) % 10 == 0)
		failpoint_fate.visits = 0, failpoint_fate.left = 0; /* it leaves by itself */
}

static void live(struct cast *c)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	test_deadline(60);
	c->mortal = true;
	for (unsigned i = 0; i < ACTS; i++)
		cast_act(c);
	cast_unmake(c, false);
	exit(0);
}

static pid_t spawn(struct cast *c, uint32_t *seed)
{
	pid_t pid;

	c->seed = test_random(seed);
	choose_fate(seed);
	pid = fork();
	check(pid >= 0);
	if (pid == 0)
		live(c);
	failpoint_fate = (struct failpoint_fate){0};
	c->life++;
	return pid;
}

static void live_and_die(struct cast *c, uint32_t seed)
{
	unsigned alive = 0;
	int      status;

	while (c->life < CAST_LIVES || alive) {
		if (c->life < CAST_LIVES && alive < WORKERS) {
			(void)spawn(c, &seed);
			alive++;
			continue;
		}
		check(waitpid(-1, &status, 0) > 0);
		alive--;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			c->ledger->deaths++;
		else if (status != 0)
			test_fail("a worker ended with status %#x", (unsigned)status);
	}
}

/* ---- visitors ----------------------------------------------------------------------------------- */

static void visit(uint32_t *seed, const char *dir, bool fated)
{
	pid_t pid;
	int   status;

	choose_fate(seed);
	if (!fated)
		failpoint_fate = (struct failpoint_fate){0};
	pid = fork();
	check(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		test_deadline(60);
		(void)setenv("IPC_DIR", dir, 1);
		cast_visit(*seed);
		exit(0);
	}
	failpoint_fate = (struct failpoint_fate){0};
	check(waitpid(pid, &status, 0) == pid);
	if (status != 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		test_fail("a visitor ended with status %#x", (unsigned)status);
}

/* While the stage plays; some go to a place where nobody else is. */
static int visit_meanwhile(struct batch *b, pid_t stage)
{
	char     alone[600];
	uint32_t seed = ~b->seed;
	int      status;

	(void)snprintf(alone, sizeof(alone), "%s/alone", test_ipc_dir());
	for (unsigned i = 0; !__atomic_load_n(&b->ledger->closing, __ATOMIC_ACQUIRE); i++) {
		(void)mkdir(alone, 0700);
		if (i < VISITS)
			visit(&seed, i % 2 ? alone : test_ipc_dir(), true);
		else
			test_pause();
		if (waitpid(stage, &status, WNOHANG) == stage)
			return status;
	}
	(void)mkdir(alone, 0700);
	/* who joins cleans up after those whom nobody had to wait for */
	visit(&seed, test_ipc_dir(), false);
	visit(&seed, alone, false);
	visit(&seed, alone, false);
	check(test_count_files(alone) <= 0);
	(void)rmdir(alone);
	__atomic_store_n(&b->ledger->closed, 1, __ATOMIC_RELEASE);
	return test_wait(stage);
}

/* ---- accounts ------------------------------------------------------------------------------------- */

/* What all had put and nobody had taken, by the one who is left. */
static void take_all(struct cast *c)
{
	int r;

	for (enum carrier from = 0; from < N_CARRIERS; from++) {
		do
			r = cast_get(c, from, IPC_NOW);
		while (r >= 0);
		check_r(r, -EAGAIN);
	}
	(void)ipc_queue_drain(c->loose);
	for (unsigned i = 0; i <= 1; i++) {
		ipc_queue *q = c->q[i ? FAIL : REQUEUE];

		r = ipc_queue_join(q, IPC_SEC(20));
		for (unsigned n = 0; i && r == -EOWNERDEAD && n < CAST_LIVES; n++)
			r = ipc_queue_join(q, IPC_SEC(20));
		check_r(r, 0);
	}
}

static void account(const struct cast_ledger *l, enum carrier of)
{
	uint32_t put = 0, begun = 0, got = 0;

	for (uint32_t life = 0; life < CAST_LIVES; life++) {
		put += l->put[life][of];
		begun += l->begun[life][of];
		for (uint32_t i = 0; i < CAST_SEQS / 32; i++)
			got += (uint32_t)__builtin_popcount(l->got[life][of][i]);
		for (uint32_t i = 0; of == REQUEUE && i < l->put[life][of]; i++)
			if (!(l->got[life][of][i / 32] >> i % 32 & 1))
				test_fail("task %u of life %u is lost", i, life);
	}
	if (got > begun || got + CAST_MANY * l->deaths < put)
		test_fail("carrier %d: %u put, %u begun, %u got, %u deaths", (int)of, put, begun,
			  got, l->deaths);
}

static void look(void)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;

	check_ok(ipc_observer_open(&o, NULL));
	check_ok(ipc_observer_read(o, &s));
	check_eq(s->damaged, 0);
	check_eq(s->n_processes, 1);
	for (size_t i = 0; i < s->n_channels; i++)
		for (uint32_t k = 0; k < s->channels[i].n_rings; k++) {
			const struct ipc_obs_ring *r = &s->channels[i].ring[k];

			check_eq(r->queued, 0);
			check_eq(r->sent, r->received);
			check_eq(r->heap_bytes, 0);
		}
	o = ipc_observer_close(o);
}

static int batch(void *arg)
{
	struct batch *b = arg;
	struct cast   c = {.ledger = b->ledger, .seed = b->seed};

	test_deadline(100);
	cast_make(&c);
	live_and_die(&c, b->seed);
	__atomic_store_n(&c.ledger->closing, 1, __ATOMIC_RELEASE);
	check(wait_until(__atomic_load_n(&c.ledger->closed, __ATOMIC_ACQUIRE), 60));
	(void)ipc_queue_unlink("visited");
	take_all(&c);
	check_eq(c.ledger->n_torn, 0);
	check_eq(c.ledger->n_twice, 0);
	for (enum carrier of = 0; of < N_CARRIERS; of++)
		account(c.ledger, of);
	look();
	cast_unmake(&c, true);
	return 0;
}

/* ---- places ----------------------------------------------------------------------------------------- */

static bool says(const char *of, const char *is)
{
	return !of || !strcmp(of, is);
}

static const struct failpoint_rare *rare(const struct failpoint *f)
{
	for (size_t i = 0; i < N_OF(failpoint_rare); i++)
		if (says(failpoint_rare[i].file, f->file) &&
		    says(failpoint_rare[i].function, f->function) &&
		    says(failpoint_rare[i].what, f->what))
			return &failpoint_rare[i];
	return NULL;
}

/* Was each place come by so often? @tells: which was not. */
static bool visited_enough(bool tells)
{
	uint32_t                n;
	const struct failpoint *f = failpoint_copies(&n);
	bool                    is = true;

	for (uint32_t i = 0; i < n; i++) {
		const struct failpoint_rare *r = rare(&f[i]);
		uint64_t                     hits = board->hits[board->place_of[i]];

		if (r ? r->rarity == BY_CHANCE || !hits : hits >= HITS_WANTED)
			continue;
		is = false;
		if (tells)
			printf("# %s:%lu: %s: %s: %lu visits\n", f[i].file, f[i].line,
			       f[i].function, f[i].what, board->hits[board->place_of[i]]);
	}
	return is;
}

static void rare_places__all__are_in_the_library(void **state)
{
	uint32_t                n;
	const struct failpoint *f = failpoint_copies(&n);
	bool                    named[N_OF(failpoint_rare)] = {0};

	for (uint32_t i = 0; i < n; i++)
		if (rare(&f[i]))
			named[rare(&f[i]) - failpoint_rare] = true;
	for (size_t i = 0; i < N_OF(failpoint_rare); i++)
		if (!named[i])
			test_fail("%s, %s: no such place", failpoint_rare[i].file,
				  failpoint_rare[i].function);
}

static void play(uint32_t seed, uint32_t *deaths)
{
	struct batch b = {.ledger = test_shared(sizeof(*b.ledger)), .seed = seed};

	test_new_ipc_dir();
	check_eq(visit_meanwhile(&b, test_fork(batch, &b)), 0);
	check_eq(test_count_files(test_ipc_dir()), 0);
	*deaths += b.ledger->deaths;
	(void)munmap(b.ledger, sizeof(*b.ledger));
}

static void library__killed_at_each_place__is_cleaned_up_after(void **state)
{
	const char *text = getenv("SEED");
	uint32_t    seed = text ? (uint32_t)strtoul(text, NULL, 0) : (uint32_t)test_now() | 1;
	uint32_t    deaths = 0, n_died_at = 0;
	unsigned    n = 0;

	printf("# SEED=%u\n", seed);
	(void)fflush(stdout);
	board = test_shared(sizeof(*board));
	n_places = failpoint_number(board);
	check(n_places > 0);
	failpoint_board = board;
	while (n < BATCHES_LEAST || (n < BATCHES_MOST && !visited_enough(false)))
		play(seed + n++ * 2654435761u, &deaths);
	failpoint_board = NULL;
	for (uint32_t i = 0; i < n_places; i++)
		n_died_at += board->deaths[i] > 0;
	printf("# %u batches, %u places, %u workers killed, someone at %u of the places\n", n,
	       n_places, deaths, n_died_at);
	check(visited_enough(true));
	check(n_died_at > n_places / 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rare_places__all__are_in_the_library),
		cmocka_unit_test(library__killed_at_each_place__is_cleaned_up_after),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("failpoints", tests, NULL, NULL);
}

#else

int main(void)
{
	return 0;
}

#endif
