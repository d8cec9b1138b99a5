#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <unistd.h>

#include "table.h"

static int visit(const FTSENT *e, int (*file)(void *arg, const char *path), void *arg,
		 uint64_t *unreadable)
{
	switch (e->fts_info) {
	case FTS_F: return file(arg, e->fts_path);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		if (e->fts_level == FTS_ROOTLEVEL)
			return -e->fts_errno;
		++*unreadable;
		return 0;
	default: /* folders on the way in and out, links, sockets and the like */ return 0;
	}
}

int tree_walk(const char *dir, int (*file)(void *arg, const char *path), void *arg,
	      uint64_t *unreadable)
{
	char   *roots[] = {(char *)(uintptr_t)dir, NULL};
	FTS    *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;
	int     r = 0;

	if (!fts)
		return -errno;
	while (r == 0 && (errno = 0, e = fts_read(fts)))
		r = visit(e, file, arg, unreadable);
	if (r == 0 && errno)
		r = -errno;
	fts_close(fts);
	return r;
}

struct reader {
	int (*word)(void *arg, const char *word, size_t len);
	void  *arg;
	size_t len; /* of the word under way; it may have begun in an earlier piece */
	char   text[WORD_MAX];
};

static char letter(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return (c >= 'a' && c <= 'z') || c == '_' ? c : 0;
}

static int end_word(struct reader *rd)
{
	size_t len = rd->len;

	rd->len = 0;
	return len ? rd->word(rd->arg, rd->text, len) : 0;
}

static int feed(struct reader *rd, const char *piece, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		char c = letter(piece[i]);

		if (!c)
			r = end_word(rd);
		else if (rd->len < WORD_MAX)
			rd->text[rd->len++] = c;
	}
	return r;
}

int file_words(const char *path, int (*word)(void *arg, const char *word, size_t len), void *arg,
	       uint64_t *bytes)
{
	struct reader rd = {.word = word, .arg = arg};
	char          piece[64 * 1024];
	ssize_t       n;
	int           r = 0;

	/* NONBLOCK: what was a file a moment ago may be a fifo now. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return 1;
	while (r == 0 && (n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = 1;
			break;
		}
		*bytes += (uint64_t)n;
		r = feed(&rd, piece, (size_t)n);
	}
	if (r == 0)
		r = end_word(&rd);
	close(fd);
	return r;
}
