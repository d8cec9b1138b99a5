#ifndef FUZZ_PATCH_H
#define FUZZ_PATCH_H

/*
 * patch.h - what an input does to a domain
 *
 * An input is a list of patches of 12 bytes. Each changes one word of one record of one
 * table (behind the last table: of the header; behind that: of an object's file), in a
 * way that is likely to matter; or cuts the file.
 */

#include <stddef.h>
#include <stdint.h>

enum patch_op {
	PATCH_SET,
	PATCH_SMALL, /* one of the numbers around 0 */
	PATCH_XOR,
	PATCH_ADD,
	PATCH_LOW, /* the lower half */
	PATCH_HIGH,
	PATCH_CUT, /* the file ends here */
	N_PATCH_OPS,
};

struct patch {
	uint8_t table, record, word, op;
	uint8_t value[8];
};

#define PATCH_OBJECT_FILE 64 /* .table from here on: of an object's file */

/* A file in memory, as it is to be: @cut is its length. */
struct target {
	uint8_t *bytes;
	size_t   len, cut;
};

/** Apply those of @data that mean the registry to @registry, the others to @object. */
void patch_all(const uint8_t *data, size_t size, struct target *registry, struct target *object);

#endif /* FUZZ_PATCH_H */
