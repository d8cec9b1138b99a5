#ifndef VIEW_DATA_H
#define VIEW_DATA_H

/*
 * data.h - what stands in a column, for programs
 *
 * On the screen a field is a text of few columns; in JSON and CSV it is a number
 * in base units, a truth, a text, or nothing known, and then, where it can be
 * said, the reason why not.
 *
 * A field whose unit says what it counts gives its key; every other gives its
 * text, unless the listing has more to say of that name. What is in the listing's
 * more and no field's is a column for programs, and for who asks for it.
 */

#include "view/field.h"

enum data_type { DATA_TEXT, DATA_NUMBER, DATA_REAL, DATA_BOOL, N_DATA_TYPES };

#define DATA_ROOM 512

struct data {
	enum data_type type;
	int            unknown; /* and then nothing below but why */
	const char    *why;     /* NULL: there is no reason, it just has none */
	uint64_t       number;
	double         real;
	int            yes;
	const char    *text; /* in room, or of the snapshot */
	char           room[DATA_ROOM];
};

typedef void data_fn(const struct frame *f, uint32_t row, struct data *ret);

struct more {
	const char    *json; /* name, as in struct field */
	const char    *help; /* NULL: that of the field */
	enum data_type type;
	data_fn       *data;
};

/* One of a listing's columns: at least one of the two is there. */
struct listing_column {
	const struct field *field; /* NULL: only for programs */
	const struct more  *more;  /* NULL: nothing but the field */
};

/** Column @i, those of the screen first. Returns 0 past the last one. */
int column_at(const struct listing *l, int i, struct listing_column *ret);

/** The column of that name, of that name in JSON, or with that title, in any case; 0: none. */
int column_named(const struct listing *l, const char *name, struct listing_column *ret);

/** What it is called on the command line, in JSON ("": it is not for programs), over the column. */
const char    *column_name(const struct listing_column *c);
const char    *column_json(const struct listing_column *c);
const char    *column_title(const struct listing_column *c);
const char    *column_help(const struct listing_column *c);
enum data_type column_type(const struct listing_column *c);

/** What stands in it in @row; for people, as wide as it likes. */
void column_data(const struct listing_column *c, const struct frame *f, uint32_t row,
		 struct data *ret);
void column_show(const struct listing_column *c, const struct frame *f, uint32_t row,
		 struct caps caps, struct field_text *ret);

/** Its place in an order, greatest first; NaN: unknown, or a text. */
double column_order(const struct listing_column *c, const struct frame *f, uint32_t row);

/* ---- for the tables ---------------------------------------------------------- */

/** IPC_UNKNOWN is unknown, because of @why. */
void data_number(struct data *ret, uint64_t n, const char *why);
/** A NaN is unknown. */
void data_real(struct data *ret, double v, const char *why);
void data_bool(struct data *ret, int yes);
/** NULL and "" are unknown. */
void data_text(struct data *ret, const char *text, const char *why);

#endif
