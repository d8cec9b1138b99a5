/*
 * What a thread had begun in a ring when its process died. A child does the first
 * half of a put or a get by hand and ends; then it is cleaned up after.
 */

#include "support/test.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "object/heap.h"
#include "runtime/domain.h"
#include "runtime/journal.h"
#include "runtime/lock.h"
#include "runtime/process.h"
#include "runtime/recover.h"
#include "runtime/thread.h"
#include "support/channel.h"

static struct channel *c;

static struct ring_ctl *ctl(void)
{
	return c->lane[0].ctl;
}

static int setup(void **state)
{
	test_deadline(30);
	c = test_channel(0);
	ctl()->put_owner = ctl()->get_owner = SIDE_SHARED; /* as after a second thread came */
	return 0;
}

static int teardown(void **state)
{
	channel_close(c);
	return 0;
}

/* ---- halves of a put and a get, for the child -------------------------------------------------- */

static struct thread_rec *self(void)
{
	struct thread_rec *t = NULL;

	check_ok(thread_self(&t));
	return t;
}

static struct slot *claim_put(uint64_t *ret_pos)
{
	struct ring_view v;
	uint64_t         head_seen = 0;

	check(lane_refresh_put(&c->lane[0], IPC_FOREVER) >= 0);
	check(lane_view_copy(&c->lane[0].put, &v));
	check_eq(ring_reserve(ctl(), &v, &self()->intent, intent_of(c, 0, INTENT_PUT),
			      c->h.object_ref, &head_seen, ret_pos),
		 RING_OK);
	return ring_slot(&v, *ret_pos);
}

static struct slot *claim_get(uint64_t *ret_pos)
{
	struct ring_view v;

	self()->intent.before = c->h.e->in.messages;
	check(lane_refresh_get(&c->lane[0], IPC_FOREVER) >= 0);
	check(lane_view_copy(&c->lane[0].get, &v));
	check_eq(ring_take(ctl(), &v, &self()->intent, intent_of(c, 0, INTENT_GET), c->h.object_ref,
			   1 << 20, ret_pos),
		 RING_OK);
	return ring_slot(&v, *ret_pos);
}

/* ---- for the parent ------------------------------------------------------------------------------- */

/* Run @fn in a child that ends without leaving; then clean up after it, twice. */
static void die_and_reap(int (*fn)(void *arg), void *arg)
{
	check_child(fn, arg);
	for (int i = 0; i < 2; i++) {
		registry_lock();
		process_reap_all();
		registry_unlock();
	}
}

static void put(uint64_t n)
{
	check_ok(test_put_number(c, n));
}

static void get(uint64_t want)
{
	uint64_t n = ~want;

	check_r(test_get_number(c, &n), sizeof(n));
	check_eq(n, want);
}

static void check_empty(void)
{
	uint64_t n;

	check_r(test_get_number(c, &n), -EAGAIN);
	check_r(channel_peek(c, 0), -EAGAIN);
	check_eq(ring_heap_bytes(ctl()->heap_in, ctl()->heap_out, ctl()->heap_fix), 0);
}

/* How many blocks are neither free nor dropped. */
static unsigned blocks_in_use(void)
{
	unsigned n = 0;

	for (unsigned class_ = 0; class_ < HEAP_CLASSES; class_++)
		for (uint64_t i = 0; i < c->memory.ring[0].dir->heap[class_].ready; i++) {
			uint64_t      *owner;
			unsigned char *block;

			check_ok(memory_block(&c->memory, 0, class_, i, &owner, &block));
			n += *owner != BLOCK_FREE && *owner != BLOCK_DROPPED;
		}
	return n;
}

/* ---- put ------------------------------------------------------------------------------------------- */

static int claim_and_die(void *arg)
{
	uint64_t pos;

	(void)claim_put(&pos);
	_exit(0);
}

static void recover__put_not_published__is_abandoned_and_skipped(void **state)
{
	put(1);
	die_and_reap(claim_and_die, NULL);
	put(2);
	assert_int_equal(ctl()->abandoned, 1);
	get(1);
	check_r(channel_peek(c, 0), 8); /* of the next message, not of what is abandoned */
	get(2);
	check_empty();
}

