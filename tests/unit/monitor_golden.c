/*
 * monitor_golden.c - what screens look like
 *
 * They lie in tests/screen/golden, each of the table below at each size, in UTF-8
 * and in ASCII, and at 80x24 also its roles, a letter a cell. The bottom line is in
 * those of the overview only, so that a new key does not change all of them.
 * UPDATE_GOLDEN=1 writes them anew, and then the difference is to be read before it
 * is believed.
 */
#include "monitor_fake.h"

#include <stdlib.h>

struct screen {
	const char   *name;
	enum view     view;
	enum mode     mode;
	struct object detail;
	uint32_t      keys[16]; /* pressed before it is drawn */
};

static const struct screen screens[] = {
	{.name = "overview", .view = VIEW_OVERVIEW},
	{.name = "channels", .view = VIEW_CHANNELS},
	{.name = "processes", .view = VIEW_PROCESSES},
	{.name = "waits", .view = VIEW_WAITS},
	{.name = "graph", .view = VIEW_GRAPH},
	{.name = "topology", .view = VIEW_GRAPH, .keys = {'v'}},
	{.name = "latency", .view = VIEW_LATENCY},
	{.name = "memory", .view = VIEW_MEMORY},
	{.name = "lock", .view = VIEW_MEMORY, .keys = {'G', INPUT_ENTER}},
	{.name = "totals", .view = VIEW_CHANNELS, .keys = {'a'}},
	{.name = "trace", .view = VIEW_CHANNELS, .keys = {'j', 'T'}},
	{.name = "events", .view = VIEW_EVENTS},
	{.name = "help", .view = VIEW_OVERVIEW, .mode = MODE_HELP},
	{.name = "setup",
	 .view = VIEW_CHANNELS,
	 .keys = {'S', 'G', 'k', 'k', 'k', 'k', 'k', 'k', 'k', 'k', 'k', 'k', 'k', 'k', ' '}},
	{.name = "limits", .view = VIEW_CHANNELS, .keys = {'S', 'G'}},
	{.name = "sites", .view = VIEW_CHANNELS, .keys = {'b'}},
	{.name = "marked", .view = VIEW_CHANNELS, .keys = {'G', 'm', 'k'}},
	{.name = "channel",
	 .view = VIEW_CHANNELS,
	 .mode = MODE_DETAIL,
	 .detail = {OBJECT_CHANNEL, 0x300000002}},
	{.name = "process",
	 .view = VIEW_PROCESSES,
	 .mode = MODE_DETAIL,
	 .detail = {OBJECT_PROCESS, 0x100000002}},
	{.name = "wait",
	 .view = VIEW_WAITS,
	 .mode = MODE_DETAIL,
	 .detail = {OBJECT_WAIT, 0x200000002}},
};

static const struct {
	int cols, rows;
} sizes[] = {{40, 8}, {80, 24}, {132, 43}, {200, 60}};

/* A letter a role: lower case is calm, upper case is not. */
static char role_letter(uint32_t role)
{
	static const char letters[N_ROLES] = {
		[ROLE_NORMAL] = '.', [ROLE_OK] = 'o',        [ROLE_MOVING] = 'm',
		[ROLE_NOTICE] = 'n', [ROLE_WARN] = 'W',      [ROLE_CRITICAL] = 'C',
		[ROLE_ALARM] = 'A',  [ROLE_DEAD] = 'Z',      [ROLE_DIM] = 'd',
		[ROLE_ACCENT] = 'a', [ROLE_SELECTION] = 's', [ROLE_HEADER] = 'h',
		[ROLE_TITLE] = 't',  [ROLE_PAUSED] = 'P',    [ROLE_MARKED] = 'M',
	};

	return letters[role];
}

static void put_roles(const struct grid *g, int y, char *ret)
{
	for (int x = 0; x < g->cols; x++)
		ret[x] = role_letter(g->cells[(size_t)y * (size_t)g->cols + (size_t)x].role);
	ret[g->cols] = 0;
}

/* ---- files ------------------------------------------------------------------------- */

static char *file_text(const char *path)
{
	FILE  *f = fopen(path, "r");
	char  *text = calloc(1, 200000);
	size_t n = f != NULL ? fread(text, 1, 199999, f) : 0;

	text[n] = 0;
	if (f != NULL)
		fclose(f);
	return text;
}

/* Writes them anew, or compares; returns whether they are the same. */
static int same_as_file(const char *name, const char *text)
{
	const char *source = getenv("SOURCE_DIR");
	char        path[512];
	char       *wanted;
	int         same;

	snprintf(path, sizeof(path), "%s/tests/screen/golden/%s.txt", source != NULL ? source : ".",
		 name);
	if (getenv("UPDATE_GOLDEN") != NULL) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(text, f);
		fclose(f);
		return 1;
	}
	wanted = file_text(path);
	same = strcmp(wanted, text) == 0;
	if (!same)
		fprintf(stderr, "%s is now:\n%s", path, text);
	free(wanted);
	return same;
}

/* ---- one screen ------------------------------------------------------------------------ */

static void draw(struct grid *g, const struct screen *sc, const struct frame *f, int cols, int rows,
		 int utf8)
{
	struct status status = fake_status();
	struct ui     ui;

	ui_init(&ui, FAKE_SECOND);
	ui.view = sc->view;
	ui.mode = sc->mode;
	ui.detail = sc->detail;
	ui.rows = rows;
	ui.cols = cols;
	ui_settle(&ui, f);
	for (size_t i = 0; sc->keys[i] != 0; i++) {
		ui_key(&ui, f, sc->keys[i]);
		ui_settle(&ui, f);
	}
	grid_init(g, rows, cols, (struct caps){.utf8 = 2 * utf8});
	render(g, f, &ui, &status);
}

static int compare(const struct grid *g, const char *name, int with_roles)
{
	int    rows = strncmp(name, "overview", 8) == 0 ? g->rows : g->rows - 1;
	size_t line = (size_t)g->cols * 4 + 2;
	char  *text = calloc((size_t)g->rows + 1, line), *p = text;
	int    same;

	assert_non_null(text);
	for (int y = 0; y < rows; y++) {
		if (with_roles)
			put_roles(g, y, p);
		else
			grid_row(g, y, p, line - 1);
		p += strlen(p);
		*p++ = '\n';
	}
	*p = 0;
	same = same_as_file(name, text);
	free(text);
	return same;
}

static int check_screen(const struct screen *sc, const struct frame *f, int cols, int rows)
{
	char        name[96];
	struct grid g;
	int         same = 1;

	for (int utf8 = 0; utf8 < 2; utf8++) {
		draw(&g, sc, f, cols, rows, utf8);
		snprintf(name, sizeof(name), "%s_%dx%d_%s", sc->name, cols, rows,
			 utf8 ? "utf8" : "ascii");
		same &= compare(&g, name, 0);
		snprintf(name, sizeof(name), "%s_%dx%d_roles", sc->name, cols, rows);
		if (!utf8 && cols == 80)
			same &= compare(&g, name, 1);
		grid_fini(&g);
	}
	return same;
}

static void render__every_screen__is_golden(void **state)
{
	struct fake  k;
	struct tally m;
	int          same = 1;

	(void)state;
	fake_watched(&k, &m);
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++)
		for (size_t n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++)
			same &= check_screen(&screens[i], &m.frame, sizes[n].cols, sizes[n].rows);
	assert_true(same);
	tally_fini(&m);
}

FAKE_MAIN(golden, cmocka_unit_test(render__every_screen__is_golden))
