/*
 * test_observe_verdict.c - who is called deadlocked, and who must not be
 *
 * Each case is a made-up registry of real, idle processes (support/fake_registry.h),
 * read by a real observer: the whole way, kernel evidence and second reading included.
 * The numbers are those of the scenarios in the manual, ipc-deadlocks(7).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <ipc/observe.h>

#include "support/fake_registry.h"

#define QUEUE (RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE)
#define SEC   UINT64_C(1000000000)

struct test {
	struct fake                f;
	ipc_observer              *o;
	const struct ipc_snapshot *s;
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	if (!t)
		return -1;
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

static void look(struct test *t)
{
	fake_write(&t->f);
	if (!t->o)
		assert_int_equal(ipc_observer_open_dir(&t->o, t->f.dir), 0);
	assert_int_equal(ipc_observer_read(t->o, &t->s), 0);
	if (getenv("SHOW"))
		for (size_t i = 0; i < t->s->n_verdicts; i++)
			print_message("%s\n", t->s->verdicts[i].text);
}

static bool in_core(const struct test *t, const struct ipc_obs_verdict *v, uint32_t thread)
{
	for (size_t i = 0; i < v->n_core; i++)
		if (t->s->threads[t->s->waits[v->core[i]].thread].id == ref_make(7, thread))
			return true;
	return false;
}

/* Exactly one verdict of that class and pattern, with a core of those @n threads: no less, no more. */
static void expect(struct test *t, enum ipc_verdict_class class_, enum ipc_strength strength,
		   const char *pattern, size_t n, const uint32_t *core)
{
	const struct ipc_obs_verdict *v;

	look(t);
	assert_int_equal(t->s->n_verdicts, 1);
	v = &t->s->verdicts[0];
	assert_int_equal(v->class_, class_);
	assert_int_equal(v->strength, strength);
	assert_int_equal(v->n_core, n);
	for (size_t i = 0; i < n; i++)
		assert_true(in_core(t, v, core[i]));
	assert_string_equal(v->pattern, pattern);
	assert_memory_equal(v->text, v->headline, strlen(v->headline));
	/* line k + 1 is about core[k] */
	for (size_t i = 0; i < n; i++) {
		const struct ipc_obs_thread *thread =
			&t->s->threads[t->s->waits[v->core[i]].thread];
		const char *line = v->text;
		char        begin[128];

		for (size_t k = 0; k <= i; k++)
			line = strchr(line, '\n') + 1;
		(void)snprintf(begin, sizeof(begin), "%s %lu",
			       t->s->processes[thread->process].name,
			       (unsigned long)t->s->processes[thread->process].pid);
		assert_memory_equal(line, begin, strlen(begin));
	}
}

#define EXPECT(t, class_, strength, pattern, ...)                                                  \
	expect(t, class_, strength, pattern, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), \
	       (uint32_t[]){__VA_ARGS__})

static void expect_nothing(struct test *t)
{
	look(t);
	assert_int_equal(t->s->n_verdicts, 0);
	assert_int_equal(t->s->grade, IPC_GRADE_OK);
}

/* A simplex pipe from process @w to process @r. */
static uint32_t pipe_from(struct fake *f, uint32_t w, uint32_t r, const char *name)
{
	uint32_t o = fake_object(f, KIND_PIPE, OBJECT_SIMPLEX, name);

	(void)fake_end(f, w, o, RIGHT_SEND0);
	(void)fake_end(f, r, o, RIGHT_RECV0);
	return o;
}

static void child_of(struct fake *f, uint32_t child, uint32_t parent)
{
	((struct process_rec *)fake_record(f, TABLE_PROCESSES, child))->parent = fake_process_ref(
		f, parent);
}

static void join_child(struct fake *f, uint32_t parent, uint32_t child)
{
	const struct process_rec *p = fake_record(f, TABLE_PROCESSES, child);

	child_of(f, child, parent);
	fake_wait(f, parent, OP_PROC, FAKE_NONE, p->pid);
	fake_main(f, parent)->wait.item[0].arg2 = fake_process_ref(f, child);
}

static void mutual_recv(struct fake *f)
{
	uint32_t p = fake_process(f, "P"), q = fake_process(f, "Q");
	uint32_t a = pipe_from(f, q, p, "a"), b = pipe_from(f, p, q, "b");

	fake_wait(f, p, OP_RECV, a, 0);
	fake_wait(f, q, OP_RECV, b, 0);
}

/* ---- deadlocks ------------------------------------------------------------------------------- */

