#ifndef VIEW_FIELD_H
#define VIEW_FIELD_H

/*
 * field.h - every column there is, in one table a listing
 *
 * A listing is a kind of thing (channels, processes, waits, findings); its
 * fields are its columns. Screens, text tables, JSON and CSV, sorting, filtering,
 * the glossaries in help and in the manual page all go by these tables: a new
 * column is one entry.
 */

#include "model/frame.h"
#include "text/number.h"
#include "view/bar.h"
#include "view/grid.h"

#define FIELD_BYTES BAR_BYTES

struct field_text {
	char      text[FIELD_BYTES];
	enum role role;
};

/* What a field's number counts, and so how it is written. */
enum unit {
	UNIT_NONE,
	UNIT_COUNT,
	UNIT_RATE,
	UNIT_BYTES,
	UNIT_BYTE_RATE,
	UNIT_DURATION,
	UNIT_PERCENT
};

/* One of text and unit says what is shown; key is needed for a unit. */
struct field {
	const char *name;  /* in --sort and in the glossary */
	const char *title; /* over the column */
	const char *json;  /* its name in JSON and over CSV; "": it is not for programs */
	const char *help;
	int         width, max; /* columns it needs, columns it can use */
	int         right;      /* aligned to the right: a number */
	int         drop;       /* on a narrow screen the highest goes first; 0 stays */
	enum unit   unit;
	double (*key)(const struct frame *f,
		      uint32_t            row); /* greatest first; NaN: unknown; NULL: by text */
	void (*text)(const struct frame *f, uint32_t row, struct caps caps, int width,
		     struct field_text *ret);
};

/* Of a field that makes its own text: a number that is another whenever what it says is. */
struct field_sign {
	const char *field; /* its name */
	uint64_t (*sign)(const struct frame *f, uint32_t row);
};

struct more;

struct listing {
	const char         *name; /* of the view */
	const char         *none; /* what to say if there are no rows */
	const struct field *fields;
	int                 n_fields;
	int                 sort; /* field it is sorted by unless somebody chose another */
	size_t (*n_rows)(const struct frame *f);
	uint64_t (*id)(const struct frame *f, uint32_t row);
	enum role (*role)(const struct frame *f, uint32_t row); /* of the row as a whole */
	int (*has)(const struct frame *f, uint32_t row); /* is it one of them? NULL: each is */
	const char              *json;                   /* of its array, and for --table */
	const struct more       *more;  /* see data.h; ends with a NULL name; NULL: nothing */
	const struct field_sign *signs; /* the same; of fields without, nobody knows */
};

/* The domain in one row; no view of its own. */
extern const struct listing total_listing;

extern const struct listing channel_listing, process_listing, wait_listing, finding_listing,
	chain_listing, flow_listing, latency_listing, block_listing, lock_listing, event_listing,
	channel_total_listing, process_total_listing;

struct columns;

/**
 * Which of the fields that @c shows fit into @cols: writes columns per field, 0 for
 * those left out. @c NULL: of all.
 */
void field_layout(const struct listing *l, const struct columns *c, int cols, int *ret_widths);

/** A value as fields of that unit show it. */
struct number field_number(double v, enum unit unit);

/** What stands in @field of @row; a zero and an unknown are dimmed, so that what happens stands out. */
void field_show(const struct field *field, const struct frame *f, uint32_t row, struct caps caps,
		int width, struct field_text *ret);

/** The most fields a listing may have. */
#define FIELDS_MAX 20

/* ---- for the tables --------------------------------------------------------- */

void field_put(struct field_text *ret, enum role role, const char *text);

/** A place in the source; where @width is short, what matters least of it goes first. */
void field_site(struct field_text *ret, const char *site, int width, struct caps caps);

/** The kind's name, shortened where it is longer than its column. */
const char *field_short_kind(enum ipc_kind kind);

/** Listings of which each row is a channel: how many there are, and the id of one. */
size_t   field_channels(const struct frame *f);
uint64_t field_channel_id(const struct frame *f, uint32_t row);

/** A snapshot's number for a key. */
double field_known(uint64_t v);

#endif
