/*
 * monitor_lint.c - every lint fires where it should, and not where it almost should
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lint/lint.h"

#define SECOND UINT64_C(1000000000)
#define OLD    (5 * SECOND)

enum { PARENT, CHILD, OTHER, N_PEOPLE };

/* A parent, a child and another one, each with one thread, and one channel that all hold. */
struct small {
	struct ipc_snapshot    s;
	struct ipc_obs_process processes[N_PEOPLE];
	struct ipc_obs_thread  threads[N_PEOPLE];
	struct ipc_obs_channel channel;
	struct ipc_obs_end     ends[N_PEOPLE];
	struct ipc_obs_wait    waits[N_PEOPLE];
	struct wait_stat       stats[N_PEOPLE];
	struct ipc_obs_verdict verdict;
	struct frame           f;
};

static struct small make(enum ipc_kind kind)
{
	struct small m = {0};

	for (unsigned i = 0; i < N_PEOPLE; i++) {
		m.processes[i] = (struct ipc_obs_process){.pid = 100 + i,
							  .name = "p",
							  .exe = "",
							  .life = IPC_OBS_ALIVE,
							  .parent = IPC_NO_INDEX,
							  .n_threads = 1};
		m.threads[i] = (struct ipc_obs_thread){
			.tid = 100 + i, .name = "p", .process = i, .wait = IPC_NO_INDEX};
		m.ends[i] = (struct ipc_obs_end){.process = i, .rights = 3, .handles = 1};
	}
	m.channel = (struct ipc_obs_channel){
		.kind = kind, .name = "c", .n_rings = 1, .n_ends = N_PEOPLE};
	m.channel.ring[0].capacity = 8;
	m.channel.ring[0].oldest_ns = IPC_UNKNOWN;
	return m;
}

static struct ipc_obs_wait *sleeps(struct small *m, uint32_t who, enum ipc_op op)
{
	struct ipc_obs_wait *w = &m->waits[m->s.n_waits];

	*w = (struct ipc_obs_wait){.thread = who,
				   .op = op,
				   .channel = op == IPC_OP_PROC ? IPC_NO_INDEX : 0,
				   .owner = IPC_NO_INDEX,
				   .child = op == IPC_OP_PROC ? CHILD : IPC_NO_INDEX,
				   .text = "call(c)"};
	m->stats[m->s.n_waits] = (struct wait_stat){.age_ns = OLD, .verdict = IPC_NO_INDEX};
	m->threads[who].wait = (uint32_t)m->s.n_waits++;
	m->processes[who].n_blocked = 1;
	return w;
}

/* The id of the one lint there is; "": none; "?": several. */
static const char *fires(struct small *m)
{
	struct lints l;
	const char  *id;

	m->s.processes = m->processes;
	m->s.n_processes = N_PEOPLE;
	m->s.threads = m->threads;
	m->s.n_threads = N_PEOPLE;
	m->s.channels = &m->channel;
	m->s.n_channels = 1;
	m->s.ends = m->ends;
	m->s.n_ends = N_PEOPLE;
	m->s.waits = m->waits;
	m->s.verdicts = &m->verdict;
	m->f = (struct frame){.s = &m->s, .waits = m->stats};
	lints_find(&l, &m->f, LINT_ALL);
	id = l.n == 0 ? "" : l.n > 1 ? "?" : lint_kinds[l.v[0].id].id;
	if (l.n == 1) {
		struct lints none;

		assert_true(strlen(l.v[0].text) > 10);
		lints_find(&none, &m->f, LINT_ALL & ~(UINT64_C(1) << l.v[0].id));
		assert_int_equal(none.n, 0);
		lints_fini(&none);
	}
	lints_fini(&l);
	return id;
}

/* ---- I001 ------------------------------------------------------------------------------ */

static struct small joining(void)
{
	struct small m = make(IPC_KIND_QUEUE);

