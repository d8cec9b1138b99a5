#ifndef TERM_TUI_H
#define TERM_TUI_H

#include "options.h"

/** The screen, until somebody quits. Returns the exit code; -1 where there is no terminal to draw on. */
int tui_run(const struct options *o);

#endif
