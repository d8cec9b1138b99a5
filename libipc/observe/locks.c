/* locks.c - what things of ipc/sync.h say of themselves; see locks.h */

#include <string.h>

#include <ipc/sync.h>

#include "observe/locks.h"

/* What must be read of it [bytes]: up to the last word of interest. */
static size_t bytes_of(enum ipc_op op)
{
	switch (op) {
	case IPC_OP_RDLOCK:
	case IPC_OP_WRLOCK: return sizeof(ipc_rwlock);
	case IPC_OP_SEM: return sizeof(ipc_sem);
	case IPC_OP_COND: return sizeof(ipc_cond);
	case IPC_OP_BARRIER: return sizeof(ipc_barrier);
	default: return sizeof(uint64_t);
	}
}

void lock_read(struct files *files, uint64_t id, enum ipc_op op, uint64_t offset,
	       struct lock_seen *ret)
{
	union {
		uint64_t    first;
		ipc_rwlock  rwlock;
		ipc_sem     sem;
		ipc_cond    cond;
		ipc_barrier barrier;
	} u = {0};

	*ret = (struct lock_seen){0};
	if (files_read(files, id, &u, bytes_of(op), offset) < 0)
		return;
	ret->verified = true;
	ret->owner = u.first;
	if (op == IPC_OP_RDLOCK || op == IPC_OP_WRLOCK)
		ret->number = u.rwlock.number;
	else if (op == IPC_OP_SEM)
		ret->number = u.sem.number;
	else if (op == IPC_OP_BARRIER)
		ret->number = u.barrier.number;
	ret->bound = op == IPC_OP_SEM ? u.sem.bound : 0;
	ret->left = op == IPC_OP_COND ? u.cond.left : 0;
}
