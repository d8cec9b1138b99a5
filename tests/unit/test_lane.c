#include "support/test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/claim.h"
#include "object/epoch.h"
#include "object/side.h"
#include "runtime/lock.h"
#include "support/channel.h"

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static struct ring_ctl *ctl_of(struct channel *c)
{
	return c->lane[0].ctl;
}

/* log2 of the slots of the array that the tail lies in */
static unsigned newest_log2(struct channel *c)
{
	const struct ring_ctl *ctl = ctl_of(c);
	uint64_t               shape = 0, from = 0;

	for (int i = 0; i < EPOCHS_MAX; i++)
		if (ctl->epoch[i].shape && ctl->epoch[i].from >= from) {
			from = ctl->epoch[i].from;
			shape = ctl->epoch[i].shape;
		}
	return shape_log2(shape);
}

static int epochs_in_use(struct channel *c)
{
	int n = 0;

	for (int i = 0; i < EPOCHS_MAX; i++)
		n += ctl_of(c)->epoch[i].shape != 0;
	return n;
}

static void put_range(struct channel *c, uint64_t from, uint64_t until)
{
	for (uint64_t i = from; i < until; i++)
		check_ok(test_put_number(c, i));
}

static void get_range(struct channel *c, uint64_t from, uint64_t until)
{
	uint64_t n;

	for (uint64_t i = from; i < until; i++) {
		check_r(test_get_number(c, &n), sizeof(n));
		check_eq(n, i);
	}
}

/* ---- growing ----------------------------------------------------------------------------------- */

static void lane__more_than_the_array_holds__grows_and_keeps_the_order(void **state)
{
	enum { N = 300000 };
	struct channel *c = test_channel(0);
	unsigned        first = newest_log2(c);

	put_range(c, 0, N);
	assert_true(newest_log2(c) > first);
	assert_true(epochs_in_use(c) > 1);
	get_range(c, 0, N);
	channel_close(c);
}

static void lane__bounded__grows_no_further_than_its_capacity(void **state)
{
	static const uint64_t capacity[] = {1, 2, 3, 5, 64, 65, 100, 4096, 5000, 100000};

	for (size_t i = 0; i < N_OF(capacity); i++) {
		struct channel *c = test_channel(capacity[i]);

		for (int lap = 0; lap < 3; lap++) {
			put_range(c, 0, capacity[i]);
			check_r(test_put_number(c, 0), -EAGAIN);
			get_range(c, 0, capacity[i]);
		}
		assert_true(UINT64_C(1) << newest_log2(c) < 2 * capacity[i] + 2);
		channel_close(c);
	}
}

static void lane__depth_that_goes_up_and_down__stays_in_its_epochs(void **state)
{
	struct channel *c = test_channel(0);
	uint64_t        put = 0, got = 0;

	for (unsigned lap = 0; lap < 300; lap++) {
		uint64_t up = lap * 7919u % 9000, down;

		put_range(c, put, put + up);
		put += up;
		down = lap % 5 ? (put - got) / 2 : put - got;
		get_range(c, got, got + down);
		got += down;
		assert_true(epochs_in_use(c) <= EPOCHS_MAX);
	}
	get_range(c, got, put);
	channel_close(c);
}

/* ---- shrinking ------------------------------------------------------------------------------------ */

static void lane_trim__drained__goes_back_to_the_first_size_and_gives_memory_back(void **state)
{
	struct channel *c = test_channel(0);
	unsigned        first = newest_log2(c);
	uint64_t        before = test_disk_usage(test_ipc_dir());

	for (int lap = 0; lap < 20; lap++) {
		put_range(c, 0, 50000);
		assert_false(newest_log2(c) == first);
		get_range(c, 0, 50000);
		assert_true(lane_worth_trimming(&c->lane[0]));
		lane_trim_all(&c->lane[0]);
		assert_int_equal(newest_log2(c), first);
		assert_int_equal(epochs_in_use(c), 1);
		assert_true(test_disk_usage(test_ipc_dir()) <= before + 65536);
	}
	put_range(c, 0, 10);
	get_range(c, 0, 10);
	channel_close(c);
}

