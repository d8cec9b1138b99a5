#ifndef OBJECT_QUEUE_H
#define OBJECT_QUEUE_H

/* queue.h - a queue is its channel */

#include <ipc/queue.h>

#include "object/channel.h"

struct ipc_queue {
	struct channel c;
};

/** ipc_queue_task_done() of the task in @block, of a queue whose tasks come back. */
int queue_done_with(ipc_queue *q, uint64_t block);

#endif /* OBJECT_QUEUE_H */
