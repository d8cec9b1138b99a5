#ifndef UNIT_MONITOR_FAKE_H
#define UNIT_MONITOR_FAKE_H

/*
 * monitor_fake.h - a domain nobody runs: a small program in a deadlock, seen twice
 *
 * Everything in it is written down here, so that what is drawn of it never
 * changes but by a change of the drawing. Times are round on purpose.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/tally.h"
#include "view/render.h"

#define FAKE_SECOND UINT64_C(1000000000)
#define FAKE_START  (100000 * FAKE_SECOND)

struct fake {
	struct ipc_snapshot    s;
	struct ipc_obs_process processes[5];
	struct ipc_obs_thread  threads[7];
	struct ipc_obs_channel channels[5];
	uint32_t               hists[5][IPC_OBS_HIST];
	struct ipc_obs_end     ends[10];
	struct ipc_obs_wait    waits[4];
	struct ipc_obs_hold    holds[3];
	struct ipc_obs_failure failures[2];
	struct ipc_obs_verdict verdicts[1];
	uint32_t               core[2], behind[1];
};

static inline void fake_flow(struct ipc_obs_flow *f, uint64_t messages, uint64_t size,
			     uint64_t blocked_ns)
{
	*f = (struct ipc_obs_flow){messages, messages * size, blocked_ns > 0 ? 7 : 0, blocked_ns,
				   0};
}

static inline void fake_processes(struct fake *k, uint64_t t)
{
	static const char *const names[] = {"ingest", "parser", "parser", "writer", "old-helper"};

	for (unsigned i = 0; i < 5; i++) {
		struct ipc_obs_process *p = &k->processes[i];

		*p = (struct ipc_obs_process){
			.id = 0x100000001 + i,
			.pid = 4711 + i,
			.name = names[i],
			.exe = "/usr/bin/ingest",
			.exe_base = 0x555500000000,
			.exe_end = 0x555500100000,
			.life = i == 4 ? IPC_OBS_DEAD : IPC_OBS_ALIVE,
			.parent = i == 0 ? IPC_NO_INDEX : 0,
			.joined_ns = FAKE_START - 3600 * FAKE_SECOND,
			.n_threads = i == 2 ? 3 : 1,
			.n_blocked = i < 3 ? 1 : 0,
			.n_ends = 2,
		};
		fake_flow(&p->out, t * (100 + 10 * i), 512, 0);
		fake_flow(&p->in, t * 40 * i, 512, 0);
	}
	for (unsigned i = 0; i < 7; i++)
		k->threads[i] = (struct ipc_obs_thread){.id = 0x200000001 + i,
							.tid = 4711 + i,
							.name = i < 5 ? names[i] : "helper",
							.process = i < 5 ? i : 2,
							.wait = IPC_NO_INDEX};
}

static inline void fake_ring(struct ipc_obs_ring *r, uint32_t hist[IPC_OBS_HIST], uint64_t sent,
			     uint64_t queued, uint64_t capacity)
{
	*r = (struct ipc_obs_ring){.sent = sent,
				   .queued = queued,
				   .received = sent - queued,
				   .capacity = capacity,
				   .high_water = queued + capacity / 8,
				   .oldest_ns = queued > 0 ? 730000000 : IPC_UNKNOWN,
				   .p50_ns = 12300,
				   .p99_ns = 914000,
				   .max_ns = 1250000000};
	if (r->high_water > capacity && capacity > 0)
		r->high_water = capacity;
	fake_flow(&r->out, sent, 512, 0);
	fake_flow(&r->in, r->received, 512, 0);
	/* Every message counts, most of them in the middle, and slower ones the more there are. */
	r->hist = hist;
	for (unsigned i = 0; i < 40; i++)
		hist[60 + i] = (uint32_t)((i + 1) * (40 - i) + sent / (50 + (i - 12) * (i - 12)));
}

