/*
 * Every state that a process may leave the tables in when it dies with the lock:
 * who takes the lock next puts them right, and doing so twice changes nothing.
 */

#include "support/test.h"

#include "runtime/domain.h"
#include "runtime/end.h"
#include "runtime/journal.h"
#include "runtime/lock.h"
#include "runtime/process.h"
#include "runtime/repair.h"
#include "runtime/thread.h"
#include "support/channel.h"

static struct channel *c; /* a live object of this process, which repair must leave alone */

static int setup(void **state)
{
	test_deadline(30);
	c = test_channel(0);
	check_ok(test_put_number(c, 1));
	return 0;
}

static int teardown(void **state)
{
	uint64_t n;

	check_r(test_get_number(c, &n), sizeof(n)); /* it works as before */
	channel_close(c);
	return 0;
}

/* What an observer could tell from the tables, in one number. */
static uint64_t state_of_tables(void)
{
	uint64_t h = 1;

	for (int t = 0; t <= TABLE_ENDS; t++)
		for (uint64_t i = 0; i < table_used((enum table_id)t); i++)
			h = h * 31 + *(uint64_t *)table_at((enum table_id)t, i);
	for (uint64_t i = 0; i < table_used(TABLE_OBJECTS); i++) {
		const struct object_rec *o = object_at(i);

		h = h * 31 + (life_state(o->life) == LIFE_FREE ? 0 : o->first_end);
		for (int k = 0; k < RIGHTS_MAX; k++)
			h = h * 31 + (life_state(o->life) == LIFE_FREE ? 0 : o->holders[k]);
	}
	for (uint64_t i = 0; i < table_used(TABLE_ENDS); i++)
		h = h * 31 + (life_state(end_at(i)->life) == LIFE_FREE ? 0 : end_at(i)->next);
	for (int t = 0; t <= TABLE_ENDS; t++)
		h = h * 31 + the_domain.hdr->table[t].spare[0];
	return h;
}

/* The lock as a dead owner leaves it: free, and .dirty. */
static void die_with_lock(void)
{
	registry_unlock();
	the_domain.hdr->dirty = 1234;
}

/* Take the lock, which repairs; then repair again. */
static void check_repaired(void)
{
	uint64_t once;

	registry_lock();
	assert_int_equal(the_domain.hdr->dirty, the_domain.slot + 1);
	once = state_of_tables();
	registry_repair();
	assert_true(state_of_tables() == once);
	registry_unlock();
	assert_int_equal(the_domain.hdr->dirty, 0);
}

static uint32_t holders(const struct object_rec *o, int right)
{
	return o->holders[right];
}

/* ---- what there is ---------------------------------------------------------------------------- */

static void repair__nothing_wrong__changes_nothing(void **state)
{
	uint64_t before;

	registry_lock();
	before = state_of_tables();
	die_with_lock();
	check_repaired();
	assert_true(state_of_tables() == before);
	assert_int_equal(holders(c->h.o, 0), 1);
	assert_int_equal(holders(c->h.o, 1), 1);
	assert_int_equal(c->h.o->first_end, c->h.end + 1);
}

static void repair__process_half_made__is_freed(void **state)
{
	uint32_t i;

	registry_lock();
	check_ok(table_alloc(TABLE_PROCESSES, &i));
	process_at(i)->life = life_make(5, LIFE_MAKING);
	die_with_lock();
	check_repaired();
	assert_true(process_at(i)->life == life_make(6, LIFE_FREE));
}

static void repair__thread_half_made__is_freed(void **state)
{
	uint32_t i;

	registry_lock();
	check_ok(table_alloc(TABLE_THREADS, &i));
	thread_at(i)->life = life_make(5, LIFE_MAKING);
	thread_at(i)->process = the_domain.self;
	die_with_lock();
	check_repaired();
	assert_true(thread_at(i)->life == life_make(6, LIFE_FREE));
	assert_int_equal(threads_count(the_domain.self), 1); /* this one */
}

