#include "support/test.h"

#include "object/heap.h"
#include "runtime/thread.h"
#include "support/channel.h"

#define SELF 4711 /* any reference will do for an owner */

static int setup(void **state)
{
	test_deadline(60);
	*state = test_channel(0);
	return 0;
}

static int teardown(void **state)
{
	channel_close(*state);
	return 0;
}

static struct memory *memory_of(void **state)
{
	return &((struct channel *)*state)->memory;
}

static void heap_alloc__any_length__is_owned_and_found_by_name(void **state)
{
	static const uint64_t len[] = {1, 97, 256, 257, 4096, 70000, 1 << 20};
	struct memory        *m = memory_of(state);

	for (size_t i = 0; i < N_OF(len); i++) {
		struct block b, found;

		check_ok(heap_alloc(m, 0, len[i], SELF, IPC_FOREVER, &b));
		assert_true(*b.owner == SELF);
		assert_true(heap_block_bytes(b.class_) >= len[i]);
		memset(b.data, 0xaa, len[i]);
		check_ok(heap_find(m, 0, heap_name(&b), &found));
		assert_ptr_equal(found.data, b.data);
		assert_ptr_equal(found.owner, b.owner);
		heap_free(&b);
		assert_true(*b.owner == BLOCK_FREE);
	}
}

static void heap_alloc__impossibly_long__is_enospc(void **state)
{
	struct block b;

	assert_int_equal(heap_alloc(memory_of(state), 0, UINT64_C(1) << 62, SELF, IPC_FOREVER, &b),
			 -ENOSPC);
}

static void heap_find__name_of_nothing__is_ebadmsg(void **state)
{
	struct block b;

	assert_int_equal(heap_find(memory_of(state), 0, 0, &b), -EBADMSG);
	assert_int_equal(heap_find(memory_of(state), 0, UINT64_MAX, &b), -EBADMSG);
	assert_int_equal(heap_find(memory_of(state), 0, UINT64_C(200) << 56, &b), -EBADMSG);
}

static void heap_alloc__many__never_the_same_twice(void **state)
{
	enum { N = 3000 };
	struct memory *m = memory_of(state);
	struct block  *b = calloc(N, sizeof(*b));

	assert_non_null(b);
	for (uint32_t i = 0; i < N; i++) {
		check_ok(heap_alloc(m, 0, i % 3 ? 200 : 3000, SELF, IPC_FOREVER, &b[i]));
		test_pattern(b[i].data, 200, i);
	}
	for (uint32_t i = 0; i < N; i++)
		assert_true(test_pattern_is(b[i].data, 200, i));
	for (uint32_t i = 0; i < N; i++)
		heap_free(&b[i]);
	free(b);
}

static void heap_alloc__freed_ones__are_used_again(void **state)
{
	struct memory *m = memory_of(state);
	struct block   b;
	uint64_t       made;

	check_ok(heap_alloc(m, 0, 1000, SELF, IPC_FOREVER, &b));
	made = m->ring[0].dir->heap[b.class_].ready;
	heap_free(&b);
	for (uint64_t i = 0; i < 3 * made; i++) {
		check_ok(heap_alloc(m, 0, 1000, SELF, IPC_FOREVER, &b));
		heap_free(&b);
	}
	assert_true(m->ring[0].dir->heap[b.class_].ready == made);
}

/* ---- how much work it is ------------------------------------------------------------------------------- */

static uint64_t looks(const struct memory *m)
{
	return m->ring[0].cursor[heap_class_for(200)].looks;
}

static uint64_t made(const struct memory *m)
{
	return m->ring[0].dir->heap[heap_class_for(200)].ready;
}

static struct block *alloc_many(struct memory *m, unsigned n)
{
	struct block *b = calloc(n, sizeof(*b));

	assert_non_null(b);
	for (unsigned i = 0; i < n; i++)
		check_ok(heap_alloc(m, 0, 200, SELF, IPC_FOREVER, &b[i]));
	return b;
}

