/*
 * shm.c - blocks of shared memory: the object file is the block; its kind says what it is for
 *
 * The object is MAKING until its file is there, whole and reserved: nobody can open its name
 * before. Its maker killed up to then: record, name and file go when it is reaped
 * (runtime/process.c), or when somebody wants the name. After it, the block is an object like
 * any other, and stays or goes with its name and its ends. What is in it is the program's.
 */

#include "object/shm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipc/shm.h>

#include "base/error.h"
#include "base/file.h"
#include "object/mapped.h"
#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/object.h"

struct ipc_shm {
	struct handle h; /* first: the runtime knows handles only */
	void         *data;
	size_t        size;
};

static int map(struct ipc_shm *s, int fd, size_t size)
{
	s->data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (s->data == MAP_FAILED)
		return fail(-errno, "cannot map %zu bytes of shared memory: %s", size,
			    strerrordesc_np(errno));
	s->size = size;
	return 0;
}

/*
 * The memory is reserved before the name can be opened, and without the registry lock: it may
 * take long.
 */
static int make(struct ipc_shm *s, uint32_t object, size_t size)
{
	int fd = object_file(object, O_RDWR | O_CREAT | O_EXCL), r;

	if (fd < 0)
		return fd;
	r = file_reserve(fd, 0, size, "shared memory");
	if (r == 0)
		r = map(s, fd, size);
	file_close(fd);
	return r;
}

static void note_mapped(const struct ipc_shm *s)
{
	registry_lock();
	mapped_add(s->data, s->size, &s->h);
	registry_unlock();
}

static void discard(struct ipc_shm *s)
{
	if (s->size)
		(void)munmap(s->data, s->size);
	free(s);
}

int block_create(ipc_shm **ret, enum object_kind kind, const char *name, const void *initial,
		 size_t size)
{
	struct object_spec spec = {.kind = kind, .name = name, .size_bytes = size};
	struct ipc_shm    *s = calloc(1, sizeof(*s));
	uint32_t           object;
	int                r = s ? object_make(&spec, &object) : -ENOMEM;

	if (r < 0) {
		free(s);
		return r;
	}
	r = make(s, object, size);
	if (r == 0 && initial)
		memcpy(s->data, initial, size);
	if (r < 0)
		object_abandon(object);
	else
		r = object_publish(object, &s->h, RIGHT_MAP);
	if (r < 0) {
		discard(s);
		return r;
	}
	note_mapped(s);
	*ret = s;
	return 0;
}

int ipc_shm_create(ipc_shm **ret, const char *name, size_t size)
{
	int r = begin_output(ret);

	if (r < 0)
		return r;
	if (size == 0)
		return fail(-EINVAL, "shared memory has at least 1 byte");
	if (size > (size_t)INT64_MAX)
		return fail(-ENOSPC, "%zu bytes are more than any memory holds", size);
	return block_create(ret, KIND_SHM, name, NULL, size);
}

static int attach(struct ipc_shm *s)
{
	struct stat st;
	int         fd = object_file(s->h.object, O_RDWR), r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || st.st_size < 0 || (uint64_t)st.st_size < s->h.o->size_bytes ||
	    s->h.o->size_bytes == 0)
		r = fail(-EBADMSG,
			 "the file of a shared memory block is truncated: unlink the block");
	else
		r = map(s, fd, s->h.o->size_bytes);
	file_close(fd);
	return r;
}

/* Its handle is open, or @r says why not: map what it is a handle to. */
static int block_attach(ipc_shm **ret, struct ipc_shm *s, int r)
{
	if (r == 0) {
		r = attach(s);
		if (r < 0)
			object_close(&s->h);
	}
	if (r < 0) {
		free(s);
		return r;
	}
	note_mapped(s);
	*ret = s;
	return 0;
}

int block_open(ipc_shm **ret, enum object_kind kind, const char *name)
{
	struct ipc_shm *s = calloc(1, sizeof(*s));

	return s ? block_attach(ret, s, object_open(name, 1u << kind, &s->h, RIGHT_MAP)) : -ENOMEM;
}

int block_unpack(ipc_shm **ret, ref parcel, ref carrier)
{
	struct ipc_shm *s = calloc(1, sizeof(*s));

	return s ? block_attach(ret, s, object_unpack(parcel, carrier, &s->h)) : -ENOMEM;
}

const struct handle *block_handle(const ipc_shm *s)
{
	return &s->h;
}

int ipc_shm_open(ipc_shm **ret, const char *name)
{
	int r = begin_output(ret);

	return r < 0 ? r : block_open(ret, KIND_SHM, name);
}

ipc_shm *ipc_shm_close(ipc_shm *s)
{
	if (!s)
		return NULL;
	if (load_acquire(&the_domain.joined)) {
		registry_lock();
		mapped_remove(s->data);
		registry_unlock();
		object_close(&s->h);
	}
	(void)munmap(s->data, s->size);
	free(s);
	return NULL;
}

int block_unlink(enum object_kind kind, const char *name)
{
	return object_unlink(name, 1u << kind);
}

int block_seal(ipc_shm *s, enum object_kind kind)
{
	explain_clear();
	if (!s || (s->h.rights && s->h.o->kind != (uint32_t)kind))
		return -EINVAL;
	return object_seal(&s->h);
}

int ipc_shm_seal(ipc_shm *s)
{
	return block_seal(s, KIND_SHM);
}

int ipc_shm_unlink(const char *name)
{
	return block_unlink(KIND_SHM, name);
}

void *ipc_shm_data(const ipc_shm *s)
{
	return s ? s->data : NULL;
}

size_t ipc_shm_size(const ipc_shm *s)
{
	return s ? s->size : 0;
}

ipc_shm *block_of(const void *data)
{
	struct ipc_shm *found = NULL;

	if (!load_acquire(&the_domain.joined))
		return NULL;
	registry_lock();
	for (struct handle *h = handles_first(); h && !found; h = h->next)
		if ((h->rights & RIGHT_MAP) && ((struct ipc_shm *)(void *)h)->data == data)
			found = (void *)h;
	registry_unlock();
	return found;
}
