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
#include "view/columns.h"
#include "view/field.h"
#include "view/filter.h"
#include "view/key.h"
#include "view/mouse.h"
#include "view/theme.h"
#include "view/views.h"

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

enum mode { MODE_LIST, MODE_DETAIL, MODE_HELP, MODE_SITES, MODE_TRACE, MODE_SETUP, N_MODES };

struct list_state {
	struct object selected; /* none: whatever comes first */
	size_t        position; /* where it was last; -> there if it goes away */
	size_t        top;      /* first row shown */
};

/** Rows that can be on top at once: more would leave no room for others. */
#define MARKS_MAX 16

/* What the line at the bottom is being typed for. */
enum edit_kind { EDIT_NONE, EDIT_FILTER, EDIT_SEARCH, EDIT_ONLY, N_EDITS };

struct edit {
	enum edit_kind kind;
	char           text[FILTER_BYTES];
	char           error[FILTER_ERROR_BYTES]; /* what is wrong with it; "": nothing */
	/* As it was before, for who changes his mind. */
	char          before[FILTER_BYTES];
	struct object selected;
	size_t        position, scroll;
};

struct ui {
	enum view         view;
	enum mode         mode;
	enum object_kind  kinds[N_VIEWS]; /* of rows that each shows now; see views.h */
	struct list_state lists[N_VIEWS];
	int               sort[N_OBJECTS], invert[N_OBJECTS]; /* field of the kind's listing */
	struct columns    columns[N_OBJECTS];
	enum preset       preset;
	enum theme        theme;
	int               mouse, ascii;
	int               setup;      /* line of the setup that is selected */
	enum object_kind  setup_kind; /* whose columns it shows */
	struct object     detail;
	size_t            scroll;               /* first line of help, or of a detail */
	size_t            n_lines;              /* lines there were when it was last drawn */
	char              filter[FILTER_BYTES]; /* a valid one; "": every row */
	char              search[FILTER_BYTES]; /* the same language; "": none yet */
	char              only[FILTER_BYTES]; /* process that everything has to do with; "": any */
	struct edit       edit;
	struct object     marks[MARKS_MAX]; /* on top, whatever the order is */
	size_t            n_marks;
	struct object     follow;                   /* what the screen stays on; id 0: nothing */
	char              follow_name[FIELD_BYTES]; /* to know it by when it comes back */
	int               lints_only;               /* of events */
	enum object_kind  expanded; /* the one section of the overview; N_OBJECTS: all */
	char              notice[FILTER_ERROR_BYTES]; /* on the bottom line, until the next key */
	uint32_t          stroke;                     /* first one of a key that has two; 0: none */
	int               frozen;
	long              step; /* samples to go on, or back, after UI_STEP */
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
	UI_LOOKS = 1 << 5,    /* ui.theme, ui.mouse or ui.ascii has */
	UI_SAVE = 1 << 6,     /* keep the settings: config.h */
	UI_COPY = 1 << 7,     /* ui_copy() says what to put into the clipboard */
	UI_STEP = 1 << 8,     /* ui.step has changed, and the display is frozen */
	UI_RECORD = 1 << 9,   /* begin to record, or end it */
};

/* Steps to the ends of what was seen. */
#define STEP_OLDEST (-1000000000L)
#define STEP_NEWEST 1000000000L

/* Each line the monitor reads costs its writer a miss: below the least it can be felt. */
#define INTERVAL_LEAST_NS     UINT64_C(50000000)
#define INTERVAL_MOST_NS      UINT64_C(86400000000000) /* a day: as said with -d, or kept */
#define INTERVAL_KEYS_MOST_NS UINT64_C(10000000000)    /* as far as keys go: somebody looks */
#define INTERVAL_DEFAULT_NS   UINT64_C(1000000000)

void ui_init(struct ui *ui, uint64_t interval_ns);

/** Show what @text leaves, see filter.h; of one that cannot be ui->notice says why. */
void ui_filter_by(struct ui *ui, const char *text);

/** React to a key; @f is what is on the screen (its s may be NULL). Returns UI_* bits. */
unsigned ui_key(struct ui *ui, const struct frame *f, uint32_t input);

/** React to the mouse, likewise. */
unsigned ui_mouse(struct ui *ui, const struct frame *f, const struct mouse *m);

/** Fit selection and scrolling to @f and to the size of the screen; before each render(). */
void ui_settle(struct ui *ui, const struct frame *f);

/** The selectable lines of the view, filtered, in order; rows_fini() when done. */
struct rows ui_rows(const struct ui *ui, const struct frame *f);
void        rows_fini(struct rows *rows);

/** The selected one of @rows; 0 if there is none. */
size_t ui_selected(const struct ui *ui, const struct frame *f, const struct rows *rows);

/** Are rows left out because somebody asked for others? */
int ui_hides(const struct ui *ui);

/** Does somebody want it on top? */
int ui_is_marked(const struct ui *ui, struct object o);

/** The selected row, or the page shown, as text to take along; to be freed. */
char *ui_copy(const struct ui *ui, const struct frame *f);

/** What stands before the text that is being typed. */
const char *ui_prompt(enum edit_kind kind);

/** Rows of a list, or lines of a page, the screen has room for. */
int ui_page(const struct ui *ui);

/** Lines of the screen that a picture below the list has. */
int ui_below(const struct ui *ui);

const struct listing *object_listing(enum object_kind kind);
struct object         object_of(const struct frame *f, struct row row);

/** The row's index in the frame of today, or IPC_NO_INDEX if the object is gone. */
uint32_t object_index(const struct frame *f, struct object o);

#endif
