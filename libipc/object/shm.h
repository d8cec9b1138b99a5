#ifndef OBJECT_SHM_H
#define OBJECT_SHM_H

#include "base/ref.h"

/** The block that @address lies in, and where in it; 0: none this process has open. */
ref shm_find(const void *address, uint64_t *ret_offset);

#endif /* OBJECT_SHM_H */
