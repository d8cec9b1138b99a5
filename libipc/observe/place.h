#ifndef OBSERVE_PLACE_H
#define OBSERVE_PLACE_H

/* place.h - where domains lie: $IPC_DIR, else /dev/shm/libipc-<uid>; then the domain's name */

#include <stddef.h>

/* The directory all domains of this user lie in: 0 or -ENAMETOOLONG. */
int place_base(char *buf, size_t size);

/* The directory of the domain @name; NULL: $IPC_DOMAIN, else "default". 0, -EINVAL, -ENAMETOOLONG. */
int place_of(char *buf, size_t size, const char *name);

#endif /* OBSERVE_PLACE_H */