static void verdict__join_before_drain__is_deadlock(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "parent"), c = fake_process(f, "worker");
	uint32_t     q = fake_object(f, KIND_QUEUE, 0, "results");

	(void)fake_end(f, p, q, QUEUE);
	(void)fake_end(f, c, q, QUEUE);
	fake_fill(f, q, 0, 8, 8);
	join_child(f, p, c);
	fake_wait(f, c, OP_PUT, q, 0);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "join-before-drain", p, c);
	assert_int_equal(t->s->grade, IPC_GRADE_CRITICAL);
	assert_non_null(strstr(t->s->verdicts[0].text, "frees 2 of 2"));
	assert_non_null(strstr(t->s->verdicts[0].text, "put(queue \"results\") full 8/8"));
}

static void verdict__mutual_recv__is_deadlock(void **state)
{
	struct test *t = *state;

	mutual_recv(&t->f);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "mutual-recv", 0, 1);
}

/* Records are used again: who came last may stand first. */
static void verdict__later_one_in_an_earlier_record__is_named_second(void **state)
{
	struct test        *t = *state;
	struct process_rec *p;

	mutual_recv(&t->f);
	p = fake_record(&t->f, TABLE_PROCESSES, 0);
	p->joined_ns++;
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "mutual-recv", 0, 1);
	assert_string_equal(
		t->s->processes[t->s->threads[t->s->waits[t->s->verdicts[0].core[0]].thread]
					.process]
			.name,
		"Q");
}

static void verdict__mutual_send_both_full__is_deadlock(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_process(f, "Q");
	uint32_t     a = pipe_from(f, p, q, "a"), b = pipe_from(f, q, p, "b");

	fake_fill(f, a, 0, 64, 64);
	fake_fill(f, b, 0, 64, 64);
	fake_wait(f, p, OP_SEND, a, 0);
	fake_wait(f, q, OP_SEND, b, 0);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "mutual-send", p, q);
}

/* Both have room for messages, and none for what large ones take. */
static uint32_t mutual_large_send(struct fake *f)
{
	uint32_t p = fake_process(f, "P"), q = fake_process(f, "Q");
	uint32_t pipes[] = {pipe_from(f, p, q, "a"), pipe_from(f, q, p, "b")};

	for (uint32_t i = 0; i < 2; i++) {
		fake_fill(f, pipes[i], 0, 1, 64);
		fake_ring(f, pipes[i], 0)->heap_limit = fake_ring(f, pipes[i], 0)->heap_in = 1000;
		fake_wait(f, i, OP_SEND, pipes[i], 0);
		fake_main(f, i)->wait.item[0].arg2 = 500;
		fake_main(f, i)->wait.flags = WAIT_COUNTED;
	}
	return pipes[0];
}

static void verdict__mutual_send_of_large_ones__is_deadlock(void **state)
{
	struct test *t = *state;

	(void)mutual_large_send(&t->f);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "mutual-send", 0, 1);
}

static void verdict__what_large_ones_take_may_be_wrong_by_a_death__is_nothing(void **state)
{
	struct test *t = *state;
	uint32_t     pipe = mutual_large_send(&t->f);

	(void)fake_end(&t->f, fake_dead_process(&t->f, "third"), pipe, RIGHT_RECV0);
	expect_nothing(t);
}

static void verdict__what_large_ones_take_was_not_counted_anew__is_nothing(void **state)
{
	struct test *t = *state;

	(void)mutual_large_send(&t->f);
	fake_main(&t->f, 1)->wait.flags = 0;
	expect_nothing(t);
}

/* P reserves on a pipe without a free slot, whose messages use @used of 1000; Q waits for P. */
static void reserve_large(struct fake *f, uint64_t used)
{
	uint32_t           p = fake_process(f, "P"), q = fake_process(f, "Q");
	uint32_t           a = pipe_from(f, p, q, "a"), b = pipe_from(f, p, q, "b");
	struct thread_rec *reserver = fake_main(f, p);

	fake_fill(f, a, 0, 2, 2);
	fake_ring(f, a, 0)->heap_limit = 1000;
	fake_ring(f, a, 0)->heap_in = used;
	fake_wait(f, p, OP_SEND, a, 0);
	reserver->wait.flags = WAIT_ROOM | WAIT_COUNTED;
	reserver->wait.item[0].arg2 = 500;
	fake_wait(f, q, OP_RECV, b, 0);
}

