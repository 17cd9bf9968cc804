// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels, written once and compiled once per instruction set. Whoever includes this file has defined PART (floats in a
// register) and what kernels_products.h and kernels_attention.h want, and has included kernels.h and kernels_math.h.

#ifndef RITORNELLO_KERNELS_BODY_H
#define RITORNELLO_KERNELS_BODY_H

#include "kernels_attention.h"
#include "kernels_lanes.h"
#include "kernels_products.h"

static void
body_add_scaled(float *const y, const float *const x, const float a, const uint32_t padded) REALTIME
{
  for (uint32_t i = 0; i < padded; i += PART) {
    part_store(y + i, part_fma(part_of(a), part_load(x + i), part_load(y + i)));
  }
}

static void
body_rectify(const float *const x, float *const y, const uint32_t padded) REALTIME
{
  for (uint32_t i = 0; i < padded; i += PART) {
    part_store(y + i, part_max(part_load(x + i), part_of(0.0F)));
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
    .add_scaled = body_add_scaled, .lstm_step = body_lstm_step, .scores = body_scores, .numerators = body_numerators,  \
    .quantize = body_quantize, .integer_sums = body_integer_sums, .weighted_sums = body_weighted_sums,                 \
    .energies = body_energies, .rectify = body_rectify, .exponentials = body_exponentials, .sum = body_sum,            \
  }

#endif // RITORNELLO_KERNELS_BODY_H
