/*
 * endpoints.c - what each process did with each channel
 */
#include "metrics/grouping.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"

/*
 * One process that puts into one channel, or that gets from it. As it is labelled: in another
 * pid namespace another may have the same pid and name.
 */
struct endpoint {
	uint32_t    series; /* index */
	uint64_t    pid;
	const char *process;
	enum { PUTS, GETS } role;
	struct ipc_obs_flow flow;
};

struct endpoints {
	struct endpoint *v;
	size_t           n, n_dropped;
};

static const char *const roles[] = {"put", "get", NULL};

/* ---- which there are --------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct endpoint *x = a, *y = b;
	int                    r;

	if (x->series != y->series)
		return x->series < y->series ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	r = strcmp(x->process, y->process);
	return r != 0 ? r : x->role < y->role ? -1 : x->role > y->role;
}

static void add(struct endpoints *e, uint32_t series, const struct ipc_obs_process *p, int role,
		const struct ipc_obs_flow *flow)
{
	e->v[e->n++] = (struct endpoint){series, p->pid, p->name, role, *flow};
}

/* Both ends of a pipe may be one process's. */
static void add_up(struct endpoints *e)
{
	size_t n = 0;

	qsort(e->v, e->n, sizeof(*e->v), by_place);
	for (size_t i = 0; i < e->n; i++) {
		const struct ipc_obs_flow *more = &e->v[i].flow;
		struct ipc_obs_flow       *sum = &e->v[n > 0 ? n - 1 : 0].flow;

		if (n == 0 || by_place(&e->v[n - 1], &e->v[i]) != 0) {
			e->v[n++] = e->v[i];
			continue;
		}
		sum->messages += more->messages;
		sum->bytes += more->bytes;
		sum->blocks += more->blocks;
		sum->blocked_ns += more->blocked_ns;
		sum->timeouts += more->timeouts;
	}
	e->n = n < METRICS_ENDPOINTS_MAX ? n : METRICS_ENDPOINTS_MAX;
	e->n_dropped = n - e->n;
}

static void find(struct endpoints *ret, const struct frame *f, const struct grouping *g)
{
	const unsigned puts = IPC_RIGHT_SEND0 | IPC_RIGHT_SEND1;
	const unsigned gets = IPC_RIGHT_RECV0 | IPC_RIGHT_RECV1;

	*ret = (struct endpoints){.v = mem_new(2 * f->s->n_ends + 1, sizeof(*ret->v))};
	for (size_t i = 0; i < f->s->n_ends; i++) {
		const struct ipc_obs_end     *end = &f->s->ends[i];
		uint32_t                      series = g->of[end->channel];
		const struct ipc_obs_process *p = &f->s->processes[end->process];

		if (series >= g->n_own)
			continue;
		if (end->rights & puts)
			add(ret, series, p, PUTS, &end->out);
		if (end->rights & gets)
			add(ret, series, p, GETS, &end->in);
	}
	add_up(ret);
}

/* ---- what is told of each ----------------------------------------------------------- */

static double messages(const struct ipc_obs_flow *x)
{
	return (double)x->messages;
}

static double bytes(const struct ipc_obs_flow *x)
{
	return (double)x->bytes;
}

static double blocks(const struct ipc_obs_flow *x)
{
	return (double)x->blocks;
}

static double blocked_seconds(const struct ipc_obs_flow *x)
{
	return (double)x->blocked_ns / 1e9;
}

static double timeouts(const struct ipc_obs_flow *x)
{
	return (double)x->timeouts;
}

/* clang-format off */
static const struct endpoint_metric {
	struct metric m;
	double (*value)(const struct ipc_obs_flow *x);
} endpoint_metrics[] = {
	{{"ipc_endpoint_messages", METRIC_COUNTER, "Messages that the process put into the channel, or got from it.", "role", roles}, messages},
	{{"ipc_endpoint_bytes", METRIC_COUNTER, "Their payload.", "role", roles}, bytes},
	{{"ipc_endpoint_blocks", METRIC_COUNTER, "Sleeps of its threads in calls on it that are over.", "role", roles}, blocks},
	{{"ipc_endpoint_blocked_seconds", METRIC_COUNTER, "Time that its threads slept in calls on it, by sleeps that are over.", "role", roles}, blocked_seconds},
	{{"ipc_endpoint_timeouts", METRIC_COUNTER, "Its calls that ended by their time limit.", "role", roles}, timeouts},
};
/* clang-format on */

static const struct metric dropped = {
	"ipc_endpoints_dropped", METRIC_GAUGE,
	"Endpoints of channels with series of their own that are left out: there are too many.",
	NULL, NULL};

static void print_labels(char labels[METRIC_LABELS_BYTES], const struct grouping *g,
			 const struct endpoint *e)
{
	char pid[24];

	grouping_labels(labels, &g->v[e->series]);
	snprintf(pid, sizeof(pid), "%" PRIu64, e->pid);
	metric_label(labels, "pid", pid);
	metric_label(labels, "process", e->process);
	metric_label(labels, "role", roles[e->role]);
}

void metrics_of_endpoints(const struct metric_out *out, const struct frame *f,
			  const struct grouping *g)
{
	struct endpoints e;

	find(&e, f, g);
	for (size_t k = 0; k < sizeof(endpoint_metrics) / sizeof(endpoint_metrics[0]); k++) {
		const struct endpoint_metric *em = &endpoint_metrics[k];

		metric_begin(out, &em->m);
		for (size_t i = 0; i < e.n; i++) {
			char labels[METRIC_LABELS_BYTES];

			print_labels(labels, g, &e.v[i]);
			metric_sample(out, &em->m, "", labels, em->value(&e.v[i].flow));
		}
	}
	metric_begin(out, &dropped);
	metric_sample(out, &dropped, "", "", (double)e.n_dropped);
	free(e.v);
}
