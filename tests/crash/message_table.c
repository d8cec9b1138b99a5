/*
 * message_table.c - operations that put and get messages, and the contexts they are tried in
 *
 * A further operation is a line in message_operations[]; a further circumstance a line
 * in one of the tables of contexts.
 */

#include "message.h"
#include "operations.h"
#include "support/test.h"

#define SHORT 48u   /* fits a slot [bytes] */
#define LONG  3000u /* does not */
#define SMALL 2000u /* does not either, and two of them share a page */

/* What may be in the way of a put; of a get; of either. */
static const struct context puts_in[] = {
	{.name = "empty", .maxsize = 8, .len = SHORT},
	{.name = "some queued", .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "full", .maxsize = 8, .full = true, .len = SHORT},
	{.name = "first use", .maxsize = 8, .queued = 2, .first = true, .len = SHORT},
	{.name = "wrap around", .maxsize = 8, .queued = 3, .rounds = 70, .len = SHORT},
	{.name = "growing", .grows = true, .len = SHORT},
	{.name = "nameless", .nameless = true, .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "receiver asleep", .maxsize = 8, .helper = true, .len = SHORT},
	{.name = "contended", .queued = 3, .meddled = true, .len = SHORT},
	{.name = "large", .maxsize = 8, .queued = 2, .len = LONG},
	{.name = "large, first", .maxsize = 8, .first = true, .len = LONG},
	{.name = "side of its own", .owns = true, .maxsize = 8, .len = SHORT},
	{.name = "large, growing", .grows = true, .len = LONG},
	{.name = "large, after a burst", .burst = 100, .first = true, .len = LONG},
	{.name = "small, after a burst", .burst = 150, .first = true, .len = SMALL},
	{.name = "after fork", .forked = true, .maxsize = 8, .queued = 3, .len = SHORT},
};

static const struct context gets_in[] = {
	{.name = "empty", .maxsize = 8, .len = SHORT},
	{.name = "some queued", .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "full", .maxsize = 8, .full = true, .first = true, .len = SHORT},
	{.name = "first use", .maxsize = 8, .queued = 2, .first = true, .len = SHORT},
	{.name = "wrap around", .maxsize = 8, .queued = 3, .rounds = 70, .len = SHORT},
	{.name = "growing", .grows = true, .len = SHORT},
	{.name = "nameless", .nameless = true, .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "sender asleep",
	 .maxsize = 8,
	 .full = true,
	 .first = true,
	 .helper = true,
	 .len = SHORT},
	{.name = "contended", .queued = 3, .meddled = true, .len = SHORT},
	{.name = "large", .maxsize = 8, .queued = 2, .len = LONG},
	{.name = "large, first", .maxsize = 8, .queued = 2, .first = true, .len = LONG},
	{.name = "side of its own", .owns = true, .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "after fork", .forked = true, .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "side of its own, large", .owns = true, .maxsize = 8, .queued = 3, .len = LONG},
	{.name = "after a burst", .burst = 100, .len = SHORT},
	{.name = "large, after a burst", .burst = 100, .len = LONG},
	{.name = "small, after a burst", .burst = 150, .len = SMALL},
};

static const struct context unlimited_in[] = {
	{.name = "some queued", .nameless = true, .queued = 3, .len = SHORT},
	{.name = "large", .nameless = true, .queued = 2, .len = LONG},
};

static const struct context pipe_in[] = {
	{.name = "empty", .nameless = true, .maxsize = 8, .len = SHORT},
	{.name = "some queued", .nameless = true, .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "alone", .nameless = true, .alone = true, .maxsize = 8, .queued = 3, .len = SHORT},
	{.name = "alone, empty", .nameless = true, .alone = true, .maxsize = 8, .len = SHORT},
	{.name = "alone, wrap around",
	 .nameless = true,
	 .alone = true,
	 .maxsize = 8,
	 .queued = 3,
	 .rounds = 70,
	 .len = SHORT},
	{.name = "alone, large",
	 .nameless = true,
	 .alone = true,
	 .maxsize = 8,
	 .queued = 2,
	 .len = LONG},
	{.name = "contended",
	 .nameless = true,
	 .maxsize = 64,
	 .queued = 3,
	 .meddled = true,
	 .len = SHORT},
};

#define IN(table) .context = (table), .n_contexts = N_OF(table)

static const struct operation operations[] = {
	{"queue put", &messages, message_act_put, NULL, CARRIER_QUEUE, .puts = 1,
	 .partner = &operations[1], IN(puts_in)},
	{"queue get", &messages, message_act_get, NULL, CARRIER_QUEUE, .gets = 1,
	 .partner = &operations[0], IN(gets_in)},
	{"pipe send", &messages, message_act_put, NULL, CARRIER_PIPE, .puts = 1,
	 .partner = &operations[3], IN(pipe_in)},
	{"pipe recv", &messages, message_act_get, NULL, CARRIER_PIPE, .gets = 1,
	 .partner = &operations[2], IN(pipe_in)},
	{"joinable put", &messages, message_act_put, NULL, CARRIER_JOINABLE, .puts = 1,
	 IN(puts_in)},
	{"joinable get", &messages, message_act_get, NULL, CARRIER_JOINABLE, .gets = 1,
	 IN(gets_in)},
	{"joinable get, task_done", &messages, message_act_get_done, NULL, CARRIER_JOINABLE,
	 .gets = 1, IN(gets_in)},
	{"simple put", &messages, message_act_put, NULL, CARRIER_SIMPLE, .puts = 1,
	 IN(unlimited_in)},
	{"simple get", &messages, message_act_get, NULL, CARRIER_SIMPLE, .gets = 1,
	 IN(unlimited_in)},
};

const struct operation_table message_operations = {"messages", operations, N_OF(operations)};
