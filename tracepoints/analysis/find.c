/*
 * find.c - where in a directory the traces are
 */

#include "find.h"

#include "memory.h"

#include <errno.h>
#include <ftw.h>

/* nftw(3) passes no argument on; nobody else is about. */
static struct find_list found;

static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	if (type != FTW_F || strcmp(path + at->base, "metadata") != 0)
		return 0;
	found.paths = memory_grow(found.paths, found.n, sizeof(*found.paths));
	found.paths[found.n++] = memory_need(strndup(path, (size_t)at->base - 1));
	return 0;
}

int find_traces(const char *dir, struct find_list *ret)
{
	struct stat st;

	found = (struct find_list){0};
	if (stat(dir, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (nftw(dir, visit, 16, FTW_PHYS))
		return -errno;
	*ret = found;
	return 0;
}

void find_fini(struct find_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->paths[i]);
	free(list->paths);
	*list = (struct find_list){0};
}
