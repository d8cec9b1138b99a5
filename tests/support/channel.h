#ifndef SUPPORT_CHANNEL_H
#define SUPPORT_CHANNEL_H

/* channel.h - for units: a channel whose insides a test can reach */

#include "object/fast.h"

/** Make a plain queue's channel, without a name; fails the test if it cannot. */
struct channel *test_channel(uint64_t capacity);

/** Put or get one number, without waiting; what the call returned. */
int     test_put_number(struct channel *c, uint64_t n);
ssize_t test_get_number(struct channel *c, uint64_t *ret);

#endif /* SUPPORT_CHANNEL_H */
