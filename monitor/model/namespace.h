#ifndef MODEL_NAMESPACE_H
#define MODEL_NAMESPACE_H

/*
 * namespace.h - the pids that processes of other pid namespaces have in ours
 *
 * The kernel tells who may look at a process, and only of namespaces below one's
 * own: of a container to its host, not the other way round.
 */

#include "model/table.h"

/* All zeroes knows nothing. */
struct namespaces {
	struct table pids;
	uint64_t     looked_ns; /* when /proc was last gone through; CLOCK_MONOTONIC */
};

/**
 * The pid here of process @pid of the pid namespace @ns_inode; 0: not to be seen.
 * Goes through /proc at most once a second, and where @now_ns is.
 */
uint64_t namespaces_pid(struct namespaces *n, uint64_t ns_inode, uint64_t pid, uint64_t now_ns);

void namespaces_fini(struct namespaces *n);

#endif
