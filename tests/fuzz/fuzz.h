#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

/* fuzz.h - what a target is, in the words of libFuzzer */

#include <stddef.h>
#include <stdint.h>

/** Once, before the first input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/** One input; returns 0. A finding is a crash, or a sanitizer's report, or not coming back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* FUZZ_FUZZ_H */
