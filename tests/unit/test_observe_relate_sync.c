/*
 * test_observe_relate_sync.c - who is called deadlocked over locks, and who must not be
 *
 * As test_observe_verdict.c: made-up registries of real, idle processes. Here they wait
 * for things of ipc/sync.h, whose words are made up too.
 */

#include "support/test.h"

#include <inttypes.h>

#include <ipc/observe.h>
#include <ipc/sync.h>

#include "support/fake_registry.h"

#define READING (UINT64_C(1) << 63)
#define LOOSE   32

struct test {
	struct fake                f;
	ipc_observer              *o;
	const struct ipc_snapshot *s;
	uint32_t                   p, q, shm;
};

/* P and Q have one block of shared memory. */
static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	fake_make(&t->f);
	t->p = fake_process(&t->f, "P");
	t->q = fake_process(&t->f, "Q");
	t->shm = fake_object(&t->f, KIND_SHM, 0, "block");
	(void)fake_end(&t->f, t->p, t->shm, RIGHT_MAP);
	(void)fake_end(&t->f, t->q, t->shm, RIGHT_MAP);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	t->o = ipc_observer_close(t->o);
	fake_remove(&t->f);
	free(t);
	return 0;
}

static void look(struct test *t)
{
	fake_write(&t->f);
	if (!t->o)
		check_ok(ipc_observer_open_dir(&t->o, t->f.dir));
	check_ok(ipc_observer_read(t->o, &t->s));
}

/* One verdict of that class, whose core is P, or P and Q. */
static void expect(struct test *t, enum ipc_verdict_class class_, size_t n_core)
{
	look(t);
	check_eq(t->s->n_verdicts, 1);
	check_eq(t->s->verdicts[0].class_, class_);
	check_eq(t->s->verdicts[0].n_core, n_core);
}

static void expect_nothing(struct test *t)
{
	look(t);
	if (t->s->n_verdicts)
		test_fail("%s", t->s->verdicts[0].text);
}

/* Thread @t waits for the lock at @offset. */
static void waits(struct test *t, uint32_t thread, enum wait_op op, uint64_t offset, uint64_t arg2)
{
	fake_wait(&t->f, thread, op, t->shm, offset);
	((struct thread_rec *)fake_record(&t->f, TABLE_THREADS, thread))->wait.item[0].arg2 = arg2;
}

/* Thread @t has @n shares of lock @number. */
static void holds(struct test *t, uint32_t thread, uint64_t kind, uint64_t number, uint64_t n,
		  uint64_t phase)
{
	struct thread_rec *rec = fake_record(&t->f, TABLE_THREADS, thread);

	rec->held[rec->n_held++] = (struct held_rec){.what = number << HELD_NUMBER_SHIFT |
							     n << HELD_COUNT_SHIFT | kind | phase,
						     .object = ref_make(7, t->shm)};
}

static void rwlock_is(struct test *t, uint64_t offset, uint64_t state, uint64_t number)
{
	ipc_rwlock l = {.state = state, .number = number};

	fake_object_file(&t->f, t->shm, &l, sizeof(l), offset);
}

static void sem_is(struct test *t, uint64_t offset, uint64_t state, uint32_t bound, uint64_t number)
{
	ipc_sem s = {.state = state, .bound = bound, .number = number};

	fake_object_file(&t->f, t->shm, &s, sizeof(s), offset);
}

static void barrier_is(struct test *t, uint64_t arrived, uint64_t parties, uint64_t turn)
{
	ipc_barrier b = {.state = turn << 32 | parties << 12 | arrived, .number = 5};

	fake_object_file(&t->f, t->shm, &b, sizeof(b), 0);
}

/* It has a name. */
static void expect_pattern(struct test *t, const char *name)
{
	check(strcmp(t->s->verdicts[0].pattern, name) == 0);
}

/* ---- rwlocks ------------------------------------------------------------------------------- */

static void rwlock__two_readers_want_to_write__is_deadlock(void **state)
{
	struct test *t = *state;

	rwlock_is(t, 0, READING | 2, 5);
	holds(t, t->p, HELD_READ, 5, 1, HELD_HAS);
	holds(t, t->q, HELD_READ, 5, 1, HELD_HAS);
	waits(t, t->p, OP_WRLOCK, 0, 5);
	waits(t, t->q, OP_WRLOCK, 0, 5);
	expect(t, IPC_DEADLOCK, 2);
	check_eq(t->s->waits[0].have, 2);
}

