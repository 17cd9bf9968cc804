// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Prints what every kernel of every set that runs here makes of the same random numbers, as digests of the bits: the output is
// the same for all sets and on all machines. Needs no library, so that it can be compiled for any.

#include "engine/kernels.h"
#include "engine/random.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 203, COLUMNS = 448, VECTORS = 11, SLOTS = 256, KEY = 32, HEADS = 4, VALUE = 64, NUMBERS = 1 << 17 };

// The numbers that all begin from.
struct numbers {
  float *a;
  float *b;
  float *result;
  uint16_t *halves;
};

static void
fill(float *const values, const size_t count, const uint64_t key, const float scale)
{
  for (size_t i = 0; i < count; ++i) {
    values[i] = scale * (2.0F * random_uniform(key, i) - 1.0F);
  }
}

// Return the bits of a half that is no larger than 8, of any sign, subnormal ones among them.
static uint16_t
half_of(const size_t i)
{
  return (uint16_t)(random_below(5, i, 0x4800) | random_below(6, i, 2) << 15);
}

static uint64_t
digest(const void *const bytes, const size_t size)
{
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < size; ++i) {
    hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001B3);
  }
  return hash;
}

static void
print(const char *const name, const enum precision precision, const struct numbers *const n, const size_t count)
{
  printf("%s %s %016llx\n", name, precision == PRECISION_F16 ? "F16" : "F32",
         (unsigned long long)digest(n->result, count * sizeof(float)));
  memset(n->result, 0, NUMBERS * sizeof(float));
}

static void
products(const struct kernels *const k, const struct numbers *const n, const enum precision precision)
{
  const void *const data = precision == PRECISION_F16 ? (const void *)n->halves : n->a;
  const struct matrix matrix = {data, ROWS, COLUMNS, precision};
  const struct vectors x = {n->b, COLUMNS, VECTORS};
  const struct vectors y = {n->result, 256, VECTORS};
  k->matrix_vector(&matrix, n->b + COLUMNS, n->b, n->result, 0, 77);
  k->matrix_vector(&matrix, NULL, n->b, n->result, 77, ROWS);
  print("matrix_vector", precision, n, ROWS);
  k->matrix_vectors(&matrix, n->b, &x, &y, 0, ROWS);
  print("matrix_vectors", precision, n, (size_t)VECTORS * 256);
}

// What attention remembers: keys and values of the numbers, and a query.
static void
attention(const struct kernels *const k, const struct numbers *const n, const enum precision precision)
{
  enum { MOST = 8191, VALUE_MOST = 127, WEIGHT_MOST = 16383 };
  static int16_t keys[SLOTS * HEADS * KEY];
  static int8_t values[SLOTS * HEADS * VALUE];
  static int16_t query[HEADS * KEY];
  static int16_t integers[SLOTS * HEADS * VALUE];
  static float scales[2 * SLOTS * HEADS];
  static float query_scales[HEADS];
  static float peaks[SLOTS / KERNEL_LANES * KERNEL_HEADS];
  uint8_t classes[SLOTS];
  for (unsigned i = 0; i < SLOTS; ++i) {
    classes[i] = (uint8_t)random_below(3, i, KERNEL_CLASSES);
  }
  k->quantize(n->a, SLOTS * HEADS, KEY, MOST, keys, scales);
  k->quantize(n->b, HEADS, KEY, MOST, query, query_scales);
  k->quantize(n->a, SLOTS * HEADS, VALUE, VALUE_MOST, integers, scales + SLOTS * HEADS);
  for (size_t i = 0; i < sizeof(values); ++i) {
    values[i] = (int8_t)integers[i];
  }
  for (unsigned i = 0; i < HEADS && precision == PRECISION_F32; ++i) {
    query_scales[i] = 1.0F;
  }
  float most[2 * KERNEL_HEADS] = {0.0F};
  const bool is_whole = precision == PRECISION_F16;
  const struct slots slots = {
      precision,
      HEADS,
      KEY,
      VALUE,
      is_whole ? (void *)keys : n->a,
      is_whole ? (void *)values : n->a,
      scales,
      scales + SLOTS * HEADS,
      classes,
  };
  const struct query q = {is_whole ? (void *)query : n->b, query_scales, n->b + 512, 0.9F};
  const struct softmax softmax = {n->result, peaks, most, most + KERNEL_HEADS, n->result + SLOTS * HEADS};
  k->scores(&slots, &q, &softmax, 3, SLOTS - 5);
  if (is_whole) {
    k->integer_sums(&slots, &softmax, WEIGHT_MOST,
                    (int32_t *)(void *)(n->result + SLOTS * HEADS + HEADS * KERNEL_LANES), 3, SLOTS - 5);
  } else {
    k->numerators(HEADS, &softmax, 3, SLOTS - 5);
  }
  memcpy(n->result + NUMBERS / 2, most, sizeof(most));
  memcpy(n->result + NUMBERS / 2 + 2 * KERNEL_HEADS, scales, sizeof(scales));
  print("attention", precision, n, NUMBERS);
}

static void
functions(const struct kernels *const k, const struct numbers *const n)
{
  memcpy(n->result, n->b, 4096 * sizeof(float));
  k->add_scaled(n->result, n->a, 0.3F, 4096);
  print("add_scaled", PRECISION_F32, n, 4096);
  k->rectify(n->a, n->result, 4096);
  print("rectify", PRECISION_F32, n, 4096);
  k->exponentials(n->a, 0.25F, n->result, 0, 65521);
  print("exponentials", PRECISION_F32, n, 65521);
  memcpy(n->result, n->b, 256 * sizeof(float));
  k->lstm_step(n->a, 256, n->result, n->result + 256, 0, 256);
  print("lstm_step", PRECISION_F32, n, 512);
  k->energies(n->b, n->b + 64, n->a, 64, 64, n->result, 0, 501);
  print("energies", PRECISION_F32, n, 501);
  n->result[0] = k->sum(n->a, 4096);
  print("sum", PRECISION_F32, n, 1);
  k->weighted_sums(n->b, n->a, 256, 208, n->result, 0, 250);
  print("weighted_sums", PRECISION_F32, n, 208);
}

int
main(const int count, char **const arguments)
{
  const struct numbers n = {
      .a = aligned_alloc(KERNEL_ALIGNMENT, NUMBERS * sizeof(float)),
      .b = aligned_alloc(KERNEL_ALIGNMENT, NUMBERS * sizeof(float)),
      .result = aligned_alloc(KERNEL_ALIGNMENT, NUMBERS * sizeof(float)),
      .halves = aligned_alloc(KERNEL_ALIGNMENT, NUMBERS * sizeof(uint16_t)),
  };
  bool found = false;
  for (unsigned set = 0; set <= KERNEL_NEON; ++set) {
    const struct kernels *const k = kernels_of((enum kernel_set)set);
    if (!k || (count > 1 && strcmp(arguments[1], k->name) != 0)) {
      continue;
    }
    found = true;
    fill(n.a, NUMBERS, 1, 9.0F);
    fill(n.b, NUMBERS, 2, 1.0F);
    memset(n.result, 0, NUMBERS * sizeof(float));
    for (size_t i = 0; i < NUMBERS; ++i) {
      n.halves[i] = half_of(i);
    }
    products(k, &n, PRECISION_F32);
    products(k, &n, PRECISION_F16);
    attention(k, &n, PRECISION_F32);
    attention(k, &n, PRECISION_F16);
    functions(k, &n);
    if (count < 2) {
      printf("-- %s\n", k->name);
    }
  }
  free(n.halves);
  free(n.result);
  free(n.b);
  free(n.a);
  return found ? 0 : 1;
}
