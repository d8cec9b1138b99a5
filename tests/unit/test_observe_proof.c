/*
 * test_observe_proof.c - whatever changes between the two readings, the second one notices
 *
 * A deadlock is read and proved; then one word of what it rests on is changed, and the proof
 * is tried again on the picture as it was: nobody may be stuck any more.
 */

#include "support/test.h"

#include <signal.h>
#include <sys/wait.h>

#include <ipc/observe.h>

#include "base/clock.h"
#include "observe/observer.h"
#include "support/fake_registry.h"

struct test {
	struct fake   f;
	ipc_observer *o;
	uint32_t      p, q;      /* p waits for a message of q, q for a lock of p */
	uint32_t      pipe, shm; /* objects */
	uint32_t      end;       /* q's, of the pipe */
};

static void scene(struct test *t)
{
	uint64_t word;

	fake_make(&t->f);
	t->p = fake_process(&t->f, "P");
	t->q = fake_process(&t->f, "Q");
	t->pipe = fake_object(&t->f, KIND_PIPE, OBJECT_SIMPLEX, "pipe");
	t->shm = fake_object(&t->f, KIND_SHM, 0, "block");
	t->end = fake_end(&t->f, t->q, t->pipe, RIGHT_SEND0);
	(void)fake_end(&t->f, t->p, t->pipe, RIGHT_RECV0);
	(void)fake_end(&t->f, t->p, t->shm, RIGHT_MAP);
	(void)fake_end(&t->f, t->q, t->shm, RIGHT_MAP);
	fake_wait(&t->f, t->p, OP_RECV, t->pipe, 0);
	fake_wait(&t->f, t->q, OP_LOCK, t->shm, 0);
	word = fake_thread_ref(&t->f, t->p);
	fake_main(&t->f, t->q)->wait.item[0].arg2 = word;
	fake_object_file(&t->f, t->shm, &word, sizeof(word), 0);
}

/* How many are stuck still, if that is tried again. */
static unsigned prove_again(struct test *t)
{
	struct judge *j = &t->o->judge;
	bool         *live = judge_set(j, LIVE);
	unsigned      n = 0;

	proof_check(&j->proof, judge_set(j, ASKED));
	model_solve(&j->model, 0, MODEL_NOBODY, live);
	for (uint32_t i = 0; i < j->model.n_threads; i++)
		n += model_stuck(&j->model, live, i);
	return n;
}

/* ---- what may change ------------------------------------------------------------------------- */

static struct object_rec *pipe_of(struct test *t)
{
	return fake_record(&t->f, TABLE_OBJECTS, t->pipe);
}

static struct end_rec *end_of(struct test *t)
{
	return fake_end_at(&t->f, t->end);
}

static void sleeper_went_round(struct test *t)
{
	fake_main(&t->f, t->p)->wait.seq += 4; /* asleep again, but it was up */
}

static void sleeper_is_another(struct test *t)
{
	fake_main(&t->f, t->p)->life = life_make(8, LIFE_LIVE);
}

static void handles_changed(struct test *t)
{
	((struct process_rec *)fake_record(&t->f, TABLE_PROCESSES, t->q))->handles_gen++;
}

static void process_is_another(struct test *t)
{
	((struct process_rec *)fake_record(&t->f, TABLE_PROCESSES, t->q))->life = life_make(
		8, LIFE_LIVE);
}

/* Of a crowd: it was not asked at the first reading. */
static void process_died(struct test *t)
{
	((bool *)t->o->believed.p)[t->q] = true;
	(void)kill(t->f.child[t->q], SIGKILL);
	check_eq(waitpid(t->f.child[t->q], NULL, 0), t->f.child[t->q]);
	t->f.child[t->q] = 0;
}

static void lock_was_freed(struct test *t)
{
	uint64_t word = 0;

	fake_object_file(&t->f, t->shm, &word, sizeof(word), 0);
}

static void object_is_another(struct test *t)
{
	pipe_of(t)->life = life_make(8, LIFE_LIVE);
}

static void object_got_a_name(struct test *t)
{
	pipe_of(t)->flags |= OBJECT_NAMED;
}

static void handle_was_sent(struct test *t)
{
	pipe_of(t)->inflight++;
}

static void list_begins_elsewhere(struct test *t)
{
	pipe_of(t)->first_end = 0;
}

static void holder_was_added(struct test *t)
{
	pipe_of(t)->holders[0]++;
}

static void task_failed(struct test *t)
{
	pipe_of(t)->tasks_failed++;
}

static void task_came_back(struct test *t)
{
	pipe_of(t)->returned++;
}

static void message_came(struct test *t)
{
	pipe_of(t)->ring[0].tail++;
}

static void message_went(struct test *t)
{
	pipe_of(t)->ring[0].head++;
}

static void other_way_moved(struct test *t)
{
	pipe_of(t)->ring[1].tail++;
}

