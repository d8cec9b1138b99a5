#include "view/key.h"

/* clang-format off */
const struct key_binding key_table[] = {
	{ACTION_OVERVIEW, {'1'}, "1", "overview: findings, waits, channels, processes", "1Overview"},
	{ACTION_CHANNELS, {'2'}, "2", "channels: depth, rates, latency, who sleeps there", "2Chan"},
	{ACTION_PROCESSES, {'3'}, "3", "processes: throughput, state, what they wait for", "3Proc"},
	{ACTION_WAITS, {'4'}, "4", "waits: every thread asleep, for what, at which line", "4Waits"},
	{ACTION_NEXT_VIEW, {INPUT_TAB}, "Tab", "next view", NULL},
	{ACTION_PREVIOUS_VIEW, {INPUT_BACK_TAB}, "Shift-Tab", "previous view", NULL},
	{ACTION_DETAIL, {INPUT_ENTER, '\r'}, "Enter", "all about the selected line", "EnterDetail"},
	{ACTION_BACK, {INPUT_ESC}, "Esc", "back; in a view: clear the filter", NULL},
	{ACTION_HELP, {INPUT_F(1), 'h', '?'}, "F1 h ?", "this help", "F1Help"},
	{ACTION_FILTER, {INPUT_F(4), '\\', 'f'}, "F4 \\ f",
	 "show only lines that hold a text: Enter keeps, Esc cancels, Ctrl-U clears", "\\Filter"},
	{ACTION_SORT_NEXT, {INPUT_F(6), '>', INPUT_RIGHT}, "F6 > Right", "sort by the next column", "<>Sort"},
	{ACTION_SORT_PREVIOUS, {'<', INPUT_LEFT}, "< Left", "sort by the column before", NULL},
	{ACTION_INVERT, {'i', 'I'}, "i I", "invert the order", NULL},
	{ACTION_FREEZE, {' ', 'Z'}, "Space Z", "freeze the display; reading goes on", "SpFreeze"},
	{ACTION_SLOWER, {'+', '='}, "+", "read less often, up to every 10 s", NULL},
	{ACTION_FASTER, {'-'}, "-", "read more often, down to every 50 ms", NULL},
	{ACTION_UP, {INPUT_UP, 'k'}, "Up k", "one line up", NULL},
	{ACTION_DOWN, {INPUT_DOWN, 'j'}, "Down j", "one line down", NULL},
	{ACTION_PAGE_UP, {INPUT_PAGE_UP, INPUT_CTRL('B')}, "PgUp Ctrl-B", "one page up", NULL},
	{ACTION_PAGE_DOWN, {INPUT_PAGE_DOWN, INPUT_CTRL('F')}, "PgDn Ctrl-F", "one page down", NULL},
	{ACTION_FIRST, {INPUT_HOME, 'g'}, "Home g", "first line", NULL},
	{ACTION_LAST, {INPUT_END, 'G'}, "End G", "last line", NULL},
	{ACTION_REDRAW, {INPUT_CTRL('L')}, "Ctrl-L", "draw the screen anew", NULL},
	{ACTION_SUSPEND, {INPUT_CTRL('Z')}, "Ctrl-Z", "suspend; fg comes back", NULL},
	{ACTION_QUIT, {'q', INPUT_F(10), INPUT_CTRL('C')}, "q F10 Ctrl-C",
	 "quit; in help and in a detail q goes back", "qQuit"},
};
/* clang-format on */

const size_t key_table_n = sizeof(key_table) / sizeof(key_table[0]);

enum action key_action(uint32_t input)
{
	for (size_t i = 0; i < key_table_n; i++)
		for (int k = 0; k < KEYS_EACH && key_table[i].keys[k] != 0; k++)
			if (key_table[i].keys[k] == input)
				return key_table[i].action;
	return ACTION_NONE;
}