static inline void fake_channels(struct fake *k, uint64_t t)
{
	static const struct {
		enum ipc_kind kind;
		const char   *name;
	} what[] = {{IPC_KIND_QUEUE, "results"},
		    {IPC_KIND_JOINABLE, "jobs"},
		    {IPC_KIND_PIPE, "progress"},
		    {IPC_KIND_QUEUE, "log \xe2\x9c\x93 caf\xc3\xa9"},
		    {IPC_KIND_SHM, "frames"}};

	for (unsigned i = 0; i < 5; i++)
		k->channels[i] = (struct ipc_obs_channel){
			.id = 0x300000001 + i,
			.kind = what[i].kind,
			.name = what[i].name,
			.named = i == 1,
			.n_rings = i == 4   ? 0
				   : i == 2 ? 2
					    : 1,
			.size_bytes = i == 4 ? 64 << 20 : IPC_UNKNOWN,
			.created_ns = FAKE_START - 3500 * FAKE_SECOND,
			.first_end = 2 * i,
			.n_ends = 2,
			.unfinished = i == 1 ? 820 : IPC_UNKNOWN,
			.tasks_failed = i == 1 ? 0 : IPC_UNKNOWN};
	fake_ring(&k->channels[0].ring[0], k->hists[0], 5000, 64, 64);
	fake_ring(&k->channels[1].ring[0], k->hists[1], 100000 + 1200 * t, 812, 1024);
	fake_ring(&k->channels[2].ring[0], k->hists[2], 300 + 2 * t, 0, 128);
	fake_ring(&k->channels[2].ring[1], k->hists[3], 20, 3, 128);
	fake_ring(&k->channels[3].ring[0], k->hists[4], 2000000 + 240 * t, 17, 0);
	k->channels[0].ring[0].blocked_senders = 1;
	k->channels[1].ring[0].blocked_receivers = 1;
	for (unsigned i = 0; i < 10; i++)
		k->ends[i] = (struct ipc_obs_end){.process = i % 2 == 0 ? 0 : 1 + i / 2 % 3,
						  .channel = i / 2,
						  .rights = i / 2 == 4 ? IPC_RIGHT_MAP
							    : (i % 2 == 0) == (i / 2 == 0)
								    ? IPC_RIGHT_RECV0
								    : IPC_RIGHT_SEND0,
						  .handles = 1,
						  .opened_ns = FAKE_START - 3500 * FAKE_SECOND};
	/* One who puts and one who gets, each all there is. */
	for (unsigned i = 0; i < 8; i++) {
		const struct ipc_obs_ring *r = &k->channels[i / 2].ring[0];

		if ((k->ends[i].rights & IPC_RIGHT_SEND0) != 0)
			fake_flow(&k->ends[i].out, r->sent, 512, 0);
		else
			fake_flow(&k->ends[i].in, r->received, 512, 0);
	}
}

static inline void fake_wait(struct fake *k, uint32_t i, uint32_t thread, enum ipc_op op,
			     uint32_t channel, uint64_t since, const char *text)
{
	k->waits[i] = (struct ipc_obs_wait){.thread = thread,
					    .op = op,
					    .channel = channel,
					    .owner = IPC_NO_INDEX,
					    .child = IPC_NO_INDEX,
					    .since_ns = since,
					    .site = 0x555500001234};
	snprintf(k->waits[i].text, sizeof(k->waits[i].text), "%s", text);
	k->threads[thread].wait = i;
}

/* All of them only in the calls that last. */
static inline void fake_sleeps(struct fake *k)
{
	for (size_t i = 0; i < k->s.n_waits; i++)
		if (k->waits[i].since_ns < k->s.t_mono_ns)
			k->processes[k->threads[k->waits[i].thread].process].asleep_ns +=
				k->s.t_mono_ns - k->waits[i].since_ns;
}

static inline void fake_waits(struct fake *k)
{
	fake_wait(k, 0, 0, IPC_OP_PROC, IPC_NO_INDEX, FAKE_START - 1024 * FAKE_SECOND,
		  "join(parser 4712) running");
	k->waits[0].child = 1;
	k->waits[0].child_pid = 4712;
	fake_wait(k, 1, 1, IPC_OP_PUT, 0, FAKE_START - 1023 * FAKE_SECOND,
		  "put(queue \"results\") full 64/64");
	fake_wait(k, 2, 2, IPC_OP_GET, 1, FAKE_START + 119 * FAKE_SECOND + FAKE_SECOND / 2,
		  "get(joinable \"jobs\") empty");
	k->waits[2].deadline_ns = FAKE_START + 500 * FAKE_SECOND;
	k->core[0] = 0;
	k->core[1] = 1;
	k->behind[0] = 2;
	k->verdicts[0] = (struct ipc_obs_verdict){
		.class_ = IPC_DEADLOCK,
		.strength = IPC_CERTAIN,
		.since_ns = FAKE_START - 1023 * FAKE_SECOND,
		.core = k->core,
		.n_core = 2,
		.behind = k->behind,
		.n_behind = 1,
		.headline =
			"DEADLOCK (certain): ingest 4711 and parser 4712 wait for one another: join(parser 4712) "
			"running, put(queue \"results\") full 64/64",
		.text = "DEADLOCK (certain): ingest 4711 and parser 4712 wait for one another: join(parser 4712) "
			"running, put(queue \"results\") full 64/64\n"
			"ingest 4711: join(parser 4712) running, for 19 min 4 s; only exit by parser 4712 (stuck too) "
			"could end it\n"
			"parser 4712: put(queue \"results\") full 64/64, for 19 min 3 s; only get by ingest 4711 (stuck "
			"too) could end it\n"
			"Why: ingest 4711 waits for parser 4712 to end before it reads queue \"results\"; parser 4712 "
			"cannot end before queue \"results\" is read.\n"
			"Pattern: join-before-drain (man 7 ipc-deadlocks).   Fix: read \"results\" until it is empty "
			"before joining.\n"
			"Releasing: killing ingest 4711 frees 2 of 2; killing parser 4712 frees 2 of 2.\n",
		.pattern = "join-before-drain",
		.fix = "read \"results\" until it is empty before joining",
	};
}

