#ifndef VIEW_DETAIL_H
#define VIEW_DETAIL_H

/*
 * detail.h - between the files that draw all about one thing
 */

#include "view/render.h"

struct rates {
	double messages, bytes, blocks, timeouts; /* a second; NaN: unknown */
	double asleep;                            /* threads, on average */
};

/* One of two directions: "put" and "get", "out" and "in". */
struct counters {
	const char         *name;
	struct ipc_obs_flow total;
	struct rates        rate;
};

/** Totals, and beside each how fast it grows. */
void detail_counters(struct page *page, const struct counters c[2]);

/** Pictures of the last two minutes, each @height lines; 0: none. */
void detail_history(struct page *page, const struct history *h, const char *out, const char *in,
		    int height);
void detail_channel_history(struct page *page, const struct frame *f, uint32_t i, int height);

/** When it will be full or empty, as things go. */
void detail_outlook(struct page *page, const struct ipc_obs_ring *r, double put, double get);

#endif