/* Its slot comes when it commits: P has all it waits for, and is only about to run. */
static void verdict__reserve_without_a_slot_but_with_memory__is_nothing(void **state)
{
	struct test *t = *state;

	reserve_large(&t->f, 0);
	expect_nothing(t);
}

static void verdict__reserve_without_memory__is_deadlock(void **state)
{
	struct test *t = *state;

	reserve_large(&t->f, 1000);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "ring", 0, 1);
}

static void lock_wait(struct fake *f, uint32_t t, uint32_t shm, uint64_t offset, uint32_t owner)
{
	uint64_t word = fake_thread_ref(f, owner);

	fake_wait(f, t, OP_LOCK, shm, offset);
	((struct thread_rec *)fake_record(f, TABLE_THREADS, t))->wait.item[0].arg2 = word;
	if (shm != FAKE_NONE)
		fake_object_file(f, shm, &word, sizeof(word), offset);
}

static uint32_t shared_memory(struct fake *f, uint32_t p, uint32_t q)
{
	uint32_t m = fake_object(f, KIND_SHM, OBJECT_NAMED, "stats");

	(void)fake_end(f, p, m, RIGHT_MAP);
	(void)fake_end(f, q, m, RIGHT_MAP);
	return m;
}

static void verdict__locks_in_two_orders__is_deadlock(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_process(f, "Q");
	uint32_t     m = shared_memory(f, p, q);

	lock_wait(f, p, m, 16, q);
	lock_wait(f, q, m, 0, p);
	/* a stranger may open the block by name, and still cannot unlock for them */
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "lock-order", p, q);
	assert_non_null(
		strstr(t->s->verdicts[0].text, "unlocks \"stats\"+0x10, that frees 2 of 2"));
	assert_non_null(strstr(t->s->verdicts[0].text, "unlocks \"stats\"+0x0, that frees 2 of 2"));
}

/* Nobody saw another thread in them: nobody can look any more. */
static void verdict__copy_of_a_lock_order__says_why_it_is_not_certain(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_process(f, "Q");
	uint32_t     m = shared_memory(f, p, q);
	const char  *text;

	lock_wait(f, p, m, 16, q);
	lock_wait(f, q, m, 0, p);
	memcpy(fake_header(f)->boot_id, "00000000", 8);
	EXPECT(t, IPC_DEADLOCK, IPC_CLOSED_WORLD, "lock-order", p, q);
	text = t->s->verdicts[0].text;
	assert_non_null(strstr(text, "which may have had another thread (of a copy nobody can"));
	assert_null(strstr(text, "another thread of which runs"));
}

static void verdict__lock_twice__is_deadlock_with_itself(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_process(f, "Q");
	uint32_t     m = shared_memory(f, p, q);

	lock_wait(f, p, m, 0, p);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "self-lock", p);
}

static void verdict__lock_freed_meanwhile__is_nothing(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_process(f, "Q");
	uint32_t     m = shared_memory(f, p, q);
	uint64_t     nobody = 0;

	lock_wait(f, p, m, 16, q);
	lock_wait(f, q, m, 0, p);
	fake_object_file(f, m, &nobody, sizeof(nobody), 0);
	expect_nothing(t);
}

static void verdict__locks_of_private_memory__are_only_suspected(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_process(f, "Q");

	lock_wait(f, p, FAKE_NONE, 0x7000, q);
	lock_wait(f, q, FAKE_NONE, 0x7100, p);
	fake_wait_age(f, p, SEC);
	fake_wait_age(f, q, SEC);
	EXPECT(t, IPC_SUSPECTED, IPC_NOT_CERTAIN, "lock-order", p, q);
	assert_int_equal(t->s->grade, IPC_GRADE_WARNING);
}

static void verdict__ring_of_three_pipes__is_deadlock(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_process(f, "Q"), r = fake_process(f, "R");
	uint32_t     a = pipe_from(f, p, q, "a"), b = pipe_from(f, q, r, "b");
	uint32_t     c = pipe_from(f, r, p, "c");

	fake_wait(f, p, OP_RECV, c, 0);
	fake_wait(f, q, OP_RECV, a, 0);
	fake_wait(f, r, OP_RECV, b, 0);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "ring", p, q, r);
}

static void verdict__own_write_end_open__is_orphaned(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P");

	fake_wait(f, p, OP_RECV, pipe_from(f, p, p, "a"), 0);
	EXPECT(t, IPC_ORPHANED, IPC_CERTAIN, "own-end-open", p);
}

