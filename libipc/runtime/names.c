/*
 * names.c - objects by their names
 *
 * Chains by the hash of the name: so what it takes to make, open or unlink one of ten thousand
 * is what it takes for one of ten. An object stays in its chain until its record is free; whether
 * the name is still a door, its flags say.
 *
 * Coming and going are one store each, so a death leaves a chain whole: with the object, which
 * is found by its state, or without it, and then nobody has learnt of it yet, or it was about to
 * be free and leaves again, which does nothing. A damaged chain ends at the first link that
 * leads nowhere, or after as many steps as there are objects; repair makes all of them anew.
 */

#include "runtime/names.h"

#include <string.h>

#include "base/name.h"
#include "runtime/domain.h"

static uint64_t *chain(uint64_t hash)
{
	uint64_t *all = (uint64_t *)((char *)the_domain.hdr + REGISTRY_NAMES_AT);

	return &all[hash % NAME_CHAINS];
}

char *names_label(uint32_t object)
{
	return ((struct object_label *)table_at(TABLE_OBJECT_LABELS, object))->name;
}

static bool has_name(uint32_t object, uint64_t hash, const char *name)
{
	const struct object_rec *o = object_at(object);

	return o->name_hash == hash && life_state(o->life) != LIFE_FREE &&
	       (o->flags & OBJECT_NAMED) && !strncmp(names_label(object), name, NAME_BYTES);
}

bool names_find(const char *name, uint32_t *ret)
{
	uint64_t hash = name_hash(name), used = table_used(TABLE_OBJECTS), left = used;

	for (uint64_t at = *chain(hash); at && at <= used && left--;
	     at = object_at(at - 1)->name_next) {
		if (has_name((uint32_t)(at - 1), hash, name)) {
			*ret = (uint32_t)(at - 1);
			return true;
		}
	}
	return false;
}

void names_enter(uint32_t object)
{
	struct object_rec *o = object_at(object);
	uint64_t          *first = chain(o->name_hash);

	o->name_next = *first;
	store_release(first, (uint64_t)object + 1);
}

static bool has_or_had_name(const struct object_rec *o)
{
	return o->flags & (OBJECT_NAMED | OBJECT_UNLINKED);
}

void names_leave(uint32_t object)
{
	struct object_rec *o = object_at(object);
	uint64_t *link = chain(o->name_hash), used = table_used(TABLE_OBJECTS), left = used;

	if (!has_or_had_name(o))
		return;
	while (*link && *link <= used && left-- && *link != (uint64_t)object + 1)
		link = &object_at(*link - 1)->name_next;
	if (*link == (uint64_t)object + 1)
		store_release(link, o->name_next);
}

void names_rebuild(void)
{
	for (uint64_t hash = 0; hash < NAME_CHAINS; hash++)
		store_release(chain(hash), UINT64_C(0));
	for (uint64_t i = 0; i < table_used(TABLE_OBJECTS); i++)
		if (life_state(object_at(i)->life) != LIFE_FREE && has_or_had_name(object_at(i)))
			names_enter((uint32_t)i);
}
