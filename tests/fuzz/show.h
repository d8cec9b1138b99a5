#ifndef FUZZ_SHOW_H
#define FUZZ_SHOW_H

/* show.h - all that the monitor makes of a snapshot, thrown away */

#include <ipc/observe.h>

struct shown;

struct shown *shown_new(void);
void          shown_free(struct shown *s);

/** As JSON, and on the screen of the view that @choice picks, its first row in detail, too. */
void show(struct shown *shown, const struct ipc_snapshot *s, unsigned choice);

#endif /* FUZZ_SHOW_H */