static void lane_trim__not_empty__loses_nothing(void **state)
{
	struct channel *c = test_channel(0);

	put_range(c, 0, 50000);
	lane_trim_all(&c->lane[0]);
	get_range(c, 0, 49000);
	lane_trim_all(&c->lane[0]);
	get_range(c, 49000, 50000);
	channel_close(c);
}

/* ---- how much work it is ----------------------------------------------------------------------------- */

static uint64_t file_bytes(int fd)
{
	struct stat st;

	check_ok(fstat(fd, &st));
	return (uint64_t)st.st_blocks * 512;
}

/* By none of the calls does the memory that the ring takes change by more than a step. */
static void lane__hundreds_of_thousands__grow_and_go_back_step_by_step(void **state)
{
	enum { N = 400000, GROWTH = 300000, RETURN = 1200000 };
	struct channel *c = test_channel(0);
	int             fd = object_file(c->memory.object, O_RDWR);
	uint64_t        before = file_bytes(fd), bytes = before, now, n;

	for (uint64_t i = 0; i < N; i++, bytes = now) {
		check_ok(test_put_number(c, i));
		now = file_bytes(fd);
		assert_in_range(now - bytes, 0, GROWTH);
	}
	for (uint64_t i = 0; i < N; i++, bytes = now) {
		check_r(test_get_number(c, &n), sizeof(n));
		check_eq(n, i);
		now = file_bytes(fd);
		assert_in_range(bytes - now, 0, RETURN);
	}
	for (bool more = true; more; bytes = now) {
		more = lane_trim(&c->lane[0]);
		now = file_bytes(fd);
		assert_in_range(bytes - now, 0, RETURN);
	}
	assert_in_range(bytes, 0, before + 65536);
	check_ok(close(fd));
	channel_close(c);
}

/* What was drained goes back though the ring is never empty. */
static void lane__deep_after_a_burst__gives_the_drained_arrays_back(void **state)
{
	enum { SMALLER = 4096 + 64, N = 450000, STEPS = 70 }; /* slots of the first two arrays */
	struct channel *c = test_channel(0);
	uint64_t        got = 0, n;

	put_range(c, 0, N);
	assert_in_range(epochs_in_use(c), 4, EPOCHS_MAX);
	get_range(c, 0, (uint64_t)SMALLER + 262144 + 1); /* into the newest array, the fourth */
	assert_in_range(epochs_in_use(c), 2, EPOCHS_MAX);
	while (epochs_in_use(c) > 1 && got < (uint64_t)N - SMALLER - 262144 - 2) {
		check_r(test_get_number(c, &n), sizeof(n));
		got++;
	}
	assert_int_equal(epochs_in_use(c), 1);
	assert_in_range(got, 2048, STEPS * 2048); /* a step of 512 KiB each 2048 messages */
	channel_close(c);
}

static int switch_to(struct channel *c, unsigned log2)
{
	int r;

	registry_lock();
	r = epoch_switch(&c->lane[0], log2);
	registry_unlock();
	return r;
}

/*
 * Both arrays of 2^10 are in use and the newest, one of 2^7, is empty still: it cannot be
 * replaced, and what others put into it by the views they have must be found.
 */
static void epoch_switch__no_array_to_be_had__keeps_the_empty_one(void **state)
{
	struct channel *c = test_channel(1000);

	put_range(c, 0, 10);
	for (uint64_t n = 10; n < 12; n++) {
		check_r(switch_to(c, 10), LANE_CHANGED);
		put_range(c, n, n + 1);
	}
	check_r(switch_to(c, 7), LANE_CHANGED);
	check_r(lane_refresh_put(&c->lane[0], IPC_FOREVER), LANE_CHANGED);
	check_r(switch_to(c, 10), LANE_SAME);
	assert_int_equal(newest_log2(c), 7);
	put_range(c, 12, 20);
	get_range(c, 0, 20);
	channel_close(c);
}

/*
 * Of three epochs the one in the middle went before the first, which still had a reader. An
 * intent that was left in it must not be looked for in the first one's array: of that only
 * 2048 slots are real, and the file ends there.
 */
