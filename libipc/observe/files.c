/* files.c - object files, opened when a word of theirs is wanted */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipc/observe.h>

#include "observe/files.h"
#include "ring/slot.h"

static bool object_path(char path[PATH_MAX], const struct files *f, uint64_t id)
{
	return (size_t)snprintf(path, PATH_MAX, "%s/o%u.%u", f->dir, ref_index(id), ref_gen(id)) <
	       PATH_MAX;
}

static int open_object(const struct files *f, uint64_t id)
{
	char path[PATH_MAX];
	int  fd;

	if (!object_path(path, f, id))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	return fd;
}

/* Its descriptor, in the place of the one not used for longest. */
static int get(struct files *f, uint64_t id)
{
	size_t oldest = 0;
	int    fd;

	for (size_t i = 0; i < FILES_MAX; i++) {
		if (f->open[i].id == id) {
			f->open[i].used = ++f->turn;
			return f->open[i].fd;
		}
		if (f->open[i].used < f->open[oldest].used)
			oldest = i;
	}
	fd = open_object(f, id);
	if (fd < 0)
		return fd;
	if (f->open[oldest].id)
		(void)close(f->open[oldest].fd);
	f->open[oldest].id = id;
	f->open[oldest].fd = fd;
	f->open[oldest].used = ++f->turn;
	return fd;
}

int files_read(struct files *f, uint64_t id, void *buf, size_t bytes, uint64_t offset)
{
	int fd = get(f, id);

	if (fd < 0)
		return fd;
	if (offset > INT64_MAX - bytes)
		return -EINVAL; /* no file is that long */
	return image_pread(fd, buf, bytes, offset);
}

/* The memory position @pos lies in: the epoch that began last before it. */
static const struct ring_epoch *epoch_of(const struct ring_ctl *c, uint64_t pos)
{
	const struct ring_epoch *best = NULL;

	for (int i = 0; i < EPOCHS_MAX; i++) {
		const struct ring_epoch *e = &c->epoch[i];

		if (e->shape != 0 && e->from <= pos && (!best || e->from > best->from))
			best = e;
	}
	return best && shape_log2(best->shape) <= SLOT_LOG2_MAX ? best : NULL;
}

/* The slot at the head of a ring, if a message lies in it. */
static bool head_slot(struct files *f, const struct object_rec *rec, uint64_t id, unsigned ring,
		      struct slot *ret)
{
	uint64_t                 head = rec->ring[ring].head & RING_POS_MASK;
	const struct ring_epoch *e = epoch_of(&rec->ring[ring], head);
	uint64_t                 array, index;

	if (!e ||
	    files_read(f, id, &array, sizeof(array), slots_entry_offset(ring, e->shape)) < 0 ||
	    array == 0 || array > INT64_MAX / 2)
		return false;
	index = (head - e->from) & ((UINT64_C(1) << shape_log2(e->shape)) - 1);
	if (files_read(f, id, ret, offsetof(struct slot, inline_data), array + index * SLOT_BYTES) <
	    0)
		return false;
	return ret->turn == 2 * head + 1 && !(ret->flags & SLOT_ABANDONED);
}

uint64_t files_oldest(struct files *f, const struct object_rec *rec, uint64_t id, unsigned ring)
{
	struct slot s;

	return head_slot(f, rec, id, ring, &s) ? s.stamp : 0;
}

bool files_has_message(struct files *f, const struct object_rec *rec, uint64_t id, unsigned ring)
{
	struct slot s;

	return head_slot(f, rec, id, ring, &s);
}

uint64_t files_memory(const struct files *f, uint64_t id)
{
	char        path[PATH_MAX];
	struct stat st;

	if (!object_path(path, f, id) || lstat(path, &st) < 0)
		return IPC_UNKNOWN;
	return (uint64_t)st.st_blocks * 512; /* the unit of st_blocks, whatever the file system's */
}

void files_fini(struct files *f)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (f->open[i].id)
			(void)close(f->open[i].fd);
}
