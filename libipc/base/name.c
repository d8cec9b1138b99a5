#include "base/name.h"

#include <string.h>

#include <ipc/base.h>

bool name_valid(const char *name)
{
	size_t n = strspn(name,
			  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

	return n > 0 && n <= IPC_NAME_MAX && name[n] == '\0' && strcmp(name, ".") &&
	       strcmp(name, "..");
}

void name_copy(char *to, size_t size, const char *from)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	memset(to + n, 0, size - n);
}

/* FNV-1a, 64 bit: the constants are the algorithm's own. */
uint64_t name_hash(const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return h;
}
