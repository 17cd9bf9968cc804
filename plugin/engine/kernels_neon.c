// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels for NEON, which every 64-bit ARM processor has; nothing elsewhere.

#include "kernels_private.h"

#if defined(__aarch64__)

#  define PART 4
#  define ROWS 4
#  define TILE_ROWS 2
#  define TILE_VECTORS 2

#  include "kernels_math.h"

#  include <arm_neon.h>

static inline part
part_fma(const part a, const part b, const part c) REALTIME
{
  return (part)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}

static inline part
part_widen(const uint16_t *const halves) REALTIME
{
  return (part)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(halves)));
}

// Return 2 * PART integers of eight bits.
static inline part_pairs
pairs_widen(const int8_t *const x) REALTIME
{
  return (part_pairs)vmovl_s8(vld1_s8(x));
}

// Return sums[i] + a[2 i] b[2 i] + a[2 i + 1] b[2 i + 1] for the PART pairs of integers.
static inline part_bits
part_products(const part_bits sums, const part_pairs a, const part_pairs b) REALTIME
{
  const int32x4_t low = vmull_s16(vget_low_s16((int16x8_t)a), vget_low_s16((int16x8_t)b));
  return sums + (part_bits)vpaddq_s32(low, vmull_high_s16((int16x8_t)a, (int16x8_t)b));
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

#  include "kernels_body.h"

const struct kernels kernels_neon = KERNELS_BODY(KERNEL_NEON, "NEON");

#endif
