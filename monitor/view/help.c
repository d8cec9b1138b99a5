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

void help_page(struct page *page)
{
	page_add(
		page, ROLE_NORMAL, 0,
		"ipcmon shows processes that talk through libipc. It only reads: no key here, and nothing else it "
		"does, changes what it watches. The second line is the verdict; Enter on a finding explains it.");
	page_title(page, "Keys");
	for (size_t i = 0; i < key_table_n; i++)
		page_printf(page, ROLE_NORMAL, 15, "  %-13s  %s", key_table[i].label,
			    key_table[i].help);
	glossary(page, &channel_listing);
	glossary(page, &process_listing);
	glossary(page, &wait_listing);
}
