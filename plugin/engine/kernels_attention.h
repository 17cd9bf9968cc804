// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Attention, over slots that are remembered as floats or as integers. Sums of integers are exact, so that they need no order:
// whatever instructions a processor has for them give the same. Whoever includes this file has defined part_fma(),
// part_look_up(), part_products() and pairs_widen().

#ifndef RITORNELLO_KERNELS_ATTENTION_H
#define RITORNELLO_KERNELS_ATTENTION_H

#include "kernels_lanes.h"

#include <float.h>
#include <stdbool.h>

enum {
  HALF = KERNEL_LANES / 2,
  COLUMN_PARTS = 4, // Parts of columns that are summed together
  COLUMNS = COLUMN_PARTS * PART,
};

static inline part_pairs
pairs_load(const int16_t *const x) REALTIME
{
  part_pairs result;
  memcpy(&result, x, sizeof(result));
  return result;
}

// Return the integers x[0] and x[1] in all pairs.
static inline part_pairs
pairs_of(const int16_t *const x) REALTIME
{
  int32_t bits = 0;
  memcpy(&bits, x, sizeof(bits));
  return (part_pairs)(bits - (part_bits){0});
}

// Dot products with the keys [width][KERNEL_LANES] of PART slots: each slot has a lane of its own in sixteen sums, which are
// added up by the one reduction tree.
static inline __attribute__((always_inline)) part
float_dots(const float *const restrict query, const float *const restrict keys, const uint32_t width) REALTIME
{
  part sums[HALF];
  UNROLLED for (uint32_t i = 0; i < HALF; ++i)
  {
    part low = part_of(0.0F);
    part high = part_of(0.0F);
    for (uint32_t c = i; c < width; c += KERNEL_LANES) {
      low = part_fma(part_load(keys + (size_t)c * KERNEL_LANES), part_of(query[c]), low);
      high = part_fma(part_load(keys + (size_t)(c + HALF) * KERNEL_LANES), part_of(query[c + HALF]), high);
    }
    sums[i] = low + high;
  }
  for (uint32_t i = 0; i < HALF / 2; ++i) {
    sums[i] += sums[i + HALF / 2];
  }
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

// The same with integers, [width / 2][KERNEL_LANES][2]
static inline __attribute__((always_inline)) part
integer_dots(const int16_t *const restrict query, const int16_t *const restrict keys, const uint32_t width) REALTIME
{
  part_bits sums[4] = {{0}, {0}, {0}, {0}};
  for (uint32_t c = 0; c < width; c += 8) {
    UNROLLED for (uint32_t i = 0; i < 4; ++i)
    {
      sums[i] =
          part_products(sums[i], pairs_load(keys + (size_t)(c + 2 * i) * KERNEL_LANES), pairs_of(query + c + 2 * i));
    }
  }
  return __builtin_convertvector((sums[0] + sums[1]) + (sums[2] + sums[3]), part);
}

// Return `value`, whose first element is slot `slot`'s, with `other` for slots that are not in [begin, end).
static inline part
part_within(part value, const float other, const uint32_t slot, const uint32_t begin, const uint32_t end) REALTIME
{
  for (uint32_t i = 0; (slot < begin || slot + PART > end) && i < PART; ++i) {
    value[i] = slot + i >= begin && slot + i < end ? value[i] : other;
  }
  return value;
}

// Scores of a group of slots and of head `head`. NaN, which only numbers beyond all bounds lead to, counts as nothing.
static inline __attribute__((always_inline)) void
group_scores(const struct slots *const restrict slots,
             const enum precision precision,
             const uint32_t heads,
             const uint32_t width,
             const struct query *const restrict query,
             const uint32_t head,
             const uint32_t group,
             part *const restrict scores,
             const uint32_t begin,
             const uint32_t end) REALTIME
{
  const size_t place = slots_place(heads, group, head);
  for (uint32_t p = 0; p < PARTS; ++p) {
    const part dots = precision == PRECISION_F16
                          ? integer_dots((const int16_t *)query->data + (size_t)head * width,
                                         (const int16_t *)slots->keys + place * width + (size_t)2 * p * PART, width)
                          : float_dots((const float *)query->data + (size_t)head * width,
                                       (const float *)slots->keys + place * width + (size_t)p * PART, width);
    const part factors = part_load(slots->key_scales + place + p * PART) * part_of(query->scales[head]);
    const part biases = part_look_up(query->bias + (size_t)head * KERNEL_CLASSES, slots->classes + group + p * PART);
    const part score = part_fma(dots, factors, biases) * part_of(query->sharpness);
    scores[p] = part_within(part_max(score, part_of(-FLT_MAX)), -FLT_MAX, group + p * PART, begin, end);
  }
}

// Return the largest scale of the values of a group of slots and of head `head`, in all elements.
static inline part
group_largest(const struct slots *const slots,
              const uint32_t head,
              const uint32_t group,
              const uint32_t begin,
              const uint32_t end) REALTIME
{
  part scales[PARTS];
  for (uint32_t p = 0; p < PARTS; ++p) {
    const float *const place = slots->value_scales + slots_place(slots->heads, group, head) + p * PART;
    scales[p] = part_within(part_load(place), 0.0F, group + p * PART, begin, end);
  }
  return lanes_highest(scales);
}

// Step by step for all heads, so that none waits for its own results.
static inline __attribute__((always_inline)) void
all_scores(const struct slots *const restrict slots,
           const enum precision precision,
           const uint32_t heads,
           const uint32_t width,
           const struct query *const restrict query,
           const struct softmax *const restrict softmax,
           const uint32_t begin,
           const uint32_t end) REALTIME
{
  for (uint32_t s = begin / KERNEL_LANES * KERNEL_LANES; s < end; s += KERNEL_LANES) {
    float *const peaks = softmax->peaks + (size_t)(s / KERNEL_LANES) * KERNEL_HEADS;
    part scores[KERNEL_HEADS][PARTS];
    for (uint32_t n = 0; n < heads; ++n) {
      group_scores(slots, precision, heads, width, query, n, s, scores[n], begin, end);
    }
    for (uint32_t n = 0; n < heads; ++n) {
      const float peak = lanes_highest(scores[n])[0];
      peaks[n] = peak;
      softmax->highest[n] = peak > softmax->highest[n] ? peak : softmax->highest[n];
    }
    for (uint32_t n = 0; precision == PRECISION_F16 && n < heads; ++n) {
      const float largest = group_largest(slots, n, s, begin, end)[0];
      softmax->largest[n] = largest > softmax->largest[n] ? largest : softmax->largest[n];
    }
    for (uint32_t n = 0; n < heads; ++n) {
      for (uint32_t p = 0; p < PARTS; ++p) {
        part_store(softmax->numerators + slots_place(heads, s, n) + p * PART,
                   part_exp(scores[n][p] - part_of(peaks[n])));
      }
    }
  }
}

static void
body_scores(const struct slots *const slots,
            const struct query *const query,
            const struct softmax *const softmax,
            const uint32_t begin,
            const uint32_t end) REALTIME
{
  enum { HEADS = 4, WIDTH = 32 }; // The default network's; worth code of its own
  if (slots->precision == PRECISION_F32) {
    all_scores(slots, PRECISION_F32, slots->heads, slots->key, query, softmax, begin, end);
  } else if (slots->heads == HEADS && slots->key == WIDTH) {
    all_scores(slots, PRECISION_F16, HEADS, WIDTH, query, softmax, begin, end);
  } else {
    all_scores(slots, PRECISION_F16, slots->heads, slots->key, query, softmax, begin, end);
  }
}

// Round to the nearest integer, and to the even one between two; |x| < 2^22.
static inline part_bits
part_round(const part x) REALTIME
{
  const part to_integer = part_of(0x1.8p23F); // Leaves no bits for a fraction
  return (part_bits)(x + to_integer) - (part_bits)to_integer;
}

static inline void
integers_store(int16_t *const y, const part_bits value) REALTIME
{
  typedef int16_t part_shorts __attribute__((vector_size(2 * PART)));
  const part_shorts shorts = __builtin_convertvector(value, part_shorts);
  memcpy(y, &shorts, sizeof(shorts));
}

// Find exp(peak - highest) of the group of slots from `slot` on, for each head.
static inline void
group_factors(const uint32_t heads, const struct softmax *const softmax, const uint32_t slot, float *const factors)
    REALTIME
{
  const float *const peaks = softmax->peaks + (size_t)(slot / KERNEL_LANES) * KERNEL_HEADS;
  for (uint32_t n = 0; n < heads; n += PART) {
    part_store(factors + n, part_exp(part_load(peaks + n) - part_load(softmax->highest + n)));
  }
}

// Make numerators of PART exp(score - peak) and add them to `lanes`.
static inline part
part_numerators(float *const numerators, const float factor, float *const lanes) REALTIME
{
  const part value = part_load(numerators) * part_of(factor);
  part_store(numerators, value);
  part_store(lanes, part_load(lanes) + value);
  return value;
}

static void
body_numerators(const uint32_t heads, const struct softmax *const softmax, const uint32_t begin, const uint32_t end)
    REALTIME
{
  float factors[KERNEL_HEADS];
  for (uint32_t s = begin / KERNEL_LANES * KERNEL_LANES; s < end; s += KERNEL_LANES) {
    group_factors(heads, softmax, s, factors);
    for (uint32_t n = 0; n < heads; ++n) {
      for (uint32_t i = 0; i < KERNEL_LANES; i += PART) {
        part_numerators(softmax->numerators + slots_place(heads, s, n) + i, factors[n],
                        softmax->lanes + (size_t)n * KERNEL_LANES + i);
      }
    }
  }
}

// Return x, or the bound that it is beyond, which NaN is too.
static inline part
part_bounded(const part x) REALTIME
{
  const part bound = part_of(65504.0F);
  return part_max(part_min(x, bound), -bound);
}

static inline float
vector_quantize(const float *const restrict x, const uint32_t width, const uint32_t most, int16_t *const restrict y)
    REALTIME
{
  part lanes[PARTS];
  for (uint32_t p = 0; p < PARTS; ++p) {
    lanes[p] = part_of(0.0F);
  }
  for (uint32_t i = 0; i < width; i += KERNEL_LANES) {
    for (uint32_t p = 0; p < PARTS; ++p) {
      const part value = part_bounded(part_load(x + i + p * PART));
      lanes[p] = part_max(part_max(value, -value), lanes[p]);
    }
  }
  const float size = lanes_highest(lanes)[0];
  const bool is_zero = size < 1e-30F;
  const part factor = part_of(is_zero ? 0.0F : (float)most / size);
  for (uint32_t i = 0; i < width; i += PART) {
    integers_store(y + i, part_round(part_bounded(part_load(x + i)) * factor));
  }
  return is_zero ? 0.0F : size / (float)most;
}

static void
body_quantize(const float *const x,
              const uint32_t count,
              const uint32_t width,
              const uint32_t most,
              int16_t *const y,
              float *const scales) REALTIME
{
  for (uint32_t n = 0; n < count; ++n) {
    scales[n] = vector_quantize(x + (size_t)n * width, width, most, y + (size_t)n * width);
  }
}

#if PART != 16

// What four slots at a time add up to in PART columns.
struct column_sums {
  part_bits first;
  part_bits second;
};

// Weights of four slots: four integers of 16 bits
static inline void
weights_store(int16_t *const weights, const part_bits value) REALTIME
{
  integers_store(weights, value);
}

// Add PART columns of four slots, [PART][4], times `weights`. Of each column, the first sums of two slots are in one element,
// those of the other two in the next.
static inline __attribute__((always_inline)) void
columns_add(struct column_sums *const sums, const int8_t *const values, const int16_t *const weights) REALTIME
{
  typedef int64_t part_longs __attribute__((vector_size(4 * PART)));
  int64_t bits = 0;
  memcpy(&bits, weights, sizeof(bits));
  const part_pairs factors = (part_pairs)(bits - (part_longs){0});
  sums->first = part_products(sums->first, pairs_widen(values), factors);
  sums->second = part_products(sums->second, pairs_widen(values + (size_t)2 * PART), factors);
}

static inline __attribute__((always_inline)) part_bits
columns_sum(const struct column_sums *const sums) REALTIME
{
#  if PART == 8
  return __builtin_shufflevector(sums->first, sums->second, 0, 2, 4, 6, 8, 10, 12, 14) +
         __builtin_shufflevector(sums->first, sums->second, 1, 3, 5, 7, 9, 11, 13, 15);
#  else
  return __builtin_shufflevector(sums->first, sums->second, 0, 2, 4, 6) +
         __builtin_shufflevector(sums->first, sums->second, 1, 3, 5, 7);
#  endif
}

#endif

// Add a group's values [KERNEL_LANES / 4][width][4], times `weights`, to `parts` parts of columns.
static inline __attribute__((always_inline)) void
group_sums(const int16_t *const restrict weights,
           const int8_t *const restrict values,
           const uint32_t width,
           const uint32_t parts,
           int32_t *const restrict y) REALTIME
{
  struct column_sums sums[COLUMN_PARTS] = {0};
  UNROLLED for (uint32_t s = 0; s < KERNEL_LANES; s += 4)
  {
    for (uint32_t p = 0; p < parts; ++p) {
      columns_add(&sums[p], values + (size_t)s * width + (size_t)p * 4 * PART, weights + s);
    }
  }
  for (uint32_t p = 0; p < parts; ++p) {
    part_bits before;
    memcpy(&before, y + (size_t)p * PART, sizeof(before));
    const part_bits after = before + columns_sum(&sums[p]);
    memcpy(y + (size_t)p * PART, &after, sizeof(after));
  }
}

// Integers that the values of a group are multiplied with.
struct group_weights {
  int16_t data[KERNEL_HEADS][KERNEL_LANES];
};

// Find the weights of the group of slots from `slot` on; `to_integer` is what the numerators times the scales are multiplied with.
static inline __attribute__((always_inline)) void
group_weights_find(const struct slots *const restrict slots,
                   const uint32_t heads,
                   const struct softmax *const restrict softmax,
                   const float *const restrict to_integer,
                   const uint32_t slot,
                   struct group_weights *const restrict weights) REALTIME
{
  float factors[KERNEL_HEADS];
  group_factors(heads, softmax, slot, factors);
  for (uint32_t n = 0; n < heads; ++n) {
    const size_t place = slots_place(heads, slot, n);
    for (uint32_t i = 0; i < KERNEL_LANES; i += PART) {
      const part value =
          part_numerators(softmax->numerators + place + i, factors[n], softmax->lanes + (size_t)n * KERNEL_LANES + i);
      weights_store(weights->data[n] + i,
                    part_round(value * (part_load(slots->value_scales + place + i) * part_of(to_integer[n]))));
    }
  }
}

// Return whether all weights of one head and group are zero.
static inline bool
weights_are_nothing(const int16_t *const weights) REALTIME
{
  uint64_t bits[KERNEL_LANES / 4];
  memcpy(bits, weights, sizeof(bits));
  return !(bits[0] | bits[1] | bits[2] | bits[3]);
}

// Add the values of the group of slots from `slot` on.
static inline __attribute__((always_inline)) void
slots_sums(const struct slots *const restrict slots,
           const uint32_t heads,
           const uint32_t width,
           const uint32_t slot,
           const struct group_weights *const restrict weights,
           int32_t *const restrict y) REALTIME
{
  for (uint32_t n = 0; n < heads; ++n) {
    const int8_t *const values = (const int8_t *)slots->values + slots_place(heads, slot, n) * width;
    int32_t *const sums = y + (size_t)n * width;
    fetch_memory(values, (size_t)width * KERNEL_LANES);
    if (weights_are_nothing(weights->data[n])) {
      continue;
    }
    uint32_t c = 0;
    for (; c + COLUMNS <= width; c += COLUMNS) {
      group_sums(weights->data[n], values + (size_t)4 * c, width, COLUMN_PARTS, sums + c);
    }
    for (; c < width; c += PART) {
      group_sums(weights->data[n], values + (size_t)4 * c, width, 1, sums + c);
    }
  }
}

// The weights of the next group are found while the values of the present one are added, so that neither waits for the other.
static inline __attribute__((always_inline)) void
all_integer_sums(const struct slots *const slots,
                 const uint32_t heads,
                 const uint32_t width,
                 const struct softmax *const softmax,
                 const uint32_t most,
                 int32_t *const y,
                 const uint32_t begin,
                 const uint32_t end) REALTIME
{
  struct group_weights weights[2];
  float to_integer[KERNEL_HEADS];
  for (uint32_t n = 0; n < heads; ++n) {
    to_integer[n] = softmax->largest[n] > 0.0F ? (float)most / softmax->largest[n] : 0.0F;
  }
  uint32_t slot = begin / KERNEL_LANES * KERNEL_LANES;
  group_weights_find(slots, heads, softmax, to_integer, slot, &weights[0]);
  for (uint32_t next = slot + KERNEL_LANES, i = 0; slot < end; slot = next, next += KERNEL_LANES, i ^= 1) {
    if (next < end) {
      group_weights_find(slots, heads, softmax, to_integer, next, &weights[i ^ 1]);
    }
    slots_sums(slots, heads, width, slot, &weights[i], y);
  }
}

static void
body_integer_sums(const struct slots *const slots,
                  const struct softmax *const softmax,
                  const uint32_t most,
                  int32_t *const y,
                  const uint32_t begin,
                  const uint32_t end) REALTIME
{
  enum { HEADS = 4, WIDTH = 64 }; // The default network's
  if (slots->heads == HEADS && slots->value == WIDTH) {
    all_integer_sums(slots, HEADS, WIDTH, softmax, most, y, begin, end);
  } else {
    all_integer_sums(slots, slots->heads, slots->value, softmax, most, y, begin, end);
  }
}

// Add slots [begin, end) to `count` times sixteen columns.
static inline __attribute__((always_inline)) void
weighted_columns(const float *const restrict weights,
                 const float *const restrict values,
                 const size_t stride,
                 float *const restrict y,
                 const uint32_t count,
                 const uint32_t begin,
                 const uint32_t end) REALTIME
{
  enum { MOST = 4 };
  part lanes[MOST * PARTS];
  for (uint32_t p = 0; p < count * PARTS; ++p) {
    lanes[p] = part_load(y + p * PART);
  }
  for (uint32_t s = begin; s < end; ++s) {
    for (uint32_t p = 0; p < count * PARTS; ++p) {
      lanes[p] = part_fma(part_of(weights[s]), part_load(values + s * stride + p * PART), lanes[p]);
    }
  }
  for (uint32_t p = 0; p < count * PARTS; ++p) {
    part_store(y + p * PART, lanes[p]);
  }
}

static void
body_weighted_sums(const float *const weights,
                   const float *const values,
                   const size_t stride,
                   const uint32_t width,
                   float *const y,
                   const uint32_t begin,
                   const uint32_t end) REALTIME
{
  enum { FOUR = 4 };
  for (uint32_t c = 0; c < width;) {
    if (width - c >= FOUR * KERNEL_LANES) {
      weighted_columns(weights, values + c, stride, y + c, FOUR, begin, end);
      c += FOUR * KERNEL_LANES;
    } else {
      weighted_columns(weights, values + c, stride, y + c, 1, begin, end);
      c += KERNEL_LANES;
    }
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

#endif // RITORNELLO_KERNELS_ATTENTION_H
