/*
 * monitor_render.c - screens, as values
 *
 * Golden screens lie in tests/screen/golden; UPDATE_GOLDEN=1 writes them anew,
 * and then the difference is to be read before it is believed.
 */
#include "monitor_fake.h"

#include <stdlib.h>

#include "text/utf8.h"

static char *screen_text(const struct frame *f, struct ui *ui, int rows, int cols, struct caps caps)
{
	struct status status = fake_status();
	struct grid   g;
	char         *text = calloc((size_t)(rows + 1), (size_t)cols * 4 + 2), *p = text;

	assert_non_null(text);
	ui->rows = rows;
	ui->cols = cols;
	ui_settle(ui, f);
	grid_init(&g, rows, cols, caps);
	render(&g, f, ui, &status);
	for (int y = 0; y < rows; y++) {
		grid_row(&g, y, p, (size_t)cols * 4 + 1);
		p += strlen(p);
		*p++ = '\n';
	}
	*p = 0;
	grid_fini(&g);
	return text;
}

/* ---- golden screens ------------------------------------------------------------- */

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

static void golden(const char *name, const char *text)
{
	const char *source = getenv("SOURCE_DIR");
	char        path[512];
	char       *wanted;

	snprintf(path, sizeof(path), "%s/tests/screen/golden/%s.txt", source != NULL ? source : ".",
		 name);
	if (getenv("UPDATE_GOLDEN") != NULL) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(text, f);
		fclose(f);
		return;
	}
	wanted = file_text(path);
	if (strcmp(wanted, text) != 0)
		fprintf(stderr, "%s is now:\n%s", path, text);
	assert_string_equal(text, wanted);
	free(wanted);
}

static void golden_of(const char *name, enum view view, enum mode mode, struct object detail)
{
	static const int sizes[][2] = {{24, 80}, {60, 200}};
	struct fake      k;
	struct tally     m;
	struct ui        ui;
	char             file[64];

	fake_watched(&k, &m);
	for (int i = 0; i < 4; i++) {
		const int *size = sizes[i / 2];
		char      *text;

		ui_init(&ui, FAKE_SECOND);
		ui.view = view;
		ui.mode = mode;
		ui.detail = detail;
		text = screen_text(&m.frame, &ui, size[0], size[1],
				   (struct caps){.utf8 = i % 2 == 0, .color = 0});
		snprintf(file, sizeof(file), "%s_%dx%d_%s", name, size[1], size[0],
			 i % 2 == 0 ? "utf8" : "ascii");
		golden(file, text);
		free(text);
	}
	tally_fini(&m);
}

static void render__overview__is_golden(void **state)
{
	(void)state;
	golden_of("overview", VIEW_OVERVIEW, MODE_LIST, (struct object){0});
}

static void render__channels__is_golden(void **state)
{
	(void)state;
	golden_of("channels", VIEW_CHANNELS, MODE_LIST, (struct object){0});
}

static void render__processes__is_golden(void **state)
{
	(void)state;
	golden_of("processes", VIEW_PROCESSES, MODE_LIST, (struct object){0});
}

static void render__waits__is_golden(void **state)
{
	(void)state;
	golden_of("waits", VIEW_WAITS, MODE_LIST, (struct object){0});
}

static void render__help__is_golden(void **state)
{
	(void)state;
	golden_of("help", VIEW_OVERVIEW, MODE_HELP, (struct object){0});
}

static void render__channel_detail__is_golden(void **state)
{
	(void)state;
	golden_of("channel", VIEW_CHANNELS, MODE_DETAIL,
		  (struct object){OBJECT_CHANNEL, 0x300000002});
}

static void render__process_detail__is_golden(void **state)
{
	(void)state;
	golden_of("process", VIEW_PROCESSES, MODE_DETAIL,
		  (struct object){OBJECT_PROCESS, 0x100000002});
}

/* ---- properties ------------------------------------------------------------------- */

/* Every cell holds something that can stand there, and every wide one has its other half. */
static void check_cells(const struct grid *g)
{
	for (int y = 0; y < g->rows; y++)
		for (int x = 0; x < g->cols; x++) {
			const struct cell *c = &g->cells[(size_t)y * (size_t)g->cols + (size_t)x];

			assert_true(c->role < N_ROLES);
			if (c->ch == 0) {
				assert_true(x > 0 && utf8_width(c[-1].ch) == 2);
				continue;
			}
			assert_true(utf8_width(c->ch) > 0);
			if (!g->caps.utf8)
				assert_true(c->ch < 0x80);
			if (utf8_width(c->ch) == 2)
				assert_true(x + 1 < g->cols && c[1].ch == 0);
		}
}

/* The grid with a guard behind it: ASan, or the guard, tells of a write past its end. */
static void draw_at(const struct frame *f, struct ui *ui, int rows, int cols, int utf8)
{
	struct status status = fake_status();
	struct grid   g;

	ui->rows = rows;
	ui->cols = cols;
	ui_settle(ui, f);
	grid_init(&g, rows, cols, (struct caps){.utf8 = utf8});
	render(&g, f, ui, &status);
	check_cells(&g);
	grid_fini(&g);
}

