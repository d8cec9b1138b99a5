/* object_file.c - the file of an object, and its end */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "ring/event.h"
#include "runtime/domain.h"
#include "runtime/level.h"
#include "runtime/names.h"
#include "runtime/object.h"

static int object_path(uint32_t object, char *ret, size_t size)
{
	char file[48];

	(void)snprintf(file, sizeof(file), "o%u.%u", object, life_gen(object_at(object)->life));
	return domain_path(ret, size, file);
}

int object_file(uint32_t object, int flags)
{
	char path[600];
	int  fd, r = object_path(object, path, sizeof(path));

	if (r < 0)
		return r;
	if (flags & O_CREAT)
		(void)unlink(path); /* of an earlier life of the domain: nobody has it open */
	fd = file_open(path, flags | O_NOFOLLOW, domain_file_mode(&the_domain));
	if (fd < 0)
		return fail(fd, "cannot open %s: %s", path, strerrordesc_np(-fd));
	return fd;
}

void object_destroy(uint32_t object)
{
	char path[600];

	FAILPOINT("unlink");
	if (object_path(object, path, sizeof(path)) == 0)
		(void)unlink(path);
	FAILPOINT("unlinked");
	level_unlink(object);
	names_leave(object);
	object_at(object)->flags &= ~(uint32_t)OBJECT_NAMED;
	table_free(TABLE_OBJECTS, object);
	domain_changed();
}

void object_wake_all(struct object_rec *o)
{
	for (int i = 0; i < 2; i++) {
		if (unlikely(load_relaxed(&o->ring[i].readers.word) & EVENT_WATCHED))
			event_watched(&o->ring[i].readers, true); /* perhaps its setter died */
		event_wake(&o->ring[i].readers, INT_MAX);
		event_wake(&o->ring[i].writers, INT_MAX);
	}
	event_wake(&o->joiners, INT_MAX);
}
