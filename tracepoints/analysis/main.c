/*
 * ipctrace-latency - how long messages were under way, from a recorded trace
 *
 * See ipc-latency(1). The way of an event:
 *
 *     reader.c  babeltrace's graph over all traces of the directory
 *     decode.c  its messages become struct event
 *     people.c  which process that was
 *     latency.c the two ends of a message meet; histogram, ten slowest
 *     report_*.c
 *
 * Exit status: 0; 1: there is no result, or not of the whole trace; 2: wrong call.
 */

#include "memory.h"
#include "report.h"

#include <getopt.h>
#include <ipc/observe.h>
#include <stdbool.h>

static void usage(FILE *out)
{
	fputs("usage: ipctrace-latency [--json] DIR\n"
	      "\n"
	      "Print how long messages were under way, per channel, and the ten slowest,\n"
	      "from a trace recorded with ipc-record.\n"
	      "\n"
	      "  -j, --json  one JSON object instead of tables\n"
	      "  -h, --help  this text\n",
	      out);
}

const char *report_kind(uint32_t kind)
{
	static const char *const names[] = {
		[IPC_KIND_PIPE] = "pipe",         [IPC_KIND_QUEUE] = "queue",
		[IPC_KIND_JOINABLE] = "joinable", [IPC_KIND_SIMPLE] = "simple",
		[IPC_KIND_SHM] = "shm",
	};

	return kind < sizeof(names) / sizeof(*names) && names[kind] ? names[kind] : "?";
}

static void take(const struct event *e, void *arg)
{
	latency_event(arg, e);
}

static struct latency latency;

static int busier(const void *pa, const void *pb)
{
	const struct latency_channel *a = latency.channels[*(const uint32_t *)pa];
	const struct latency_channel *b = latency.channels[*(const uint32_t *)pb];

	if (a->hist.n != b->hist.n)
		return a->hist.n < b->hist.n ? 1 : -1;
	return *(const uint32_t *)pa < *(const uint32_t *)pb ? -1 : 1;
}

static uint32_t *busiest_first(void)
{
	uint32_t *order = memory_zero(latency.n_channels, sizeof(*order));

	for (uint32_t i = 0; i < latency.n_channels; i++)
		order[i] = i;
	qsort(order, latency.n_channels, sizeof(*order), busier);
	return order;
}

static int print(const char *path, const struct reader_totals *totals, bool json)
{
	struct report r = {path, totals, &latency, busiest_first()};

	(json ? report_json : report_text)(&r, stdout);
	free(r.order);
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	perror("ipctrace-latency: cannot write");
	return 1;
}

static int analyse(const char *path, bool json)
{
	struct reader_totals totals = {0};
	char                 error[1024];
	int fault = reader_run(path, take, &latency, &totals, error, sizeof(error));
	int result = 1;

	latency_end(&latency);
	if (totals.events)
		result = print(path, &totals, json);
	else if (!fault && totals.foreign)
		fprintf(stderr, "ipctrace-latency: %s holds events, but none of libipc\n", path);
	else if (!fault)
		fprintf(stderr, "ipctrace-latency: %s is empty: no event was recorded\n", path);
	if (fault)
		fprintf(stderr, "ipctrace-latency: %s\n", error);
	latency_fini(&latency);
	return fault ? 1 : result;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	bool json = false;
	int  c;

	while ((c = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		switch (c) {
		case 'j': json = true; break;
		case 'h': usage(stdout); return 0;
		default: usage(stderr); return 2;
		}
	}
	if (optind + 1 != argc) {
		usage(stderr);
		return 2;
	}
	return analyse(argv[optind], json);
}
