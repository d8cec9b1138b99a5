/*
 * screen.c - see screen.h
 *
 * Curses is left only what it is good at: knowing terminals, and sending them
 * the difference between two screens. Signals and sizes are handled here, so
 * that none of it runs inside a signal handler.
 */
#define NCURSES_WIDECHAR         1
#define NCURSES_NOMACROS         1
#define NCURSES_ENABLE_STDBOOL_H 1
#include <curses.h>
#include <term.h>

#include "term/screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "term/crash.h"
#include "text/utf8.h"

static struct {
	SCREEN        *curses;
	int            opened;
	int            on; /* the terminal is ours at the moment */
	int            color;
	struct termios before;
} screen;

/* ---- looks ------------------------------------------------------------------------ */

struct look {
	short  text, ground;   /* -1: the terminal's own */
	attr_t colored, plain; /* attributes with colours, and without */
};

static const struct look looks[N_ROLES] = {
	[ROLE_NORMAL] = {-1, -1, A_NORMAL, A_NORMAL},
	[ROLE_OK] = {COLOR_GREEN, -1, A_NORMAL, A_NORMAL},
	[ROLE_MOVING] = {COLOR_GREEN, -1, A_NORMAL, A_NORMAL},
	[ROLE_NOTICE] = {COLOR_CYAN, -1, A_NORMAL, A_NORMAL},
	[ROLE_WARN] = {COLOR_YELLOW, -1, A_BOLD, A_BOLD},
	[ROLE_CRITICAL] = {COLOR_RED, -1, A_BOLD, A_BOLD},
	[ROLE_ALARM] = {COLOR_WHITE, COLOR_RED, A_BOLD, A_BOLD | A_REVERSE},
	[ROLE_DEAD] = {COLOR_MAGENTA, -1, A_NORMAL, A_DIM},
	[ROLE_DIM] = {-1, -1, A_DIM, A_DIM},
	[ROLE_ACCENT] = {COLOR_CYAN, -1, A_BOLD, A_BOLD},
	[ROLE_SELECTION] = {COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE},
	[ROLE_HEADER] = {-1, -1, A_BOLD, A_UNDERLINE},
	[ROLE_TITLE] = {COLOR_BLUE, -1, A_BOLD, A_NORMAL},
	[ROLE_PAUSED] = {COLOR_YELLOW, COLOR_BLUE, A_BOLD, A_BOLD | A_REVERSE},
};

static void prepare_colors(struct caps *caps)
{
	screen.color = caps->color && has_colors() && start_color() == OK && COLORS >= 8 &&
		       COLOR_PAIRS > N_ROLES;
	caps->color = screen.color;
	if (!screen.color)
		return;
	use_default_colors();
	for (int i = 0; i < N_ROLES; i++)
		init_pair((short)(i + 1), looks[i].text, looks[i].ground);
}

/* ---- taking and giving back ---------------------------------------------------------- */

static char  *restore_at;
static size_t restore_left;

static int restore_add(int c)
{
	if (restore_left > 1) {
		*restore_at++ = (char)c;
		restore_left--;
	}
	return c;
}

/* A crash cannot ask curses anything: what it will have to send is written down now. */
static void prepare_crash(void)
{
	static const char *const names[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
	static char              text[256];

	restore_at = text;
	restore_left = sizeof(text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *s = tigetstr(names[i]);

		if (s != NULL && s != (char *)-1)
			tputs(s, 1, restore_add);
	}
	crash_guard(&screen.before, text, (size_t)(restore_at - text));
}

int screen_open(struct caps *caps)
{
	const char *cup;

	if (tcgetattr(STDIN_FILENO, &screen.before) < 0 || !isatty(STDOUT_FILENO))
		return -ENOTTY;
	screen.curses = newterm(NULL, stdout, stdin);
	if (screen.curses == NULL)
		return -ENOTTY;
	screen.opened = screen.on = 1;
	atexit(screen_close);
	prepare_crash();
	cup = tigetstr("cup"); /* a terminal that cannot move its cursor, TERM=dumb for one */
	if (cup == NULL || cup == (char *)-1) {
		screen_close();
		return -ENOTTY;
	}
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25); /* an Esc alone must not feel slow; escape sequences arrive at once */
	curs_set(0);
	prepare_colors(caps);
	return 0;
}