static void repair__thread_of_a_process_that_is_gone__is_freed(void **state)
{
	uint32_t i;

	registry_lock();
	check_ok(table_alloc(TABLE_THREADS, &i));
	thread_at(i)->life = life_make(5, LIFE_LIVE);
	thread_at(i)->process = ref_make(77, 9);
	die_with_lock();
	check_repaired();
	assert_int_equal(life_state(thread_at(i)->life), LIFE_FREE);
}

/* ---- ends ----------------------------------------------------------------------------------------- */

static struct end_rec *new_end(uint32_t *ret, uint64_t life, ref process, ref object)
{
	struct end_rec *e;

	check_ok(table_alloc(TABLE_ENDS, ret));
	e = end_at(*ret);
	check(e);
	memset(e, 0, sizeof(*e));
	e->process = process;
	e->object = object;
	e->rights = RIGHT_SEND0;
	e->handles = 1;
	e->life = life;
	return e;
}

static void repair__end_half_made_and_already_linked__is_unlinked_and_freed(void **state)
{
	for (int step = 0; step < 3; step++) { /* made; and linked; and counted */
		uint32_t i;

		registry_lock();
		(void)new_end(&i, life_make(3, LIFE_MAKING), the_domain.self, c->h.object_ref);
		if (step > 0) {
			end_at(i)->next = c->h.o->first_end;
			c->h.o->first_end = i + 1;
		}
		if (step > 1)
			c->h.o->holders[0]++;
		die_with_lock();
		check_repaired();
		assert_int_equal(life_state(end_at(i)->life), LIFE_FREE);
		assert_int_equal(c->h.o->first_end, c->h.end + 1);
		assert_int_equal(end_at(c->h.end)->next, 0);
		assert_int_equal(holders(c->h.o, 0), 1);
	}
}

static void repair__end_unlinked_or_not_counted__is_linked_and_counted_again(void **state)
{
	for (int step = 0; step < 3; step++) {
		registry_lock();
		if (step != 1)
			c->h.o->first_end = 0;
		if (step > 0)
			memset(c->h.o->holders, 0, sizeof(c->h.o->holders));
		die_with_lock();
		check_repaired();
		assert_int_equal(c->h.o->first_end, c->h.end + 1);
		assert_int_equal(holders(c->h.o, 0), 1);
		assert_int_equal(holders(c->h.o, 1), 1);
		assert_int_equal(holders(c->h.o, 2), 0);
	}
}

static void repair__list_of_ends_in_a_circle__is_built_anew(void **state)
{
	registry_lock();
	end_at(c->h.end)->next = c->h.end + 1;
	die_with_lock();
	check_repaired();
	assert_int_equal(end_at(c->h.end)->next, 0);
}

static void repair__end_of_an_object_that_is_gone__is_freed(void **state)
{
	uint32_t i, k;

	registry_lock();
	(void)new_end(&i, life_make(3, LIFE_LIVE), the_domain.self, ref_make(500, c->h.object));
	(void)new_end(&k, life_make(3, LIFE_LIVE), the_domain.self, ref_make(1, 1u << 30));
	die_with_lock();
	check_repaired();
	assert_int_equal(life_state(end_at(i)->life), LIFE_FREE);
	assert_int_equal(life_state(end_at(k)->life), LIFE_FREE);
	assert_int_equal(holders(c->h.o, 0), 1);
}

static void repair__end_of_a_process_that_is_gone__is_folded_and_freed(void **state)
{
	uint64_t        before = c->h.o->past_out[0].messages;
	struct end_rec *e;
	uint32_t        i;

	registry_lock();
	e = new_end(&i, life_make(3, LIFE_LIVE), ref_make(77, 9), c->h.object_ref);
	e->out.messages = 40;
	e->out.bytes = 400;
	die_with_lock();
	check_repaired();
	assert_int_equal(life_state(end_at(i)->life), LIFE_FREE);
	assert_int_equal(c->h.o->past_out[0].messages, before + 40);
	assert_int_equal(c->h.o->past_out[0].bytes, 400);
	assert_int_equal(holders(c->h.o, 0), 1);
}

