#ifndef MODEL_PROCFS_H
#define MODEL_PROCFS_H

/*
 * procfs.h - what the kernel says of a process: processor time, memory, files mapped
 */

#include <stdint.h>

struct procfs_usage {
	uint64_t cpu_ns;
	uint64_t rss_bytes;
};

/** 0, or a negative errno: gone, or not ours to see. */
int procfs_usage(uint64_t pid, struct procfs_usage *ret);

struct procfs_mapping {
	uint64_t first, end; /* addresses */
	uint64_t offset;     /* of first, in the file */
	char     path[512];
};

/** The file of process @pid that is mapped at @address. 0, or a negative errno; -ENOENT: none is. */
int procfs_mapping(uint64_t pid, uint64_t address, struct procfs_mapping *ret);

#endif
