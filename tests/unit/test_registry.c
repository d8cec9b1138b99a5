/* The registry file: made, checked before it is believed, and grown in steps. */

#include "support/test.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/lock.h"
#include "runtime/registry.h"
#include "runtime/thread.h"
#include "support/channel.h"

static int setup(void **state)
{
	test_deadline(60);
	(void)unsetenv("IPC_MAX_PROCESSES");
	(void)unsetenv("IPC_MAX_OBJECTS");
	test_new_ipc_dir();
	return 0;
}

static const char *registry_path(void)
{
	static char path[600];

	(void)snprintf(path, sizeof(path), "%s/default/" REGISTRY_FILE, test_ipc_dir());
	return path;
}

/* Each case joins in a process of its own. */

/* Make a domain that stays: there is a named object in it. */
static int make_domain(void *arg)
{
	struct object_spec spec = {.kind = KIND_SHM, .name = "kept", .size_bytes = 1};
	struct handle      h;
	uint32_t           object;

	check_ok(object_make(&spec, &object));
	check_ok(object_publish(object, &h, RIGHT_MAP));
	object_close(&h);
	return 0;
}

static void read_header(struct registry_header *h)
{
	int fd = open(registry_path(), O_RDONLY | O_CLOEXEC);

	check(fd >= 0);
	check_eq(pread(fd, h, sizeof(*h), 0), sizeof(*h));
	check_eq(close(fd), 0);
}

static void write_header(const struct registry_header *h)
{
	int fd = open(registry_path(), O_RDWR | O_CLOEXEC);

	check(fd >= 0);
	check_eq(pwrite(fd, h, sizeof(*h), 0), sizeof(*h));
	check_eq(close(fd), 0);
}

static int join_is(void *arg)
{
	int want = *(int *)arg;

	check_r(domain_join(), want);
	if (want < 0)
		check_explains(registry_path());
	return 0;
}

/* ---- making --------------------------------------------------------------------------------------- */

static void registry_create__defaults__has_room_for_what_is_promised(void **state)
{
	struct registry_header h;
	struct stat            st;

	check_child(make_domain, NULL);
	read_header(&h);
	assert_true(h.magic == REGISTRY_MAGIC);
	assert_int_equal(h.major, REGISTRY_MAJOR);
	assert_int_equal(h.minor, REGISTRY_MINOR);
	assert_int_equal(h.header_bytes, sizeof(h));
	assert_int_equal(h.word_bytes, 8);
	assert_int_equal(h.state, DOMAIN_READY);
	assert_true(h.nonce != 0 && h.created_mono_ns > 0 && h.created_real_ns > 0);
	assert_int_equal(h.dirty, 0);
	assert_true(h.table[TABLE_PROCESSES].capacity >= 1000);
	assert_true(h.table[TABLE_OBJECTS].capacity >= 10000);
	assert_true(h.table[TABLE_THREADS].capacity >= 16 * h.table[TABLE_PROCESSES].capacity);
	assert_int_equal(stat(registry_path(), &st), 0);
	assert_true((uint64_t)st.st_blocks * 512 < 1 << 20); /* what is not used yet is not real */
	for (int i = 0; i < N_TABLES; i++) {
		const struct table_desc *t = &h.table[i];
		uint64_t                 end = t->offset + t->stride * t->capacity;

		assert_true(t->offset >= REGISTRY_TABLES_AT && t->offset % 4096 == 0);
		assert_true(t->ready > 0 && t->ready <= t->capacity && t->used <= t->ready);
		assert_true(end <= (uint64_t)st.st_size);
		assert_true(i + 1 == N_TABLES || end <= h.table[i + 1].offset);
	}
}

static void registry_create__limits_from_the_environment__are_the_capacities(void **state)
{
	struct registry_header h;

	(void)setenv("IPC_MAX_PROCESSES", "7", 1);
	(void)setenv("IPC_MAX_OBJECTS", "11", 1);
	check_child(make_domain, NULL);
	read_header(&h);
	assert_int_equal(h.table[TABLE_PROCESSES].capacity, 7);
	assert_int_equal(h.table[TABLE_PROCESS_LABELS].capacity, 7);
	assert_int_equal(h.table[TABLE_OBJECTS].capacity, 11);
	assert_int_equal(h.table[TABLE_OBJECT_LABELS].capacity, 11);
	assert_true(h.table[TABLE_ENDS].capacity == h.table[TABLE_HISTOGRAMS].capacity);
	/* they are the maker's: a later process's environment changes nothing */
	(void)setenv("IPC_MAX_OBJECTS", "500", 1);
	check_child(join_is, &(int){0});
	read_header(&h);
	assert_int_equal(h.table[TABLE_OBJECTS].capacity, 11);
}

/* ---- checking ------------------------------------------------------------------------------------- */

