#include "times.h"

#include "clock.h"

void times_values(const struct histogram *times, double value[N_METRICS])
{
	if (times->n == 0)
		return; /* not even the warm-up was done in time */
	value[METRIC_P50] = clock_ticks_to_ns(histogram_quantile(times, 0.5));
	value[METRIC_P99] = clock_ticks_to_ns(histogram_quantile(times, 0.99));
	value[METRIC_P999] = clock_ticks_to_ns(histogram_quantile(times, 0.999));
}