static void epoch_retire__intent_of_an_epoch_that_went_before__harms_nothing(void **state)
{
	const uint64_t   large = shape_make(18, 1);
	struct channel  *c = test_channel(0);
	struct ring_ctl *ctl = ctl_of(c);

	put_range(c, 0, 10);
	get_range(c, 0, 10);
	registry_lock();
	check_ok(epoch_make(&c->lane[0], large, 0, 2048));
	epoch_newest(ctl)->from = 100000;
	ctl->epoch[EPOCHS_MAX - 1] = (struct ring_epoch){
		.from = 1000, .shape = large, .ready = 2048};
	ctl->head = (ctl->head & ~RING_POS_MASK) | 100000;
	ctl->tail = (ctl->tail & ~RING_POS_MASK) | 100000;
	ring_intend(&thread_rec_self->intent, (uint64_t)c->h.object << 8 | INTENT_GET,
		    c->h.object_ref, 90000);
	(void)epoch_retire(&c->lane[0]);
	registry_unlock();
	assert_int_equal(epochs_in_use(c), 1);
	put_range(c, 0, 10);
	get_range(c, 0, 10);
	channel_close(c);
}

struct inside {
	struct channel *c;
	uint64_t        pos;
	bool            there, go;
};

/* Stopped between its count and its release, as far as anybody can see. */
static void *stay_inside(void *arg)
{
	struct inside     *i = arg;
	struct thread_rec *self = NULL;

	check_ok(thread_self(&self));
	self->intent.before = INTENT_COUNTED;
	ring_intend(&self->intent, (uint64_t)i->c->h.object << 8 | INTENT_GET, i->c->h.object_ref,
		    i->pos);
	__atomic_store_n(&i->there, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&i->go, __ATOMIC_ACQUIRE))
		(void)sched_yield();
	self->intent.pos = RING_NO_POS;
	return NULL;
}

static pthread_t stay(struct inside *i)
{
	pthread_t t = test_thread(stay_inside, i);

	check(wait_until(__atomic_load_n(&i->there, __ATOMIC_ACQUIRE), 30));
	return t;
}

static void leave(struct inside *i, pthread_t t)
{
	__atomic_store_n(&i->go, true, __ATOMIC_RELEASE);
	check_eq(pthread_join(t, NULL), 0);
}

/*
 * The burst is over and both arrays of the first size have a reader in them that does not
 * leave: what is put goes on in the large one.
 */
static void lane__no_small_array_to_step_back_to__goes_on_in_the_large_one(void **state)
{
	struct channel *c = test_channel(0);
	unsigned        first = newest_log2(c);
	struct inside   in[2] = {{.c = c, .pos = 0}, {.c = c, .pos = 1}};
	pthread_t       t[2];

	put_range(c, 0, 1);
	for (int i = 0; i < 2; i++) {
		check_r(switch_to(c, i ? first + 6 : first), LANE_CHANGED);
		put_range(c, (uint64_t)i + 1, (uint64_t)i + 2);
	}
	for (int i = 0; i < 2; i++)
		t[i] = stay(&in[i]);
	get_range(c, 0, 3);
	for (uint64_t n = 3; n < 5000; n++) {
		put_range(c, n, n + 1);
		get_range(c, n, n + 1);
	}
	assert_int_equal(newest_log2(c), first + 6);
	for (int i = 0; i < 2; i++)
		leave(&in[i], t[i]);
	channel_close(c);
}

/* The same where it has to grow: of the next size both are taken. */
static void lane__no_array_of_the_next_size__goes_on_in_a_larger_one(void **state)
{
	struct channel *c = test_channel(0);
	unsigned        first = newest_log2(c);
	struct inside   in[2] = {{.c = c, .pos = 0}, {.c = c, .pos = 1}};
	pthread_t       t[2];

	for (int i = 0; i < 2; i++) {
		check_r(switch_to(c, first + 6), LANE_CHANGED);
		put_range(c, (uint64_t)i, (uint64_t)i + 1);
	}
	check_r(switch_to(c, first), LANE_CHANGED);
	for (int i = 0; i < 2; i++)
		t[i] = stay(&in[i]);
	get_range(c, 0, 2);
	put_range(c, 2, 2 + 2 * (UINT64_C(1) << first));
	assert_true(newest_log2(c) > first + 6);
	for (int i = 0; i < 2; i++)
		leave(&in[i], t[i]);
	channel_close(c);
}

/* ---- what was given back, nobody looks at -------------------------------------------------------- */

static struct channel *opened_again(struct channel *c)
{
	struct channel *again = NULL;

	check_ok(channel_open_same(&again, c, RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE));
	return again;
}

