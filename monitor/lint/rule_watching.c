/* rule_watching.c - what is wrong with what one is shown */

#include <inttypes.h>

#include "lint/habits.h"
#include "lint/limits.h"
#include "text/number.h"

enum { READ, TORN, TIMED, CLAMPED, N_VALUES };

#define TORN_LEAST 3 /* picked */

/* ---- I016 --------------------------------------------------------------------------------- */

/* Messages whose time was sampled, and those of them that lay longer than the last bucket says. */
static void count_timed(const struct ipc_snapshot *s, uint64_t *ret_all, uint64_t *ret_clamped)
{
	for (size_t i = 0; i < s->n_channels; i++)
		for (uint32_t r = 0; r < s->channels[i].n_rings; r++) {
			const uint32_t *hist = s->channels[i].ring[r].hist;

			if (hist == NULL)
				continue;
			for (unsigned b = 0; b < IPC_OBS_HIST; b++)
				*ret_all += hist[b];
			*ret_clamped += hist[IPC_OBS_HIST - 1];
		}
}

static void torn(struct lints *l, const uint64_t *d, uint64_t length)
{
	if (d[TORN] >= TORN_LEAST &&
	    100.0 * (double)d[TORN] > lint_limit(LIMIT_TELEMETRY) * (double)d[READ])
		habit_add(
			l, LINT_TELEMETRY_LOST, IPC_NO_INDEX, IPC_NO_INDEX, length,
			"%s of %s records read in the last %.0f s changed too fast to be read, or "
			"made no sense: rows are missing, or old",
			number_count(d[TORN]).text, number_count(d[READ]).text,
			(double)length / 1e9);
}

static void clamped(struct lints *l, const struct frame *f, const uint64_t *d, uint64_t length)
{
	if (100.0 * (double)d[CLAMPED] > lint_limit(LIMIT_TELEMETRY) * (double)d[TIMED])
		habit_add(
			l, LINT_TELEMETRY_LOST, IPC_NO_INDEX, IPC_NO_INDEX, length,
			"%s of %s sampled messages of the last %.0f s lay longer than %s, which is "
			"all that the histograms tell: percentiles are too small",
			number_count(d[CLAMPED]).text, number_count(d[TIMED]).text,
			(double)length / 1e9,
			number_duration(ipc_obs_hist_ns(f->s, IPC_OBS_HIST - 2)).text);
}

void rule_watching(struct lints *l, const struct frame *f, struct habits *h)
{
	const struct ipc_snapshot *s = f->s;
	uint64_t                   now[N_VALUES] = {0}, d[N_VALUES], length;

	h->read += s->n_processes + s->n_threads + s->n_channels + s->n_ends;
	h->torn += s->torn + s->damaged;
	now[READ] = h->read;
	now[TORN] = h->torn;
	count_timed(s, &now[TIMED], &now[CLAMPED]);
	length = span_look(&h->watching, s->t_mono_ns, now, N_VALUES, d);
	if (length == 0)
		return;
	torn(l, d, length);
	clamped(l, f, d, length);
}