static void render__every_size__stays_inside(void **state)
{
	struct fake  k;
	struct tally m;
	struct ui    ui;

	(void)state;
	fake_watched(&k, &m);
	k.channels[1].name =
		"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97 \xff\xfe\x01\x1b[31m";
	for (int v = 0; v < N_VIEWS * 3; v++)
		for (int rows = 1; rows <= 60; rows += rows < 12 ? 1 : 7)
			for (int cols = 1; cols <= 200; cols += cols < 45 ? 1 : 13) {
				ui_init(&ui, FAKE_SECOND);
				ui.view = (enum view)(v % N_VIEWS);
				ui.mode = (enum mode)(v / N_VIEWS);
				ui.detail = (struct object){(enum object_kind)(v % N_OBJECTS),
							    0x300000002};
				if (ui.detail.kind == OBJECT_WAIT)
					ui.detail.id = 0x200000001;
				if (ui.detail.kind == OBJECT_PROCESS)
					ui.detail.id = 0x100000001;
				draw_at(&m.frame, &ui, rows, cols, (rows + cols) % 2);
			}
	tally_fini(&m);
}

static void render__nothing_there__says_so(void **state)
{
	struct fake   k;
	struct tally  m = {0};
	struct ui     ui;
	struct status status = {.domain = "demo", .why = "there is no domain \"demo\" yet"};
	struct grid   g;
	struct frame  none = {0};
	char          line[400];

	(void)state;
	tally_update(&m, fake_empty(&k));
	ui_init(&ui, FAKE_SECOND);
	for (int v = 0; v < N_VIEWS; v++) {
		ui.view = (enum view)v;
		draw_at(&m.frame, &ui, 24, 80, 1);
	}
	tally_fini(&m);
	grid_init(&g, 24, 80, (struct caps){0});
	ui_settle(&ui, &none);
	render(&g, &none, &ui, &status);
	grid_row(&g, 1, line, sizeof(line));
	assert_non_null(strstr(line, "WAITING"));
	grid_fini(&g);
}

static void render__tiny__one_line_of_verdict(void **state)
{
	struct fake  k;
	struct tally m;
	struct ui    ui;
	char        *text;

	(void)state;
	fake_watched(&k, &m);
	ui_init(&ui, FAKE_SECOND);
	text = screen_text(&m.frame, &ui, 4, 30, (struct caps){0});
	assert_int_equal(strncmp(text, "DEADLOCK 19m03s", 15), 0);
	assert_string_equal(strchr(text, '\n'), "\n\n\n\n");
	free(text);
	tally_fini(&m);
}

static void words_explanation__core__has_its_lines(void **state)
{
	struct fake  k;
	struct tally m;
	struct ui    ui;
	char        *text;

	(void)state;
	fake_watched(&k, &m);
	ui_init(&ui, FAKE_SECOND);
	ui.mode = MODE_DETAIL;
	ui.detail = (struct object){OBJECT_FINDING,
				    frame_verdict_id(&m.frame, &m.frame.s->verdicts[0])};
	text = screen_text(&m.frame, &ui, 40, 300, (struct caps){0});
	assert_non_null(strstr(text, "at ingest.c:218 finish"));
	assert_non_null(strstr(text, "at parser.c:77 parse_all"));
	assert_non_null(strstr(text, "Pattern: join-before-drain"));
	assert_non_null(strstr(text, "Fix: read \"results\""));
	free(text);
	tally_fini(&m);
}

static void field_layout__every_width__fits(void **state)
{
	static const struct listing *const all[] = {&channel_listing, &process_listing,
						    &wait_listing};
	int                                widths[FIELDS_MAX];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_true(all[i]->n_fields <= FIELDS_MAX);
		for (int cols = 80; cols <= 400; cols++) {
			int sum = -1;

			field_layout(all[i], cols, widths);
			for (int k = 0; k < all[i]->n_fields; k++)
				sum += widths[k] > 0 ? widths[k] + 1 : 0;
			assert_true(sum <= cols);
		}
	}
}

FAKE_MAIN(render, cmocka_unit_test(render__overview__is_golden),
	  cmocka_unit_test(render__channels__is_golden),
	  cmocka_unit_test(render__processes__is_golden),
	  cmocka_unit_test(render__waits__is_golden), cmocka_unit_test(render__help__is_golden),
	  cmocka_unit_test(render__channel_detail__is_golden),
	  cmocka_unit_test(render__process_detail__is_golden),
	  cmocka_unit_test(render__every_size__stays_inside),
	  cmocka_unit_test(render__nothing_there__says_so),
	  cmocka_unit_test(render__tiny__one_line_of_verdict),
	  cmocka_unit_test(words_explanation__core__has_its_lines),
	  cmocka_unit_test(field_layout__every_width__fits))
