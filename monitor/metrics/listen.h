#ifndef METRICS_LISTEN_H
#define METRICS_LISTEN_H

#include "metrics/serve.h"

/** A socket that listens at @address, as serve_open() has it, or -1 with @v->why. */
int listen_at(struct server *v, const char *address);

#endif
