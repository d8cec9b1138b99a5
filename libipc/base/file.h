#ifndef BASE_FILE_H
#define BASE_FILE_H

/* file.h - what every file here goes through */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * file_reserve() - make [@offset, +@bytes) of @fd real memory, growing the file
 * @what: names it in the explanation
 *
 * Afterwards a store there cannot fail: a full tmpfs is an error here and not a
 * SIGBUS later. 0, -ENOSPC, or what fallocate(2) failed with; never SIGXFSZ.
 */
int file_reserve(int fd, uint64_t offset, uint64_t bytes, const char *what);

/** Make it @bytes long; its memory comes with file_reserve(). 0 or negative errno; never SIGXFSZ. */
int file_extend(int fd, uint64_t bytes);

/** Give the memory of whole pages in [@offset, +@bytes) back; it reads as zeroes then. */
void file_release(int fd, uint64_t offset, uint64_t bytes);

/*
 * open, read, write and close of libc are cancellation points; these are not, so that a
 * thread that is cancelled does not end with its work half done. They return negative
 * errno, and leave no explanation. Opened is with O_CLOEXEC.
 */
int     file_open(const char *path, int flags, mode_t mode);
void    file_close(int fd);
ssize_t file_read(int fd, void *buf, size_t n);
ssize_t file_write(int fd, const void *buf, size_t n);

/** Fill @buf with @n random bytes. */
void random_fill(void *buf, size_t n);

/** Size of a page [bytes]. */
uint64_t page_bytes(void);

static inline uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

#endif /* BASE_FILE_H */
