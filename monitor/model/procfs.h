#ifndef MODEL_PROCFS_H
#define MODEL_PROCFS_H

/*
 * procfs.h - what the kernel says of a process: processor time, memory, files mapped
 */

#include <stdint.h>

struct procfs_usage {
	uint64_t cpu_ns;
	uint64_t rss_bytes;
	uint64_t user; /* its effective uid + 1; 0: unknown */
	uint64_t pid;  /* by which it was asked for, in our pid namespace; 0: it has none */
	uint64_t rate; /* of a recording: cpu_ns' [1/1000 % of one core] + 1, as it was known then;
			  0: it was not, or none was recorded */
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

/** Is the memory at @address of process @pid its own alone? 1, 0, or a negative errno. */
int procfs_is_private(uint64_t pid, uint64_t address);

/** Is process @pid's first thread asleep, not stopped, not about to run? 1, 0, or a negative errno. */
int procfs_is_asleep(uint64_t pid);

#endif
