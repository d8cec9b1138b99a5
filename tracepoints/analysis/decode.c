/*
 * decode.c - from a message of babeltrace to an event
 *
 * Fields are looked up by name and their types are asked for, not assumed: a
 * trace may come from another version of libipc, or from somebody else.
 */

#include "decode.h"

#include <stdbool.h>
#include <string.h>

#define PREFIX "libipc:"

/* ---- fields ---------------------------------------------------------------- */

static const bt_field *member(const bt_field *fields, const char *name)
{
	if (!fields || bt_field_get_class_type(fields) != BT_FIELD_CLASS_TYPE_STRUCTURE)
		return NULL;
	return bt_field_structure_borrow_member_field_by_name_const(fields, name);
}

static int64_t number(const bt_field *fields, const char *name, int64_t otherwise)
{
	const bt_field     *f = member(fields, name);
	bt_field_class_type type;

	if (!f)
		return otherwise;
	type = bt_field_get_class_type(f);
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
		return (int64_t)bt_field_integer_unsigned_get_value(f);
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER))
		return bt_field_integer_signed_get_value(f);
	return otherwise;
}

/* Ask for the length: babeltrace 2.0 leaves an older value in a recycled field that is empty. */
static const char *string(const bt_field *fields, const char *name)
{
	const bt_field *f = member(fields, name);

	if (!f || bt_field_get_class_type(f) != BT_FIELD_CLASS_TYPE_STRING ||
	    !bt_field_string_get_length(f))
		return "";
	return bt_field_string_get_value(f);
}

/* ---- events ---------------------------------------------------------------- */

static const struct {
	const char     *name;
	enum event_kind kind;
} kinds[] = {
	/* the most frequent first */
	{"send_end", EVENT_SEND_END},           {"recv_end", EVENT_RECV_END},
	{"process_join", EVENT_PROCESS_JOIN},   {"process_fork", EVENT_PROCESS_FORK},
	{"object_create", EVENT_OBJECT_CREATE}, {"object_open", EVENT_OBJECT_OPEN},
};

static enum event_kind kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(name, kinds[i].name))
			return kinds[i].kind;
	return EVENT_OTHER;
}

static void fill_message(struct event *e, const bt_field *f)
{
	e->object = (uint64_t)number(f, "object", 0);
	e->ring = (uint32_t)number(f, "ring", 0);
	e->seq = (uint64_t)number(f, "seq", -1);
	e->len = (uint64_t)number(f, "len", 0);
	e->result = number(f, "result", -1);
}

static void fill(struct event *e, const bt_field *f)
{
	switch (e->kind) {
	case EVENT_SEND_END:
	case EVENT_RECV_END: fill_message(e, f); break;
	case EVENT_PROCESS_JOIN:
		e->process = (uint64_t)number(f, "process", 0);
		e->domain = string(f, "domain");
		e->name = string(f, "name");
		break;
	case EVENT_PROCESS_FORK:
		e->process = (uint64_t)number(f, "child", 0);
		e->parent = (uint64_t)number(f, "parent", 0);
		break;
	case EVENT_OBJECT_CREATE:
	case EVENT_OBJECT_OPEN:
		e->object = (uint64_t)number(f, "object", 0);
		e->object_kind = (uint32_t)number(f, "kind", 0);
		e->name = string(f, "name");
		break;
	case EVENT_OTHER: break;
	}
}

/* Without a clock an event has no time, and is of no use to us. */
static bool time_of(const bt_message *message, const bt_event *event, int64_t *ret_ns)
{
	const bt_stream_class *class = bt_stream_borrow_class_const(
		bt_event_borrow_stream_const(event));

	if (!bt_stream_class_borrow_default_clock_class_const(class))
		return false;
	return bt_clock_snapshot_get_ns_from_origin(
		       bt_message_event_borrow_default_clock_snapshot_const(message), ret_ns) ==
	       BT_CLOCK_SNAPSHOT_GET_NS_FROM_ORIGIN_STATUS_OK;
}

static void decode_event(const struct decode *d, const bt_message *message)
{
	const bt_event *event = bt_message_event_borrow_event_const(message);
	const char     *name = bt_event_class_get_name(bt_event_borrow_class_const(event));
	const bt_field *context = bt_event_borrow_common_context_field_const(event);
	struct event    e = {.name = "", .domain = ""};

	if (!name || strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
	    !time_of(message, event, &e.time_ns)) {
		d->totals->foreign++;
		return;
	}
	if (!d->totals->events++)
		d->totals->first_ns = e.time_ns;
	d->totals->last_ns = e.time_ns;

	e.kind = kind_of(name + strlen(PREFIX));
	e.pid = number(context, "vpid", -1);
	e.procname = string(context, "procname");
	fill(&e, bt_event_borrow_payload_field_const(event));
	d->fn(&e, d->arg);
}

void decode_message(const struct decode *d, const bt_message *message)
{
	uint64_t n = 1; /* where the tracer cannot tell how many: one at least */

	switch (bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_EVENT: decode_event(d, message); break;
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		(void)bt_message_discarded_events_get_count(message, &n);
		d->totals->discarded += n;
		break;
	case BT_MESSAGE_TYPE_DISCARDED_PACKETS:
		(void)bt_message_discarded_packets_get_count(message, &n);
		d->totals->discarded_packets += n;
		break;
	default: break;
	}
}
