/*
 * domain.c - what is told of the domain as a whole, and of who tells it
 */
#include "metrics/metrics.h"

#include <string.h>

#include "lint/lint.h"
#include "output/dump.h"

static void one(const struct metric_out *out, const struct metric *m, double value)
{
	metric_begin(out, m);
	metric_sample(out, m, "", "", value);
}

static void child(const struct metric_out *out, const struct metric *m, const char *value, double n)
{
	char labels[METRIC_LABELS_BYTES] = "";

	metric_label(labels, m->label, value);
	metric_sample(out, m, "", labels, n);
}

/* ---- processes and threads --------------------------------------------------------- */

static void print_processes(const struct metric_out *out, const struct ipc_snapshot *s)
{
	static const struct metric processes = {"ipc_processes", METRIC_GAUGE,
						"Processes of the domain.", "state", NULL};
	static const struct metric threads = {
		"ipc_threads", METRIC_GAUGE,
		"Threads that use the library, of processes that live.", "state", NULL};
	static const char *const states[] = {"alive", "starting", "dead"};
	double                   n[3] = {0}, asleep = 0, running = 0;

	for (size_t i = 0; i < s->n_processes; i++)
		n[s->processes[i].life - IPC_OBS_ALIVE]++;
	for (size_t i = 0; i < s->n_threads; i++) {
		const struct ipc_obs_thread *t = &s->threads[i];

		if (s->processes[t->process].life != IPC_OBS_DEAD)
			*(t->wait != IPC_NO_INDEX ? &asleep : &running) += 1;
	}
	metric_begin(out, &processes);
	for (size_t i = 0; i < 3; i++)
		child(out, &processes, states[i], n[i]);
	metric_begin(out, &threads);
	child(out, &threads, "asleep", asleep);
	child(out, &threads, "running", running);
}

/* ---- findings ------------------------------------------------------------------------ */

static void print_grade(const struct metric_out *out, enum ipc_grade grade)
{
	static const struct metric verdict = {"ipc_verdict", METRIC_GAUGE,
					      "1 for the grade that ipcmon check gives, else 0.",
					      "grade", NULL};

	metric_begin(out, &verdict);
	for (int i = IPC_GRADE_OK; i <= IPC_GRADE_UNKNOWN; i++)
		child(out, &verdict, dump_grade_name((enum ipc_grade)i), i == (int)grade);
}

static void print_findings(const struct metric_out *out, const struct ipc_snapshot *s)
{
	static const struct metric findings = {"ipc_findings", METRIC_GAUGE,
					       "Findings about threads that wait.", "class", NULL};
	static const struct metric stuck = {
		"ipc_deadlocked_threads", METRIC_GAUGE,
		"Threads that wait for one another, or for nobody, and those behind them.", NULL,
		NULL};
	double n[IPC_POISONED + 1] = {0}, threads = 0;

	for (size_t i = 0; i < s->n_verdicts; i++) {
		const struct ipc_obs_verdict *v = &s->verdicts[i];

		n[v->class_]++;
		if (v->class_ == IPC_DEADLOCK || v->class_ == IPC_ORPHANED)
			threads += (double)(v->n_core + v->n_behind);
	}
	metric_begin(out, &findings);
	for (unsigned class_ = IPC_DEADLOCK; class_ <= IPC_POISONED; class_++)
		child(out, &findings, ipc_verdict_name((enum ipc_verdict_class)class_), n[class_]);
	one(out, &stuck, threads);
}

static void print_lints(const struct metric_out *out, const struct lints *l, uint64_t enabled)
{
	static const struct metric active = {
		"ipc_lint_active", METRIC_GAUGE,
		"Habits that end badly, as found now: ipcmon explain ID.", "lint", NULL};
	double n[N_LINTS] = {0};

	for (size_t i = 0; i < l->n; i++)
		n[l->v[i].id]++;
	metric_begin(out, &active);
	for (unsigned i = 0; i < N_LINTS; i++)
		if (enabled >> i & 1)
			child(out, &active, lint_kinds[i].id, n[i]);
}

/* ---- all of it ------------------------------------------------------------------------ */

static void print_build(const struct metric_out *out)
{
	static const struct metric build = {"ipc_build_info", METRIC_GAUGE,
					    "1; the version of ipcmon is in the label.", "version",
					    NULL};

	metric_begin(out, &build);
	child(out, &build, ipc_version(), 1);
}

void metrics_of_domain(const struct metric_out *out, const struct metrics *m)
{
	/* clang-format off */
	static const struct metric
	up = {"ipc_up", METRIC_GAUGE, "1: the domain is there and can be read; else 0.", NULL, NULL},
	channels = {"ipc_channels", METRIC_GAUGE, "Pipes, queues, blocks of shared memory, locks.", NULL, NULL},
	registry = {"ipc_registry_bytes", METRIC_GAUGE, "Read of the registry for this.", NULL, NULL},
	reaped = {"ipc_dead_processes", METRIC_COUNTER, "Processes that died without leaving, and were cleaned up after.", NULL, NULL},
	reading = {"ipc_monitor_reading_seconds", METRIC_GAUGE, "How long ipcmon took to read the domain and to judge it, but for lints.", NULL, NULL},
	torn = {"ipc_monitor_torn_records", METRIC_COUNTER, "Records that changed all the time while they were read.", NULL, NULL};
	/* clang-format on */

	struct lints l;

	one(out, &up, m->frame != NULL);
	print_build(out);
	if (m->frame == NULL)
		return;
	lints_find(&l, m->frame, m->lints);
	print_processes(out, m->frame->s);
	one(out, &channels, (double)m->frame->s->n_channels);
	print_grade(out, dump_grade(m->frame, &l));
	print_findings(out, m->frame->s);
	print_lints(out, &l, m->lints);
	lints_fini(&l);
	one(out, &reaped, (double)m->frame->s->n_reaped);
	one(out, &registry, (double)m->frame->s->registry_bytes);
	one(out, &reading, m->reading_s);
	one(out, &torn, (double)m->torn);
}
