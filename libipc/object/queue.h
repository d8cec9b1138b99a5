#ifndef OBJECT_QUEUE_H
#define OBJECT_QUEUE_H

/* queue.h - a queue is its channel */

#include "object/channel.h"

struct ipc_queue {
	struct channel c;
};

#endif /* OBJECT_QUEUE_H */