/* ---- folds ------------------------------------------------------------------------------------------- */

/* The journal is written, and nothing, some, or all of what it says was done. */
static void repair__fold_half_done__is_finished_and_counts_once(void **state)
{
	for (int step = 0; step < 4; step++) {
		struct fold_journal *j = &the_domain.hdr->fold;
		struct end_rec      *e;
		uint32_t             i;

		memset(c->h.o->past_out, 0, sizeof(c->h.o->past_out));
		memset(c->h.o->past_in, 0, sizeof(c->h.o->past_in));
		registry_lock();
		e = new_end(&i, life_make(3, LIFE_LIVE), ref_make(77, 9), c->h.object_ref);
		e->out.messages = 40;
		e->in.messages = 30;
		memset(j, 0, sizeof(*j));
		j->object = c->h.object;
		j->out[0] = 40; /* messages: what was, and what the end counted */
		j->in[0] = 30;
		j->valid = i + 1;
		if (step > 0)
			c->h.o->past_out[0].messages = 40;
		if (step > 1)
			c->h.o->past_in[0].messages = 30;
		if (step > 2)
			table_free(TABLE_ENDS, i);
		die_with_lock();
		check_repaired();
		assert_int_equal(c->h.o->past_out[0].messages, 40);
		assert_int_equal(c->h.o->past_in[0].messages, 30);
		assert_int_equal(life_state(end_at(i)->life), LIFE_FREE);
		assert_int_equal(the_domain.hdr->fold.valid, 0);
	}
}

static void repair__fold_of_nonsense__is_dropped(void **state)
{
	registry_lock();
	the_domain.hdr->fold.object = UINT64_MAX;
	the_domain.hdr->fold.valid = UINT64_MAX;
	die_with_lock();
	check_repaired();
	assert_int_equal(the_domain.hdr->fold.valid, 0);
}

/* ---- the journal ------------------------------------------------------------------------------------- */

/* A change of several words is committed, and none, some, or all of it was stored. */
static void repair__journal_committed__is_finished_and_counts_once(void **state)
{
	for (int step = 0; step < 4; step++) {
		struct journal *j = &the_domain.hdr->journal;
		struct end_rec *e;
		uint32_t        i;

		memset(c->h.o->past_out, 0, sizeof(c->h.o->past_out));
		memset(c->h.o->past_in, 0, sizeof(c->h.o->past_in));
		registry_lock();
		e = new_end(&i, life_make(3, LIFE_LIVE), ref_make(77, 9), c->h.object_ref);
		e->out.messages = 40;
		e->in.messages = 30;
		journal_set(&c->h.o->past_out[0].messages, 40);
		journal_set(&c->h.o->past_in[0].messages, 30);
		table_free_journaled(TABLE_ENDS, i);
		j->n = 4;
		for (int k = 0; k < step; k++)
			*(uint64_t *)(void *)((char *)the_domain.hdr +
					      j->word[k].at) = j->word[k].value;
		die_with_lock();
		check_repaired();
		assert_int_equal(c->h.o->past_out[0].messages, 40);
		assert_int_equal(c->h.o->past_in[0].messages, 30);
		assert_int_equal(life_state(end_at(i)->life), LIFE_FREE);
		assert_int_equal(the_domain.hdr->journal.n, 0);
	}
}

static void repair__journal_not_committed__has_no_effect(void **state)
{
	uint64_t before = c->h.o->past_out[0].messages;

	registry_lock();
	journal_set(&c->h.o->past_out[0].messages, before + 1);
	die_with_lock();
	check_repaired();
	assert_int_equal(c->h.o->past_out[0].messages, before);
}

