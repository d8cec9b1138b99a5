/*
 * serve.c - what is answered
 */
#include "metrics/serve.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "metrics/listen.h"
#include "text/now.h"

#define TEXT            "text/plain; version=0.0.4; charset=utf-8"
#define OPENMETRICS     "application/openmetrics-text; version=1.0.0; charset=utf-8"

#define CONNECTIONS_MAX 256u
#define TIMEOUT_S       3u /* of who connects and says nothing */

#define WAIT_NS         UINT64_C(500000000) /* a signal that comes just before the wait is seen after it */

static const char page[] = "ipcmon export: the metrics are at /metrics\n";

static enum MHD_Result reply(struct MHD_Connection *c, unsigned code, const char *type,
			     struct MHD_Response *r)
{
	enum MHD_Result queued;

	if (r == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	queued = MHD_queue_response(c, code, r);
	MHD_destroy_response(r);
	return queued;
}

static enum MHD_Result reply_text(struct MHD_Connection *c, unsigned code, const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);

	if (r != NULL && code == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	return reply(c, code, TEXT, r);
}

static enum MHD_Result reply_metrics(struct MHD_Connection *c, const struct metrics *m)
{
	const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_ACCEPT);
	int         open_metrics = accept != NULL && strstr(accept, "application/openmetrics-text");
	char       *text = NULL;
	size_t      bytes = 0;
	FILE       *to = open_memstream(&text, &bytes);

	if (to == NULL)
		return MHD_NO;
	metrics_print(to, m, open_metrics);
	if (fclose(to) != 0) {
		free(text);
		return MHD_NO;
	}
	return reply(c, MHD_HTTP_OK, open_metrics ? OPENMETRICS : TEXT,
		     MHD_create_response_from_buffer(bytes, text, MHD_RESPMEM_MUST_FREE));
}

/*
 * A page from elsewhere may have its name resolve to this machine, and so read in a browser
 * what only this machine's users should: it cannot have it called as we are.
 */
static int is_for_us(struct MHD_Connection *c, const struct server *v)
{
	const char    *host = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	char           name[64];
	struct in_addr a;

	if (host == NULL || v->path[0] != 0)
		return 1;
	if (host[0] == '[')
		return strncmp(host, "[::1]", 5) == 0 && (host[5] == 0 || host[5] == ':');
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(host, ":"), host);
	if (strcasecmp(name, "localhost") == 0)
		return 1;
	return inet_pton(AF_INET, name, &a) == 1 && ntohl(a.s_addr) >> 24 == 127;
}

static enum MHD_Result answer(void *server, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *bytes, void **request)
{
	const struct server *v = server;

	(void)version;
	(void)data;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return reply_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET is all there is\n");
	if (*request == NULL) { /* its head is here; answered now, the connection would be closed */
		*request = server;
		return MHD_YES;
	}
	if (*bytes > 0) { /* a body, which nobody asked for */
		*bytes = 0;
		return MHD_YES;
	}
	if (!is_for_us(c, v))
		return reply_text(c, MHD_HTTP_FORBIDDEN,
				  "ask for localhost, 127.0.0.1 or [::1]: that is all that is "
				  "served\n");
	if (strcmp(url, "/metrics") == 0)
		return reply_metrics(c, v->m);
	return reply_text(c, strcmp(url, "/") == 0 ? MHD_HTTP_OK : MHD_HTTP_NOT_FOUND, page);
}

int serve_open(struct server *v, const char *address, const struct metrics *m)
{
	int fd;

	*v = (struct server){.m = m};
	fd = listen_at(v, address);
	if (fd < 0)
		return -1;
	signal(SIGPIPE, SIG_IGN); /* who asked and went away */
	v->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, v,
				     MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				     CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
				     MHD_OPTION_END);
	if (v->daemon != NULL)
		return 0;
	close(fd);
	snprintf(v->why, sizeof(v->why), "cannot serve at %.100s", address);
	return -1;
}

int serve_until(struct server *v, uint64_t until_ns)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC), left_ns;

	if (now >= until_ns)
		return 0;
	left_ns = until_ns - now < WAIT_NS ? until_ns - now : WAIT_NS;
	(void)MHD_run_wait(v->daemon, (int32_t)(left_ns / 1000000) + 1);
	return 1;
}

void serve_close(struct server *v)
{
	struct stat st;

	if (v->daemon != NULL)
		MHD_stop_daemon(v->daemon);
	if (v->path[0] != 0 && lstat(v->path, &st) == 0 && st.st_dev == v->dev &&
	    st.st_ino == v->ino)
		unlink(v->path);
}
