#ifndef OBJECT_PIECES_H
#define OBJECT_PIECES_H

/* pieces.h - a payload that lies in several places */

#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

static inline void gather(unsigned char *to, const struct iovec *iov, int n)
{
	for (int i = 0; i < n; i++) {
		if (iov[i].iov_len)
			memcpy(to, iov[i].iov_base, iov[i].iov_len);
		to += iov[i].iov_len;
	}
}

static inline void scatter(const struct iovec *iov, int n, const unsigned char *from, size_t len)
{
	for (int i = 0; i < n && len; i++) {
		size_t part = iov[i].iov_len < len ? iov[i].iov_len : len;

		if (part)
			memcpy(iov[i].iov_base, from, part);
		from += part;
		len -= part;
	}
}

#endif /* OBJECT_PIECES_H */
