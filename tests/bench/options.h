#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "bench.h"
#include "measure.h"

enum output { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_MARKDOWN, OUTPUT_BARS };

struct options {
	enum output              output;
	struct effort            effort;
	unsigned                 cases; /* bits */
	unsigned                 n_sizes, n_impls;
	size_t                   size[MAX_SIZES]; /* none: what each case is measured with */
	const struct bench_impl *impl[MAX_IMPLS];
};

/** From the command line; does not return from --help, --list, or what it cannot make sense of. */
void options_parse(struct options *o, int argc, char **argv);

#endif /* BENCH_OPTIONS_H */
