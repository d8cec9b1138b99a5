/*
 * reader.c - a graph of babeltrace: one source per trace, a muxer, and us
 *
 *     source.ctf.fs --+
 *     source.ctf.fs --+-- filter.utils.muxer -- decode.c -- the caller
 *
 * The muxer puts the streams of all CPUs and users into one order of time. It
 * holds a message per stream, so memory does not grow with the trace.
 */

#include "reader.h"

#include "decode.h"
#include "find.h"

#include <babeltrace2/babeltrace.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct reader {
	struct decode    decode;
	bt_graph        *graph;
	const bt_plugin *ctf, *utils;
	char            *error;
	size_t           error_size;
};

__attribute__((format(printf, 2, 3))) static int fail(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->error, r->error_size, format, args);
	va_end(args);
	return -1;
}

/* What babeltrace has to say: of its causes the first is nearest to the fault. */
static int fail_because(struct reader *r, const char *what)
{
	const bt_error *error = bt_current_thread_take_error();
	const char     *why = "libbabeltrace2 gives no reason";

	if (error && bt_error_get_cause_count(error))
		why = bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0));
	fail(r, "%s: %s", what, why);
	if (error)
		bt_error_release(error);
	return -1;
}

/* ---- the sink -------------------------------------------------------------- */

static bt_graph_simple_sink_component_consume_func_status consume(bt_message_iterator *messages,
								  void                *arg)
{
	const struct reader            *r = arg;
	bt_message_array_const          batch;
	bt_message_iterator_next_status status;
	uint64_t                        n;

	/* Both enumerations are drawn from one: what is not OK is passed on as it is. */
	status = bt_message_iterator_next(messages, &batch, &n);
	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		return (bt_graph_simple_sink_component_consume_func_status)(int)status;
	for (uint64_t i = 0; i < n; i++) {
		decode_message(&r->decode, batch[i]);
		bt_message_put_ref(batch[i]);
	}
	return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
}

/* ---- the graph ------------------------------------------------------------- */

static int load(struct reader *r, const char *name, const bt_plugin **ret)
{
	if (bt_plugin_find(name, BT_TRUE, BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE, ret) ==
	    BT_PLUGIN_FIND_STATUS_OK)
		return 0;
	return fail(r,
		    "libbabeltrace2 has no plugin \"%s\": its package (libbabeltrace2-0 on Debian "
		    "and Ubuntu) is incomplete, or BABELTRACE_PLUGIN_PATH points elsewhere",
		    name);
}

static int add_source(struct reader *r, const char *path, size_t i, const bt_component_source **ret)
{
	const bt_component_class_source *class =
		bt_plugin_borrow_source_component_class_by_name_const(r->ctf, "fs");
	bt_value *params = bt_value_map_create(), *inputs = NULL;
	char      name[32], what[512];
	int       ok;

	snprintf(name, sizeof(name), "trace%zu", i);
	ok = class && params && !bt_value_map_insert_empty_array_entry(params, "inputs", &inputs) &&
	     !bt_value_array_append_string_element(inputs, path) &&
	     !bt_graph_add_source_component(r->graph, class, name, params, BT_LOGGING_LEVEL_NONE,
					    ret);
	bt_value_put_ref(params);
	snprintf(what, sizeof(what), "%s is no trace that can be read", path);
	return ok ? 0 : fail_because(r, what);
}

static int add_muxer(struct reader *r, const bt_component_filter **ret)
{
	const bt_component_class_filter *class =
		bt_plugin_borrow_filter_component_class_by_name_const(r->utils, "muxer");

	if (class && !bt_graph_add_filter_component(r->graph, class, "muxer", NULL,
						    BT_LOGGING_LEVEL_NONE, ret))
		return 0;
	return fail_because(r, "muxer");
}

/* Every stream gets a port of its own; the muxer offers a new one whenever its last is taken. */
static int connect_source(struct reader *r, const bt_component_source *source,
			  const bt_component_filter *muxer)
{
	uint64_t n = bt_component_source_get_output_port_count(source);

	for (uint64_t i = 0; i < n; i++) {
		uint64_t last = bt_component_filter_get_input_port_count(muxer) - 1;

		if (bt_graph_connect_ports(
			    r->graph,
			    bt_component_source_borrow_output_port_by_index_const(source, i),
			    bt_component_filter_borrow_input_port_by_index_const(muxer, last),
			    NULL))
			return fail_because(r, "connecting a stream");
	}
	return 0;
}

static int connect_sink(struct reader *r, const bt_component_filter *muxer)
{
	const bt_component_sink *sink;

	if (bt_graph_add_simple_sink_component(r->graph, "latency", NULL, consume, NULL, r,
					       &sink) ||
	    bt_graph_connect_ports(
		    r->graph, bt_component_filter_borrow_output_port_by_index_const(muxer, 0),
		    bt_component_sink_borrow_input_port_by_index_const(sink, 0), NULL))
		return fail_because(r, "the sink");
	return 0;
}

static int build(struct reader *r, const struct find_list *traces)
{
	const bt_component_source *source;
	const bt_component_filter *muxer;

	if (load(r, "ctf", &r->ctf) || load(r, "utils", &r->utils) || add_muxer(r, &muxer))
		return -1;
	for (size_t i = 0; i < traces->n; i++)
		if (add_source(r, traces->paths[i], i, &source) || connect_source(r, source, muxer))
			return -1;
	return connect_sink(r, muxer);
}

static int read_all(struct reader *r, const struct find_list *traces)
{
	r->graph = bt_graph_create(0);
	if (!r->graph)
		return fail_because(r, "libbabeltrace2");
	if (build(r, traces))
		return -1;
	if (bt_graph_run(r->graph))
		return fail_because(r, "the trace cannot be read to its end");
	return 0;
}

int reader_run(const char *dir, reader_fn *fn, void *arg, struct reader_totals *totals, char *error,
	       size_t error_size)
{
	struct reader r = {.decode = {fn, arg, totals}, .error = error, .error_size = error_size};
	struct find_list traces;
	int              result;

	*totals = (struct reader_totals){0};
	result = find_traces(dir, &traces);
	if (result < 0)
		return fail(&r, "%s: %s", dir, strerror(-result));
	if (traces.n)
		result = read_all(&r, &traces);
	else
		result = fail(
			&r,
			"%s is not a trace: there is no file called \"metadata\" in or below it",
			dir);
	find_fini(&traces);
	bt_graph_put_ref(r.graph);
	bt_plugin_put_ref(r.ctf);
	bt_plugin_put_ref(r.utils);
	return result;
}
