// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels for AVX2 with FMA and F16C; compiled with these instructions allowed, and called only where they are there.

#define PART 8
#define ROWS 4
#define TILE_ROWS 2
#define TILE_VECTORS 2

#include "kernels_math.h"

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

// Return 2 * PART integers of eight bits.
static inline part_pairs
pairs_widen(const int8_t *const x) REALTIME
{
  return (part_pairs)_mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)x));
}

// Return sums[i] + a[2 i] b[2 i] + a[2 i + 1] b[2 i + 1] for the PART pairs of integers.
static inline part_bits
part_products(const part_bits sums, const part_pairs a, const part_pairs b) REALTIME
{
  return sums + (part_bits)_mm256_madd_epi16((__m256i)a, (__m256i)b);
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
