// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "packed_product.h"

#include <string.h>

// Packed layout: panels of PACKED_PANEL columns, each [depth][PACKED_PANEL], the last one filled up with zeros.

size_t
packed_size(const size_t depth, const size_t columns)
{
  return (columns + PACKED_PANEL - 1) / PACKED_PANEL * PACKED_PANEL * depth;
}

void
packed_pack(const float *const matrix, const size_t depth, const size_t columns, float *const packed)
{
  memset(packed, 0, packed_size(depth, columns) * sizeof(float));
  for (size_t begin = 0; begin < columns; begin += PACKED_PANEL) {
    const size_t width = columns - begin < PACKED_PANEL ? columns - begin : PACKED_PANEL;
    for (size_t k = 0; k < depth; ++k) {
      memcpy(packed + begin * depth + k * PACKED_PANEL, matrix + k * columns + begin, width * sizeof(float));
    }
  }
}

void
packed_pack_transposed(const float *const matrix, const size_t depth, const size_t columns, float *const packed)
{
  memset(packed, 0, packed_size(depth, columns) * sizeof(float));
  for (size_t column = 0; column < columns; ++column) {
    float *const to = packed + column / PACKED_PANEL * PACKED_PANEL * depth + column % PACKED_PANEL;
    for (size_t k = 0; k < depth; ++k) {
      to[k * PACKED_PANEL] = matrix[column * depth + k];
    }
  }
}

// One block of up to 8 rows and one panel's columns, kept in registers while k runs. `sums`, rows of `stride` floats, is what
// the product is added to.

enum { BLOCK_ROWS = 8 };

#define INLINE static inline __attribute__((always_inline))

// For processors without a version of their own: the compiler makes of it what it can
static void
block_plain(const float *const a,
            const float *const panel,
            const size_t rows,
            const size_t depth,
            const size_t stride,
            float *const sums)
{
  for (size_t r = 0; r < rows; ++r) {
    float *restrict const row = sums + r * stride;
    for (size_t k = 0; k < depth; ++k) {
      const float factor = a[r * depth + k];
      for (size_t c = 0; c < PACKED_PANEL; ++c) {
        row[c] += factor * panel[k * PACKED_PANEL + c];
      }
    }
  }
}

#if defined(__x86_64__)

#  include <immintrin.h>

#  define AVX512 __attribute__((target("avx512f")))
#  define AVX2 __attribute__((target("avx2,fma")))

// `rows` is a constant wherever this is put, so that all sums are registers
INLINE AVX512 void
rows_avx512(const float *const a,
            const float *const panel,
            const size_t rows,
            const size_t depth,
            const size_t stride,
            float *const sums)
{
  __m512 low[BLOCK_ROWS];
  __m512 high[BLOCK_ROWS];
  for (size_t r = 0; r < rows; ++r) {
    low[r] = _mm512_loadu_ps(sums + r * stride);
    high[r] = _mm512_loadu_ps(sums + r * stride + 16);
  }
  for (size_t k = 0; k < depth; ++k) {
    const __m512 left = _mm512_loadu_ps(panel + k * PACKED_PANEL);
    const __m512 right = _mm512_loadu_ps(panel + k * PACKED_PANEL + 16);
    for (size_t r = 0; r < rows; ++r) {
      const __m512 factor = _mm512_set1_ps(a[r * depth + k]);
      low[r] = _mm512_fmadd_ps(factor, left, low[r]);
      high[r] = _mm512_fmadd_ps(factor, right, high[r]);
    }
  }
  for (size_t r = 0; r < rows; ++r) {
    _mm512_storeu_ps(sums + r * stride, low[r]);
    _mm512_storeu_ps(sums + r * stride + 16, high[r]);
  }
}

