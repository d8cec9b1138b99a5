#include "record/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- bytes to the file ------------------------------------------------------------- */

static int write_all(struct writer *w)
{
	size_t done = 0;

	while (done < w->packed.n) {
		ssize_t n = write(w->fd, w->packed.p + done, w->packed.n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	w->bytes += done;
	return 0;
}

/* Half a record at the end would be passed over by a reader, but nobody needs to be told of it. */
static int take_back(struct writer *w, int r)
{
	if (w->is_file && ftruncate(w->fd, (off_t)w->bytes) < 0)
		r = -errno;
	snprintf(w->why, sizeof(w->why),
		 "recording to %s has ended: %s; the %" PRIu64 " samples before that are in it",
		 w->path, strerror(-r), w->n_samples);
	writer_close(w);
	return r;
}

static int write_record(struct writer *w, enum record_kind kind, uint64_t t_real_ns)
{
	int r;

	w->packed.n = 0;
	if (kind == RECORD_SCHEMA)
		pack_head(&w->packed);
	pack_record(w->packer, kind, t_real_ns, &w->payload, &w->packed);
	r = write_all(w);
	return r < 0 ? take_back(w, r) : 0;
}

/* ---- opening ------------------------------------------------------------------------ */

static int open_new(const char *path)
{
	struct stat st;
	int         fd;

	if (strcmp(path, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (path[0] == '-') { /* an option in the wrong place, rather than a name */
		errno = EINVAL;
		return -1;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
	/* Pipes and devices are there to be written to; a file may be somebody's recording. */
	if (fd < 0 && errno == EEXIST && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return fd;
}

int writer_open(struct writer *w, const char *path)
{
	struct stat st;

	*w = (struct writer){.fd = open_new(path)};
	snprintf(w->path, sizeof(w->path), "%s", strcmp(path, "-") == 0 ? "standard output" : path);
	if (w->fd < 0 || fstat(w->fd, &st) < 0) {
		int r = -errno;

		snprintf(w->why, sizeof(w->why), "cannot record to %s: %s", w->path,
			 r == -EEXIST ? "it exists; choose another name or remove it"
				      : strerror(-r));
		writer_close(w);
		return r;
	}
	w->is_file = S_ISREG(st.st_mode) && strcmp(path, "-") != 0;
	w->packer = packer_new();
	schema_write(&w->payload);
	return write_record(w, RECORD_SCHEMA, 0);
}

int writer_is_open(const struct writer *w)
{
	return w->packer != NULL;
}

int writer_add(struct writer *w, const struct frame *f, struct symbols *symbols)
{
	int r;

	w->payload.n = 0;
	r = encode(&w->encoder, sampler_take(&w->sampler, f, symbols), &w->payload);
	if (r < 0)
		return take_back(w, r);
	r = write_record(w, r == 1 ? RECORD_KEY : RECORD_DELTA, f->s->t_real_ns);
	w->n_samples += r == 0;
	return r;
}

void writer_close(struct writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	packer_free(w->packer);
	w->packer = NULL;
	encoder_fini(&w->encoder);
	sampler_fini(&w->sampler);
	bytes_fini(&w->payload);
	bytes_fini(&w->packed);
}
