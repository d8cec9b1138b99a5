/*
 * test_observe_doubts.c - what the kernel says of those who seem stuck, and what that does
 *
 * As test_observe_verdict.c: made-up registries of real processes. Here these have a habit
 * that may end what looks like a deadlock: P and Q each wait for what the other sends.
 */

#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include <ipc/observe.h>

#include "base/clock.h"
#include "support/fake_registry.h"

#define SEC UINT64_C(1000000000)

struct test {
	struct fake                f;
	ipc_observer              *o;
	const struct ipc_snapshot *s;
	uint32_t                   p, q;
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	test_deadline(60);
	fake_make(&t->f);
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

static void receives(struct fake *f, uint32_t reader, uint32_t writer)
{
	uint32_t o = fake_object(f, KIND_PIPE, OBJECT_SIMPLEX, "pipe");

	(void)fake_end(f, writer, o, RIGHT_SEND0);
	(void)fake_end(f, reader, o, RIGHT_RECV0);
	fake_wait(f, reader, OP_RECV, o, 0);
	fake_wait_age(f, reader, SEC); /* a doubt is not voiced at once */
}

static void two(struct test *t, fake_habit *habit_of_q)
{
	t->p = fake_process(&t->f, "P");
	t->q = fake_process_of_habit(&t->f, "Q", habit_of_q);
	receives(&t->f, t->p, t->q);
	receives(&t->f, t->q, t->p);
}

/* One verdict, of that class; @word is in what is said of it. */
static void expect(struct test *t, enum ipc_verdict_class class_, const char *word)
{
	fake_write(&t->f);
	if (!t->o)
		check_ok(ipc_observer_open_dir(&t->o, t->f.dir));
	check_ok(ipc_observer_read(t->o, &t->s));
	check_eq(t->s->n_verdicts, 1);
	if (t->s->verdicts[0].class_ != class_ || !strstr(t->s->verdicts[0].text, word))
		test_fail("%s", t->s->verdicts[0].text);
}

static void expect_deadlock(struct test *t)
{
	expect(t, IPC_DEADLOCK, "certain");
}

/* ---- alarms and timers ---------------------------------------------------------------------- */

static bool heeds(const struct fake *f)
{
	(void)f;
	return signal(SIGALRM, SIG_DFL) == SIG_ERR;
}

static bool ignores(const struct fake *f)
{
	(void)f;
	return signal(SIGALRM, SIG_IGN) == SIG_ERR;
}

static bool blocks(const struct fake *f)
{
	sigset_t set;

	(void)f;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGALRM);
	return sigprocmask(SIG_BLOCK, &set, NULL) != 0;
}

static bool has_timer(const struct fake *f)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	timer_t         t;

	(void)f;
	return timer_create(CLOCK_MONOTONIC, &e, &t) != 0;
}

static bool has_mute_timer(const struct fake *f)
{
	struct sigevent e = {.sigev_notify = SIGEV_NONE};
	timer_t         t;

	(void)f;
	return timer_create(CLOCK_MONOTONIC, &e, &t) != 0;
}

/* What Q's thread said as it went to sleep. */
static void alarm_of_q(struct test *t, uint64_t at_ns)
{
	fake_main(&t->f, t->q)->wait.alarm_ns = at_ns;
}

static void alarm__near__is_suspected_until_it_is_over(void **state)
{
	struct test *t = *state;

	two(t, heeds);
	alarm_of_q(t, clock_now_ns() + 8 * SEC);
	expect(t, IPC_SUSPECTED, "has an alarm: SIGALRM comes in ");
	alarm_of_q(t, clock_now_ns() - 1);
	expect_deadlock(t);
}

static void alarm__far__is_deadlock_until_then(void **state)
{
	struct test *t = *state;

	two(t, heeds);
	alarm_of_q(t, clock_now_ns() + 1000 * SEC);
	expect(t, IPC_DEADLOCK, "\nUntil: an alarm (SIGALRM) of ");
}

static void alarm__again_and_again__is_suspected(void **state)
{
	struct test *t = *state;

	two(t, heeds);
	alarm_of_q(t, UINT64_MAX);
	expect(t, IPC_SUSPECTED, "has an interval timer");
}