static void verdict__write_end_inherited_by_sibling__is_deadlock(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), c2 = fake_process(f, "C2");
	uint32_t     a = pipe_from(f, c2, p, "a"), b = pipe_from(f, p, c2, "b");

	child_of(f, c2, p);
	fake_fill(f, b, 0, 0, 4);
	fake_fill(f, a, 0, 0, 4);
	fake_ring(f, a, 0)->head = fake_ring(f, a, 0)->tail = 1; /* somebody else's; C2 sent none */
	fake_wait(f, p, OP_RECV, a, 0);
	fake_wait(f, c2, OP_JOIN, fake_object(f, KIND_JOINABLE, 0, "jobs"), 0);
	/* C2 waits for a task that P took */
	(void)fake_end(f, c2, 2, RIGHT_SEND0);
	fake_end_at(f, fake_end(f, p, 2, QUEUE))->in.messages = 1;
	fake_fill(f, 2, 0, 0, 0);
	fake_ring(f, 2, 0)->head = fake_ring(f, 2, 0)->tail = 1;
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "inherited-end", p, c2);
}

/* The parent could take what the worker puts, but it is another who does, and waits for its lock. */
static void verdict__join_while_the_consumer_wants_the_lock__is_no_drain(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "parent"), c = fake_process(f, "worker");
	uint32_t     w = fake_process(f, "consumer"), m = shared_memory(f, p, w);
	uint32_t     q = fake_object(f, KIND_QUEUE, 0, "results");

	(void)fake_end(f, p, q, QUEUE);
	(void)fake_end(f, c, q, QUEUE);
	fake_end_at(f, fake_end(f, w, q, QUEUE))->in.messages = 3;
	fake_fill(f, q, 0, 8, 8);
	fake_ring(f, q, 0)->head += 3;
	fake_ring(f, q, 0)->tail += 3;
	join_child(f, p, c);
	fake_wait(f, c, OP_PUT, q, 0);
	lock_wait(f, w, m, 0, p);
	look(t);
	assert_int_equal(t->s->n_verdicts, 1);
	assert_int_equal(t->s->verdicts[0].n_core, 3);
	assert_null(strstr(t->s->verdicts[0].text, "join-before-drain"));
}

static void verdict__or_knot__is_deadlock(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t j1 = fake_object(f, KIND_QUEUE, 0, "j1"), j2 = fake_object(f, KIND_QUEUE, 0, "j2");

	for (uint32_t i = 0; i < 4; i++) {
		(void)fake_process(f, i < 2 ? "PQ" : "RS");
		(void)fake_end(f, i, i < 2 ? j1 : j2, RIGHT_RECV0);
		(void)fake_end(f, i, i < 2 ? j2 : j1, RIGHT_SEND0);
		fake_wait(f, i, OP_GET, i < 2 ? j1 : j2, 0);
	}
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "or-knot", 0, 1, 2, 3);
}

/* P joins J; C took one task of @n, and waits otherwise. */
static uint32_t joinable(struct fake *f, uint32_t p, uint32_t c, uint64_t queued)
{
	uint32_t j = fake_object(f, KIND_JOINABLE, 0, "jobs");

	(void)fake_end(f, p, j, RIGHT_SEND0);
	fake_end_at(f, fake_end(f, c, j, RIGHT_RECV0 | RIGHT_DONE))->in.messages = 1;
	fake_ring(f, j, 0)->head = 1;
	fake_ring(f, j, 0)->tail = 1 + queued;
	return j;
}

static void verdict__join_of_consumer_stuck_in_lock__is_deadlock(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), c = fake_process(f, "C");
	uint32_t     j = joinable(f, p, c, 0), m = shared_memory(f, p, c);

	fake_wait(f, p, OP_JOIN, j, 0);
	lock_wait(f, c, m, 0, p);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "join-owes-task", p, c);
}

static void verdict__join_with_all_consumers_dead__is_orphaned(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), c = fake_dead_process(f, "C");
	uint32_t     j = joinable(f, p, c, 3);

	fake_wait(f, p, OP_JOIN, j, 0);
	EXPECT(t, IPC_ORPHANED, IPC_CERTAIN, "orphaned-join", p);
}

static void verdict__join_of_tasks_of_the_dead__is_nothing(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), c = fake_dead_process(f, "C");
	uint32_t     j = joinable(f, p, c, 0);

	fake_wait(f, p, OP_JOIN, j, 0); /* it will hear that they failed */
	expect_nothing(t);
}

