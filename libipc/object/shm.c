/* shm.c - blocks of shared memory: the object file is the block */

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

/* The memory is reserved before the name can be opened, and without the registry lock: it may take long. */
static int make(struct ipc_shm *s, uint32_t object, size_t size)
{
	int fd = object_file(object, O_RDWR | O_CREAT | O_EXCL), r;

	if (fd < 0)
		return fd;
	r = file_reserve(fd, 0, size, "shared memory");
	if (r == 0)
		r = map(s, fd, size);
	(void)close(fd);
	return r;
}

int ipc_shm_create(ipc_shm **ret, const char *name, size_t size)
{
	struct object_spec spec = {.kind = KIND_SHM, .name = name, .size_bytes = size};
	struct ipc_shm    *s;
	uint32_t           object;
	int                r;

	explain_clear();
	if (!ret || size == 0)
		return fail(-EINVAL, "shared memory has at least 1 byte");
	if (size > (size_t)INT64_MAX)
		return fail(-ENOSPC, "%zu bytes are more than any memory holds", size);
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	r = object_make(&spec, &object);
	if (r < 0) {
		free(s);
		return r;
	}
	r = make(s, object, size);
	if (r < 0)
		object_abandon(object);
	else
		r = object_publish(object, &s->h, RIGHT_MAP);
	if (r < 0) {
		if (s->size)
			(void)munmap(s->data, s->size);
		free(s);
		return r;
	}
	*ret = s;
	return 0;
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
	(void)close(fd);
	return r;
}

int ipc_shm_open(ipc_shm **ret, const char *name)
{
	struct ipc_shm *s;
	int             r;

	if (!ret)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	r = object_open(name, 1u << KIND_SHM, &s->h, RIGHT_MAP);
	if (r == 0) {
		r = attach(s);
		if (r < 0)
			object_close(&s->h);
	}
	if (r < 0) {
		free(s);
		return r;
	}
	*ret = s;
	return 0;
}

ipc_shm *ipc_shm_close(ipc_shm *s)
{
	if (!s)
		return NULL;
	if (load_acquire(&the_domain.joined))
		object_close(&s->h);
	(void)munmap(s->data, s->size);
	free(s);
	return NULL;
}

int ipc_shm_unlink(const char *name)
{
	return object_unlink(name, 1u << KIND_SHM);
}

void *ipc_shm_data(const ipc_shm *s)
{
	return s ? s->data : NULL;
}

size_t ipc_shm_size(const ipc_shm *s)
{
	return s ? s->size : 0;
}

ref shm_find(const void *address, uint64_t *ret_offset)
{
	ref found = 0;

	registry_lock();
	for (struct handle *h = handles_first(); h && !found; h = h->next) {
		const struct ipc_shm *s = (const void *)h;

		if (!(h->rights & RIGHT_MAP) || (const char *)address < (const char *)s->data ||
		    (const char *)address >= (const char *)s->data + s->size)
			continue;
		found = h->object_ref;
		*ret_offset = (uint64_t)((const char *)address - (const char *)s->data);
	}
	registry_unlock();
	return found;
}
