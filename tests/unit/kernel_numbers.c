// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "kernel_numbers.h"

#include "engine/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void
numbers_fill(float *const values, const size_t count, const uint64_t key, const float scale)
{
  for (size_t i = 0; i < count; ++i) {
    values[i] = scale * (2.0F * random_uniform(key, i) - 1.0F);
  }
}

int
numbers_setup(void **const state)
{
  struct numbers *const numbers = aligned_alloc(KERNEL_ALIGNMENT, sizeof(*numbers));
  numbers_fill(numbers->matrix, ROWS * COLUMNS, 1, 1.0F);
  numbers_fill(numbers->x, COLUMNS, 2, 1.0F);
  numbers_fill(numbers->bias, COLUMNS, 3, 1.0F);
  numbers_fill(numbers->many_x, (size_t)VECTORS * COLUMNS, 6, 1.0F);
  memset(numbers->y, 0, sizeof(numbers->y));
  memset(numbers->expected, 0, sizeof(numbers->expected));
  *state = numbers;
  return 0;
}

int
numbers_teardown(void **const state)
{
  free(*state);
  return 0;
}

void
assert_same_bits(const float *const a, const float *const b, const size_t count)
{
  assert_memory_equal(a, b, count * sizeof(float));
}

float
lanes_dot(const float *const a, const float *const b, const uint32_t padded)
{
  float lanes[KERNEL_LANES] = {0.0F};
  for (uint32_t i = 0; i < padded; ++i) {
    lanes[i % KERNEL_LANES] = fmaf(a[i], b[i], lanes[i % KERNEL_LANES]);
  }
  for (uint32_t width = KERNEL_LANES / 2; width; width /= 2) {
    for (uint32_t i = 0; i < width; ++i) {
      lanes[i] += lanes[i + width];
    }
  }
  return lanes[0];
}
