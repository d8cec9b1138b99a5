#include "text/number.h"

#include <ipc/observe.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct number unknown(void)
{
	return (struct number){"-"};
}

static const struct number too_much = {">999E"};

/* Three digits of @v, which is below @base, and a letter: "1.23k", "12.3k", "123k". */
static struct number three_digits(double v, const char *unit)
{
	struct number r;
	int           digits = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;

	snprintf(r.text, sizeof(r.text), "%.*f%s", digits, v, unit);
	return r;
}

/* @units: one letter a power of @base, from the first on. */
static struct number scaled(double v, double base, const char *units)
{
	char unit[2] = {0, 0};

	/* What would be printed with four digits goes up a unit: 1000 KiB is 0.98 MiB. */
	while (*units != 0 && (unit[0] == 0 || v >= 999.5)) {
		v /= base;
		unit[0] = *units++;
	}
	return v >= 999.5 ? too_much : three_digits(v, unit);
}

struct number number_count(uint64_t n)
{
	struct number r;

	if (n == IPC_UNKNOWN)
		return unknown();
	if (n > 9999)
		return scaled((double)n, 1000, "kMGTPE");
	snprintf(r.text, sizeof(r.text), "%" PRIu64, n);
	return r;
}

struct number number_rate(double v)
{
	struct number r;

	if (isnan(v))
		return unknown();
	if (v >= 9999.5)
		return scaled(v, 1000, "kMGTPE");
	if (v < 0.005)
		v = 0;
	snprintf(r.text, sizeof(r.text), "%.*f", v > 0 && v < 9.95 ? 1 + (v < 0.95) : 0, v);
	return r;
}

struct number number_byte_rate(double v)
{
	struct number r;

	if (isnan(v))
		return unknown();
	if (v >= 1023.5)
		return scaled(v, 1024, "KMGTPE");
	if (v < 0.5)
		return (struct number){"0"};
	snprintf(r.text, sizeof(r.text), "%.0fB", v);
	return r;
}

struct number number_bytes(uint64_t bytes)
{
	return bytes == IPC_UNKNOWN ? unknown() : number_byte_rate((double)bytes);
}

struct number number_bytes_unit(uint64_t bytes)
{
	struct number r = number_bytes(bytes);
	size_t        n = strlen(r.text);
	char          unit = r.text[n - 1];

	if (unit == '-')
		return r;
	if (unit == '0')
		snprintf(r.text + n, sizeof(r.text) - n, " B");
	else
		snprintf(r.text + n - 1, sizeof(r.text) - n + 1, unit == 'B' ? " B" : " %ciB",
			 unit);
	return r;
}

/* "19m04s": @major of the larger unit, the rest in the smaller one. */
static struct number two_units(uint64_t major, char a, uint64_t minor, char b)
{
	struct number r;

	snprintf(r.text, sizeof(r.text), "%" PRIu64 "%c%02" PRIu64 "%c", major, a, minor, b);
	return r;
}

static struct number below_minute(double ns)
{
	struct number r;
	const char   *unit = "ns";
	double        v = ns;

	if (ns >= 999.5e6) {
		v = ns / 1e9;
		unit = "s";
	} else if (ns >= 999.5e3) {
		v = ns / 1e6;
		unit = "ms";
	} else if (ns >= 999.5) {
		v = ns / 1e3;
		unit = "us";
	}
	snprintf(r.text, sizeof(r.text), "%.*f%s", v < 99.95 && unit[0] != 'n' && v > 0, v, unit);
	return r;
}

struct number number_duration(uint64_t ns)
{
	uint64_t      s = ns / 1000000000;
	struct number r;

	if (ns == IPC_UNKNOWN)
		return unknown();
	if (ns < UINT64_C(59950000000))
		return below_minute((double)ns);
	if (s < 3600)
		return two_units(s / 60, 'm', s % 60, 's');
	if (s < 86400)
		return two_units(s / 3600, 'h', s / 60 % 60, 'm');
	if (s < 100 * 86400)
		return two_units(s / 86400, 'd', s / 3600 % 24, 'h');
	snprintf(r.text, sizeof(r.text), "%" PRIu64 "d", s / 86400);
	return r;
}

struct number number_percent(double percent)
{
	struct number r;

	if (isnan(percent))
		return unknown();
	if (percent > 99999)
		return (struct number){">99k"};
	snprintf(r.text, sizeof(r.text), "%.0f", percent < 0 ? 0 : percent);
	return r;
}
