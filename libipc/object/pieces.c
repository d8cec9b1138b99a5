/* pieces.c - one message out of several buffers, and into several */

#include "object/pieces.h"

#include <errno.h>
#include <limits.h>

#include "object/message.h"
#include "object/ledger.h"
#include "object/transfer.h"

/* Their bytes; false: no message could have so many, or one is nowhere. */
static bool pieces_len(const struct iovec *iov, int n, size_t *ret)
{
	size_t len = 0;

	if (n < 0 || (!iov && n))
		return false;
	for (int i = 0; i < n; i++) {
		if ((!iov[i].iov_base && iov[i].iov_len) ||
		    iov[i].iov_len > (size_t)INT64_MAX - len)
			return false;
		len += iov[i].iov_len;
	}
	*ret = len;
	return true;
}

int channel_putv(struct channel *c, const struct call *call, const struct iovec *iov, int n)
{
	unsigned char   small[SLOT_INLINE];
	struct transfer t;
	size_t          len;
	int             r;

	if (!pieces_len(iov, n, &len))
		return -EINVAL;
	if (len <= sizeof(small)) {
		gather(small, iov, n);
		return channel_put(c, call, small, len);
	}
	r = transfer_begin(&t, &putting, c, call);
	if (r < 0)
		return r;
	t.iov = iov;
	t.n_iov = n;
	t.len = len;
	return transfer_put(&t);
}

ssize_t channel_getv(struct channel *c, const struct call *call, const struct iovec *iov, int n)
{
	unsigned char   small[SLOT_INLINE];
	struct transfer t;
	size_t          room;
	ssize_t         r;

	if (!pieces_len(iov, n, &room))
		return -EINVAL;
	r = transfer_begin(&t, &getting, c, call);
	if (r < 0)
		return r;
	t.to = small;
	t.len = room;
	t.lend = true;
	r = transfer_get(&t);
	if (r < 0)
		return r;
	scatter(iov, n, t.filled ? t.block.data : small, (size_t)r);
	if (t.filled && !ledgered(c))
		heap_free(&t.block);
	return r;
}
