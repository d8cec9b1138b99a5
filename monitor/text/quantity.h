#ifndef TEXT_QUANTITY_H
#define TEXT_QUANTITY_H

/*
 * quantity.h - numbers as people type them: "1.5k", "64KiB", "20ms", "1m30s", "90%"
 */

enum quantity_kind {
	QUANTITY_PLAIN,   /* nothing behind the number */
	QUANTITY_SCALED,  /* k M G T: what they mean is the column's to say */
	QUANTITY_BYTES,   /* B kB KiB …: in bytes */
	QUANTITY_TIME,    /* ns us ms s m h d, several in a row: in ns */
	QUANTITY_PERCENT, /* as written */
};

struct quantity {
	enum quantity_kind kind;
	double             number; /* scaled: the number before the letter */
	int                power;  /* scaled: 1 for k, 2 for M, … */
};

/** All of @text is one. Returns 0 or -EINVAL. */
int quantity_parse(const char *text, struct quantity *ret);

/** A scaled one in steps of @step (1000 or 1024); any other as it is. */
double quantity_in(const struct quantity *q, double step);

/** "a time", for a sentence. */
const char *quantity_name(enum quantity_kind kind);

#endif
