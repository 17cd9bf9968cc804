// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels, written once and compiled once per instruction set. Whoever includes this file has defined PART (floats in
// a register), ROWS (rows of a matrix that are worked on together, so that their chains of additions overlap), and
// part_fma(), and has included kernels.h and kernels_math.h. The sixteen lanes are KERNEL_LANES / PART parts.

#ifndef RITORNELLO_KERNELS_BODY_H
#define RITORNELLO_KERNELS_BODY_H

#include "kernels.h"
#include "kernels_math.h"

#include <stddef.h>
#include <string.h>

enum { PARTS = KERNEL_LANES / PART };

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

// The one reduction tree: lane i + lane i + 8, then i + 4, then i + 2, then i + 1.
static inline float
lanes_sum(const part lanes[PARTS]) REALTIME
{
#if PART == 16
  typedef float eight __attribute__((vector_size(32)));
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

// y[r] = bias[r] + dot(rows[r * stride ...], x) for `count` rows, ROWS or 1.
static inline void
dot_rows(const float *const restrict rows,
         const size_t stride,
         const uint32_t count,
         const float *const restrict bias,
         const float *const restrict x,
         const uint32_t padded,
         float *const restrict y) REALTIME
{
  part lanes[ROWS][PARTS];
  for (uint32_t r = 0; r < count; ++r) {
    for (uint32_t p = 0; p < PARTS; ++p) {
      lanes[r][p] = part_of(0.0F);
    }
  }
  for (uint32_t c = 0; c < padded; c += KERNEL_LANES) {
    for (uint32_t p = 0; p < PARTS; ++p) {
      const part factor = part_load(x + c + p * PART);
      for (uint32_t r = 0; r < count; ++r) {
        lanes[r][p] = part_fma(part_load(rows + r * stride + c + p * PART), factor, lanes[r][p]);
      }
    }
  }
  for (uint32_t r = 0; r < count; ++r) {
    y[r] = bias ? lanes_sum(lanes[r]) + bias[r] : lanes_sum(lanes[r]);
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
  const size_t stride = matrix->padded;
  uint32_t r = begin;
  for (; r + ROWS <= end; r += ROWS) {
    dot_rows(matrix->data + r * stride, stride, ROWS, bias ? bias + r : NULL, x, matrix->padded, y + r);
  }
  for (; r < end; ++r) {
    dot_rows(matrix->data + r * stride, stride, 1, bias ? bias + r : NULL, x, matrix->padded, y + r);
  }
}

static void
body_scores(const float *const query,
            const float *const keys,
            const size_t stride,
            const uint32_t padded,
            float *const scores,
            const uint32_t begin,
            const uint32_t end) REALTIME
{
  uint32_t s = begin;
  for (; s + ROWS <= end; s += ROWS) {
    dot_rows(keys + s * stride, stride, ROWS, NULL, query, padded, scores + s);
  }
  for (; s < end; ++s) {
    dot_rows(keys + s * stride, stride, 1, NULL, query, padded, scores + s);
  }
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

// Add slots [begin, end) to `count` times sixteen columns from y[0] on; count is 4 or 1.
static inline void
weighted_columns(const float *const restrict weights,
                 const float *const restrict values,
                 const size_t stride,
                 float *const restrict y,
                 const uint32_t count,
                 const uint32_t begin,
                 const uint32_t end) REALTIME
{
  part lanes[4 * PARTS];
  for (uint32_t p = 0; p < count * PARTS; ++p) {
    lanes[p] = part_load(y + p * PART);
  }
  for (uint32_t s = begin; s < end; ++s) {
    const part weight = part_of(weights[s]);
    for (uint32_t p = 0; p < count * PARTS; ++p) {
      lanes[p] = part_fma(weight, part_load(values + s * stride + p * PART), lanes[p]);
    }
  }
  for (uint32_t p = 0; p < count * PARTS; ++p) {
    part_store(y + p * PART, lanes[p]);
  }
}

static void
body_weighted_sum(const float *const weights,
                  const float *const values,
                  const size_t stride,
                  float *const y,
                  const uint32_t padded,
                  const uint32_t begin,
                  const uint32_t end) REALTIME
{
  uint32_t c = 0;
  for (; c + 4 * KERNEL_LANES <= padded; c += 4 * KERNEL_LANES) {
    weighted_columns(weights, values + c, stride, y + c, 4, begin, end);
  }
  for (; c < padded; c += KERNEL_LANES) {
    weighted_columns(weights, values + c, stride, y + c, 1, begin, end);
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
    .set = (set_), .name = (name_), .matrix_vector = body_matrix_vector, .add_scaled = body_add_scaled,                \
    .lstm_step = body_lstm_step, .scores = body_scores, .energies = body_energies, .weighted_sum = body_weighted_sum,  \
    .exponentials = body_exponentials, .sum = body_sum,                                                                \
  }

#endif // RITORNELLO_KERNELS_BODY_H
