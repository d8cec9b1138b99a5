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
	INPUT_GG,    /* g, and g again */
	INPUT_MOUSE, /* not a key: screen_mouse_event() says what */
	INPUT_F1,    /* F2 is INPUT_F1 + 1, up to F12 */
	INPUT_F12 = INPUT_F1 + 11,
};

#define INPUT_F(n)    ((uint32_t)INPUT_F1 + (n)-1)
#define INPUT_CTRL(c) ((uint32_t)(c)-0x40)
#define INPUT_ESC     0x1b
#define INPUT_ENTER   '\n'
#define INPUT_TAB     '\t'

#define KEYS_EACH     4

struct ui;
struct frame;

struct key_binding {
	uint32_t    keys[KEYS_EACH]; /* 0: no more */
	const char *label;           /* the keys, as help names them */
	const char *help;
	const char *bar; /* how the bottom line puts it; NULL: not there */
	unsigned (*run)(struct ui *ui, const struct frame *f, int arg);
	int arg; /* action.h says of what */
};

extern const struct key_binding key_table[];
extern const size_t             key_table_n;

/** What @input does; NULL: nothing. */
const struct key_binding *key_bound(uint32_t input);

#endif
