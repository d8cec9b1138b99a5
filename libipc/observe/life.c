/* life.c - who is alive; see life.h */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alive.h"
#include "base/proc.h"
#include "observe/life.h"

/* The first bytes of a small file of /proc, as a string; "" if there is none. */
static void read_small(const char *path, char *buf, size_t size)
{
	int     fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, buf, size - 1) : 0;

	buf[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		(void)close(fd);
}

void life_refresh(struct vitals *l)
{
	uint64_t pid = (uint64_t)getpid();

	if (pid == l->self_pid)
		return;
	l->self_pid = pid;
	l->self_start_ticks = proc_start_ticks();
}

void life_init(struct vitals *l, const char *dir)
{
	*l = (struct vitals){0};
	l->alive_fd = alive_open(dir, ALIVE_FILE, false);
	l->fork_fd = alive_open(dir, FORK_FILE, false);
	l->self_ns = proc_pid_namespace();
	read_small("/proc/sys/kernel/random/boot_id", l->boot_id, sizeof(l->boot_id));
	l->boot_id[strcspn(l->boot_id, "\n")] = '\0';
	life_refresh(l);
}

void life_fini(struct vitals *l)
{
	if (l->alive_fd >= 0)
		alive_drop(l->alive_fd);
	if (l->fork_fd >= 0)
		alive_drop(l->fork_fd);
	l->alive_fd = l->fork_fd = -1;
}

/* A lock does not conflict with its owner, so one's own record must be known by sight. */
static bool is_self(const struct vitals *l, const struct process_rec *p)
{
	return p->pid == l->self_pid && p->start_ticks == l->self_start_ticks &&
	       p->ns_inode == l->self_ns;
}

static bool locked(int fd, uint64_t slot)
{
	return fd >= 0 && alive_asks(fd, slot) != 0; /* an error proves nobody dead */
}

/* It may have closed the descriptor its lock was on, and live: see base/alive.h. */
static bool lives_unlocked(const struct vitals *l, const struct process_rec *p)
{
	return p->start_ticks && p->ns_inode == l->self_ns &&
	       proc_has_mapped(p->pid, p->start_ticks, REGISTRY_FILE, l->registry_inode) != 0;
}

bool life_asks(const struct vitals *l, const struct process_rec *p, uint64_t slot)
{
	if (l->copy)
		return false;
	switch (life_state(p->life)) {
	case LIFE_LIVE: return is_self(l, p) || locked(l->alive_fd, slot) || lives_unlocked(l, p);
	case LIFE_FORKING: return locked(l->fork_fd, slot) || locked(l->alive_fd, slot);
	default: return false;
	}
}
