#include "view/field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text/number.h"
#include "text/utf8.h"
#include "view/columns.h"

size_t field_channels(const struct frame *f)
{
	return f->s->n_channels;
}

uint64_t field_channel_id(const struct frame *f, uint32_t row)
{
	return f->s->channels[row].id;
}

void field_put(struct field_text *ret, enum role role, const char *text)
{
	utf8_copy(ret->text, sizeof(ret->text), text);
	ret->role = role;
}

double field_known(uint64_t v)
{
	return v == IPC_UNKNOWN ? NAN : (double)v;
}

/*
 * The line is what it is about: where the column is narrow the function goes
 * first, then the front of the file's name.
 */
void field_site(struct field_text *ret, const char *from, int width, struct caps caps)
{
	char        site[SITE_BYTES], *function;
	const char *p = site;

	utf8_copy(site, sizeof(site), from[0] != 0 ? from : "-");
	function = strchr(site, ' ');
	if (function != NULL && utf8_columns(site) > width)
		*function = 0;
	while (utf8_columns(p) > width - (p > site) && *p != 0)
		utf8_next(&p);
	snprintf(ret->text, sizeof(ret->text), "%s%s",
		 p == site   ? ""
		 : caps.utf8 ? "\u2026"
			     : "~",
		 p);
	ret->role = strcmp(p, "-") == 0 ? ROLE_DIM : ROLE_ACCENT;
}

struct number field_number(double v, enum unit unit)
{
	uint64_t n = number_whole(v);

	switch (unit) {
	case UNIT_COUNT: return number_count(n);
	case UNIT_RATE: return number_rate(v);
	case UNIT_BYTES: return number_bytes(n);
	case UNIT_BYTE_RATE: return number_byte_rate(v);
	case UNIT_DURATION: return number_duration(n);
	case UNIT_PERCENT: return number_percent(v);
	case UNIT_NONE: break;
	}
	return (struct number){"", 0};
}

void field_show(const struct field *field, const struct frame *f, uint32_t row, struct caps caps,
		int width, struct field_text *ret)
{
	double v;

	if (field->text != NULL) {
		field->text(f, row, caps, width, ret);
		return;
	}
	v = field->key(f, row);
	field_put(ret, v > 0 ? ROLE_NORMAL : ROLE_DIM, field_number(v, field->unit).text);
}

static int total(const int *widths, int n)
{
	int sum = -1; /* a space between columns, none before the first */

	for (int i = 0; i < n; i++)
		sum += widths[i] > 0 ? widths[i] + 1 : 0;
	return sum;
}

static int least_needed(const struct listing *l, const int *widths)
{
	int least = -1;

	for (int i = 0; i < l->n_fields; i++)
		if (widths[i] > 0 && l->fields[i].drop > 0 &&
		    (least < 0 || l->fields[i].drop > l->fields[least].drop))
			least = i;
	return least;
}

void field_layout(const struct listing *l, const struct columns *c, int cols, int *ret_widths)
{
	int i, left;

	for (i = 0; i < l->n_fields; i++)
		ret_widths[i] = c == NULL || columns_shows(c, i) ? l->fields[i].width : 0;
	while (total(ret_widths, l->n_fields) > cols && (i = least_needed(l, ret_widths)) >= 0)
		ret_widths[i] = 0;
	/* What is left over goes round among those that can use it. */
	left = cols - total(ret_widths, l->n_fields);
	for (int given = 1; left > 0 && given;) {
		given = 0;
		for (i = 0; i < l->n_fields && left > 0; i++) {
			if (ret_widths[i] == 0 || ret_widths[i] >= l->fields[i].max)
				continue;
			ret_widths[i]++;
			left--;
			given = 1;
		}
	}
}
