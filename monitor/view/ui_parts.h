#ifndef VIEW_UI_PARTS_H
#define VIEW_UI_PARTS_H

/*
 * ui_parts.h - between the files that ui.h is made of
 */

#include "view/action.h"

/** A key while text is being typed. */
unsigned ui_edit_key(struct ui *ui, const struct frame *f, uint32_t input);

/** Row @i of @rows is the selected one now. */
void ui_select_row(struct ui *ui, const struct frame *f, const struct rows *rows, size_t i);

/** A key in the setup; returns 0 if it means there what it means everywhere. */
int ui_setup_key(struct ui *ui, uint32_t input, unsigned *ret_what);

/** The kind of row that sorting, and columns to choose, are about. */
enum object_kind ui_sorted_kind(const struct ui *ui, const struct frame *f);

void ui_preset(struct ui *ui, enum preset preset);

/** Press the choice that is selected there. */
unsigned ui_setup_press(struct ui *ui);

/** Before the frame is shown: to where what is followed has gone. */
void ui_settle_followed(struct ui *ui, const struct frame *f);

/**
 * Go to what ui->search names: the next one from here (@step 1) or the one before
 * (-1), or, 0, the first from here on, here included. Returns 0 if there is none.
 */
int ui_search_go(struct ui *ui, const struct frame *f, int step);

void __attribute__((format(printf, 2, 3))) ui_say(struct ui *ui, const char *format, ...);

/** The object that the screen is about: that of the detail, or the selected one; id 0: none. */
struct object ui_subject(const struct ui *ui, const struct frame *f);

/** Make @o the selected one of the view, wherever it stands in it. */
void ui_select(struct ui *ui, const struct frame *f, struct object o);

#endif
