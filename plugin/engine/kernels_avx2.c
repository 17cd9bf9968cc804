// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels for AVX2 with FMA and F16C; compiled with these instructions allowed, and called only where they are there.

#define PART 8
#define ROWS 4
#define TILE_ROWS 2
#define TILE_VECTORS 3

#include "kernels_math.h"

#include <immintrin.h>

static inline part
part_fma(const part a, const part b, const part c) REALTIME
{
  return _mm256_fmadd_ps(a, b, c);
}

static inline part
part_widen(const uint16_t *const halves) REALTIME
{
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)halves));
}

static inline void
part_narrow(const part x, uint16_t *const halves) REALTIME
{
  _mm_storeu_si128((__m128i *)halves, _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

#include "kernels_body.h"
#include "kernels_private.h"

const struct kernels kernels_avx2 = KERNELS_BODY(KERNEL_AVX2, "AVX2");
