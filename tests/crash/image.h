#ifndef CRASH_IMAGE_H
#define CRASH_IMAGE_H

/*
 * image.h - the shared memory of a domain, watched for change
 *
 * What survives a killed process is what lies in the files of its domain (and what the
 * kernel holds for others: locks, descriptors). So two instants of a process between
 * which these files are the same leave the same behind, and only where they differ a
 * kill needs to be tried.
 *
 * Nothing is known here of what the files mean. Holes are never looked at: that would
 * fill them.
 */

#include <stdbool.h>
#include <stdint.h>

struct image;

/** Begin to watch the files of the directory @dir. */
struct image *image_open(const char *dir);

/** Files came, went or grew? To be called after each system call of who is watched. */
bool image_rescan(struct image *m);

/** Is it different from what it was at the last call? */
bool image_changed(struct image *m);

/** Of all the bytes it holds: equal images have equal hashes. */
uint64_t image_hash(const struct image *m);

void image_close(struct image *m);

#endif /* CRASH_IMAGE_H */
