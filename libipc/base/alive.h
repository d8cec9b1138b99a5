#ifndef BASE_ALIVE_H
#define BASE_ALIVE_H

/*
 * alive.h - the lock that tells the living from the dead
 *
 * A process in slot i of a domain holds a POSIX record lock on byte i of the
 * file `alive` for as long as it lives. The kernel drops it when the process
 * ends, however it ends, and at no other time: stopped, swapped, or with its
 * leader thread gone, it is held; a zombie's is not. It works between pid
 * namespaces, and asking costs one system call.
 *
 * fork(2) does not hand POSIX locks on. Between fork and the child's own claim
 * the slot is kept by byte i of the file `fork`, locked through an open file
 * description (OFD) that parent and child share.
 *
 * Who is alive, by the state of the record in slot i:
 *
 *     LIVE     byte i of `alive` is locked, or the record is the asker's own
 *     FORKING  byte i of `fork` or of `alive` is locked
 *     other    dead, or not there
 *
 * "The asker's own" must be told by pid, start time and pid namespace: a lock
 * never conflicts with its owner, so F_GETLK does not report one's own.
 * Nobody holds a lock in a copy of the directory: there, all are dead.
 *
 * There is one way to lose the lock and live: to close every descriptor one has, as
 * daemons do (closefrom(3), close_range(2)). So a lock that is gone is no proof yet. In
 * one's own pid namespace the proof is that no process of that pid and start time has
 * the registry mapped (proc_has_mapped()): a mapping goes with death and with exec, and
 * in no other way. Who lost its lock claims it anew (runtime/descriptors.c).
 */

#include <stdbool.h>
#include <stdint.h>

#define ALIVE_FILE "alive"
#define FORK_FILE  "fork"

/**
 * alive_open() - the one descriptor this process has of dir/file
 * @write: a claim will be made on it: it is kept for ever
 *
 * Each file is opened once per process and never twice; later calls return the
 * same descriptor (see the trap in alive.c). Never close(2) it.
 *
 * Threads: any; safe across fork(2) in any thread.
 * Return: a descriptor, or the errno of open(2), with an explanation
 */
int alive_open(const char *dir, const char *file, bool write);

/*
 * @fd, which alive_open() once returned for dir/file, was closed over its head, as by
 * close_range(2), and all locks on it went with it: open the file anew, to claim on.
 * The new descriptor, or the errno of open(2).
 */
int alive_reopen(int fd, const char *dir, const char *file);

/* An asker (alive_open() without @write) is done with it. */
void alive_drop(int fd);

/*
 * @fd is of a file that was made and unlinked again before anything was claimed on it: close
 * it, unless somebody asks there.
 */
void alive_discard(int fd);

/* Lock byte @slot: 0, or -EAGAIN if another process has it. */
int alive_claim(int fd, uint64_t slot);
int alive_release(int fd, uint64_t slot);

/* Does another process, or any OFD, hold byte @slot? 1, 0, or a negative errno. */
int alive_asks(int fd, uint64_t slot);

/* A new open file description of dir/fork. The caller's to close: it carries OFD locks only. */
int alive_fork_open(const char *dir);
int alive_fork_claim(int fd, uint64_t slot);
int alive_fork_release(int fd, uint64_t slot);

#endif /* BASE_ALIVE_H */
