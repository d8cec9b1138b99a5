#ifndef OUTPUT_JSON_H
#define OUTPUT_JSON_H

/*
 * json.h - JSON, written as it goes
 *
 *     json_object(&j, NULL);
 *     json_string(&j, "name", name);
 *     json_array(&j, "rows");
 *     ...
 *     json_end(&j);            closes the innermost
 *     json_end(&j);
 *
 * In an array a member's key is NULL. Commas and nesting are the writer's care.
 * Text that is not UTF-8 comes out as UTF-8 all the same: what is broken is
 * replaced by U+FFFD.
 */

#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH 16

struct json {
	FILE *to;
	int   depth;
	char  closing[JSON_DEPTH]; /* what ends each open one */
	int   n[JSON_DEPTH + 1];   /* members it has so far */
};

void json_init(struct json *j, FILE *to);

void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end(struct json *j);

/** @text may be NULL: null. */
void json_string(struct json *j, const char *key, const char *text);
/** IPC_UNKNOWN is null. */
void json_number(struct json *j, const char *key, uint64_t n);
/** With three digits behind the point; what is not finite is null. */
void json_real(struct json *j, const char *key, double v);
void json_bool(struct json *j, const char *key, int yes);
void json_null(struct json *j, const char *key);

#endif
