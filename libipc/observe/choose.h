#ifndef OBSERVE_CHOOSE_H
#define OBSERVE_CHOOSE_H

/*
 * choose.h - who of a core speaks for it
 *
 * The rules are public, in ipc/deadlock.h. They take nothing but what the registry
 * has of the core's members, which stands still while they are stuck; so whoever
 * looks, and whenever, chooses the same one.
 */

#include "observe/scene.h"

struct chosen {
	uint32_t thread; /* MODEL_NOBODY: nobody asked to be told */
	bool     error;  /* it is to get -EDEADLK; else it reports */
};

struct chosen choose(const struct scene *s, const struct image *image);

#endif /* OBSERVE_CHOOSE_H */
