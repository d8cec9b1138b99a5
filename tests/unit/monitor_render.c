/*
 * monitor_render.c - what holds of every screen; what they look like is in monitor_golden.c
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

static void render__tiny__the_verdict_and_why_no_more(void **state)
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
	assert_string_equal(strchr(text, '\n'), "\ntoo small: at least 40x8\n\n\n");
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
	static const struct listing *const all[] = {
		&channel_listing,       &process_listing,       &wait_listing,  &chain_listing,
		&flow_listing,          &latency_listing,       &block_listing, &lock_listing,
		&channel_total_listing, &process_total_listing, &event_listing};
	int widths[FIELDS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_true(all[i]->n_fields <= FIELDS_MAX);
		for (int cols = 80; cols <= 400; cols++) {
			int sum = -1;

			field_layout(all[i], NULL, cols, widths);
			for (int k = 0; k < all[i]->n_fields; k++)
				sum += widths[k] > 0 ? widths[k] + 1 : 0;
			assert_true(sum <= cols);
		}
	}
}

FAKE_MAIN(render, cmocka_unit_test(render__every_size__stays_inside),
	  cmocka_unit_test(render__nothing_there__says_so),
	  cmocka_unit_test(render__tiny__the_verdict_and_why_no_more),
	  cmocka_unit_test(words_explanation__core__has_its_lines),
	  cmocka_unit_test(field_layout__every_width__fits))