static void recover__put_not_published_and_alone__leaves_an_empty_queue(void **state)
{
	const struct call now = {.op = OP_POLL, .timeout = IPC_NOW};

	die_and_reap(claim_and_die, NULL);
	check_r(channel_peek(c, 0), -EAGAIN);
	check_r(channel_poll(c, &now), 0); /* a get would wait */
	check_empty();
	put(1);
	get(1);
}

static int claim_several_and_die(void *arg)
{
	uint64_t pos;

	for (int i = 0; i < 3; i++) {
		struct slot *s = claim_put(&pos);

		if (i < 2) {
			s->len = 8;
			s->flags = 0;
			memset(s->inline_data, i + 5, 8);
			ring_publish(s, pos);
		}
	}
	_exit(0);
}

static void recover__put_after_whole_ones__loses_only_itself(void **state)
{
	die_and_reap(claim_several_and_die, NULL);
	assert_int_equal(ctl()->abandoned, 1);
	get(UINT64_C(0x0505050505050505));
	get(UINT64_C(0x0606060606060606));
	check_empty();
}

static int say_and_die(void *arg)
{
	struct thread_rec *t = self();

	/* it names the position at the tail, and dies before it claims */
	ring_intend(&t->intent, intent_of(c, 0, INTENT_PUT), c->h.object_ref,
		    ctl()->tail & RING_POS_MASK);
	_exit(0);
}

static void recover__put_only_said__changes_nothing(void **state)
{
	put(1);
	die_and_reap(say_and_die, NULL);
	put(2);
	assert_int_equal(ctl()->abandoned, 0);
	get(1);
	get(2);
	check_empty();
}

static int say_and_lose(void *arg)
{
	struct thread_rec *t = self();
	uint64_t           pos = ctl()->tail & RING_POS_MASK;

	put(7); /* somebody else is faster */
	ring_intend(&t->intent, intent_of(c, 0, INTENT_PUT), c->h.object_ref, pos);
	_exit(0);
}

static void recover__put_that_lost_its_claim__changes_nothing(void **state)
{
	die_and_reap(say_and_lose, NULL);
	assert_int_equal(ctl()->abandoned, 0);
	get(7);
	check_empty();
}

/* What it had written to the slot is a payload, whatever it looks like. */
static int claim_write_and_die(void *arg)
{
	uint64_t     pos;
	struct slot *s = claim_put(&pos);
	uint64_t     inverse = ~pos;

	memcpy(s->inline_data, &inverse, sizeof(inverse));
	s->stamp = UINT64_C(123456789);
	_exit(0);
}

static int say_nothing_and_die(void *arg)
{
	(void)self();
	_exit(0);
}

static void recover__put_whose_payload_looks_like_a_mark__is_counted_once(void **state)
{
	for (unsigned i = 1; i <= 3; i++) {
		die_and_reap(claim_write_and_die, NULL);
		assert_int_equal(ctl()->abandoned, i);
	}
	check_empty();
}

/* ---- who cleans up dies, or cannot ------------------------------------------------------------------ */

/* Two of them; of one it was counted that it died, and no more: the counting process died, too. */
static void recover__counted_by_who_died_then__is_not_counted_again(void **state)
{
	unsigned counted = 0;

	check_child(claim_and_die, NULL);
	check_child(claim_and_die, NULL);
	registry_lock();
	for (uint64_t i = 0; i < table_used(TABLE_THREADS) && !counted; i++) {
		struct thread_rec *t = thread_at(i);

		if (life_state(t->life) != LIFE_LIVE || t->process == the_domain.self)
			continue;
		journal_set(&ctl()->abandoned, ctl()->abandoned + 1);
		journal_set(&t->intent.counted, ++counted);
		journal_commit();
	}
	process_reap_all();
	process_reap_all();
	registry_unlock();
	assert_int_equal(counted, 1);
	assert_int_equal(ctl()->abandoned, 2);
	check_empty();
}

/* The least that are needed are there, and not one more. */
static void reap_with_no_descriptor_left(void)
{
	struct rlimit all, few;

	check_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	few = all;
	few.rlim_cur = 3;
	registry_lock();
	check_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	process_reap_all();
	check_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	registry_unlock();
}

