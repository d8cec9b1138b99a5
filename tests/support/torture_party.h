#ifndef SUPPORT_TORTURE_PARTY_H
#define SUPPORT_TORTURE_PARTY_H

/* torture_party.h - what one sender or receiver of a torture does (torture.c starts them) */

#include <ipc/conn.h>
#include <ipc/queue.h>

#include "support/mail.h"
#include "support/torture.h"

/* The channel, seen from both sides: a queue, or a pipe's two ends. */
struct torture_line {
	ipc_queue *q;
	ipc_conn  *end[2]; /* end[0] receives, end[1] sends */
};

/* What one party did; it alone writes, everybody reads. */
struct torture_account {
	uint64_t          n, bytes;
	struct mail_short small;
	bool              done;
} __attribute__((aligned(128)));

struct torture_party {
	const struct torture   *t;
	const struct mail_plan *plan;
	struct torture_line     line; /* a process of its own closes what it has no use for */
	struct torture_account *account;
	uint8_t                *seen; /* a bit for each letter of each sender */
	bool                    sends;
	uint32_t                me; /* which of the senders, or of the receivers */
};

/** Send all letters of this sender. */
void torture_send_all(struct torture_party *p);

/** Receive until the end of the conversation. */
void torture_receive_all(struct torture_party *p);

#endif /* SUPPORT_TORTURE_PARTY_H */