static void rwlock__a_share_nobody_living_has__is_nothing(void **state)
{
	struct test *t = *state;

	rwlock_is(t, 0, READING | 3, 5); /* the third is a dead one's */
	holds(t, t->p, HELD_READ, 5, 1, HELD_HAS);
	holds(t, t->q, HELD_READ, 5, 1, HELD_HAS);
	holds(t, fake_dead_process(&t->f, "D"), HELD_READ, 5, 1, HELD_HAS);
	waits(t, t->p, OP_WRLOCK, 0, 5);
	waits(t, t->q, OP_WRLOCK, 0, 5);
	expect_nothing(t);
}

static void rwlock__a_share_just_being_taken__is_nothing(void **state)
{
	struct test *t = *state;

	rwlock_is(t, 0, READING | 2, 5);
	holds(t, t->p, HELD_READ, 5, 1, HELD_HAS);
	holds(t, t->q, HELD_READ, 5, 1, HELD_GIVING);
	waits(t, t->p, OP_WRLOCK, 0, 5);
	waits(t, t->q, OP_WRLOCK, 0, 5);
	expect_nothing(t);
}

static void rwlock__frozen__is_nothing(void **state)
{
	struct test *t = *state;

	rwlock_is(t, 0, READING | UINT64_C(1) << 32 | 2, 5);
	holds(t, t->p, HELD_READ, 5, 1, HELD_HAS);
	holds(t, t->q, HELD_READ, 5, 1, HELD_HAS);
	waits(t, t->p, OP_WRLOCK, 0, 5);
	waits(t, t->q, OP_WRLOCK, 0, 5);
	expect_nothing(t);
}

static void rwlock__one_of_two_readers_runs__is_stuck_behind_the_other(void **state)
{
	struct test *t = *state;
	uint32_t     r = fake_process(&t->f, "R");

	(void)r;
	rwlock_is(t, 0, READING | 2, 5);
	rwlock_is(t, 64, fake_thread_ref(&t->f, t->p), 6);
	holds(t, t->q, HELD_READ, 5, 1, HELD_HAS);
	holds(t, r, HELD_READ, 5, 1, HELD_HAS);
	waits(t, t->p, OP_WRLOCK, 0, 5);  /* needs Q and R to go: R may */
	waits(t, t->q, OP_RDLOCK, 64, 6); /* needs P */
	expect(t, IPC_DEADLOCK, 2);
}

static void rwlock__reader_held_back_by_a_writer__is_nothing(void **state)
{
	struct test *t = *state;

	rwlock_is(t, 0, READING | UINT64_C(1) << 33 | 1, 5);
	holds(t, t->q, HELD_READ, 5, 1, HELD_HAS);
	waits(t, t->p, OP_RDLOCK, 0, 5); /* for two slices at most */
	waits(t, t->q, OP_WRLOCK, 0, 5); /* for itself */
	look(t);
	check_eq(t->s->n_verdicts, 1);
	check_eq(t->s->verdicts[0].class_, IPC_DEADLOCK);
	check_eq(t->s->verdicts[0].n_core, 1);
	check_eq(t->s->verdicts[0].n_behind, 0);
}

static void rwlock__writer_is_dead__is_nothing(void **state)
{
	struct test *t = *state;

	rwlock_is(t, 0, fake_thread_ref(&t->f, fake_dead_process(&t->f, "D")), 5);
	waits(t, t->p, OP_RDLOCK, 0, 5);
	waits(t, t->q, OP_WRLOCK, 0, 5);
	expect_nothing(t);
}

/* ---- semaphores ------------------------------------------------------------------------------- */