	sleeps(&m, PARENT, IPC_OP_PROC);
	m.ends[OTHER].rights = 0;
	m.ends[CHILD].out.messages = 3;
	m.channel.ring[0].queued = 3;
	m.channel.ring[0].oldest_ns = OLD;
	return m;
}

static void join_before_drain__messages_only_the_joiner_could_take__fires(void **state)
{
	struct small m = joining();

	assert_string_equal(fires(&m), "I001");
	m.channel.ring[0].oldest_ns = IPC_UNKNOWN;
	assert_string_equal(fires(&m), "");
	sleeps(&m, CHILD, IPC_OP_PUT);
	assert_string_equal(fires(&m), "I001");
}

static void join_before_drain__somebody_else_takes__does_not(void **state)
{
	struct small m = joining();

	m.ends[OTHER].rights = IPC_RIGHT_RECV0;
	assert_string_equal(fires(&m), "");
}

static void join_before_drain__cannot_be_full__does_not(void **state)
{
	struct small m = joining();

	m.channel.ring[0].capacity = 0;
	assert_string_equal(fires(&m), "");
}

static void join_before_drain__joiner_may_drain__does_not(void **state)
{
	struct small m = joining();

	m.processes[PARENT].n_threads = 2; /* and the other one runs */
	assert_string_equal(fires(&m), "");
	m = joining();
	m.waits[0].deadline_ns = 1; /* it comes back, and can drain then */
	assert_string_equal(fires(&m), "");
	m = joining();
	m.stats[0].age_ns = SECOND / 2;
	assert_string_equal(fires(&m), "");
}

static void join_before_drain__others_only_put__fires(void **state)
{
	struct small m = joining();

	m.ends[OTHER].rights = 3;
	assert_string_equal(fires(&m), ""); /* it may begin to take */
	m.ends[OTHER].out.messages = 2;
	assert_string_equal(fires(&m), "I001");
	m.ends[OTHER].in.messages = 1;
	assert_string_equal(fires(&m), "");
}

static void join_before_drain__through_another_join__fires(void **state)
{
	struct small m = joining();

	/* the parent joins the other one, who joins the child that puts */
	m.waits[0].child = OTHER;
	assert_string_equal(fires(&m), "");
	sleeps(&m, OTHER, IPC_OP_PROC)->child = CHILD;
	assert_string_equal(fires(&m), "I001");
	m.waits[1].deadline_ns = 1; /* may give up on it */
	assert_string_equal(fires(&m), "");
}

static void join_before_drain__all_of_several_children__fires(void **state)
{
	struct small              m = joining();
	const struct ipc_obs_item items[2] = {{.op = IPC_OP_PROC, .child = OTHER},
					      {.op = IPC_OP_PROC, .child = CHILD}};

	m.s.items = items;
	m.s.n_items = 2;
	m.waits[0].op = IPC_OP_WAIT;
	m.waits[0].n_items = m.waits[0].n_listed = 2;
	assert_string_equal(fires(&m), ""); /* goes on after the first, and may drain then */
	m.waits[0].all = 1;
	assert_string_equal(fires(&m), "I001");
}

/* ---- I002, I015 ------------------------------------------------------------------------ */

static void dead_owner__owner_is_dead__fires(void **state)
{
	struct small m = make(IPC_KIND_SHM);

	sleeps(&m, PARENT, IPC_OP_LOCK)->owner = CHILD;
	assert_string_equal(fires(&m), "");
	m.processes[CHILD].life = IPC_OBS_DEAD;
	assert_string_equal(fires(&m), "I002");
}

static void dead_owner__died_with_a_lock_nobody_wants__fires(void **state)
{
	struct small        m = make(IPC_KIND_SHM);
	struct ipc_obs_hold hold = {.thread = CHILD, .kind = IPC_HOLD_MUTEX};

	m.s.holds = &hold;
	m.s.n_holds = 1;
	assert_string_equal(fires(&m), "");
	m.processes[CHILD].life = IPC_OBS_DEAD;
	assert_string_equal(fires(&m), "I002");
	hold.kind = IPC_HOLD_PERMIT;
	assert_string_equal(fires(&m), "");
}

