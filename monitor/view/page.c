#include "view/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/utf8.h"

#define HANG_MOST 40

void page_init(struct page *p, int cols, struct caps caps)
{
	*p = (struct page){.cols = cols > 1 ? cols : 1, .caps = caps};
}

void page_fini(struct page *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->lines[i].text);
	free(p->lines);
	*p = (struct page){0};
}

static void add_line(struct page *p, enum role role, int indent, const char *text, size_t n)
{
	char *line = mem_new((size_t)indent + n + 1, 1);

	memset(line, ' ', (size_t)indent);
	memcpy(line + indent, text, n);
	p->lines = mem_grow(p->lines, p->n + 1, sizeof(*p->lines));
	p->lines[p->n++] = (struct page_line){line, role};
}

/* Bytes of @text that go into @width columns: up to the last space if a word would be cut. */
static size_t fits(const char *text, int width)
{
	const char *p = text, *space = NULL, *here = text;
	int         used = 0;

	for (uint32_t c; (c = utf8_next(&p)) != 0 && c != '\n'; here = p) {
		int w = utf8_width(c);

		used += w > 0 ? w : 1;
		if (c == ' ' && here > text && here[-1] != ' ')
			space = here;
		if (used > width)
			return space != NULL ? (size_t)(space - text)
			       : here > text ? (size_t)(here - text)
					     : (size_t)(p - text);
	}
	return (size_t)(here - text);
}

void page_add(struct page *p, enum role role, int hang, const char *text)
{
	int indent = 0, lead = (int)strspn(text, " ");

	if (text[0] == 0)
		add_line(p, role, 0, "", 0);
	while (*text != 0) {
		size_t n = fits(text, p->cols - indent);

		add_line(p, role, indent, text, n);
		text += n;
		if (*text == '\n') {
			text++;
			indent = 0;
			lead = (int)strspn(text, " ");
			continue;
		}
		text += strspn(text, " ");
		indent = lead + hang;
		if (indent > HANG_MOST || indent > p->cols / 2)
			indent = 0;
	}
}

void page_printf(struct page *p, enum role role, int hang, const char *format, ...)
{
	char    text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	page_add(p, role, hang, text);
}

void page_line(struct page *p, enum role role, const char *text)
{
	add_line(p, role, 0, text, strlen(text));
}

void page_title(struct page *p, const char *text)
{
	if (p->n > 0)
		page_add(p, ROLE_NORMAL, 0, "");
	page_add(p, ROLE_ACCENT, 0, text);
}
