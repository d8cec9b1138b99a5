#ifndef OUTPUT_ROWS_H
#define OUTPUT_ROWS_H

/*
 * rows.h - the rows of a listing as JSON and as CSV
 */

#include "output/json.h"
#include "output/select.h"

/* What an object of a row has besides its columns. */
typedef void row_fn(struct json *j, const struct frame *f, uint32_t row);

/** One value as a member; null where it is unknown, or @d NULL. */
void rows_value(struct json *j, const char *key, const struct data *d);

/** The columns of one row as members of the object that is open, and why what is unknown is. */
void rows_members(struct json *j, const struct select *s, const struct frame *f, uint32_t row,
		  row_fn *nested);

/** An array of objects under @key; @nested may be NULL. */
void rows_json(struct json *j, const char *key, const struct select *s, const struct frame *f,
	       row_fn *nested);

/** A line each (RFC 4180, but that lines end as they do here); what is unknown is empty. */
void rows_csv(FILE *to, const struct select *s, const struct frame *f, int header);

#endif
