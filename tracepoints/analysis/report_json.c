/*
 * report_json.c - the result, for programs: one object, schema "ipctrace.latency/1"
 *
 * Integers are in base units with the unit in the name; what is unknown is null.
 * Fields may be added, none is renamed or removed within a schema.
 */

#include "report.h"

#include <inttypes.h>
#include <stdbool.h>

/* ---- strings --------------------------------------------------------------- */

/* Length of the UTF-8 sequence at @s; 0: it is none. Names are bytes, JSON is not. */
static unsigned utf8(const unsigned char *s)
{
	unsigned n = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	for (unsigned i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, and beyond U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* One character of @s; returns how many bytes of it were used. */
static unsigned print_character(const unsigned char *s, FILE *out)
{
	unsigned n = s[0] < 0x80 ? 1 : utf8(s);

	if (s[0] == '"' || s[0] == '\\')
		fprintf(out, "\\%c", s[0]);
	else if (s[0] < 0x20 || s[0] == 0x7f)
		fprintf(out, "\\u%04x", s[0]);
	else if (n)
		fwrite(s, 1, n, out);
	else
		fputs("\\ufffd", out);
	return n ? n : 1;
}

static void print_string(const char *s, FILE *out)
{
	const unsigned char *c = (const unsigned char *)s;

	putc('"', out);
	while (*c)
		c += print_character(c, out);
	putc('"', out);
}

static void string(const char *key, const char *value, FILE *out)
{
	fprintf(out, "\"%s\":", key);
	if (value[0])
		print_string(value, out);
	else
		fputs("null", out);
}

/* ---- the parts ------------------------------------------------------------- */

static void print_channel_key(const struct latency *l, const struct latency_channel *c, FILE *out)
{
	const struct latency_object *o = &l->objects[c->object];

	string("domain", people_domain(&l->people, o->domain), out);
	fprintf(out, ",\"object\":%" PRIu64 ",\"ring\":%" PRIu32 ",", o->id, c->ring);
	string("name", o->name, out);
}

static void print_channel(const struct latency *l, const struct latency_channel *c, FILE *out)
{
	const struct hist *h = &c->hist;

	putc('{', out);
	print_channel_key(l, c, out);
	putc(',', out);
	string("kind", report_kind(l->objects[c->object].kind), out);
	fprintf(out,
		",\"matched\":%" PRIu64 ",\"unmatched_sent\":%" PRIu64
		",\"unmatched_received\":%" PRIu64 ",\"clamped\":%" PRIu64,
		h->n, c->unmatched_sent, c->unmatched_received, c->clamped);
	if (h->n)
		fprintf(out,
			",\"p50_ns\":%" PRIu64 ",\"p99_ns\":%" PRIu64 ",\"max_ns\":%" PRIu64 "}",
			hist_percentile(h, 50), hist_percentile(h, 99), h->max);
	else
		fputs(",\"p50_ns\":null,\"p99_ns\":null,\"max_ns\":null}", out);
}

static void print_person(const char *key, const struct person *p, FILE *out)
{
	fprintf(out, ",\"%s\":{\"pid\":", key);
	if (p->pid < 0)
		fputs("null", out);
	else
		fprintf(out, "%" PRId64, p->pid);
	putc(',', out);
	string("name", p->name, out);
	putc(',', out);
	string("procname", p->procname, out);
	putc('}', out);
}

static void print_message(const struct latency *l, const struct latency_message *m, FILE *out)
{
	fprintf(out, "{\"latency_ns\":%" PRIu64 ",", m->latency_ns);
	print_channel_key(l, l->channels[m->channel], out);
	fprintf(out,
		",\"seq\":%" PRIu64 ",\"len_bytes\":%" PRIu64 ",\"sent_ns\":%" PRId64
		",\"received_ns\":%" PRId64,
		m->seq, m->len, m->sent_ns, m->received_ns);
	print_person("sender", &l->people.persons[m->sender], out);
	print_person("receiver", &l->people.persons[m->receiver], out);
	putc('}', out);
}

static void print_head(const struct report *r, FILE *out)
{
	const struct reader_totals *t = r->totals;

	fputs("{\"schema\":\"ipctrace.latency/1\",", out);
	string("trace", r->path, out);
	fprintf(out,
		",\"events\":%" PRIu64 ",\"processes\":%" PRIu32 ",\"discarded_events\":%" PRIu64
		",\"discarded_packets\":%" PRIu64 ",\"begin_ns\":%" PRId64 ",\"end_ns\":%" PRId64,
		t->events, r->latency->people.n_persons, t->discarded, t->discarded_packets,
		t->first_ns, t->last_ns);
}

void report_json(const struct report *r, FILE *out)
{
	const struct latency *l = r->latency;

	print_head(r, out);
	fputs(",\"channels\":[", out);
	for (uint32_t i = 0; i < l->n_channels; i++) {
		fputs(i ? ",\n" : "\n", out);
		print_channel(l, l->channels[r->order[i]], out);
	}
	fputs("],\"slowest\":[", out);
	for (uint32_t i = 0; i < l->n_slowest; i++) {
		fputs(i ? ",\n" : "\n", out);
		print_message(l, &l->slowest[i], out);
	}
	fputs("]}\n", out);
}