static void fork_while_locked__memory_is_private__fires(void **state)
{
	void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	static uint64_t private;
	struct small         m = make(IPC_KIND_SHM);
	struct ipc_obs_wait *w = sleeps(&m, CHILD, IPC_OP_LOCK);

	m.processes[CHILD].pid = (uint64_t)getpid();
	w->channel = IPC_NO_INDEX;
	w->owner = PARENT;
	w->lock_offset = (uint64_t)(uintptr_t) & private;
	assert_string_equal(fires(&m), "I015");
	w->owner = CHILD; /* its own lock */
	assert_string_equal(fires(&m), "");
	w->owner = PARENT;
	w->lock_offset = (uint64_t)(uintptr_t)shared;
	assert_string_equal(fires(&m), "");
	munmap(shared, 4096);
}

/* ---- I003 ------------------------------------------------------------------------------- */

/* Wait @i belongs to a finding of that class. */
static void judged(struct small *m, size_t i, enum ipc_verdict_class class_)
{
	m->verdict.class_ = class_;
	m->stats[i].verdict = 0;
}

static void nobody_there__no_other_process_holds_it__fires(void **state)
{
	static const enum ipc_kind kinds[] = {IPC_KIND_QUEUE, IPC_KIND_JOINABLE, IPC_KIND_SIMPLE};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct small m = make(kinds[i]);

		sleeps(&m, CHILD, IPC_OP_GET);
		judged(&m, 0, IPC_DEADLOCK);
		assert_string_equal(fires(&m), "");
		m.ends[PARENT].rights = 0;
		m.processes[OTHER].life = IPC_OBS_DEAD;
		assert_string_equal(fires(&m), "I003");
		m.waits[0].parked = 1;
		assert_string_equal(fires(&m), "");
		m.waits[0].parked = 0;
		m.channel.named = 1; /* a server waits for its clients */
		assert_string_equal(fires(&m), "");
	}
}

static void nobody_there__not_proved__does_not(void **state)
{
	struct small m = make(IPC_KIND_QUEUE);

	sleeps(&m, CHILD, IPC_OP_GET);
	m.ends[PARENT].rights = m.ends[OTHER].rights = 0;
	assert_string_equal(fires(&m), ""); /* its other end lies in a message */
	judged(&m, 0, IPC_SUSPECTED);
	assert_string_equal(fires(&m), ""); /* a thread that has not called yet */
	judged(&m, 0, IPC_ORPHANED);
	assert_string_equal(fires(&m), "I003");
}

static void nobody_there__pipe_to_itself__fires(void **state)
{
	static const enum ipc_op ops[] = {IPC_OP_RECV, IPC_OP_SEND};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		struct small m = make(IPC_KIND_PIPE);

		sleeps(&m, CHILD, ops[i]);
		judged(&m, 0, IPC_DEADLOCK);
		m.ends[OTHER].rights = 0;
		m.ends[PARENT].rights = i == 0 ? IPC_RIGHT_RECV0 : IPC_RIGHT_SEND0;
		assert_string_equal(fires(&m), "I003");
		m.ends[PARENT].rights = i == 0 ? IPC_RIGHT_SEND0 : IPC_RIGHT_RECV0;
		assert_string_equal(fires(&m), "");
	}
}

/* ---- I004, I005 -------------------------------------------------------------------------- */

static void lost_task_done__owes_and_gets_again__fires(void **state)
{
	struct small m = make(IPC_KIND_JOINABLE);

	sleeps(&m, CHILD, IPC_OP_GET);
	assert_string_equal(fires(&m), "");
	m.ends[CHILD].owed = 2;
	assert_string_equal(fires(&m), "I004");
	m.channel.ring[0].queued = 1;
	assert_string_equal(fires(&m), "");
	m.channel.ring[0].queued = 0;
	m.processes[CHILD].n_threads = 2; /* the other one works on them */
	assert_string_equal(fires(&m), "");
	m.processes[CHILD].n_threads = 1;
	m.waits[0].op = IPC_OP_PUT; /* hands over a result */
	assert_string_equal(fires(&m), "");
}

