#ifndef IPC_MSG_H
#define IPC_MSG_H

/*
 * ipc/msg.h - messages in place, and batches of messages
 *
 * Sending copies a payload into shared memory, receiving copies it out. Where
 * that costs too much it is made and read where it lies, by a struct ipc_msg:
 *
 *     sender                               receiver
 *       ipc_queue_reserve(q, n, &m, …)       ipc_queue_take(q, &m, …)
 *       write at m.data                      read, or write, at m.data
 *       ipc_queue_commit(q, &m, …)           ipc_queue_release(q, &m)
 *       (or ipc_queue_abort(q, &m))
 *
 * and the same with ipc_conn_* for connections. Both sides are free to mix this
 * with put and get, send and recv: a message does not tell how it was made. A
 * message of a megabyte costs what one of 64 bytes does.
 *
 * What is held is the program's alone. A message gets its place among others
 * at commit, not at reserve, so whoever takes its time in between, sleeps or is
 * killed holds up nobody, abort is free, and several may be held at a time, in
 * any order. For the same reason it is commit that waits while the queue or the
 * connection is full, and that can fail; the message stays reserved then, to be
 * committed again or aborted.
 *
 * Who dies with messages reserved leaves nothing behind; messages it had taken
 * went with it, as if it had died in get: those that are longer than 96 bytes are
 * counted as taken by the dead, shorter ones as received. Their memory is used
 * again once the death was noticed, as everything else the dead had.
 *
 * A held message belongs to the process and not to the thread that got it: any
 * of its threads may finish it, one at a time. A child made by fork(2) does not own
 * what its parent holds: commit, abort and release answer -EINVAL there and
 * leave the parent's message alone. Its data must not be looked at in the child:
 * it may be somebody else's by then.
 *
 * Finish what is held before the handle is closed: then m.data is no longer
 * mapped. The memory of messages that were not is free again with the last
 * handle this process has to the object.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

/** Payloads up to this lie in the struct ipc_msg itself while they are held [bytes]. */
#define IPC_MSG_SHORT 96

/**
 * struct ipc_msg - one message, held in place
 * @data:       the payload; aligned to 16 bytes, and to 64 if longer than
 *              IPC_MSG_SHORT. Valid while the message is held.
 * @len:        its length [bytes]. May be lowered before commit.
 * @type:       what it is, in the program's own numbering: set before commit,
 *              there after take; 0 if the sender said nothing
 * @attempt:    after take, of a task that comes back when its process dies
 *              (IPC_TASKS_REQUEUE): 1 if nobody had it before, else how often it was
 *              got by now; 0 in any other queue
 *
 * It needs no initialisation. Do not copy it while the message is held, and do
 * not write to fields that are not listed: a short payload lies in it.
 */
struct ipc_msg {
	void         *data;
	size_t        len;
	uint32_t      type;
	uint32_t      ipc_state;
	const void   *ipc_handle;
	uint64_t     *ipc_owner;
	uint64_t      ipc_process;
	uint64_t      ipc_block;
	uint64_t      ipc_room;
	uint64_t      ipc_stamp;
	uint32_t      attempt;
	uint32_t      ipc_pad;
	uint64_t      ipc_spare[1];
	unsigned char ipc_short[IPC_MSG_SHORT] __attribute__((aligned(16)));
};

/**
 * How long ago it was put [ns], of a message that was taken and is held; 0 for
 * any other. Exact to about a microsecond, or a thousandth. Reads a clock.
 */
IPC_API ipc_nsec ipc_msg_age(const struct ipc_msg *msg);

/**
 * struct ipc_buf - one message of a batch
 * @data:       the payload; or where it is to be received
 * @cap:        receiving: room at @data [bytes]; sending: not looked at
 * @len:        its length [bytes]; receiving: set
 * @type:       as in struct ipc_msg; receiving: set
 */
struct ipc_buf {
	void    *data;
	size_t   cap;
	size_t   len;
	uint32_t type;
};

IPC_END_DECLS

#endif /* IPC_MSG_H */
