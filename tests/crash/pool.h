#ifndef CRASH_POOL_H
#define CRASH_POOL_H

/* pool.h - several trials at a time, each with a directory of its own */

#include "scene.h"

/** Make room for @n trials at a time, with directories below @dir. */
void pool_open(unsigned n, const char *dir);

/**
 * Start @t as soon as there is room. @done(@arg) is called when a trial has ended, from
 * within this call or pool_drain(): @wrong says what went wrong, NULL: nothing did.
 */
void pool_start(const struct trial *t,
		void (*done)(void *arg, const struct trial *t, const struct outcome *o,
			     const char *wrong),
		void *arg);

/** Until all have ended. */
void pool_drain(void);

void remove_tree(const char *dir);

#endif /* CRASH_POOL_H */
