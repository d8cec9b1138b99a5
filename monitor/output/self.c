#include "output/self.h"

#include <time.h>
#include <unistd.h>

#include "model/procfs.h"
#include "text/number.h"

struct self {
	uint64_t cpu_ns, rss_bytes;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	return clock_gettime(clock, &t) == 0 ? (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec
					     : IPC_UNKNOWN;
}

static struct self measure(void)
{
	struct self         r = {clock_ns(CLOCK_PROCESS_CPUTIME_ID), IPC_UNKNOWN};
	struct procfs_usage u;

	if (procfs_usage((uint64_t)getpid(), &u) == 0)
		r.rss_bytes = u.rss_bytes;
	return r;
}

void self_json(struct json *j, const struct ipc_snapshot *s)
{
	struct self me = measure();

	json_object(j, "self");
	json_string(j, "version", ipc_version());
	json_number(j, "pid", (uint64_t)getpid());
	json_number(j, "cpu_ns_total", me.cpu_ns);
	json_number(j, "rss_bytes", me.rss_bytes);
	json_number(j, "registry_read_bytes", s->registry_bytes);
	json_end(j);
}

void self_text(const struct text_style *st, const struct ipc_snapshot *s)
{
	struct self me = measure();
	char        text[160];

	snprintf(text, sizeof(text), "self  %s of a processor since the start, %s, %s a reading",
		 number_duration(me.cpu_ns).text, number_bytes_unit(me.rss_bytes).text,
		 number_bytes_unit(s->registry_bytes).text);
	text_line(st, ROLE_DIM, text);
}