static void verdict__forgotten_task_done__is_deadlock(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), c = fake_process(f, "C");
	uint32_t     j = joinable(f, p, c, 0);

	fake_wait(f, p, OP_JOIN, j, 0);
	fake_wait(f, c, OP_GET, j, 0);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "join-owes-task", p, c);
}

static void verdict__books_that_do_not_balance__are_not_judged(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), c = fake_process(f, "C");
	uint32_t     j = joinable(f, p, c, 0);

	fake_ring(f, j, 0)->head = fake_ring(f, j, 0)->tail = 5; /* four that nobody accounts for */
	fake_wait(f, p, OP_JOIN, j, 0);
	fake_wait(f, c, OP_GET, j, 0);
	look(t);
	for (size_t i = 0; i < t->s->n_verdicts; i++)
		assert_false(in_core(t, &t->s->verdicts[i], p));
}

static void verdict__get_without_producer__is_orphaned(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_object(f, KIND_QUEUE, 0, "jobs");

	(void)fake_end(f, p, q, RIGHT_RECV0);
	(void)fake_end(f, fake_dead_process(f, "C"), q, RIGHT_SEND0);
	fake_wait(f, p, OP_GET, q, 0);
	EXPECT(t, IPC_ORPHANED, IPC_CERTAIN, "orphaned-get", p);
}

static void verdict__get_from_a_queue_nobody_else_has__is_orphaned(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_object(f, KIND_QUEUE, 0, "jobs");

	(void)fake_end(f, p, q, QUEUE);
	fake_wait(f, p, OP_GET, q, 0);
	look(t);
	assert_int_equal(t->s->n_verdicts, 1);
	assert_int_equal(t->s->verdicts[0].class_, IPC_ORPHANED);
	assert_int_equal(t->s->verdicts[0].strength, IPC_CERTAIN);
}

static void verdict__parent_joins_child_that_waits_for_it__is_deadlock(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), c = fake_process(f, "C");
	uint32_t     a = pipe_from(f, p, c, "a");

	join_child(f, p, c);
	fake_wait(f, c, OP_RECV, a, 0);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "join-before-send", p, c);
}

static void verdict__joined_child_dead__is_nothing(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), c = fake_dead_process(f, "C");

	join_child(f, p, c); /* it is about to hear of it */
	expect_nothing(t);
}

static void verdict__those_behind__are_told_from_the_core(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     r;

	mutual_recv(f);
	r = fake_process(f, "R");
	fake_wait(f, r, OP_RECV, pipe_from(f, 0, r, "c"), 0);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "mutual-recv", 0, 1);
	assert_int_equal(t->s->verdicts[0].n_behind, 1);
	assert_int_equal(t->s->threads[t->s->waits[t->s->verdicts[0].behind[0]].thread].id,
			 ref_make(7, r));
	assert_non_null(strstr(t->s->verdicts[0].text, "of 3"));
}

static void verdict__two_separate_circles__are_two_verdicts(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p, q;

	mutual_recv(f);
	p = fake_process(f, "R");
	q = fake_process(f, "S");
	fake_wait(f, p, OP_RECV, pipe_from(f, q, p, "c"), 0);
	fake_wait(f, q, OP_RECV, pipe_from(f, p, q, "d"), 0);
	look(t);
	assert_int_equal(t->s->n_verdicts, 2);
	assert_int_equal(t->s->verdicts[0].n_core, 2);
	assert_int_equal(t->s->verdicts[1].n_core, 2);
}

/* ---- near misses ------------------------------------------------------------------------------- */

static void verdict__idle_pool__is_nothing(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     q = fake_object(f, KIND_QUEUE, 0, "jobs");

	(void)fake_end(f, fake_process(f, "producer"), q, QUEUE);
	for (uint32_t i = 1; i < 5; i++) {
		(void)fake_end(f, fake_process(f, "worker"), q, QUEUE);
		fake_wait(f, i, OP_GET, q, 0);
		fake_wait_age(f, i, 100 * SEC);
	}
	expect_nothing(t);
	assert_int_equal(t->s->n_waits, 4);
}

static void verdict__time_limit__is_timed_only(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;

	mutual_recv(f);
	fake_wait_age(f, 0, SEC);
	fake_wait_age(f, 1, SEC);
	fake_main(f, 0)->wait.deadline_ns = f->made_ns + 5 * SEC;
	EXPECT(t, IPC_TIMED, IPC_NOT_CERTAIN, "mutual-recv", 0, 1);
	assert_int_equal(t->s->grade, IPC_GRADE_OK);
}

