#ifndef BASE_FILE_H
#define BASE_FILE_H

/* file.h - what every file here goes through */

#include <stddef.h>
#include <stdint.h>

/**
 * file_reserve() - make [@offset, +@bytes) of @fd real memory, growing the file
 * @what: names it in the explanation
 *
 * Afterwards a store there cannot fail: a full tmpfs is an error here and not a
 * SIGBUS later. 0, -ENOSPC, or what fallocate(2) failed with.
 */
int file_reserve(int fd, uint64_t offset, uint64_t bytes, const char *what);

/** Give the memory of whole pages in [@offset, +@bytes) back; it reads as zeroes then. */
void file_release(int fd, uint64_t offset, uint64_t bytes);

/** Fill @buf with @n random bytes. */
void random_fill(void *buf, size_t n);

/** Size of a page [bytes]. */
uint64_t page_bytes(void);

static inline uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

#endif /* BASE_FILE_H */
