/*
 * test_observe_live.c - a registry that changes while it is being read
 *
 * Another thread writes nonsense into the file, a word here and a word there, and cuts it
 * and restores it now and then. Whatever comes of a reading, it comes, and soon.
 */

#include "support/test.h"

#include <fcntl.h>

#include <ipc/observe.h>

#include "support/fake_registry.h"

#define READINGS 3000

struct vandal {
	struct fake f;
	int         fd;
	bool        stop;
};

static uint64_t word_of(uint32_t *seed)
{
	static const uint64_t often[] = {0, 1, 2, UINT64_MAX, UINT32_MAX, UINT64_C(7) << 32 | 1};
	uint32_t              n = test_random(seed) % 16;

	return n < N_OF(often) ? often[n] : (uint64_t)test_random(seed) << 32 | test_random(seed);
}

static void *vandalise(void *arg)
{
	struct vandal *v = arg;
	uint32_t       seed = 17;

	for (unsigned i = 0; !__atomic_load_n(&v->stop, __ATOMIC_RELAXED); i++) {
		uint64_t word = word_of(&seed);
		off_t    at = (off_t)(test_random(&seed) % (FAKE_BYTES / 8)) * 8;

		if (i % 8 == 0) /* the header is small, and everything hangs on it */
			at = (off_t)(test_random(&seed) % 128) * 8;
		check_eq(pwrite(v->fd, &word, sizeof(word), at), sizeof(word));
		if (i % 512 == 511)
			check_eq(ftruncate(v->fd, at), 0);
		if (i % 64 == 63)
			check_eq(pwrite(v->fd, v->f.bytes, FAKE_BYTES, 0), FAKE_BYTES);
	}
	return NULL;
}

static void make_domain(struct fake *f)
{
	uint32_t a, b;

	fake_make(f);
	for (int i = 0; i < 4; i++)
		(void)fake_process(f, "live");
	a = fake_object(f, KIND_PIPE, 0, "a");
	b = fake_object(f, KIND_JOINABLE, OBJECT_JOINABLE | OBJECT_NAMED, "b");
	for (uint32_t p = 0; p < 4; p++) {
		(void)fake_end(f, p, a, p % 2 ? RIGHT_SEND0 | RIGHT_RECV1 : RIGHT_RECV0);
		(void)fake_end(f, p, b, RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE);
	}
	fake_wait(f, 0, OP_RECV, a, 0);
	fake_wait(f, 1, OP_JOIN, b, 0);
	fake_fill(f, b, 0, 3, 4);
	fake_write(f);
}

static void read_for_a_while(const char *dir)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o = NULL;
	unsigned                   n_read = 0;

	for (unsigned i = 0; i < test_rounds(READINGS); i++) {
		uint64_t began = test_now();
		int      r = o ? 0 : ipc_observer_open_dir(&o, dir);

		if (r == 0)
			r = ipc_observer_read(o, &s);
		check(test_now() - began < UINT64_C(10000000000));
		n_read += r == 0;
		if (r < 0 && o)
			o = ipc_observer_close(o);
	}
	check(n_read > 0); /* or it was no test */
	o = ipc_observer_close(o);
}

static void observer_read__registry_changes_meanwhile__comes_back(void **state)
{
	struct vandal *v = calloc(1, sizeof(*v));
	char           path[300];
	pthread_t      t;

	check(v);
	test_deadline(110);
	make_domain(&v->f);
	(void)snprintf(path, sizeof(path), "%s/%s", v->f.dir, REGISTRY_FILE);
	v->fd = open(path, O_RDWR | O_CLOEXEC);
	check(v->fd >= 0);
	t = test_thread(vandalise, v);
	read_for_a_while(v->f.dir);
	__atomic_store_n(&v->stop, true, __ATOMIC_RELAXED);
	test_join_thread(t);
	(void)close(v->fd);
	fake_remove(&v->f);
	free(v);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(observer_read__registry_changes_meanwhile__comes_back)};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_live", tests, NULL, NULL);
}
