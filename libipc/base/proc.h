#ifndef BASE_PROC_H
#define BASE_PROC_H

/* proc.h - what /proc and the loader know about this process */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** When this process started [clock ticks since boot], field 22 of /proc/self/stat; 0: unknown. */
uint64_t proc_start_ticks(void);

/**
 * Is what is mounted on /proc of this pid namespace? Not after unshare -pf without --mount-proc,
 * nor where there is none.
 */
bool proc_is_ours(void);

/** Inode of this process's pid namespace; 0: unknown. */
uint64_t proc_pid_namespace(void);

/**
 * Does process @pid that started at @start_ticks have a file of that name and inode mapped?
 * 1; 0: no, or it is gone, or became another program; negative errno: it cannot be told.
 */
int proc_has_mapped(uint64_t pid, uint64_t start_ticks, const char *file, uint64_t inode);

/** When process @pid started [clock ticks since boot]; 0: unknown, or there is none. */
uint64_t proc_start_ticks_of(uint64_t pid);

/** Where this program's own ELF file is mapped, and its build id. */
struct proc_program {
	char     path[256]; /* "" if unknown or longer */
	uint64_t base;      /* address - base = address in the file's own terms */
	uint64_t end;       /* first address behind its segments */
	size_t   build_id_len;
	uint8_t  build_id[40];
};

void proc_program(struct proc_program *ret);

#endif /* BASE_PROC_H */
