#include "support/test.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/lock.h"
#include "support/channel.h"

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

/* ---- classes and windows -------------------------------------------------------------------------- */

static void heap_class_for__any_length__is_the_smallest_that_holds_it(void **state)
{
	for (uint64_t len = 0; len < 100000; len += 1 + len / 97) {
		unsigned c = heap_class_for(len);

		assert_true(heap_block_bytes(c) >= len);
		assert_true(c == 0 || heap_block_bytes(c - 1) < len);
	}
	for (unsigned c = 1; c < HEAP_CLASSES; c++) {
		assert_int_equal(heap_class_for(heap_block_bytes(c)), c);
		assert_int_equal(heap_class_for(heap_block_bytes(c) + 1), c + 1);
		assert_int_equal(heap_class_for(heap_block_bytes(c) - 1), c);
	}
}

static void window_of__every_index__lies_in_one_window_in_order(void **state)
{
	for (unsigned c = 0; c < HEAP_CLASSES; c++) {
		uint64_t index = 0;

		for (unsigned w = 0; w < 6; w++) {
			uint64_t at, n = window_blocks(c, w), step = n / 50 + 1;

			assert_true(n > 0);
			for (uint64_t i = 0; i < n; i += step) {
				assert_int_equal(window_of(c, index + i, &at), w);
				assert_true(at == i);
			}
			assert_int_equal(window_of(c, index + n - 1, &at), w);
			assert_true(at == n - 1);
			index += n;
		}
	}
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

static void memory_block__not_made__is_ebadmsg(void **state)
{
	struct memory *m = memory_of(state);
	uint64_t      *owner;
	unsigned char *block;

	assert_int_equal(memory_block(m, 0, 0, 0, &owner, &block), -EBADMSG);
	assert_int_equal(memory_block(m, 0, HEAP_CLASSES, 0, &owner, &block), -EBADMSG);
	assert_int_equal(memory_block(m, 0, 200, 0, &owner, &block), -EBADMSG);
	assert_int_equal(memory_block(m, 0, 0, UINT64_MAX, &owner, &block), -EBADMSG);
	assert_int_equal(memory_block(m, 0, 3, UINT64_C(1) << 55, &owner, &block), -EBADMSG);
}

static uint64_t grow(struct memory *m, unsigned class_)
{
	registry_lock();
	check_ok(memory_grow_heap(m, 0, class_));
	registry_unlock();
	return m->ring[0].dir->heap[class_].ready;
}

/* Every byte of every block of several classes is its own. */
static void memory_grow_heap__several_classes__no_block_overlaps(void **state)
{
	static const unsigned class_[] = {0, 1, 4, 8, 12};
	struct memory        *m = memory_of(state);
	uint64_t              n[N_OF(class_)], *owner;
	unsigned char        *block;

	for (size_t k = 0; k < N_OF(class_); k++)
		for (int times = 0; times < 4; times++)
			n[k] = grow(m, class_[k]);
	for (size_t k = 0; k < N_OF(class_); k++)
		for (uint64_t i = 0; i < n[k]; i++) {
			check_ok(memory_block(m, 0, class_[k], i, &owner, &block));
			assert_true(*owner == 0 && (uintptr_t)owner % 8 == 0);
			*owner = class_[k] << 20 | i;
			test_pattern(block, heap_block_bytes(class_[k]), (uint32_t)*owner);
		}
	for (size_t k = 0; k < N_OF(class_); k++)
		for (uint64_t i = 0; i < n[k]; i++) {
			check_ok(memory_block(m, 0, class_[k], i, &owner, &block));
			assert_true(*owner == (class_[k] << 20 | i));
			assert_true(test_pattern_is(block, heap_block_bytes(class_[k]),
						    (uint32_t)*owner));
		}
	assert_int_equal(memory_block(m, 0, class_[0], n[0], &owner, &block), -EBADMSG);
}

static uint64_t file_bytes(const struct memory *m)
{
	struct stat st;
	int         fd = object_file(m->object, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(close(fd), 0);
	return (uint64_t)st.st_blocks * 512;
}

static void memory_drop_blocks__then_refill__gives_memory_back_and_has_it_again(void **state)
{
	enum { CLASS = 12 }; /* 1 MiB */
	struct memory *m = memory_of(state);
	uint64_t      *owner, before;
	unsigned char *block;

	(void)grow(m, CLASS);
	check_ok(memory_block(m, 0, CLASS, 0, &owner, &block));
	memset(block, 1, heap_block_bytes(CLASS));
	before = file_bytes(m);
	memory_drop_blocks(m, 0, CLASS, 0, 1);
	assert_true(file_bytes(m) <= before - heap_block_bytes(CLASS));
	check_ok(memory_refill_blocks(m, 0, CLASS, 0, 1));
	assert_true(file_bytes(m) >= before);
	assert_int_equal(block[5000], 0);
}

/* ---- slots ------------------------------------------------------------------------------------------- */

static void memory_slots__shape_not_made__is_null(void **state)
{
	assert_null(memory_slots(memory_of(state), 0, shape_make(20, 0), 1));
	assert_non_null(memory_slots(memory_of(state), 0, shape_make(SLOT_LOG2_MIN, 0), 64));
}

static void memory_grow_slots__again_and_further__keeps_what_is_there(void **state)
{
	struct memory *m = memory_of(state);
	uint64_t       shape = shape_make(12, 1);
	struct slot   *s, *again;

	registry_lock();
	check_ok(memory_grow_slots(m, 0, shape, 0, 1024));
	s = memory_slots(m, 0, shape, 1);
	assert_non_null(s);
	s[1000].turn = 77;
	check_ok(memory_grow_slots(m, 0, shape, 0, 1024));
	check_ok(memory_grow_slots(m, 0, shape, 1024, 4096));
	again = memory_slots(m, 0, shape, 1);
	assert_ptr_equal(s, again);
	assert_true(s[1000].turn == 77);
	s[4095].turn = 78;
	memory_drop_slots(m, 0, shape, 0, 4096);
	assert_true(s[1000].turn == 0 && s[4095].turn == 0);
	registry_unlock();
}

/* ---- the file ------------------------------------------------------------------------------------------ */

static void memory_open__truncated__is_ebadmsg_and_says_what_to_do(void **state)
{
	struct memory *m = memory_of(state), other = {0};
	int            fd = object_file(m->object, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(memory_open(&other, m->object, 1), 0);
	memory_close(&other);
	other = (struct memory){0};
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(memory_open(&other, m->object, 1), -EBADMSG);
	check_explains("truncated");
	assert_int_equal(close(fd), 0);
	/* what is mapped here must not be touched any more: hand it out whole again */
	fd = object_file(m->object, O_RDWR);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(close(fd), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(heap_class_for__any_length__is_the_smallest_that_holds_it),
		CASE(window_of__every_index__lies_in_one_window_in_order),
		CASE(memory_block__not_made__is_ebadmsg),
		CASE(memory_grow_heap__several_classes__no_block_overlaps),
		CASE(memory_drop_blocks__then_refill__gives_memory_back_and_has_it_again),
		CASE(memory_slots__shape_not_made__is_null),
		CASE(memory_grow_slots__again_and_further__keeps_what_is_there),
		CASE(memory_open__truncated__is_ebadmsg_and_says_what_to_do),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