static void sem__all_permits_with_those_who_want_more__is_deadlock(void **state)
{
	struct test *t = *state;

	(void)fake_end(&t->f, fake_process(&t->f, "bystander"), t->shm, RIGHT_MAP);
	sem_is(t, 0, 0, 3, 5);
	holds(t, t->p, HELD_PERMIT, 5, 2, HELD_HAS);
	holds(t, t->q, HELD_PERMIT, 5, 1, HELD_HAS);
	waits(t, t->p, OP_SEM, 0, 5);
	waits(t, t->q, OP_SEM, 0, 5);
	expect(t, IPC_DEADLOCK, 2);
	check_eq(t->s->waits[0].want, 3);
	check(strstr(t->s->verdicts[0].text, "frees 2 of 2") != NULL); /* by its death */
	/* each has what the other one wants */
	check(strcmp(t->s->verdicts[0].pattern, "orphaned-sem") != 0);
}

static void sem__one_permit_with_somebody_who_runs__is_nothing(void **state)
{
	struct test *t = *state;

	sem_is(t, 0, 0, 2, 5);
	holds(t, t->p, HELD_PERMIT, 5, 1, HELD_HAS);
	holds(t, fake_process(&t->f, "R"), HELD_PERMIT, 5, 1, HELD_HAS);
	waits(t, t->p, OP_SEM, 0, 5);
	waits(t, t->q, OP_SEM, 0, 5);
	expect_nothing(t);
}

static void sem__one_permit_of_the_dead__is_nothing(void **state)
{
	struct test *t = *state;

	sem_is(t, 0, 0, 2, 5);
	holds(t, t->p, HELD_PERMIT, 5, 1, HELD_HAS);
	holds(t, fake_dead_process(&t->f, "D"), HELD_PERMIT, 5, 1, HELD_HAS);
	waits(t, t->p, OP_SEM, 0, 5);
	waits(t, t->q, OP_SEM, 0, 5);
	expect_nothing(t);
}

static void sem__signals__anybody_with_the_memory_could_post(void **state)
{
	struct test *t = *state;

	sem_is(t, 0, 0, 0, 5);
	sem_is(t, 64, UINT64_C(1) << LOOSE, 1, 6); /* bounded, and nobody has it */
	waits(t, t->p, OP_SEM, 0, 5);
	waits(t, t->q, OP_SEM, 64, 6);
	expect(t, IPC_DEADLOCK, 2);
	expect_pattern(t, "ring"); /* not both at one of them */
	waits(t, t->q, OP_SEM, 0, 5);
	expect(t, IPC_DEADLOCK, 2);
	expect_pattern(t, "orphaned-sem");
	(void)fake_end(&t->f, fake_process(&t->f, "R"), t->shm, RIGHT_MAP);
	expect_nothing(t);
}

static void sem__a_permit_is_there__is_nothing(void **state)
{
	struct test *t = *state;

	sem_is(t, 0, 1, 2, 5);
	holds(t, t->p, HELD_PERMIT, 5, 1, HELD_HAS);
	waits(t, t->p, OP_SEM, 0, 5);
	expect_nothing(t);
	check(t->s->waits[0].satisfied);
}

/* ---- events, conditions, barriers ---------------------------------------------------------------- */

static void event__set_or_was__is_nothing(void **state)
{
	struct test *t = *state;
	uint64_t     word = 2 << 1;

	fake_object_file(&t->f, t->shm, &word, sizeof(word), 0);
	waits(t, t->p, OP_EVENT, 0, 1 << 1); /* it was set and cleared since */
	waits(t, t->q, OP_EVENT, 0, 2 << 1);
	expect_nothing(t);
	check(t->s->waits[0].satisfied || t->s->waits[1].satisfied);
}

static void event__all_who_could_set_it_wait__is_deadlock(void **state)
{
	struct test *t = *state;
	uint64_t     word = 0;

	fake_object_file(&t->f, t->shm, &word, sizeof(word), 0);
	waits(t, t->p, OP_EVENT, 0, 0);
	waits(t, t->q, OP_EVENT, 0, 0);
	expect(t, IPC_DEADLOCK, 2);
	expect_pattern(t, "orphaned-event");
}

static void event__in_private_memory__is_not_judged(void **state)
{
	struct test *t = *state;

	fake_wait(&t->f, t->p, OP_EVENT, FAKE_NONE, 0x7000);
	expect_nothing(t);
	check_eq(t->s->n_waits, 1);
}