/* A mutex that one has, and a read-write lock that two read under; nobody waits. */
static inline void fake_holds(struct fake *k)
{
	k->failures[0] = (struct ipc_obs_failure){.end = 0,
						  .channel = 0,
						  .put = 1,
						  .code = -EAGAIN,
						  .count = 41,
						  .first_ns = FAKE_START,
						  .last_ns = FAKE_START + FAKE_SECOND};
	k->failures[1] = (struct ipc_obs_failure){.end = IPC_NO_INDEX,
						  .channel = 1,
						  .code = -EMSGSIZE,
						  .count = 1,
						  .first_ns = FAKE_START,
						  .last_ns = FAKE_START};
	k->holds[0] = (struct ipc_obs_hold){3, IPC_HOLD_MUTEX, 4, 64, 1, IPC_UNKNOWN, 0};
	k->holds[1] = (struct ipc_obs_hold){
		5, IPC_HOLD_READ, 4, 128, 1, FAKE_START - 90 * FAKE_SECOND, 0};
	k->holds[2] = (struct ipc_obs_hold){6, IPC_HOLD_READ, 4, 128, 1, FAKE_START, 0};
	k->channels[4].memory_bytes = 12 << 20;
	k->channels[4].lock_waits = (struct ipc_obs_flow){.blocks = 12, .blocked_ns = FAKE_SECOND};
}

/* The domain @t seconds after FAKE_START. */
static inline const struct ipc_snapshot *fake_at(struct fake *k, uint64_t t)
{
	*k = (struct fake){0};
	fake_processes(k, t);
	fake_channels(k, t);
	fake_waits(k);
	fake_holds(k);
	k->s = (struct ipc_snapshot){
		.domain = "demo",
		.dir = "/dev/shm/libipc-1000/demo",
		.nonce = 42,
		.t_mono_ns = FAKE_START + t * FAKE_SECOND,
		.t_real_ns = UINT64_C(1700000000) * FAKE_SECOND,
		.created_mono_ns = FAKE_START - 3600 * FAKE_SECOND,
		.tick_ns = 1,
		.processes = k->processes,
		.n_processes = 5,
		.threads = k->threads,
		.n_threads = 7,
		.channels = k->channels,
		.n_channels = 5,
		.ends = k->ends,
		.n_ends = 10,
		.waits = k->waits,
		.n_waits = 3,
		.holds = k->holds,
		.n_holds = 3,
		.failures = k->failures,
		.n_failures = 2,
		.verdicts = k->verdicts,
		.n_verdicts = 1,
		.grade = IPC_GRADE_CRITICAL,
	};
	fake_sleeps(k);
	return &k->s;
}

/* What there would be if nobody were here. */
static inline const struct ipc_snapshot *fake_empty(struct fake *k)
{
	fake_at(k, 0);
	k->s.n_processes = k->s.n_threads = k->s.n_channels = k->s.n_ends = k->s.n_waits =
		k->s.n_holds = k->s.n_verdicts = k->s.n_failures = 0;
	k->s.grade = IPC_GRADE_OK;
	return &k->s;
}

/* Call sites are of the build and the machine: here they are made up. */
static inline void fake_sites(struct frame *f)
{
	static const char *const sites[] = {"ingest.c:218 finish", "parser.c:77 parse_all",
					    "parser.c:31 next_job"};

	for (size_t i = 0; i < f->s->n_waits && i < 3; i++)
		snprintf(f->waits[i].site, sizeof(f->waits[i].site), "%s", sites[i]);
}

/* A model that has watched for two minutes, a reading every two seconds. */
static inline void fake_watched(struct fake *k, struct tally *m)
{
	*m = (struct tally){0};
	for (uint64_t t = 0; t <= 120; t += 2)
		tally_update(m, fake_at(k, t));
	fake_sites(&m->frame);
}

/* A test program; its argument is a pattern of the cases to run. */
#define FAKE_MAIN(group, ...)                                     \
	int main(int argc, char **argv)                           \
	{                                                         \
		const struct CMUnitTest group[] = {__VA_ARGS__};  \
                                                                  \
		if (argc > 1)                                     \
			cmocka_set_test_filter(argv[1]);          \
		return cmocka_run_group_tests(group, NULL, NULL); \
	}

static inline struct status fake_status(void)
{
	return (struct status){
		.domain = "demo", .attached = 1, .self_cpu = 0.3, .self_bytes = 2000000};
}

#endif
