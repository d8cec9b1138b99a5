#ifndef OBJECT_DEATHS_H
#define OBJECT_DEATHS_H

/*
 * deaths.h - pidfds of those who hold a channel, in an epoll(7)
 *
 * Each descriptor has pidfds of its own: with one for all the kernel would refuse to
 * nest more than 500 such descriptors in another epoll, as that many wake-up paths may
 * lead from one file. An event's data is the reference of the process that ended.
 */

#include "object/channel.h"

struct death {
	ref process;
	int pidfd;
};

struct deaths {
	uint64_t      seen; /* the domain's change count when holders were looked up; 0: never */
	struct death *death;
	size_t        n;
};

/** Be told at @epoll of all that hold @c now, if they may have changed, and of nobody else. */
void deaths_look_up(struct deaths *d, const struct channel *c, int epoll);

/** Close them. The epoll is closed, or will be. */
void deaths_close(struct deaths *d);

#endif /* OBJECT_DEATHS_H */
