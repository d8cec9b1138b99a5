#ifndef OUTPUT_PACE_H
#define OUTPUT_PACE_H

/*
 * pace.h - one reading an interval, however long a reading takes
 */

#include <stdint.h>

/*
 * When the reading after the one that was due at @at_ns is: an interval later. From now on if
 * that is over, or if there was none (0): what is late is not made up for. [CLOCK_MONOTONIC]
 */
uint64_t pace_next(uint64_t at_ns, uint64_t interval_ns);

/* Sleep until then; false: a signal came before. */
int pace_sleep(uint64_t at_ns);

/* From now on SIGINT, SIGTERM and SIGHUP end a pause, and make pace_ending() true. */
void pace_heed_signals(void);
int  pace_ending(void);

#endif /* OUTPUT_PACE_H */
