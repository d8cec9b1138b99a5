/* patch.c - see patch.h */

#include "fuzz/patch.h"

#include <string.h>

#include "runtime/layout.h"

static uint64_t changed(uint64_t word, const struct patch *p)
{
	uint64_t value;

	memcpy(&value, p->value, sizeof(value));
	switch (p->op % N_PATCH_OPS) {
	case PATCH_SMALL: return (uint64_t)(int64_t)(int8_t)value;
	case PATCH_XOR: return word ^ value;
	case PATCH_ADD: return word + value;
	case PATCH_LOW: return (word & ~UINT64_C(0xffffffff)) | (value & 0xffffffff);
	case PATCH_HIGH: return (word & 0xffffffff) | value << 32;
	default: return value;
	}
}

/* Where it points to in the registry [bytes]; by the table as it was made, not as patched. */
static size_t place(const struct patch *p, const struct registry_header *made)
{
	const struct table_desc *t;

	if (p->table % (N_TABLES + 1) == N_TABLES)
		return (size_t)(p->word | (p->record & 1) << 8) * 8;
	t = &made->table[p->table % (N_TABLES + 1)];
	return t->offset + p->record % (t->used ? t->used : 1) * t->stride +
	       p->word * 8u % t->stride;
}

static void patch_one(const struct patch *p, struct target *t, size_t at)
{
	uint64_t word;

	if (p->op % N_PATCH_OPS == PATCH_CUT) {
		memcpy(&word, p->value, sizeof(word));
		t->cut = word % (t->len + 1);
		return;
	}
	if (at + sizeof(word) > t->len)
		return;
	memcpy(&word, t->bytes + at, sizeof(word));
	word = changed(word, p);
	memcpy(t->bytes + at, &word, sizeof(word));
}

void patch_all(const uint8_t *data, size_t size, struct target *registry, struct target *object)
{
	struct registry_header made;
	struct patch           p;

	memcpy(&made, registry->bytes, sizeof(made));
	for (; size >= sizeof(p); data += sizeof(p), size -= sizeof(p)) {
		memcpy(&p, data, sizeof(p));
		if (p.table >= PATCH_OBJECT_FILE)
			patch_one(&p, object, (size_t)(p.record << 8 | p.word) * 8);
		else
			patch_one(&p, registry, place(&p, &made));
	}
}
