#include "record/past.h"

#include <time.h>

#include "text/now.h"

/* Remembering takes at most one part in so many of one processor's time. Picked. */
#define SHARE 100

void past_init(struct past *p, size_t memory)
{
	*p = (struct past){.packer = packer_new()};
	tape_init(&p->tape, memory, -1);
	schema_write(&p->tape.schema);
}

void past_fini(struct past *p)
{
	tape_fini(&p->tape);
	encoder_fini(&p->encoder);
	packer_free(p->packer);
	sampler_fini(&p->sampler);
	bytes_fini(&p->payload);
	bytes_fini(&p->packed);
}

static void pack(struct past *p, const struct frame *f)
{
	struct record_head h;
	int                r;

	p->payload.n = p->packed.n = 0;
	r = encode(&p->encoder, sampler_take(&p->sampler, f, NULL), &p->payload);
	if (r < 0)
		return; /* too big to remember */
	pack_record(p->packer, r == 1 ? RECORD_KEY : RECORD_DELTA, f->s->t_real_ns, &p->payload,
		    &p->packed);
	if (unpack_entry(p->packed.p, &h) == 0)
		tape_add(&p->tape, &h, p->packed.p + PACK_ENTRY_BYTES, 0);
}

void past_add(struct past *p, const struct frame *f, int anyway)
{
	uint64_t start = now_ns(CLOCK_THREAD_CPUTIME_ID);

	if (!anyway && now_ns(CLOCK_MONOTONIC) < p->not_before_ns)
		return;
	pack(p, f);
	p->not_before_ns = now_ns(CLOCK_MONOTONIC) +
			   SHARE * (now_ns(CLOCK_THREAD_CPUTIME_ID) - start);
}
