// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels in plain C. fmaf() is exact by the C standard, in software where the processor can't; slow there, but right.

#define PART 4
#define ROWS 4
#define TILE_ROWS 2
#define TILE_VECTORS 2

#include "kernels_math.h"

#include <math.h>
#include <string.h>

static inline part
part_fma(const part a, const part b, const part c) REALTIME
{
  part result;
  for (unsigned i = 0; i < PART; ++i) {
    result[i] = fmaf(a[i], b[i], c[i]);
  }
  return result;
}

// The bits of a half, moved to where a float has them, are the same number but for the bias of the exponent.
static inline part
part_widen(const uint16_t *const halves) REALTIME
{
  part_bits bits;
  for (unsigned i = 0; i < PART; ++i) {
    bits[i] = halves[i];
  }
  const part size = (part)((bits & 0x7FFF) << 13) * 0x1p112F;
  return (part)((part_bits)size | (bits & 0x8000) << 16);
}

// Return 2 * PART integers of eight bits.
static inline part_pairs
pairs_widen(const int8_t *const x) REALTIME
{
  typedef int8_t part_bytes __attribute__((vector_size(2 * PART)));
  part_bytes bytes;
  memcpy(&bytes, x, sizeof(bytes));
  return __builtin_convertvector(bytes, part_pairs);
}

// Return sums[i] + a[2 i] b[2 i] + a[2 i + 1] b[2 i + 1] for the PART pairs of integers.
static inline part_bits
part_products(const part_bits sums, const part_pairs a, const part_pairs b) REALTIME
{
  part_bits result;
  for (unsigned i = 0; i < PART; ++i) {
    result[i] = sums[i] + a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  }
  return result;
}

// Return table[classes[i]] for the next PART classes, which are below KERNEL_CLASSES.
static inline part
part_look_up(const float *const table, const uint8_t *const classes) REALTIME
{
  part result;
  for (unsigned i = 0; i < PART; ++i) {
    result[i] = table[classes[i]];
  }
  return result;
}

#include "kernels_body.h"
#include "kernels_private.h"

const struct kernels kernels_portable = KERNELS_BODY(KERNEL_PORTABLE, "portable");
