#include "record/past.h"

#include <time.h>

#include "text/now.h"

/* Remembering takes at most one part in so many of one processor's time. Picked. */
#define SHARE      100

#define MB         UINT64_C(1000000)

#define PAST_LEAST (4 * MB) /* some seconds of any domain */

/* All of the monitor, with ten thousand channels; what it takes beside the past, measured. */
#define MONITOR_MOST (96 * MB)
#define OTHERS       (12 * MB)
#define OTHERS_EACH  UINT64_C(7000) /* of a channel, with its ends and its share of processes */

#define BLOBS_MOST   (2 * MB) /* half of what a file has: they are there beside the past */
#define BUFFER_KEPT  (MB / 2) /* a sample's; of a big domain's key it is larger */

static size_t room_beside(const struct ipc_snapshot *s)
{
	uint64_t others = OTHERS + OTHERS_EACH * s->n_channels;

	return others + PAST_LEAST < MONITOR_MOST ? MONITOR_MOST - others : PAST_LEAST;
}

void past_init(struct past *p, size_t memory)
{
	*p = (struct past){
		.memory = memory, .packer = packer_new(), .encoder.blobs_most = BLOBS_MOST};
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

static void empty(struct bytes *b)
{
	if (b->room > BUFFER_KEPT)
		bytes_fini(b);
	b->n = 0;
}

static void pack(struct past *p, const struct frame *f)
{
	struct record_head h;
	int                r;

	p->tape.most = room_beside(f->s);
	if (p->tape.most > p->memory)
		p->tape.most = p->memory;
	r = encode(&p->encoder, sampler_take(&p->sampler, f, NULL), &p->payload);
	if (r < 0)
		return; /* too big to remember */
	pack_record(p->packer, r == 1 ? RECORD_KEY : RECORD_DELTA, f->s->t_real_ns, &p->payload,
		    &p->packed);
	empty(&p->payload);
	if (unpack_entry(p->packed.p, &h) == 0)
		tape_add(&p->tape, &h, p->packed.p + PACK_ENTRY_BYTES, 0);
	empty(&p->packed);
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