/* Its file may be gone, or not ours to read: then nobody knows whether it is set. */
static void event__whose_word_cannot_be_read__is_not_judged(void **state)
{
	struct test *t = *state;
	uint64_t     word = 0;

	waits(t, t->p, OP_EVENT, 0, 0);
	waits(t, t->q, OP_EVENT, 0, 0);
	expect_nothing(t);
	fake_object_file(&t->f, t->shm, &word, sizeof(word), 0);
	expect(t, IPC_DEADLOCK, 2);
}

static void cond__notified_or_about_to_wake__is_nothing(void **state)
{
	struct test *t = *state;
	ipc_cond     c = {.served = 4, .tickets = 6, .left = 4};

	fake_object_file(&t->f, t->shm, &c, sizeof(c), 0);
	waits(t, t->p, OP_COND, 0, 4);
	waits(t, t->q, OP_COND, 0, 5);
	expect(t, IPC_DEADLOCK, 2);
	expect_pattern(t, "orphaned-event");
	c.left = 3; /* somebody served has not gone */
	fake_object_file(&t->f, t->shm, &c, sizeof(c), 0);
	expect_nothing(t);
	c.served = c.left = 5; /* P is served */
	fake_object_file(&t->f, t->shm, &c, sizeof(c), 0);
	expect_nothing(t);
}

static void barrier__the_missing_one_is_nobody__is_deadlock(void **state)
{
	struct test *t = *state;

	barrier_is(t, 2, 3, 9);
	holds(t, t->p, HELD_ARRIVAL, 5, 9, HELD_HAS);
	holds(t, t->q, HELD_ARRIVAL, 5, 9, HELD_HAS);
	waits(t, t->p, OP_BARRIER, 0, 9);
	waits(t, t->q, OP_BARRIER, 0, 9);
	expect(t, IPC_DEADLOCK, 2);
	expect_pattern(t, "short-barrier");
	check_eq(t->s->waits[0].want, 3);
	(void)fake_end(&t->f, fake_process(&t->f, "R"), t->shm, RIGHT_MAP);
	expect_nothing(t); /* it may come */
}

static void barrier__too_few_could_come__is_suspected_unless_one_is_being_started(void **state)
{
	struct test *t = *state;
	uint32_t     r = fake_process(&t->f, "R");

	barrier_is(t, 2, 4, 9);
	(void)fake_end(&t->f, r, t->shm, RIGHT_MAP);
	holds(t, t->p, HELD_ARRIVAL, 5, 9, HELD_HAS);
	holds(t, t->q, HELD_ARRIVAL, 5, 9, HELD_HAS);
	waits(t, t->p, OP_BARRIER, 0, 9);
	waits(t, t->q, OP_BARRIER, 0, 9);
	fake_wait_age(&t->f, t->p, UINT64_C(2000000000));
	fake_wait_age(&t->f, t->q, UINT64_C(2000000000));
	look(t);
	check_eq(t->s->n_verdicts, 2);
	check_eq(t->s->verdicts[0].class_, IPC_SUSPECTED);
	fake_main(&t->f, r)->life = life_make(7, LIFE_FREE); /* its threads are yet to be known */
	expect_nothing(t);
}

static const char *words_of_process(struct test *t, uint32_t process, const char *end, char *ret,
				    size_t size)
{
	const struct process_rec *rec = fake_record(&t->f, TABLE_PROCESSES, process);

	(void)snprintf(ret, size, "%" PRIu64 "%s", rec->pid, end);
	return ret;
}

/* P and Q are there, R waits for Q to put: nothing but a death or a put helps. */
static void barrier__killing_one_who_came__frees_the_others(void **state)
{
	struct test *t = *state;
	uint32_t     r = fake_process(&t->f, "R"), q = fake_object(&t->f, KIND_QUEUE, 1, "queue");
	const char  *text;
	char         words[96];

	barrier_is(t, 2, 3, 9);
	(void)fake_end(&t->f, r, t->shm, RIGHT_MAP);
	(void)fake_end(&t->f, t->q, q, RIGHT_SEND0);
	(void)fake_end(&t->f, r, q, RIGHT_RECV0);
	holds(t, t->p, HELD_ARRIVAL, 5, 9, HELD_HAS);
	holds(t, t->q, HELD_ARRIVAL, 5, 9, HELD_HAS);
	waits(t, t->p, OP_BARRIER, 0, 9);
	waits(t, t->q, OP_BARRIER, 0, 9);
	fake_wait(&t->f, r, OP_GET, q, 0);
	look(t);
	assert_int_equal(t->s->n_verdicts, 1);
	text = t->s->verdicts[0].text;
	check(strstr(text, "only arrival by R") != NULL); /* the others have come */
	check(strstr(text, words_of_process(t, t->p, " frees 3 of 3", words, sizeof(words))) !=
	      NULL);
	check(strstr(text, words_of_process(t, r, " frees 1 of 3", words, sizeof(words))) != NULL);
}

