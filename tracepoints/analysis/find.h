#ifndef ANALYSIS_FIND_H
#define ANALYSIS_FIND_H

#include <stddef.h>

struct find_list {
	char **paths;
	size_t n;
};

/**
 * Find the directories below @dir that hold a trace: those with a file called
 * "metadata". A session has one per user, and more if it has several domains.
 *
 * Return: 0, or negative errno
 */
int  find_traces(const char *dir, struct find_list *ret);
void find_fini(struct find_list *list);

#endif /* ANALYSIS_FIND_H */
