#ifndef OBSERVE_FILES_H
#define OBSERVE_FILES_H

/*
 * files.h - the few words that are not in the registry
 *
 * A message's time of putting lies in its slot, a mutex's owner in the shared
 * memory it was placed in: both in object files. At most FILES_MAX of those are
 * open at a time, those used last.
 */

#include <stdint.h>

#include "observe/image.h"

#define FILES_MAX 128 /* picked: well below the usual limit of 1024 descriptors */

struct files {
	const char *dir; /* borrowed */
	uint64_t    turn;
	struct {
		uint64_t id, used;
		int      fd;
	} open[FILES_MAX];
};

/* Read @bytes at @offset of the file of object @id: 0 or a negative errno. */
int files_read(struct files *f, uint64_t id, void *buf, size_t bytes, uint64_t offset);

/* When the oldest message of a ring was put [ticks]; 0: there is none, or it is not stamped. */
uint64_t files_oldest(struct files *f, const struct object_rec *rec, uint64_t id, unsigned ring);

/* Memory that is there for the object [bytes]; IPC_UNKNOWN: its file cannot be looked at. */
uint64_t files_memory(const struct files *f, uint64_t id);

/* Is the oldest message of a ring there to be taken: put, and not only begun? */
bool files_has_message(struct files *f, const struct object_rec *rec, uint64_t id, unsigned ring);

void files_fini(struct files *f);

#endif /* OBSERVE_FILES_H */
