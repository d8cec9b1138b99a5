#ifndef OBSERVE_WATCH_H
#define OBSERVE_WATCH_H

/*
 * watch.h - sleepers that should have woken
 *
 * That a thread sleeps although its message is there is normal for the moment it
 * takes to wake it, and for as long as it is stopped or gets no processor. So one
 * look proves nothing. It is a fault if it stays so for a second, the thread
 * having woken, looked and gone back to sleep in between: the kernel counts that.
 * All this within one and the same wait, with the same message still there.
 */

#include "observe/files.h"
#include "observe/relate.h"

struct watch {
	struct grow sights; /* per thread slot */
};

/* Is wait @w of @r such a case, seen now at @now_ns? Remembers it until the next reading. */
bool watch_lost(struct watch *watch, const struct relate *r, struct files *files, uint32_t w,
		uint64_t now_ns);

void watch_fini(struct watch *watch);

#endif /* OBSERVE_WATCH_H */
