// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Parts in registers, and the sixteen lanes of a sum. Whoever includes this file has included kernels.h and kernels_math.h; the
// lanes are KERNEL_LANES / PART parts.

#ifndef RITORNELLO_KERNELS_LANES_H
#define RITORNELLO_KERNELS_LANES_H

#include "kernels.h"
#include "kernels_math.h"

#include <stddef.h>
#include <string.h>

enum { PARTS = KERNEL_LANES / PART };

#define UNROLLED _Pragma("GCC unroll 16")

static inline part
part_load(const float *const x) REALTIME
{
  part result;
  memcpy(&result, x, sizeof(result));
  return result;
}

static inline void
part_store(float *const y, const part value) REALTIME
{
  memcpy(y, &value, sizeof(value));
}

// Load the first `count` floats at `x`, or all of a part's; the others are zero.
static inline part
part_load_some(const float *const x, const uint32_t count) REALTIME
{
  if (count >= PART) {
    return part_load(x);
  }
  part result = part_of(0.0F);
  for (uint32_t i = 0; i < count; ++i) {
    result[i] = x[i];
  }
  return result;
}

static inline void
part_store_some(float *const y, const part value, const uint32_t count) REALTIME
{
  if (count >= PART) {
    part_store(y, value);
  } else {
    for (uint32_t i = 0; i < count; ++i) {
      y[i] = value[i];
    }
  }
}

typedef float four __attribute__((vector_size(16)));
typedef float eight __attribute__((vector_size(32)));

// The one reduction tree: lane i + lane i + 8, then i + 4, then i + 2, then i + 1.
static inline float
lanes_sum(const part lanes[PARTS]) REALTIME
{
#if PART == 16
  const eight e = __builtin_shufflevector(lanes[0], lanes[0], 0, 1, 2, 3, 4, 5, 6, 7) +
                  __builtin_shufflevector(lanes[0], lanes[0], 8, 9, 10, 11, 12, 13, 14, 15);
  const four f = __builtin_shufflevector(e, e, 0, 1, 2, 3) + __builtin_shufflevector(e, e, 4, 5, 6, 7);
#elif PART == 8
  const part e = lanes[0] + lanes[1];
  const four f = __builtin_shufflevector(e, e, 0, 1, 2, 3) + __builtin_shufflevector(e, e, 4, 5, 6, 7);
#elif PART == 4
  const four f = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
#endif
  return (f[0] + f[2]) + (f[1] + f[3]);
}

