#ifndef COUNT_SUBJECTS_H
#define COUNT_SUBJECTS_H

/*
 * subjects.h - what is counted, and what the ways to use a pipe or a queue share
 */

#include <ipc/conn.h>
#include <ipc/queue.h>

#include "count.h"

/* subjects.c: by copying */
extern const struct subject pipe_subject, duplex_subject, queue_subject, joinable_subject,
	simple_subject;

/* ways_*.c: in place, in pieces, in batches */
extern const struct subject pipe_in_place, pipe_reserved, pipe_in_pieces, pipe_in_batches;
extern const struct subject queue_in_place, queue_reserved, queue_in_pieces, queue_in_batches;

int       pipe_open(void **ret);
ipc_conn *pipe_reader(void *it);
ipc_conn *pipe_writer(void *it);
void      pipe_close(void *it);

int  queue_open(void **ret);
void queue_close(void *it);

/* ways.c */

#define PIECES 2

/** The message of @len bytes at @buf, in pieces. */
void way_cut(struct iovec iov[PIECES], const void *buf, size_t len);

/** BATCH messages of @len bytes, all of them at @buf: nobody looks at what is in them. */
void way_fill(struct ipc_buf batch[BATCH], const void *buf, size_t len);

/** 0 if all of a batch went; else why not. */
int way_all(ssize_t n);

#endif /* COUNT_SUBJECTS_H */
