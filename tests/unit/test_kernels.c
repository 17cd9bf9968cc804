// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels' products of matrices and vectors, and their choice: all instruction sets agree to the bit, however work is cut. Sets
// that this processor lacks are left out.

#include "engine/safetensors.h"
#include "kernel_numbers.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Make all numbers halves, and keep their values.
static void
numbers_halve(struct numbers *const n)
{
  floats_to_halves(n->matrix, n->halves, (size_t)ROWS * COLUMNS);
  halves_to_floats(n->halves, n->matrix, (size_t)ROWS * COLUMNS);
}

// Lay out the first `padded` * ROWS numbers as a matrix.
static struct matrix
matrix_make(struct numbers *const n, const uint32_t padded, const enum precision precision)
{
  memset(n->laid_out, 0, sizeof(n->laid_out));
  for (uint32_t r = 0; r < ROWS; ++r) {
    for (uint32_t c = 0; c < padded; ++c) {
      const size_t place = matrix_place(padded, r, c);
      if (precision == PRECISION_F16) {
        floats_to_halves(&n->matrix[(size_t)r * padded + c], (uint16_t *)(void *)n->laid_out + place, 1);
      } else {
        n->laid_out[place] = n->matrix[(size_t)r * padded + c];
      }
    }
  }
  assert_true(matrix_size(ROWS, padded, precision) <= sizeof(n->laid_out));
  return (struct matrix){n->laid_out, ROWS, padded, precision};
}

static void
assert_matrix_vector(struct numbers *const n, const uint32_t padded, const enum precision precision)
{
  const struct matrix matrix = matrix_make(n, padded, precision);
  for (uint32_t r = 0; r < ROWS; ++r) {
    n->expected[r] = lanes_dot(n->matrix + (size_t)r * padded, n->x, padded) + n->bias[r];
  }
  for (unsigned set = 0; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    for (uint32_t begin = 0; kernels && begin <= ROWS; ++begin) {
      memset(n->y, 0, sizeof(n->y));
      kernels->matrix_vector(&matrix, n->bias, n->x, n->y, 0, begin);
      assert_true(begin == ROWS || n->y[begin] == 0.0F);
      kernels->matrix_vector(&matrix, n->bias, n->x, n->y, begin, ROWS);
      assert_same_bits(n->y, n->expected, ROWS + KERNEL_ROWS); // Nothing is written beyond the last row
    }
  }
}

static void
matrix_vector_adds_in_sixteen_lanes_however_rows_are_cut(void **const state)
{
  struct numbers *const n = *state;
  for (uint32_t padded = 16; padded <= COLUMNS; padded += 16) {
    assert_matrix_vector(n, padded, PRECISION_F32);
  }
}

static void
matrices_of_halves_give_the_bits_of_their_values_as_floats(void **const state)
{
  struct numbers *const n = *state;
  numbers_halve(n);
  for (uint32_t padded = 16; padded <= COLUMNS; padded += 16) {
    assert_matrix_vector(n, padded, PRECISION_F16);
    assert_matrix_vector(n, padded, PRECISION_F32);
  }
}

static void
several_vectors_give_the_bits_of_each_by_itself(void **const state)
{
  struct numbers *const n = *state;
  numbers_halve(n);
  for (unsigned precision = PRECISION_F32; precision <= PRECISION_F16; ++precision) {
    const struct matrix matrix = matrix_make(n, COLUMNS, (enum precision)precision);
    for (unsigned set = 0; set < SETS; ++set) {
      const struct kernels *const kernels = kernels_of((enum kernel_set)set);
      for (uint32_t count = 0; kernels && count <= VECTORS; ++count) {
        const struct vectors x = {n->many_x, COLUMNS, count};
        const struct vectors y = {n->many_y, COLUMNS, count};
        const uint32_t middle = count * 5 % ROWS;
        memset(n->many_y, 0, sizeof(n->many_y));
        kernels->matrix_vectors(&matrix, n->bias, &x, &y, middle, ROWS);
        kernels->matrix_vectors(&matrix, n->bias, &x, &y, 0, middle);
        for (uint32_t t = 0; t < VECTORS; ++t) {
          memset(n->expected, 0, sizeof(n->expected));
          if (t < count) {
            kernels->matrix_vector(&matrix, n->bias, n->many_x + (size_t)t * COLUMNS, n->expected, 0, ROWS);
          }
          assert_same_bits(n->many_y + (size_t)t * COLUMNS, n->expected, COLUMNS);
        }
      }
    }
  }
}

static void
matrix_vector_does_without_a_bias_and_is_near_the_true_product(void **const state)
{
  struct numbers *const n = *state;
  const struct matrix matrix = matrix_make(n, COLUMNS, PRECISION_F32);
  kernels_best()->matrix_vector(&matrix, NULL, n->x, n->y, 0, ROWS);
  for (uint32_t r = 0; r < ROWS; ++r) {
    double sum = 0.0;
    for (uint32_t c = 0; c < COLUMNS; ++c) {
      sum += (double)n->matrix[r * COLUMNS + c] * n->x[c];
    }
    assert_true(fabs(sum - n->y[r]) < 1e-5);
  }
}

static void
the_processors_mode_keeps_subnormals_and_is_given_back(void **const state)
{
  (void)state;
  const struct kernel_mode host = kernel_mode_enter();
  const struct kernel_mode ours = kernel_mode_enter();
  volatile float smallest = FLT_MIN;
  assert_true(smallest * 0.5F > 0.0F);
#if defined(__SSE__)
  const struct kernel_mode flushing = {ours.bits | 0x8040};
  kernel_mode_leave(flushing);
  assert_true(smallest * 0.5F == 0.0F);
  const struct kernel_mode back = kernel_mode_enter();
  assert_int_equal(back.bits & 0x8040, 0x8040);
  assert_true(smallest * 0.5F > 0.0F);
#endif
  kernel_mode_leave(ours);
  kernel_mode_leave(host);
}

static void
the_best_kernels_are_among_those_offered(void **const state)
{
  (void)state;
  const struct kernels *const best = kernels_best();
  assert_non_null(best);
  assert_ptr_equal(kernels_of(best->set), best);
  print_message("this processor runs the %s kernels\n", best->name);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(matrix_vector_adds_in_sixteen_lanes_however_rows_are_cut, numbers_setup,
                                      numbers_teardown),
      cmocka_unit_test_setup_teardown(matrices_of_halves_give_the_bits_of_their_values_as_floats, numbers_setup,
                                      numbers_teardown),
      cmocka_unit_test_setup_teardown(several_vectors_give_the_bits_of_each_by_itself, numbers_setup, numbers_teardown),
      cmocka_unit_test_setup_teardown(matrix_vector_does_without_a_bias_and_is_near_the_true_product, numbers_setup,
                                      numbers_teardown),
      cmocka_unit_test(the_processors_mode_keeps_subnormals_and_is_given_back),
      cmocka_unit_test(the_best_kernels_are_among_those_offered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