static void recover__no_descriptor_to_be_had__is_done_later(void **state)
{
	die_and_reap(say_nothing_and_die, NULL); /* what it needs for the first time, it has */
	check_child(claim_and_die, NULL);
	put(1);
	reap_with_no_descriptor_left();
	assert_int_equal(ctl()->abandoned, 0);
	registry_lock();
	process_reap_all();
	registry_unlock();
	assert_int_equal(ctl()->abandoned, 1);
	get(1);
	check_empty();
}

/* ---- put of a large payload ------------------------------------------------------------------------------ */

/* Dies after step 0 taking a block, 1 claiming, 2 handing the block to the position. */
static int put_large_until(void *arg)
{
	int          step = *(int *)arg;
	uint64_t     pos;
	struct slot *s;
	struct block b;

	ring_intend(&self()->intent, intent_of(c, 0, INTENT_PUT), c->h.object_ref, UINT64_MAX);
	check_ok(heap_alloc(&c->memory, 0, 5000, thread_ref(self()), IPC_FOREVER, &b));
	if (step >= 1) {
		s = claim_put(&pos);
		s->len = 5000;
		s->flags = SLOT_HEAP;
	}
	if (step >= 2)
		store_release(b.owner, BLOCK_QUEUED | pos);
	_exit(0);
}

static void recover__put_of_a_large_payload__its_block_is_free_again(void **state)
{
	for (int step = 0; step < 3; step++) {
		die_and_reap(put_large_until, &step);
		assert_int_equal(blocks_in_use(), 0);
		check_empty();
	}
	assert_int_equal(ctl()->abandoned, 2);
}

/* Where a second ring's directory would be are this one's slots. */
static void fill_slots(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t     pos;
		struct slot *s = claim_put(&pos);

		s->len = sizeof(s->inline_data);
		s->flags = 0;
		memset(s->inline_data, 0xff, sizeof(s->inline_data));
		ring_publish(s, pos);
	}
}

/* Its last put was into another object's second ring; this one has no second. */
static int half_write_intent_and_die(void *arg)
{
	struct intent_rec *i = &self()->intent;

	store_relaxed(&i->ring,
		      (uint64_t)(ref_index(c->h.object_ref) + 1) << 8 | 1 << 4 | INTENT_PUT);
	store_relaxed(&i->pos, RING_NO_POS);
	store_release(&i->object, c->h.object_ref);
	_exit(0);
}

static void recover__intent_with_the_ring_of_another__names_nothing(void **state)
{
	fill_slots(64);
	die_and_reap(half_write_intent_and_die, NULL);
	assert_int_equal(ctl()->abandoned, 0);
	assert_int_equal(c->h.o->ring[1].heap_fix, 0);
	assert_int_equal(channel_peek(c, 0), sizeof(((struct slot *)0)->inline_data));
}

/* ---- get ------------------------------------------------------------------------------------------------------ */

static int take_and_die(void *arg)
{
	uint64_t pos;

	(void)claim_get(&pos);
	_exit(0);
}

static void recover__get_not_released__takes_that_message_with_it(void **state)
{
	put(1);
	put(2);
	die_and_reap(take_and_die, NULL);
	assert_int_equal(ctl()->taken_by_dead, 1);
	assert_int_equal(c->h.o->past_in[0].messages, 1); /* it counts as received by who died */
	get(2);
	check_empty();
	for (uint64_t i = 0; i < 200; i++) { /* the slot can be used again */
		put(i);
		get(i);
	}
}

static int take_count_and_die(void *arg)
{
	uint64_t pos;

	(void)claim_get(&pos);
	c->h.e->in.messages++;
	if (*(int *)arg)
		self()->intent.before = INTENT_COUNTED;
	_exit(0);
}

static void recover__get_counted_and_not_released__is_not_counted_twice(void **state)
{
	for (int marked = 0; marked < 2; marked++) {
		uint64_t before = c->h.o->past_in[0].messages;

		put(1);
		die_and_reap(take_count_and_die, &marked);
		assert_int_equal(c->h.o->past_in[0].messages, before + 1);
		assert_int_equal(ctl()->taken_by_dead, 1 + marked);
		check_empty();
	}
}

