// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels for AVX2 with FMA and F16C; compiled with these instructions allowed, and called only where they are there.

#define PART 8
#define ROWS 4
#define TILE_ROWS 2
#define TILE_VECTORS 2

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

// Return table[classes[i]] for the next PART classes, which are below KERNEL_CLASSES.
static inline part
part_look_up(const float *const table, const uint8_t *const classes) REALTIME
{
  const __m256i indices = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)classes));
  return _mm256_i32gather_ps(table, indices, sizeof(*table));
}

#include "kernels_body.h"
#include "kernels_private.h"

const struct kernels kernels_avx2 = KERNELS_BODY(KERNEL_AVX2, "AVX2");
