#ifndef OUTPUT_SELF_H
#define OUTPUT_SELF_H

/*
 * self.h - what the monitor itself costs
 */

#include "output/json.h"
#include "output/text.h"

/** As member "self". */
void self_json(struct json *j, const struct ipc_snapshot *s);

/** One line. */
void self_text(const struct text_style *st, const struct ipc_snapshot *s);

#endif
