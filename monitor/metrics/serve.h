#ifndef METRICS_SERVE_H
#define METRICS_SERVE_H

/*
 * serve.h - metrics by HTTP, for who is on this machine
 *
 * GET /metrics, in OpenMetrics where that is accepted. Listens on a loopback address or a
 * Unix socket, never on the network: what a domain's programs are called and do is the
 * machine's own business, and who wants it elsewhere has a proxy with a lock on it.
 */

#include <sys/types.h>

#include "metrics/metrics.h"

struct MHD_Daemon;

struct server {
	struct MHD_Daemon    *daemon;
	const struct metrics *m;          /* what is told: read when somebody asks */
	char                  where[200]; /* "http://127.0.0.1:9779/metrics" */
	char                  path[108];  /* of a Unix socket, to be removed; "" */
	dev_t                 dev;        /* of it */
	ino_t                 ino;
	char                  why[256];   /* the failure in words */
	int                   no_address; /* the failure is that it is none */
};

/**
 * @address: PORT, 127.0.0.1:PORT, [::1]:PORT, localhost:PORT (0: any free one), or
 * unix:PATH. 0, or -1 with @v->why.
 */
int serve_open(struct server *v, const char *address, const struct metrics *m);

/** Answer who asks, once; false: CLOCK_MONOTONIC is @until_ns by now. */
int serve_until(struct server *v, uint64_t until_ns);

void serve_close(struct server *v);

#endif