static void repair__journal_of_nonsense__is_dropped(void **state)
{
	static const uint64_t nowhere[] = {UINT64_MAX, UINT64_MAX - 7, 3, UINT64_C(1) << 40};

	for (size_t i = 0; i < sizeof(nowhere) / sizeof(*nowhere); i++) {
		registry_lock();
		the_domain.hdr->journal.word[0] = (struct journal_word){.at = nowhere[i]};
		the_domain.hdr->journal.n = i ? 1 : UINT64_MAX;
		die_with_lock();
		check_repaired();
		assert_int_equal(the_domain.hdr->journal.n, 0);
	}
}

/* ---- who reads meanwhile -------------------------------------------------------------------------------- */

#define BYSTANDERS 40

static uint64_t looks, false_ends;
static int      stop;

/* The count of those who could send is never seen lower than it is. */
static void *watch_holders(void *arg)
{
	while (!load_acquire(&stop)) {
		looks++;
		false_ends += load_acquire(&c->h.o->holders[0]) == 0;
	}
	return NULL;
}

static void repair__beside_a_reader__shows_no_end_that_is_none(void **state)
{
	struct channel *other[BYSTANDERS];
	pthread_t       watcher;

	for (int i = 0; i < BYSTANDERS; i++)
		other[i] = test_channel(0);
	looks = false_ends = 0;
	store_release(&stop, 0);
	watcher = test_thread(watch_holders, NULL);
	for (unsigned i = 0; i < test_rounds(2000); i++) {
		registry_lock();
		die_with_lock();
		registry_lock();
		registry_unlock();
	}
	store_release(&stop, 1);
	test_join_thread(watcher);
	for (int i = 0; i < BYSTANDERS; i++)
		channel_close(other[i]);
	assert_true(looks > 100);
	assert_int_equal(false_ends, 0);
}

/* Half removed: said to go, in no list or in it, counted or not. */
static void repair__end_half_removed__is_removed(void **state)
{
	for (int step = 0; step < 3; step++) {
		uint64_t        before = c->h.o->past_out[0].messages;
		struct end_rec *e;
		uint32_t        i;

		registry_lock();
		e = new_end(&i, life_make(3, LIFE_DYING), ref_make(77, 9), c->h.object_ref);
		e->out.messages = 7;
		if (step < 2) {
			e->next = c->h.o->first_end;
			c->h.o->first_end = i + 1;
		}
		if (step == 0)
			c->h.o->holders[0]++;
		die_with_lock();
		check_repaired();
		assert_int_equal(life_state(end_at(i)->life), LIFE_FREE);
		assert_int_equal(holders(c->h.o, 0), 1);
		assert_int_equal(c->h.o->first_end, c->h.end + 1);
		assert_int_equal(c->h.o->past_out[0].messages, before + 7);
	}
}

/* ---- objects -------------------------------------------------------------------------------------------- */

static uint32_t new_object(enum life life, uint32_t flags, ref creator)
{
	struct object_rec *o;
	uint32_t           i;

	check_ok(table_alloc(TABLE_OBJECTS, &i));
	o = object_at(i);
	check(o);
	memset(o, 0, sizeof(*o));
	o->kind = KIND_QUEUE;
	o->flags = flags;
	o->creator = creator;
	o->life = life_make(5, life);
	return i;
}

static void repair__object_without_name_and_ends__is_removed(void **state)
{
	uint32_t i;

	registry_lock();
	i = new_object(LIFE_LIVE, 0, the_domain.self);
	die_with_lock();
	check_repaired();
	assert_int_equal(life_state(object_at(i)->life), LIFE_FREE);
}

static void repair__object_with_a_name_and_no_ends__stays(void **state)
{
	uint32_t i;

	registry_lock();
	i = new_object(LIFE_LIVE, OBJECT_NAMED, the_domain.self);
	die_with_lock();
	check_repaired();
	assert_int_equal(life_state(object_at(i)->life), LIFE_LIVE);
	registry_lock();
	object_destroy(i);
	registry_unlock();
}

