#include "image.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "support/test.h"

#define CHUNK      4096u
#define FILES_MAX  16
#define RANGES_MAX 64

struct range {
	size_t from, to;
};

/* One file: as it is, and as it was when it was looked at last. */
struct watched {
	ino_t                ino;
	size_t               bytes;
	const unsigned char *is;
	unsigned char       *was;
	struct range         range[RANGES_MAX];
	unsigned             n_ranges;
	bool                 seen;
};

struct image {
	char           dir[512];
	struct watched file[FILES_MAX];
	unsigned       n;
	uint64_t       hash;
};

/* ---- hashing --------------------------------------------------------------------- */

/* A hash of the whole that is cheap to bring up to date: a sum over all words, each with its place. */
static uint64_t word_hash(uint64_t ino, size_t at, uint64_t word)
{
	uint64_t x = word * UINT64_C(0x9e3779b97f4a7c15) + at * UINT64_C(0xc2b2ae3d27d4eb4f) + ino;

	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	return word ? x ^ x >> 32 : 0;
}

/* Take over what differs in [@from, @to). */
static bool absorb(struct image *m, struct watched *f, size_t from, size_t to)
{
	bool changed = false;

	for (size_t at = from; at < to; at += sizeof(uint64_t)) {
		uint64_t is, was;

		memcpy(&is, f->is + at, sizeof(is));
		memcpy(&was, f->was + at, sizeof(was));
		if (is == was)
			continue;
		m->hash += word_hash(f->ino, at, is) - word_hash(f->ino, at, was);
		memcpy(f->was + at, &is, sizeof(is));
		changed = true;
	}
	return changed;
}

/* ---- files -------------------------------------------------------------------------- */

static void find_ranges(struct watched *f, int fd)
{
	off_t at = 0;

	f->n_ranges = 0;
	while (f->n_ranges < RANGES_MAX && (at = lseek(fd, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(fd, at, SEEK_HOLE);

		f->range[f->n_ranges++] = (struct range){(size_t)at, (size_t)end};
		at = end;
	}
}

static void unwatch(struct image *m, struct watched *f)
{
	for (unsigned i = 0; i < f->n_ranges; i++)
		for (size_t at = f->range[i].from; at < f->range[i].to; at += sizeof(uint64_t)) {
			uint64_t was;

			memcpy(&was, f->was + at, sizeof(was));
			m->hash -= word_hash(f->ino, at, was);
		}
	(void)munmap((void *)(uintptr_t)f->is, f->bytes);
	(void)munmap(f->was, f->bytes);
	*f = m->file[--m->n];
}

static void watch(struct image *m, int fd, const struct stat *st)
{
	struct watched *f = &m->file[m->n];

	if (m->n == FILES_MAX)
		test_fail("more than %d files in %s", FILES_MAX, m->dir);
	*f = (struct watched){.ino = st->st_ino, .bytes = (size_t)st->st_size, .seen = true};
	f->is = mmap(NULL, f->bytes, PROT_READ, MAP_SHARED, fd, 0);
	f->was = mmap(NULL, f->bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (f->is == MAP_FAILED || f->was == MAP_FAILED)
		test_fail("cannot map %s", m->dir);
	m->n++;
	find_ranges(f, fd);
}

static struct watched *find(struct image *m, const struct stat *st)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->file[i].ino == st->st_ino)
			return &m->file[i];
	return NULL;
}

/* True: it is new, or has another size. */
static bool scan_file(struct image *m, int fd)
{
	struct watched *f;
	struct stat     st;

	/* the liveness files are empty, and to close one of them would drop this process's locks */
	if (fstat(fd, &st) < 0 || st.st_size == 0)
		return false;
	f = find(m, &st);
	if (f && f->bytes == (size_t)st.st_size) {
		f->seen = true;
		find_ranges(f, fd);
		return false;
	}
	if (f)
		unwatch(m, f);
	watch(m, fd, &st);
	return true;
}

static bool scan_entry(struct image *m, const char *name)
{
	char        path[800];
	struct stat st;
	bool        changed;
	int         fd;

	if (name[0] == '.' || !strcmp(name, "alive") || !strcmp(name, "fork"))
		return false;
	(void)snprintf(path, sizeof(path), "%s/%s", m->dir, name);
	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false; /* what is in a FIFO shows in the registry, too */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false; /* gone meanwhile */
	changed = scan_file(m, fd);
	(void)close(fd);
	return changed;
}

bool image_rescan(struct image *m)
{
	DIR *d = opendir(m->dir);
	bool changed = false;

	for (unsigned i = 0; i < m->n; i++)
		m->file[i].seen = false;
	for (const struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
		changed |= scan_entry(m, e->d_name);
	if (d)
		(void)closedir(d);
	for (unsigned i = m->n; i-- > 0;)
		if (!m->file[i].seen) {
			unwatch(m, &m->file[i]);
			changed = true;
		}
	return changed;
}

/* ---- the whole -------------------------------------------------------------------------- */

struct image *image_open(const char *dir)
{
	struct image *m = calloc(1, sizeof(*m));

	check(m);
	(void)snprintf(m->dir, sizeof(m->dir), "%s", dir);
	(void)image_rescan(m);
	(void)image_changed(m);
	return m;
}

static bool range_changed(struct image *m, struct watched *f, const struct range *r)
{
	bool changed = false;

	for (size_t at = r->from; at < r->to; at += CHUNK) {
		size_t to = at + CHUNK < r->to ? at + CHUNK : r->to;

		if (memcmp(f->is + at, f->was + at, to - at) != 0)
			changed |= absorb(m, f, at, to);
	}
	return changed;
}

bool image_changed(struct image *m)
{
	bool changed = false;

	for (unsigned i = 0; i < m->n; i++)
		for (unsigned k = 0; k < m->file[i].n_ranges; k++)
			changed |= range_changed(m, &m->file[i], &m->file[i].range[k]);
	return changed;
}

uint64_t image_hash(const struct image *m)
{
	return m->hash;
}

void image_close(struct image *m)
{
	while (m->n)
		unwatch(m, &m->file[0]);
	free(m);
}
