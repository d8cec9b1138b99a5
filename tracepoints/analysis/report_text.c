/*
 * report_text.c - the result, for people
 *
 * Names come from the programs that were traced and go to a terminal, so what
 * does not print is shown as '?'.
 */

#include "report.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

struct text {
	char s[128];
};

static void clean(char *s)
{
	for (; *s; s++)
		if (iscntrl((unsigned char)*s))
			*s = '?';
}

static struct text duration(uint64_t ns)
{
	struct text t;

	if (ns < 1000)
		snprintf(t.s, sizeof(t.s), "%" PRIu64 " ns", ns);
	else if (ns < 1000000)
		snprintf(t.s, sizeof(t.s), "%.2f us", (double)ns / 1e3);
	else if (ns < 1000000000)
		snprintf(t.s, sizeof(t.s), "%.2f ms", (double)ns / 1e6);
	else
		snprintf(t.s, sizeof(t.s), "%.2f s", (double)ns / 1e9);
	return t;
}

/* As babeltrace2 prints it, so that the events around can be found there. */
static struct text wall_clock(int64_t ns)
{
	time_t      s = (time_t)(ns / 1000000000);
	struct tm   tm;
	struct text t;
	size_t      n;

	localtime_r(&s, &tm);
	n = strftime(t.s, sizeof(t.s), "%H:%M:%S", &tm);
	snprintf(t.s + n, sizeof(t.s) - n, ".%09d", (int)(ns % 1000000000));
	return t;
}

/* "jobs", or "#17" where there is no name; with its domain where there are several. */
static struct text channel_name(const struct latency *l, const struct latency_channel *c)
{
	const struct latency_object *o = &l->objects[c->object];
	const char                  *domain = people_domain(&l->people, o->domain);
	const char                  *back = c->ring ? " (back)" : "";
	int                          several = l->people.n_domains > 1;
	struct text                  t, name;

	if (o->name[0])
		snprintf(name.s, sizeof(name.s), "%s", o->name);
	else
		snprintf(name.s, sizeof(name.s), "#%" PRIu64, o->id);
	snprintf(t.s, sizeof(t.s), "%.40s%s%.70s%s", several ? domain : "", several ? "/" : "",
		 name.s, back);
	clean(t.s);
	return t;
}

/* "4711 (worker-1)"; where libipc has a name for it that is the better one. */
static struct text who(const struct latency *l, uint32_t i)
{
	const struct person *p = &l->people.persons[i];
	const char          *name = p->name[0] ? p->name : p->procname;
	struct text          t;

	if (p->pid < 0)
		snprintf(t.s, sizeof(t.s), "? (%s)", name);
	else if (p->name[0] && p->procname[0] && strcmp(p->name, p->procname) != 0)
		snprintf(t.s, sizeof(t.s), "%" PRId64 " (%.50s, %s)", p->pid, name, p->procname);
	else
		snprintf(t.s, sizeof(t.s), "%" PRId64 " (%s)", p->pid, name);
	clean(t.s);
	return t;
}

/* ---- the parts ------------------------------------------------------------- */

static void print_head(const struct report *r, FILE *out)
{
	const struct reader_totals *t = r->totals;

	fprintf(out, "%s: %" PRIu64 " events of %" PRIu32 " processes in %.3f s\n", r->path,
		t->events, r->latency->people.n_persons, (double)(t->last_ns - t->first_ns) / 1e9);
	if (t->discarded || t->discarded_packets)
		fprintf(out,
			"DISCARDED: %" PRIu64 " events and %" PRIu64
			" packets did not fit into the "
			"buffers; what follows\nis incomplete, and messages seem unmatched that were "
			"not. Larger buffers: ipc-record -b\n",
			t->discarded, t->discarded_packets);
}

static int channel_width(const struct latency *l)
{
	size_t width = strlen("channel");

	for (uint32_t i = 0; i < l->n_channels; i++) {
		size_t n = strlen(channel_name(l, l->channels[i]).s);

		width = n > width ? n : width;
	}
	return (int)width;
}

static void print_channel(const struct latency *l, const struct latency_channel *c, int width,
			  FILE *out)
{
	const struct hist *h = &c->hist;

	fprintf(out, "%-*s  %-8s %10" PRIu64 " %10" PRIu64 " %10" PRIu64, width,
		channel_name(l, c).s, report_kind(l->objects[c->object].kind), h->n,
		c->unmatched_sent + c->unmatched_received, c->clamped);
	if (h->n)
		fprintf(out, " %10s %10s %10s\n", duration(hist_percentile(h, 50)).s,
			duration(hist_percentile(h, 99)).s, duration(h->max).s);
	else
		fprintf(out, " %10s %10s %10s\n", "-", "-", "-");
}

static void print_channels(const struct report *r, FILE *out)
{
	const struct latency *l = r->latency;
	int                   width = channel_width(l);

	fprintf(out, "\n%-*s  %-8s %10s %10s %10s %10s %10s %10s\n", width, "channel", "kind",
		"matched", "unmatched", "clamped", "p50", "p99", "max");
	for (uint32_t i = 0; i < l->n_channels; i++)
		print_channel(l, l->channels[r->order[i]], width, out);
}

static void print_notes(const struct latency *l, FILE *out)
{
	uint64_t sent = 0, received = 0;

	for (uint32_t i = 0; i < l->n_channels; i++) {
		sent += l->channels[i]->unmatched_sent;
		received += l->channels[i]->unmatched_received;
	}
	if (sent)
		fprintf(out,
			"\n%" PRIu64 " sent and not received: still queued at the end, or their "
			"receiver was not recorded\n",
			sent);
	if (received)
		fprintf(out,
			"\n%" PRIu64
			" received and not sent: queued before the beginning, or their "
			"sender was not recorded\n",
			received);
	if (l->clamped)
		fprintf(out,
			"\n%" PRIu64
			" clamped: received before send had returned, their latency counts as 0\n",
			l->clamped);
}

static int who_width(const struct latency *l)
{
	size_t width = strlen("receiver");

	for (uint32_t i = 0; i < l->n_slowest; i++) {
		size_t a = strlen(who(l, l->slowest[i].sender).s);
		size_t b = strlen(who(l, l->slowest[i].receiver).s);

		a = a > b ? a : b;
		width = a > width ? a : width;
	}
	return (int)width;
}

static void print_slowest(const struct latency *l, FILE *out)
{
	int channel = channel_width(l), person = who_width(l);

	fprintf(out, "\nslowest messages\n%10s  %-*s %12s  %-*s  %-*s  %-18s  %-18s\n", "latency",
		channel, "channel", "seq", person, "sender", person, "receiver", "sent",
		"received");
	for (uint32_t i = 0; i < l->n_slowest; i++) {
		const struct latency_message *m = &l->slowest[i];

		fprintf(out, "%10s  %-*s %12" PRIu64 "  %-*s  %-*s  %-18s  %-18s\n",
			duration(m->latency_ns).s, channel,
			channel_name(l, l->channels[m->channel]).s, m->seq, person,
			who(l, m->sender).s, person, who(l, m->receiver).s,
			wall_clock(m->sent_ns).s, wall_clock(m->received_ns).s);
	}
}

void report_text(const struct report *r, FILE *out)
{
	print_head(r, out);
	if (!r->latency->n_channels) {
		fputs("No message was sent or received.\n", out);
		return;
	}
	print_channels(r, out);
	print_notes(r->latency, out);
	if (r->latency->n_slowest)
		print_slowest(r->latency, out);
}
