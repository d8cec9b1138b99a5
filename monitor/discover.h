#ifndef DISCOVER_H
#define DISCOVER_H

/*
 * discover.h - from what a person calls it to where it lies
 */

#include <stddef.h>
#include <stdint.h>

struct options;

/**
 * What a word names: "-" or a file is a recording, a directory (or the registry
 * in it) or a path is a domain's, a number is a process, anything else the name
 * of a domain. Where a domain has it for a name, a number is one. Sets one of the
 * members of @o. 0, or -ENAMETOOLONG.
 */
int discover_word(struct options *o, const char *word);

/** The same of what is known to be a path. */
int discover_path(struct options *o, const char *path);

/**
 * The directory of the domain process @pid lives in, as it can be reached from
 * here: also through /proc/PID/root, where the process sees other files. Where it
 * has not joined one yet: of the one its environment names. 0, or a negative
 * errno with the reason in @why: -ESRCH there is no such process, -EACCES it may
 * not be looked at, -ESTALE its domain is over.
 */
int discover_pid(uint64_t pid, char *dir, size_t size, char *why, size_t why_size);

/** Say of a process that lives, and is in no domain, what to do; -ENOENT. */
int discover_no_domain(uint64_t pid, char *why, size_t why_size);

/** Is there a directory at @path, and nothing in it that a domain has? */
int discover_is_other(const char *path);

#endif