static void retire_all(struct channel *c)
{
	registry_lock();
	while (epoch_retire(&c->lane[0]))
		;
	registry_unlock();
}

/* Where there is no memory for it that would be SIGBUS. */
static void forbid(struct slot *slots)
{
	check_eq(mprotect(slots, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE), 0);
}

/* It gets the last messages of the old array when there is a new one already. */
static void lane__owner_lags_behind_a_switch__looks_at_nothing_given_back(void **state)
{
	struct channel *c = test_channel(0), *writer = opened_again(c);
	struct slot    *slots;

	put_range(writer, 0, 10);
	get_range(c, 0, 5);
	slots = c->lane[0].getting.slots;
	check_r(switch_to(writer, 12), LANE_CHANGED);
	put_range(writer, 10, 20);
	get_range(c, 5, 10);
	retire_all(writer);
	assert_int_equal(epochs_in_use(c), 1);
	forbid(slots);
	get_range(c, 10, 20);
	channel_close(writer);
	channel_close(c);
}

static void put__waits_for_memory__looks_at_nothing_given_back(void **state)
{
	const struct call call = {.op = OP_PUT, .timeout = IPC_MSEC(100)};
	struct channel   *c = test_channel(0), *away = opened_again(c);
	char              large[300] = "";

	put_range(away, 0, 1);
	get_range(c, 0, 1);
	check_r(switch_to(c, 12), LANE_CHANGED);
	put_range(c, 1, 3);
	get_range(c, 1, 2);
	retire_all(c);
	assert_int_equal(epochs_in_use(c), 1);
	ctl_of(c)->heap_limit = 256;
	ctl_of(c)->heap_in = 512;
	forbid(away->lane[0].put.v.slots);
	check_r(channel_put(away, &call, large, sizeof(large)), -ETIMEDOUT);
	channel_close(away);
	channel_close(c);
}

/* The owner says what it will claim, copies, and then claims: stopped in between it is inside. */
static void epoch_retire__owner_stopped_while_it_copies__keeps_its_array(void **state)
{
	struct channel *c = test_channel(0);

	put_range(c, 0, 2);
	get_range(c, 0, 1);
	own_intend(thread_rec_self, intent_of(c, 0, INTENT_GET), c, &c->h.e->in, 8, 1);
	registry_lock();
	check(side_hold(&c->lane[0], SIDE_GET, true)); /* others take the side, and the message */
	registry_unlock();
	ctl_of(c)->head++;
	check_r(switch_to(c, 12), LANE_CHANGED);
	retire_all(c);
	assert_int_equal(epochs_in_use(c), 2);
	thread_rec_self->intent.pos = RING_NO_POS;
	retire_all(c);
	assert_int_equal(epochs_in_use(c), 1);
	channel_close(c);
}

/* The tail's tag comes round again: who was away meanwhile must not take it for its own. */
static void lane__away_for_a_round_of_tags__still_gets_what_is_there(void **state)
{
	enum { TAGS = RING_TAG_MASK >> RING_TAG_SHIFT };
	struct channel *c = test_channel(0), *away = NULL;
	uint64_t        n, pos = 0;

	check_ok(channel_open_same(&away, c, RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE));
	put_range(c, 0, 4);
	for (; pos < 4; pos++) /* so that a view of the first array is not right by chance */
		check_r(test_get_number(away, &n), sizeof(n));
	for (unsigned i = 0; i <= TAGS; i++) {
		check_r(switch_to(c, 6 + i % 3), LANE_CHANGED);
		put_range(c, pos, pos + 1);
		get_range(c, pos, pos + 1);
		pos++;
	}
	put_range(c, pos, pos + 1);
	check_r(test_get_number(away, &n), sizeof(n));
	check_eq(n, pos);
	channel_close(away);
	channel_close(c);
}

/* ---- a switch that its maker did not finish ----------------------------------------------------------- */

/* Whoever comes next, a put or a get, of this process or another, goes on as if nothing had been. */
static void check_finished(struct channel *c, uint64_t put)
{
	uint64_t n;

	check_ok(test_put_number(c, put));
	assert_false(ctl_of(c)->tail & RING_SWITCHING);
	put_range(c, put + 1, put + 500);
	get_range(c, 0, put + 500);
	check_r(test_get_number(c, &n), -EAGAIN);
}

