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

enum { ROWS = 203, COLUMNS = 448, VECTORS = 11, SLOTS = 250, KEY = 32, HEADS = 4, VALUE = 64, NUMBERS = 1 << 17 };

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

static void
attention(const struct kernels *const k, const struct numbers *const n, const enum precision precision)
{
  const void *const data = precision == PRECISION_F16 ? (const void *)n->halves : n->a;
  const struct slots keys = {data, precision, KEY, 0};
  const struct slots values = {data, precision, HEADS * VALUE, HEADS * VALUE};
  uint8_t classes[SLOTS];
  for (unsigned i = 0; i < SLOTS; ++i) {
    classes[i] = (uint8_t)random_below(3, i, KERNEL_CLASSES);
  }
  k->scores(n->b, &keys, n->result, 3, SLOTS);
  print("scores", precision, n, SLOTS);
  memcpy(n->result, n->b, SLOTS * sizeof(float));
  n->result[SLOTS] = k->score_biases(n->result, n->b + SLOTS, classes, 0.9F, -3.0F, 0, SLOTS);
  print("score_biases", precision, n, SLOTS + 1);
  k->weighted_sums(n->b, 256, HEADS, &values, n->result, 0, SLOTS);
  print("weighted_sums", precision, n, (size_t)HEADS * VALUE);
}

static void
functions(const struct kernels *const k, const struct numbers *const n)
{
  memcpy(n->result, n->b, 4096 * sizeof(float));
  k->add_scaled(n->result, n->a, 0.3F, 4096);
  print("add_scaled", PRECISION_F32, n, 4096);
  k->exponentials(n->a, 0.25F, n->result, 0, 65521);
  print("exponentials", PRECISION_F32, n, 65521);
  memcpy(n->result, n->b, 256 * sizeof(float));
  k->lstm_step(n->a, 256, n->result, n->result + 256, 0, 256);
  print("lstm_step", PRECISION_F32, n, 512);
  k->energies(n->b, n->b + 64, n->a, 64, 64, n->result, 0, 501);
  print("energies", PRECISION_F32, n, 501);
  n->result[0] = k->sum(n->a, 4096);
  print("sum", PRECISION_F32, n, 1);
  k->narrow(n->a, (uint16_t *)(void *)n->result, 65536);
  print("narrow", PRECISION_F16, n, 32768);
  k->widen(n->halves, n->result, 65536);
  print("widen", PRECISION_F16, n, 65536);
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
    kernels_of(KERNEL_PORTABLE)->narrow(n.a, n.halves, NUMBERS);
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
