#include "record/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES 65536
#define POUR_BYTES (16 * READ_BYTES)  /* picked: between two looks at what has come */
#define TURN_BYTES (256 * READ_BYTES) /* picked: the screen is drawn between two turns */

static int __attribute__((format(printf, 3, 4)))
refuse(struct feed *f, int r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->why, sizeof(f->why), format, args);
	va_end(args);
	return r;
}

/* ---- bytes --------------------------------------------------------------------- */

/* @n bytes from @f->at + @skip on. NULL: not there (yet). */
static const uint8_t *peek(struct feed *f, uint64_t skip, size_t n)
{
	ssize_t got;

	if (!f->is_file)
		return f->pending.n >= skip + n ? f->pending.p + skip : NULL;
	f->pending.n = 0;
	bytes_more(&f->pending, n);
	got = pread(f->fd, f->pending.p, n, (off_t)(f->at + skip));
	return got == (ssize_t)n ? f->pending.p : NULL;
}

/* Is there so much of it? A file is asked for its size, and not read. */
static int is_there(struct feed *f, uint64_t n)
{
	struct stat st;

	if (!f->is_file)
		return f->pending.n >= n;
	return fstat(f->fd, &st) == 0 && (uint64_t)st.st_size >= f->at + n;
}

static void consume(struct feed *f, uint64_t n)
{
	f->at += n;
	if (f->is_file)
		return;
	f->pending.n -= n;
	memmove(f->pending.p, f->pending.p + n, f->pending.n);
}

/*
 * What a pipe has, without waiting for more than there is; what never ends is left for
 * later. Returns how much came.
 */
static size_t pour(struct feed *f, int wait)
{
	struct pollfd p = {.fd = f->fd, .events = POLLIN};
	size_t        before = f->pending.n;
	ssize_t       n;

	while (!f->ended && f->pending.n - before < POUR_BYTES && poll(&p, 1, wait ? -1 : 0) > 0) {
		n = read(f->fd, bytes_more(&f->pending, READ_BYTES), READ_BYTES);
		f->pending.n -= READ_BYTES - (n > 0 ? (size_t)n : 0);
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			f->ended = 1;
		wait = 0;
	}
	return f->pending.n - before;
}

/* ---- records -------------------------------------------------------------------- */

static int begin(struct feed *f)
{
	const uint8_t *head = peek(f, 0, PACK_HEAD_BYTES);
	unsigned       major = 0;
	int            r;

	if (head == NULL)
		return -EAGAIN;
	r = unpack_head(head, &major);
	if (r == -EPROTO)
		return refuse(f, r,
			      "the recording has version %u, this ipcmon reads version %d: use the "
			      "ipcmon that wrote it",
			      major, PACK_MAJOR);
	if (r < 0)
		return refuse(f, r, "this is no recording of ipcmon: it does not begin like one");
	consume(f, PACK_HEAD_BYTES);
	f->begun = 1;
	return 0;
}

static int take_schema(struct feed *f, const struct record_head *h)
{
	const uint8_t *data = peek(f, PACK_ENTRY_BYTES, h->bytes);

	if (data == NULL ||
	    unpack_record(f->packer, RECORD_SCHEMA, data, h->bytes, &f->tape->schema) < 0)
		return refuse(f, -EBADMSG, "the recording is damaged: its schema cannot be read");
	return 0;
}

/* 0: one record was taken in; -EAGAIN: there is no whole one. */
static int take_record(struct feed *f)
{
	const uint8_t     *entry = peek(f, 0, PACK_ENTRY_BYTES);
	struct record_head h;
	int                r = 0;

	if (entry == NULL)
		return -EAGAIN;
	if (unpack_entry(entry, &h) < 0)
		return refuse(f, -EBADMSG,
			      "the recording is damaged at byte %" PRIu64
			      ": nothing from there on can be read",
			      f->at);
	if (!is_there(f, PACK_ENTRY_BYTES + (uint64_t)h.bytes))
		return -EAGAIN;
	if (h.kind == RECORD_SCHEMA)
		r = take_schema(f, &h);
	else if (h.kind == RECORD_KEY || h.kind == RECORD_DELTA)
		tape_add(f->tape, &h, f->is_file ? NULL : f->pending.p + PACK_ENTRY_BYTES,
			 f->at + PACK_ENTRY_BYTES);
	if (r == 0)
		consume(f, PACK_ENTRY_BYTES + (uint64_t)h.bytes);
	return r;
}

/* What stands behind the last whole record, if anything. */
static void note_tail(struct feed *f)
{
	struct stat st;
	uint64_t    left = f->pending.n;

	f->why[0] = 0;
	if (f->is_file)
		left = fstat(f->fd, &st) == 0 && (uint64_t)st.st_size > f->at
			       ? (uint64_t)st.st_size - f->at
			       : 0;
	if (left > 0)
		refuse(f, 0, "its end was cut off: the last %" PRIu64 " bytes are left out", left);
}

static int is_over(const struct feed *f)
{
	return f->is_file || f->ended;
}

/* After @came bytes of a pipe: is there more to take in now, or to wait for? */
static int goes_on(const struct feed *f, size_t came, size_t in_all, int wait)
{
	return !is_over(f) && (wait || (came >= POUR_BYTES && in_all < TURN_BYTES));
}

int feed_more(struct feed *f, int wait)
{
	uint64_t before = tape_end(f->tape);
	size_t   came = 0, in_all = 0;
	int      r;

	do {
		if (!f->is_file)
			came = pour(f, wait);
		in_all += came;
		r = f->begun ? 0 : begin(f);
		while (r == 0)
			r = take_record(f);
		wait = wait && tape_end(f->tape) == before;
	} while (r == -EAGAIN && goes_on(f, came, in_all, wait));
	if (r == -EBADMSG && tape_end(f->tape) > f->tape->first) {
		f->ended = 1; /* what came before it is good */
		return 0;
	}
	if (r != -EAGAIN)
		return r;
	if (is_over(f))
		note_tail(f);
	if (is_over(f) && !f->begun)
		return refuse(f, -EBADMSG, "this is no recording of ipcmon: it has %s",
			      f->at + f->pending.n == 0 ? "nothing in it" : "not even a head");
	return 0;
}

/* ---- opening ------------------------------------------------------------------- */

int feed_open(struct feed *f, struct tape *tape, const char *path, size_t memory)
{
	struct stat st;
	int         is_stdin = strcmp(path, "-") == 0, r;

	*f = (struct feed){.tape = tape, .packer = packer_new()};
	tape_init(tape, memory, -1);
	f->fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return refuse(f, -errno, "cannot open the recording %.200s: %s", path,
			      strerror(errno));
	if (S_ISDIR(st.st_mode))
		return refuse(f, -EISDIR,
			      "%.200s is a directory, and a recording is a file; a domain's "
			      "directory is watched with --dir",
			      path);
	f->is_file = S_ISREG(st.st_mode);
	if (!f->is_file)
		return 0;
	tape->fd = fcntl(f->fd, F_DUPFD_CLOEXEC, 3);
	r = feed_more(f, 0);
	if (r == 0 && tape->n == 0)
		return refuse(f, -ENODATA, "there is no sample in the recording %.200s", path);
	return r;
}

void feed_close(struct feed *f)
{
	if (f->fd >= 0)
		close(f->fd);
	packer_free(f->packer);
	bytes_fini(&f->pending);
	*f = (struct feed){.fd = -1};
}
