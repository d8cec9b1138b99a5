#include "output/pace.h"

#include <signal.h>
#include <time.h>

#include "text/now.h"

#define SECOND_NS UINT64_C(1000000000)

uint64_t pace_next(uint64_t at_ns, uint64_t interval_ns)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	return (at_ns == 0 || at_ns + interval_ns < now ? now : at_ns) + interval_ns;
}

static volatile sig_atomic_t ending;

/* In slices: a signal that comes just before a sleep is seen after it. */
int pace_sleep(uint64_t at_ns)
{
	uint64_t until_ns;

	do {
		struct timespec t;

		until_ns = pace_next(0, SECOND_NS / 2);
		until_ns = until_ns < at_ns ? until_ns : at_ns;
		t = (struct timespec){(time_t)(until_ns / SECOND_NS), (long)(until_ns % SECOND_NS)};
		if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0 || ending)
			return 0;
	} while (until_ns < at_ns);
	return 1;
}

static void on_signal(int s)
{
	ending = s;
}

/* No SA_RESTART: a pause ends at once. */
void pace_heed_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction a = {.sa_handler = on_signal}, before;

		sigaction(signals[i], &a, &before);
		if (before.sa_handler == SIG_IGN) /* by nohup(1), say */
			sigaction(signals[i], &before, NULL);
	}
}

int pace_ending(void)
{
	return ending != 0;
}
