/*
 * test_observe_deaths.c - somebody dies while a domain is being read
 *
 * The tables are read one after the other, and who lives is asked of the kernel; a verdict
 * that takes the living of one moment for those of another is false. Here pread(2) is the
 * test's: when the observer comes to the objects, or to the second reading, somebody is
 * killed and what the death left is written, all in between two calls.
 */

#include "support/test.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/wait.h>

#include <ipc/observe.h>

#include "support/fake_registry.h"

#define SLEPT_NS   UINT64_C(3000000000)
#define IDLE_CROWD 70 /* with them not all are asked at each reading whether they live */

static struct {
	off_t at; /* at this offset, once; -1: never */
	void (*then)(void);
} trap = {.at = -1};

ssize_t pread(int fd, void *buf, size_t n, off_t offset)
{
	static ssize_t (*real)(int, void *, size_t, off_t);

	if (!real) {
		void *next = dlsym(RTLD_NEXT, "pread");

		memcpy(&real, &next, sizeof(real));
	}
	if (trap.at == offset) {
		trap.at = -1;
		trap.then();
	}
	return real(fd, buf, n, offset);
}

static struct fake   f;
static ipc_observer *observer;
static uint32_t      victim;

static int setup(void **state)
{
	test_deadline(60);
	memset(&f, 0, sizeof(f));
	fake_make(&f);
	return 0;
}

static int teardown(void **state)
{
	observer = ipc_observer_close(observer);
	fake_remove(&f);
	(void)alarm(0);
	return 0;
}

static const struct ipc_snapshot *look(void)
{
	const struct ipc_snapshot *s = NULL;

	if (!observer)
		check_ok(ipc_observer_open_dir(&observer, f.dir));
	check_ok(ipc_observer_read(observer, &s));
	return s;
}

/* Dead, and nobody has waited for it: to the domain it is a member still. */
static void kill_victim(void)
{
	siginfo_t info;

	check_ok(kill(f.child[victim], SIGKILL));
	check_ok(waitid(P_PID, (id_t)f.child[victim], &info, WEXITED | WNOWAIT));
}

/* As programs do that only put and get: the domain counts no change. */
static void write_unchanged(void)
{
	fake_header(&f)->change--;
	fake_write(&f);
}

/* No reading from now on may call it a deadlock: at no moment was there one. */
static void no_verdict(void)
{
	for (int i = 0; i < 3; i++) {
		const struct ipc_snapshot *s = look();

		for (size_t k = 0; k < s->n_verdicts; k++)
			check(s->verdicts[k].class_ != IPC_DEADLOCK);
	}
	check_eq(trap.at, -1);
}

/* ---- a message that was there as long as both lived ------------------------------------------ */

static void die_and_take(void)
{
	kill_victim();
	fake_ring(&f, 0, 0)->head++; /* C takes the message that A was about to wake for */
	write_unchanged();
}

static void verdict__dies_while_objects_are_read__is_no_deadlock(void **state)
{
	uint32_t a = fake_process(&f, "A"), b = fake_process(&f, "B"), c = fake_process(&f, "C");
	uint32_t to_a = fake_object(&f, KIND_PIPE, OBJECT_SIMPLEX, "to A");
	uint32_t to_b = fake_object(&f, KIND_PIPE, OBJECT_SIMPLEX, "to B");

	(void)fake_end(&f, a, to_a, RIGHT_RECV0);
	(void)fake_end(&f, c, to_a, RIGHT_RECV0);
	(void)fake_end(&f, b, to_a, RIGHT_SEND0);
	(void)fake_end(&f, b, to_b, RIGHT_RECV0);
	(void)fake_end(&f, a, to_b, RIGHT_SEND0);
	fake_fill(&f, to_a, 0, 1, 8);
	fake_wait(&f, a, OP_RECV, to_a, 0);
	fake_wait(&f, b, OP_RECV, to_b, 0);
	fake_wait_age(&f, a, SLEPT_NS);
	fake_wait_age(&f, b, SLEPT_NS);
	fake_write(&f);
	no_verdict();
	victim = b;
	trap.then = die_and_take;
	trap.at = (off_t)fake_header(&f)->table[TABLE_OBJECTS].offset;
	no_verdict();
}

/* ---- memory that a dead sender had reserved ---------------------------------------------------- */

/* A sleeps for memory of a pipe to B, B for a slot of one to A; C, the victim, sends to B, too. */
static void reserve_scene(void)
{
	uint32_t a = fake_process(&f, "A"), b = fake_process(&f, "B"), c = fake_process(&f, "C");
	uint32_t to_b = fake_object(&f, KIND_PIPE, OBJECT_SIMPLEX, "to B");
	uint32_t to_a = fake_object(&f, KIND_PIPE, OBJECT_SIMPLEX, "to A");

	(void)fake_end(&f, b, to_b, RIGHT_RECV0);
	(void)fake_end(&f, a, to_b, RIGHT_SEND0);
	(void)fake_end(&f, c, to_b, RIGHT_SEND0);
	(void)fake_end(&f, a, to_a, RIGHT_RECV0);
	(void)fake_end(&f, b, to_a, RIGHT_SEND0);
	fake_fill(&f, to_b, 0, 1, 8);
	fake_fill(&f, to_a, 0, 1, 1);
	fake_ring(&f, to_b, 0)->heap_limit = 1000;
	fake_ring(&f, to_b, 0)->heap_in = 50;
	fake_wait(&f, a, OP_SEND, to_b, 0);
	fake_main(&f, a)->wait.item[0].arg2 = 200;
	fake_main(&f, a)->wait.flags = WAIT_COUNTED;
	fake_wait(&f, b, OP_SEND, to_a, 0);
	fake_wait_age(&f, a, SLEPT_NS);
	fake_wait_age(&f, b, SLEPT_NS);
	victim = c;
}

/* Half way through a put: what it had reserved stays counted until A, which is to find C dead, recounts. */
static void die_with_memory(void)
{
	kill_victim();
	fake_ring(&f, 0, 0)->heap_in += 900;
	write_unchanged();
}

static void verdict__sender_dies_while_objects_are_read__is_no_deadlock(void **state)
{
	reserve_scene();
	fake_write(&f);
	no_verdict();
	trap.then = die_with_memory;
	trap.at = (off_t)fake_header(&f)->table[TABLE_OBJECTS].offset;
	no_verdict();
}

/* Of many, a holder may be believed to live that could help nobody, and whose death does. */
static void verdict__sender_among_many_is_dead__is_no_deadlock(void **state)
{
	reserve_scene();
	for (int i = 0; i < IDLE_CROWD; i++)
		(void)fake_process(&f, "idle");
	fake_write(&f);
	no_verdict();
	trap.then = die_with_memory;
	trap.at = 0; /* the header: before anything is read */
	no_verdict();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			verdict__dies_while_objects_are_read__is_no_deadlock, setup, teardown),
		cmocka_unit_test_setup_teardown(
			verdict__sender_dies_while_objects_are_read__is_no_deadlock, setup,
			teardown),
		cmocka_unit_test_setup_teardown(verdict__sender_among_many_is_dead__is_no_deadlock,
						setup, teardown),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_deaths", tests, NULL, NULL);
}
