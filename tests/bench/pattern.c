#include "pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ODD  UINT64_C(0x9e3779b97f4a7c15)
#define REST 0xa5

static uint64_t constant(size_t i)
{
	return (i + 1) * ODD;
}

/* Which word depends on the sequence: never the first nor the last. */
static size_t wanderer(const struct pattern *p, uint64_t mark)
{
	uint32_t spread = (uint32_t)(mark * ODD >> 32);

	return 1 + (size_t)((uint64_t)spread * (p->n - 2) >> 32);
}

int pattern_init(struct pattern *p, size_t size)
{
	p->n = size / sizeof(*p->word);
	p->rest = size % sizeof(*p->word);
	p->wanderer = 0;
	p->word = aligned_alloc(64, (size + 63) & ~(size_t)63);
	if (!p->word)
		return -ENOMEM;
	for (size_t i = 0; i < p->n; i++)
		p->word[i] = constant(i);
	memset(&p->word[p->n], REST, p->rest);
	return 0;
}

void pattern_fini(struct pattern *p)
{
	free(p->word);
	p->word = NULL;
}

void pattern_stamp(struct pattern *p, uint64_t mark)
{
	if (p->n > 2) {
		if (p->wanderer)
			p->word[p->wanderer] = constant(p->wanderer);
		p->wanderer = wanderer(p, mark);
		p->word[p->wanderer] = mark ^ constant(p->wanderer);
	}
	p->word[p->n - 1] = ~mark;
	p->word[0] = mark; /* last, as there may be but one word */
}

static int rest_is_whole(const struct pattern *p)
{
	const unsigned char *at = (const unsigned char *)&p->word[p->n];

	for (size_t i = 0; i < p->rest; i++)
		if (at[i] != REST)
			return 0;
	return 1;
}

int pattern_is_whole(const struct pattern *p)
{
	uint64_t mark = p->word[0];
	size_t   w;

	if (!rest_is_whole(p))
		return 0;
	if (p->n == 1)
		return 1;
	if (p->word[p->n - 1] != ~mark)
		return 0;
	if (p->n == 2)
		return 1;
	w = wanderer(p, mark);
	if (p->word[w] != (mark ^ constant(w)))
		return 0;
	if (p->n > PATTERN_FEW && MARK_SEQ(mark) % PATTERN_FULL_EVERY != 0)
		return 1;
	for (size_t i = 1; i < p->n - 1; i++)
		if (i != w && p->word[i] != constant(i))
			return 0;
	return 1;
}