static void lane__switcher_died_after_marking__is_finished_by_the_next_put(void **state)
{
	static const uint64_t queued[] = {0, 1, 63, 64, 5000};

	for (size_t i = 0; i < N_OF(queued); i++) {
		struct channel *c = test_channel(0);

		put_range(c, 0, queued[i]);
		ctl_of(c)->tail |= RING_SWITCHING;
		check_finished(c, queued[i]);
		channel_close(c);
	}
}

static void lane__switcher_died_after_writing_the_epoch__is_finished_by_the_next_put(void **state)
{
	static const uint64_t queued[] = {0, 1, 63, 64, 5000};

	for (size_t i = 0; i < N_OF(queued); i++)
		for (int with_gen = 0; with_gen < 2; with_gen++) {
			struct channel    *c = test_channel(0);
			struct ring_ctl   *ctl = ctl_of(c);
			struct ring_epoch *e = NULL;
			uint64_t           shape = shape_make(13, 1);

			put_range(c, 0, queued[i]);
			for (int k = 0; k < EPOCHS_MAX; k++)
				if (!ctl->epoch[k].shape)
					e = &ctl->epoch[k];
			assert_non_null(e);
			registry_lock();
			ctl->tail |= RING_SWITCHING;
			check_ok(memory_grow_slots(&c->memory, 0, shape, 0, 8192));
			*e = (struct ring_epoch){.from = queued[i], .ready = 8192, .shape = shape};
			ctl->epoch_gen += (uint64_t)with_gen;
			registry_unlock();
			check_finished(c, queued[i]);
			channel_close(c);
		}
}

/* As finish() leaves it, killed between the entry and the generations: @pos is at the tail. */
static void die_having_switched(struct channel *c, uint64_t pos)
{
	struct ring_ctl *ctl = ctl_of(c);
	int              i = 0;

	registry_lock();
	check_ok(epoch_make(&c->lane[0], shape_make(6, 1), 0, 64));
	while (ctl->epoch[i].shape)
		i++;
	ctl->epoch[i] = (struct ring_epoch){.from = pos, .shape = shape_make(6, 1), .ready = 64};
	ctl->tail |= RING_SWITCHING;
	registry_unlock();
}

/* Nobody was told, and who has a view looks at the array still. */
static void epoch_retire__switcher_died_before_it_said_so__keeps_the_array(void **state)
{
	struct channel *c = test_channel(0);

	put_range(c, 0, 10);
	get_range(c, 0, 10);
	die_having_switched(c, 10);
	retire_all(c);
	assert_int_equal(epochs_in_use(c), 2);
	put_range(c, 10, 11);
	get_range(c, 10, 11);
	channel_close(c);
}

static void *get_one(void *arg)
{
	uint64_t n;

	check_r(test_get_number(arg, &n), sizeof(n));
	return NULL;
}

/* Then the side is shared. */
static void get_by_another(struct channel *c)
{
	check_eq(pthread_join(test_thread(get_one, c), NULL), 0);
}

/* Who steps aside next gets no memory: what it puts, once it can, must be found by all. */
static void lane_step_aside__switcher_died_and_no_memory__loses_nothing(void **state)
{
	struct channel *c = test_channel(0), *fresh = opened_again(c);

	put_range(c, 0, 64);
	get_range(c, 0, 1);
	get_by_another(c);
	registry_lock();
	lane_slot(&c->lane[0], 0)->turn = 1; /* its reader is stopped in it */
	registry_unlock();
	die_having_switched(c, 64);
	c->memory.limit = 1;
	(void)lane_step_aside(&c->lane[0], IPC_FOREVER);
	c->memory.limit = 0;
	lane_slot(&c->lane[0], 0)->turn = 2; /* it goes on */
	put_range(c, 64, 65);
	get_range(fresh, 2, 65);
	channel_close(fresh);
	channel_close(c);
}

static void lane__switcher_died__reader_drains_what_is_there(void **state)
{
	struct channel *c = test_channel(0);
	uint64_t        n;

	put_range(c, 0, 100);
	ctl_of(c)->tail |= RING_SWITCHING;
	get_range(c, 0, 100);
	check_r(test_get_number(c, &n), -EAGAIN);
	check_ok(test_put_number(c, 7));
	check_r(test_get_number(c, &n), sizeof(n));
	channel_close(c);
}