static void heap_alloc__a_hundred_thousand_in_use__looks_at_few(void **state)
{
	enum { N = 100000, MOST = 20000 };
	struct memory *m = memory_of(state);
	uint64_t       before, worst = 0;
	struct block   b;

	for (unsigned i = 0; i < N; i++) {
		before = looks(m);
		check_ok(heap_alloc(m, 0, 200, SELF, IPC_FOREVER, &b));
		if (looks(m) - before > worst)
			worst = looks(m) - before;
	}
	assert_in_range(worst, 1, MOST);
	assert_in_range(looks(m) / N, 0, 16);
}

static void heap_alloc__free_ones_far_away__are_found_again(void **state)
{
	enum { N = 100000, FREE = 30000 };
	struct memory *m = memory_of(state);
	struct block  *b = alloc_many(m, N), more;
	uint64_t       before = made(m);

	for (unsigned i = 0; i < FREE; i++)
		heap_free(&b[60000 + i]);
	for (unsigned i = 0; i < FREE + 20000; i++)
		check_ok(heap_alloc(m, 0, 200, SELF, IPC_FOREVER, &more));
	/* an eighth more than were needed, and the steps that the search began and ended with */
	assert_in_range(made(m), before, N + 20000 + N / 8 + 4096);
	free(b);
}

static void heap_alloc__after_a_burst__uses_few_blocks(void **state)
{
	enum { N = 20000 };
	struct memory *m = memory_of(state);
	struct block  *b = alloc_many(m, N), one;

	for (unsigned i = 0; i < N; i++)
		heap_free(&b[i]);
	while (heap_trim(m, 0, SELF + 1))
		;
	for (unsigned i = 0; i < N; i++) {
		check_ok(heap_alloc(m, 0, 200, SELF, IPC_FOREVER, &one));
		assert_in_range(one.index, 0, 255);
		heap_free(&one);
	}
	free(b);
}

/* ---- of the dead ------------------------------------------------------------------------------------ */

static void heap_sweep__blocks_of_one_owner__are_free_and_no_others(void **state)
{
	struct memory *m = memory_of(state);
	struct block   mine[20], other[20], b;

	for (size_t i = 0; i < N_OF(mine); i++) {
		check_ok(heap_alloc(m, 0, i % 2 ? 200 : 5000, SELF, IPC_FOREVER, &mine[i]));
		check_ok(heap_alloc(m, 0, i % 2 ? 200 : 5000, SELF + 1, IPC_FOREVER, &other[i]));
	}
	heap_sweep(m, 0, SELF);
	for (size_t i = 0; i < N_OF(mine); i++) {
		assert_true(*mine[i].owner == BLOCK_DROPPED || *mine[i].owner == BLOCK_FREE);
		assert_true(*other[i].owner == SELF + 1);
	}
	heap_sweep(m, 0, SELF);                   /* again is no harm */
	for (size_t i = 0; i < N_OF(mine); i++) { /* they can be had again */
		check_ok(heap_alloc(m, 0, i % 2 ? 200 : 5000, SELF, IPC_FOREVER, &b));
		assert_true(*b.owner == SELF);
	}
	for (size_t i = 0; i < N_OF(other); i++)
		assert_true(*other[i].owner == SELF + 1);
}

/* Who claimed position 0 has counted its block and not put its name to it; 1 is queued. */
static void heap_recount__taken_and_not_yet_named__is_not_counted(void **state)
{
	struct channel  *c = *state;
	struct ring_ctl *ctl = c->lane[0].ctl;
	struct block     b[2];

	for (uint64_t i = 0; i < 2; i++) {
		check_ok(heap_alloc(&c->memory, 0, 5000, SELF, IPC_FOREVER, &b[i]));
		*b[i].owner = BLOCK_QUEUED | i;
		ctl->heap_in += heap_block_bytes(b[i].class_);
	}
	ctl->tail += 2;
	ctl->head += 1;
	ctl->heap_out += heap_block_bytes(b[0].class_);
	check(heap_recount(&c->memory, 0, ctl));
	check_eq(ring_heap_bytes(ctl->heap_in, ctl->heap_out, ctl->heap_fix),
		 heap_block_bytes(b[1].class_));
}

