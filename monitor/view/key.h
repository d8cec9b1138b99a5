#ifndef VIEW_KEY_H
#define VIEW_KEY_H

/*
 * key.h - every key there is, in one table: what it does, and how help puts it
 *
 * Input is a character, or one of the codes below for keys that have none. No
 * key changes the target; an action that would is not in this table.
 */

#include <stddef.h>
#include <stdint.h>

enum input {
	INPUT_NONE = 0x110000, /* behind the last character there is */
	INPUT_UP,
	INPUT_DOWN,
	INPUT_LEFT,
	INPUT_RIGHT,
	INPUT_PAGE_UP,
	INPUT_PAGE_DOWN,
	INPUT_HOME,
	INPUT_END,
	INPUT_BACKSPACE,
	INPUT_BACK_TAB,
	INPUT_F1, /* F2 is INPUT_F1 + 1, up to F12 */
	INPUT_F12 = INPUT_F1 + 11,
};

#define INPUT_F(n)    ((uint32_t)INPUT_F1 + (n)-1)
#define INPUT_CTRL(c) ((uint32_t)(c)-0x40)
#define INPUT_ESC     0x1b
#define INPUT_ENTER   '\n'
#define INPUT_TAB     '\t'

enum action {
	ACTION_NONE,
	ACTION_OVERVIEW,
	ACTION_CHANNELS,
	ACTION_PROCESSES,
	ACTION_WAITS,
	ACTION_NEXT_VIEW,
	ACTION_PREVIOUS_VIEW,
	ACTION_HELP,
	ACTION_FILTER,
	ACTION_SORT_NEXT,
	ACTION_SORT_PREVIOUS,
	ACTION_INVERT,
	ACTION_FREEZE,
	ACTION_SLOWER,
	ACTION_FASTER,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_DETAIL,
	ACTION_BACK,
	ACTION_REDRAW,
	ACTION_SUSPEND,
	ACTION_QUIT,
	N_ACTIONS,
};

#define KEYS_EACH 4

struct key_binding {
	enum action action;
	uint32_t    keys[KEYS_EACH]; /* 0: no more */
	const char *label;           /* the keys, as help names them */
	const char *help;
	const char *bar; /* how the bottom line puts it; NULL: not there */
};

extern const struct key_binding key_table[];
extern const size_t             key_table_n;

enum action key_action(uint32_t input);

#endif
