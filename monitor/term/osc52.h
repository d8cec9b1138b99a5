#ifndef TERM_OSC52_H
#define TERM_OSC52_H

/*
 * osc52.h - a text for the clipboard, as terminals take it
 *
 * The way goes through the terminal, and so through ssh, too. What lies in between
 * wants it wrapped.
 */

enum osc52_way {
	OSC52_PLAIN,
	OSC52_TMUX,   /* for tmux to hand on: its allow-passthrough */
	OSC52_SCREEN, /* for GNU screen to hand on */
};

/** More than this of a text is left out: some terminals take no more [bytes]. */
#define OSC52_MOST 50000

/** The sequence that copies @text; to be freed. */
char *osc52(const char *text, enum osc52_way way);

#endif
