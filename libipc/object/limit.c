/* limit.c - what a channel's maker may say, and what holds if nothing was said */

#include "object/limit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/error.h"
#include "runtime/domain.h"

static int share_percent(uint64_t *ret)
{
	const char *text = getenv(QUEUE_SHARE_VARIABLE);
	char       *end;
	long        n;

	*ret = QUEUE_SHARE_PERCENT;
	if (!text || !*text)
		return 0;
	n = strtol(text, &end, 10);
	if (*end || n < 1 || n > 100)
		return fail(-EINVAL, "%s=\"%s\": must be a percentage, 1 to 100",
			    QUEUE_SHARE_VARIABLE, text);
	*ret = (uint64_t)n;
	return 0;
}

int limit_share(uint64_t *ret)
{
	struct statvfs fs;
	uint64_t       percent;
	int            r = share_percent(&percent);

	if (r < 0)
		return r;
	*ret = 0;
	if (statvfs(the_domain.dir, &fs) == 0) /* 0 would be no limit at all */
		*ret = (uint64_t)fs.f_bavail * fs.f_frsize / 100 * percent + 1;
	return 0;
}

bool options_read(void *to, size_t size, size_t least, const void *from)
{
	size_t theirs;

	if (!from)
		return true;
	memcpy(&theirs, from, sizeof(theirs)); /* .sz is the first of all options */
	if (theirs < least)
		return false;
	memcpy(to, from, theirs < size ? theirs : size);
	return true;
}
