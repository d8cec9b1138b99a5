#ifndef RUNTIME_REGISTRY_H
#define RUNTIME_REGISTRY_H

/* registry.h - the registry file: made, checked and mapped */

#include "runtime/domain.h"

/** 0, or -EINVAL: a limit in the environment is no number, or too large. */
int registry_check_environment(void);

/** Make the registry file in @d's directory; under the registry lock. */
int registry_create(struct domain *d);

/** Open, check and map the registry file of @d's directory; -ENOENT if there is none. */
int registry_map(struct domain *d);

/** Unmap and close it. */
void registry_unmap(struct domain *d);

#endif /* RUNTIME_REGISTRY_H */
