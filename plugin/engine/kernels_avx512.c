// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels for AVX-512; compiled with these instructions allowed, and called only where they are there.

#define PART 16
#define ROWS 8
#define TILE_ROWS 4
#define TILE_VECTORS 5

#include "kernels_math.h"

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

// Return sums[i] + a[2 i] b[2 i] + a[2 i + 1] b[2 i + 1] for the PART pairs of integers.
static inline part_bits
part_products(const part_bits sums, const part_pairs a, const part_pairs b) REALTIME
{
  return (part_bits)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
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

// What four slots at a time add up to in PART columns: low and high bytes of the weights are multiplied by themselves.
struct column_sums {
  __m512i low;
  __m512i high;
};

// Weights of four slots: four low bytes, then four high bytes
static inline void
weights_store(int16_t *const weights, const part_bits value) REALTIME
{
  const __m128i low = _mm512_cvtepi32_epi8((__m512i)value);
  const __m128i high = _mm512_cvtepi32_epi8(_mm512_srli_epi32((__m512i)value, 8));
  _mm_storeu_si128((__m128i *)(void *)weights, _mm_unpacklo_epi32(low, high));
  _mm_storeu_si128((__m128i *)(void *)(weights + 8), _mm_unpackhi_epi32(low, high));
}

// Add PART columns of four slots, [PART][4], times `weights`.
static inline __attribute__((always_inline)) void
columns_add(struct column_sums *const sums, const int8_t *const values, const int16_t *const weights) REALTIME
{
  int32_t bytes[2];
  __builtin_memcpy(bytes, weights, sizeof(bytes));
  const __m512i value = _mm512_loadu_si512(values);
  sums->low = _mm512_dpbusd_epi32(sums->low, _mm512_set1_epi32(bytes[0]), value);
  sums->high = _mm512_dpbusd_epi32(sums->high, _mm512_set1_epi32(bytes[1]), value);
}

static inline __attribute__((always_inline)) part_bits
columns_sum(const struct column_sums *const sums) REALTIME
{
  return (part_bits)_mm512_add_epi32(sums->low, _mm512_slli_epi32(sums->high, 8));
}

#include "kernels_body.h"
#include "kernels_private.h"

const struct kernels kernels_avx512 = KERNELS_BODY(KERNEL_AVX512, "AVX-512");