static int take_release_and_die(void *arg)
{
	uint64_t     pos;
	struct slot *s = claim_get(&pos);

	c->h.e->in.messages++;
	ring_release(s, pos);
	_exit(0);
}

static void recover__get_finished__changes_nothing(void **state)
{
	put(1);
	put(2);
	die_and_reap(take_release_and_die, NULL);
	assert_int_equal(ctl()->taken_by_dead, 0);
	get(2);
	check_empty();
}

static void recover__get_of_a_large_payload__its_block_is_free_again(void **state)
{
	const struct call now = {.op = OP_PUT, .timeout = IPC_NOW};
	char              buf[5000] = {0};

	check_ok(channel_put(c, &now, buf, sizeof(buf)));
	die_and_reap(take_and_die, NULL);
	assert_int_equal(ctl()->taken_by_dead, 1);
	assert_int_equal(blocks_in_use(), 0);
	check_empty();
}

/* ---- who of two -------------------------------------------------------------------------------------------------- */

static int claim_and_tell(void *arg)
{
	(void)claim_put(arg);
	_exit(0);
}

/* Killed between the claim and the word that it has claimed. */
static int claim_tell_and_say_nothing(void *arg)
{
	(void)claim_put(arg);
	self()->intent.claimed = 0;
	_exit(0);
}

static void recover__a_living_thread_names_the_same__waits_until_it_moves_on(void **state)
{
	uint64_t          *pos = test_shared(sizeof(*pos));
	struct thread_rec *mine = self();

	check_child(claim_tell_and_say_nothing, pos);
	ring_intend(&mine->intent, intent_of(c, 0, INTENT_PUT), c->h.object_ref, *pos);
	for (int i = 0; i < 3; i++) {
		registry_lock();
		process_reap_all();
		registry_unlock();
		assert_int_equal(ctl()->abandoned, 0); /* it could be ours */
	}
	ring_intend(&mine->intent, intent_of(c, 0, INTENT_PUT), c->h.object_ref, *pos + 1);
	registry_lock();
	process_reap_all();
	registry_unlock();
	assert_int_equal(ctl()->abandoned, 1);
	mine->intent.pos = UINT64_MAX;
	check_empty();
}

/* As the owner of the reading side does, who is killed before its claim. */
static int say_get_and_die(void *arg)
{
	struct thread_rec *t = self();

	ring_intend_begin(&t->intent);
	t->intent.claimed = 0;
	t->intent.before = c->h.e->in.messages;
	ring_intend(&t->intent, intent_of(c, 0, INTENT_GET) | INTENT_OWNED, c->h.object_ref, 0);
	_exit(0);
}

/* It took the message, and may do anything now but call again: that must not hold up others. */
static void recover__a_living_thread_has_got_what_the_dead_named__waits_for_nobody(void **state)
{
	uint64_t reaped = the_domain.hdr->n_reaped;

	put(1);
	check_child(say_get_and_die, NULL);
	get(1);
	assert_int_equal(self()->intent.pos, 0);
	registry_lock();
	process_reap_all();
	registry_unlock();
	assert_int_equal(the_domain.hdr->n_reaped, reaped + 1);
	assert_int_equal(c->h.o->past_in[0].messages, 0);
	assert_int_equal(ctl()->taken_by_dead, 0);
	check_empty();
}

/* Nobody may come by a second time, so once must do, in whichever order they are. */
static void reap_all(void)
{
	registry_lock();
	process_reap_all();
	for (uint64_t i = 0; i < table_used(TABLE_PROCESSES); i++)
		check(i == the_domain.slot || life_state(process_at(i)->life) == LIFE_FREE);
	registry_unlock();
}

static int name_it_too(void *arg)
{
	ring_intend(&self()->intent, intent_of(c, 0, INTENT_PUT), c->h.object_ref,
		    *(uint64_t *)arg);
	_exit(0);
}

static void recover__two_dead_name_the_same__is_abandoned_once(void **state)
{
	uint64_t *pos = test_shared(sizeof(*pos));

	check_child(claim_and_tell, pos);
	check_child(name_it_too, pos);
	reap_all();
	assert_int_equal(ctl()->abandoned, 1);
	check_empty();
}

