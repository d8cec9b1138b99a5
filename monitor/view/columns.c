#include "view/columns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "view/filter.h"

void columns_all(struct columns *c, const struct listing *l)
{
	*c = (struct columns){.n = l->n_fields};
	for (int i = 0; i < l->n_fields; i++)
		c->at[i] = (uint8_t)i;
}

int columns_at(const struct columns *c, int i)
{
	return c->n > 0 ? c->at[i] : i;
}

int columns_shows(const struct columns *c, int field)
{
	return c->n == 0 || !c->off[field];
}

static int n_shown(const struct columns *c, const struct listing *l)
{
	int n = 0;

	for (int i = 0; i < l->n_fields; i++)
		n += columns_shows(c, i);
	return n;
}

/* ---- changing ---------------------------------------------------------------------- */

void columns_toggle(struct columns *c, const struct listing *l, int i)
{
	int field = columns_at(c, i);

	if (c->n == 0)
		columns_all(c, l);
	if (c->off[field] || n_shown(c, l) > 1)
		c->off[field] = !c->off[field];
}

int columns_move(struct columns *c, const struct listing *l, int i, int step)
{
	int     to = i + step;
	uint8_t moved;

	if (to < 0 || to >= l->n_fields)
		return i;
	if (c->n == 0)
		columns_all(c, l);
	moved = c->at[i];
	c->at[i] = c->at[to];
	c->at[to] = moved;
	return to;
}

/* ---- presets ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	int         most_drop; /* of the columns shown: what goes first where there is no room */
} presets[N_PRESETS] = {
	[PRESET_NORMAL] = {"normal", INT8_MAX},
	[PRESET_NARROW] = {"narrow", 2},
	[PRESET_WIDE] = {"wide", INT8_MAX},
	[PRESET_MINIMAL] = {"minimal", 0},
};

void columns_preset(struct columns *c, const struct listing *l, enum preset preset)
{
	*c = (struct columns){0};
	if (presets[preset].most_drop == INT8_MAX)
		return;
	columns_all(c, l);
	for (int i = 0; i < l->n_fields; i++)
		c->off[i] = l->fields[i].drop > presets[preset].most_drop;
}

const char *preset_name(enum preset preset)
{
	return presets[preset].name;
}

int preset_named(const char *name)
{
	for (int i = 0; i < N_PRESETS; i++)
		if (strcmp(presets[i].name, name) == 0)
			return i;
	return -1;
}

/* ---- as text -------------------------------------------------------------------------- */

static int field_of(const struct listing *l, const char *name, size_t n)
{
	for (int i = 0; i < l->n_fields; i++)
		if (strlen(l->fields[i].name) == n && memcmp(l->fields[i].name, name, n) == 0)
			return i;
	return -1;
}

/* Takes over the word of @n bytes at @p, which names a field, with a sign or without. */
static int take(struct columns *c, const struct listing *l, const char *p, size_t n, int *plain,
		char *ret_error)
{
	int sign = *p == '+' || *p == '-', field = field_of(l, p + sign, n - (size_t)sign), i = 0;

	if (field < 0 || (sign && *plain > 0)) {
		snprintf(ret_error, FILTER_ERROR_BYTES, "%s has no column \"%.*s\"", l->name,
			 (int)n, p);
		return -EINVAL;
	}
	if (sign) {
		c->off[field] = *p == '-';
		return 0;
	}
	/* The first without a sign begins anew: these, in this order, and the others hidden. */
	if (*plain == 0)
		memset(c->off, 1, sizeof(c->off));
	/* Named twice it is still one. */
	if (!c->off[field])
		return 0;
	c->off[field] = 0;
	while (c->at[i] != field)
		i++;
	while (i > *plain)
		i = columns_move(c, l, i, -1);
	(*plain)++;
	return 0;
}

int columns_parse(struct columns *ret, const struct listing *l, const char *text, char *ret_error)
{
	struct columns c;
	int            plain = 0;

	columns_all(&c, l);
	for (const char *p = text; *(p += strspn(p, ", ")) != 0;) {
		size_t n = strcspn(p, ", ");

		if (take(&c, l, p, n, &plain, ret_error) < 0)
			return -EINVAL;
		p += n;
	}
	if (n_shown(&c, l) == 0) {
		snprintf(ret_error, FILTER_ERROR_BYTES, "no column of %s is left", l->name);
		return -EINVAL;
	}
	*ret = c;
	return 0;
}

void columns_print(const struct columns *c, const struct listing *l, char *ret, size_t size)
{
	size_t used = 0;

	ret[0] = 0;
	for (int i = 0; i < l->n_fields && used < size; i++)
		if (columns_shows(c, columns_at(c, i)))
			used += (size_t)snprintf(ret + used, size - used, "%s%s",
						 used > 0 ? "," : "",
						 l->fields[columns_at(c, i)].name);
}
