/*
 * strangers.c - who has the registry mapped without being of the domain; see doubts.h
 *
 * A mapping comes by fork and goes with exec, so who started before the domain was made has
 * none; of the others each one's maps are read. Whose maps may not be read, as of programs
 * that changed their user, is asked for its name: fork hands on that of the thread that
 * forked, and exec gives another one. When in doubt there is a stranger.
 */

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "observe/doubts.h"
#include "observe/evidence.h"

struct search {
	struct judge   *j;
	const uint64_t *pid; /* of the domain's living, sorted */
	size_t          n_pids;
	uint64_t        inode; /* of the registry */
	uint64_t        ticks_per_second;
	unsigned        naps_left;
};

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool gather_pids(struct search *s, struct judge *j)
{
	uint64_t *pid = grow_to(&j->pids, (j->v->n_processes + 1) * sizeof(*pid));

	if (!pid)
		return false;
	for (uint32_t i = 0; i < j->v->n_processes; i++)
		if (!j->v->process[i].foreign_ns && j->v->process[i].life != IPC_OBS_DEAD)
			pid[s->n_pids++] = j->v->process[i].pid;
	qsort(pid, s->n_pids, sizeof(*pid), by_number);
	s->pid = pid;
	return true;
}

/*
 * In the kernel's count of time since boot, which goes on while the machine sleeps, the
 * domain was made at this moment of the monotonic clock or later.
 */
static bool is_older(const struct search *s, uint64_t start_ticks)
{
	uint64_t made_ns = s->j->image->head.created_mono_ns;
	uint64_t made_ticks = made_ns / (UINT64_C(1000000000) / s->ticks_per_second);

	return start_ticks + 1 < made_ticks;
}

static bool has_name_of_ours(const struct search *s, uint64_t pid)
{
	char name[32];

	if (!evidence_name(pid, pid, name, sizeof(name)))
		return false; /* it is gone */
	for (uint32_t t = 0; t < s->j->v->n_threads; t++)
		if (strcmp(s->j->v->thread[t].name, name) == 0)
			return true;
	for (uint32_t p = 0; p < s->j->v->n_processes; p++)
		if (strncmp(s->j->v->process[p].name, name, 15) == 0)
			return true;
	return false;
}

/* It may have come after the picture was taken. */
static bool has_joined(const struct search *s, uint64_t pid, uint64_t start_ticks)
{
	const struct image    *image = s->j->image;
	struct registry_header h;
	struct process_rec     rec;

	if (image_header(image->fd, image->path, &h) < 0)
		return false;
	for (uint64_t i = 0; i < h.table[TABLE_PROCESSES].used; i++)
		if (image_pread(image->fd, &rec, sizeof(rec),
				image_offset(image, TABLE_PROCESSES, i)) == 0 &&
		    rec.pid == pid && rec.start_ticks == start_ticks &&
		    life_state(rec.life) != LIFE_FREE)
			return true;
	return false;
}

/* It has left, as in exit(3), and is still there: what it had mapped it has. */
static bool has_left(const struct search *s, uint64_t pid, uint64_t start_ticks)
{
	for (size_t i = 0; i < s->j->image->n[TABLE_PROCESSES]; i++) {
		const struct process_rec *rec = image_at(s->j->image, TABLE_PROCESSES, i);

		if (life_state(rec->life) == LIFE_FREE && rec->pid == pid &&
		    rec->start_ticks == start_ticks)
			return true;
	}
	return false;
}

static bool is_stranger(const struct search *s, uint64_t pid, uint64_t start, bool *ret_seen)
{
	int mapped;

	if (start == 0 || (is_older(s, start) && !has_left(s, pid, start)))
		return false;
	mapped = proc_has_mapped(pid, start, REGISTRY_FILE, s->inode);
	*ret_seen = mapped > 0;
	return (mapped > 0 || (mapped < 0 && has_name_of_ours(s, pid))) &&
	       !has_joined(s, pid, start);
}

/* Who comes, or goes, is neither of the domain nor without it for as long as that takes. */
#define NAP_NS 500000
#define NAPS   200 /* 100 ms at one judgement; picked: some turns on a busy machine */

/*
 * One who stays: whoever is gone by the second reading (proof.c), or of the domain, was none.
 * For one that was here the last time nobody waits.
 */
static bool stays_stranger(struct search *s, uint64_t pid, bool *ret_seen)
{
	struct stranger *last = &s->j->stranger;
	uint64_t         start;

	if (pid == 0 || bsearch(&pid, s->pid, s->n_pids, sizeof(pid), by_number))
		return false;
	start = proc_start_ticks_of(pid);
	while (is_stranger(s, pid, start, ret_seen)) {
		if ((last->pid == pid && last->start == start) || s->naps_left == 0) {
			*last = (struct stranger){pid, start};
			return true;
		}
		s->naps_left--;
		clock_nap(NAP_NS);
		start = proc_start_ticks_of(pid);
	}
	return false;
}

/* Of the domain, but of what it has from before it joined nothing is said. */
static bool find_disowned(const struct judge *j, char *why, size_t size)
{
	for (uint32_t p = 0; p < j->v->n_processes; p++) {
		const struct process_rec *rec = image_at(j->image, TABLE_PROCESSES,
							 j->v->process_slot[p]);

		if (!rec->disowned || j->v->process[p].life == IPC_OBS_DEAD)
			continue;
		(void)snprintf(why, size,
			       "process %lu had handles before it joined the domain: it may have "
			       "mapped anything",
			       (unsigned long)rec->pid);
		return true;
	}
	return false;
}

bool strangers_find(struct judge *j, char *why, size_t size)
{
	struct search s = {
		.j = j, .ticks_per_second = (uint64_t)sysconf(_SC_CLK_TCK), .naps_left = NAPS};
	struct stat          st = {0};
	const struct dirent *d;
	bool                 found = false, seen = false;
	DIR                 *proc = opendir("/proc");

	if (!proc || !proc_is_ours() || fstat(j->image->fd, &st) < 0 || !gather_pids(&s, j)) {
		(void)snprintf(why, size, "it cannot be told who else has the domain mapped");
		found = true;
	}
	s.inode = st.st_ino;
	found = found || find_disowned(j, why, size);
	while (!found && (d = readdir(proc))) {
		uint64_t pid = strtoull(d->d_name, NULL, 10);

		found = stays_stranger(&s, pid, &seen);
		if (found)
			(void)snprintf(
				why, size,
				seen ? "process %lu has the domain mapped and is not of it, "
				       "as after a raw fork: it may hold anything"
				     : "process %lu is named like one of the domain and cannot "
				       "be looked into: it may hold anything",
				(unsigned long)pid);
	}
	if (proc)
		(void)closedir(proc);
	return found;
}
