/*
 * graph.c - who keeps whom waiting, as text and as JSON
 */
#include <inttypes.h>
#include <string.h>

#include "output/dump.h"
#include "output/text.h"
#include "text/number.h"
#include "text/utf8.h"
#include "view/tree.h"

static void put_line(const struct text_style *st, const struct frame *f, uint32_t i)
{
	const struct chain_line *l = &f->chain.lines[i];
	struct words             w = tree_words(f, i);
	char                     branch[128], out[2 * WORDS_BYTES + SITE_BYTES];
	size_t                   n;

	tree_branch(f, i, st->caps, branch, sizeof(branch));
	n = (size_t)snprintf(out, sizeof(out), "%s%s%.400s", l->depth == 0 ? "ROOT " : "     ",
			     branch, utf8_part(w.text, 400).text);
	if (l->wait != IPC_NO_INDEX)
		snprintf(out + n, sizeof(out) - n, "  %s  %s",
			 number_duration(f->waits[l->wait].age_ns).text, f->waits[l->wait].site);
	else if (f->processes[l->process].site[0] != 0)
		snprintf(out + n, sizeof(out) - n, ", last at %s", f->processes[l->process].site);
	text_line(st, w.role, out);
}

/* Under a wait, where what hangs below it begins: what would end it. */
static void put_needs(const struct text_style *st, const struct frame *f, uint32_t i)
{
	const struct chain_line *l = &f->chain.lines[i];
	char                     out[WORDS_BYTES + 128];
	int                      indent = 5 + 3 * (int)(l->depth < 12 ? l->depth : 12);

	if (l->wait == IPC_NO_INDEX)
		snprintf(out, sizeof(out), "%*s%" PRIu32 " thread%s behind it, %s added up",
			 indent + 2, "", l->n_behind, l->n_behind == 1 ? "" : "s",
			 number_duration(l->behind_ns).text);
	else
		snprintf(out, sizeof(out), "%*sneeds %.300s%s", indent + 2, "",
			 utf8_part(tree_needs(f, i).text, 300).text,
			 l->closes ? "  <== closes the circle" : "");
	text_line(st, ROLE_NORMAL, out);
}

void text_graph(const struct text_style *st, const struct frame *f)
{
	for (uint32_t i = 0; i < f->chain.n; i++) {
		put_line(st, f, i);
		put_needs(st, f, i);
	}
	if (f->s->n_waits == 0)
		text_line(st, ROLE_OK, "no thread is waiting");
}

void graph_json(FILE *to, const struct frame *f)
{
	struct json j;

	json_init(&j, to);
	json_object(&j, NULL);
	json_string(&j, "schema", "ipcmon.graph/1");
	json_number(&j, "t_mono_ns", f->s->t_mono_ns);
	json_string(&j, "domain", f->s->domain);
	dump_tables(&j, f, DUMP_WAITS); /* an edge from each to each of its holders */
	dump_verdicts(&j, f);
	json_end(&j);
	putc('\n', to);
	fflush(to);
}