void screen_close(void)
{
	if (!screen.opened)
		return;
	if (screen.on)
		endwin();
	screen.on = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.before);
	crash_unguard();
	screen.opened = 0;
}

void screen_suspend(void)
{
	struct sigaction stop = {.sa_handler = SIG_DFL}, ours;
	sigset_t         set, before;

	endwin();
	screen.on = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.before);
	sigaction(SIGTSTP, &stop, &ours);
	raise(SIGTSTP);
	/* Here it is delivered, and here we stop until somebody continues us. */
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGTSTP, &ours, NULL);
	screen_redraw();
}

/* ---- showing ------------------------------------------------------------------------------ */

void screen_size(int *ret_rows, int *ret_cols)
{
	getmaxyx(stdscr, *ret_rows, *ret_cols);
}

void screen_resized(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0)
		resizeterm(w.ws_row, w.ws_col);
}

void screen_redraw(void)
{
	/* Also puts the modes back where somebody else has changed them. */
	reset_prog_mode();
	screen.on = 1;
	clearok(stdscr, TRUE);
}

static void set_look(uint32_t role)
{
	const struct look *l = &looks[role < N_ROLES ? role : ROLE_NORMAL];

	attr_set(screen.color ? l->colored : l->plain, screen.color ? (short)(role + 1) : 0, NULL);
}

void screen_show(const struct grid *g)
{
	wchar_t text[512];

	erase();
	for (int y = 0; y < g->rows; y++) {
		const struct cell *row = &g->cells[(size_t)y * (size_t)g->cols];

		/* One call for each stretch that looks the same. */
		for (int x = 0, n; x < g->cols; x += n) {
			int k = 0;

			for (n = 0; x + n < g->cols && row[x + n].role == row[x].role && k < 511;
			     n++)
				if (row[x + n].ch != 0)
					text[k++] = (wchar_t)row[x + n].ch;
			text[k] = 0;
			set_look(row[x].role);
			mvaddnwstr(y, x, text, k);
		}
	}
	refresh();
	screen.on = 1;
}

/* ---- keys -------------------------------------------------------------------------------- */

static uint32_t translate(wint_t c)
{
	static const struct {
		int      key;
		uint32_t input;
	} keys[] = {
		{KEY_UP, INPUT_UP},         {KEY_DOWN, INPUT_DOWN},
		{KEY_LEFT, INPUT_LEFT},     {KEY_RIGHT, INPUT_RIGHT},
		{KEY_PPAGE, INPUT_PAGE_UP}, {KEY_NPAGE, INPUT_PAGE_DOWN},
		{KEY_HOME, INPUT_HOME},     {KEY_END, INPUT_END},
		{KEY_ENTER, INPUT_ENTER},   {KEY_BACKSPACE, INPUT_BACKSPACE},
		{KEY_BTAB, INPUT_BACK_TAB},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if ((int)c == keys[i].key)
			return keys[i].input;
	if ((int)c >= KEY_F(1) && (int)c <= KEY_F(12))
		return INPUT_F1 + (uint32_t)((int)c - KEY_F(1));
	return 0;
}

uint32_t screen_key(void)
{
	wint_t   c;
	uint32_t input;

	for (;;) {
		switch (get_wch(&c)) {
		case OK: return c == '\r' ? INPUT_ENTER : (uint32_t)c;
		case KEY_CODE_YES:
			input = translate(c);
			if (input != 0)
				return input;
			break; /* a key of no meaning here: the next one */
		default: return INPUT_NONE;
		}
	}
}

int screen_fd(void)
{
	return STDIN_FILENO;
}
