#ifndef CRASH_MESSAGE_H
#define CRASH_MESSAGE_H

#include "scene.h"

/* The play of all operations that put and get. */
extern const struct play messages;

/* ---- what the parts of it share ---------------------------------------------------------- */

#define MESSAGE_LIMIT IPC_SEC(5) /* for who must not have to wait */

extern unsigned char message[MESSAGE_MAX]; /* the victim's, or the room for it */
extern ssize_t       n_message;

bool message_puts(const struct scene *s);
void message_stage_put(struct scene *s);
void message_stage_get(struct scene *s);
void message_prepare(struct scene *s);
void message_others(struct scene *s);
void message_prime(struct scene *s);
void message_ready(struct scene *s);

/* ---- what the victim does --------------------------------------------------------------------- */

void message_act_put(struct scene *s);
void message_act_get(struct scene *s);
void message_act_get_done(struct scene *s);

#endif /* CRASH_MESSAGE_H */
