#ifndef MODEL_LATENCY_H
#define MODEL_LATENCY_H

/*
 * latency.h - how long messages of one channel lay, second by second
 *
 * The domain counts since each end was made; what people want to know is how long
 * it takes now, and when it became so. From one second to the next the differences
 * of the histogram are kept: coarsely for each second, and finely, as sums so far,
 * for a window's percentiles.
 *
 * Some 13 KB each, so it is kept for the LATENCY_MOST channels that first had
 * anything to keep.
 */

#include <ipc/observe.h>
#include <stdint.h>

#define LATENCY_SECONDS 120
#define LATENCY_BINS    (IPC_OBS_HIST / 4) /* an octave each: of four buckets, see ipc_obs_hist_ns() */
#define LATENCY_MOST    512

/* The window of the percentiles: so many whole steps, and the one that is not over. */
#define LATENCY_STEPS    4
#define LATENCY_STEP_S   15
#define LATENCY_WINDOW_S (LATENCY_STEPS * LATENCY_STEP_S)

struct percentiles {
	uint64_t n; /* samples they are of; 0: none, and the others mean nothing */
	uint64_t p50_ns, p99_ns, p999_ns, max_ns;
};

/* One is shared by the frames that hold it, and changes only while nobody else does. */
struct latency {
	unsigned           refs;
	uint64_t           second;                            /* of the last look; 0: none yet */
	uint64_t           first;                             /* oldest second that heat knows of */
	uint32_t           so_far[IPC_OBS_HIST];              /* at the last look */
	uint32_t           step[LATENCY_STEPS][IPC_OBS_HIST]; /* as each step began */
	uint64_t           step_at;                           /* number of the newest step */
	uint16_t           heat[LATENCY_SECONDS][LATENCY_BINS]; /* by second modulo */
	struct percentiles window;
};

struct latency *latency_ref(struct latency *l);
void            latency_unref(struct latency *l); /* may be NULL */

/* Of all channels of a domain, by id. All zeroes is none. */
struct latencies {
	struct latency_of {
		uint64_t        id;
		struct latency *latency;
		int             seen;
	} of[LATENCY_MOST];
	size_t n, next; /* where the channel after the last one that was looked at belongs */
};

/** Look at @c of @s. Returns what is kept of it, good until the next look; NULL: nothing. */
struct latency *latencies_look(struct latencies *t, const struct ipc_snapshot *s,
			       const struct ipc_obs_channel *c);

/** Forget every channel that was not looked at since the last sweep. */
void latencies_sweep(struct latencies *t);
void latencies_fini(struct latencies *t);

/** Samples in the octave @bin, @ago whole seconds before the current one. */
unsigned latency_heat(const struct latency *l, unsigned ago, unsigned bin);

/** The 99th percentile of that second, rounded up to an octave; 0: nothing was timed. */
uint64_t latency_second_p99(const struct latency *l, const struct ipc_snapshot *s, unsigned ago);

/** Upper bound of an octave. */
uint64_t latency_bin_ns(const struct ipc_snapshot *s, unsigned bin);

/** Of all samples since the channel's ends were made, of both directions. */
struct percentiles latency_total(const struct ipc_snapshot *s, const struct ipc_obs_channel *c);

#endif
