#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* error.h - the sentence that goes with an error code */

#include <errno.h>

/**
 * fail() - leave a sentence for ipc_explain() and return the code
 * @r:   negative errno
 * @fmt: printf format; name the thing, then what to do about it
 *
 * For slow paths only: it formats. errno is kept.
 */
int fail(int r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** A call that may leave a sentence begins: what an earlier one left is no longer true. */
void explain_clear(void);

/** What a call with an output begins with: the same; -EINVAL, and a sentence, if @ret is NULL. */
static inline int begin_output(const void *ret)
{
	explain_clear();
	if (ret)
		return 0;
	(void)fail(-EINVAL, "ret is NULL: there is no place for the result");
	return -EINVAL; /* said here, for who reads the callers alone */
}

#endif /* BASE_ERROR_H */
