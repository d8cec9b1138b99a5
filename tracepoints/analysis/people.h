#ifndef ANALYSIS_PEOPLE_H
#define ANALYSIS_PEOPLE_H

/*
 * people.h - the processes of the trace
 *
 * A pid tells who fired an event; what libipc calls that process, and which
 * domain it is in, was said when it joined, or follows from who forked it.
 */

#include "event.h"
#include "table.h"

struct person {
	int64_t  pid;      /* -1: recorded without vpid */
	uint64_t process;  /* libipc's id; 0: not seen to join */
	char    *procname; /* the kernel's, cut to 15 characters; "" if not recorded */
	char    *name;     /* libipc's; "": not seen to join */
	uint32_t domain;   /* index in people.domains */
};

struct people {
	struct person *persons;
	uint32_t       n_persons;
	char         **domains;
	uint32_t       n_domains;
	struct table   by_pid, by_process;
};

/** The index of the process that fired @e; learns from @e what it tells. */
uint32_t people_meet(struct people *p, const struct event *e);

/** Name of domain @i, or "" where none was seen. */
const char *people_domain(const struct people *p, uint32_t i);

void people_fini(struct people *p);

#endif /* ANALYSIS_PEOPLE_H */
