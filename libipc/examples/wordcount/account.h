#ifndef WORDCOUNT_ACCOUNT_H
#define WORDCOUNT_ACCOUNT_H

/*
 * account.h - which files have been counted, where a file may be counted more than once
 *
 * With --respawn a file comes again when its worker dies, even if that had sent every batch of
 * it and was only about to say so. So the batches of a file are kept until the last of them is
 * here, are added up then, all at once, and whatever comes of that file later is dropped.
 *
 * A file comes again only when its worker is dead, so all batches of an attempt are in the queue
 * before the first of the next: what is kept of an earlier one is of no use any more.
 *
 * Not locked, and of one process.
 */

#include "job.h"

struct kept; /* a batch */

struct account {
	unsigned char *counted; /* a bit for each file */
	size_t         n_bytes;
	struct kept   *first; /* of all files, the oldest first */
};

/** Is @b of a file that has been counted already? */
int account_has(const struct account *a, const struct batch *b);

/** Keep a copy of @b, of @len bytes, and forget those of earlier attempts. 0 or -ENOMEM. */
int account_keep(struct account *a, const struct batch *b, size_t len);

/**
 * The file of @b has been counted with the next call: hand each batch of it that was kept to
 * @merge, in order, until that fails, and forget them. 0, what @merge returned, or -ENOMEM.
 */
int account_settle(struct account *a, const struct batch                            *b,
		   int (*merge)(void *arg, const struct batch *b, size_t len), void *arg);

/** Forget all. */
void account_clear(struct account *a);

#endif /* WORDCOUNT_ACCOUNT_H */
