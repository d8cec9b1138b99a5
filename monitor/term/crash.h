#ifndef TERM_CRASH_H
#define TERM_CRASH_H

/*
 * crash.h - a crash, too, gives the terminal back
 *
 * From a signal handler only a few calls are allowed, and curses is not among
 * them: so the bytes to send and the modes to set are handed over beforehand.
 */

#include <stddef.h>
#include <termios.h>

/** From now on SIGSEGV and its like send @text, set @modes, and then do what they do. */
void crash_guard(const struct termios *modes, const char *text, size_t n);

void crash_unguard(void);

#endif
