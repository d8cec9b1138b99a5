#ifndef RUNTIME_DESCRIPTORS_H
#define RUNTIME_DESCRIPTORS_H

/*
 * descriptors.h - the domain's descriptors, after somebody closed all there were
 *
 * Daemons do that (closefrom(3), close_range(2)), and children of programs that do not
 * trust their parents. It takes the liveness lock away, and the lock of the registry would
 * be taken on whatever file got the number next. So before they are used off the fast path
 * they are looked at, and opened anew if they are not what they were.
 */

/** Note what they are; once the domain is joined. */
void descriptors_note(void);

/** Open anew what was closed, and be alive again. */
void descriptors_mend(void);

#endif /* RUNTIME_DESCRIPTORS_H */
