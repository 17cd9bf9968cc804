// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Loops that read a block and do next to nothing with it, as the compiler and the processor allow: in parts of 16, 32 and 64
// bytes, with and without asking for what comes later.

#include "reading.h"

#include "engine/block.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 60, LINES = 8, LINE = 64, AHEAD = 2048, STEP = LINES * LINE };

typedef uint64_t line __attribute__((vector_size(LINE)));
typedef uint64_t (*reader)(const char *block, size_t size);

#define READER(name, attributes, ahead)                                                                                \
  attributes static uint64_t name(const char *const block, const size_t size)                                          \
  {                                                                                                                    \
    line sums[LINES] = {{0}};                                                                                          \
    for (size_t i = 0; i < size; i += STEP) {                                                                          \
      for (unsigned j = 0; j < LINES; ++j) {                                                                           \
        line value;                                                                                                    \
        memcpy(&value, block + i + (size_t)j * LINE, sizeof(value));                                                   \
        if (ahead) {                                                                                                   \
          __builtin_prefetch(block + i + (size_t)j * LINE + (ahead));                                                  \
        }                                                                                                              \
        sums[j] |= value;                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    for (unsigned j = 1; j < LINES; ++j) {                                                                             \
      sums[0] |= sums[j];                                                                                              \
    }                                                                                                                  \
    return sums[0][0] | sums[0][7];                                                                                    \
  }

READER(read_plain, , 0)
READER(read_plain_ahead, , AHEAD)
#if defined(__x86_64__)
READER(read_avx2, __attribute__((target("avx2"))), 0)
READER(read_avx2_ahead, __attribute__((target("avx2"))), AHEAD)
READER(read_avx512, __attribute__((target("avx512f"))), 0)
READER(read_avx512_ahead, __attribute__((target("avx512f"))), AHEAD)
#endif

double
reading_clock(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double
best_of(const reader read, const char *const block, const size_t size)
{
  double best = 1e9;
  volatile uint64_t sink = 0;
  const unsigned passes = 1 + (unsigned)((1 << 20) / (size + 1));
  for (unsigned i = 0; i < ROUNDS; ++i) {
    const double begin = reading_clock();
    for (unsigned j = 0; j < passes; ++j) {
      sink = sink | read(block, size);
    }
    const double seconds = (reading_clock() - begin) / passes;
    best = seconds < best ? seconds : best;
  }
  return best;
}

double
reading_seconds(const size_t size)
{
  const size_t whole = (size + STEP - 1) / STEP * STEP;
  char *const block = block_new(whole);
  if (!block) {
    return 0.0;
  }
  reader readers[6] = {read_plain, read_plain_ahead};
  unsigned count = 2;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    readers[count++] = read_avx2;
    readers[count++] = read_avx2_ahead;
  }
  if (__builtin_cpu_supports("avx512f")) {
    readers[count++] = read_avx512;
    readers[count++] = read_avx512_ahead;
  }
#endif
  double best = 1e9;
  for (unsigned i = 0; i < count; ++i) {
    const double seconds = best_of(readers[i], block, whole);
    best = seconds < best ? seconds : best;
  }
  block_free(block);
  return best * (double)size / (double)whole;
}