struct pair {
	uint64_t pos;
	bool     claimed, named;
};

/* Each claims, or names what is claimed, says nothing, and stays. */
static int claim_and_stay(void *arg)
{
	struct pair *p = arg;

	(void)claim_put(&p->pos);
	self()->intent.claimed = 0;
	__atomic_store_n(&p->claimed, true, __ATOMIC_RELEASE);
	for (bool for_ever = true; for_ever;)
		test_pause();
	return 0;
}

static int name_and_stay(void *arg)
{
	struct pair *p = arg;

	ring_intend(&self()->intent, intent_of(c, 0, INTENT_PUT), c->h.object_ref, p->pos);
	__atomic_store_n(&p->named, true, __ATOMIC_RELEASE);
	for (bool for_ever = true; for_ever;)
		test_pause();
	return 0;
}

/* The first is not to wait for the second to be cleaned up after, which comes later. */
static void recover__both_of_two_killed__is_done_at_once(void **state)
{
	struct pair *p = test_shared(sizeof(*p));
	pid_t        pid[2];

	pid[0] = test_fork(claim_and_stay, p);
	check(wait_until(__atomic_load_n(&p->claimed, __ATOMIC_ACQUIRE), 20));
	pid[1] = test_fork(name_and_stay, p);
	check(wait_until(__atomic_load_n(&p->named, __ATOMIC_ACQUIRE), 20));
	for (int i = 0; i < 2; i++)
		test_kill(pid[i]);
	reap_all();
	assert_int_equal(ctl()->abandoned, 1);
	check_empty();
}

static int name_get_too(void *arg)
{
	self()->intent.before = c->h.e->in.messages;
	ring_intend(&self()->intent, intent_of(c, 0, INTENT_GET), c->h.object_ref,
		    ring_head(ctl()) - 1);
	_exit(0);
}

/* Who lost the claim is cleaned up first, or last: who won has counted it already. */
static void recover__two_dead_name_the_same_get__it_is_counted_once(void **state)
{
	int marked = 0;

	for (int i = 0; i < 2; i++) {
		uint64_t before = c->h.o->past_in[0].messages;

		put(1);
		check_child(take_count_and_die, &marked);
		check_child(name_get_too, NULL);
		reap_all();
		assert_int_equal(c->h.o->past_in[0].messages, before + 1);
		check_empty();
	}
}

static int name_put_first(void *arg)
{
	ring_intend(&self()->intent, intent_of(c, 0, INTENT_PUT), c->h.object_ref,
		    ctl()->tail & RING_POS_MASK);
	_exit(0);
}

static void recover__who_lost_a_put_is_first__it_is_abandoned_once_and_not_counted(void **state)
{
	uint64_t *pos = test_shared(sizeof(*pos));

	check_child(name_put_first, NULL);
	check_child(claim_and_tell, pos);
	reap_all();
	assert_int_equal(ctl()->abandoned, 1);
	assert_int_equal(c->h.o->past_out[0].messages, 0);
	check_empty();
}

static void recover__a_living_thread_has_claimed_it__does_not_wait(void **state)
{
	uint64_t     pos;
	struct slot *s;

	check_child(name_put_first, NULL);
	s = claim_put(&pos);
	registry_lock();
	process_reap_all();
	check(process_alone());
	registry_unlock();
	assert_int_equal(ctl()->abandoned, 0);
	ring_publish(s, pos);
	self()->intent.pos = UINT64_MAX;
	check_r(test_get_number(c, &pos), 0); /* an empty one */
}

/* The same position of another ring, or of another object, says nothing about this one. */
static void recover__others_name_the_same_elsewhere__does_not_wait(void **state)
{
	uint64_t          *pos = test_shared(sizeof(*pos));
	struct thread_rec *mine = self();

	check_child(claim_and_tell, pos);
	ring_intend(&mine->intent, intent_of(c, 0, INTENT_PUT) | 1 << 4, c->h.object_ref, *pos);
	registry_lock();
	process_reap_all();
	registry_unlock();
	assert_int_equal(ctl()->abandoned, 1);
	mine->intent.pos = UINT64_MAX;
	check_empty();
}

