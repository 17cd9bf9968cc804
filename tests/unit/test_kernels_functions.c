// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels for vectors and their elementary functions: all instruction sets agree to the bit, however work is cut, and the functions
// are as near to the true ones as kernels.h says. Sets that this processor lacks are left out.

#include "kernel_numbers.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
sums_and_scaled_additions_agree(void **const state)
{
  struct numbers *const n = *state;
  for (unsigned set = 0; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    for (uint32_t padded = 0; kernels && padded <= COLUMNS; padded += 16) {
      const float sum = kernels->sum(n->x, padded);
      const float expected = kernels_of(KERNEL_PORTABLE)->sum(n->x, padded);
      assert_same_bits(&sum, &expected, 1);
      memcpy(n->y, n->bias, sizeof(n->bias));
      kernels->add_scaled(n->y, n->x, 0.3F, padded);
      for (uint32_t i = 0; i < COLUMNS; ++i) {
        assert_true(n->y[i] == (i < padded ? fmaf(0.3F, n->x[i], n->bias[i]) : n->bias[i]));
      }
    }
  }
}

static void
rectified_numbers_are_those_above_zero(void **const state)
{
  struct numbers *const n = *state;
  const float special[] = {NAN, -NAN, INFINITY, -INFINITY, 0.0F, -0.0F, FLT_MIN / 2.0F, -FLT_MIN / 2.0F};
  memcpy(n->x, special, sizeof(special));
  memset(n->expected, 0, sizeof(n->expected));
  for (unsigned set = 0; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    for (uint32_t padded = 0; kernels && padded <= COLUMNS; padded += 16) {
      for (uint32_t i = 0; i < padded; ++i) {
        n->expected[i] = n->x[i] > 0.0F ? n->x[i] : 0.0F;
      }
      memset(n->y, 0, sizeof(n->y));
      kernels->rectify(n->x, n->y, padded);
      assert_same_bits(n->y, n->expected, padded + 1);
    }
    memset(n->expected, 0, sizeof(n->expected));
  }
}

static void
exponentials_are_those_of_kernel_exp(void **const state)
{
  struct numbers *const n = *state;
  numbers_fill(n->x, COLUMNS, 4, 100.0F);
  n->x[3] = NAN;
  n->x[4] = INFINITY;
  n->x[5] = -INFINITY;
  for (unsigned set = 0; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    for (uint32_t begin = 0; kernels && begin < 20; ++begin) {
      for (uint32_t end = begin; end < 60; ++end) {
        memset(n->y, 0, sizeof(n->y));
        kernels->exponentials(n->x, 0.25F, n->y, begin, end);
        for (uint32_t i = 0; i < 60; ++i) {
          n->expected[i] = i < begin || i >= end ? 0.0F : kernel_exp(n->x[i] - 0.25F);
        }
        assert_same_bits(n->y, n->expected, 60);
      }
    }
  }
}

static void
lstm_steps_are_those_of_the_scalar_functions_however_cut(void **const state)
{
  struct numbers *const n = *state;
  enum { HIDDEN = 48 };
  float cells[HIDDEN];
  numbers_fill(n->matrix, (size_t)4 * HIDDEN, 5, 12.0F);
  const float *const gates = n->matrix;
  for (uint32_t i = 0; i < HIDDEN; ++i) {
    const float in = kernel_sigmoid(gates[i]) * kernel_tanh(gates[2 * HIDDEN + i]);
    cells[i] = fmaf(kernel_sigmoid(gates[HIDDEN + i]), n->x[i], in);
    n->expected[i] = kernel_sigmoid(gates[3 * HIDDEN + i]) * kernel_tanh(cells[i]);
  }
  for (unsigned set = 0; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    for (uint32_t middle = 0; kernels && middle <= HIDDEN; ++middle) {
      float cell[HIDDEN];
      memcpy(cell, n->x, sizeof(cell));
      memset(n->y, 0, sizeof(n->y));
      kernels->lstm_step(gates, HIDDEN, cell, n->y, 0, middle);
      kernels->lstm_step(gates, HIDDEN, cell, n->y, middle, HIDDEN);
      assert_same_bits(cell, cells, HIDDEN);
      assert_same_bits(n->y, n->expected, HIDDEN);
    }
  }
}