static void barrier__one_of_unknown_threads_could_come__is_nothing(void **state)
{
	struct test *t = *state;

	barrier_is(t, 2, 4, 9);
	(void)fake_end(&t->f, fake_threaded_process(&t->f, "R"), t->shm, RIGHT_MAP);
	holds(t, t->p, HELD_ARRIVAL, 5, 9, HELD_HAS);
	holds(t, t->q, HELD_ARRIVAL, 5, 9, HELD_HAS);
	waits(t, t->p, OP_BARRIER, 0, 9);
	waits(t, t->q, OP_BARRIER, 0, 9);
	fake_wait_age(&t->f, t->p, UINT64_C(2000000000));
	fake_wait_age(&t->f, t->q, UINT64_C(2000000000));
	expect_nothing(t);
}

/* A process of two threads, one of them unknown; the other has arrived and waits. */
/* @process has come, in turn 9, and sleeps there for two seconds. */
static void has_come(struct test *t, uint32_t process)
{
	holds(t, process, HELD_ARRIVAL, 5, 9, HELD_HAS);
	waits(t, process, OP_BARRIER, 0, 9);
	fake_wait_age(&t->f, process, UINT64_C(2000000000));
}

static void threaded_and_arrived(struct test *t)
{
	uint32_t h = fake_threaded_process(&t->f, "H");

	(void)fake_end(&t->f, h, t->shm, RIGHT_MAP);
	has_come(t, h);
}

static void barrier__an_unknown_thread_of_one_who_came_could_come__is_nothing(void **state)
{
	struct test *t = *state;

	threaded_and_arrived(t);
	barrier_is(t, 2, 4, 9); /* P is here; Q runs, and is one of the two that are missing */
	has_come(t, t->p);
	expect_nothing(t);
}

static void barrier__nobody_but_an_unknown_thread_could_come__is_suspected_for_that(void **state)
{
	struct test *t = *state;

	threaded_and_arrived(t);
	barrier_is(t, 3, 4, 9);
	has_come(t, t->p);
	has_come(t, t->q);
	expect(t, IPC_SUSPECTED, 3);
	if (!strstr(t->s->verdicts[0].headline, "has a thread libipc does not know"))
		test_fail("%s", t->s->verdicts[0].headline);
}

/* P and Q are here, and the limit of Q is 30 s. Nobody else is. */
static void two_and_a_limit(struct test *t)
{
	has_come(t, t->p);
	has_come(t, t->q);
	fake_main(&t->f, t->q)->wait.deadline_ns = fake_main(&t->f, t->q)->wait.since_ns +
						   UINT64_C(30000000000);
}

static void barrier__one_who_came_has_a_limit__is_timed(void **state)
{
	struct test *t = *state;

	two_and_a_limit(t);
	for (uint64_t parties = 3; parties <= 5; parties++) {
		barrier_is(t, 2, parties, 9);
		expect(t, IPC_TIMED, 2);
		check_eq(t->s->grade, IPC_GRADE_OK);
	}
}

/* It has broken the barrier for all, or will, as soon as it runs. */
static void barrier__one_who_came_is_awake__is_nothing(void **state)
{
	struct test *t = *state;

	barrier_is(t, 2, 5, 9);
	two_and_a_limit(t);
	fake_main(&t->f, t->q)->wait.seq += 3; /* it sleeps no more */
	expect_nothing(t);
}

/* Q is about to wake, and may come again: that is one of three. */
static void barrier__one_of_the_last_turn_has_a_limit__breaks_nothing(void **state)
{
	struct test *t = *state;

	two_and_a_limit(t);
	fake_main(&t->f, t->q)->held[0].what -= HELD_COUNT_ONE;
	fake_main(&t->f, t->q)->wait.item[0].arg2--;
	barrier_is(t, 1, 4, 9);
	look(t);
	check_eq(t->s->n_verdicts, 1);
	check_eq(t->s->verdicts[0].class_, IPC_SUSPECTED);
}

