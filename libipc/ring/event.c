#include "ring/event.h"

void (*event_watched)(struct event *e, bool again);