static void extra_task_done__counted__fires(void **state)
{
	struct small m = make(IPC_KIND_JOINABLE);

	m.ends[CHILD].extra_done = 1;
	assert_string_equal(fires(&m), "I005");
}

/* ---- I013, I017 --------------------------------------------------------------------------- */

static void leaked_end__stuck_for_an_end_nobody_used__fires(void **state)
{
	struct small m = make(IPC_KIND_PIPE);

	sleeps(&m, PARENT, IPC_OP_RECV);
	m.ends[PARENT].rights = IPC_RIGHT_RECV0;
	m.ends[OTHER].rights = 0;
	m.channel.ring[0].sent = 4;
	m.verdict.class_ = IPC_DEADLOCK;
	assert_string_equal(fires(&m), ""); /* it may only be slow */
	m.stats[0].verdict = 0;
	assert_string_equal(fires(&m), "I013");
	m.ends[CHILD].out.messages = 1;
	assert_string_equal(fires(&m), "");
}

/* Two use a pipe that the other one has whole since it was forked. */
static struct small kept(void)
{
	struct small m = make(IPC_KIND_PIPE);

	m.s.t_mono_ns = 100 * SECOND;
	m.channel.created_ns = SECOND;
	m.channel.ring[0].sent = m.channel.ring[0].received = 4;
	m.processes[OTHER].out.messages = 1; /* elsewhere */
	m.processes[OTHER].joined_ns = m.ends[OTHER].opened_ns = 2 * SECOND;
	m.ends[PARENT].rights = IPC_RIGHT_RECV0;
	m.ends[PARENT].in.messages = 4;
	m.ends[CHILD].rights = IPC_RIGHT_SEND0;
	m.ends[CHILD].out.messages = 4;
	return m;
}

static void leaked_end__third_has_both_ends__fires(void **state)
{
	struct small m = kept();

	assert_string_equal(fires(&m), "I013");
	m.ends[OTHER].opened_ns = 95 * SECOND; /* forked just now */
	assert_string_equal(fires(&m), "");
	m = kept();
	m.processes[OTHER].joined_ns = 0; /* made it, and may fork again */
	assert_string_equal(fires(&m), "");
	m = kept();
	m.ends[OTHER].rights = IPC_RIGHT_SEND0; /* one who has not sent yet */
	assert_string_equal(fires(&m), "");
	m = kept();
	m.processes[OTHER].out.messages = 0; /* at work on its first result */
	assert_string_equal(fires(&m), "");
	m = kept();
	m.ends[OTHER].in.messages = 1;
	assert_string_equal(fires(&m), "");
	m = kept();
	m.ends[PARENT].in.messages = 0; /* nobody reads yet */
	assert_string_equal(fires(&m), "");
}

static void leaked_end__late_for_who_inherited_it__fires(void **state)
{
	struct small m = kept();

	m.ends[CHILD].rights = 0; /* has closed it */
	assert_string_equal(fires(&m), "");
	sleeps(&m, PARENT, IPC_OP_RECV);
	assert_string_equal(fires(&m), "I013");
	m.stats[0].age_ns = 2 * SECOND;
	assert_string_equal(fires(&m), "");
	m.stats[0].age_ns = OLD;
	m.processes[OTHER].out.messages = 0;
	assert_string_equal(fires(&m), "");
	m.processes[OTHER].out.messages = 1;
	m.ends[CHILD].rights = IPC_RIGHT_SEND0; /* another one who sends, but slowly */
	m.ends[CHILD].out.messages = 0;
	assert_string_equal(fires(&m), "");
}