/* ---- sleepers ----------------------------------------------------------------------------------------------------- */

static int sleep_in_get(void *arg)
{
	const struct call call = {.op = OP_GET, .timeout = IPC_FOREVER};
	uint64_t          n;

	return (int)channel_get(c, &call, &n, sizeof(n));
}

static void recover__killed_asleep__is_no_sleeper_any_more(void **state)
{
	pid_t child = test_fork(sleep_in_get, NULL);

	check(wait_until(load_acquire(&ctl()->readers.sleepers) == 1, 20));
	check(wait_until(test_asleep(child), 20));
	test_kill(child);
	registry_lock();
	process_reap_all();
	registry_unlock();
	assert_int_equal(ctl()->readers.sleepers, 0);
	put(1);
	get(1);
}

static struct thread_rec *record_of(pid_t pid)
{
	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		struct thread_rec *t = thread_at(i);

		if (life_state(t->life) == LIFE_LIVE && t->tid == (uint64_t)pid)
			return t;
	}
	test_fail("%d has no record", (int)pid);
}

static void *page_of(void *p)
{
	return (void *)((uintptr_t)p & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1));
}

/* Killed where it stores anything to the record of the dead: it cannot. */
static int recover_and_be_killed(void *arg)
{
	struct thread_rec *dead = arg;

	recover_claim = NULL; /* the dead had begun nothing */
	check_eq(mprotect(page_of(&dead->wait.seq), (size_t)sysconf(_SC_PAGESIZE), PROT_READ), 0);
	(void)recover_thread(dead);
	return 0;
}

static void recover__who_cleans_up_is_killed__sleeper_is_counted_down_once(void **state)
{
	uint32_t          *sleepers = &ctl()->readers.sleepers;
	pid_t              child = test_fork(sleep_in_get, NULL);
	struct thread_rec *dead;

	check(wait_until(load_acquire(sleepers) == 1, 20));
	check(wait_until(test_asleep(child), 20));
	dead = record_of(child);
	check(page_of(&dead->wait.seq) != page_of(sleepers));
	test_kill(child);
	(void)fetch_add(sleepers, 1); /* another, who lives */
	check_eq(test_run(recover_and_be_killed, dead), -SIGSEGV);
	reap_all();
	assert_int_equal(*sleepers, 1);
	(void)fetch_sub(sleepers, 1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(recover__put_not_published__is_abandoned_and_skipped),
		CASE(recover__put_not_published_and_alone__leaves_an_empty_queue),
		CASE(recover__put_after_whole_ones__loses_only_itself),
		CASE(recover__put_only_said__changes_nothing),
		CASE(recover__put_that_lost_its_claim__changes_nothing),
		CASE(recover__put_whose_payload_looks_like_a_mark__is_counted_once),
		CASE(recover__counted_by_who_died_then__is_not_counted_again),
		CASE(recover__no_descriptor_to_be_had__is_done_later),
		CASE(recover__put_of_a_large_payload__its_block_is_free_again),
		CASE(recover__intent_with_the_ring_of_another__names_nothing),
		CASE(recover__get_not_released__takes_that_message_with_it),
		CASE(recover__get_counted_and_not_released__is_not_counted_twice),
		CASE(recover__get_finished__changes_nothing),
		CASE(recover__get_of_a_large_payload__its_block_is_free_again),
		CASE(recover__a_living_thread_names_the_same__waits_until_it_moves_on),
		CASE(recover__both_of_two_killed__is_done_at_once),
		CASE(recover__two_dead_name_the_same_get__it_is_counted_once),
		CASE(recover__who_lost_a_put_is_first__it_is_abandoned_once_and_not_counted),
		CASE(recover__a_living_thread_has_claimed_it__does_not_wait),
		CASE(recover__a_living_thread_has_got_what_the_dead_named__waits_for_nobody),
		CASE(recover__two_dead_name_the_same__is_abandoned_once),
		CASE(recover__others_name_the_same_elsewhere__does_not_wait),
		CASE(recover__killed_asleep__is_no_sleeper_any_more),
		CASE(recover__who_cleans_up_is_killed__sleeper_is_counted_down_once),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("recover", tests, NULL, NULL);
}
