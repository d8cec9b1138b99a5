/*
 * named.c - structures with a name and memory of their own
 *
 * Each is a block of shared memory (object/shm.c) of another kind, with the structure at
 * its beginning: so whatever holds for a lock in a block holds for these.
 * Made as a block is, with its content in place before the name can be opened; its maker's
 * death, and everybody's, is what shm.c says of blocks.
 */

#include "object/named.h"

#include <errno.h>
#include <string.h>

#include <ipc/sync.h>

#include "base/error.h"
#include "object/shm.h"

int named_create(void **ret, enum object_kind kind, const char *name, const void *initial,
		 size_t size)
{
	ipc_shm *s;
	int      r = begin_output(ret);

	if (r == 0)
		r = block_create(&s, kind, name, initial, size);
	if (r == 0)
		*ret = ipc_shm_data(s);
	return r;
}

int named_open(void **ret, enum object_kind kind, const char *name)
{
	ipc_shm *s;
	int      r = begin_output(ret);

	if (r == 0)
		r = block_open(&s, kind, name);
	if (r == 0)
		*ret = ipc_shm_data(s);
	return r;
}

void *named_close(void *p)
{
	ipc_shm *s = p ? block_of(p) : NULL;

	return ipc_shm_close(s);
}

int named_seal(enum object_kind kind, const void *p)
{
	ipc_shm *s = p ? block_of(p) : NULL;

	return block_seal(s && ipc_shm_data(s) == p ? s : NULL, kind);
}

int named_unlink(enum object_kind kind, const char *name)
{
	return block_unlink(kind, name);
}

/* The calls that differ in the type alone. */
#define NAMED(type, kind)                                          \
	int ipc_##type##_open(ipc_##type **ret, const char *name)  \
	{                                                          \
		void *p;                                           \
		int   r = named_open(ret ? &p : NULL, kind, name); \
                                                                   \
		if (r == 0)                                        \
			*ret = p;                                  \
		return r;                                          \
	}                                                          \
	ipc_##type *ipc_##type##_close(ipc_##type *p)              \
	{                                                          \
		return named_close(p);                             \
	}                                                          \
	int ipc_##type##_seal(ipc_##type *p)                       \
	{                                                          \
		return named_seal(kind, p);                        \
	}                                                          \
	int ipc_##type##_unlink(const char *name)                  \
	{                                                          \
		return named_unlink(kind, name);                   \
	}

#define NAMED_ZEROED(type, kind)                                                          \
	NAMED(type, kind)                                                                 \
	int ipc_##type##_create(ipc_##type **ret, const char *name)                       \
	{                                                                                 \
		void *p;                                                                  \
		int   r = named_create(ret ? &p : NULL, kind, name, NULL, sizeof(**ret)); \
                                                                                          \
		if (r == 0)                                                               \
			*ret = p;                                                         \
		return r;                                                                 \
	}

NAMED_ZEROED(mutex, KIND_MUTEX)
NAMED_ZEROED(rmutex, KIND_RMUTEX)
NAMED_ZEROED(rwlock, KIND_RWLOCK)
NAMED_ZEROED(event, KIND_EVENT)
NAMED_ZEROED(cond, KIND_CONDITION)
NAMED_ZEROED(barrier, KIND_BARRIER)
NAMED(sem, KIND_SEMAPHORE)

int ipc_sem_create(ipc_sem **ret, const char *name, int value, int bound)
{
	ipc_sem initial;
	void   *p;
	int     r = begin_output(ret);

	if (r == 0 && ipc_sem_init(&initial, value, bound) < 0)
		r = fail(-EINVAL,
			 "a semaphore of %d with the bound %d: the value is 0 or more, and at most "
			 "the bound unless that is 0",
			 value, bound);
	if (r == 0)
		r = named_create(&p, KIND_SEMAPHORE, name, &initial, sizeof(initial));
	if (r == 0)
		*ret = p;
	return r;
}
