#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ipc/base.h>

/* initial-exec: the first failing call of a thread must not have to allocate */
static __thread char explanation[512] __attribute__((tls_model("initial-exec")));

int fail(int r, const char *fmt, ...)
{
	int     saved = errno;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(explanation, sizeof(explanation), fmt, ap);
	va_end(ap);
	errno = saved;
	return r;
}

void explain_clear(void)
{
	explanation[0] = '\0';
}

const char *ipc_explain(void)
{
	return explanation;
}

const char *ipc_version(void)
{
	return IPC_VERSION_STRING;
}

static const struct {
	int         code;
	const char *text;
} sentences[] = {
	{0, "success"},
	{-EAGAIN, "it would have to wait"},
	{-ETIMEDOUT, "the time limit passed"},
	{-EPIPE, "closed or shut down at the other end"},
	{-EOWNERDEAD, "a process died holding it"},
	{-EMSGSIZE, "the message is longer than the buffer"},
	{-EINVAL, "the call is wrong: bad argument, or an object of another kind"},
	{-EBADF, "the handle cannot do this"},
	{-ENOENT, "nothing has that name: no object, domain or program"},
	{-EEXIST, "the name is taken"},
	{-ENOSPC, "no room: the file system, or the share of a queue, is full"},
	{-ENOBUFS, "a table is full: of the domain, or of this thread's locks"},
	{-EACCES, "permission denied: the domain, or the program, is not this user's to use"},
	{-ENOTDIR, "a part of the domain's path is not a directory"},
	{-EFBIG, "beyond a limit on the size of files"},
	{-EPERM, "only the owner may do this"},
	{-ERANGE, "the number would leave its range"},
	{-EOVERFLOW, "the number would be too large"},
	{-EPROTO, "the domain was made by an incompatible version"},
	{-EBADMSG, "the domain is damaged"},
	{-EINPROGRESS, "part of the message is sent; the rest is kept and goes before the next"},
	{-EDEADLK, "waiting would never end: the participants wait for one another"},
	{-ESTALE, "the domain was removed or replaced"},
	{-ECHILD, "not a child of this process"},
	{-ENOMEM, "out of memory"},
};

const char *ipc_strerror(int r)
{
	const char *name;

	if (r > 0)
		r = 0; /* a length */
	if (r < -4095)
		return "unknown error"; /* beyond any errno; and -INT_MIN is none */
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++)
		if (sentences[i].code == r)
			return sentences[i].text;
	name = strerrordesc_np(-r); /* static text, unlike strerror's */
	return name ? name : "unknown error";
}
