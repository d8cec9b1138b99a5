#ifndef VIEW_VIEWS_H
#define VIEW_VIEWS_H

/*
 * views.h - every view and every kind of row there is: a line each
 *
 * A view is its line here, the function that says which rows it has, and the one
 * that draws it. Its key, its place in help and on the bottom line, and its state
 * in the ui follow from the line.
 *
 *   X(digit, NAME, kind, rows, draw, below, bar, help)
 *
 * kind is what its rows are and what its columns and sort keys speak of, until a
 * key makes the view show another kind; where rows are of several kinds, the kind
 * that is sorted. below is how many eighths of a screen are kept for a picture
 * below the rows, where the screen is high enough for one.
 */
/* clang-format off */
#define VIEWS(X) \
	X(1, OVERVIEW, CHANNEL, rows_overview, render_overview, 0, "Overview", \
	  "overview: findings, waits, channels, processes") \
	X(2, CHANNELS, CHANNEL, rows_listing, render_listing, 0, "Chan", \
	  "channels: depth, rates, latency, who sleeps there") \
	X(3, PROCESSES, PROCESS, rows_listing, render_listing, 0, "Proc", \
	  "processes: throughput, state, what they wait for") \
	X(4, WAITS, WAIT, rows_listing, render_listing, 0, "Waits", \
	  "waits: every thread asleep, for what, at which line") \
	X(5, GRAPH, CHAIN, rows_listing, render_listing, 0, "Graph", \
	  "graph: who keeps whom waiting, as trees; v: the ways of messages") \
	X(6, LATENCY, LATENCY, rows_latency, render_latency, 4, "Lat", \
	  "latency: how long messages lay, and a map of when they lay how long") \
	X(7, MEMORY, LOCK, rows_memory, render_sections, 0, "Shm", \
	  "shared memory and locks: who has them, who waits for them") \
	X(8, EVENTS, EVENT, rows_events, render_listing, 4, "Events", \
	  "events: findings, lints and failed calls: how often, first and last")

/*
 * A kind of row is its line here, its listing, and the page Enter shows; its id
 * tells one from the other within the kind. The overview has them in this order.
 * The number is that of its lines above the first row: a title, and the heads of
 * the columns; 0: the overview has none of them.
 *
 *   X(NAME, listing, detail, lines)
 */
#define OBJECTS(X) \
	X(FINDING, finding_listing, detail_finding, 1) \
	X(WAIT, wait_listing, detail_wait, 2) \
	X(CHANNEL, channel_listing, detail_channel, 2) \
	X(PROCESS, process_listing, detail_process, 2) \
	X(CHAIN, chain_listing, detail_chain, 0) \
	X(FLOW, flow_listing, detail_channel, 0) \
	X(LATENCY, latency_listing, detail_channel, 0) \
	X(BLOCK, block_listing, detail_channel, 0) \
	X(LOCK, lock_listing, detail_lock, 0) \
	X(CHANNEL_TOTAL, channel_total_listing, detail_channel, 0) \
	X(PROCESS_TOTAL, process_total_listing, detail_process, 0) \
	X(EVENT, event_listing, detail_event, 0)
/* clang-format on */

#define VIEWS_ENUM_(digit, name, ...) VIEW_##name,
#define OBJECTS_ENUM_(name, ...)      OBJECT_##name,

enum view { VIEWS(VIEWS_ENUM_) N_VIEWS };
enum object_kind { OBJECTS(OBJECTS_ENUM_) N_OBJECTS };

#endif