AVX512 static void
block_avx512(const float *const a,
             const float *const panel,
             const size_t rows,
             const size_t depth,
             const size_t stride,
             float *const sums)
{
  if (rows == BLOCK_ROWS) {
    rows_avx512(a, panel, BLOCK_ROWS, depth, stride, sums);
    return;
  }
  size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    rows_avx512(a + r * depth, panel, 4, depth, stride, sums + r * stride);
  }
  for (; r < rows; ++r) {
    rows_avx512(a + r * depth, panel, 1, depth, stride, sums + r * stride);
  }
}

// Half a panel and four rows are what 16 registers hold
INLINE AVX2 void
rows_avx2(const float *const a,
          const float *const panel,
          const size_t rows,
          const size_t depth,
          const size_t stride,
          float *const sums)
{
  __m256 low[4];
  __m256 high[4];
  for (size_t r = 0; r < rows; ++r) {
    low[r] = _mm256_loadu_ps(sums + r * stride);
    high[r] = _mm256_loadu_ps(sums + r * stride + 8);
  }
  for (size_t k = 0; k < depth; ++k) {
    const __m256 left = _mm256_loadu_ps(panel + k * PACKED_PANEL);
    const __m256 right = _mm256_loadu_ps(panel + k * PACKED_PANEL + 8);
    for (size_t r = 0; r < rows; ++r) {
      const __m256 factor = _mm256_broadcast_ss(a + r * depth + k);
      low[r] = _mm256_fmadd_ps(factor, left, low[r]);
      high[r] = _mm256_fmadd_ps(factor, right, high[r]);
    }
  }
  for (size_t r = 0; r < rows; ++r) {
    _mm256_storeu_ps(sums + r * stride, low[r]);
    _mm256_storeu_ps(sums + r * stride + 8, high[r]);
  }
}

AVX2 static void
block_avx2(const float *const a,
           const float *const panel,
           const size_t rows,
           const size_t depth,
           const size_t stride,
           float *const sums)
{
  for (size_t half = 0; half < PACKED_PANEL; half += 16) {
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
      rows_avx2(a + r * depth, panel + half, 4, depth, stride, sums + r * stride + half);
    }
    for (; r < rows; ++r) {
      rows_avx2(a + r * depth, panel + half, 1, depth, stride, sums + r * stride + half);
    }
  }
}

#endif

typedef void (*block_function)(
    const float *a, const float *panel, size_t rows, size_t depth, size_t stride, float *sums);

static block_function
best_block(void)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return block_avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return block_avx2;
  }
#endif
  return block_plain;
}

// The last panel may be wider than what is left of c: by way of a copy.
static void
last_panel(const block_function block,
           const float *const a,
           const float *const panel,
           const size_t rows,
           const size_t depth,
           const size_t stride,
           const size_t width,
           float *const c)
{
  float sums[BLOCK_ROWS * PACKED_PANEL] = {0.0F};
  for (size_t r = 0; r < rows; ++r) {
    memcpy(sums + r * PACKED_PANEL, c + r * stride, width * sizeof(float));
  }
  block(a, panel, rows, depth, PACKED_PANEL, sums);
  for (size_t r = 0; r < rows; ++r) {
    memcpy(c + r * stride, sums + r * PACKED_PANEL, width * sizeof(float));
  }
}

void
packed_multiply(const float *const a,
                const float *const packed,
                const size_t rows,
                const size_t depth,
                const size_t columns,
                const bool accumulate,
                float *const c)
{
  const block_function block = best_block();
  if (!accumulate) {
    memset(c, 0, rows * columns * sizeof(float));
  }
  for (size_t begin = 0; begin < columns; begin += PACKED_PANEL) {
    for (size_t first = 0; first < rows; first += BLOCK_ROWS) {
      const size_t count = rows - first < BLOCK_ROWS ? rows - first : BLOCK_ROWS;
      float *const at = c + first * columns + begin;
      if (columns - begin >= PACKED_PANEL) {
        block(a + first * depth, packed + begin * depth, count, depth, columns, at);
      } else {
        last_panel(block, a + first * depth, packed + begin * depth, count, depth, columns, columns - begin, at);
      }
    }
  }
}