static void lane__shut_down_while_switching__stays_shut(void **state)
{
	const struct call call = {.op = OP_GET, .timeout = IPC_NOW};
	struct channel   *c = test_channel(0);
	uint64_t          n;

	put_range(c, 0, 3);
	ctl_of(c)->tail |= RING_SWITCHING;
	channel_shutdown(c, 0);
	check_r(test_put_number(c, 4), -EPIPE);
	get_range(c, 0, 3);
	check_r(channel_get(c, &call, &n, sizeof(n)), -EPIPE);
	channel_close(c);
}

/* ---- positions -------------------------------------------------------------------------------------------- */

static void lane_slot__any_queued_position__is_its_slot(void **state)
{
	struct channel *c = test_channel(0);
	uint64_t        n;

	put_range(c, 0, 10000);
	registry_lock();
	for (uint64_t pos = 0; pos < 10000; pos++) {
		const struct slot *s = lane_slot(&c->lane[0], pos);

		check(s && s->turn == 2 * pos + 1);
		memcpy(&n, s->inline_data, sizeof(n));
		check_eq(n, pos);
	}
	registry_unlock();
	channel_close(c);
}

/* ---- the registry is not to be had ------------------------------------------------------------------------ */

_Noreturn static int hold_registry(void *arg)
{
	registry_lock();
	__atomic_store_n((bool *)arg, true, __ATOMIC_RELEASE);
	for (;;)
		(void)pause();
}

/* Nothing has been received yet, so a look has to find the slots first, under the lock. */
static void lane__registry_held_by_somebody_stopped__who_must_not_wait_is_told_eagain(void **state)
{
	struct channel *c = test_channel(0);
	bool           *held = test_shared(sizeof(*held));
	uint64_t        n;
	pid_t           pid;

	check_ok(test_put_number(c, 7));
	pid = test_fork(hold_registry, held);
	check(wait_until(__atomic_load_n(held, __ATOMIC_ACQUIRE), 30));
	check_r(channel_peek(c, 0), -EAGAIN);
	check_r(test_get_number(c, &n), -EAGAIN);
	test_kill(pid);
	check_r(channel_peek(c, 0), sizeof(n));
	check_r(test_get_number(c, &n), sizeof(n));
	check_eq(n, 7);
	channel_close(c);
}

struct holder {
	struct channel *c;
	bool           *held;
};

_Noreturn static int own_and_hold_registry(void *arg)
{
	const struct holder *h = arg;
	uint64_t             n;

	check_r(test_get_number(h->c, &n), sizeof(n));
	(void)hold_registry(h->held);
	abort();
}

/* To pass over what a dead writer left takes the side, and that the lock. */
static void channel_peek__registry_held_and_the_head_abandoned__is_told_eagain(void **state)
{
	struct channel *c = test_channel(0);
	struct holder   h = {.c = c, .held = test_shared(sizeof(bool))};
	uint64_t        n;
	pid_t           pid;

	put_range(c, 0, 3);
	lane_slot(&c->lane[0], 1)->flags = SLOT_ABANDONED;
	check_r(channel_peek(c, 0), sizeof(n));
	pid = test_fork(own_and_hold_registry, &h);
	check(wait_until(__atomic_load_n(h.held, __ATOMIC_ACQUIRE), 30));
	check_r(channel_peek(c, 0), -EAGAIN);
	test_kill(pid);
	check_r(channel_peek(c, 0), sizeof(n));
	get_range(c, 2, 3);
	channel_close(c);
}

static void channel_poll__registry_held_and_the_head_abandoned__keeps_its_limit(void **state)
{
	const struct call call = {.op = OP_GET, .timeout = IPC_MSEC(500)};
	struct channel   *c = test_channel(0);
	struct holder     h = {.c = c, .held = test_shared(sizeof(bool))};
	pid_t             pid;

	put_range(c, 0, 3);
	lane_slot(&c->lane[0], 1)->flags = SLOT_ABANDONED;
	check_r(channel_peek(c, 0), 8);
	pid = test_fork(own_and_hold_registry, &h);
	check(wait_until(__atomic_load_n(h.held, __ATOMIC_ACQUIRE), 30));
	check_r(channel_poll(c, &call), 0);
	test_kill(pid);
	check_r(channel_poll(c, &call), 1);
	channel_close(c);
}

