/*
 * header.c - is this a registry, and one that we can read?
 *
 * After this check every table lies inside the file, holds records at least as
 * long as ours (a later minor version may have made them longer), and is small
 * enough to be copied. What is in the records is checked where it is used.
 */

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "observe/image.h"

/* More than any limit of the runtime; a header that claims more is damaged. Picked. */
#define TABLE_BYTES_MAX (UINT64_C(1) << 30)
#define STRIDE_MAX      (UINT64_C(1) << 16)

struct kind {
	const char *name;
	size_t      bytes, align;
};

#define KIND(name, type)                           \
	{                                          \
		name, sizeof(type), _Alignof(type) \
	}

static const struct kind kinds[N_TABLES] = {
	[TABLE_PROCESSES] = KIND("processes", struct process_rec),
	[TABLE_THREADS] = KIND("threads", struct thread_rec),
	[TABLE_OBJECTS] = KIND("objects", struct object_rec),
	[TABLE_ENDS] = KIND("ends", struct end_rec),
	[TABLE_PROCESS_LABELS] = KIND("process labels", struct process_label),
	[TABLE_OBJECT_LABELS] = KIND("object labels", struct object_label),
	[TABLE_HISTOGRAMS] = KIND("histograms", struct histogram_rec),
	[TABLE_FAILURES] = KIND("failures", struct failures_rec),
	[TABLE_PASTS] = KIND("pasts", struct past_rec),
};

int image_pread(int fd, void *buf, size_t bytes, uint64_t offset)
{
	char   *at = buf;
	ssize_t n;

	while (bytes > 0) {
		n = pread(fd, at, bytes, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		at += n;
		offset += (uint64_t)n;
		bytes -= (size_t)n;
	}
	return 0;
}

static int check_identity(const struct registry_header *h, const char *path)
{
	if (__builtin_bswap64(h->magic) == REGISTRY_MAGIC)
		return fail(-EPROTO, "%s was made on a machine of the other byte order", path);
	if (h->magic == 0)
		return fail(-ENOENT, "%s is not finished by its maker", path);
	if (h->magic != REGISTRY_MAGIC)
		return fail(-EBADMSG, "%s is not a registry of libipc", path);
	if (h->major != REGISTRY_MAJOR)
		return fail(-EPROTO, "%s has format %u.%u; this library reads %u.x", path, h->major,
			    h->minor, (unsigned)REGISTRY_MAJOR);
	if (h->word_bytes != 8)
		return fail(-EPROTO, "%s has words of %u bytes, not 8", path, h->word_bytes);
	if (h->state == 0)
		return fail(-ENOENT, "%s is not finished by its maker", path);
	if (h->state != DOMAIN_READY && h->state != DOMAIN_RETIRED)
		return fail(-EBADMSG, "%s is damaged: its state is %" PRIu64, path, h->state);
	if (h->header_bytes < sizeof(*h) || h->header_bytes > REGISTRY_HEADER_BYTES)
		return fail(-EBADMSG, "%s is damaged: a header of %u bytes", path, h->header_bytes);
	return 0;
}

static int check_table(const struct registry_header *h, const char *path, enum table_id t,
		       uint64_t file_bytes)
{
	const struct table_desc *d = &h->table[t];
	const struct kind       *k = &kinds[t];

	if (d->stride < k->bytes || d->stride > STRIDE_MAX || d->stride % k->align)
		return fail(-EBADMSG, "%s is damaged: %s of %" PRIu64 " bytes each", path, k->name,
			    d->stride);
	if (d->used > d->capacity || d->used > TABLE_BYTES_MAX / d->stride)
		return fail(-EBADMSG, "%s is damaged: %" PRIu64 " of %" PRIu64 " %s used", path,
			    d->used, d->capacity, k->name);
	if (d->offset < h->header_bytes || d->offset > file_bytes ||
	    d->capacity > (file_bytes - d->offset) / d->stride)
		return fail(-EBADMSG,
			    "%s is damaged or cut short: it has %" PRIu64 " bytes, and the %" PRIu64
			    " %s behind %" PRIu64 " do not fit",
			    path, file_bytes, d->capacity, k->name, d->offset);
	return 0;
}

int image_header(int fd, const char *path, struct registry_header *ret)
{
	struct registry_header h;
	struct stat            st;
	int                    r;

	if (fstat(fd, &st))
		return fail(-errno, "cannot look at %s: %m", path);
	if (!S_ISREG(st.st_mode))
		return fail(-EBADMSG, "%s is not a file", path);
	if ((uint64_t)st.st_size < sizeof(h))
		return fail(-EBADMSG, "%s is cut short: %" PRIu64 " bytes do not hold a header",
			    path, (uint64_t)st.st_size);
	r = image_pread(fd, &h, sizeof(h), 0);
	if (r < 0)
		return fail(r, "cannot read the header of %s", path);
	r = check_identity(&h, path);
	for (int t = 0; r == 0 && t < N_TABLES; t++)
		r = check_table(&h, path, (enum table_id)t, (uint64_t)st.st_size);
	if (r == 0)
		*ret = h;
	return r;
}

/* A change takes some ten microseconds, and longer where its process has to wait for its turn. */
#define NAP_NS 100000
#define NAPS   20

int image_header_at_rest(int fd, const char *path, struct registry_header *ret)
{
	int r = image_header(fd, path, ret);

	for (int n = 0; n < NAPS && r == 0 && ret->dirty; n++) {
		clock_nap(NAP_NS);
		r = image_header(fd, path, ret);
	}
	return r;
}
