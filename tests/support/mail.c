#include "support/mail.h"

#include <string.h>

#define SENDER_BITS 16

/* The finisher of splitmix64. */
uint64_t mail_mix(uint64_t a, uint64_t b)
{
	uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b;

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t name_of(uint32_t sender, uint64_t index)
{
	return index << SENDER_BITS | sender;
}

static uint64_t draw(const struct mail_plan *p, uint64_t name)
{
	return mail_mix(mail_mix(p->seed, name), name);
}

/* ---- lengths ------------------------------------------------------------------- */

/* As many between 1 and 2 KiB as between 2 and 4: [@from, @until). */
static size_t any_scale(uint64_t dice, size_t from, size_t until)
{
	unsigned scales = 0;
	size_t   low;

	while (from << (scales + 1) <= until)
		scales++;
	low = from << (dice % (scales ? scales : 1));
	return low + (dice >> 8) % low;
}

static size_t any_len(uint64_t dice)
{
	unsigned share = dice % 10000;

	dice /= 10000;
	if (share < 300)
		return 0;
	if (share < 800)
		return 1 + dice % 7;
	if (share < 6800)
		return 8 + dice % 89;
	if (share < 8900)
		return 80 + dice % 33; /* on both sides of what a slot holds */
	if (share < 9899)
		return 97 + dice % 928;
	if (share < 9999)
		return any_scale(dice, 1024, 65536);
	return any_scale(dice, 65536, (size_t)8 << 20);
}

size_t mail_len(const struct mail_plan *p, uint32_t sender, uint64_t index)
{
	size_t len = any_len(draw(p, name_of(sender, index)));

	if (index == p->n_letters / 2)
		return p->largest;
	return len <= p->largest ? len : p->largest;
}

/* ---- contents ---------------------------------------------------------------------- */

/* Neighbouring words differ, and so do the same words of neighbouring letters. */
static uint64_t word_at(uint64_t key, size_t i)
{
	uint64_t x = key + i * UINT64_C(0x9e3779b97f4a7c15);

	return x ^ x >> 29;
}

static void fill(unsigned char *to, size_t len, uint64_t key)
{
	uint64_t word;
	size_t   i = 0;

	for (; i + 8 <= len; i += 8) {
		word = word_at(key, i);
		memcpy(to + i, &word, 8);
	}
	word = word_at(key, i);
	memcpy(to + i, &word, len - i);
}

static bool is_filled(const unsigned char *from, size_t len, uint64_t key)
{
	uint64_t word, want, wrong = 0;
	size_t   i = 0;

	for (; i + 8 <= len; i += 8) {
		memcpy(&word, from + i, 8);
		wrong |= word ^ word_at(key, i);
	}
	want = word_at(key, i);
	return !wrong && memcmp(from + i, &want, len - i) == 0;
}

size_t mail_write(const struct mail_plan *p, uint32_t sender, uint64_t index, void *buf)
{
	uint64_t name = name_of(sender, index), key = draw(p, name);
	size_t   len = mail_len(p, sender, index);

	if (len < MAIL_NAMED) {
		fill(buf, len, key);
		return len;
	}
	memcpy(buf, &name, MAIL_NAMED);
	fill((unsigned char *)buf + MAIL_NAMED, len - MAIL_NAMED, key);
	return len;
}

bool mail_read(const struct mail_plan *p, const void *buf, size_t len, uint32_t *ret_sender,
	       uint64_t *ret_index)
{
	uint64_t name, index;
	uint32_t sender;

	memcpy(&name, buf, MAIL_NAMED);
	sender = (uint32_t)(name & ((1u << SENDER_BITS) - 1));
	index = name >> SENDER_BITS;
	if (index >= p->n_letters || len != mail_len(p, sender, index) ||
	    !is_filled((const unsigned char *)buf + MAIL_NAMED, len - MAIL_NAMED, draw(p, name)))
		return false;
	*ret_sender = sender;
	*ret_index = index;
	return true;
}

void mail_count_short(struct mail_short *s, const void *buf, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, buf, len);
	s->n[len]++;
	s->sum += mail_mix(word, len);
}