static void check_join(const struct registry_header *h, int want)
{
	struct registry_header after;

	write_header(h);
	check_child(join_is, &want);
	if (want == 0)
		return;
	read_header(&after);
	assert_memory_equal(h, &after, sizeof(after)); /* who is refused touches nothing */
}

static void registry_map__foreign_magic_version_or_word__is_refused(void **state)
{
	struct registry_header good, h;

	check_child(make_domain, NULL);
	read_header(&good);
	h = good;
	h.magic = __builtin_bswap64(h.magic); /* another endianness */
	check_join(&h, -EBADMSG);
	h = good;
	h.magic++;
	check_join(&h, -EBADMSG);
	h = good;
	h.major++;
	check_join(&h, -EPROTO);
	h = good;
	h.word_bytes = 4;
	check_join(&h, -EPROTO);
	h = good;
	h.minor++;
	check_join(&h, 0);
}

static void registry_map__table_that_cannot_be__is_ebadmsg(void **state)
{
	struct registry_header good, h;
	struct stat            st;

	check_child(make_domain, NULL);
	read_header(&good);
	assert_int_equal(stat(registry_path(), &st), 0);
	for (int i = 0; i < N_TABLES; i++) {
		const struct {
			uint64_t *word;
			uint64_t  value;
		} bad[] = {
			{&h.table[i].stride, 0},
			{&h.table[i].stride, good.table[i].stride - 8},
			{&h.table[i].stride, good.table[i].stride + 4},
			{&h.table[i].stride, UINT64_C(1) << 40},
			{&h.table[i].stride, UINT64_MAX},
			{&h.table[i].offset, 0},
			{&h.table[i].offset, 8},
			{&h.table[i].offset, good.table[i].offset + 4},
			{&h.table[i].offset, (uint64_t)st.st_size},
			{&h.table[i].offset, (uint64_t)st.st_size - 8},
			{&h.table[i].offset, UINT64_MAX - 7},
			{&h.table[i].capacity, 0},
			{&h.table[i].capacity, UINT64_C(1) << 50},
			{&h.table[i].capacity, UINT64_MAX},
			{&h.table[i].ready, good.table[i].capacity + 1},
			{&h.table[i].ready, UINT64_MAX},
			{&h.table[i].used, good.table[i].ready + 1},
			{&h.table[i].used, UINT64_MAX},
			/* on top of another table */
			{&h.table[i].offset, good.table[(i + 1) % N_TABLES].offset},
		};

		for (size_t k = 0; k < N_OF(bad); k++) {
			h = good;
			*bad[k].word = bad[k].value;
			check_join(&h, -EBADMSG);
		}
	}
	write_header(&good);
}

/* Labels and histograms share their index with another table, so they must be as long as it. */
static int use_or_be_refused(void *arg)
{
	struct channel_spec spec = {
		.object = {.kind = KIND_QUEUE}, .n_rings = 1, .rights = RIGHT_SEND0};
	struct channel *c;
	int             r = domain_join();

	if (r == 0) {
		r = channel_create(&c, &spec);
		if (r == -ENOBUFS)
			return 0; /* as full as it looks */
		check_ok(r);
		check_ok(test_put_number(c, 1));
		channel_close(c);
	} else {
		check_r(r, -EBADMSG);
		check_explains(registry_path());
	}
	return 0;
}

static void registry_map__companion_table_too_short__is_refused_or_mended(void **state)
{
	static const enum table_id companion[] = {TABLE_PROCESS_LABELS, TABLE_OBJECT_LABELS,
						  TABLE_HISTOGRAMS, TABLE_FAILURES, TABLE_PASTS};
	struct registry_header     good, h;

	check_child(make_domain, NULL);
	read_header(&good);
	for (size_t i = 0; i < N_OF(companion); i++) {
		h = good;
		h.table[companion[i]].ready = h.table[companion[i]].used = 0;
		write_header(&h);
		check_child(use_or_be_refused, NULL);
		h = good;
		h.table[companion[i]].capacity = h.table[companion[i]].ready = 1;
		h.table[companion[i]].used = 1;
		write_header(&h);
		check_child(use_or_be_refused, NULL);
	}
}

static int join_and_find_nothing(void *arg)
{
	struct handle h;

	check_ok(domain_join());
	check_r(object_open("kept", 1u << KIND_SHM, &h, RIGHT_MAP), -ENOENT);
	return 0;
}

static void domain_join__retired_registry_left_by_a_killed_leaver__makes_a_new_one(void **state)
{
	struct registry_header h;

	check_child(make_domain, NULL);
	read_header(&h);
	h.state = DOMAIN_RETIRED;
	write_header(&h);
	check_child(join_and_find_nothing, NULL);
	assert_int_equal(test_count_files(test_ipc_dir()), 0);
}

