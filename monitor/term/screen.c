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
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "term/crash.h"
#include "term/osc52.h"
#include "text/now.h"
#include "text/utf8.h"

/* Presses closer than this are one double click; the usual half second is slow. */
#define TWICE_NS UINT64_C(400000000)

/*
 * The mouse is asked for, and understood, here: the way that every terminal knows
 * which has one, and that goes beyond column 223, is in few descriptions of them.
 */
#define MOUSE_ON    "\033[?1000h\033[?1006h"
#define MOUSE_OFF   "\033[?1006l\033[?1000l"
#define MOUSE_BEGIN "\033[<"
#define MOUSE_CODE  (KEY_MAX + 1)

#define SYNC_BEGIN  "\033[?2026h"
#define SYNC_END    "\033[?2026l"

static struct {
	SCREEN        *curses;
	int            opened;
	int            on; /* the terminal is ours at the moment */
	int            color, sync, mouse;
	attr_t         looks[N_ROLES];
	struct termios before;
	struct {
		uint64_t at_ns;
		int      y, x;
	} pressed; /* the last time a button was */
	struct mouse event;
} screen;

/* ---- looks ------------------------------------------------------------------------ */

static attr_t attributes_of(unsigned paint)
{
	static const attr_t attributes[] = {A_BOLD, A_DIM, A_REVERSE, A_UNDERLINE};
	attr_t              a = A_NORMAL;

	for (unsigned i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (paint & 1u << i)
			a |= attributes[i];
	return a;
}

void screen_theme(enum theme theme)
{
	int colors = screen.color ? COLORS : 0;

	for (int i = 0; i < N_ROLES; i++) {
		struct paint p = theme_paint(theme, (enum role)i, colors);

		screen.looks[i] = attributes_of(p.attributes);
		/* Not init_pair(): direct colours are beyond a short. */
		if (screen.color)
			init_extended_pair(i + 1, p.text, p.ground);
	}
}

static void prepare_colors(struct caps *caps)
{
	screen.color = caps->color && has_colors() && start_color() == OK && COLORS >= 8 &&
		       COLOR_PAIRS > N_ROLES;
	caps->color = screen.color;
	if (screen.color)
		use_default_colors();
	screen_theme(THEME_DEFAULT);
}

/* ---- what terminals can do that curses does not ask for ------------------------------ */

static void send(const char *text, size_t n)
{
	while (n > 0) {
		ssize_t r = write(STDOUT_FILENO, text, n);

		if (r < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

			if (poll(&p, 1, 1000) > 0)
				continue;
		}
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return; /* it has gone; the loop will see that by itself */
		text += r;
		n -= (size_t)r;
	}
}

/* Terminals that show a screen when all of it has come; to others the words mean nothing. */
static int can_sync(void)
{
	static const char *const kinds[] = {"xterm-kitty", "alacritty",     "foot",  "contour",
					    "wezterm",     "xterm-ghostty", "mintty"};
	const char              *term = getenv("TERM"), *sync = tigetstr("Sync");

	if (sync != NULL && sync != (char *)-1)
		return 1;
	for (size_t i = 0; term != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(term, kinds[i], strlen(kinds[i])) == 0)
			return 1;
	return 0;
}

void screen_copy(const char *text)
{
	const char *term = getenv("TERM"), *tmux = getenv("TMUX");
	char       *plain = osc52(text, OSC52_PLAIN), *wrapped = NULL;

	/* tmux takes it itself if set-clipboard is on, and hands it on if allow-passthrough is. */
	if (tmux != NULL && tmux[0] != 0)
		wrapped = osc52(text, OSC52_TMUX);
	else if (term != NULL && strncmp(term, "screen", 6) == 0)
		wrapped = osc52(text, OSC52_SCREEN);
	send(plain, strlen(plain));
	if (wrapped != NULL)
		send(wrapped, strlen(wrapped));
	free(plain);
	free(wrapped);
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
	for (const char *s = MOUSE_OFF; *s != 0; s++)
		restore_add(*s);
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
	define_key(MOUSE_BEGIN, MOUSE_CODE);
	nodelay(stdscr, TRUE);
	set_escdelay(25); /* an Esc alone must not feel slow; escape sequences arrive at once */
	curs_set(0);
	prepare_colors(caps);
	screen.sync = can_sync();
	return 0;
}

static void leave(void)
{
	if (screen.mouse)
		send(MOUSE_OFF, strlen(MOUSE_OFF));
	endwin();
	screen.on = 0;
}

void screen_close(void)
{
	if (!screen.opened)
		return;
	if (screen.on)
		leave();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.before);
	crash_unguard();
	screen.opened = 0;
}

