#include "record/tape.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/mem.h"

void tape_init(struct tape *t, size_t most, int fd)
{
	*t = (struct tape){.most = most, .fd = fd};
}

void tape_fini(struct tape *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->entries[t->begin + i].data);
	free(t->entries);
	bytes_fini(&t->schema);
	if (t->fd >= 0)
		close(t->fd);
	*t = (struct tape){.fd = -1};
}

uint64_t tape_end(const struct tape *t)
{
	return t->first + t->n;
}

const struct tape_entry *tape_at(const struct tape *t, uint64_t number)
{
	if (number < t->first || number >= tape_end(t))
		return NULL;
	return &t->entries[t->begin + (number - t->first)];
}

static void drop_first(struct tape *t)
{
	struct tape_entry *e = &t->entries[t->begin++];

	t->bytes -= e->data != NULL ? e->bytes : 0;
	free(e->data);
	t->first++;
	t->n--;
}

/* From key to key: what lies between one that is gone and the next is of no use. The last key stays. */
static void make_room(struct tape *t)
{
	while (t->most > 0 && t->bytes > t->most && tape_key(t, tape_end(t) - 1) > t->first) {
		do {
			drop_first(t);
		} while (!t->entries[t->begin].key);
	}
}

static struct tape_entry *next_entry(struct tape *t)
{
	if (t->begin + t->n == t->room) {
		if (t->n > 0)
			memmove(t->entries, t->entries + t->begin, t->n * sizeof(*t->entries));
		t->begin = 0;
		if (t->n >= t->room / 2) {
			t->room = 2 * t->room + 64;
			t->entries = mem_grow(t->entries, t->room, sizeof(*t->entries));
		}
	}
	return &t->entries[t->begin + t->n++];
}

void tape_add(struct tape *t, const struct record_head *h, const uint8_t *data, uint64_t offset)
{
	struct tape_entry *e = next_entry(t);

	*e = (struct tape_entry){h->t_real_ns, offset, NULL, h->bytes, h->kind == RECORD_KEY};
	if (data == NULL)
		return;
	e->data = mem_copy(data, h->bytes, 1);
	t->bytes += h->bytes;
	make_room(t);
}

const uint8_t *tape_data(const struct tape *t, const struct tape_entry *e, struct bytes *scratch)
{
	if (e->data != NULL)
		return e->data;
	scratch->n = 0;
	bytes_more(scratch, e->bytes);
	if (pread(t->fd, scratch->p, e->bytes, (off_t)e->offset) != (ssize_t)e->bytes)
		return NULL; /* cut off since */
	return scratch->p;
}

uint64_t tape_key(const struct tape *t, uint64_t number)
{
	for (size_t i = number - t->first + 1; i-- > 0;)
		if (i < t->n && t->entries[t->begin + i].key)
			return t->first + i;
	return tape_end(t);
}

uint64_t tape_when(const struct tape *t, uint64_t t_real_ns)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->entries[t->begin + i].t_real_ns >= t_real_ns)
			return t->first + i;
	return t->n > 0 ? tape_end(t) - 1 : t->first;
}
