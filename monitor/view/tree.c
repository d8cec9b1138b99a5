#include "text/utf8.h"
#include "view/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/ui.h"

/* Deeper than this only the number of levels is drawn. */
#define DEPTH_DRAWN 12

struct glyphs {
	const char *down, *none, *fork, *end;
};

static const struct glyphs ascii = {"|  ", "   ", "|- ", "`- "};
static const struct glyphs lines = {"\u2502  ", "   ", "\u251c\u2500 ", "\u2514\u2500 "};

void tree_branch(const struct frame *f, uint32_t i, struct caps caps, char *ret, size_t size)
{
	const struct glyphs     *g = caps.utf8 ? &lines : &ascii;
	const struct chain_line *l = &f->chain.lines[i];
	const char              *parts[DEPTH_DRAWN];
	uint32_t                 depth = l->depth;
	size_t                   n = 0;

	ret[0] = 0;
	if (depth > DEPTH_DRAWN) {
		(void)snprintf(ret, size, "%" PRIu32 " levels down: ", depth);
		return;
	}
	/* From the line up to its root; the root itself has nothing before it. */
	for (uint32_t k = depth; k > 0; k--) {
		if (k == depth)
			parts[k - 1] = l->last ? g->end : g->fork;
		else
			parts[k - 1] = l->last ? g->none : g->down;
		l = &f->chain.lines[l->parent];
	}
	for (uint32_t k = 0; k < depth; k++)
		n += (size_t)snprintf(ret + n, n < size ? size - n : 0, "%s", parts[k]);
}

static struct words runner(const struct frame *f, const struct chain_line *l)
{
	const struct ipc_obs_process *p = &f->s->processes[l->process];
	int                           dead = p->life == IPC_OBS_DEAD;
	struct words                  r = {.role = dead ? ROLE_DEAD : ROLE_OK};

	snprintf(r.text, sizeof(r.text), "%" PRIu64 "/%.63s  %s", p->pid, p->name,
		 dead                          ? "is dead"
		 : p->life == IPC_OBS_STARTING ? "is starting"
					       : "is running");
	return r;
}

struct words tree_words(const struct frame *f, uint32_t i)
{
	const struct chain_line *l = &f->chain.lines[i];
	struct words             r;

	if (l->wait == IPC_NO_INDEX)
		return runner(f, l);
	r.role = object_listing(OBJECT_WAIT)->role(f, l->wait);
	snprintf(r.text, sizeof(r.text), "%.160s  %s%.160s",
		 utf8_part(words_who(f, &f->s->waits[l->wait]).text, 160).text,
		 l->closes ? "<== " : "", utf8_part(f->s->waits[l->wait].text, 160).text);
	return r;
}

struct words tree_needs(const struct frame *f, uint32_t i)
{
	const struct chain_line *l = &f->chain.lines[i];
	struct words             r = {.role = ROLE_DIM};

	if (l->wait != IPC_NO_INDEX)
		return words_needs(f, l->wait);
	snprintf(r.text, sizeof(r.text), "-");
	return r;
}

const char *tree_site(const struct frame *f, uint32_t i)
{
	const struct chain_line *l = &f->chain.lines[i];

	return l->wait != IPC_NO_INDEX ? f->waits[l->wait].site : f->processes[l->process].site;
}
