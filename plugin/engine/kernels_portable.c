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

// Subnormal halves are rounded by the addition of a number whose last bit is theirs, the others by adding to the bits.
static inline void
part_narrow(const part x, uint16_t *const halves) REALTIME
{
  const part_bits bits = (part_bits)x & INT32_MAX;
  const part_bits subnormal = (part_bits)((part)bits + 0.5F) - (part_bits)part_of(0.5F);
  const part_bits normal = (bits - (112 << 23) + 0xFFF + (bits >> 13 & 1)) >> 13;
  const part_bits is_subnormal = bits < (113 << 23);
  const part_bits sign = (part_bits)x >> 16 & 0x8000;
  const part_bits result = (is_subnormal & subnormal) | (~is_subnormal & normal) | sign;
  for (unsigned i = 0; i < PART; ++i) {
    halves[i] = (uint16_t)result[i];
  }
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