static void verdict__one_more_writer_alive__is_nothing(void **state)
{
	struct test *t = *state;

	mutual_recv(&t->f);
	(void)fake_end(&t->f, fake_process(&t->f, "third"), 0, RIGHT_SEND0);
	expect_nothing(t);
}

static void verdict__one_more_writer_dead__is_deadlock(void **state)
{
	struct test *t = *state;

	mutual_recv(&t->f);
	(void)fake_end(&t->f, fake_dead_process(&t->f, "third"), 0, RIGHT_SEND0);
	EXPECT(t, IPC_DEADLOCK, IPC_CERTAIN, "mutual-recv", 0, 1);
}

static void verdict__unknown_thread__is_suspected(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_threaded_process(f, "Q");

	fake_wait(f, p, OP_RECV, pipe_from(f, q, p, "a"), 0);
	fake_wait(f, q, OP_RECV, pipe_from(f, p, q, "b"), 0);
	fake_wait_age(f, p, SEC);
	fake_wait_age(f, q, SEC);
	EXPECT(t, IPC_SUSPECTED, IPC_NOT_CERTAIN, "mutual-recv", p, q);
	assert_non_null(strstr(t->s->verdicts[0].headline, "a thread libipc does not know"));
	fake_wait_age(f, p, 0);
	expect_nothing(t); /* it may be so for a moment at any time */
}

static void stop(struct fake *f, uint32_t process)
{
	int status;

	assert_int_equal(kill(f->child[process], SIGSTOP), 0);
	assert_int_equal(waitpid(f->child[process], &status, WUNTRACED), f->child[process]);
}

/* A writer whose reader has slept for 5 s; who that is in *@ret_reader. */
static uint32_t writer_waited_for(struct fake *f, uint32_t *ret_reader)
{
	uint32_t reader = fake_process(f, "reader"), writer = fake_process(f, "writer");

	fake_wait(f, reader, OP_RECV, pipe_from(f, writer, reader, "a"), 0);
	fake_wait_age(f, reader, 5 * SEC);
	*ret_reader = reader;
	return writer;
}

static void verdict__stopped_writer__is_stopped(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     w = writer_waited_for(f, &(uint32_t){0});
	int          status;

	expect_nothing(t);
	stop(f, w);
	look(t);
	assert_int_equal(t->s->n_verdicts, 1);
	assert_int_equal(t->s->verdicts[0].class_, IPC_STOPPED);
	assert_int_equal(t->s->grade, IPC_GRADE_WARNING);
	assert_non_null(strstr(t->s->verdicts[0].headline, "writer"));
	assert_int_equal(kill(f->child[w], SIGCONT), 0);
	assert_int_equal(waitpid(f->child[w], &status, WCONTINUED), f->child[w]);
	expect_nothing(t);
}

/* Forked, and stopped before its first call: no thread of it is known. */
static void verdict__writer_stopped_before_its_first_call__is_stopped(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     w = writer_waited_for(f, &(uint32_t){0});

	fake_main(f, w)->life = 0;
	expect_nothing(t);
	stop(f, w);
	look(t);
	assert_int_equal(t->s->n_verdicts, 1);
	assert_int_equal(t->s->verdicts[0].class_, IPC_STOPPED);
	assert_non_null(strstr(t->s->verdicts[0].headline, "writer"));
	assert_non_null(strstr(t->s->verdicts[0].text, "(stopped)"));
	assert_int_equal(kill(f->child[w], SIGCONT), 0);
}

/* Its time limit ends nothing while it is stopped. */
static void verdict__stopped_writer_in_a_timed_wait__is_stopped(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     r, w = writer_waited_for(f, &r);

	fake_wait(f, w, OP_RECV, pipe_from(f, r, w, "b"), 0);
	fake_wait_age(f, w, 5 * SEC);
	fake_main(f, w)->wait.deadline_ns = f->made_ns + 60 * SEC;
	look(t);
	assert_int_equal(t->s->n_verdicts, 1);
	assert_int_equal(t->s->verdicts[0].class_, IPC_TIMED);
	stop(f, w);
	look(t);
	assert_int_equal(t->s->n_verdicts, 2); /* and continued, it is timed */
	assert_int_equal(t->s->verdicts[0].class_, IPC_STOPPED);
	assert_non_null(strstr(t->s->verdicts[0].headline, "writer"));
	assert_int_equal(kill(f->child[w], SIGCONT), 0);
}