/* ---- what is said while it waits ----------------------------------------------------------------- */

static void *do_nothing(void *arg)
{
	while (!__atomic_load_n((bool *)arg, __ATOMIC_ACQUIRE))
		(void)sched_yield();
	return NULL;
}

/* Siblings wait for who is in the midst of a claim; who waits for room is not. */
static void put__finds_it_full__names_no_position(void **state)
{
	const struct call call = {.op = OP_PUT, .timeout = IPC_SEC(1)};
	struct channel   *c = test_channel(4);
	bool              go = false;
	pthread_t         t = test_thread(do_nothing, &go); /* so it is not the only thread */
	struct transfer   x;
	uint64_t          n = 4;

	put_range(c, 0, 4);
	check_ok(transfer_begin(&x, &putting, c, &call));
	x.from = &n;
	x.len = sizeof(n);
	check_r(putting.try_(&x), -EAGAIN);
	check(x.self->intent.pos == RING_NO_POS);
	__atomic_store_n(&go, true, __ATOMIC_RELEASE);
	check_eq(pthread_join(t, NULL), 0);
	channel_close(c);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lane__more_than_the_array_holds__grows_and_keeps_the_order,
				       setup),
		cmocka_unit_test_setup(lane__bounded__grows_no_further_than_its_capacity, setup),
		cmocka_unit_test_setup(lane__depth_that_goes_up_and_down__stays_in_its_epochs,
				       setup),
		cmocka_unit_test_setup(
			lane_trim__drained__goes_back_to_the_first_size_and_gives_memory_back,
			setup),
		cmocka_unit_test_setup(lane_trim__not_empty__loses_nothing, setup),
		cmocka_unit_test_setup(lane__hundreds_of_thousands__grow_and_go_back_step_by_step,
				       setup),
		cmocka_unit_test_setup(lane__deep_after_a_burst__gives_the_drained_arrays_back,
				       setup),
		cmocka_unit_test_setup(epoch_switch__no_array_to_be_had__keeps_the_empty_one,
				       setup),
		cmocka_unit_test_setup(
			epoch_retire__intent_of_an_epoch_that_went_before__harms_nothing, setup),
		cmocka_unit_test_setup(
			lane__no_small_array_to_step_back_to__goes_on_in_the_large_one, setup),
		cmocka_unit_test_setup(
			channel_peek__registry_held_and_the_head_abandoned__is_told_eagain, setup),
		cmocka_unit_test_setup(lane__no_array_of_the_next_size__goes_on_in_a_larger_one,
				       setup),
		cmocka_unit_test_setup(
			lane__owner_lags_behind_a_switch__looks_at_nothing_given_back, setup),
		cmocka_unit_test_setup(put__waits_for_memory__looks_at_nothing_given_back, setup),
		cmocka_unit_test_setup(epoch_retire__owner_stopped_while_it_copies__keeps_its_array,
				       setup),
		cmocka_unit_test_setup(
			epoch_retire__switcher_died_before_it_said_so__keeps_the_array, setup),
		cmocka_unit_test_setup(lane_step_aside__switcher_died_and_no_memory__loses_nothing,
				       setup),
		cmocka_unit_test_setup(
			channel_poll__registry_held_and_the_head_abandoned__keeps_its_limit, setup),
		cmocka_unit_test_setup(put__finds_it_full__names_no_position, setup),
		cmocka_unit_test_setup(lane__away_for_a_round_of_tags__still_gets_what_is_there,
				       setup),
		cmocka_unit_test_setup(
			lane__switcher_died_after_marking__is_finished_by_the_next_put, setup),
		cmocka_unit_test_setup(
			lane__switcher_died_after_writing_the_epoch__is_finished_by_the_next_put,
			setup),
		cmocka_unit_test_setup(lane__switcher_died__reader_drains_what_is_there, setup),
		cmocka_unit_test_setup(lane__shut_down_while_switching__stays_shut, setup),
		cmocka_unit_test_setup(lane_slot__any_queued_position__is_its_slot, setup),
		cmocka_unit_test_setup(
			lane__registry_held_by_somebody_stopped__who_must_not_wait_is_told_eagain,
			setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
