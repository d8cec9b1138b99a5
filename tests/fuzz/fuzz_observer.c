/*
 * fuzz_observer.c - a domain that nobody would make, read and shown
 *
 * Some processes of it are alive, so that all of the kernel's evidence is asked for, too.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ipc/observe.h>

#include "fuzz/fuzz.h"
#include "fuzz/patch.h"
#include "fuzz/show.h"
#include "support/fake_registry.h"

#define OBJECT_BYTES 65536

static struct fake   fake;
static uint8_t       registry[FAKE_BYTES], object[OBJECT_BYTES];
static struct target made_object;

static void make_waits(struct fake *f, uint32_t pipe, uint32_t queue, uint32_t tasks, uint32_t shm)
{
	fake_wait(f, 0, OP_RECV, pipe, 0);
	fake_wait(f, 1, OP_PUT, queue, 0);
	fake_wait(f, 2, OP_JOIN, tasks, 0);
	fake_wait(f, 3, OP_RDLOCK, shm, 64);
	fake_wait(f, 4, OP_BARRIER, shm, 128);
	for (uint32_t t = 0; t < 5; t++)
		fake_wait_age(f, t, UINT64_C(3000000000) * (t + 1));
}

static void make_domain(struct fake *f)
{
	uint32_t pipe, queue, tasks, shm;

	fake_make(f);
	for (int i = 0; i < 5; i++)
		(void)fake_process(f, i % 2 ? "worker" : "");
	(void)fake_dead_process(f, "gone");
	pipe = fake_object(f, KIND_PIPE, 0, "pipe");
	queue = fake_object(f, KIND_QUEUE, OBJECT_NAMED, "queue");
	tasks = fake_object(f, KIND_JOINABLE, OBJECT_NAMED | OBJECT_JOINABLE, "tasks");
	shm = fake_object(f, KIND_SHM, 0, "shm");
	for (uint32_t p = 0; p < 6; p++) {
		(void)fake_end(f, p, pipe, p % 2 ? RIGHT_SEND0 | RIGHT_RECV1 : RIGHT_RECV0);
		(void)fake_end(f, p, queue, RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE);
		(void)fake_end(f, p, tasks, RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE);
		(void)fake_end(f, p, shm, RIGHT_MAP);
	}
	fake_fill(f, queue, 0, 4, 4);
	fake_fill(f, tasks, 0, 2, 0);
	make_waits(f, pipe, queue, tasks, shm);
	fake_object_file(f, shm, object, sizeof(object), 0);
	fake_object_file(f, queue, object, sizeof(object), 0);
	fake_write(f);
}

static void remove_domain(void)
{
	fake_remove(&fake);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	make_domain(&fake);
	(void)atexit(remove_domain);
	memcpy(registry, fake.bytes, sizeof(registry));
	made_object = (struct target){object, sizeof(object), sizeof(object)};
	return 0;
}

static void write_file(const char *name, const struct target *t)
{
	char  path[320];
	FILE *to;

	(void)snprintf(path, sizeof(path), "%s/%s", fake.dir, name);
	to = fopen(path, "r+");
	if (!to)
		to = fopen(path, "w");
	if (!to || ftruncate(fileno(to), (off_t)t->cut) < 0 ||
	    fwrite(t->bytes, 1, t->cut, to) != t->cut || fclose(to) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct target              reg = {fake.bytes, FAKE_BYTES, FAKE_BYTES};
	struct target              obj = made_object;
	struct shown              *shown = shown_new();
	ipc_observer              *o;
	const struct ipc_snapshot *s;

	memcpy(fake.bytes, registry, sizeof(registry));
	memset(object, 0, sizeof(object));
	patch_all(data, size, &reg, &obj);
	write_file("registry", &reg);
	write_file("o3.7", &obj);
	if (ipc_observer_open_dir(&o, fake.dir) < 0) {
		shown_free(shown);
		return 0;
	}
	for (int i = 0; i < 2; i++)
		if (ipc_observer_read(o, &s) == 0)
			show(shown, s, size ? data[0] : 0);
	shown_free(shown);
	o = ipc_observer_close(o);
	return 0;
}
