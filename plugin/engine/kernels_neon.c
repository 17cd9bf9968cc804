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

static inline void
part_narrow(const part x, uint16_t *const halves) REALTIME
{
  vst1_u16(halves, vreinterpret_u16_f16(vcvt_f16_f32((float32x4_t)x)));
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
