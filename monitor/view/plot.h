#ifndef VIEW_PLOT_H
#define VIEW_PLOT_H

/*
 * plot.h - two minutes of a number as lines of a page
 */

#include "model/history.h"
#include "model/latency.h"
#include "text/number.h"
#include "view/page.h"

#define PLOT_SECONDS 120

struct plot {
	const char *label; /* of up to 8 characters */
	enum role   role;
	double      value[PLOT_SECONDS]; /* so many whole seconds ago */
	struct number (*text)(double v);
	double scale; /* what the top of it stands for; 0: the greatest value */
};

/** The series of a history. */
void plot_history(struct plot *p, const struct history *h, const history_number *series);

/** The 99th percentile of each second, to a power of two. */
void plot_p99(struct plot *p, const struct latency *l, const struct ipc_snapshot *s);

/** Draw it, @height lines high. */
void plot_add(struct page *page, const struct plot *p, int height);

/** Lines each gets on a screen of @rows; 0: it is too low for pictures. */
int plot_height(int rows);

#endif
