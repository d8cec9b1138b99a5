#ifndef OBJECT_CONN_H
#define OBJECT_CONN_H

/* conn.h - a connection is its channel; which rings it uses follows from its rights */

#include <ipc/conn.h>

#include "object/channel.h"

struct ipc_conn {
	struct channel c;
};

static inline unsigned conn_ring_in(const ipc_conn *c)
{
	return c->c.h.rights & RIGHT_RECV1 ? 1 : 0;
}

static inline unsigned conn_ring_out(const ipc_conn *c)
{
	return c->c.h.rights & RIGHT_SEND1 ? 1 : 0;
}

#endif /* OBJECT_CONN_H */
