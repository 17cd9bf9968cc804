// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels, written once and compiled once per instruction set. Whoever includes this file has defined PART (floats in
// a register), ROWS (rows of a matrix that are multiplied with one vector together, so that their chains of additions
// overlap), TILE_ROWS and TILE_VECTORS (rows and vectors that are multiplied together), all of which fit the registers,
// part_fma(), part_widen(), part_narrow() and part_look_up(), and has included kernels.h and kernels_math.h. The sixteen lanes are
// KERNEL_LANES / PART parts.

#ifndef RITORNELLO_KERNELS_BODY_H
#define RITORNELLO_KERNELS_BODY_H

#include "kernels.h"
#include "kernels_math.h"

#include <stddef.h>
#include <string.h>

enum {
  PARTS = KERNEL_LANES / PART,
  FOUR = 4,
  WIDE = PARTS == 1 ? 8 : FOUR,     // Times sixteen columns that are summed together
  SCORE_PARTS = PARTS == 1 ? 2 : 1, // Times PART slots that are scored together
  TILE_LANES = (TILE_ROWS * TILE_VECTORS > ROWS ? TILE_ROWS * TILE_VECTORS : ROWS) * PARTS,
};
_Static_assert(KERNEL_ROWS % ROWS == 0 && KERNEL_ROWS % TILE_ROWS == 0, "tiles lie in one group of rows");

static inline part
part_load(const float *const x) REALTIME
{
  part result;
  memcpy(&result, x, sizeof(result));
  return result;
}

static inline void
part_store(float *const y, const part value) REALTIME
{
  memcpy(y, &value, sizeof(value));
}

// Load the first `count` floats at `x`, or all of a part's; the others are zero.
static inline part
part_load_some(const float *const x, const uint32_t count) REALTIME
{
  if (count >= PART) {
    return part_load(x);
  }
  part result = part_of(0.0F);
  for (uint32_t i = 0; i < count; ++i) {
    result[i] = x[i];
  }
  return result;
}

static inline void
part_store_some(float *const y, const part value, const uint32_t count) REALTIME
{
  if (count >= PART) {
    part_store(y, value);
  } else {
    for (uint32_t i = 0; i < count; ++i) {
      y[i] = value[i];
    }
  }
}

typedef float four __attribute__((vector_size(16)));
typedef float eight __attribute__((vector_size(32)));

// The one reduction tree: lane i + lane i + 8, then i + 4, then i + 2, then i + 1.
static inline float
lanes_sum(const part lanes[PARTS]) REALTIME
{
#if PART == 16
  const eight e = __builtin_shufflevector(lanes[0], lanes[0], 0, 1, 2, 3, 4, 5, 6, 7) +
                  __builtin_shufflevector(lanes[0], lanes[0], 8, 9, 10, 11, 12, 13, 14, 15);
  const four f = __builtin_shufflevector(e, e, 0, 1, 2, 3) + __builtin_shufflevector(e, e, 4, 5, 6, 7);
#elif PART == 8
  const part e = lanes[0] + lanes[1];
  const four f = __builtin_shufflevector(e, e, 0, 1, 2, 3) + __builtin_shufflevector(e, e, 4, 5, 6, 7);
#elif PART == 4
  const four f = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
#endif
  return (f[0] + f[2]) + (f[1] + f[3]);
}

