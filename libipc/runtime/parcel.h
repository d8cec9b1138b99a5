#ifndef RUNTIME_PARCEL_H
#define RUNTIME_PARCEL_H

/*
 * parcel.h - handles inside messages
 *
 * A handle that is sent becomes an end of its own, a parcel: it has the handle's rights, so
 * the other side of what is sent sees no end of file while it travels, and a verdict takes
 * the object for one that somebody may yet use. It is nobody's handle. Its message names it;
 * the receiver opens a handle of its own, and does away with it.
 *
 *     .process   who sent it; 0: that process has gone, and the message is there for others
 *     .carrier   whose message it is in
 *     .carried   which one: written after the position was claimed, before it is published
 *
 * It ends with whichever comes first:
 *
 *     it is received, with or without being asked for     who receives it
 *     the send fails                                      its sender
 *     the sender dies, the message not published          who closes the slot for the dead,
 *                                                         or, before it had a position, who
 *                                                         removes the ends of the dead
 *     the receiver dies, the handle not opened            who recovers its claim
 *     the carrier goes, or nobody is left to receive      whose end was the last
 *     from it; or it can only be had out of messages
 *     that lie in one another
 *
 * Killed between any two steps: each is an end made or removed under the registry lock, and
 * what that leaves is repaired as for any end. Opened and not yet done away with: the
 * receiver's ends go with it, the parcel with its claim. Counts (object_rec.inflight,
 * header.n_parcels) are made anew from the ends.
 */

#include <ipc/base.h>

#include "runtime/object.h"

/**
 * A parcel of @what, for a message of @carrier. Takes the registry lock, within @timeout; -ENOSPC,
 * -ENOBUFS; -ETIMEDOUT, or -EAGAIN where nothing was to be waited for.
 */
int parcel_make(const struct handle *what, ref carrier, ipc_nsec timeout, ref *ret);

/** Its message lies at @pos of @ring. By its sender, who has claimed that and not published it. */
void parcel_load(ref parcel, unsigned ring, uint64_t pos);

/** What it is a handle to; KIND_NONE: there is no such parcel (any more). */
enum object_kind parcel_kind(ref parcel, ref carrier);

/** Nobody wants it. Takes the registry lock. */
void parcel_drop(ref parcel, ref carrier);

/* ---- under the registry lock ------------------------------------------------- */

/** The end that is @parcel, if it is one of @carrier's, which a message need not be right about. */
struct end_rec *parcel_at(ref parcel, ref carrier);

/** The message at @pos of @ring went with the dead, and what was in it. */
void parcel_lost(ref carrier, unsigned ring, uint64_t pos);

/** The sender of @end is going: true if that is a parcel which others may still receive. */
bool parcel_outlives_sender(uint32_t end);

/** Remove those that nobody can receive any more. */
void parcels_sweep(void);

#endif /* RUNTIME_PARCEL_H */
