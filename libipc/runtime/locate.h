#ifndef RUNTIME_LOCATE_H
#define RUNTIME_LOCATE_H

#include "runtime/domain.h"

/** 0, or -EINVAL: IPC_GROUP names no group. */
int domain_check_group(void);

/**
 * Fill in name and directory of @d from the environment, making the directories.
 *
 * 0; 1: a directory was removed under our hands, try again; -EINVAL, -EACCES,
 * -ENOENT, -ENOTDIR, -ENAMETOOLONG, … with an explanation.
 */
int domain_locate(struct domain *d);

#endif /* RUNTIME_LOCATE_H */
