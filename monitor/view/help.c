/*
 * help.c - written by the tables: what is not in them does not exist
 */
#include "view/render.h"

#include <stdio.h>

static void glossary(struct page *page, const struct listing *l)
{
	char title[64];

	snprintf(title, sizeof(title), "Columns of %s, left to right", l->name);
	page_title(page, title);
	for (int i = 0; i < l->n_fields; i++)
		page_printf(page, ROLE_NORMAL, 15, "  %-13s  %s", l->fields[i].title,
			    l->fields[i].help);
}

static const struct {
	const char *text, *help;
} language[] = {
	{"jobs", "some column holds jobs, in any case; \"log x\" for a text with spaces"},
	{"re:^(a|b)$", "some column matches a regular expression"},
	{"put>1.5k", "the column PUT/s is above 1500; also < >= <= = and !="},
	{"oldest>20ms", "units are those of the column: 64KiB, 1m30s, 90%"},
	{"kind=pipe", "text compares with = and != only"},
	{"kind=pipe put>0", "both; terms stand apart by spaces"},
};

static void filter_language(struct page *page)
{
	page_title(page, "What to filter by, and to find");
	for (size_t i = 0; i < sizeof(language) / sizeof(language[0]); i++)
		page_printf(page, ROLE_NORMAL, 17, "  %-15s  %s", language[i].text,
			    language[i].help);
	page_add(
		page, ROLE_DIM, 2,
		"  A column goes by its title, or by its name in ipcmon --json. One that is not known, or that "
		"a line has not, compares false.");
}

void help_page(struct page *page, const struct frame *f, const struct ui *ui)
{
	page_add(
		page, ROLE_NORMAL, 0,
		"ipcmon shows processes that talk through libipc. It only reads: no key here, and nothing else it "
		"does, changes what it watches. The second line is the verdict; Enter on a finding explains it.");
	page_title(page, "Keys");
	for (size_t i = 0; i < key_table_n; i++)
		page_printf(page, ROLE_NORMAL, 15, "  %-13s  %s", key_table[i].label,
			    key_table[i].help);
	filter_language(page);
	for (int k = 0; k < N_OBJECTS; k++)
		if (object_listing((enum object_kind)k)->n_fields > 1)
			glossary(page, object_listing((enum object_kind)k));
}
