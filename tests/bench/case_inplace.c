/*
 * case_inplace.c - messages that are made and read where they lie
 *
 * Published both ways, because either alone misleads. Untouched, only the first and the last word
 * of a message are written and read, and its length costs nothing: nothing crosses. In full, every
 * word is written by the sender and compared by the receiver: then memory is what is measured.
 */

#include "cases.h"
#include "flow.h"

typedef uint64_t shared_word __attribute__((may_alias));

#define STEP UINT64_C(0x9e3779b97f4a7c15) /* from word to word: no two are alike */

static ssize_t done_with(struct scene *s, ssize_t len, int whole)
{
	int r = s->impl->release(s->chan);

	return r < 0 ? r : whole ? len : 0;
}

/* ---- untouched ------------------------------------------------------------------------------- */

static int ends_make(struct scene *s, struct pattern *p, uint64_t mark)
{
	size_t       n = s->plan.size / sizeof(shared_word);
	void        *at;
	int          r = s->impl->reserve(s->chan, s->plan.size, &at);
	shared_word *word = at;

	(void)p;
	if (r < 0)
		return r;
	word[n - 1] = ~mark;
	word[0] = mark; /* last, as there may be but one word */
	return s->impl->commit(s->chan, s->plan.size);
}

static ssize_t ends_look(struct scene *s, struct pattern *p, uint64_t *ret_mark)
{
	size_t             n = s->plan.size / sizeof(shared_word);
	const void        *at;
	ssize_t            len = s->impl->take(s->chan, &at);
	const shared_word *word = at;

	(void)p;
	if (len != (ssize_t)s->plan.size)
		return len;
	*ret_mark = word[0];
	return done_with(s, len, n == 1 || word[n - 1] == ~*ret_mark);
}

/* ---- in full --------------------------------------------------------------------------------- */

/* At what memory can do, and not at what one word at a time can. */
#ifdef __clang__
#define FAST /* it vectorises at -O2 */
#else
#define FAST __attribute__((optimize("O3")))
#endif

static FAST void fill(shared_word *word, size_t n, uint64_t mark)
{
	for (size_t i = 0; i < n; i++)
		word[i] = mark + i * STEP;
}

static FAST uint64_t differences(const shared_word *word, size_t n, uint64_t mark)
{
	uint64_t bad = 0;

	for (size_t i = 0; i < n; i++)
		bad |= word[i] ^ (mark + i * STEP);
	return bad;
}

static int full_make(struct scene *s, struct pattern *p, uint64_t mark)
{
	void *at;
	int   r = s->impl->reserve(s->chan, s->plan.size, &at);

	(void)p;
	if (r < 0)
		return r;
	fill(at, s->plan.size / sizeof(shared_word), mark);
	return s->impl->commit(s->chan, s->plan.size);
}

static ssize_t full_look(struct scene *s, struct pattern *p, uint64_t *ret_mark)
{
	const void *at;
	ssize_t     len = s->impl->take(s->chan, &at);

	(void)p;
	if (len != (ssize_t)s->plan.size)
		return len;
	*ret_mark = *(const shared_word *)at;
	return done_with(s, len, !differences(at, s->plan.size / sizeof(shared_word), *ret_mark));
}

/* ---- the cases ------------------------------------------------------------------------------- */

static const struct flow_way ends = {ends_make, ends_look};
static const struct flow_way full = {full_make, full_look};

static int ends_sender(struct scene *s, unsigned who)
{
	return flow_send(s, who, &ends);
}

static int ends_receiver(struct scene *s, unsigned who)
{
	return flow_receive(s, who, &ends);
}

static int full_sender(struct scene *s, unsigned who)
{
	return flow_send(s, who, &full);
}

static int full_receiver(struct scene *s, unsigned who)
{
	return flow_receive(s, who, &full);
}

const struct case_def case_inplace = {
	.name = "inplace",
	.title = "In place, one way, payload untouched",
	.n_parties = 2,
	.sender = ends_sender,
	.receiver = ends_receiver,
	.is_exact = flow_is_exact,
	.values = flow_values,
};

const struct case_def case_inplace_full = {
	.name = "inplace-full",
	.title = "In place, one way, payload written and read in full",
	.n_parties = 2,
	.sender = full_sender,
	.receiver = full_receiver,
	.is_exact = flow_is_exact,
	.values = flow_values,
};
