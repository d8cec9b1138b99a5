#include "lint/limits.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text/quantity.h"

static const struct {
	const char        *name;
	enum lint_id       lint;
	enum quantity_kind kind;
	double             by_default, least, most;
	const char        *help;
} limits[N_LIMITS] = {
	[LIMIT_SATURATED] = {"saturated", LINT_SATURATED, QUANTITY_PERCENT, 50, 1, 100,
			     "full at that part of the looks of 10 s"},
	[LIMIT_STARVED] = {"starved-consumer", LINT_STARVED_CONSUMER, QUANTITY_PERCENT, 25, 1, 90,
			   "gets less than that of an equal share"},
	[LIMIT_PING_PONG] = {"ping-pong", LINT_PING_PONG, QUANTITY_PLAIN, 1000, 1, 1e9,
			     "so many messages a second, each with a sleep"},
	[LIMIT_HERD] = {"herd", LINT_HERD, QUANTITY_PLAIN, 1000, 1, 1e9,
			"so many wake-ups a second for nothing, and fewer for something"},
	[LIMIT_OVERSIZE] = {"oversize", LINT_OVERSIZE, QUANTITY_PERCENT, 50, 1, 100,
			    "a sender waits for memory for that part of 10 s"},
	[LIMIT_NEVER_DRAINED] = {"never-drained", LINT_NEVER_DRAINED, QUANTITY_TIME, 30, 2, 86400,
				 "what is queued only grew for so long, and"},
	[LIMIT_FULL_SOON] = {"full-within", LINT_NEVER_DRAINED, QUANTITY_TIME, 600, 1, 864000,
			     "is at the capacity so soon, or"},
	[LIMIT_GROWN] = {"grown", LINT_NEVER_DRAINED, QUANTITY_PLAIN, 1000, 1, 1e12,
			 "grew by so many messages, without a capacity"},
	[LIMIT_LEAKED_END] = {"leaked-end", LINT_LEAKED_END, QUANTITY_TIME, 10, 1, 86400,
			      "a child keeps both ends unused for so long"},
	[LIMIT_POLL_SPIN] = {"poll-spin", LINT_POLL_SPIN, QUANTITY_PLAIN, 1000, 1, 1e9,
			     "asks so often a second, mostly in vain"},
	[LIMIT_TELEMETRY] = {"telemetry-lost", LINT_TELEMETRY_LOST, QUANTITY_PERCENT, 1, 0.01, 100,
			     "that part of the records, or of the samples, is lost"},
};

/* What differs from what it is by default; 0: nothing. */
static double chosen[N_LIMITS];

double lint_limit(enum lint_limit i)
{
	return chosen[i] > 0 ? chosen[i] : limits[i].by_default;
}

const char *lint_limit_name(enum lint_limit i)
{
	return limits[i].name;
}

enum lint_id lint_limit_of(enum lint_limit i)
{
	return limits[i].lint;
}

const char *lint_limit_help(enum lint_limit i)
{
	return limits[i].help;
}

int lint_limit_named(const char *name)
{
	for (int i = 0; i < N_LIMITS; i++)
		if (strcmp(limits[i].name, name) == 0)
			return i;
	return -1;
}

void lint_limit_text(enum lint_limit i, int by_default, char *ret, size_t size)
{
	const char *unit = limits[i].kind == QUANTITY_PERCENT ? "%"
			   : limits[i].kind == QUANTITY_TIME  ? "s"
							      : "";

	(void)snprintf(ret, size, "%.12g%s", by_default ? limits[i].by_default : lint_limit(i),
		       unit);
}

static int set(enum lint_limit i, double value)
{
	if (!(value >= limits[i].least && value <= limits[i].most))
		return -EINVAL;
	chosen[i] = value;
	return 0;
}

int lint_limit_set(enum lint_limit i, const char *text)
{
	struct quantity q;

	if (quantity_parse(text, &q) < 0)
		return -EINVAL;
	if (q.kind == QUANTITY_SCALED && limits[i].kind == QUANTITY_PLAIN)
		return set(i, quantity_in(&q, 1000));
	if (q.kind != limits[i].kind)
		return -EINVAL;
	return set(i, q.kind == QUANTITY_TIME ? q.number / 1e9 : q.number);
}

/* 1, 2, 5, 10, 20, 50 …: as people would choose them. */
void lint_limit_shift(enum lint_limit i, int step)
{
	static const double steps[] = {1, 2, 5, 10};
	double              value = lint_limit(i), ten = pow(10, floor(log10(value)));
	double              next = step > 0 ? 10 * ten : ten / 2;

	for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		double v = steps[k] * ten;

		if (step > 0 && v > value * 1.001) {
			next = v;
			break;
		}
		if (step < 0 && v < value * 0.999)
			next = v;
	}
	(void)set(i, next);
}
