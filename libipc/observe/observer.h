#ifndef OBSERVE_OBSERVER_H
#define OBSERVE_OBSERVER_H

/* observer.h - an observer of one domain, and the stages of one reading */

#include <limits.h>
#include <sys/types.h>

#include <ipc/observe.h>

#include "observe/files.h"
#include "observe/image.h"
#include "observe/judge.h"
#include "observe/life.h"
#include "observe/view.h"

struct ipc_observer {
	char                dir[PATH_MAX];
	char                path[PATH_MAX + sizeof(REGISTRY_FILE) + 1]; /* of the registry */
	char                name[NAME_MAX + 1];
	int                 fd;
	dev_t               dev;
	ino_t               ino;
	bool                other_boot;
	struct vitals       vitals;
	struct image        image;
	struct view         view;
	struct files        files;
	struct grow         alive;       /* bool per process slot */
	struct grow         asked;       /* observer.c's, per process slot */
	struct grow         believed;    /* bool per process slot: see struct proof */
	struct grow         oldest;      /* objects.c's, per object slot */
	uint32_t            oldest_next; /* channel to begin the next look with */
	uint32_t            memory_next;
	uint64_t            looked_ns; /* when objects.c last did */
	struct judge        judge;
	struct ipc_snapshot snap;
	uint64_t            now_ticks; /* of the snapshot; post mortem: its last sign of life */
};

/* Ages and memory, some of them anew: 0 or -ENOMEM. */
int objects_look(struct ipc_observer *o);

#endif /* OBSERVE_OBSERVER_H */