// Return the highest of sixteen lanes, none of which is NaN, in all elements.
static inline part
lanes_highest(const part lanes[PARTS]) REALTIME
{
  part most = lanes[0];
  for (uint32_t p = 1; p < PARTS; ++p) {
    most = part_max(most, lanes[p]);
  }
#if PART == 16
  most = part_max(most, __builtin_shufflevector(most, most, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  most = part_max(most, __builtin_shufflevector(most, most, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  most = part_max(most, __builtin_shufflevector(most, most, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  most = part_max(most, __builtin_shufflevector(most, most, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
#elif PART == 8
  most = part_max(most, __builtin_shufflevector(most, most, 4, 5, 6, 7, 0, 1, 2, 3));
  most = part_max(most, __builtin_shufflevector(most, most, 2, 3, 0, 1, 6, 7, 4, 5));
  most = part_max(most, __builtin_shufflevector(most, most, 1, 0, 3, 2, 5, 4, 7, 6));
#elif PART == 4
  most = part_max(most, __builtin_shufflevector(most, most, 2, 3, 0, 1));
  most = part_max(most, __builtin_shufflevector(most, most, 1, 0, 3, 2));
#endif
  return most;
}

// The sums of four times sixteen lanes by that tree, in one go: four rows side by side after two steps
static inline four
lanes_sum_four(const part lanes[4 * PARTS]) REALTIME
{
#if PART == 16
  const part ab =
      __builtin_shufflevector(lanes[0], lanes[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
      __builtin_shufflevector(lanes[0], lanes[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  const part cd =
      __builtin_shufflevector(lanes[2], lanes[3], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
      __builtin_shufflevector(lanes[2], lanes[3], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  const part e = __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
                 __builtin_shufflevector(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  const part f = e + __builtin_shufflevector(e, e, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  const part g = f + __builtin_shufflevector(f, f, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
  return __builtin_shufflevector(g, g, 0, 4, 8, 12);
#elif PART == 8
  part e[4];
  for (unsigned r = 0; r < 4; ++r) {
    e[r] = lanes[2 * r] + lanes[2 * r + 1];
  }
  const part ab = __builtin_shufflevector(e[0], e[1], 0, 1, 2, 3, 8, 9, 10, 11) +
                  __builtin_shufflevector(e[0], e[1], 4, 5, 6, 7, 12, 13, 14, 15);
  const part cd = __builtin_shufflevector(e[2], e[3], 0, 1, 2, 3, 8, 9, 10, 11) +
                  __builtin_shufflevector(e[2], e[3], 4, 5, 6, 7, 12, 13, 14, 15);
  const part f = __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13) +
                 __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15); // a a c c b b d d
  const part g = f + __builtin_shufflevector(f, f, 1, 0, 3, 2, 5, 4, 7, 6);
  return __builtin_shufflevector(g, g, 0, 4, 2, 6);
#elif PART == 4
  four f[4];
  for (unsigned r = 0; r < 4; ++r) {
    f[r] = (lanes[4 * r] + lanes[4 * r + 2]) + (lanes[4 * r + 1] + lanes[4 * r + 3]);
  }
  const four ab = __builtin_shufflevector(f[0], f[1], 0, 1, 4, 5) + __builtin_shufflevector(f[0], f[1], 2, 3, 6, 7);
  const four cd = __builtin_shufflevector(f[2], f[3], 0, 1, 4, 5) + __builtin_shufflevector(f[2], f[3], 2, 3, 6, 7);
  return __builtin_shufflevector(ab, cd, 0, 2, 4, 6) + __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
#endif
}

#if PART == 16

// The same of eight. Where two rows meet, one is turned round, so that only one of two terms has to be shuffled: a sum is the
// same either way.
static inline eight
lanes_sum_eight(const part lanes[8]) REALTIME
{
  part h[4]; // Rows i and i + 4, eight lanes each
  for (unsigned i = 0; i < 4; ++i) {
    const part a = lanes[i];
    const part b = lanes[i + 4];
    h[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31) +
           __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
  }
  part q[2]; // Rows i, i + 2, i + 4, i + 6, four lanes each
  for (unsigned i = 0; i < 2; ++i) {
    const part a = h[i];
    const part b = h[i + 2];
    q[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 20, 21, 22, 23, 8, 9, 10, 11, 28, 29, 30, 31) +
           __builtin_shufflevector(a, b, 4, 5, 6, 7, 16, 17, 18, 19, 12, 13, 14, 15, 24, 25, 26, 27);
  }
  const part e = __builtin_shufflevector(q[0], q[1], 0, 1, 18, 19, 4, 5, 22, 23, 8, 9, 26, 27, 12, 13, 30, 31) +
                 __builtin_shufflevector(q[0], q[1], 2, 3, 16, 17, 6, 7, 20, 21, 10, 11, 24, 25, 14, 15, 28, 29);
  const part f = e + __builtin_shufflevector(e, e, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
  return __builtin_shufflevector(f, f, 0, 2, 4, 6, 8, 10, 12, 14);
}

// Sum the lanes of `count` rows, as many eights as there are, in lanes_store().
static inline __attribute__((always_inline)) uint32_t
lanes_store_eights(const part *const lanes, const uint32_t count, const float *const bias, float *const y) REALTIME
{
  uint32_t r = 0;
  for (; r + 8 <= count; r += 8) {
    eight sums = lanes_sum_eight(lanes + r);
    if (bias) {
      eight biases;
      memcpy(&biases, bias + r, sizeof(biases));
      sums += biases;
    }
    memcpy(y + r, &sums, sizeof(sums));
  }
  return r;
}

#else

static inline __attribute__((always_inline)) uint32_t
lanes_store_eights(const part *const lanes, const uint32_t count, const float *const bias, float *const y) REALTIME
{
  (void)lanes;
  (void)count;
  (void)bias;
  (void)y;
  return 0;
}

#endif

// Sum the lanes of `count` rows; add bias[r] if there is one.
static inline __attribute__((always_inline)) void
lanes_store(const part *const lanes, const uint32_t count, const float *const bias, float *const y) REALTIME
{
  uint32_t r = lanes_store_eights(lanes, count, bias, y);
  for (; r + 4 <= count; r += 4) {
    four sums = lanes_sum_four(lanes + (size_t)r * PARTS);
    if (bias) {
      four biases;
      memcpy(&biases, bias + r, sizeof(biases));
      sums += biases;
    }
    memcpy(y + r, &sums, sizeof(sums));
  }
  for (; r < count; ++r) {
    y[r] = bias ? lanes_sum(lanes + (size_t)r * PARTS) + bias[r] : lanes_sum(lanes + (size_t)r * PARTS);
  }
}

enum { LINE = 64, WEIGHTS_AHEAD = 3072, MEMORY_AHEAD = 4096 }; // Bytes

// Ask for what is read some bytes later, which the processor does not always foresee. Weights are not to stay in the caches
// that lie between: they are read once per step.
static inline __attribute__((always_inline)) void
fetch_weights(const void *const place, const size_t size) REALTIME
{
  for (size_t i = 0; i < size; i += LINE) {
    __builtin_prefetch((const char *)place + WEIGHTS_AHEAD + i, 0, 0);
  }
}

// The same of what attention remembers
static inline __attribute__((always_inline)) void
fetch_memory(const void *const place, const size_t size) REALTIME
{
  for (size_t i = 0; i < size; i += LINE) {
    __builtin_prefetch((const char *)place + MEMORY_AHEAD + i, 0, 0);
  }
}

#endif // RITORNELLO_KERNELS_LANES_H
