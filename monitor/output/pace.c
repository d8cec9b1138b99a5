#include "output/pace.h"

#include <signal.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)

uint64_t pace_next(uint64_t at_ns, uint64_t interval_ns)
{
	struct timespec t;
	uint64_t        now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
	return (at_ns == 0 || at_ns + interval_ns < now ? now : at_ns) + interval_ns;
}

int pace_sleep(uint64_t at_ns)
{
	struct timespec t = {(time_t)(at_ns / SECOND_NS), (long)(at_ns % SECOND_NS)};

	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == 0;
}

static volatile sig_atomic_t ending;

static void on_signal(int s)
{
	ending = s;
}

/* No SA_RESTART: a pause ends at once. */
void pace_heed_signals(void)
{
	struct sigaction a = {.sa_handler = on_signal};

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
}

int pace_ending(void)
{
	return ending != 0;
}
