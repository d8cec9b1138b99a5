#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/mem.h"

/* No setting is nearly as long. */
#define LINE_BYTES 1024
/* No file of settings is nearly as long, and some that are none have no end. */
#define FILE_BYTES (1 << 20)

/* The file of this user; 0 if nobody says where that would be. */
static int own_path(char *ret, size_t size)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	/* The standard has a relative one ignored. */
	if (xdg != NULL && xdg[0] == '/')
		return snprintf(ret, size, "%s/ipcmon/config", xdg) < (int)size;
	if (home != NULL && home[0] == '/')
		return snprintf(ret, size, "%s/.config/ipcmon/config", home) < (int)size;
	return 0;
}

/* ---- reading ---------------------------------------------------------------------------- */

/* A file that is none may hold anything; a terminal must not be steered by it. */
static void make_plain(char *text)
{
	for (; *text != 0; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f)
			*text = '?';
}

/* @line 0: of the file, not of a line of it. */
static void complain(struct ui *ui, const char *path, unsigned line, const char *what)
{
	char where[16] = "";

	if (line > 0)
		snprintf(where, sizeof(where), ":%u", line);
	fprintf(stderr, "ipcmon: %s%s: %s\n", path, where, what);
	if (ui->notice[0] == 0) {
		const char *file = strrchr(path, '/');

		snprintf(ui->notice, sizeof(ui->notice), "%.40s%s: %.100s",
			 file != NULL ? file + 1 : path, where, what);
	}
}

static char *trim(char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
		n--;
	text[n] = 0;
	return text;
}

static void take_line(struct ui *ui, const char *path, unsigned number, char *line)
{
	char error[FILTER_ERROR_BYTES], *key = trim(line), *value;

	make_plain(key);
	if (key[0] == 0 || key[0] == '#')
		return;
	value = strchr(key, '=');
	if (value == NULL) {
		complain(ui, path, number, "this is not \"key = value\"");
		return;
	}
	*value++ = 0;
	if (settings_set(ui, trim(key), trim(value), error) < 0)
		complain(ui, path, number, error);
}

/* Reads the rest of a line that is too long for a setting; returns what is left of @left bytes. */
static size_t skip_line(FILE *f, size_t left)
{
	for (int c; left > 0 && (c = getc(f)) != EOF && c != '\n';)
		left--;
	return left;
}

static void take_lines(struct ui *ui, const char *path, FILE *f)
{
	char     line[LINE_BYTES];
	size_t   left = FILE_BYTES;
	unsigned number = 0;

	while (left > LINE_BYTES && fgets(line, sizeof(line), f) != NULL) {
		number++;
		left -= strlen(line) + 1;
		if (strchr(line, '\n') == NULL && !feof(f)) {
			left = skip_line(f, left);
			complain(ui, path, number, "this line is too long for a setting");
		} else {
			take_line(ui, path, number, line);
		}
	}
	if (ferror(f))
		complain(ui, path, number, "cannot be read on");
	else if (left <= LINE_BYTES)
		complain(ui, path, number, "this is no file of settings: it is longer than 1 MiB");
}

static FILE *open_file(const char *path)
{
	struct stat st;
	FILE       *f = fopen(path, "re");

	if (f == NULL || fstat(fileno(f), &st) < 0 || !S_ISDIR(st.st_mode))
		return f;
	fclose(f);
	errno = EISDIR;
	return NULL;
}

void config_load(struct ui *ui, const char *path)
{
	char  own[PATH_MAX];
	int   asked = path != NULL;
	FILE *f;

	if (!asked && !own_path(own, sizeof(own)))
		return;
	if (!asked)
		path = own;
	f = open_file(path);
	if (f == NULL) {
		if (asked || errno != ENOENT)
			complain(ui, path, 0, strerror(errno));
		return;
	}
	take_lines(ui, path, f);
	fclose(f);
}

/* ---- writing ------------------------------------------------------------------------------ */

/* The folders above @path, for this user alone where they are not there yet. */
static void make_folders(const char *path)
{
	char *copy = mem_string(path);

	for (char *p = strchr(copy + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = 0;
		(void)mkdir(copy, 0700);
		*p = '/';
	}
	free(copy);
}

static int write_file(const struct ui *ui, const char *path)
{
	FILE *f = fopen(path, "we");
	int   r;

	if (f == NULL)
		return -errno;
	settings_print(f, ui);
	r = fflush(f) != 0 || ferror(f) || fsync(fileno(f)) < 0 ? -errno : 0;
	fclose(f);
	return r;
}

/* Into a file beside it, which then takes its place: a full disk must not cost the old one. */
static int replace(const struct ui *ui, const char *path)
{
	char beside[PATH_MAX];
	int  r;

	if (snprintf(beside, sizeof(beside), "%s.%d~", path, (int)getpid()) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	r = write_file(ui, beside);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(beside);
	return r;
}

int config_save(struct ui *ui, const char *path)
{
	char own[PATH_MAX], target[PATH_MAX];
	int  r;

	if (path == NULL) {
		if (!own_path(own, sizeof(own))) {
			snprintf(ui->notice, sizeof(ui->notice),
				 "not saved: neither XDG_CONFIG_HOME nor HOME says where");
			return -ENOENT;
		}
		path = own;
		make_folders(path);
	}
	/* Whoever keeps the file elsewhere and a link here goes on doing so. */
	if (realpath(path, target) != NULL)
		path = target;
	r = replace(ui, path);
	if (r == 0)
		snprintf(ui->notice, sizeof(ui->notice), "saved in %.120s", path);
	else
		snprintf(ui->notice, sizeof(ui->notice), "not saved: %.80s: %s", path,
			 strerror(-r));
	return r;
}
