#ifndef MODEL_FLOW_H
#define MODEL_FLOW_H

/*
 * flow.h - which channels come before which, on the way that messages take
 *
 * The way is followed backwards: from a channel to the process that puts most
 * into it, from there to the channel that process takes most from, and so on to
 * one that takes nothing. The hops are the channel's layer: 0 at the beginning
 * of a pipeline. Where messages go round in a circle there is no beginning.
 */

#include "model/frame.h"

#define FLOW_LAYERS 16 /* a longer pipeline than people build: this far down it is a circle */

/** Set the layer of every channel of @f. */
void flow_layers(struct frame *f);

/** Do messages go this way through end @e? A right that was never used is not a way. */
int flow_sends(const struct ipc_obs_end *e);
int flow_receives(const struct ipc_obs_end *e);

#endif
