#include "clock.h"

#include <stdio.h>
#include <string.h>

#define CALIBRATE_NS 20000000 /* two stamps of 50 ns each at its ends: exact to 0.001 % */

int           clock_has_ticks;
static double ns_per_tick = 1;

static int tsc_is_steady(void)
{
	char  line[8192];
	int   steady = 0;
	FILE *f = fopen("/proc/cpuinfo", "re");

	while (f && !steady && fgets(line, sizeof(line), f))
		steady = strstr(line, " constant_tsc") && strstr(line, " nonstop_tsc");
	if (f)
		fclose(f);
	return steady;
}

void clock_calibrate(void)
{
	uint64_t ns, ticks;

	clock_has_ticks = tsc_is_steady();
	ns = clock_ns();
	ticks = clock_ticks();
	while (clock_ns() - ns < CALIBRATE_NS)
		;
	ns_per_tick = (double)(clock_ns() - ns) / (double)(clock_ticks() - ticks);
}

double clock_ticks_to_ns(double ticks)
{
	return ticks * ns_per_tick;
}
