#ifndef LINT_HABITS_H
#define LINT_HABITS_H

/*
 * habits.h - lints that no single reading shows: what goes on for seconds
 *
 * Once a second everything is looked at, and what the rules find stands until the next
 * look. Rules keep what they compare with in tables here, by id.
 */

#include "lint/lint.h"
#include "lint/span.h"
#include "model/table.h"

/* More of them at once are one and the same trouble. */
#define HABITS_MAX 256

struct habit {
	struct lint lint;
	uint64_t    process, channel; /* ids; 0: none */
};

/* All zeroes has seen nothing. */
struct habits {
	struct table   channels, ends, polls, threads; /* struct span, and more, of each rule */
	struct orders *orders;                         /* of locks; NULL: none yet */
	struct span    watching;                       /* of the observer itself */
	uint64_t       read, torn, clamped;            /* for it */
	struct habit   found[HABITS_MAX];
	size_t         n;
};

/** Look for them in @f, and remember what has to be for the next time. */
void habits_look(struct habits *h, const struct frame *f);

/** What the last look found, as it is called in @f: into @f->habits. */
void habits_show(const struct habits *h, struct frame *f);

void habits_fini(struct habits *h);

/* ---- between the rules ---------------------------------------------------------------- */

typedef void habit_rule(struct lints *l, const struct frame *f, struct habits *h);

habit_rule rule_channels, rule_shares, rule_polls, rule_orders, rule_watching;

/** As lint_add(), of what was so for @length_ns. */
#define habit_add(l, id, process, channel, length_ns, ...)              \
	do {                                                            \
		lint_add((l), (id), (process), (channel), __VA_ARGS__); \
		(l)->v[(l)->n - 1].window_ns = (length_ns);             \
	} while (0)

/** "parser 4712", for a text. */
struct habit_name {
	char text[64];
};
struct habit_name habit_name(const struct frame *f, uint32_t process);

void orders_free(struct orders *o);

#endif
