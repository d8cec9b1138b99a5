#include "view/key.h"

#include "view/action.h"

#define VIEW_KEY_(digit, name, kind, rows, draw, below, bar, help) \
	{{'0' + digit}, #digit, help, #digit bar, ui_show, VIEW_##name},

/* clang-format off */
const struct key_binding key_table[] = {
	VIEWS(VIEW_KEY_)
	{{INPUT_TAB}, "Tab", "next view", NULL, ui_step_view, 1},
	{{INPUT_BACK_TAB}, "Shift-Tab", "previous view", NULL, ui_step_view, -1},
	{{INPUT_ENTER, '\r'}, "Enter", "all about the selected line", "EnterDetail", ui_detail, 0},
	{{'b'}, "b", "the lines of source it has to do with: where who sleeps, holds, puts and gets", NULL, ui_sites, 0},
	{{'w'}, "w", "who keeps it waiting: to its place in the trees, and from there a step up", "wChain", ui_follow_wait, 0},
	{{'t', INPUT_F(5)}, "F5 t", "waits as trees, or as a list", NULL, ui_tree, 0},
	{{'v'}, "v", "the ways of messages: from processes through channels to processes", NULL, ui_topology, 0},
	{{'a'}, "a", "channels and processes: what passed in all, or what passes a second", NULL, ui_totals, 0},
	{{'l'}, "l", "events: lints only, or all again", NULL, ui_lints, 0},
	{{'T'}, "T", "how to trace the selected one with LTTng: commands to copy", NULL, ui_trace, 0},
	{{INPUT_ESC}, "Esc", "back; in a view: show everything again", NULL, ui_back, 0},
	{{INPUT_F(1), 'h', '?'}, "F1 h ?", "this help", "F1Help", ui_help, 0},
	{{INPUT_F(2), 'S'}, "F2 S", "setup: columns, theme, preset; F12 keeps it", "F2Setup", ui_setup, 0},
	{{INPUT_F(12)}, "F12", "keep columns, order, theme and interval in the configuration file", NULL, ui_save, 0},
	{{INPUT_F(3), '/'}, "F3 /",
	 "find as you type, by the language of the filter: Enter stays there, Esc goes back", "/Find", ui_edit, EDIT_SEARCH},
	{{'n'}, "n", "the next that is found", NULL, ui_search, 1},
	{{'N'}, "N", "the one found before", NULL, ui_search, -1},
	{{INPUT_F(4), '\\', 'f'}, "F4 \\ f",
	 "show only some lines: Enter keeps, Esc cancels, Ctrl-U clears; the language is below", "\\Filter", ui_edit, EDIT_FILTER},
	{{'u'}, "u", "only what has to do with a process, by its name, pid or user; nothing typed: all again", NULL, ui_edit, EDIT_ONLY},
	{{'F'}, "F", "follow the selected one: stay on it, also when it goes and comes back", NULL, ui_follow, 0},
	{{'m'}, "m", "mark the selected line, which keeps it on top; m again lets go", NULL, ui_mark, 0},
	{{'e'}, "e", "overview: expand the section of the selected line, or show all of them", NULL, ui_expand, 0},
	{{'y'}, "y", "copy the line, or the page, to the clipboard (OSC 52)", NULL, ui_copy_it, 0},
	{{INPUT_F(6), '>', INPUT_RIGHT}, "F6 > Right", "sort by the next column", "<>Sort", ui_sort, 1},
	{{'<', INPUT_LEFT}, "< Left", "sort by the column before", NULL, ui_sort, -1},
	{{'i', 'I'}, "i I", "invert the order", NULL, ui_invert, 0},
	{{' ', 'Z'}, "Space Z", "freeze the display; reading goes on", "SpFreeze", ui_freeze, 0},
	{{'['}, "[", "one reading back, into what was seen", NULL, ui_scrub, -1},
	{{']'}, "]", "one reading on", NULL, ui_scrub, 1},
	{{'{'}, "{", "ten readings back", NULL, ui_scrub, -10},
	{{'}'}, "}", "ten readings on", NULL, ui_scrub, 10},
	{{'r'}, "r", "record to a file, here; r again ends it", NULL, ui_record, 0},
	{{'+', '='}, "+", "read less often, up to every 10 s", NULL, ui_interval, 1},
	{{'-'}, "-", "read more often, down to every 50 ms", NULL, ui_interval, -1},
	{{INPUT_UP, 'k'}, "Up k", "one line up", NULL, ui_move, MOVE_UP},
	{{INPUT_DOWN, 'j'}, "Down j", "one line down", NULL, ui_move, MOVE_DOWN},
	{{INPUT_PAGE_UP, INPUT_CTRL('B')}, "PgUp Ctrl-B", "one page up", NULL, ui_move, MOVE_PAGE_UP},
	{{INPUT_PAGE_DOWN, INPUT_CTRL('F')}, "PgDn Ctrl-F", "one page down", NULL, ui_move, MOVE_PAGE_DOWN},
	{{INPUT_HOME}, "Home", "first line; frozen: the oldest reading", NULL, ui_home, -1},
	{{INPUT_END}, "End", "last line; frozen: the newest, and on", NULL, ui_home, 1},
	{{INPUT_GG}, "gg", "first line", NULL, ui_move, MOVE_FIRST},
	{{'G'}, "G", "last line", NULL, ui_move, MOVE_LAST},
	{{INPUT_CTRL('L')}, "Ctrl-L", "draw the screen anew", NULL, ui_redraw, 0},
	{{INPUT_CTRL('Z')}, "Ctrl-Z", "suspend; fg comes back", NULL, ui_suspend, 0},
	{{'q', INPUT_F(10), INPUT_CTRL('C')}, "q F10 Ctrl-C",
	 "quit; in help and in a detail q goes back", "qQuit", ui_quit, 0},
};
/* clang-format on */

const size_t key_table_n = sizeof(key_table) / sizeof(key_table[0]);

const struct key_binding *key_bound(uint32_t input)
{
	for (size_t i = 0; i < key_table_n; i++)
		for (int k = 0; k < KEYS_EACH && key_table[i].keys[k] != 0; k++)
			if (key_table[i].keys[k] == input)
				return &key_table[i];
	return NULL;
}