/* ---- trimming ----------------------------------------------------------------------------------------- */

static void heap_trim__free_blocks__are_dropped_and_come_again_zeroed(void **state)
{
	enum { N = 40, LEN = 65536 };
	struct memory *m = memory_of(state);
	struct block   b[N], kept;
	uint64_t       before, after;

	check_ok(heap_alloc(m, 0, LEN, SELF, IPC_FOREVER, &kept));
	test_pattern(kept.data, LEN, 1);
	assert_false(heap_worth_trimming(m, 0));
	for (int i = 0; i < N; i++) {
		check_ok(heap_alloc(m, 0, LEN, SELF, IPC_FOREVER, &b[i]));
		memset(b[i].data, 1, LEN);
	}
	assert_true(heap_worth_trimming(m, 0));
	for (int i = 0; i < N; i++)
		heap_free(&b[i]);
	before = test_disk_usage(test_ipc_dir());
	while (heap_trim(m, 0, SELF + 1))
		;
	after = test_disk_usage(test_ipc_dir());
	assert_true(after + N * LEN <= before);
	assert_true(test_pattern_is(kept.data, LEN, 1)); /* that one is in use */
	for (int i = 0; i < N; i++)
		assert_true(*b[i].owner == BLOCK_DROPPED);
	for (int i = 0; i < N; i++) {
		check_ok(heap_alloc(m, 0, LEN, SELF, IPC_FOREVER, &b[i]));
		memset(b[i].data, 2, LEN);
	}
	assert_true(test_disk_usage(test_ipc_dir()) >= after + N * LEN);
	assert_true(test_pattern_is(kept.data, LEN, 1));
}

static void heap_trim__small_blocks__go_back_by_pages_that_are_all_free(void **state)
{
	enum { N = 4096 };
	struct memory *m = memory_of(state);
	struct block  *b = alloc_many(m, N), again;
	uint64_t       before, after, steps = 0;

	for (uint32_t i = 0; i < N; i++) {
		test_pattern(b[i].data, 200, i);
		if (i % 64) /* of every fourth page one block stays in use */
			heap_free(&b[i]);
	}
	before = test_disk_usage(test_ipc_dir());
	while (heap_trim(m, 0, SELF + 1))
		assert_in_range(++steps, 0, 100);
	after = test_disk_usage(test_ipc_dir());
	assert_in_range(after, 0, before - N * 256 * 3 / 4);
	for (uint32_t i = 0; i < N; i++) {
		if (i % 64 < 16)
			assert_true(*b[i].owner == (i % 64 ? BLOCK_FREE : SELF));
		else
			assert_true(*b[i].owner == BLOCK_DROPPED);
		assert_true(i % 64 || test_pattern_is(b[i].data, 200, i));
	}
	for (uint32_t i = 0; i < N - N / 64; i++) { /* real again, and nobody else's */
		check_ok(heap_alloc(m, 0, 200, SELF + 2, IPC_FOREVER, &again));
		memset(again.data, 7, 256);
	}
	assert_in_range(test_disk_usage(test_ipc_dir()), after + N * 256 * 3 / 4, before);
	for (uint32_t i = 0; i < N; i += 64)
		assert_true(test_pattern_is(b[i].data, 200, i));
	free(b);
}

static void heap_trim__much_that_is_free__goes_back_step_by_step(void **state)
{
	enum { N = 40000, MOST = 1200000 };
	struct memory *m = memory_of(state);
	struct block  *b = alloc_many(m, N);
	uint64_t       before = test_disk_usage(test_ipc_dir()), after = before, now;
	bool           more = true;

	for (uint32_t i = 0; i < N; i++)
		heap_free(&b[i]);
	for (unsigned steps = 0; more; steps++) {
		assert_in_range(steps, 0, 100);
		more = heap_trim(m, 0, SELF + 1);
		now = test_disk_usage(test_ipc_dir());
		assert_in_range(after - now, 0, MOST);
		after = now;
	}
	assert_in_range(after, 0, before - (uint64_t)N * 256);
	free(b);
}

