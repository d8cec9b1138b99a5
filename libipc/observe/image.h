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
	struct grow            mem[N_TABLES]; /* of objects those kept: image_object() */
	size_t                 n[N_TABLES];   /* records */
	struct grow            kept_at;       /* uint32_t per object: where that is; 0: nowhere */
	uint32_t               n_kept;
	struct grow            part_key[N_TABLES];  /* of a seldom read one: struct part_key of
						      what mem holds */
	size_t                 part_next[N_TABLES]; /* record to begin with, the next time */
	struct grow            passing;             /* records on their way */
	struct grow            seq;                 /* of sleepers, as first read */
	struct grow            due[N_TABLES];       /* uint8_t per part, enum part_due */

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

/* Read the header, threads, processes and ends, in this order; room for the objects. */
int image_read(struct image *m);

typedef void image_pass_fn(void *arg, uint32_t slot, const void *rec);

/*
 * Read records [@first, @first + @n) and show each to @fn, which says image_keep_object() or
 * never sees it again. 0, -ENOMEM, -EBADMSG or -EIO.
 */
int image_pass(struct image *m, enum table_id t, size_t first, size_t n, image_pass_fn *fn,
	       void *arg);

/* Did the tables change while they were read? Says .unsteady. 0, or as image_header(). */
int image_look_back(struct image *m);

/* Room for the parts of all records there are, and for saying which are due. */
int image_reserve_parts(struct image *m);

/*
 * Read the histograms, failures, and what ends left that are gone, that are due: half a kilobyte
 * each and more, so sparingly. Of the parts that are held already only so many are read anew, and
 * the next reading goes on from there.
 */
int image_read_parts(struct image *m);

void image_fini(struct image *m);

/* Room for a table's records, as many as the header says. 0 or -ENOMEM. */
int image_make_room(struct image *m, enum table_id t);

/* Records [@first, @first + @n) into the copy; there is room. 0, -EBADMSG or -EIO. */
int image_read_records(struct image *m, enum table_id t, size_t first, size_t n);

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

/* Part @i of table @t may be another than the one we hold. */
static inline void image_set_due(struct image *m, enum table_id t, size_t i)
{
	((uint8_t *)m->due[t].p)[i] = PART_DUE;
}

static inline enum part_due image_due(const struct image *m, enum table_id t, size_t i)
{
	return (enum part_due)((const uint8_t *)m->due[t].p)[i];
}

/* Record @i of the copy; @i < n[t]. Objects: image_object(). */
static inline void *image_at(const struct image *m, enum table_id t, size_t i)
{
	return (char *)m->mem[t].p + i * m->head.table[t].stride;
}

/* Object @slot, if it was kept at this reading; else one that is all zeroes. */
static inline const struct object_rec *image_object(const struct image *m, size_t slot)
{
	return image_at(m, TABLE_OBJECTS, ((const uint32_t *)m->kept_at.p)[slot]);
}

/* Side by side: they are few, and each alone would take a page. */
static inline void image_keep_object(struct image *m, uint32_t slot, const struct object_rec *rec)
{
	uint32_t *at = (uint32_t *)m->kept_at.p + slot;

	if (*at == 0) /* they may pass twice in one reading */
		*at = ++m->n_kept;
	memcpy(image_at(m, TABLE_OBJECTS, *at), rec, m->head.table[TABLE_OBJECTS].stride);
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