static void barrier__one_who_wakes_from_the_last_turn_could_come__is_nothing(void **state)
{
	struct test *t = *state;

	barrier_is(t, 1, 3, 9);
	(void)fake_end(&t->f, fake_process(&t->f, "R"), t->shm, RIGHT_MAP);
	has_come(t, t->p);
	holds(t, t->q, HELD_ARRIVAL, 5, 8, HELD_HAS);
	expect_nothing(t);
}

static void barrier__one_who_came_is_dead_or_the_turn_is_over__is_nothing(void **state)
{
	struct test *t = *state;

	barrier_is(t, 3, 4, 9);
	holds(t, t->p, HELD_ARRIVAL, 5, 9, HELD_HAS);
	holds(t, t->q, HELD_ARRIVAL, 5, 9, HELD_HAS);
	waits(t, t->p, OP_BARRIER, 0, 9);
	waits(t, t->q, OP_BARRIER, 0, 9);
	expect_nothing(t);
	barrier_is(t, 0, 0, 10);
	expect_nothing(t);
	check(t->s->waits[0].satisfied);
}

static void holds__more_than_there_is_room_for__are_left_out(void **state)
{
	struct test       *t = *state;
	struct thread_rec *rec = fake_record(&t->f, TABLE_THREADS, t->p);

	holds(t, t->p, HELD_READ, 5, 1, HELD_HAS);
	rec->held[1].what = UINT64_MAX; /* of no kind there is */
	rec->n_held = UINT64_MAX;
	look(t);
	check_eq(t->s->n_holds, 1);
	check(t->s->damaged > 0);
	check_eq(t->s->holds[0].kind, IPC_HOLD_READ);
	check_eq(t->s->holds[0].since_ns, IPC_UNKNOWN);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
#ifdef __SANITIZE_THREAD__
	puts("skipped: ThreadSanitizer's own thread is one that the library does not know");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
		T(rwlock__two_readers_want_to_write__is_deadlock),
		T(rwlock__a_share_nobody_living_has__is_nothing),
		T(rwlock__a_share_just_being_taken__is_nothing),
		T(rwlock__frozen__is_nothing),
		T(rwlock__one_of_two_readers_runs__is_stuck_behind_the_other),
		T(rwlock__reader_held_back_by_a_writer__is_nothing),
		T(rwlock__writer_is_dead__is_nothing),
		T(sem__all_permits_with_those_who_want_more__is_deadlock),
		T(sem__one_permit_with_somebody_who_runs__is_nothing),
		T(sem__one_permit_of_the_dead__is_nothing),
		T(sem__signals__anybody_with_the_memory_could_post),
		T(sem__a_permit_is_there__is_nothing),
		T(event__set_or_was__is_nothing),
		T(event__all_who_could_set_it_wait__is_deadlock),
		T(event__in_private_memory__is_not_judged),
		T(event__whose_word_cannot_be_read__is_not_judged),
		T(cond__notified_or_about_to_wake__is_nothing),
		T(barrier__the_missing_one_is_nobody__is_deadlock),
		T(barrier__too_few_could_come__is_suspected_unless_one_is_being_started),
		T(barrier__killing_one_who_came__frees_the_others),
		T(barrier__one_of_unknown_threads_could_come__is_nothing),
		T(barrier__an_unknown_thread_of_one_who_came_could_come__is_nothing),
		T(barrier__nobody_but_an_unknown_thread_could_come__is_suspected_for_that),
		T(barrier__one_who_came_has_a_limit__is_timed),
		T(barrier__one_who_came_is_awake__is_nothing),
		T(barrier__one_of_the_last_turn_has_a_limit__breaks_nothing),
		T(barrier__one_who_wakes_from_the_last_turn_could_come__is_nothing),
		T(barrier__one_who_came_is_dead_or_the_turn_is_over__is_nothing),
		T(holds__more_than_there_is_room_for__are_left_out),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_relate_sync", tests, NULL, NULL);
}
