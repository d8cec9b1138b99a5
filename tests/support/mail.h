#ifndef SUPPORT_MAIL_H
#define SUPPORT_MAIL_H

/*
 * mail.h - messages whose length and content follow from who sends them and when
 *
 * Letter @index of sender @sender is the same in every process that knows the
 * seed, so whoever receives it can tell it whole from damaged, and the ledger of
 * all can tell a letter that came once from one that came twice or never.
 *
 * From MAIL_NAMED bytes on a letter says which one it is. Shorter ones cannot; they
 * are counted by length, and their contents added up.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAIL_NAMED 8 /* sender and index need so many bytes */

struct mail_plan {
	uint32_t seed;
	uint32_t largest;   /* longest letter [bytes]; each sender writes one that long */
	uint64_t n_letters; /* of each sender */
};

/** How many letters of each length below MAIL_NAMED, and the sum of what was in them. */
struct mail_short {
	uint64_t n[MAIL_NAMED];
	uint64_t sum;
};

/** Numbers that look random, the same for the same words. */
uint64_t mail_mix(uint64_t a, uint64_t b);

/** Length of a letter [bytes]. Most are small; a few, up to the largest, are most of all bytes. */
size_t mail_len(const struct mail_plan *p, uint32_t sender, uint64_t index);

/** Write the letter into @buf; its length. */
size_t mail_write(const struct mail_plan *p, uint32_t sender, uint64_t index, void *buf);

/** Is it, from its name to its last byte, letter *@ret_index of *@ret_sender? */
bool mail_read(const struct mail_plan *p, const void *buf, size_t len, uint32_t *ret_sender,
	       uint64_t *ret_index);

/** Count a letter of less than MAIL_NAMED bytes. */
void mail_count_short(struct mail_short *s, const void *buf, size_t len);

#endif /* SUPPORT_MAIL_H */