/* Each handle is an end of its own: of a pipe that is inherited whole there are two. */
static void leaked_end__two_handles__both_count(void **state)
{
	struct small m = kept();

	m.ends[OTHER].rights = IPC_RIGHT_SEND0;
	m.ends[CHILD] = m.ends[OTHER];
	m.ends[CHILD].rights = IPC_RIGHT_RECV0;
	sleeps(&m, PARENT, IPC_OP_RECV);
	assert_string_equal(fires(&m), "I013");
	m.ends[CHILD].in.messages = 1; /* it took something: it is a receiver, too */
	assert_string_equal(fires(&m), "");
	m.ends[CHILD].in.messages = 0;
	m.ends[CHILD].process = CHILD; /* of two processes */
	assert_string_equal(fires(&m), "");
}

static void leaked_end__nothing_was_ever_sent__only_of_the_stuck(void **state)
{
	struct small m = kept();

	m.channel.ring[0].sent = m.channel.ring[0].received = 0;
	m.ends[PARENT].in.messages = 0;
	m.ends[CHILD].rights = 0;
	sleeps(&m, PARENT, IPC_OP_RECV);
	assert_string_equal(fires(&m), ""); /* it may be about to send */
	judged(&m, 0, IPC_DEADLOCK);
	assert_string_equal(fires(&m), "I013");
	sleeps(&m, OTHER, IPC_OP_RECV)->channel = IPC_NO_INDEX; /* waits for its turn to speak */
	assert_string_equal(fires(&m), "");
}

static void truncated_message__abandoned__fires(void **state)
{
	struct small m = make(IPC_KIND_QUEUE);

	m.channel.ring[0].abandoned = 1;
	assert_string_equal(fires(&m), "I017");
}

/* ---- names -------------------------------------------------------------------------------- */

static void kinds__each__has_its_words(void **state)
{
	for (int i = 0; i < N_LINTS; i++) {
		assert_int_equal(lint_named(lint_kinds[i].id), i);
		assert_int_equal(lint_named(lint_kinds[i].name), i);
		assert_true(strlen(lint_kinds[i].explain) > 100);
		assert_non_null(lint_kinds[i].fix);
	}
	assert_int_equal(lint_named("I999"), -1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(join_before_drain__messages_only_the_joiner_could_take__fires),
		cmocka_unit_test(join_before_drain__somebody_else_takes__does_not),
		cmocka_unit_test(join_before_drain__cannot_be_full__does_not),
		cmocka_unit_test(join_before_drain__joiner_may_drain__does_not),
		cmocka_unit_test(join_before_drain__others_only_put__fires),
		cmocka_unit_test(join_before_drain__through_another_join__fires),
		cmocka_unit_test(join_before_drain__all_of_several_children__fires),
		cmocka_unit_test(dead_owner__owner_is_dead__fires),
		cmocka_unit_test(dead_owner__died_with_a_lock_nobody_wants__fires),
		cmocka_unit_test(fork_while_locked__memory_is_private__fires),
		cmocka_unit_test(nobody_there__no_other_process_holds_it__fires),
		cmocka_unit_test(nobody_there__not_proved__does_not),
		cmocka_unit_test(nobody_there__pipe_to_itself__fires),
		cmocka_unit_test(lost_task_done__owes_and_gets_again__fires),
		cmocka_unit_test(extra_task_done__counted__fires),
		cmocka_unit_test(leaked_end__stuck_for_an_end_nobody_used__fires),
		cmocka_unit_test(leaked_end__third_has_both_ends__fires),
		cmocka_unit_test(leaked_end__late_for_who_inherited_it__fires),
		cmocka_unit_test(leaked_end__two_handles__both_count),
		cmocka_unit_test(leaked_end__nothing_was_ever_sent__only_of_the_stuck),
		cmocka_unit_test(truncated_message__abandoned__fires),
		cmocka_unit_test(kinds__each__has_its_words),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("lint", tests, NULL, NULL);
}