// The sums of four times sixteen lanes by that tree, in one go: four rows side by side after two steps
static inline four
lanes_sum_four(const part lanes[4 * PARTS]) REALTIME
{
#if PART == 16
  const part ab =
      __builtin_shufflevector(lanes[0], lanes[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
      __builtin_shufflevector(lanes[0], lanes[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  const part cd =
      __builtin_shufflevector(lanes[2], lanes[3], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
      __builtin_shufflevector(lanes[2], lanes[3], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  const part e = __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
                 __builtin_shufflevector(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  const part f = e + __builtin_shufflevector(e, e, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  const part g = f + __builtin_shufflevector(f, f, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
  return __builtin_shufflevector(g, g, 0, 4, 8, 12);
#elif PART == 8
  part e[4];
  for (unsigned r = 0; r < 4; ++r) {
    e[r] = lanes[2 * r] + lanes[2 * r + 1];
  }
  const part ab = __builtin_shufflevector(e[0], e[1], 0, 1, 2, 3, 8, 9, 10, 11) +
                  __builtin_shufflevector(e[0], e[1], 4, 5, 6, 7, 12, 13, 14, 15);
  const part cd = __builtin_shufflevector(e[2], e[3], 0, 1, 2, 3, 8, 9, 10, 11) +
                  __builtin_shufflevector(e[2], e[3], 4, 5, 6, 7, 12, 13, 14, 15);
  const part f = __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13) +
                 __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15); // a a c c b b d d
  const part g = f + __builtin_shufflevector(f, f, 1, 0, 3, 2, 5, 4, 7, 6);
  return __builtin_shufflevector(g, g, 0, 4, 2, 6);
#elif PART == 4
  four f[4];
  for (unsigned r = 0; r < 4; ++r) {
    f[r] = (lanes[4 * r] + lanes[4 * r + 2]) + (lanes[4 * r + 1] + lanes[4 * r + 3]);
  }
  const four ab = __builtin_shufflevector(f[0], f[1], 0, 1, 4, 5) + __builtin_shufflevector(f[0], f[1], 2, 3, 6, 7);
  const four cd = __builtin_shufflevector(f[2], f[3], 0, 1, 4, 5) + __builtin_shufflevector(f[2], f[3], 2, 3, 6, 7);
  return __builtin_shufflevector(ab, cd, 0, 2, 4, 6) + __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
#endif
}

// Sum the lanes of `count` rows; add bias[r] if there is one.
static inline __attribute__((always_inline)) void
lanes_store(const part *const lanes, const uint32_t count, const float *const bias, float *const y) REALTIME
{
  uint32_t r = 0;
  for (; r + 4 <= count; r += 4) {
    four sums = lanes_sum_four(lanes + (size_t)r * PARTS);
    if (bias) {
      four biases;
      memcpy(&biases, bias + r, sizeof(biases));
      sums += biases;
    }
    memcpy(y + r, &sums, sizeof(sums));
  }
  for (; r < count; ++r) {
    y[r] = bias ? lanes_sum(lanes + (size_t)r * PARTS) + bias[r] : lanes_sum(lanes + (size_t)r * PARTS);
  }
}

// Load a part of the numbers at `data`, from `index` on.
static inline __attribute__((always_inline)) part
part_load_of(const void *const data, const size_t index, const enum precision precision) REALTIME
{
  return precision == PRECISION_F16 ? part_widen((const uint16_t *)data + index)
                                    : part_load((const float *)data + index);
}

enum { LINE = 64, WEIGHTS_AHEAD = 2048, MEMORY_AHEAD = 8192 }; // Bytes

#define UNROLLED _Pragma("GCC unroll 16")

// Ask for what is read some bytes later, which the processor does not always foresee. Weights are not to stay in the caches
// that lie between: they are read once per step.
static inline __attribute__((always_inline)) void
fetch_weights(const void *const place, const size_t size) REALTIME
{
  for (size_t i = 0; i < size; i += LINE) {
    __builtin_prefetch((const char *)place + WEIGHTS_AHEAD + i, 0, 0);
  }
}

// The same of what had better stay: the memory of the attention, which is smaller.
static inline __attribute__((always_inline)) void
fetch_memory(const void *const place, const size_t size) REALTIME
{
  for (size_t i = 0; i < size; i += LINE) {
    __builtin_prefetch((const char *)place + MEMORY_AHEAD + i);
  }
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
  const size_t size = precision_size(precision);
  for (uint32_t c = 0; c < matrix->padded; c += KERNEL_LANES) {
    const size_t place = group + (size_t)c * KERNEL_ROWS;
    if (count == 1 && rows == ROWS) {
      fetch_weights((const char *)matrix->data + place * size, ROWS * KERNEL_LANES * size);
    }
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
      tile_product(matrix, precision, r, ROWS, biases, x, 0, y + r, 0, 1);
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

// Scores of `count` times PART slots from `slot` on: each slot has a lane of its own in sixteen sums, which are added up by the
// one reduction tree. Store those of [begin, end).
static inline __attribute__((always_inline)) void
part_scores(const float *const restrict query,
            const struct slots *const restrict keys,
            const enum precision precision,
            const uint32_t width,
            const uint32_t slot,
            const uint32_t count,
            float *const restrict scores,
            const uint32_t begin,
            const uint32_t end) REALTIME
{
  enum { HALF = KERNEL_LANES / 2 };
  part sums[SCORE_PARTS][HALF];
  UNROLLED for (uint32_t i = 0; i < HALF; ++i)
  {
    part low[SCORE_PARTS];
    part high[SCORE_PARTS];
    for (uint32_t j = 0; j < count; ++j) {
      low[j] = high[j] = part_of(0.0F);
    }
    for (uint32_t c = i; c < width; c += KERNEL_LANES) {
      const part factor = part_of(query[c]);
      const part other = part_of(query[c + HALF]);
      for (uint32_t j = 0; j < count; ++j) {
        const size_t place = key_place(width, slot + j * PART, c);
        low[j] = part_fma(part_load_of(keys->data, place, precision), factor, low[j]);
        high[j] = part_fma(part_load_of(keys->data, place + (size_t)HALF * KERNEL_LANES, precision), other, high[j]);
      }
    }
    for (uint32_t j = 0; j < count; ++j) {
      sums[j][i] = low[j] + high[j];
    }
  }
  for (uint32_t j = 0; j < count; ++j) {
    for (uint32_t i = 0; i < HALF / 2; ++i) {
      sums[j][i] += sums[j][i + HALF / 2];
    }
    const part result = (sums[j][0] + sums[j][2]) + (sums[j][1] + sums[j][3]);
    const uint32_t first = slot + j * PART;
    if (first >= begin && first + PART <= end) {
      part_store(scores + first, result);
    } else {
      for (uint32_t i = 0; i < PART; ++i) {
        if (first + i >= begin && first + i < end) {
          scores[first + i] = result[i];
        }
      }
    }
  }
}

static inline __attribute__((always_inline)) void
all_scores(const float *const query,
           const struct slots *const keys,
           const enum precision precision,
           const uint32_t width,
           float *const scores,
           const uint32_t begin,
           const uint32_t end) REALTIME
{
  enum { TOGETHER = SCORE_PARTS * PART };
  const size_t size = precision_size(precision);
  uint32_t s = begin / TOGETHER * TOGETHER;
  for (; s + TOGETHER <= end; s += TOGETHER) {
    fetch_memory((const char *)keys->data + key_place(width, s, 0) * size, size * width * TOGETHER);
    part_scores(query, keys, precision, width, s, SCORE_PARTS, scores, begin, end);
  }
  for (; s < end; s += PART) {
    part_scores(query, keys, precision, width, s, 1, scores, begin, end);
  }
}

static void
body_scores(const float *const query,
            const struct slots *const keys,
            float *const scores,
            const uint32_t begin,
            const uint32_t end) REALTIME
{
  enum { USUAL = 32 }; // The default network's; worth code of its own
  if (keys->precision == PRECISION_F16 && keys->width == USUAL) {
    all_scores(query, keys, PRECISION_F16, USUAL, scores, begin, end);
  } else if (keys->precision == PRECISION_F16) {
    all_scores(query, keys, PRECISION_F16, keys->width, scores, begin, end);
  } else {
    all_scores(query, keys, PRECISION_F32, keys->width, scores, begin, end);
  }
}

static float
body_score_biases(float *const scores,
                  const float *const bias,
                  const uint8_t *const classes,
                  const float factor,
                  const float highest,
                  const uint32_t begin,
                  const uint32_t end) REALTIME
{
  part most = part_of(highest);
  uint32_t s = begin;
  for (; s + PART <= end; s += PART) {
    const part value = (part_load(scores + s) + part_look_up(bias, classes + s)) * part_of(factor);
    part_store(scores + s, value);
    most = part_select(value > most, value, most);
  }
  float result = highest;
  for (uint32_t i = 0; i < PART; ++i) {
    result = most[i] > result ? most[i] : result;
  }
  for (; s < end; ++s) {
    scores[s] = (scores[s] + bias[classes[s]]) * factor;
    result = scores[s] > result ? scores[s] : result;
  }
  return result;
}

static void
body_energies(const float *const query,
              const float *const weight,
              const float *const keys,
              const size_t stride,
              const uint32_t padded,
              float *const energies,
              const uint32_t begin,
              const uint32_t end) REALTIME
{
  for (uint32_t s = begin; s < end; ++s) {
    part lanes[PARTS];
    for (uint32_t p = 0; p < PARTS; ++p) {
      lanes[p] = part_of(0.0F);
    }
    for (uint32_t c = 0; c < padded; c += KERNEL_LANES) {
      for (uint32_t p = 0; p < PARTS; ++p) {
        const uint32_t k = c + p * PART;
        const part value = part_tanh(part_load(query + k) + part_load(keys + s * stride + k));
        lanes[p] = part_fma(part_load(weight + k), value, lanes[p]);
      }
    }
    energies[s] = lanes_sum(lanes);
  }
  for (uint32_t s = begin; s < end; s += PART) {
    part_store_some(energies + s, part_sigmoid(part_load_some(energies + s, end - s)), end - s);
  }
}

static void
body_add_scaled(float *const y, const float *const x, const float a, const uint32_t padded) REALTIME
{
  for (uint32_t i = 0; i < padded; i += PART) {
    part_store(y + i, part_fma(part_of(a), part_load(x + i), part_load(y + i)));
  }
}

// Add slots [begin, end) to `count` times sixteen columns from `column` on; count is WIDE, FOUR or 1. The first four times
// sixteen columns have weights `first`, those behind them `second`.
static inline __attribute__((always_inline)) void
weighted_columns(const float *const first,
                 const float *const second,
                 const struct slots *const restrict values,
                 const enum precision precision,
                 const uint32_t column,
                 float *const restrict y,
                 const uint32_t count,
                 const uint32_t begin,
                 const uint32_t end) REALTIME
{
  const size_t size = precision_size(precision);
  part lanes[WIDE * PARTS];
  for (uint32_t p = 0; p < count * PARTS; ++p) {
    lanes[p] = part_load(y + column + p * PART);
  }
  for (uint32_t s = begin; s < end; ++s) {
    const size_t place = s * values->stride + column;
    const part weights[2] = {part_of(first[s]), part_of(second[s])};
    fetch_memory((const char *)values->data + place * size, count * KERNEL_LANES * size);
    for (uint32_t p = 0; p < count * PARTS; ++p) {
      const part value = part_load_of(values->data, place + p * PART, precision);
      lanes[p] = part_fma(weights[p / PARTS / FOUR], value, lanes[p]);
    }
  }
  for (uint32_t p = 0; p < count * PARTS; ++p) {
    part_store(y + column + p * PART, lanes[p]);
  }
}

static inline __attribute__((always_inline)) void
all_columns(const float *const weights,
            const size_t stride,
            const uint32_t heads,
            const struct slots *const values,
            const enum precision precision,
            float *const y,
            const uint32_t begin,
            const uint32_t end) REALTIME
{
  enum { FOUR_WIDTH = FOUR * KERNEL_LANES, WIDE_WIDTH = WIDE * KERNEL_LANES };
  const uint32_t width = values->width / heads;
  for (uint32_t c = 0; c < values->width;) {
    const float *const first = weights + c / width * stride;
    const uint32_t left = width % FOUR_WIDTH ? width - c % width : values->width - c;
    if (left >= WIDE_WIDTH) {
      const float *const second = weights + (c + WIDE_WIDTH - 1) / width * stride;
      weighted_columns(first, second, values, precision, c, y, WIDE, begin, end);
      c += WIDE_WIDTH;
    } else if (left >= FOUR_WIDTH) {
      weighted_columns(first, first, values, precision, c, y, FOUR, begin, end);
      c += FOUR_WIDTH;
    } else {
      weighted_columns(first, first, values, precision, c, y, 1, begin, end);
      c += KERNEL_LANES;
    }
  }
}

static void
body_weighted_sums(const float *const weights,
                   const size_t stride,
                   const uint32_t heads,
                   const struct slots *const values,
                   float *const y,
                   const uint32_t begin,
                   const uint32_t end) REALTIME
{
  if (values->precision == PRECISION_F16) {
    all_columns(weights, stride, heads, values, PRECISION_F16, y, begin, end);
  } else {
    all_columns(weights, stride, heads, values, PRECISION_F32, y, begin, end);
  }
}

static void
body_narrow(const float *const x, uint16_t *const y, const uint32_t padded) REALTIME
{
  const part largest = part_of(65504.0F);
  for (uint32_t i = 0; i < padded; i += PART) {
    const part value = part_load(x + i);
    const part below = part_select(value < largest, value, largest);
    part_narrow(part_select(below > -largest, below, -largest), y + i);
  }
}

static void
body_widen(const uint16_t *const x, float *const y, const uint32_t padded) REALTIME
{
  for (uint32_t i = 0; i < padded; i += PART) {
    part_store(y + i, part_widen(x + i));
  }
}

static void
body_exponentials(const float *const x, const float shift, float *const y, const uint32_t begin, const uint32_t end)
    REALTIME
{
  for (uint32_t i = begin; i < end; i += PART) {
    const part value = part_exp(part_load_some(x + i, end - i) - part_of(shift));
    part_store_some(y + i, value, end - i);
  }
}

static float
body_sum(const float *const x, const uint32_t padded) REALTIME
{
  part lanes[PARTS];
  for (uint32_t p = 0; p < PARTS; ++p) {
    lanes[p] = part_of(0.0F);
  }
  for (uint32_t i = 0; i < padded; i += KERNEL_LANES) {
    for (uint32_t p = 0; p < PARTS; ++p) {
      lanes[p] += part_load(x + i + p * PART);
    }
  }
  return lanes_sum(lanes);
}

static void
body_lstm_step(const float *const gates,
               const uint32_t hidden,
               float *const cell,
               float *const output,
               const uint32_t begin,
               const uint32_t end) REALTIME
{
  for (uint32_t i = begin; i < end; i += PART) {
    const uint32_t count = end - i;
    const part in = part_sigmoid(part_load_some(gates + i, count));
    const part forget = part_sigmoid(part_load_some(gates + hidden + i, count));
    const part candidate = part_tanh(part_load_some(gates + 2 * hidden + i, count));
    const part out = part_sigmoid(part_load_some(gates + 3 * hidden + i, count));
    const part next = part_fma(forget, part_load_some(cell + i, count), in * candidate);
    part_store_some(cell + i, next, count);
    part_store_some(output + i, out * part_tanh(next), count);
  }
}

#define KERNELS_BODY(set_, name_)                                                                                      \
  {                                                                                                                    \
    .set = (set_), .name = (name_), .matrix_vector = body_matrix_vector, .matrix_vectors = body_matrix_vectors,        \
    .add_scaled = body_add_scaled, .lstm_step = body_lstm_step, .scores = body_scores,                                 \
    .score_biases = body_score_biases, .energies = body_energies, .weighted_sums = body_weighted_sums,                 \
    .narrow = body_narrow, .widen = body_widen, .exponentials = body_exponentials, .sum = body_sum,                    \
  }

#endif // RITORNELLO_KERNELS_BODY_H
