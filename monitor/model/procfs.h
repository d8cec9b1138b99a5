#ifndef MODEL_PROCFS_H
#define MODEL_PROCFS_H

/*
 * procfs.h - what the kernel says of a process: processor time and memory
 */

#include <stdint.h>

struct procfs_usage {
	uint64_t cpu_ns;
	uint64_t rss_bytes;
};

/** 0, or a negative errno: gone, or not ours to see. */
int procfs_usage(uint64_t pid, struct procfs_usage *ret);

#endif
