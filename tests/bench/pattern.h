#ifndef BENCH_PATTERN_H
#define BENCH_PATTERN_H

/*
 * pattern.h - messages that can be verified without costing what they measure
 *
 * The first word of a message says who sent it and as which; the last is its complement; between
 * them stand constants, but for one word that wanders with the sequence and depends on it. All
 * that is checked at every message; the constants at each PATTERN_FULL_EVERY-th, and always
 * where there are few.
 */

#include <stddef.h>
#include <stdint.h>

#define PATTERN_FULL_EVERY 256 /* a full look at 1 MiB costs as much as sending it */
#define PATTERN_FEW        8   /* words */

/* The first word. */
#define MARK_TIMED     (UINT64_C(1) << 63) /* the warm-up is over */
#define MARK_STOP      (UINT64_C(1) << 62) /* no message: the receiver is to end */
#define MARK_LAST      (UINT64_C(1) << 61) /* this sender's last */
#define MARK_SEQ(m)    ((m) & ((UINT64_C(1) << 48) - 1))
#define MARK_WHO(m)    ((unsigned)((m) >> 48) & 0xff)
#define MARK(who, seq) ((uint64_t)(who) << 48 | (seq))

struct pattern {
	uint64_t *word;
	size_t    n;    /* words */
	size_t    rest; /* bytes behind the last of them, constant */
	size_t    wanderer;
};

/** Make a message of @size bytes, 8 at least; 0 or -ENOMEM. */
int  pattern_init(struct pattern *p, size_t size);
void pattern_fini(struct pattern *p);

/** Turn it into the message whose first word is @mark. */
void pattern_stamp(struct pattern *p, uint64_t mark);

/** Is this what pattern_stamp() made? */
int pattern_is_whole(const struct pattern *p);

#endif /* BENCH_PATTERN_H */
