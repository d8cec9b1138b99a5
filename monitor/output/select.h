#ifndef OUTPUT_SELECT_H
#define OUTPUT_SELECT_H

/*
 * select.h - which columns of which rows in which order, as -o, -s and -F say
 */

#include "options.h"
#include "view/data.h"
#include "view/views.h"

#define SELECT_MAX 64 /* more columns than any listing has */

struct filter;

struct select {
	enum object_kind      kind; /* N_OBJECTS: not one of the tables of the screen */
	const struct listing *listing;
	struct listing_column columns[SELECT_MAX];
	int                   n;
	int                   chosen; /* by -o; otherwise those of the screen, or of JSON */
	int                   sorted; /* by sort; otherwise in the order of the registry */
	struct listing_column sort;
	int                   ascending;
	const struct filter  *filter; /* NULL: every row */
	int                   exact;  /* numbers in base units, unshortened */
};

/* The tables a command prints. */
struct selection {
	struct select  tables[N_OBJECTS];
	int            n;
	struct filter *filter; /* of all of them; NULL: none */
};

/**
 * What @o asks for of the tables @kinds. Tables that have not all the columns named
 * are left out. Returns -1, or the code to exit with: a column that none has is said
 * on standard error, and the list of them that "help" asks for on standard output.
 */
int  selection_init(struct selection *ret, const struct options *o, const enum object_kind *kinds,
		    int n_kinds);
void selection_fini(struct selection *s);

/** The same of one table that is none of the screen's. */
int selection_of(struct selection *ret, const struct options *o, const struct listing *l);

/** All columns of @kind that programs get; those of the screen. */
void select_all(struct select *ret, enum object_kind kind);
void select_screen(struct select *ret, enum object_kind kind);

/** The rows, in order; *@ret is to be freed. */
size_t select_rows(const struct select *s, const struct frame *f, uint32_t **ret);

/** The table that --table calls so; -1: there is none. */
int select_table(const char *name);
/** Its name, or NULL past the last; for every kind there is. */
const char *select_table_name(enum object_kind kind);

#endif
