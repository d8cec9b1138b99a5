#include "text/number.h"

#include <ipc/observe.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/*
 * By hand and not by printf(3): a screen, and a list even more, is made of these, some
 * hundred thousand a second where a domain is large. They round as printf does, to even
 * where a value lies exactly between two.
 */

static struct number unknown(void)
{
	return (struct number){"-", 1};
}

static const struct number too_much = {">999E", 5};

/* @n in digits at @to; returns how many. */
static size_t put_digits(char *to, uint64_t n)
{
	char   reversed[20];
	size_t k = 0;

	do
		reversed[k++] = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	for (size_t i = 0; i < k; i++)
		to[i] = reversed[k - 1 - i];
	return k;
}

static size_t put_text(char *to, const char *text)
{
	size_t n = strlen(text);

	memcpy(to, text, n + 1);
	return n;
}

static struct number whole(uint64_t n, const char *unit)
{
	struct number r = {.text = ""};

	r.n = put_digits(r.text, n);
	r.n += put_text(r.text + r.n, unit);
	return r;
}

/* @v, at least 0 and below a million, with @digits behind the point, at most two, and @unit. */
static struct number fixed(double v, int digits, const char *unit)
{
	static const unsigned powers[] = {1, 10, 100};
	unsigned              power = powers[digits];
	uint64_t              n = (uint64_t)rint(v * power);
	struct number         r;
	size_t                at = put_digits(r.text, n / power);

	if (digits > 0)
		r.text[at++] = '.';
	for (unsigned d = power / 10; d > 0; d /= 10)
		r.text[at++] = (char)('0' + n / d % 10);
	r.n = at + put_text(r.text + at, unit);
	return r;
}

/* Three digits of @v, which is below @base, and a letter: "1.23k", "12.3k", "123k". */
static struct number three_digits(double v, const char *unit)
{
	return fixed(v, v < 9.995 ? 2 : v < 99.95 ? 1 : 0, unit);
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
	if (n == IPC_UNKNOWN)
		return unknown();
	if (n > 9999)
		return scaled((double)n, 1000, "kMGTPE");
	return whole(n, "");
}

struct number number_rate(double v)
{
	if (isnan(v))
		return unknown();
	if (v >= 9999.5)
		return scaled(v, 1000, "kMGTPE");
	if (v < 0.005)
		v = 0;
	return fixed(v, v > 0 && v < 9.95 ? 1 + (v < 0.95) : 0, "");
}

struct number number_byte_rate(double v)
{
	if (isnan(v))
		return unknown();
	if (v >= 1023.5)
		return scaled(v, 1024, "KMGTPE");
	if (v < 0.5)
		return (struct number){"0", 1};
	return fixed(v, 0, "B");
}

struct number number_bytes(uint64_t bytes)
{
	return bytes == IPC_UNKNOWN ? unknown() : number_byte_rate((double)bytes);
}

struct number number_bytes_unit(uint64_t bytes)
{
	struct number r = number_bytes(bytes);
	size_t        n = r.n;
	char          unit = r.text[n - 1];

	if (unit == '-')
		return r;
	if (unit == '0')
		snprintf(r.text + n, sizeof(r.text) - n, " B");
	else
		snprintf(r.text + n - 1, sizeof(r.text) - n + 1, unit == 'B' ? " B" : " %ciB",
			 unit);
	r.n = strlen(r.text);
	return r;
}

/* "19m04s": @major of the larger unit, the rest in the smaller one. */
static struct number two_units(uint64_t major, char a, uint64_t minor, char b)
{
	struct number r;
	size_t        at = put_digits(r.text, major);

	r.text[at++] = a;
	r.text[at++] = (char)('0' + minor / 10);
	r.text[at++] = (char)('0' + minor % 10);
	r.text[at++] = b;
	r.text[at] = 0;
	r.n = at;
	return r;
}

static struct number below_minute(double ns)
{
	const char *unit = "ns";
	double      v = ns;

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
	return fixed(v, v < 99.95 && unit[0] != 'n' && v > 0, unit);
}

struct number number_duration(uint64_t ns)
{
	uint64_t s = ns / 1000000000;

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
	return whole(s / 86400, "d");
}

struct number number_percent(double percent)
{
	if (isnan(percent))
		return unknown();
	if (percent > 99999)
		return (struct number){">99k", 4};
	return fixed(percent < 0 ? 0 : percent, 0, "");
}

uint64_t number_whole(double v)
{
	if (isnan(v) || v >= 0x1p64) /* of a damaged domain; to convert it would be undefined */
		return IPC_UNKNOWN;
	return v > 0 ? (uint64_t)v : 0;
}
