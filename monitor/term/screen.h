#ifndef TERM_SCREEN_H
#define TERM_SCREEN_H

/*
 * screen.h - a grid on a terminal; the one place that knows curses
 *
 * Whatever ends the program gives the terminal back: a normal end, exit() from
 * anywhere, a signal to end, a crash.
 */

#include <signal.h>

#include "view/grid.h"
#include "view/key.h"
#include "view/mouse.h"
#include "view/theme.h"

/**
 * Take the terminal. In @caps: what is wanted; out: what there is. Returns 0,
 * or -ENOTTY where there is no terminal, or none that can be drawn on.
 */
int screen_open(struct caps *caps);

/** Give it back; harmless when it was. */
void screen_close(void);

void screen_size(int *ret_rows, int *ret_cols);
void screen_show(const struct grid *g);

/** How roles look from now on. */
void screen_theme(enum theme theme);

/** To the clipboard of whoever sits at the terminal, where that lets itself be told. */
void screen_copy(const char *text);

/** Shall the terminal report the mouse, or keep it for marking text? */
void screen_mouse(int on);

/** After INPUT_MOUSE: what it did. */
struct mouse screen_mouse_event(void);

/** Draw all of it with the next screen_show(). */
void screen_redraw(void);

/** The next key that was pressed, or INPUT_NONE. */
uint32_t screen_key(void);

/** The terminal has another size. */
void screen_resized(void);

/** Stop, as Ctrl-Z does to a program without a screen; returns when continued. */
void screen_suspend(void);

/** The descriptor keys come from. */
int screen_fd(void);

#endif
