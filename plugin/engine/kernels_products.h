// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Matrices times vectors. Whoever includes this file has defined ROWS (rows of a matrix that are multiplied with one vector
// together, so that their chains of additions overlap), TILE_ROWS and TILE_VECTORS (rows and vectors that are multiplied
// together), all of which fit the registers, and part_fma() and part_widen().

#ifndef RITORNELLO_KERNELS_PRODUCTS_H
#define RITORNELLO_KERNELS_PRODUCTS_H

#include "kernels_lanes.h"

enum { TILE_LANES = TILE_ROWS * TILE_VECTORS * PARTS };
_Static_assert(KERNEL_ROWS % ROWS == 0 && KERNEL_ROWS % TILE_ROWS == 0, "tiles lie in one group of rows");

// Load a part of the numbers at `data`, from `index` on.
static inline __attribute__((always_inline)) part
part_load_of(const void *const data, const size_t index, const enum precision precision) REALTIME
{
  return precision == PRECISION_F16 ? part_widen((const uint16_t *)data + index)
                                    : part_load((const float *)data + index);
}

// y[v][r] = bias[r] + dot(row[r], x[v]) for `rows` rows from `row` on, which lie in one group of the matrix, and `count`
// vectors. Precision and counts are constants wherever this is called.
static inline __attribute__((always_inline)) void
tile_product(const struct matrix *const restrict matrix,
             const enum precision precision,
             const uint32_t row,
             const uint32_t rows,
             const float *const restrict bias,
             const float *const restrict x,
             const size_t x_stride,
             float *const restrict y,
             const size_t y_stride,
             const uint32_t count) REALTIME
{
  part lanes[TILE_LANES];
  for (uint32_t i = 0; i < count * rows * PARTS; ++i) {
    lanes[i] = part_of(0.0F);
  }
  const size_t group = matrix_place(matrix->padded, row, 0);
  for (uint32_t c = 0; c < matrix->padded; c += KERNEL_LANES) {
    const size_t place = group + (size_t)c * KERNEL_ROWS;
    for (uint32_t p = 0; p < PARTS; ++p) {
      part factors[TILE_LANES];
      for (uint32_t v = 0; v < count; ++v) {
        factors[v] = part_load(x + v * x_stride + c + p * PART);
      }
      for (uint32_t r = 0; r < rows; ++r) {
        const part weight = part_load_of(matrix->data, place + (size_t)r * KERNEL_LANES + p * PART, precision);
        for (uint32_t v = 0; v < count; ++v) {
          lanes[(v * rows + r) * PARTS + p] = part_fma(weight, factors[v], lanes[(v * rows + r) * PARTS + p]);
        }
      }
    }
  }
  for (uint32_t v = 0; v < count; ++v) {
    lanes_store(lanes + (size_t)v * rows * PARTS, rows, bias, y + v * y_stride);
  }
}

// y[r] = bias[r] + dot(row[r], x) for the ROWS rows from `row` on, which lie in one group of the matrix.
static inline __attribute__((always_inline)) void
rows_together(const struct matrix *const restrict matrix,
              const enum precision precision,
              const uint32_t row,
              const float *const bias,
              const float *const restrict x,
              float *const y) REALTIME
{
  part lanes[ROWS * PARTS];
  for (uint32_t i = 0; i < ROWS * PARTS; ++i) {
    lanes[i] = part_of(0.0F);
  }
  const size_t step = KERNEL_ROWS * KERNEL_LANES * precision_size(precision);
  const char *place = (const char *)matrix->data + matrix_place(matrix->padded, row, 0) * precision_size(precision);
  for (const float *factors = x; factors != x + matrix->padded; factors += KERNEL_LANES, place += step) {
    fetch_weights(place, ROWS * KERNEL_LANES * precision_size(precision));
    for (uint32_t p = 0; p < PARTS; ++p) {
      const part factor = part_load(factors + p * PART);
      for (uint32_t r = 0; r < ROWS; ++r) {
        const part weight = part_load_of(place, (size_t)r * KERNEL_LANES + p * PART, precision);
        lanes[r * PARTS + p] = part_fma(weight, factor, lanes[r * PARTS + p]);
      }
    }
  }
  lanes_store(lanes, ROWS, bias, y);
}

static inline __attribute__((always_inline)) void
rows_product(const struct matrix *const matrix,
             const enum precision precision,
             const float *const bias,
             const float *const x,
             float *const y,
             const uint32_t begin,
             const uint32_t end) REALTIME
{
  for (uint32_t r = begin; r < end;) {
    const float *const biases = bias ? bias + r : NULL;
    if (r % ROWS == 0 && r + ROWS <= end) {
      rows_together(matrix, precision, r, biases, x, y + r);
      r += ROWS;
    } else {
      tile_product(matrix, precision, r, 1, biases, x, 0, y + r, 0, 1);
      ++r;
    }
  }
}

static void
body_matrix_vector(const struct matrix *const matrix,
                   const float *const bias,
                   const float *const x,
                   float *const y,
                   const uint32_t begin,
                   const uint32_t end) REALTIME
{
  if (matrix->precision == PRECISION_F16) {
    rows_product(matrix, PRECISION_F16, bias, x, y, begin, end);
  } else {
    rows_product(matrix, PRECISION_F32, bias, x, y, begin, end);
  }
}

// The products of TILE_ROWS rows, or one, with all vectors
static inline __attribute__((always_inline)) void
vectors_product(const struct matrix *const matrix,
                const enum precision precision,
                const uint32_t row,
                const uint32_t rows,
                const float *const bias,
                const struct vectors *const x,
                const struct vectors *const y) REALTIME
{
  uint32_t t = 0;
  for (; t + TILE_VECTORS <= x->count; t += TILE_VECTORS) {
    tile_product(matrix, precision, row, rows, bias, x->data + t * x->stride, x->stride, y->data + t * y->stride + row,
                 y->stride, TILE_VECTORS);
  }
  for (; t < x->count; ++t) {
    tile_product(matrix, precision, row, rows, bias, x->data + t * x->stride, 0, y->data + t * y->stride + row, 0, 1);
  }
}

static inline __attribute__((always_inline)) void
rows_products(const struct matrix *const matrix,
              const enum precision precision,
              const float *const bias,
              const struct vectors *const x,
              const struct vectors *const y,
              const uint32_t begin,
              const uint32_t end) REALTIME
{
  for (uint32_t r = begin; r < end;) {
    const float *const biases = bias ? bias + r : NULL;
    if (r % TILE_ROWS == 0 && r + TILE_ROWS <= end) {
      vectors_product(matrix, precision, r, TILE_ROWS, biases, x, y);
      r += TILE_ROWS;
    } else {
      vectors_product(matrix, precision, r, 1, biases, x, y);
      ++r;
    }
  }
}

static void
body_matrix_vectors(const struct matrix *const matrix,
                    const float *const bias,
                    const struct vectors *const x,
                    const struct vectors *const y,
                    const uint32_t begin,
                    const uint32_t end) REALTIME
{
  if (matrix->precision == PRECISION_F16) {
    rows_products(matrix, PRECISION_F16, bias, x, y, begin, end);
  } else {
    rows_products(matrix, PRECISION_F32, bias, x, y, begin, end);
  }
}

#endif // RITORNELLO_KERNELS_PRODUCTS_H
