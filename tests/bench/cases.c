#include "cases.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct case_def *const bench_cases[N_CASES] = {
	[CASE_ONEWAY] = &case_oneway,         [CASE_ROUNDTRIP] = &case_roundtrip,
	[CASE_MANYTOMANY] = &case_manytomany, [CASE_WAKEUP] = &case_wakeup,
	[CASE_INPLACE] = &case_inplace,       [CASE_INPLACE_FULL] = &case_inplace_full,
};

int fail(struct scene *s, unsigned who, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->party[who].error, sizeof(s->party[who].error), format, args);
	va_end(args);
	return 1;
}

int fail_call(struct scene *s, unsigned who, const char *call, ssize_t r)
{
	return fail(s, who, "%s: %s", call, r < 0 ? strerror((int)-r) : "not the length sent");
}
