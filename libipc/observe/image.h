#ifndef OBSERVE_IMAGE_H
#define OBSERVE_IMAGE_H

/*
 * image.h - a private copy of the registry
 *
 * Everything the observer says, it says of this copy. It is made with pread(2),
 * so a file that is cut short while it is read is an error and not a SIGBUS,
 * and what was checked cannot change afterwards. Tables are copied up to their
 * high-water marks and walked by the strides of the header.
 *
 * Order of reading (deadlock detection rests on it, see proof.c): first the
 * threads with what they wait for, then processes, then ends and objects.
 */

#include <stdbool.h>
#include <stdint.h>

#include "observe/grow.h"
#include "runtime/layout.h"

struct image {
	int         fd;   /* borrowed */
	const char *path; /* borrowed: for explanations */

	struct registry_header head;
	struct grow            mem[N_TABLES];     /* all records, or those that are kept */
	size_t                 n[N_TABLES];       /* records */
	struct grow            kept_at[N_TABLES]; /* of such: uint32_t per record, its place in mem;
						      0: it has none */
	uint32_t               n_kept[N_TABLES];
	struct grow            part_key[N_TABLES];  /* struct part_key of each part that is kept */
	struct grow            part_want[N_TABLES]; /* and of each that is due */
	size_t                 part_next[N_TABLES]; /* record to begin with, the next time */
	struct grow            due[N_TABLES];       /* uint8_t per part, enum part_due */
	uint32_t               n_read[N_TABLES];    /* parts, at this reading */
	uint64_t               parts_ns;            /* when parts were last read; 0: never */
	struct grow            passing;             /* records on their way */
	struct grow            seq;                 /* of sleepers, as first read */

	uint64_t bytes;    /* read; who begins anew sets it to 0 */
	bool     unsteady; /* the tables were being changed all the while */
	uint32_t torn;     /* thread records that never held still */
};

/* What becomes of a part at a reading. */
enum part_due {
	PART_KEPT = 0,
	PART_DUE = 1,  /* another than the one we hold, as far as known: to be read */
	PART_READ = 2, /* at this reading */
};

/* Which state of an end or object the copied part of it belongs to. */
struct part_key {
	uint64_t life;
	uint64_t count; /* what the part changes with */
};

/* Read and check the header alone: 0, -EBADMSG, -EPROTO, -ENOENT (not finished), -EIO. */
int image_header(int fd, const char *path, struct registry_header *ret);

/* The same; where the tables are being changed, once they are not, or after two milliseconds. */
int image_header_at_rest(int fd, const char *path, struct registry_header *ret);

/* Read the header, threads and processes, in this order; room for ends and objects. */
int image_read(struct image *m);

typedef void image_pass_fn(void *arg, uint32_t slot, const void *rec);

/*
 * Read records [@first, @first + @n) and show each to @fn, which says image_keep() or
 * never sees it again. 0, -ENOMEM, -EBADMSG or -EIO.
 */
int image_pass(struct image *m, enum table_id t, size_t first, size_t n, image_pass_fn *fn,
	       void *arg);

/* Did the tables change while they were read? Says .unsteady. 0, or as image_header(). */
int image_look_back(struct image *m);

/*
 * Is who was changing the tables as this was read still at the same change? Stopped, dead or not
 * on its turn: until it goes on, another reading would find the same.
 */
bool image_is_held(const struct image *m);

/* Room for the parts of all records there are, and for saying which are due. */
int image_reserve_parts(struct image *m);

/*
 * Read the histograms, failures, and what ends left that are gone, that are due: half a kilobyte
 * each and more, so sparingly. Of the parts that are held already only so many are read anew, and
 * the next reading goes on from there.
 */
int image_read_parts(struct image *m);

void image_fini(struct image *m);

/* Room for keeping @most of @n records, and where each is. 0 or -ENOMEM. */
int image_reserve_kept(struct image *m, enum table_id t, size_t most, size_t n);

/* pread(2) all of it: 0, -EBADMSG at the end of the file, or a negative errno. */
int image_pread(int fd, void *buf, size_t bytes, uint64_t offset);

/* Where record @i of a table lies in the file. */
static inline uint64_t image_offset(const struct image *m, enum table_id t, size_t i)
{
	return m->head.table[t].offset + i * m->head.table[t].stride;
}

/* What the copy of part @i is of. */
static inline const struct part_key *image_part_key(const struct image *m, enum table_id t,
						    size_t i)
{
	return (const struct part_key *)m->part_key[t].p + i;
}

/* Part @i of table @t is now that of @want: to be read, unless we hold it or nothing is in it. */
static inline void image_set_due(struct image *m, enum table_id t, size_t i, struct part_key want)
{
	const struct part_key *have = image_part_key(m, t, i);
	uint8_t               *due = (uint8_t *)m->due[t].p + i;

	if (want.count == 0 || (have->life == want.life && have->count == want.count)) {
		*due = PART_KEPT;
		return;
	}
	*due = PART_DUE;
	((struct part_key *)m->part_want[t].p)[i] = want;
}

static inline enum part_due image_due(const struct image *m, enum table_id t, size_t i)
{
	return (enum part_due)((const uint8_t *)m->due[t].p)[i];
}

/* Record @i of the copy of a table that is read as a whole; @i < n[t]. */
static inline void *image_at(const struct image *m, enum table_id t, size_t i)
{
	return (char *)m->mem[t].p + i * m->head.table[t].stride;
}

/* Record @i of a table of which some are kept; one that is not is all zeroes. */
static inline const void *image_kept(const struct image *m, enum table_id t, size_t i)
{
	return image_at(m, t, ((const uint32_t *)m->kept_at[t].p)[i]);
}

static inline const struct object_rec *image_object(const struct image *m, size_t slot)
{
	return image_kept(m, TABLE_OBJECTS, slot);
}

/* Side by side: they are few, and each alone would take a page. */
static inline void image_keep(struct image *m, enum table_id t, size_t i, const void *rec)
{
	uint32_t *at = (uint32_t *)m->kept_at[t].p + i;

	if (*at == 0) /* they may pass twice in one reading */
		*at = ++m->n_kept[t];
	memcpy(image_at(m, t, *at), rec, m->head.table[t].stride);
}

/* The record a reference names, alive or not; NULL: there is none any more. */
static inline void *image_ref(const struct image *m, enum table_id t, ref r)
{
	uint32_t  i = ref_index(r);
	uint64_t *life;

	if (!r || i >= m->n[t])
		return NULL;
	life = image_at(m, t, i);
	return life_gen(*life) == ref_gen(r) && life_state(*life) != LIFE_FREE ? life : NULL;
}

#endif /* OBSERVE_IMAGE_H */
