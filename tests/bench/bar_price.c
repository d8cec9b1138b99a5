/*
 * bar_price.c - what it costs to be watched
 *
 * Differences of a percent on machines that change by ten: with and without take turns in short
 * rounds, first the one and then the other, and what counts is the median of the ratios of
 * neighbours.
 */

#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bars.h"
#include "impls.h"
#include "round.h"

#define PAIRS 48

static double one_round(double seconds)
{
	const struct bench_plan plan = {
		.which = CASE_ONEWAY, .size = 64, .depth = 256, .seconds = seconds};
	double value[N_METRICS];

	return round_run(&impl_libipc_pipe, &plan, value) == 0 ? value[METRIC_NS_PER_MSG] : NAN;
}

/* ---- counters and samples -------------------------------------------------------------------- */

/* A round by another process, of this ipcbench or of one whose library does not count. */
static double round_of(const char *program, double seconds)
{
	char   text[PATH_MAX + 128];
	double value = NAN;
	FILE  *f;

	snprintf(text, sizeof(text),
		 "'%s' --json --case oneway --impl libipc-pipe --size 64 --rounds 1 --seconds %g",
		 program, seconds);
	f = popen(text, "re");
	if (!f)
		return NAN;
	/* one object, whose last field it is: see report_json() */
	if (fgets(text, sizeof(text), f) && strrchr(text, ':'))
		value = strtod(strrchr(text, ':') + 1, NULL);
	pclose(f);
	return value;
}

double bar_counting_percent(const struct effort *e)
{
	struct cell ratio = {0};
	char        with[PATH_MAX], without[PATH_MAX];
	double      seconds = e->seconds / e->rounds;

	if (!beside(with, "ipcbench") || !beside(without, "uncounted/ipcbench"))
		return NAN;
	for (int i = 0; i < PAIRS; i++) {
		double first = round_of(i % 2 ? with : without, seconds);
		double second = round_of(i % 2 ? without : with, seconds);

		cell_add(&ratio, i % 2 ? first / second : second / first);
	}
	return (cell_median(&ratio) - 1) * 100;
}

/* ---- a monitor ------------------------------------------------------------------------------- */

static double watched_round(pid_t monitor, int watched, double seconds)
{
	kill(monitor, watched ? SIGCONT : SIGSTOP);
	return one_round(seconds);
}

double bar_monitor_percent(const struct effort *e)
{
	struct cell ratio = {0};
	char        program[PATH_MAX];
	double      seconds = 2 * e->seconds / e->rounds; /* one or two readings in each */
	pid_t       monitor;

	if (!beside(program, "ipcmon") || isnan(one_round(seconds)))
		return NAN;
	/* SIGKILL, since it is stopped half of the time */
	monitor = start_program((const char *[]){program, "--batch", "--delay", "100ms", NULL}, -1,
				NULL, SIGKILL);
	if (monitor < 0)
		return NAN;
	for (int i = 0; i < PAIRS; i++) {
		double first = watched_round(monitor, i % 2, seconds);
		double second = watched_round(monitor, !(i % 2), seconds);

		cell_add(&ratio, i % 2 ? first / second : second / first);
	}
	kill(monitor, SIGKILL);
	waitpid(monitor, NULL, 0);
	return (cell_median(&ratio) - 1) * 100;
}
