#include "record/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "text/mem.h"

/* ---- sites ------------------------------------------------------------------- */

static void more_sites(struct sampler *x)
{
	x->sites_room = 2 * x->sites_room + 16;
	x->sites = mem_grow(x->sites, x->sites_room, sizeof(*x->sites));
	x->texts = mem_grow(x->texts, x->sites_room, sizeof(*x->texts));
}

static void add_site(struct sampler *x, struct symbols *symbols, const struct ipc_snapshot *s,
		     uint32_t process, uint64_t address)
{
	const struct ipc_obs_process *p = &s->processes[process];
	uint64_t                      key = p->id * UINT64_C(0xd6e8feb86659fd93) ^ address;
	char                         *seen = address != 0 ? table_get(&x->seen, key, 1) : NULL;
	size_t                        i = x->sample.n_sites;

	if (seen == NULL || *seen)
		return;
	*seen = 1;
	if (i == x->sites_room)
		more_sites(x);
	x->sites[i] = (struct sample_site){.process = process, .address = address};
	symbols_site(symbols, p, address, x->texts[i], sizeof(x->texts[i]));
	x->sample.n_sites++;
}

static void drop_sites(struct sampler *x)
{
	x->sample.n_sites = 0;
	table_fini(&x->seen);
}

/* Every address of the snapshot that a line of source stands for. */
static void take_sites(struct sampler *x, const struct ipc_snapshot *s, struct symbols *symbols)
{
	for (size_t i = 0; i < s->n_waits; i++)
		add_site(x, symbols, s, s->threads[s->waits[i].thread].process, s->waits[i].site);
	for (size_t i = 0; i < s->n_holds; i++)
		add_site(x, symbols, s, s->threads[s->holds[i].thread].process, s->holds[i].site);
	for (size_t i = 0; i < s->n_ends; i++) {
		add_site(x, symbols, s, s->ends[i].process, s->ends[i].out_site);
		add_site(x, symbols, s, s->ends[i].process, s->ends[i].in_site);
	}
	for (size_t i = 0; i < x->sample.n_sites; i++) /* now that none moves any more */
		x->sites[i].text = x->texts[i];
}

/* ---- the rest ------------------------------------------------------------------ */

/* Asked for less often than samples are taken, so that no two of those tell it. */
static uint64_t rate_of(double cpu)
{
	return isnan(cpu) || cpu < 0 ? 0 : (uint64_t)(cpu * 1000) + 1;
}

static void take_usage(struct sampler *x, const struct frame *f)
{
	free(x->usage);
	x->usage = mem_new(f->s->n_processes, sizeof(*x->usage));
	for (size_t i = 0; i < f->s->n_processes; i++)
		x->usage[i] = (struct procfs_usage){.cpu_ns = f->processes[i].cpu_ns,
						    .rss_bytes = f->processes[i].rss_bytes,
						    .pid = f->processes[i].pid_here,
						    .user = f->processes[i].user,
						    .rate = rate_of(f->processes[i].cpu)};
	x->sample.n_usage = f->s->n_processes;
}

static void take_origin(struct sampler *x)
{
	if (x->sample.n_origin > 0)
		return;
	gethostname(x->host, sizeof(x->host) - 1);
	x->origin = (struct sample_origin){x->host, IPC_VERSION_STRING};
	x->sample.n_origin = 1;
}

const struct sample *sampler_take(struct sampler *x, const struct frame *f, struct symbols *symbols)
{
	drop_sites(x);
	take_usage(x, f);
	take_origin(x);
	x->sample.s = *f->s;
	if (symbols != NULL)
		take_sites(x, f->s, symbols);
	x->sample.usage = x->usage;
	x->sample.sites = x->sites;
	x->sample.origin = &x->origin;
	return &x->sample;
}

void sampler_fini(struct sampler *x)
{
	drop_sites(x);
	free(x->usage);
	free(x->sites);
	free(x->texts);
	*x = (struct sampler){0};
}
