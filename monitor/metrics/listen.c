/*
 * listen.c - a socket that nobody reaches from elsewhere
 */
#include "metrics/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 64

static int refuse(struct server *v, int fd, const char *what, const char *address)
{
	snprintf(v->why, sizeof(v->why), "cannot listen at %.100s: %s%s%s", address, what,
		 what[0] != 0 && errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
	v->no_address = errno == 0;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* ---- Unix sockets ------------------------------------------------------------------- */

/* What one left that was killed: nobody answers there. */
static void remove_stale(const struct sockaddr_un *a)
{
	struct stat st;
	int         fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && lstat(a->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    connect(fd, (const struct sockaddr *)a, sizeof(*a)) < 0 && errno == ECONNREFUSED)
		unlink(a->sun_path);
	if (fd >= 0)
		close(fd);
}

/* For its user alone, as the domain is. */
static int listen_unix(struct server *v, const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct stat        st;
	mode_t             mask;
	int                fd, r;

	errno = 0;
	if (path[0] == 0 || strlen(path) >= sizeof(a.sun_path))
		return refuse(v, -1, "a path of 1 to 107 bytes is needed", path);
	memcpy(a.sun_path, path, strlen(path) + 1);
	remove_stale(&a);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	r = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&a, sizeof(a));
	umask(mask);
	if (r < 0 || listen(fd, BACKLOG) < 0 || lstat(path, &st) < 0)
		return refuse(v, fd, "", path);
	memcpy(v->path, path, strlen(path) + 1);
	v->dev = st.st_dev;
	v->ino = st.st_ino;
	snprintf(v->where, sizeof(v->where), "unix:%s", path);
	return fd;
}

/* ---- TCP --------------------------------------------------------------------------- */

static int is_loopback(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)a;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	return a->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
}

/* "[::1]:80", "host:80", ":80" or "80", apart. */
static int split(const char *address, char host[64], char port[16])
{
	const char *colon = strrchr(address, ':');
	size_t      n = colon != NULL ? (size_t)(colon - address) : 0;
	const char *from = address;

	if (n >= 2 && from[0] == '[' && from[n - 1] == ']') {
		from++;
		n -= 2;
	}
	if (n >= 64 || snprintf(port, 16, "%s", colon != NULL ? colon + 1 : address) >= 16 ||
	    port[0] == 0 || strspn(port, "0123456789") != strlen(port) ||
	    strtoul(port, NULL, 10) > 65535)
		return 0;
	memcpy(host, from, n);
	host[n] = 0;
	if (n == 0)
		memcpy(host, "127.0.0.1", sizeof("127.0.0.1"));
	return 1;
}

/* Where it is, with the port that was found for it. */
static void tell_where(struct server *v, int fd)
{
	struct sockaddr_storage a;
	socklen_t               len = sizeof(a);
	char                    host[64] = "", port[16] = "";

	if (getsockname(fd, (struct sockaddr *)&a, &len) == 0)
		(void)getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port,
				  sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(v->where, sizeof(v->where),
		 strchr(host, ':') != NULL ? "http://[%s]:%s/metrics" : "http://%s:%s/metrics",
		 host, port);
}

static int listen_on(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;
	int saved;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
	    bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

static int listen_tcp(struct server *v, const char *address)
{
	struct addrinfo  hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *found = NULL;
	char             host[64], port[16];
	int              fd, r;

	errno = 0;
	if (!split(address, host, port))
		return refuse(v, -1, "that is neither PORT, HOST:PORT nor unix:PATH", address);
	if (strcasecmp(host, "localhost") == 0)
		hints.ai_flags = 0;
	r = getaddrinfo(host, port, &hints, &found);
	if (r != 0)
		return refuse(v, -1, gai_strerror(r), address);
	if (!is_loopback(found->ai_addr)) {
		freeaddrinfo(found);
		errno = 0;
		return refuse(v, -1, "only loopback addresses, such as 127.0.0.1, are for this",
			      address);
	}
	fd = listen_on(found);
	freeaddrinfo(found);
	if (fd < 0)
		return refuse(v, -1, "", address);
	tell_where(v, fd);
	return fd;
}

int listen_at(struct server *v, const char *address)
{
	static const char unix_prefix[] = "unix:";

	if (strncmp(address, unix_prefix, sizeof(unix_prefix) - 1) == 0)
		return listen_unix(v, address + sizeof(unix_prefix) - 1);
	return listen_tcp(v, address);
}
