// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the fuzzers share. A fuzzer is one file, fuzz_NAME.c, with the entry point that libFuzzer (LLVM) knows: it takes any
// bytes, gives them to one door of the program, and aborts if something comes out that must not. Two programs are made of
// each: with -Dfuzz=true and clang, NAME, which looks for inputs by itself; and always replay_NAME (replay.c), which plays the
// stored ones, as the test suite `fuzz`. tests/fuzz/run says how to let them run long.

#ifndef RITORNELLO_FUZZ_H
#define RITORNELLO_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The entry point. Returns 0.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// Stop the program if `holds` is false, with a word about what should have held.
void fuzz_must(bool holds, const char *what);

/// What is left of an input that is read as numbers. At its end there are only zeros.
struct fuzz_input {
  const uint8_t *at;
  size_t left;
};

uint8_t fuzz_byte(struct fuzz_input *input);
uint32_t fuzz_word(struct fuzz_input *input);

/// Return a number below `count`.
uint32_t fuzz_below(struct fuzz_input *input, uint32_t count);

/// Return a float: any bits, or one of those that are likely to be handled badly.
float fuzz_float(struct fuzz_input *input);

/// Take up to `most` bytes out of the input, as many as the next byte says; `*size` is how many.
const uint8_t *fuzz_take(struct fuzz_input *input, size_t most, size_t *size);

/// Write a text of up to `size` - 1 bytes, to the next line end, to `text`.
void fuzz_text(struct fuzz_input *input, char *text, size_t size);

/// Put `data` into a file that lies in memory and return its path, which is the same in every call.
const char *fuzz_file(const uint8_t *data, size_t size);

/// Return a folder of this process's own, which is gone when it ends.
const char *fuzz_folder(void);

/// Remove all that is in `folder`.
void fuzz_clear_folder(const char *folder);

#endif // RITORNELLO_FUZZ_H
