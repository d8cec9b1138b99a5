#ifndef SUPPORT_TEST_H
#define SUPPORT_TEST_H

/*
 * test.h - what every test program includes first
 *
 * cmocka's own assertions leave by longjmp, which is wrong in a thread and in a
 * forked child. The checks below are right everywhere: in the test's main
 * thread they fail the case; elsewhere they say why and end that process with
 * TEST_FAILED, and whoever waits for it sees that.
 *
 * Tests wait for conditions, never for a time, and have a deadline for all.
 */

/* cmocka wants these before it, in this order */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#undef fail /* base/error.h has a function of that name */

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <ipc/base.h>

#define TEST_FAILED  99 /* exit status of a child in which a check failed */
#define TEST_EXPIRED 98 /* exit status of who did not meet its deadline */
#define N_OF(array)  (sizeof(array) / sizeof(*(array)))

/* ---- checks ------------------------------------------------------------------- */

/** Fail with a printf-like reason. */
#define test_fail(...) test_fail_at(__FILE__, __LINE__, __VA_ARGS__)

/** @condition holds, or else fail. */
#define check(condition)                             \
	do {                                         \
		if (!(condition))                    \
			test_fail("%s", #condition); \
	} while (0)

/** Two integers are the same; prints both if not. */
#define check_eq(is, want) \
	test_check_eq((long long)(is), (long long)(want), #is, #want, __FILE__, __LINE__)

/** A call of the library returned @want; its own words are printed if not. */
#define check_r(call, want) test_check_r((long long)(call), (want), #call, __FILE__, __LINE__)

/** A call of the library returned 0. */
#define check_ok(call) check_r(call, 0)

/** ipc_explain() has @word in it. */
#define check_explains(word) test_check_explains((word), __FILE__, __LINE__)

_Noreturn void test_fail_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void test_check_eq(long long is, long long want, const char *is_text, const char *want_text,
		   const char *file, int line);
void test_check_r(long long r, long long want, const char *call, const char *file, int line);
void test_check_explains(const char *word, const char *file, int line);

/* ---- time ----------------------------------------------------------------------- */

/** End this process unless it is done, or sets another deadline, within @seconds. */
void test_deadline(unsigned seconds);

/** CLOCK_MONOTONIC [ns] */
uint64_t test_now(void);

/** Let others run for about a millisecond: for polling. */
void test_pause(void);

/** Burn @usec, to get at a random instant of what somebody else is doing. */
void test_burn(unsigned usec);

/** Poll until @condition holds, for at most @seconds; whether it did. */
#define wait_until(condition, seconds)                                        \
	({                                                                    \
		uint64_t end_ = test_now() + (uint64_t)(seconds)*1000000000u; \
		bool     is_ = (condition);                                   \
		while (!is_ && test_now() < end_) {                           \
			test_pause();                                         \
			is_ = (condition);                                    \
		}                                                             \
		is_;                                                          \
	})

/** A small random number generator, the same sequence for the same seed. */
uint32_t test_random(uint32_t *state);

/** N times as many rounds in release as under a sanitizer, which is that much slower. */
unsigned test_rounds(unsigned n);

/* ---- processes and threads --------------------------------------------------------- */

/**
 * Fork; the child runs @fn(@arg) and leaves by exit(3) of what it returned. It
 * has 60 s, or what it sets, and does not outlive the thread that forked it.
 */
pid_t test_fork(int (*fn)(void *arg), void *arg);

/** Wait for a child: its exit status, or minus the signal that killed it. */
int test_wait(pid_t pid);

/** SIGKILL a child and wait for it. */
void test_kill(pid_t pid);

/** Fork, run, wait. */
int test_run(int (*fn)(void *arg), void *arg);

/** Fork, run, wait; anything but status 0 is a failure. */
#define check_child(fn, arg) check_eq(test_run((fn), (arg)), 0)

/** Is @pid asleep in the kernel (state S)? For "wait until it waits". */
bool test_asleep(pid_t pid);

/** The same at each of @looks, 300 us apart: many calls sleep for a moment. */
bool test_stays_asleep(pid_t pid, unsigned looks);

/** Start the program tests/system/prog_@name with up to two arguments; its pid. */
pid_t test_program(const char *name, const char *arg1, const char *arg2);

pthread_t test_thread(void *(*fn)(void *arg), void *arg);
void      test_join_thread(pthread_t t);

/* ---- places ---------------------------------------------------------------------------- */

/** $BUILD_DIR, $TEST_TMP, $IPC_DIR, with a default where that makes sense; never NULL. */
const char *test_build_dir(void);
const char *test_tmp(void);
const char *test_ipc_dir(void);

/**
 * Make an empty directory under the program's first $IPC_DIR and make it this
 * process's $IPC_DIR: what other cases left behind is not in it.
 */
void test_new_ipc_dir(void);

/** Files and directories in @path, without "." and ".."; -1: it is not there. */
int test_count_files(const char *path);

/** Memory that files below @path really take [bytes]. */
uint64_t test_disk_usage(const char *path);

/**
 * Is @path in a tmpfs with a size? Only there may a test ask for more than there is:
 * elsewhere the kernel would really try.
 */
bool test_room_is_limited(const char *path);

/** Memory that forked children share with this process; zeroed, for the rest of the program. */
void *test_shared(size_t bytes);

/* ---- messages that can be verified --------------------------------------------------- */

/** Fill @len bytes with what only @seed makes. */
void test_pattern(void *buf, size_t len, uint32_t seed);
/** Is that what is in @buf? */
bool test_pattern_is(const void *buf, size_t len, uint32_t seed);

#endif /* SUPPORT_TEST_H */
