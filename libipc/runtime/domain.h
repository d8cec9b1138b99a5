#ifndef RUNTIME_DOMAIN_H
#define RUNTIME_DOMAIN_H

/*
 * domain.h - the domain this process belongs to
 *
 * A process belongs to one domain, which it joins at its first call of the
 * library and leaves at exit.
 */

#include <stdbool.h>
#include <sys/types.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"
#include "runtime/layout.h"

struct domain {
	bool     joined;
	char     name[NAME_BYTES];
	char     dir[512];
	bool     own_parent;  /* the directory above it is the library's too */
	bool     group_reads; /* its directory, and so what is made in it: IPC_GROUP */
	int      registry_fd, alive_fd, fork_fd;
	bool     has_slot;             /* .slot is this process's, and its byte locked */
	uint64_t alive_dev, alive_ino; /* of what alive_fd is: runtime/descriptors.h */
	struct registry_header *hdr;   /* the registry, mapped whole */
	size_t                  map_bytes;
	uint64_t                tick_kind;
	uint32_t                slot; /* of this process */
	ref                     self; /* of this process */
	struct process_rec     *process;
	uint64_t                pid, start_ticks, ns_inode;
};

/* Of files that are made in it. */
static inline mode_t domain_file_mode(const struct domain *d)
{
	return d->group_reads ? 0640 : 0600;
}

extern struct domain the_domain;

/** Join if this process has not; 0, or negative errno with an explanation. */
int domain_join_slow(void);

/** What joining holds; for the fork handlers. */
void domain_join_lock(void);
void domain_join_unlock(void);

static inline int domain_join(void)
{
	return likely(load_acquire(&the_domain.joined)) ? 0 : domain_join_slow();
}

/** Path of @file in the domain's directory, into @ret of @size bytes; 0 or -ENAMETOOLONG. */
int domain_path(char *ret, size_t size, const char *file);

/** Unlink its files and remove its directory; under a lock of its. What is in use by then stays. */
void domain_take_away(struct domain *d);

/* ---- tables: the only way to a record ------------------------------------- */

/** Record @index of @table, or NULL if there is none (a damaged reference). */
static inline void *table_at(enum table_id table, uint64_t index)
{
	const struct table_desc *t = &the_domain.hdr->table[table];

	if (unlikely(index >= load_relaxed(&t->ready)))
		return NULL;
	return (char *)the_domain.hdr + t->offset + index * t->stride;
}

static inline struct process_rec *process_at(uint64_t index)
{
	return table_at(TABLE_PROCESSES, index);
}

static inline struct thread_rec *thread_at(uint64_t index)
{
	return table_at(TABLE_THREADS, index);
}

static inline struct object_rec *object_at(uint64_t index)
{
	return table_at(TABLE_OBJECTS, index);
}

static inline struct end_rec *end_at(uint64_t index)
{
	return table_at(TABLE_ENDS, index);
}

static inline uint64_t table_used(enum table_id table)
{
	return load_acquire(&the_domain.hdr->table[table].used);
}

/**
 * Find a free record of @table, making more if need be; its index in *@ret.
 * Under the registry lock. -ENOBUFS: the table is full; -ENOSPC.
 */
int table_alloc(enum table_id table, uint32_t *ret);

/** @n records that table_alloc() found are not used after all: they are as free as they were. */
void table_give_back(enum table_id table, uint32_t n);

/** A record of @table became free: raise its generation. Under the registry lock. */
void table_free(enum table_id table, uint32_t index);

/** The same with the next journal_commit() (runtime/journal.h): two words of it. */
void table_free_journaled(enum table_id table, uint32_t index);

/** Zero a record that is free, all but its life: a generation lost by a kill would come twice. */
void table_clear(enum table_id table, uint32_t index);

/** Raise the domain's change count: a process, object or end came or went. Under the lock. */
void domain_changed(void);

#endif /* RUNTIME_DOMAIN_H */