static void repair__object_being_made_by_the_living__stays(void **state)
{
	uint32_t i;

	registry_lock();
	i = new_object(LIFE_MAKING, 0, the_domain.self);
	die_with_lock();
	check_repaired();
	assert_int_equal(life_state(object_at(i)->life), LIFE_MAKING);
	object_abandon(i);
	assert_int_equal(life_state(object_at(i)->life), LIFE_FREE);
}

static int make_and_die(void *arg)
{
	struct object_spec spec = {.kind = KIND_QUEUE, .name = "orphan"};

	check_ok(object_make(&spec, arg));
	_exit(0);
}

static void repair__object_being_made_by_the_dead__goes_when_the_maker_is_reaped(void **state)
{
	uint32_t *i = test_shared(sizeof(*i));

	check_child(make_and_die, i);
	registry_lock();
	process_reap_all();
	registry_unlock();
	assert_int_equal(life_state(object_at(*i)->life), LIFE_FREE);
}

/* ---- free records ------------------------------------------------------------------------------------------ */

static void repair__wrong_count_of_free_records__is_counted_anew(void **state)
{
	uint64_t right[N_TABLES];

	for (int t = 0; t <= TABLE_ENDS; t++)
		right[t] = the_domain.hdr->table[t].spare[0];
	registry_lock();
	for (int t = 0; t <= TABLE_ENDS; t++)
		the_domain.hdr->table[t].spare[0] = 1000000;
	die_with_lock();
	check_repaired();
	for (int t = 0; t <= TABLE_ENDS; t++)
		assert_int_equal(the_domain.hdr->table[t].spare[0], right[t]);
}

/* ---- the lock itself ------------------------------------------------------------------------------------------ */

static int die_holding_the_lock(void *arg)
{
	uint32_t i;

	check_ok(domain_join());
	registry_lock();
	check_ok(table_alloc(TABLE_THREADS, &i));
	thread_at(i)->life = life_make(9, LIFE_MAKING);
	*(uint32_t *)arg = i;
	_exit(0);
}

static void registry_lock__owner_died__is_free_and_repairs(void **state)
{
	uint32_t *i = test_shared(sizeof(*i));

	check_child(die_holding_the_lock, i);
	assert_int_not_equal(the_domain.hdr->dirty, 0);
	assert_int_equal(life_state(thread_at(*i)->life), LIFE_MAKING);
	check_repaired();
	assert_int_equal(life_state(thread_at(*i)->life), LIFE_FREE);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(repair__nothing_wrong__changes_nothing),
		CASE(repair__process_half_made__is_freed),
		CASE(repair__thread_half_made__is_freed),
		CASE(repair__thread_of_a_process_that_is_gone__is_freed),
		CASE(repair__end_half_made_and_already_linked__is_unlinked_and_freed),
		CASE(repair__end_unlinked_or_not_counted__is_linked_and_counted_again),
		CASE(repair__list_of_ends_in_a_circle__is_built_anew),
		CASE(repair__end_of_an_object_that_is_gone__is_freed),
		CASE(repair__end_of_a_process_that_is_gone__is_folded_and_freed),
		CASE(repair__fold_half_done__is_finished_and_counts_once),
		CASE(repair__fold_of_nonsense__is_dropped),
		CASE(repair__journal_committed__is_finished_and_counts_once),
		CASE(repair__journal_not_committed__has_no_effect),
		CASE(repair__journal_of_nonsense__is_dropped),
		CASE(repair__beside_a_reader__shows_no_end_that_is_none),
		CASE(repair__end_half_removed__is_removed),
		CASE(repair__object_without_name_and_ends__is_removed),
		CASE(repair__object_with_a_name_and_no_ends__stays),
		CASE(repair__object_being_made_by_the_living__stays),
		CASE(repair__object_being_made_by_the_dead__goes_when_the_maker_is_reaped),
		CASE(repair__wrong_count_of_free_records__is_counted_anew),
		CASE(registry_lock__owner_died__is_free_and_repairs),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}
