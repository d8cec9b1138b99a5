/* Objects by their names: found, gone, taken again, whoever dies over it. */

#include "support/test.h"

#include <limits.h>
#include <signal.h>

#include <ipc/queue.h>

#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/names.h"
#include "runtime/object.h"
#include "runtime/process.h"

#define MANY 3000 /* of which some share a chain */

static int setup(void **state)
{
	test_deadline(60);
	check_ok(domain_join());
	return 0;
}

static uint32_t make(const char *prefix, unsigned n)
{
	char               name[32];
	struct object_spec spec = {.kind = KIND_QUEUE, .name = name};
	uint32_t           object;

	(void)snprintf(name, sizeof(name), "%s%u", prefix, n);
	check_ok(object_make(&spec, &object));
	return object;
}

static bool find(const char *prefix, unsigned n, uint32_t *ret)
{
	char name[32];
	bool found;

	(void)snprintf(name, sizeof(name), "%s%u", prefix, n);
	registry_lock();
	found = names_find(name, ret);
	registry_unlock();
	return found;
}

static void names__thousands_of_which_some_go__each_finds_its_own(void **state)
{
	static uint32_t object[MANY];
	uint32_t        found;

	for (unsigned i = 0; i < MANY; i++)
		object[i] = make("n", i);
	for (unsigned i = 0; i < MANY; i += 3)
		object_abandon(object[i]);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(find("n", i, &found), i % 3 != 0);
		assert_true(i % 3 == 0 || found == object[i]);
	}
	for (unsigned i = 0; i < MANY; i++)
		if (i % 3)
			object_abandon(object[i]);
	assert_false(find("n", 1, &found));
}

static void names__given_back_and_taken_again__finds_the_new_one(void **state)
{
	ipc_queue *old, *new, *opened;

	check_ok(ipc_queue_create(&old, "again", NULL));
	check_ok(ipc_queue_unlink("again"));
	check_ok(ipc_queue_create(&new, "again", NULL));
	check_ok(ipc_queue_put(new, "x", 1, IPC_NOW));
	check_ok(ipc_queue_open(&opened, "again"));
	assert_int_equal(ipc_queue_len(opened), 1);
	ipc_queue_close(old); /* which leaves the chain now */
	check_r(ipc_queue_create(&old, "again", NULL), -EEXIST);
	check_ok(ipc_queue_unlink("again"));
	ipc_queue_close(new);
	ipc_queue_close(opened);
}

/* ---- deaths ---------------------------------------------------------------------------------- */

static int make_and_unlink(void *arg)
{
	char       name[32];
	ipc_queue *q;

	for (unsigned i = 0; i < UINT_MAX; i++) { /* until it is killed */
		(void)snprintf(name, sizeof(name), "killed%u", i % 7);
		(void)ipc_queue_unlink(name); /* of who was killed before me */
		check_ok(ipc_queue_create(&q, name, NULL));
		ipc_queue_close(q);
	}
	return 0;
}

/* Is every object with a name in the one chain it belongs to, and nothing else? */
static void check_chains(void)
{
	const uint64_t *first = (uint64_t *)((char *)the_domain.hdr + REGISTRY_NAMES_AT);
	uint64_t        n_named = 0, n_found = 0;

	for (uint64_t i = 0; i < table_used(TABLE_OBJECTS); i++)
		n_named += life_state(object_at(i)->life) != LIFE_FREE &&
			   (object_at(i)->flags & OBJECT_NAMED);
	for (unsigned c = 0; c < NAME_CHAINS; c++)
		for (uint64_t at = first[c]; at; at = object_at(at - 1)->name_next) {
			const struct object_rec *o = object_at(at - 1);

			assert_int_not_equal(life_state(o->life), LIFE_FREE);
			assert_int_equal(o->name_hash % NAME_CHAINS, c);
			n_found += (o->flags & OBJECT_NAMED) != 0;
		}
	assert_int_equal(n_found, n_named);
}

static void names__makers_killed__chains_are_whole_and_names_free(void **state)
{
	char       name[32];
	ipc_queue *q;

	for (unsigned kills = 0; kills < 100; kills++) {
		uint64_t created = load_acquire(&the_domain.hdr->change);
		pid_t    child = test_fork(make_and_unlink, NULL);

		check(wait_until(load_acquire(&the_domain.hdr->change) > created + 20 + kills, 20));
		check_eq(kill(child, SIGKILL), 0);
		check_eq(test_wait(child), -SIGKILL);
		registry_lock();
		process_reap_all();
		check_chains();
		registry_unlock();
	}
	for (unsigned i = 0; i < 7; i++) {
		(void)snprintf(name, sizeof(name), "killed%u", i);
		(void)ipc_queue_unlink(name); /* one that was complete stays */
		check_ok(ipc_queue_create(&q, name, NULL));
		check_ok(ipc_queue_unlink(name));
		ipc_queue_close(q);
	}
}

/* ---- damage ------------------------------------------------------------------------------------ */

static void repair(void)
{
	registry_lock();
	registry_unlock();
	the_domain.hdr->dirty = 1234; /* as who died with the lock leaves it */
	registry_lock();
	registry_unlock();
}

static void check_search_ends(uint64_t link)
{
	uint32_t object = make("damaged", 0), found;

	object_at(object)->name_next = link ? link : (uint64_t)object + 1;
	assert_true(find("damaged", 0, &found));
	object_at(object)->name_hash += NAME_CHAINS; /* in this chain, and not what is looked for */
	assert_false(find("damaged", 0, &found));
	object_at(object)->name_hash -= NAME_CHAINS;
	repair();
	registry_lock();
	check_chains();
	registry_unlock();
	object_abandon(object);
	assert_false(find("damaged", 0, &found));
}

static void names__damaged_chain__the_search_ends_and_repair_mends_it(void **state)
{
	check_search_ends(0); /* a loop */
	check_search_ends(table_used(TABLE_OBJECTS) + 5);
	check_search_ends(UINT64_C(1) << 40);
	check_search_ends(UINT64_MAX);
}

static void names__beginnings_of_chains_lost__repair_finds_all(void **state)
{
	uint32_t object[2] = {make("lost", 0), make("lost", 1)}, found;

	memset((char *)the_domain.hdr + REGISTRY_NAMES_AT, 0, REGISTRY_NAMES_BYTES);
	assert_false(find("lost", 0, &found));
	repair();
	for (unsigned i = 0; i < 2; i++) {
		assert_true(find("lost", i, &found));
		assert_int_equal(found, object[i]);
		object_abandon(object[i]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(names__thousands_of_which_some_go__each_finds_its_own,
				       setup),
		cmocka_unit_test_setup(names__given_back_and_taken_again__finds_the_new_one, setup),
		cmocka_unit_test_setup(names__makers_killed__chains_are_whole_and_names_free,
				       setup),
		cmocka_unit_test_setup(names__damaged_chain__the_search_ends_and_repair_mends_it,
				       setup),
		cmocka_unit_test_setup(names__beginnings_of_chains_lost__repair_finds_all, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
