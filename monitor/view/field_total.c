/*
 * field_total.c - the whole domain in one row
 */
#include "view/field.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "view/more.h"

typedef const struct frame frame;

static void grade_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	static const struct {
		const char *word;
		enum role   role;
	} grades[] = {[IPC_GRADE_OK] = {"ok", ROLE_OK},
		      [IPC_GRADE_WARNING] = {"warning", ROLE_WARN},
		      [IPC_GRADE_CRITICAL] = {"critical", ROLE_CRITICAL},
		      [IPC_GRADE_UNKNOWN] = {"unknown", ROLE_NOTICE}};

	field_put(ret, grades[f->s->grade].role, grades[f->s->grade].word);
}

static void time_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	time_t    t = (time_t)(f->s->t_real_ns / 1000000000);
	struct tm tm;

	ret->role = ROLE_DIM;
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(ret->text, sizeof(ret->text), "%H:%M:%S", &tm) == 0)
		field_put(ret, ROLE_DIM, "-");
}

static double processes_key(frame *f, uint32_t i)
{
	uint32_t n = 0;

	for (size_t k = 0; k < f->s->n_processes; k++)
		n += f->s->processes[k].life != IPC_OBS_DEAD;
	return n;
}

static double threads_key(frame *f, uint32_t i)
{
	return (double)f->s->n_threads;
}

static double blocked_key(frame *f, uint32_t i)
{
	return (double)f->s->n_waits;
}

static double channels_key(frame *f, uint32_t i)
{
	return (double)f->s->n_channels;
}

static double queued_key(frame *f, uint32_t i)
{
	double n = 0;

	for (size_t k = 0; k < f->s->n_channels; k++)
		for (uint32_t r = 0; r < f->s->channels[k].n_rings; r++)
			n += (double)f->s->channels[k].ring[r].queued;
	return n;
}

/* Of those that are known; before the second reading none is. */
static double sum(frame *f, double (*of)(const struct channel_stat *c))
{
	double n = isnan(f->interval_s) ? NAN : 0;

	for (size_t k = 0; k < f->s->n_channels; k++) {
		double v = of(&f->channels[k]);

		n += f->s->channels[k].n_rings > 0 && !isnan(v) ? v : 0;
	}
	return n;
}

static double put(const struct channel_stat *c)
{
	return c->put;
}

static double get(const struct channel_stat *c)
{
	return c->get;
}

static double put_bytes(const struct channel_stat *c)
{
	return c->put_bytes;
}

static double put_key(frame *f, uint32_t i)
{
	return sum(f, put);
}

static double get_key(frame *f, uint32_t i)
{
	return sum(f, get);
}

static double bytes_key(frame *f, uint32_t i)
{
	return sum(f, put_bytes);
}

/* Of processes: channels know nothing of who waits for a lock or a process. */
static double asleep_key(frame *f, uint32_t i)
{
	double n = isnan(f->interval_s) ? NAN : 0;

	for (size_t k = 0; k < f->s->n_processes; k++)
		n += isnan(f->processes[k].blocked) ? 0 : 100 * f->processes[k].blocked;
	return n;
}

static double cpu_key(frame *f, uint32_t i)
{
	double n = isnan(f->interval_s) ? NAN : 0;

	for (size_t k = 0; k < f->s->n_processes; k++)
		n += isnan(f->processes[k].cpu) ? 0 : f->processes[k].cpu;
	return n;
}

static double longest_key(frame *f, uint32_t i)
{
	return f->s->n_waits > 0 ? (double)f->waits[0].age_ns : NAN;
}

static double findings_key(frame *f, uint32_t i)
{
	return (double)f->s->n_verdicts;
}

/* clang-format off */
static const struct field fields[] = {
	{"time", "TIME", "t_real_ns", "of the reading",
	 8, 8, 0, 0, UNIT_NONE, NULL, time_text},
	{"grade", "GRADE", "grade", "of the gravest finding: ok, warning, critical",
	 8, 8, 0, 0, UNIT_NONE, NULL, grade_text},
	{"findings", "FIND", "findings", "findings of any kind",
	 4, 4, 1, 0, UNIT_COUNT, findings_key, NULL},
	{"processes", "PROC", "processes", "processes that live",
	 4, 5, 1, 0, UNIT_COUNT, processes_key, NULL},
	{"threads", "THR", "threads", "threads that have used the library",
	 4, 5, 1, 0, UNIT_COUNT, threads_key, NULL},
	{"blocked", "BLK", "blocked_threads", "of them, asleep in a call",
	 4, 5, 1, 0, UNIT_COUNT, blocked_key, NULL},
	{"longest", "LONGEST", "longest_wait_ns", "the longest of those sleeps",
	 7, 7, 1, 0, UNIT_DURATION, longest_key, NULL},
	{"channels", "CHAN", "channels", "channels, shared memory and locks that exist",
	 4, 5, 1, 0, UNIT_COUNT, channels_key, NULL},
	{"queued", "QUEUED", "queued_messages", "messages put and not yet taken",
	 6, 6, 1, 0, UNIT_COUNT, queued_key, NULL},
	{"put", "PUT/s", "sent_messages_per_s", "messages put, a second",
	 6, 6, 1, 0, UNIT_RATE, put_key, NULL},
	{"get", "GET/s", "received_messages_per_s", "messages taken, a second",
	 6, 6, 1, 0, UNIT_RATE, get_key, NULL},
	{"bytes", "B/s", "sent_bytes_per_s", "bytes put, a second",
	 6, 6, 1, 0, UNIT_BYTE_RATE, bytes_key, NULL},
	{"blk", "BLK%", "blocked_percent", "sleep in calls: 100 is one thread asleep all the time",
	 5, 6, 1, 0, UNIT_PERCENT, asleep_key, NULL},
	{"cpu", "CPU%", "cpu_percent", "processor time of all of them; 100 is one core",
	 5, 6, 1, 0, UNIT_PERCENT, cpu_key, NULL},
};
/* clang-format on */

static void real_time(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, f->s->t_real_ns, NULL);
}

static void torn(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, f->s->torn, NULL);
}

static void reaped(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, f->s->n_reaped, NULL);
}

/* clang-format off */
static const struct more more[] = {
	{"t_real_ns", NULL, DATA_NUMBER, real_time},
	{"torn", "records that kept changing while they were read", DATA_NUMBER, torn},
	{"reaped_processes_total", "processes found dead since the domain was made", DATA_NUMBER, reaped},
	{NULL, NULL, DATA_TEXT, NULL},
};
/* clang-format on */

static size_t n_rows(frame *f)
{
	return 1;
}

static uint64_t id(frame *f, uint32_t i)
{
	return 1;
}

static enum role role(frame *f, uint32_t i)
{
	return ROLE_NORMAL;
}

const struct listing total_listing = {
	.name = "Totals",
	.none = "",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.n_rows = n_rows,
	.id = id,
	.role = role,
	.json = "totals",
	.more = more,
};
