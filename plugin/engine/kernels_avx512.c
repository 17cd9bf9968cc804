// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels for AVX-512; compiled with these instructions allowed, and called only where they are there.

#define PART 16
#define ROWS 8
#define TILE_ROWS 4
#define TILE_VECTORS 5

#include "kernels_math.h"

#include <immintrin.h>

static inline part
part_fma(const part a, const part b, const part c) REALTIME
{
  return _mm512_fmadd_ps(a, b, c);
}

static inline part
part_widen(const uint16_t *const halves) REALTIME
{
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)halves));
}

static inline void
part_narrow(const part x, uint16_t *const halves) REALTIME
{
  _mm256_storeu_si256((__m256i *)halves, _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

// Return table[classes[i]] for the next PART classes, which are below KERNEL_CLASSES.
static inline part
part_look_up(const float *const table, const uint8_t *const classes) REALTIME
{
  const __m512i indices = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)classes));
  const __m512 low = _mm512_permutex2var_ps(_mm512_loadu_ps(table), indices, _mm512_loadu_ps(table + 16));
  const __m512 high = _mm512_permutexvar_ps(indices, _mm512_loadu_ps(table + 32));
  return _mm512_mask_blend_ps(_mm512_cmpge_epi32_mask(indices, _mm512_set1_epi32(32)), low, high);
}

#include "kernels_body.h"
#include "kernels_private.h"

const struct kernels kernels_avx512 = KERNELS_BODY(KERNEL_AVX512, "AVX-512");
