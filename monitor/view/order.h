#ifndef VIEW_ORDER_H
#define VIEW_ORDER_H

/*
 * order.h - rows in the order of a column
 *
 *     struct order o = order_new(n_all);
 *     order_add(&o, row, row_id, key);          for each that is shown
 *     order_add_text(&o, row, row_id, text);    or so
 *     order_sort(&o, ascending);
 *     ... o.v[0 .. o.n).row ...
 *     order_fini(&o);
 *
 * The greatest number comes first, and texts go by the alphabet; ascending turns that round.
 * What is not known comes last either way. Equal ones go by their ties, so that they keep
 * their places from one reading to the next.
 */

#include <stddef.h>
#include <stdint.h>

#define ORDER_TEXT_BYTES 64

/* Small, for they are moved about: of a large domain there are thousands, at each reading. */
struct order_entry {
	double      key; /* NaN: unknown, or it goes by its text */
	uint64_t    tie;
	const char *text; /* one of the texts; NULL: none */
	uint32_t    row;
};

struct order {
	struct order_entry *v;
	size_t              n, room;
	char (*texts)[ORDER_TEXT_BYTES];
	size_t n_texts;
	int    is_mixed; /* their ties do not go up as they were added */
};

/** Room for @room rows. */
struct order order_new(size_t room);
void         order_fini(struct order *o);

/** @key: NaN where it is not known. */
void order_add(struct order *o, uint32_t row, uint64_t tie, double key);

/** As much of @text counts as fits into ORDER_TEXT_BYTES. */
void order_add_text(struct order *o, uint32_t row, uint64_t tie, const char *text);

void order_sort(struct order *o, int ascending);

#endif
