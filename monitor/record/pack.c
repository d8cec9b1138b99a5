#include "record/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "text/mem.h"

/* Of levels 1 to 9 none is smaller by a tenth, and from 4 on each costs twice the one before. */
#define LEVEL        3
#define UNPACKED_MAX (UINT64_C(1) << 30) /* [bytes]: a guard against what claims to be more */

static const uint8_t magic[8] = {'i', 'p', 'c', 'm', 'o', 'n', 0x1a, '\n'};

/*
 * Most of what is said in words after a key is like it. To prepare a larger one would cost more
 * than it saves.
 */
#define PREFIX_MAX (UINT32_C(256) << 10)

struct packer {
	ZSTD_CCtx   *out;
	ZSTD_DCtx   *in;
	struct bytes key; /* the last one, as it is to be a prefix; empty where it is too large */
};

void pack_head(struct bytes *to)
{
	uint8_t *p = bytes_more(to, PACK_HEAD_BYTES);

	memset(p, 0, PACK_HEAD_BYTES);
	memcpy(p, magic, sizeof(magic));
	put_fixed(p + 8, PACK_MAJOR, 2);
	put_fixed(p + 10, PACK_MINOR, 2);
}

int unpack_head(const uint8_t head[PACK_HEAD_BYTES], unsigned *ret_major)
{
	if (memcmp(head, magic, sizeof(magic)) != 0)
		return -EBADMSG;
	*ret_major = (unsigned)get_fixed(head + 8, 2);
	return *ret_major == PACK_MAJOR ? 0 : -EPROTO;
}

struct packer *packer_new(void)
{
	return mem_new(1, sizeof(struct packer));
}

void packer_free(struct packer *p)
{
	if (p == NULL)
		return;
	ZSTD_freeCCtx(p->out);
	ZSTD_freeDCtx(p->in);
	bytes_fini(&p->key);
	free(p);
}

static const struct bytes *prefix_of(const struct packer *p, enum record_kind kind)
{
	return kind == RECORD_DELTA && p->key.n > 0 ? &p->key : NULL;
}

static void keep_key(struct packer *p, enum record_kind kind, const struct bytes *payload)
{
	if (kind != RECORD_KEY)
		return;
	p->key.n = 0;
	if (payload->n <= PREFIX_MAX)
		bytes_add(&p->key, payload->p, payload->n);
}

/* Of the sixteen bytes of an entry before it. */
static uint32_t check_of(const uint8_t *p)
{
	uint64_t h = (get_fixed(p, 8) ^ UINT64_C(0x9e3779b97f4a7c15)) *
		     UINT64_C(0xd6e8feb86659fd93);

	h = (h ^ h >> 32 ^ get_fixed(p + 8, 8)) * UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)(h >> 32);
}

void pack_record(struct packer *p, enum record_kind kind, uint64_t t_real_ns,
		 const struct bytes *payload, struct bytes *to)
{
	const struct bytes *prefix = prefix_of(p, kind);
	size_t              start = to->n, bound = ZSTD_compressBound(payload->n), n;
	uint8_t            *entry;

	if (p->out == NULL) {
		p->out = mem_must(ZSTD_createCCtx());
		ZSTD_CCtx_setParameter(p->out, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setParameter(p->out, ZSTD_c_checksumFlag, 1);
	}
	if (prefix != NULL)
		ZSTD_CCtx_refPrefix(p->out, prefix->p, prefix->n); /* for one frame */
	bytes_more(to, PACK_ENTRY_BYTES + bound);
	entry = to->p + start;
	n = ZSTD_compress2(p->out, entry + PACK_ENTRY_BYTES, bound, payload->p, payload->n);
	if (ZSTD_isError(n)) /* there is room, so what is missing is memory */
		mem_must(NULL);
	keep_key(p, kind, payload);
	to->n = start + PACK_ENTRY_BYTES + n;
	put_fixed(entry, n, 4);
	put_fixed(entry + 4, kind, 4);
	put_fixed(entry + 8, t_real_ns, 8);
	put_fixed(entry + 16, check_of(entry), 4);
}

int unpack_entry(const uint8_t entry[PACK_ENTRY_BYTES], struct record_head *ret)
{
	if (get_fixed(entry + 16, 4) != check_of(entry) || get_fixed(entry, 4) > PACK_RECORD_MAX)
		return -EBADMSG;
	*ret = (struct record_head){(uint32_t)get_fixed(entry, 4),
				    (uint32_t)get_fixed(entry + 4, 4), get_fixed(entry + 8, 8)};
	return 0;
}

int unpack_record(struct packer *p, enum record_kind kind, const uint8_t *data, size_t n,
		  struct bytes *ret)
{
	const struct bytes *prefix = prefix_of(p, kind);
	unsigned long long  size = ZSTD_getFrameContentSize(data, n);
	size_t              r;

	if (p->in == NULL)
		p->in = mem_must(ZSTD_createDCtx());
	/* Either of the two that mean "unknown" is more than that, too. */
	if (size > UNPACKED_MAX)
		return -EBADMSG;
	ret->n = 0;
	bytes_more(ret, size);
	if (prefix != NULL)
		ZSTD_DCtx_refPrefix(p->in, prefix->p, prefix->n);
	r = ZSTD_decompressDCtx(p->in, ret->p, size, data, n);
	if (ZSTD_isError(r) || r != size)
		return -EBADMSG;
	keep_key(p, kind, ret);
	return 0;
}