static void alarm__ignored__is_deadlock(void **state)
{
	struct test *t = *state;

	two(t, ignores);
	alarm_of_q(t, clock_now_ns() + 8 * SEC);
	expect_deadlock(t);
}

static void alarm__blocked_by_all_threads__is_deadlock(void **state)
{
	struct test *t = *state;

	two(t, blocks);
	alarm_of_q(t, clock_now_ns() + 8 * SEC);
	expect_deadlock(t);
}

static void timer__that_signals__is_suspected(void **state)
{
	struct test *t = *state;

	two(t, has_timer);
	expect(t, IPC_SUSPECTED, "has a timer (timer_create)");
}

static void timer__that_tells_nobody__is_deadlock(void **state)
{
	struct test *t = *state;

	two(t, has_mute_timer);
	expect_deadlock(t);
}

static void wait__that_a_signal_ends__is_suspected(void **state)
{
	struct test *t = *state;

	two(t, NULL);
	fake_main(&t->f, t->p)->wait.flags = WAIT_INTR;
	expect(t, IPC_SUSPECTED, "");
}

/* ---- handlers -------------------------------------------------------------------------------- */

static void handle(int sig)
{
	(void)sig;
}

static bool catches_a_signal(const struct fake *f)
{
	(void)f;
	return signal(SIGUSR1, handle) == SIG_ERR;
}

static bool catches_its_own_faults(const struct fake *f)
{
	(void)f;
	return signal(SIGSEGV, handle) == SIG_ERR;
}

/* Both wait for an event in memory that both have. */
static void wait_for_event(struct test *t, fake_habit *habit_of_q)
{
	uint64_t word = 0;
	uint32_t m;

	t->p = fake_process(&t->f, "P");
	t->q = fake_process_of_habit(&t->f, "Q", habit_of_q);
	m = fake_object(&t->f, KIND_SHM, 0, "block");
	fake_object_file(&t->f, m, &word, sizeof(word), 0);
	(void)fake_end(&t->f, t->p, m, RIGHT_MAP);
	(void)fake_end(&t->f, t->q, m, RIGHT_MAP);
	fake_wait(&t->f, t->p, OP_EVENT, m, 0);
	fake_wait(&t->f, t->q, OP_EVENT, m, 0);
}

static void event__a_handler_could_set_it__is_nothing(void **state)
{
	struct test *t = *state;

	wait_for_event(t, catches_a_signal);
	fake_write(&t->f);
	check_ok(ipc_observer_open_dir(&t->o, t->f.dir));
	check_ok(ipc_observer_read(t->o, &t->s));
	check_eq(t->s->n_verdicts, 0);
}

static void event__handler_of_faults_alone__is_deadlock(void **state)
{
	struct test *t = *state;

	wait_for_event(t, catches_its_own_faults);
	expect_deadlock(t);
}

/* ---- who cannot be looked at, and who is not of the domain -------------------------------------- */

static void process__of_another_pid_namespace__is_suspected(void **state)
{
	struct test *t = *state;

	two(t, NULL);
	((struct process_rec *)fake_record(&t->f, TABLE_PROCESSES, t->q))->ns_inode++;
	expect(t, IPC_SUSPECTED, "is in another pid namespace");
}

static bool maps_registry(const struct fake *f)
{
	char path[300];
	int  fd;

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, REGISTRY_FILE);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
		_exit(1);
	return false;
}

enum stranger { NEVER_JOINED, JOINS_JUST_NOW, HAS_LEFT };

/* A process that the table of processes does not name, or not as one of the domain. */
static void add_stranger(struct test *t, fake_habit *habit, enum stranger is)
{
	struct process_rec *rec;
	uint32_t            i;

	fake_write(&t->f); /* what it maps */
	i = fake_process_of_habit(&t->f, "R", habit);
	rec = fake_record(&t->f, TABLE_PROCESSES, i);
	fake_main(&t->f, i)->life = life_make(7, LIFE_FREE);
	rec->life = life_make(7, is == JOINS_JUST_NOW ? LIFE_MAKING : LIFE_FREE);
	if (is == NEVER_JOINED)
		rec->pid = 0;
}

