#include "output/json.h"

#include <assert.h>
#include <inttypes.h>
#include <ipc/observe.h>
#include <math.h>

#include "text/utf8.h"

void json_init(struct json *j, FILE *to)
{
	*j = (struct json){.to = to};
}

static void write_character(FILE *to, uint32_t c)
{
	char   bytes[UTF8_MAX] = "";
	size_t n = utf8_put(bytes, c);

	fwrite(bytes, 1, n, to);
}

static void write_string(FILE *to, const char *text)
{
	putc('"', to);
	for (uint32_t c; (c = utf8_next(&text)) != 0;) {
		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", (int)c);
		else if (c == '\n')
			fputs("\\n", to);
		else if (c == '\t')
			fputs("\\t", to);
		else if (c < 0x20 || c == 0x7f)
			fprintf(to, "\\u%04" PRIx32, c);
		else
			write_character(to, c == UTF8_BAD ? UTF8_REPLACE : c);
	}
	putc('"', to);
}

static void member(struct json *j, const char *key)
{
	if (j->n[j->depth]++ > 0)
		putc(',', j->to);
	if (key != NULL) {
		write_string(j->to, key);
		putc(':', j->to);
	}
}

static void open_(struct json *j, const char *key, char opening, char closing)
{
	assert(j->depth < JSON_DEPTH);
	member(j, key);
	putc(opening, j->to);
	j->closing[j->depth++] = closing;
	j->n[j->depth] = 0;
}

void json_object(struct json *j, const char *key)
{
	open_(j, key, '{', '}');
}

void json_array(struct json *j, const char *key)
{
	open_(j, key, '[', ']');
}

void json_end(struct json *j)
{
	assert(j->depth > 0);
	putc(j->closing[--j->depth], j->to);
}

void json_string(struct json *j, const char *key, const char *text)
{
	if (text == NULL) {
		json_null(j, key);
		return;
	}
	member(j, key);
	write_string(j->to, text);
}

void json_number(struct json *j, const char *key, uint64_t n)
{
	if (n == IPC_UNKNOWN) {
		json_null(j, key);
		return;
	}
	member(j, key);
	fprintf(j->to, "%" PRIu64, n);
}

void json_real(struct json *j, const char *key, double v)
{
	if (!isfinite(v)) {
		json_null(j, key);
		return;
	}
	member(j, key);
	fprintf(j->to, "%.3f", v);
}

void json_bool(struct json *j, const char *key, int yes)
{
	member(j, key);
	fputs(yes ? "true" : "false", j->to);
}

void json_null(struct json *j, const char *key)
{
	member(j, key);
	fputs("null", j->to);
}
