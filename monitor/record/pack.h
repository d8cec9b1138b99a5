#ifndef RECORD_PACK_H
#define RECORD_PACK_H

/*
 * pack.h - what a recording looks like in a file or a pipe
 *
 *     head       8 bytes "ipcmon", 0x1a, newline; major and minor version, 2 each; 4 spare
 *     record     bytes (4), kind (4), time of day [ns] (8), check of these 16 bytes (4);
 *                then so many bytes: one zstd frame, with its length and its checksum
 *     record     ...
 *
 * Of samples that are no key the frame refers to the last key as its prefix, where
 * that has at most 256 KiB unpacked. All numbers least byte first. The first record is the schema, then samples; a
 * record of another kind is passed over. So a recording that was cut off is good
 * up to the last whole record, and one damaged in between goes on at the next key.
 */

#include "record/bytes.h"

#define PACK_MAJOR       1
#define PACK_MINOR       0
#define PACK_HEAD_BYTES  16
#define PACK_ENTRY_BYTES 20
#define PACK_RECORD_MAX  (UINT32_C(1) << 30) /* [bytes]: what claims more is damaged */

enum record_kind { RECORD_SCHEMA = 1, RECORD_KEY, RECORD_DELTA };

struct record_head {
	uint32_t bytes; /* of what follows it */
	uint32_t kind;
	uint64_t t_real_ns;
};

void pack_head(struct bytes *to);

/** 0, -EBADMSG: no recording; -EPROTO: of another major version, which is put into @ret_major. */
int unpack_head(const uint8_t head[PACK_HEAD_BYTES], unsigned *ret_major);

struct packer; /* what zstd keeps from one record to the next */

struct packer *packer_new(void);
void           packer_free(struct packer *p);

/** Append a record of @payload. */
void pack_record(struct packer *p, enum record_kind kind, uint64_t t_real_ns,
		 const struct bytes *payload, struct bytes *to);

/** 0, or -EBADMSG. */
int unpack_entry(const uint8_t entry[PACK_ENTRY_BYTES], struct record_head *ret);

/** What follows the head of a record, unpacked into @ret; after a key come the samples up to the next. 0, or -EBADMSG. */
int unpack_record(struct packer *p, enum record_kind kind, const uint8_t *data, size_t n,
		  struct bytes *ret);

#endif