static void stranger__has_the_registry_mapped__is_suspected(void **state)
{
	struct test *t = *state;

	two(t, NULL);
	add_stranger(t, maps_registry, NEVER_JOINED);
	expect(t, IPC_SUSPECTED, "has the domain mapped and is not of it");
}

static void stranger__without_a_mapping__is_nobody(void **state)
{
	struct test *t = *state;

	two(t, NULL);
	add_stranger(t, NULL, NEVER_JOINED);
	expect_deadlock(t);
}

static void stranger__has_joined_meanwhile__is_none(void **state)
{
	struct test *t = *state;

	two(t, NULL);
	add_stranger(t, maps_registry, JOINS_JUST_NOW);
	expect_deadlock(t);
}

/* As in a destructor that runs after the library's. */
static void stranger__has_left_and_is_still_there__is_suspected(void **state)
{
	struct test *t = *state;

	two(t, NULL);
	add_stranger(t, maps_registry, HAS_LEFT);
	expect(t, IPC_SUSPECTED, "has the domain mapped and is not of it");
}

/* Who is older than the domain cannot have it mapped, but for who was of it: its maker, say. */
static void stranger__older_than_the_domain__only_if_it_was_of_it(void **state)
{
	struct test *t = *state;

	two(t, NULL);
	add_stranger(t, maps_registry, HAS_LEFT);
	fake_header(&t->f)->created_mono_ns = test_now() + UINT64_C(1000000000);
	expect(t, IPC_SUSPECTED, "has the domain mapped and is not of it");
}

static void member__had_handles_before_it_joined__is_suspected(void **state)
{
	struct test *t = *state;
	uint32_t     r;

	two(t, NULL);
	r = fake_process(&t->f, "R");
	expect_deadlock(t);
	((struct process_rec *)fake_record(&t->f, TABLE_PROCESSES, r))->disowned = 1;
	expect(t, IPC_SUSPECTED, "had handles before it joined");
}

/* ---- threads ------------------------------------------------------------------------------------ */

