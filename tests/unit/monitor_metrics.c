/*
 * monitor_metrics.c - a frame as a collector reads it
 */
#include "monitor_fake.h"

#include <stdlib.h>

#include "lint/lint.h"
#include "metrics/metrics.h"

static int per_endpoint;

static char *print(const struct frame *f, int open_metrics)
{
	struct metrics m = {.per_endpoint = per_endpoint,
			    .domain = "nobody",
			    .frame = f,
			    .lints = LINT_ALL,
			    .reading_s = 0.25,
			    .torn = 3,
			    .tick_ns = 1};
	char          *text = NULL;
	size_t         bytes = 0;
	FILE          *to = open_memstream(&text, &bytes);

	assert_non_null(to);
	metrics_print(to, &m, open_metrics);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void has(const char *text, const char *line)
{
	char with[600];

	snprintf(with, sizeof(with), "\n%s\n", line);
	if (strstr(text, with) == NULL)
		fail_msg("no line \"%s\"", line);
}

/* ---- the format ---------------------------------------------------------------------- */

struct family {
	char name[80], type[16];
};

/* The family of a sample: its name less what its type adds. */
static int is_of(const char *sample, const struct family *f, int open_metrics)
{
	static const char *const of_histogram[] = {"_bucket{", "_sum{", "_count{"};
	size_t                   n = strlen(f->name);

	if (strncmp(sample, f->name, n) != 0)
		return 0;
	if (strcmp(f->type, "histogram") == 0) {
		for (int i = 0; i < 3; i++)
			if (strncmp(sample + n, of_histogram[i], strlen(of_histogram[i])) == 0)
				return 1;
		return 0;
	}
	if (strcmp(f->type, "counter") == 0 && open_metrics)
		return strncmp(sample + n, "_total{", 7) == 0;
	return sample[n] == '{';
}

static void check_family(const char *line, struct family *f, int *n, char *seen, size_t size)
{
	if (strncmp(line, "# HELP ", 7) == 0) {
		assert_int_equal(*n, 0); /* the type of the one before came */
		assert_int_equal(sscanf(line, "# HELP %79s", f->name), 1);
		assert_non_null(strchr(line + 7 + strlen(f->name) + 1, '.')); /* a sentence */
		strncat(f->name, " ", 2);
		assert_null(strstr(seen, f->name)); /* once each */
		strncat(seen, f->name, size - strlen(seen) - 1);
		f->name[strlen(f->name) - 1] = 0;
		*n = 1;
	} else {
		char name[80];

		assert_int_equal(sscanf(line, "# TYPE %79s %15s", name, f->type), 2);
		assert_string_equal(name, f->name);
		*n = 0;
	}
}

/* Every sample behind the head of its family, and no series twice. */
static void check_format(const char *text, int open_metrics)
{
	char         *copy = strdup(text), *rest = copy, *line, seen[8192] = " ";
	struct family f = {"", ""};
	int           heads = 0;

	while ((line = strsep(&rest, "\n")) != NULL && *line != 0) {
		if (strcmp(line, "# EOF") == 0) {
			assert_true(open_metrics && (rest == NULL || *rest == 0));
		} else if (*line == '#') {
			check_family(line, &f, &heads, seen, sizeof(seen));
		} else {
			char series[700], *end;

			if (!is_of(line, &f, open_metrics))
				fail_msg("\"%s\" is not of %s", line, f.name);
			end = strrchr(line, ' ');
			assert_non_null(end);
			assert_non_null(strstr(line, "{domain=\""));
			snprintf(series, sizeof(series), "\n%.*s ", (int)(end - line), line);
			assert_null(strstr(strstr(text, series) + 1, series));
			(void)strtod(end + 1, &end);
			assert_int_equal(*end, 0);
		}
	}
	free(copy);
}

static void metrics_print__both_formats__are_well_formed(void **state)
{
	static struct fake k;
	struct tally       m;
	char              *text;

	(void)state;
	fake_watched(&k, &m);
	for (int open_metrics = 0; open_metrics < 2; open_metrics++) {
		text = print(&m.frame, open_metrics);
		check_format(text, open_metrics);
		assert_int_equal(strstr(text, "# EOF") != NULL, open_metrics);
		has(text, open_metrics ? "# TYPE ipc_channel_put_messages counter"
				       : "# TYPE ipc_channel_put_messages_total counter");
		free(text);
	}
	tally_fini(&m);
}

static void metrics_print__nobody_there__says_so(void **state)
{
	char *text = print(NULL, 0);

	(void)state;
	check_format(text, 0);
	has(text, "ipc_up{domain=\"nobody\"} 0");
	assert_null(strstr(text, "ipc_processes"));
	free(text);
}

/* ---- the numbers ------------------------------------------------------------------------ */

static void metrics_print__a_domain__tells_its_numbers(void **state)
{
	static struct fake k;
	struct tally       m;
	char              *text;

	(void)state;
	fake_watched(&k, &m);
	k.channels[0].ring[0].out.blocked_ns = 2500000000; /* by sleeps that are over */
	text = print(&m.frame, 0);
	has(text, "ipc_processes{domain=\"demo\",state=\"alive\"} 4");
	has(text, "ipc_processes{domain=\"demo\",state=\"dead\"} 1");
	has(text, "ipc_threads{domain=\"demo\",state=\"asleep\"} 3");
	has(text, "ipc_threads{domain=\"demo\",state=\"running\"} 3"); /* and one of the dead */
	has(text, "ipc_verdict{domain=\"demo\",grade=\"critical\"} 1");
	has(text, "ipc_verdict{domain=\"demo\",grade=\"ok\"} 0");
	has(text, "ipc_findings{domain=\"demo\",class=\"deadlock\"} 1");
	has(text, "ipc_findings{domain=\"demo\",class=\"poisoned\"} 0");
	has(text, "ipc_deadlocked_threads{domain=\"demo\"} 3");
	has(text, "ipc_lint_active{domain=\"demo\",lint=\"I018\"} 0");
	has(text, "ipc_monitor_reading_seconds{domain=\"demo\"} 0.25");
	has(text, "ipc_monitor_torn_records_total{domain=\"demo\"} 3");
	has(text,
	    "ipc_channel_depth_messages{domain=\"demo\",channel=\"results\",kind=\"queue\"} 64");
	has(text,
	    "ipc_channel_put_messages_total{domain=\"demo\",channel=\"results\",kind=\"queue\"} 5000");
	has(text,
	    "ipc_channel_capacity_messages{domain=\"demo\",channel=\"progress\",kind=\"pipe\"} 256");
	has(text,
	    "ipc_channel_capacity_messages{domain=\"demo\",channel=\"log \xe2\x9c\x93 caf\xc3\xa9\",kind=\"queue\"} +Inf");
	has(text,
	    "ipc_channel_oldest_age_seconds{domain=\"demo\",channel=\"jobs\",kind=\"joinable\"} 0.73");
	has(text,
	    "ipc_channel_unfinished_tasks{domain=\"demo\",channel=\"jobs\",kind=\"joinable\"} 820");
	has(text,
	    "ipc_channel_blocked_threads{domain=\"demo\",channel=\"results\",kind=\"queue\",op=\"put\"} 1");
	has(text,
	    "ipc_channel_blocked_threads{domain=\"demo\",channel=\"results\",kind=\"queue\",op=\"get\"} 0");
	has(text,
	    "ipc_channel_longest_wait_seconds{domain=\"demo\",channel=\"results\",kind=\"queue\",op=\"put\"} 1143");
	has(text,
	    "ipc_channel_blocked_seconds_total{domain=\"demo\",channel=\"results\",kind=\"queue\",op=\"put\"} 2.5");
	has(text,
	    "ipc_lock_blocked_seconds_total{domain=\"demo\",channel=\"frames\",kind=\"shm\"} 1");
	has(text, "ipc_channels_dropped{domain=\"demo\"} 0");
	assert_null(strstr(text, "ipc_channel_depth_messages{domain=\"demo\",channel=\"frames\""));
	assert_null(
		strstr(text, "ipc_channel_unfinished_tasks{domain=\"demo\",channel=\"results\""));
	free(text);
	tally_fini(&m);
}

/* What it is at a reading it was since the last one. */
static void metrics_print__full_and_empty__are_seconds_between_readings(void **state)
{
	static struct fake k;
	struct tally       m = {0};
	char              *text;

	(void)state;
	for (unsigned second = 0; second < 4; second++) {
		const struct ipc_snapshot *s = fake_at(&k, second);

		k.channels[0].ring[0].queued = second < 3 ? 64 : 0; /* of 64 */
		tally_update(&m, s);
	}
	text = print(&m.frame, 0);
	has(text,
	    "ipc_channel_full_seconds_total{domain=\"demo\",channel=\"results\",kind=\"queue\"} 2");
	has(text,
	    "ipc_channel_empty_seconds_total{domain=\"demo\",channel=\"results\",kind=\"queue\"} 1");
	assert_null(
		strstr(text, "ipc_channel_full_seconds_total{domain=\"demo\",channel=\"frames\""));
	free(text);
	tally_fini(&m);
}

/* Each process on each channel, each way; what has the same labels is one. */
static void metrics_print__per_endpoint__who_did_what(void **state)
{
	static struct fake k;
	struct tally       m;
	char              *text;

	(void)state;
	fake_watched(&k, &m);
	text = print(&m.frame, 0);
	assert_null(strstr(text, "ipc_endpoint"));
	free(text);
	per_endpoint = 1;
	k.ends[3] = k.ends[2]; /* the other end of a pipe, say */
	for (size_t i = 0; i < k.s.n_processes; i++)
		k.processes[i].pid = 4711; /* each in a namespace of its own */
	for (int open_metrics = 0; open_metrics < 2; open_metrics++) {
		text = print(&m.frame, open_metrics);
		check_format(text, open_metrics);
		free(text);
	}
	tally_fini(&m);
	fake_watched(&k, &m);
	text = print(&m.frame, 0);
	has(text,
	    "ipc_endpoint_messages_total{domain=\"demo\",channel=\"results\",kind=\"queue\",pid=\"4711\",process=\"ingest\",role=\"get\"} 4936");
	has(text,
	    "ipc_endpoint_bytes_total{domain=\"demo\",channel=\"results\",kind=\"queue\",pid=\"4712\",process=\"parser\",role=\"put\"} 2560000");
	has(text, "ipc_endpoints_dropped{domain=\"demo\"} 0");
	free(text);
	per_endpoint = 0;
	tally_fini(&m);
}

/* Of a histogram all that was sampled, in buckets that only grow. */
static void metrics_print__sojourn__is_cumulative(void **state)
{
	static const char prefix[] =
		"ipc_channel_sojourn_seconds_bucket{domain=\"demo\",channel=\"results\"";
	static struct fake k;
	struct tally       m;
	char              *text, *at, line[200];
	double             last = 0, n = 0, samples = 0;
	int                buckets = 0;

	(void)state;
	fake_watched(&k, &m);
	for (unsigned i = 0; i < IPC_OBS_HIST; i++)
		samples += k.hists[0][i];
	text = print(&m.frame, 0);
	for (at = text; (at = strstr(at, prefix)) != NULL; at++, buckets++) {
		assert_int_equal(sscanf(strstr(at, "} "), "} %lf", &n), 1);
		assert_true(n >= last);
		last = n;
	}
	assert_true(buckets > 10 && n == samples);
	snprintf(
		line, sizeof(line),
		"ipc_channel_sojourn_seconds_count{domain=\"demo\",channel=\"results\",kind=\"queue\"} %.15g",
		samples);
	has(text, line);
	free(text);
	tally_fini(&m);
}

/* ---- names --------------------------------------------------------------------------- */

static void metrics_print__any_name__is_escaped(void **state)
{
	static struct fake k;
	struct tally       m;
	char              *text;

	(void)state;
	fake_watched(&k, &m);
	k.channels[0].name = "a\"b\\c\nd\xff";
	text = print(&m.frame, 0);
	check_format(text, 0);
	has(text,
	    "ipc_channel_depth_messages{domain=\"demo\",channel=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\",kind=\"queue\"} 64");
	free(text);
	tally_fini(&m);
}

/* The one that the name opens; what is left of the others has no totals. */
static void metrics_print__namesakes__the_youngest_has_the_name(void **state)
{
	static struct fake k;
	struct tally       m;
	char              *text;

	(void)state;
	fake_watched(&k, &m);
	k.channels[3].name =
		"results"; /* a queue, as the other one is; the pipe is another series */
	k.channels[2].name = "results";
	text = print(&m.frame, 0);
	check_format(text, 0);
	has(text,
	    "ipc_channel_depth_messages{domain=\"demo\",channel=\"results\",kind=\"queue\"} 17");
	has(text,
	    "ipc_channel_depth_messages{domain=\"demo\",channel=\"results\",kind=\"pipe\"} 3");
	has(text,
	    "ipc_channel_depth_messages{domain=\"demo\",channel=\"_other\",kind=\"_other\"} 64");
	has(text,
	    "ipc_channel_longest_wait_seconds{domain=\"demo\",channel=\"_other\",kind=\"_other\",op=\"put\"} 1143");
	has(text, "ipc_channels_dropped{domain=\"demo\"} 1");
	assert_null(strstr(text, "_total{domain=\"demo\",channel=\"_other\""));
	assert_null(strstr(text, "_bucket{domain=\"demo\",channel=\"_other\""));
	free(text);
	tally_fini(&m);
}

/* Each reading has a better idea of how long a tick is: samples stay where they were put. */
static void metrics_print__another_tick__changes_no_bucket(void **state)
{
	static struct fake k;
	struct tally       m;
	char              *before, *after;

	(void)state;
	fake_watched(&k, &m);
	before = print(&m.frame, 0);
	k.s.tick_ns = 0.99;
	after = print(&m.frame, 0);
	assert_string_equal(before, after);
	free(before);
	free(after);
	tally_fini(&m);
}

#define CROWD (METRICS_CHANNELS_MAX + 20)

/* The oldest have series of their own, wherever they lie. */
static void metrics_print__very_many__the_youngest_are_one(void **state)
{
	static struct fake            k;
	static struct ipc_obs_channel crowd[CROWD];
	static char                   names[CROWD][16];
	struct ipc_snapshot           s;
	struct tally                  m = {0};
	char                         *text;

	(void)state;
	s = *fake_at(&k, 0);
	for (unsigned i = 0; i < CROWD; i++) {
		snprintf(names[i], sizeof(names[i]), "c%u", i);
		crowd[i] = (struct ipc_obs_channel){.id = i + 1,
						    .kind = IPC_KIND_QUEUE,
						    .name = names[i],
						    .n_rings = 1,
						    .created_ns = CROWD - i};
		crowd[i].ring[0].queued = crowd[i].ring[0].sent = i;
		crowd[i].ring[0].oldest_ns = i * FAKE_SECOND;
	}
	s.channels = crowd;
	s.n_channels = CROWD;
	s.n_ends = s.n_waits = s.n_holds = s.n_verdicts = s.n_failures = 0;
	tally_update(&m, &s);
	text = print(&m.frame, 0);
	has(text, "ipc_channels_dropped{domain=\"demo\"} 20");
	has(text, "ipc_channel_depth_messages{domain=\"demo\",channel=\"c20\",kind=\"queue\"} 20");
	has(text,
	    "ipc_channel_depth_messages{domain=\"demo\",channel=\"_other\",kind=\"_other\"} 190");
	has(text,
	    "ipc_channel_oldest_age_seconds{domain=\"demo\",channel=\"_other\",kind=\"_other\"} 19");
	assert_null(strstr(text, "channel=\"c19\""));
	free(text);
	tally_fini(&m);
}

FAKE_MAIN(metrics, cmocka_unit_test(metrics_print__both_formats__are_well_formed),
	  cmocka_unit_test(metrics_print__nobody_there__says_so),
	  cmocka_unit_test(metrics_print__a_domain__tells_its_numbers),
	  cmocka_unit_test(metrics_print__full_and_empty__are_seconds_between_readings),
	  cmocka_unit_test(metrics_print__per_endpoint__who_did_what),
	  cmocka_unit_test(metrics_print__sojourn__is_cumulative),
	  cmocka_unit_test(metrics_print__any_name__is_escaped),
	  cmocka_unit_test(metrics_print__namesakes__the_youngest_has_the_name),
	  cmocka_unit_test(metrics_print__another_tick__changes_no_bucket),
	  cmocka_unit_test(metrics_print__very_many__the_youngest_are_one))
