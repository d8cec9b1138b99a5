#ifndef RUNTIME_NAMES_H
#define RUNTIME_NAMES_H

/* names.h - objects by their names; under the registry lock */

#include <stdbool.h>
#include <stdint.h>

/** What @object is called, whether or not it can be found by that; NAME_BYTES. */
char *names_label(uint32_t object);

/** The object that has @name, whole or being made. */
bool names_find(const char *name, uint32_t *ret);

/** @object, whose record and label have their name, can be found by it. */
void names_enter(uint32_t object);

/** It is about to be free, and in no chain then. Nothing to do if it never had a name. */
void names_leave(uint32_t object);

/** Of all objects, whatever the chains were. */
void names_rebuild(void);

#endif /* RUNTIME_NAMES_H */