static void verdict__named_queue__is_closed_world(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P"), q = fake_process(f, "Q");
	uint32_t     a = fake_object(f, KIND_QUEUE, OBJECT_NAMED, "a");

	(void)fake_process(f, "somebody else, without a handle");
	(void)fake_end(f, p, a, QUEUE);
	(void)fake_end(f, q, a, QUEUE);
	fake_wait(f, p, OP_GET, a, 0);
	fake_wait(f, q, OP_GET, a, 0);
	EXPECT(t, IPC_DEADLOCK, IPC_CLOSED_WORLD, "orphaned-get", p, q);
	assert_non_null(strstr(t->s->verdicts[0].text, "Closed world"));
}

static void verdict__writer_killed__is_end_of_file(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     r = fake_process(f, "reader"), w = fake_dead_process(f, "writer");

	fake_wait(f, r, OP_RECV, pipe_from(f, w, r, "a"), 0);
	expect_nothing(t);
	assert_true(t->s->waits[0].satisfied);
}

static void verdict__message_there__is_nothing(void **state)
{
	struct test *t = *state;

	mutual_recv(&t->f);
	fake_fill(&t->f, 0, 0, 1, 64);
	expect_nothing(t);
}

static void verdict__handle_in_flight__is_nothing(void **state)
{
	struct test *t = *state;

	mutual_recv(&t->f);
	((struct object_rec *)fake_record(&t->f, TABLE_OBJECTS, 0))->inflight = 1;
	expect_nothing(t);
}

static void verdict__child_being_started__is_nothing(void **state)
{
	struct test        *t = *state;
	struct process_rec *p;

	mutual_recv(&t->f);
	(void)fake_end(&t->f, fake_process(&t->f, "new"), 0, RIGHT_SEND0);
	p = fake_record(&t->f, TABLE_PROCESSES, 2);
	p->life = life_make(7, LIFE_FORKING);
	fake_main(&t->f, 2)->life = life_make(7, LIFE_FREE);
	expect_nothing(t);
}

static void verdict__parked__is_not_reported(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     p = fake_process(f, "P");

	fake_wait(f, p, OP_RECV, pipe_from(f, p, p, "a"), 0);
	fake_main(f, p)->wait.flags = WAIT_PARK;
	expect_nothing(t);
}

static void verdict__registry_being_changed__proves_nothing(void **state)
{
	struct test *t = *state;

	mutual_recv(&t->f);
	fake_header(&t->f)->dirty = 1;
	look(t);
	assert_int_equal(t->s->n_verdicts, 0);
}

/* Who is stopped in the middle of a change: the tables need not be read over and over for that. */
static void reading__registry_held_all_the_while__reads_the_tables_once(void **state)
{
	struct test *t = *state;
	uint64_t     bytes;

	mutual_recv(&t->f);
	look(t);
	bytes = t->s->registry_bytes;
	fake_header(&t->f)->dirty = 1;
	look(t);
	assert_true(t->s->registry_bytes <= bytes);
	assert_true(t->s->torn > 0);
	fake_header(&t->f)->dirty = 0;
	look(t);
	assert_int_equal(t->s->torn, 0);
}

static void verdict__holder_not_in_the_list__proves_nothing(void **state)
{
	struct test       *t = *state;
	struct object_rec *o = fake_record(&t->f, TABLE_OBJECTS, 0);

	mutual_recv(&t->f);
	look(t);
	assert_int_equal(t->s->n_verdicts, 1);
	o->holders[0]++; /* somebody opened it after the ends were read */
	t->f.as_is = true;
	expect_nothing(t);
}

static void verdict__put_for_over_a_minute__is_stalled(void **state)
{
	struct test *t = *state;
	struct fake *f = &t->f;
	uint32_t     w = fake_process(f, "writer"), r = fake_process(f, "reader");
	uint32_t     a = pipe_from(f, w, r, "a");

	fake_fill(f, a, 0, 64, 64);
	fake_wait(f, w, OP_SEND, a, 0);
	fake_wait_age(f, w, 61 * SEC);
	look(t);
	assert_int_equal(t->s->n_verdicts, 1);
	assert_int_equal(t->s->verdicts[0].class_, IPC_STALLED);
}

static void verdict__copy_of_a_hang__is_suspected(void **state)
{
	struct test *t = *state;

	mutual_recv(&t->f);
	memcpy(fake_header(&t->f)->boot_id, "00000000", 8);
	look(t);
	assert_true(t->s->post_mortem);
	assert_int_equal(t->s->processes[0].life, IPC_OBS_DEAD);
	assert_int_equal(t->s->n_verdicts, 1);
	assert_int_equal(t->s->verdicts[0].class_, IPC_SUSPECTED);
}

