#ifndef VIEW_UI_H
#define VIEW_UI_H

/*
 * ui.h - what the person at the keyboard has chosen, and what keys change in it
 *
 * Nothing here touches a terminal or a clock: keys go in, a state comes out,
 * and render() draws it. A selection is an identity, not a line: whatever the
 * order becomes, it stays on the same channel, process or thread.
 */

#include "model/frame.h"
#include "view/field.h"
#include "view/key.h"

enum view { VIEW_OVERVIEW, VIEW_CHANNELS, VIEW_PROCESSES, VIEW_WAITS, N_VIEWS };

enum object_kind { OBJECT_FINDING, OBJECT_WAIT, OBJECT_CHANNEL, OBJECT_PROCESS, N_OBJECTS };

/* Ids are unique within a kind only. */
struct object {
	enum object_kind kind;
	uint64_t         id; /* 0: none */
};

/* One selectable line. */
struct row {
	enum object_kind kind;
	uint32_t         index; /* in the frame's array of its kind */
};

struct rows {
	struct row *rows;
	size_t      n;
};

enum mode { MODE_LIST, MODE_DETAIL, MODE_HELP };

struct list_state {
	struct object selected; /* none: whatever comes first */
	size_t        position; /* where it was last; -> there if it goes away */
	size_t        top;      /* first row shown */
};

struct ui {
	enum view         view;
	enum mode         mode;
	struct list_state lists[N_VIEWS];
	int               sort[N_OBJECTS], invert[N_OBJECTS]; /* field of the kind's listing */
	struct object     detail;
	size_t            scroll;  /* first line of help, or of a detail */
	size_t            n_lines; /* lines there were when it was last drawn */
	char              filter[64], filter_before[64];
	int               editing; /* the filter is being typed */
	int               frozen;
	uint64_t          interval_ns;
	int               rows, cols; /* of the screen */
};

/* What the caller has to see to. */
enum {
	UI_QUIT = 1 << 0,
	UI_SUSPEND = 1 << 1,
	UI_REDRAW = 1 << 2,   /* everything anew */
	UI_FREEZE = 1 << 3,   /* ui.frozen has changed */
	UI_INTERVAL = 1 << 4, /* ui.interval_ns has changed */
};

#define INTERVAL_LEAST_NS UINT64_C(50000000)
#define INTERVAL_MOST_NS  UINT64_C(10000000000)

void ui_init(struct ui *ui, uint64_t interval_ns);

/** React to a key; @f is what is on the screen (its s may be NULL). Returns UI_* bits. */
unsigned ui_key(struct ui *ui, const struct frame *f, uint32_t input);

/** Fit selection and scrolling to @f and to the size of the screen; before each render(). */
void ui_settle(struct ui *ui, const struct frame *f);

/** The selectable lines of the view, filtered, in order; rows_fini() when done. */
struct rows ui_rows(const struct ui *ui, const struct frame *f);
void        rows_fini(struct rows *rows);

/** The selected one of @rows; 0 if there is none. */
size_t ui_selected(const struct ui *ui, const struct frame *f, const struct rows *rows);

/** Rows of a list the screen has room for. */
int ui_page(const struct ui *ui);

const struct listing *object_listing(enum object_kind kind);
struct object         object_of(const struct frame *f, struct row row);

/** The row's index in the frame of today, or IPC_NO_INDEX if the object is gone. */
uint32_t object_index(const struct frame *f, struct object o);

#endif