static void end_was_closed(struct test *t)
{
	end_of(t)->life = life_make(7, LIFE_FREE);
}

static void end_has_other_rights(struct test *t)
{
	end_of(t)->rights |= RIGHT_RECV0;
}

static void end_is_anothers(struct test *t)
{
	end_of(t)->process = fake_process_ref(&t->f, t->p);
}

static void end_was_relinked(struct test *t)
{
	end_of(t)->next = 0x7fff;
}

static void end_took_one(struct test *t)
{
	end_of(t)->in.messages++;
}

static void end_did_a_task(struct test *t)
{
	end_of(t)->in.tasks_done++;
}

static void tables_are_under_change(struct test *t)
{
	fake_header(&t->f)->dirty = 1;
}

static void tables_were_under_change(struct test *t)
{
	t->o->image.head.dirty = 1; /* at the first reading, and now no more */
}

/* ---- cases -------------------------------------------------------------------------------------- */

#define CHANGES(X)                 \
	X(sleeper_went_round)      \
	X(sleeper_is_another)      \
	X(handles_changed)         \
	X(process_is_another)      \
	X(process_died)            \
	X(lock_was_freed)          \
	X(object_is_another)       \
	X(object_got_a_name)       \
	X(handle_was_sent)         \
	X(list_begins_elsewhere)   \
	X(holder_was_added)        \
	X(task_failed)             \
	X(task_came_back)          \
	X(message_came)            \
	X(message_went)            \
	X(other_way_moved)         \
	X(end_was_closed)          \
	X(end_has_other_rights)    \
	X(end_is_anothers)         \
	X(end_was_relinked)        \
	X(end_took_one)            \
	X(end_did_a_task)          \
	X(tables_are_under_change) \
	X(tables_were_under_change)

struct change {
	const char *name;
	void (*make)(struct test *t);
};

#define ENTRY(f) {#f, f},
static const struct change changes[] = {CHANGES(ENTRY)};

#define CROWD 70 /* more than are read one by one: proof.c */

/* So many more threads of P, asleep as its own is: that of many is read in another way. */
static void add_crowd(struct test *t, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		fake_wait(&t->f, fake_thread(&t->f, t->p, 4000001 + i), OP_RECV, t->pipe, 0);
}

static void change_among(const struct change *c, uint32_t n_more)
{
	const struct ipc_snapshot *s;
	struct test                t = {0};

	test_deadline(60);
	scene(&t);
	add_crowd(&t, n_more);
	fake_write(&t.f);
	check_ok(ipc_observer_open_dir(&t.o, t.f.dir));
	check_ok(ipc_observer_read(t.o, &s));
	check_eq(prove_again(&t), 2 + n_more); /* nothing has changed: they are */
	t.f.as_is = true;
	c->make(&t);
	fake_write(&t.f);
	check_eq(prove_again(&t), 0);
	t.o = ipc_observer_close(t.o);
	fake_remove(&t.f);
}

static void changed_between_readings(void **state)
{
	change_among(*state, 0);
	change_among(*state, CROWD);
}

/* Who is changing the tables comes to an end, and among what it changes is what counts. */
static void *end_change(void *arg)
{
	struct test *t = arg;

	clock_nap(
		500000); /* the second reading goes on by now, or not yet, or no more: all are right */
	end_took_one(t);
	fake_write(&t->f);
	fake_header(&t->f)->dirty = 0;
	fake_write(&t->f);
	return NULL;
}

static void changed_while_it_is_waited_for(void **state)
{
	const struct ipc_snapshot *s;

	(void)state;
	test_deadline(60);
	for (int i = 0; i < 10; i++) {
		struct test t = {0};
		pthread_t   other;

		scene(&t);
		fake_write(&t.f);
		check_ok(ipc_observer_open_dir(&t.o, t.f.dir));
		check_ok(ipc_observer_read(t.o, &s));
		t.f.as_is = true;
		fake_header(&t.f)->dirty = 1;
		fake_write(&t.f);
		check_eq(pthread_create(&other, NULL, end_change, &t), 0);
		check_eq(prove_again(&t), 0);
		check_eq(pthread_join(other, NULL), 0);
		t.o = ipc_observer_close(t.o);
		fake_remove(&t.f);
	}
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[N_OF(changes) + 1] = {
		[N_OF(changes)] = cmocka_unit_test(changed_while_it_is_waited_for)};

#ifdef __SANITIZE_THREAD__
	puts("skipped: ThreadSanitizer's own thread is one that the library does not know");
	return 77;
#endif
	for (size_t i = 0; i < N_OF(changes); i++)
		tests[i] = (struct CMUnitTest){.name = changes[i].name,
					       .test_func = changed_between_readings,
					       .initial_state = (void *)(uintptr_t)&changes[i]};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_proof", tests, NULL, NULL);
}
