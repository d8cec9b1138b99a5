/*
 * people.c - the processes of the trace
 *
 * Ids of objects are unique within a domain only, so messages must not be matched
 * across domains. A process that joined before the recording began has no known
 * domain; it counts as of the first one seen, which is right wherever there is
 * but one.
 */

#include "people.h"

#include "memory.h"

#include <stdbool.h>

static void set(char **s, const char *value)
{
	if (!strcmp(*s, value))
		return;
	free(*s);
	*s = memory_string(value);
}

static uint32_t add(struct people *p, int64_t pid)
{
	uint32_t i = p->n_persons;

	p->persons = memory_grow(p->persons, i, sizeof(*p->persons));
	p->persons[i] = (struct person){
		.pid = pid, .procname = memory_string(""), .name = memory_string("")};
	table_put(&p->by_pid, (uint64_t)pid, 0, i);
	return p->n_persons++;
}

static uint32_t domain_of(struct people *p, const char *name)
{
	for (uint32_t i = 0; i < p->n_domains; i++)
		if (!strcmp(p->domains[i], name))
			return i;
	p->domains = memory_grow(p->domains, p->n_domains, sizeof(*p->domains));
	p->domains[p->n_domains] = memory_string(name);
	return p->n_domains++;
}

/* A pid that comes as another process of the domain was given again, to somebody new. */
static uint32_t identify(struct people *p, uint32_t i, uint64_t process)
{
	if (p->persons[i].process && p->persons[i].process != process)
		i = add(p, p->persons[i].pid);
	p->persons[i].process = process;
	table_put(&p->by_process, process, 0, i);
	return i;
}

static uint32_t joined(struct people *p, uint32_t i, const struct event *e)
{
	i = identify(p, i, e->process);
	p->persons[i].domain = domain_of(p, e->domain);
	set(&p->persons[i].name, e->name);
	return i;
}

static uint32_t forked(struct people *p, uint32_t i, const struct event *e)
{
	uint32_t parent = table_get(&p->by_process, e->parent, 0);

	i = identify(p, i, e->process);
	if (parent == TABLE_NONE)
		return i;
	p->persons[i].domain = p->persons[parent].domain;
	set(&p->persons[i].name, p->persons[parent].name);
	return i;
}

uint32_t people_meet(struct people *p, const struct event *e)
{
	uint32_t i = table_get(&p->by_pid, (uint64_t)e->pid, 0);

	if (i == TABLE_NONE)
		i = add(p, e->pid);
	if (e->kind == EVENT_PROCESS_JOIN)
		i = joined(p, i, e);
	else if (e->kind == EVENT_PROCESS_FORK)
		i = forked(p, i, e);
	set(&p->persons[i].procname, e->procname);
	return i;
}

const char *people_domain(const struct people *p, uint32_t i)
{
	return i < p->n_domains ? p->domains[i] : "";
}

void people_fini(struct people *p)
{
	for (uint32_t i = 0; i < p->n_persons; i++) {
		free(p->persons[i].procname);
		free(p->persons[i].name);
	}
	for (uint32_t i = 0; i < p->n_domains; i++)
		free(p->domains[i]);
	free(p->persons);
	free(p->domains);
	table_fini(&p->by_pid);
	table_fini(&p->by_process);
	*p = (struct people){0};
}
