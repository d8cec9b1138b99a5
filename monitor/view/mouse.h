#ifndef VIEW_MOUSE_H
#define VIEW_MOUSE_H

/*
 * mouse.h - what a mouse can do
 */

enum mouse_what { MOUSE_PRESS, MOUSE_TWICE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct mouse {
	enum mouse_what what;
	int             y, x; /* cell of the screen */
};

#endif
