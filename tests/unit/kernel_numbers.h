// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the tests of the kernels begin from: numbers that are the same in every run, and what kernels.h says of sums.

#ifndef RITORNELLO_TEST_KERNEL_NUMBERS_H
#define RITORNELLO_TEST_KERNEL_NUMBERS_H

#include "engine/kernels.h"

#include <stddef.h>
#include <stdint.h>

enum { ROWS = 39, COLUMNS = 160, SLOTS = 45, VECTORS = 13, SETS = KERNEL_NEON + 1 };

/// Numbers that every test begins from; y is what a kernel writes.
struct numbers {
  _Alignas(KERNEL_ALIGNMENT) float matrix[ROWS * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float laid_out[(ROWS + KERNEL_ROWS) * COLUMNS]; ///< The same, as kernels want it
  _Alignas(KERNEL_ALIGNMENT) uint16_t halves[ROWS * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float x[COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float bias[COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float y[4 * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float expected[4 * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float many_x[VECTORS * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float many_y[VECTORS * COLUMNS];
};

/// Fill `values` with numbers between -scale and scale, which `key` picks.
void numbers_fill(float *values, size_t count, uint64_t key, float scale);

/// cmocka's setup and teardown: make numbers, and free them.
int numbers_setup(void **state);
int numbers_teardown(void **state);

/// Fail unless `count` numbers are the same to the bit.
void assert_same_bits(const float *a, const float *b, size_t count);

/// Return a dot product as kernels.h describes it, one float at a time.
float lanes_dot(const float *a, const float *b, uint32_t padded);

#endif // RITORNELLO_TEST_KERNEL_NUMBERS_H
