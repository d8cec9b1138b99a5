#ifndef OBSERVE_SHAPES_H
#define OBSERVE_SHAPES_H

/*
 * shapes.h - shapes of deadlocks that have a name, and what is said of each
 *
 * Each name has a section in ipc-deadlocks(7); tests/lint/patterns.sh sees to that.
 */

#include "observe/scene.h"

enum shape {
	SELF_LOCK,
	OWN_END_OPEN,
	ORPHANED_GET,
	ORPHANED_PUT,
	ORPHANED_JOIN,
	ORPHANED_EVENT,
	ORPHANED_SEM,
	SHORT_BARRIER,
	ORPHANED,
	JOIN_BEFORE_DRAIN,
	INHERITED_END,
	JOIN_BEFORE_SEND,
	JOIN_OWES_TASK,
	UPGRADE,
	WAIT_WITH_LOCK,
	LOCK_ORDER,
	MUTUAL_RECV,
	MUTUAL_SEND,
	OR_KNOT,
	RING,
};

extern const struct pattern shapes[];

#endif /* OBSERVE_SHAPES_H */