static void domain_join__killed_between_the_files__goes_on(void **state)
{
	static const char *const left[] = {ALIVE_FILE, FORK_FILE, REGISTRY_FILE ".new"};
	char                     path[600];

	for (size_t i = 0; i < N_OF(left); i++) {
		int fd;

		(void)snprintf(path, sizeof(path), "%s/default", test_ipc_dir());
		assert_int_equal(mkdir(path, 0700), 0);
		(void)snprintf(path, sizeof(path), "%s/default/%s", test_ipc_dir(), left[i]);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, "half", i == 2 ? 4 : 0), i == 2 ? 4 : 0);
		assert_int_equal(close(fd), 0);
		check_child(join_is, &(int){0});
		assert_int_equal(test_count_files(test_ipc_dir()), 0);
	}
}

/* ---- tables ---------------------------------------------------------------------------------------- */

static void claim(enum table_id table, uint32_t index)
{
	uint64_t *life = table_at(table, index);

	*life = life_make(life_gen(*life), LIFE_LIVE);
}

static int alloc_and_free(void *arg)
{
	uint64_t *life;
	uint32_t  index[1000], again;

	check_ok(domain_join());
	registry_lock();
	for (uint32_t i = 0; i < N_OF(index); i++) { /* more than one step */
		check_ok(table_alloc(TABLE_OBJECTS, &index[i]));
		claim(TABLE_OBJECTS, index[i]);
		for (uint32_t k = i; k-- > 0 && i < 200;)
			check(index[k] != index[i]);
	}
	life = table_at(TABLE_OBJECTS, index[500]);
	check_eq(life_gen(*life), 0);
	table_free(TABLE_OBJECTS, index[500]);
	check_eq(life_state(*life), LIFE_FREE);
	check_eq(life_gen(*life), 1); /* a stale reference never matches again */
	check_ok(table_alloc(TABLE_OBJECTS, &again));
	check_eq(again, index[500]);
	for (uint32_t i = 0; i < N_OF(index); i++)
		if (i != 500)
			table_free(TABLE_OBJECTS, index[i]);
	registry_unlock();
	return 0;
}

static void table_alloc__any_number__gives_each_record_once(void **state)
{
	check_child(alloc_and_free, NULL);
}

static int wrap_generation(void *arg)
{
	uint64_t *life;
	uint32_t  index;

	check_ok(domain_join());
	registry_lock();
	check_ok(table_alloc(TABLE_OBJECTS, &index));
	life = table_at(TABLE_OBJECTS, index);
	*life = life_make(0x3fffffff, LIFE_LIVE);
	table_free(TABLE_OBJECTS, index);
	check_eq(life_gen(*life), 0); /* below 2^30, always */
	check(table_at(TABLE_OBJECTS, UINT64_MAX) == NULL);
	check(table_at(TABLE_OBJECTS, ref_index(0)) == NULL);
	registry_unlock();
	return 0;
}

static void table_free__last_generation__begins_anew(void **state)
{
	check_child(wrap_generation, NULL);
}

static int fill_table(void *arg)
{
	uint32_t index, last = 0;
	int      r = 0, n = 0;

	check_ok(domain_join());
	registry_lock();
	while ((r = table_alloc(TABLE_OBJECTS, &index)) == 0) {
		claim(TABLE_OBJECTS, index);
		last = index;
		n++;
	}
	check_r(r, -ENOBUFS);
	check_explains("IPC_MAX_OBJECTS");
	check_explains("37");
	check_eq(n, 37);
	table_free(TABLE_OBJECTS, last);
	check_ok(table_alloc(TABLE_OBJECTS, &index));
	check_eq(index, last);
	for (uint32_t i = 0; i < 37; i++)
		table_free(TABLE_OBJECTS, i);
	registry_unlock();
	return 0;
}

static void table_alloc__full__is_enobufs_and_names_what_to_raise(void **state)
{
	(void)setenv("IPC_MAX_OBJECTS", "37", 1);
	check_child(fill_table, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(registry_create__defaults__has_room_for_what_is_promised,
				       setup),
		cmocka_unit_test_setup(
			registry_create__limits_from_the_environment__are_the_capacities, setup),
		cmocka_unit_test_setup(registry_map__foreign_magic_version_or_word__is_refused,
				       setup),
		cmocka_unit_test_setup(registry_map__table_that_cannot_be__is_ebadmsg, setup),
		cmocka_unit_test_setup(
			registry_map__companion_table_too_short__is_refused_or_mended, setup),
		cmocka_unit_test_setup(
			domain_join__retired_registry_left_by_a_killed_leaver__makes_a_new_one,
			setup),
		cmocka_unit_test_setup(domain_join__killed_between_the_files__goes_on, setup),
		cmocka_unit_test_setup(table_alloc__any_number__gives_each_record_once, setup),
		cmocka_unit_test_setup(table_free__last_generation__begins_anew, setup),
		cmocka_unit_test_setup(table_alloc__full__is_enobufs_and_names_what_to_raise,
				       setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