void screen_suspend(void)
{
	struct sigaction stop = {.sa_handler = SIG_DFL}, ours;
	sigset_t         set, before;

	leave();
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
	if (screen.mouse)
		send(MOUSE_ON, strlen(MOUSE_ON));
	screen.on = 1;
	clearok(stdscr, TRUE);
}

static void set_look(uint32_t role)
{
	if (role >= N_ROLES)
		role = ROLE_NORMAL;
	attr_set(screen.looks[role], screen.color ? (short)(role + 1) : 0, NULL);
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
	if (screen.sync)
		send(SYNC_BEGIN, strlen(SYNC_BEGIN));
	refresh();
	if (screen.sync)
		send(SYNC_END, strlen(SYNC_END));
	screen.on = 1;
}

/* ---- keys -------------------------------------------------------------------------------- */

void screen_mouse(int on)
{
	const char *text = on ? MOUSE_ON : MOUSE_OFF;

	if (on != screen.mouse)
		send(text, strlen(text));
	screen.mouse = on;
}

static enum mouse_what pressed(int y, int x)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);
	int      again = screen.pressed.y == y && screen.pressed.x == x &&
		    now - screen.pressed.at_ns < TWICE_NS;

	screen.pressed.at_ns = again ? 0 : now; /* a third is not one more double */
	screen.pressed.y = y;
	screen.pressed.x = x;
	return again ? MOUSE_TWICE : MOUSE_PRESS;
}

/* The rest of a sequence has come with its beginning, or is on its way. */
static int next_char(void)
{
	wint_t c;
	int    r;

	timeout(50);
	r = get_wch(&c);
	timeout(0);
	return r == OK ? (int)c : -1;
}

/* "button;column;rowM", or "…m" as it is let go. */
static int read_mouse(int *ret_button, int *ret_y, int *ret_x)
{
	int numbers[3] = {0}, i = 0, c;

	for (int n = 0; n < 20 && (c = next_char()) >= 0; n++) {
		if (c >= '0' && c <= '9' && numbers[i] < 100000)
			numbers[i] = numbers[i] * 10 + c - '0';
		else if (c == ';' && i < 2)
			i++;
		else
			break;
	}
	*ret_button = numbers[0];
	*ret_x = numbers[1] - 1;
	*ret_y = numbers[2] - 1;
	return c == 'M' && i == 2;
}

/* INPUT_MOUSE, or 0 if that means nothing here. */
static uint32_t take_mouse(void)
{
	struct mouse *m = &screen.event;
	int           button;

	if (!read_mouse(&button, &m->y, &m->x))
		return 0;
	switch (button) {
	case 0: m->what = pressed(m->y, m->x); return INPUT_MOUSE;
	case 64: m->what = MOUSE_WHEEL_UP; return INPUT_MOUSE;
	case 65: m->what = MOUSE_WHEEL_DOWN; return INPUT_MOUSE;
	default: return 0;
	}
}

struct mouse screen_mouse_event(void)
{
	return screen.event;
}

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
			input = (int)c == MOUSE_CODE ? take_mouse() : translate(c);
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
