#ifndef OBJECT_LIMIT_H
#define OBJECT_LIMIT_H

/* limit.h - what a channel's maker may say, and what holds if nothing was said */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Percent of what is free where the domain lies that one queue may take, by default. */
#define QUEUE_SHARE_VARIABLE "IPC_QUEUE_SHARE"
#define QUEUE_SHARE_PERCENT  50

/** The most a queue made now may take [bytes]; the domain is joined. 0, -EINVAL. */
int limit_share(uint64_t *ret);

/**
 * Copy the options @from, which may be NULL, into @to, zeroed, of @size bytes. A program
 * built before the last fields came has shorter ones, of @least bytes or more.
 * False: these are none.
 */
bool options_read(void *to, size_t size, size_t least, const void *from);

#endif /* OBJECT_LIMIT_H */