/* Nobody says when it was made: not before the last thing that it tells of. */
static void verdict__copy__waits_begin_before_its_now(void **state)
{
	struct test                  *t = *state;
	const struct registry_header *h = fake_header(&t->f);
	uint64_t                      last = 0;

	mutual_recv(&t->f);
	fake_wait_age(&t->f, 1, 0);
	memcpy(fake_header(&t->f)->boot_id, "00000000", 8);
	look(t);
	assert_int_equal(t->s->n_waits, 2);
	for (size_t i = 0; i < 2; i++)
		last = t->s->waits[i].since_ns > last ? t->s->waits[i].since_ns : last;
	assert_true(last > h->mono0 && last > h->mono1);
	assert_int_equal(t->s->t_mono_ns, last);
	assert_int_equal(t->s->t_real_ns, h->created_real_ns + (last - h->created_mono_ns));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
#ifdef __SANITIZE_THREAD__
	/* its runtime has a thread in every process, which makes each verdict "not certain" */
	puts("skipped: ThreadSanitizer's own thread is one that the library does not know");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
		T(verdict__join_before_drain__is_deadlock),
		T(verdict__join_while_the_consumer_wants_the_lock__is_no_drain),
		T(verdict__mutual_recv__is_deadlock),
		T(verdict__later_one_in_an_earlier_record__is_named_second),
		T(verdict__mutual_send_both_full__is_deadlock),
		T(verdict__mutual_send_of_large_ones__is_deadlock),
		T(verdict__what_large_ones_take_may_be_wrong_by_a_death__is_nothing),
		T(verdict__what_large_ones_take_was_not_counted_anew__is_nothing),
		T(verdict__reserve_without_a_slot_but_with_memory__is_nothing),
		T(verdict__reserve_without_memory__is_deadlock),
		T(verdict__locks_in_two_orders__is_deadlock),
		T(verdict__lock_twice__is_deadlock_with_itself),
		T(verdict__lock_freed_meanwhile__is_nothing),
		T(verdict__locks_of_private_memory__are_only_suspected),
		T(verdict__ring_of_three_pipes__is_deadlock),
		T(verdict__own_write_end_open__is_orphaned),
		T(verdict__write_end_inherited_by_sibling__is_deadlock),
		T(verdict__or_knot__is_deadlock),
		T(verdict__join_of_consumer_stuck_in_lock__is_deadlock),
		T(verdict__join_with_all_consumers_dead__is_orphaned),
		T(verdict__join_of_tasks_of_the_dead__is_nothing),
		T(verdict__forgotten_task_done__is_deadlock),
		T(verdict__books_that_do_not_balance__are_not_judged),
		T(verdict__get_without_producer__is_orphaned),
		T(verdict__get_from_a_queue_nobody_else_has__is_orphaned),
		T(verdict__parent_joins_child_that_waits_for_it__is_deadlock),
		T(verdict__joined_child_dead__is_nothing),
		T(verdict__those_behind__are_told_from_the_core),
		T(verdict__two_separate_circles__are_two_verdicts),
		T(verdict__idle_pool__is_nothing),
		T(verdict__time_limit__is_timed_only),
		T(verdict__one_more_writer_alive__is_nothing),
		T(verdict__one_more_writer_dead__is_deadlock),
		T(verdict__unknown_thread__is_suspected),
		T(verdict__stopped_writer__is_stopped),
		T(verdict__writer_stopped_before_its_first_call__is_stopped),
		T(verdict__stopped_writer_in_a_timed_wait__is_stopped),
		T(verdict__named_queue__is_closed_world),
		T(verdict__writer_killed__is_end_of_file),
		T(verdict__message_there__is_nothing),
		T(verdict__handle_in_flight__is_nothing),
		T(verdict__child_being_started__is_nothing),
		T(verdict__parked__is_not_reported),
		T(verdict__registry_being_changed__proves_nothing),
		T(reading__registry_held_all_the_while__reads_the_tables_once),
		T(verdict__holder_not_in_the_list__proves_nothing),
		T(verdict__put_for_over_a_minute__is_stalled),
		T(verdict__copy_of_a_hang__is_suspected),
		T(verdict__copy_of_a_lock_order__says_why_it_is_not_certain),
		T(verdict__copy__waits_begin_before_its_now),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_verdict", tests, NULL, NULL);
}