static void *idle(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

static int *second_tid; /* shared */

static void *say_tid_and_idle(void *arg)
{
	__atomic_store_n(second_tid, (int)gettid(), __ATOMIC_RELEASE);
	return idle(arg);
}

/* In a child: another thread, once it has said its number in @tid. */
static void begin_thread(void *(*fn)(void *arg), const int *tid)
{
	pthread_t t;

	if (pthread_create(&t, NULL, fn, NULL))
		_exit(1);
	while (!__atomic_load_n(tid, __ATOMIC_ACQUIRE))
		test_pause();
}

static bool leaves_a_thread_behind(const struct fake *f)
{
	(void)f;
	begin_thread(say_tid_and_idle, second_tid);
	return true;
}

static char state_of(uint64_t pid)
{
	char  path[64], state = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	check(f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
	(void)fclose(f);
	return state;
}

static void main_thread__gone_and_the_other_waits__is_deadlock(void **state)
{
	struct test *t = *state;

	second_tid = test_shared(sizeof(*second_tid));
	two(t, leaves_a_thread_behind);
	check(wait_until(state_of((uint64_t)t->f.child[t->q]) == 'Z', 20));
	fake_main(&t->f, t->q)->tid = (uint64_t)*second_tid;
	expect_deadlock(t);
}

static void thread__gone_without_a_word__is_suspected(void **state)
{
	struct test *t = *state;
	uint32_t     ghost;

	two(t, NULL);
	ghost = fake_thread(&t->f, t->q, 4000001); /* beyond any kernel's numbers */
	fake_wait(&t->f, ghost, OP_RECV, 1, 0);
	fake_wait_age(&t->f, ghost, SEC);
	expect(t, IPC_SUSPECTED, "is gone without a word");
}

/* ---- what is found once, and looked at again ------------------------------------------------ */

/* Shared: what the other thread of a child is to do, and has done. */
static struct {
	int tid, please, done;
} * helper;

static void *make_a_timer_when_told(void *arg)
{
	__atomic_store_n(&helper->tid, (int)gettid(), __ATOMIC_RELEASE);
	while (!__atomic_load_n(&helper->please, __ATOMIC_ACQUIRE))
		test_pause();
	check(!has_timer(NULL));
	__atomic_store_n(&helper->done, 1, __ATOMIC_RELEASE);
	return idle(arg);
}

static bool has_a_helper(const struct fake *f)
{
	(void)f;
	begin_thread(make_a_timer_when_told, &helper->tid);
	return false;
}

static uint32_t add_helper(struct test *t)
{
	return fake_thread(&t->f, t->q, (uint64_t)helper->tid);
}

static void let_it_make_a_timer(void)
{
	__atomic_store_n(&helper->please, 1, __ATOMIC_RELEASE);
	check(wait_until(__atomic_load_n(&helper->done, __ATOMIC_ACQUIRE), 20));
}

/* Both of Q's threads wait for P; one was up in between, and now there is a timer. */
static void timer__made_between_two_waits__is_seen(void **state)
{
	struct test *t = *state;
	uint32_t     other;

	helper = test_shared(sizeof(*helper));
	two(t, has_a_helper);
	other = add_helper(t);
	fake_wait(&t->f, other, OP_RECV, 1, 0);
	fake_wait_age(&t->f, other, SEC);
	expect_deadlock(t);
	expect_deadlock(t);
	let_it_make_a_timer();
	((struct thread_rec *)fake_record(&t->f, TABLE_THREADS, other))->wait.seq += 4;
	expect(t, IPC_SUSPECTED, "has a timer (timer_create)");
}

/* P waits for a lock of Q's first thread, which waits for P; Q's other one waits for nobody. */
static void timer__made_by_a_thread_that_runs__is_seen(void **state)
{
	struct test *t = *state;
	uint32_t     shm;
	uint64_t     word;

	helper = test_shared(sizeof(*helper));
	t->p = fake_process(&t->f, "P");
	t->q = fake_process_of_habit(&t->f, "Q", has_a_helper);
	(void)add_helper(t);
	receives(&t->f, t->q, t->p);
	shm = fake_object(&t->f, KIND_SHM, 0, "block");
	(void)fake_end(&t->f, t->p, shm, RIGHT_MAP);
	(void)fake_end(&t->f, t->q, shm, RIGHT_MAP);
	fake_wait(&t->f, t->p, OP_LOCK, shm, 0);
	fake_wait_age(&t->f, t->p, SEC);
	word = fake_thread_ref(&t->f, t->q);
	fake_main(&t->f, t->p)->wait.item[0].arg2 = word;
	fake_object_file(&t->f, shm, &word, sizeof(word), 0);
	expect(t, IPC_DEADLOCK, "closed world");
	let_it_make_a_timer();
	expect(t, IPC_SUSPECTED, "has a timer (timer_create)");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
#ifdef __SANITIZE_THREAD__
	puts("skipped: ThreadSanitizer's own thread is one that the library does not know");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
		T(alarm__near__is_suspected_until_it_is_over),
		T(alarm__far__is_deadlock_until_then),
		T(alarm__again_and_again__is_suspected),
		T(alarm__ignored__is_deadlock),
		T(alarm__blocked_by_all_threads__is_deadlock),
		T(timer__that_signals__is_suspected),
		T(timer__that_tells_nobody__is_deadlock),
		T(wait__that_a_signal_ends__is_suspected),
		T(event__a_handler_could_set_it__is_nothing),
		T(event__handler_of_faults_alone__is_deadlock),
		T(process__of_another_pid_namespace__is_suspected),
		T(stranger__has_the_registry_mapped__is_suspected),
		T(stranger__without_a_mapping__is_nobody),
		T(stranger__has_joined_meanwhile__is_none),
		T(stranger__has_left_and_is_still_there__is_suspected),
		T(stranger__older_than_the_domain__only_if_it_was_of_it),
		T(member__had_handles_before_it_joined__is_suspected),
		T(main_thread__gone_and_the_other_waits__is_deadlock),
		T(thread__gone_without_a_word__is_suspected),
		T(timer__made_between_two_waits__is_seen),
		T(timer__made_by_a_thread_that_runs__is_seen),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_doubts", tests, NULL, NULL);
}
