#ifndef RECORD_WRITER_H
#define RECORD_WRITER_H

/*
 * writer.h - a recording being written
 *
 * One write() per sample, so what is there is whole whatever ends the program;
 * and a record that did not fit is taken back.
 */

#include "record/encode.h"
#include "record/pack.h"
#include "record/sampler.h"

struct writer {
	int            fd;
	int            is_file;
	char           path[512];
	struct encoder encoder;
	struct packer *packer;
	struct sampler sampler;
	struct bytes   payload, packed;
	uint64_t       bytes, n_samples; /* written */
	char           why[768];         /* after an error, in a sentence */
};

/**
 * Begin one at @path, "-" is standard output; a file that exists is left alone:
 * -EEXIST. 0 or a negative errno, with the reason in @w->why.
 */
int writer_open(struct writer *w, const char *path);

/** One more sample. After an error the writer is closed, and what was written before is good. */
int writer_add(struct writer *w, const struct frame *f, struct symbols *symbols);

int  writer_is_open(const struct writer *w);
void writer_close(struct writer *w);

#endif