/* ---- threads --------------------------------------------------------------------------------------------- */

struct worker {
	struct memory *m;
	ref            me;
};

static void *alloc_and_free(void *arg)
{
	struct worker *w = arg;
	uint32_t       seed = (uint32_t)w->me;
	struct block   held[8];
	uint64_t       len[8] = {0};

	for (unsigned i = 0; i < test_rounds(40000); i++) {
		unsigned k = test_random(&seed) % N_OF(held);

		if (len[k]) {
			check(load_relaxed(held[k].owner) == w->me);
			check(test_pattern_is(held[k].data, 100, (uint32_t)(w->me + len[k])));
			heap_free(&held[k]);
			len[k] = 0;
		} else {
			len[k] = 100 + test_random(&seed) % 2000;
			check_ok(heap_alloc(w->m, 0, len[k], w->me, IPC_FOREVER, &held[k]));
			test_pattern(held[k].data, 100, (uint32_t)(w->me + len[k]));
		}
		if (i % 5000 == 0)
			(void)heap_trim(w->m, 0, w->me + 100);
	}
	for (size_t k = 0; k < N_OF(held); k++)
		if (len[k])
			heap_free(&held[k]);
	return NULL;
}

static void heap_alloc__many_threads__never_the_same_for_two(void **state)
{
	struct worker w[4];
	pthread_t     t[4];

	for (size_t i = 0; i < N_OF(t); i++) {
		w[i] = (struct worker){.m = memory_of(state), .me = SELF + i};
		t[i] = test_thread(alloc_and_free, &w[i]);
	}
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
}

/* Who goes through all blocks does it under the registry's lock: what a file says must not keep it. */
static void heap_sweep__more_blocks_said_than_there_are__ends(void **state)
{
	struct memory  *m = memory_of(state);
	struct ring_ctl ctl = {0};
	struct block    b;
	uint64_t       *ready, made;

	check_ok(heap_alloc(m, 0, 1000, SELF, IPC_FOREVER, &b));
	ready = &m->ring[0].dir->heap[b.class_].ready;
	made = *ready;
	*ready = UINT64_C(1) << 62;
	assert_true(heap_recount(m, 0, &ctl));
	(void)heap_squeeze(m, 0, SELF + 1, UINT64_MAX);
	while (heap_trim(m, 0, SELF + 1))
		;
	(void)heap_sweep(m, 0, SELF);
	assert_true(*b.owner == BLOCK_FREE);
	*ready = made;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(heap_alloc__any_length__is_owned_and_found_by_name),
		CASE(heap_alloc__impossibly_long__is_enospc),
		CASE(heap_find__name_of_nothing__is_ebadmsg),
		CASE(heap_alloc__many__never_the_same_twice),
		CASE(heap_alloc__freed_ones__are_used_again),
		CASE(heap_alloc__a_hundred_thousand_in_use__looks_at_few),
		CASE(heap_alloc__free_ones_far_away__are_found_again),
		CASE(heap_alloc__after_a_burst__uses_few_blocks),
		CASE(heap_sweep__blocks_of_one_owner__are_free_and_no_others),
		CASE(heap_recount__taken_and_not_yet_named__is_not_counted),
		CASE(heap_sweep__more_blocks_said_than_there_are__ends),
		CASE(heap_trim__free_blocks__are_dropped_and_come_again_zeroed),
		CASE(heap_trim__small_blocks__go_back_by_pages_that_are_all_free),
		CASE(heap_trim__much_that_is_free__goes_back_step_by_step),
		CASE(heap_alloc__many_threads__never_the_same_for_two),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