// Call `check` for floats all over [low, high], and their negatives.
static void
floats_try(const float low, const float high, double (*const check)(float), const double bound)
{
  uint32_t begin = 0;
  uint32_t end = 0;
  memcpy(&begin, &low, sizeof(begin));
  memcpy(&end, &high, sizeof(end));
  double worst = 0.0;
  for (uint32_t bits = begin; bits <= end; bits += 1511) {
    float x = 0.0F;
    memcpy(&x, &bits, sizeof(x));
    const double error = fmax(check(x), check(-x));
    worst = error > worst || isnan(error) ? error : worst;
  }
  print_message("worst error %.3g, bound %.3g\n", worst, bound);
  assert_true(worst < bound);
}

static double
exp_error(const float x)
{
  return fabs(kernel_exp(x) / exp((double)x) - 1.0);
}

static double
log_error(const float x)
{
  return x > 0.0F && x != 1.0F ? fabs(kernel_log(x) / log((double)x) - 1.0) : 0.0;
}

static double
tanh_error(const float x)
{
  return fabs(kernel_tanh(x) - tanh((double)x));
}

static double
sigmoid_error(const float x)
{
  return fabs(kernel_sigmoid(x) - 1.0 / (1.0 + exp(-(double)x)));
}

static void
exp_is_near_enough(void **const state)
{
  (void)state;
  floats_try(1e-20F, 87.0F, exp_error, 2e-7);
}

static void
log_is_near_enough(void **const state)
{
  (void)state;
  floats_try(FLT_MIN, FLT_MAX, log_error, 2e-7);
  floats_try(0.5F, 2.0F, log_error, 2e-7);
}

static void
tanh_is_near_enough(void **const state)
{
  (void)state;
  floats_try(1e-20F, FLT_MAX, tanh_error, 2e-7);
}

static void
sigmoid_is_near_enough(void **const state)
{
  (void)state;
  floats_try(1e-20F, FLT_MAX, sigmoid_error, 2e-7);
}

static void
elementary_functions_have_their_exact_points_and_ends(void **const state)
{
  (void)state;
  assert_true(kernel_exp(0.0F) == 1.0F);
  assert_true(kernel_exp(-87.1F) == 0.0F);
  assert_true(kernel_exp(-INFINITY) == 0.0F);
  assert_true(kernel_exp(88.0F) == kernel_exp(INFINITY));
  assert_true(isfinite(kernel_exp(FLT_MAX)));
  assert_true(kernel_log(1.0F) == 0.0F);
  assert_true(kernel_tanh(0.0F) == 0.0F);
  assert_true(kernel_tanh(INFINITY) == 1.0F);
  assert_true(kernel_tanh(-30.0F) == -1.0F);
  assert_true(kernel_sigmoid(0.0F) == 0.5F);
  assert_true(kernel_sigmoid(INFINITY) == 1.0F);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(sums_and_scaled_additions_agree, numbers_setup, numbers_teardown),
      cmocka_unit_test_setup_teardown(rectified_numbers_are_those_above_zero, numbers_setup, numbers_teardown),
      cmocka_unit_test_setup_teardown(exponentials_are_those_of_kernel_exp, numbers_setup, numbers_teardown),
      cmocka_unit_test_setup_teardown(lstm_steps_are_those_of_the_scalar_functions_however_cut, numbers_setup,
                                      numbers_teardown),
      cmocka_unit_test(exp_is_near_enough),
      cmocka_unit_test(log_is_near_enough),
      cmocka_unit_test(tanh_is_near_enough),
      cmocka_unit_test(sigmoid_is_near_enough),
      cmocka_unit_test(elementary_functions_have_their_exact_points_and_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
