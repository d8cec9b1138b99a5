"""The host of a round with multiprocessing.Queue: what round.c and role.c are for the others.

Messages are bytes, of the same make; the board is shared memory at descriptor 9 (rivals.h).
"""

import ctypes
import mmap
import multiprocessing
import os
import signal
import struct
import time

PRODUCERS, CONSUMERS, DEPTH = 2, 2, 8
MESSAGE_MIN, MESSAGE_MAX, MESSAGES_MAX = 16, 240, 100000
BOARD_FD = 9
RUN, PAUSE, END = range(3)
PID, STEPS, TORN, PAUSED, ENDED, STATUS = range(6)
WORDS = 2 + 6 * (PRODUCERS + CONSUMERS)

memory = mmap.mmap(BOARD_FD, 0)
words = (ctypes.c_uint64 * WORDS).from_buffer(memory)


def at(role, field):
    return 2 + 6 * role + field


def make(producer, seq):
    length = MESSAGE_MIN + (seq * 7919 + producer * 31) % 2**32 % (MESSAGE_MAX - MESSAGE_MIN)
    head = struct.pack("=IIQ", producer, seq, 2**64 - 1 - seq)
    return head + bytes([(seq * 13 + producer) & 0xFF]) * (length - len(head))


def produce(queue, producer):
    seq = 0
    while seq < MESSAGES_MAX and words[0] == RUN:
        queue.put(make(producer, seq))
        seq += 1
        words[at(producer, STEPS)] = seq
    words[at(producer, PAUSED)] = 1
    while words[0] != END:
        time.sleep(0.001)
    for _ in range(words[1]):
        queue.put(b"\0")


def consume(queue, consumer):
    me = PRODUCERS + consumer
    while True:
        message = queue.get()
        if len(message) == 1:
            return
        producer, seq = struct.unpack_from("=II", message) if len(message) >= 16 else (PRODUCERS, 0)
        if producer < PRODUCERS and seq < MESSAGES_MAX and message == make(producer, seq):
            cell = 8 * WORDS + (consumer * PRODUCERS + producer) * MESSAGES_MAX + seq
            memory[cell] = memory[cell] + 1
        else:
            words[at(me, TORN)] += 1
        words[at(me, STEPS)] += 1


def start(role, queue):
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        status = 1
        words[at(role, PID)] = os.getpid()
        try:
            if os.getppid() == parent:
                produce(queue, role) if role < PRODUCERS else consume(queue, role - PRODUCERS)
                queue.close()
                queue.join_thread()
                status = 0
        finally:
            os._exit(status)
    return pid


def main():
    queue = multiprocessing.Queue(DEPTH)
    role_of = {start(role, queue): role for role in range(PRODUCERS + CONSUMERS)}
    while role_of:
        pid, status = os.wait()
        role = role_of.pop(pid)
        words[at(role, STATUS)] = status
        words[at(role, ENDED)] = 1


os.dup2(os.open(os.devnull, os.O_RDWR), 2)  # a traceback is counted, not shown
main()
