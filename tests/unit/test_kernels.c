// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels: all instruction sets agree to the bit, however work is cut, and the elementary functions are as near to the
// true ones as kernels.h says. Sets that this processor lacks are left out.

#include "engine/kernels.h"
#include "engine/random.h"
#include "engine/safetensors.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 37, COLUMNS = 160, SLOTS = 45, VECTORS = 13, SETS = KERNEL_NEON + 1 };

// Numbers that every test begins from; y is what a kernel writes.
struct numbers {
  _Alignas(KERNEL_ALIGNMENT) float matrix[ROWS * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float laid_out[(ROWS + KERNEL_ROWS) * COLUMNS]; // The same, as kernels want it
  _Alignas(KERNEL_ALIGNMENT) uint16_t halves[ROWS * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float x[COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float bias[COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float y[4 * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float expected[4 * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float many_x[VECTORS * COLUMNS];
  _Alignas(KERNEL_ALIGNMENT) float many_y[VECTORS * COLUMNS];
};

static void
numbers_fill(float *const values, const size_t count, const uint64_t key, const float scale)
{
  for (size_t i = 0; i < count; ++i) {
    values[i] = scale * (2.0F * random_uniform(key, i) - 1.0F);
  }
}

static int
setup(void **const state)
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

static int
teardown(void **const state)
{
  free(*state);
  return 0;
}

static void
assert_same_bits(const float *const a, const float *const b, const size_t count)
{
  assert_memory_equal(a, b, count * sizeof(float));
}

// Dot product as kernels.h describes it, one float at a time.
static float
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
      assert_same_bits(n->y, n->expected, ROWS);
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
energies_agree_however_slots_are_cut_and_are_near_the_true_ones(void **const state)
{
  struct numbers *const n = *state;
  enum { STRIDE = 48, KEY = 32 };
  kernels_of(KERNEL_PORTABLE)->energies(n->x, n->bias, n->matrix, STRIDE, KEY, n->expected, 0, SLOTS);
  for (uint32_t s = 0; s < SLOTS; ++s) {
    double sum = 0.0;
    for (uint32_t k = 0; k < KEY; ++k) {
      sum += (double)n->bias[k] * tanh((double)n->x[k] + (double)n->matrix[s * STRIDE + k]);
    }
    assert_true(fabs((double)n->expected[s] - 1.0 / (1.0 + exp(-sum))) < 1e-6);
  }
  for (unsigned set = 0; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    for (uint32_t middle = 0; kernels && middle <= SLOTS; ++middle) {
      memset(n->y, 0, sizeof(n->y));
      kernels->energies(n->x, n->bias, n->matrix, STRIDE, KEY, n->y, middle, SLOTS);
      kernels->energies(n->x, n->bias, n->matrix, STRIDE, KEY, n->y, 0, middle);
      assert_same_bits(n->y, n->expected, SLOTS);
    }
  }
}

static void
scores_are_dot_products_however_slots_are_cut(void **const state)
{
  struct numbers *const n = *state;
  enum { KEY = 32 };
  numbers_halve(n);
  memset(n->laid_out, 0, sizeof(n->laid_out));
  memset(n->many_y, 0, sizeof(n->many_y));
  for (uint32_t s = 0; s < SLOTS; ++s) {
    n->expected[s] = lanes_dot(n->matrix + s * KEY, n->x, KEY);
    for (uint32_t k = 0; k < KEY; ++k) {
      n->laid_out[key_place(KEY, s, k)] = n->matrix[s * KEY + k];
      ((uint16_t *)n->many_y)[key_place(KEY, s, k)] = n->halves[s * KEY + k];
    }
  }
  const struct slots keys[] = {{n->laid_out, PRECISION_F32, KEY, 0}, {n->many_y, PRECISION_F16, KEY, 0}};
  for (unsigned set = 0; set < SETS * 2; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)(set / 2));
    for (uint32_t middle = 0; kernels && middle <= SLOTS; ++middle) {
      memset(n->y, 0, sizeof(n->y));
      kernels->scores(n->x, &keys[set % 2], n->y, middle, SLOTS);
      assert_true(middle == 0 || n->y[middle - 1] == 0.0F);
      assert_true(n->y[SLOTS] == 0.0F);
      kernels->scores(n->x, &keys[set % 2], n->y, 0, middle);
      assert_same_bits(n->y, n->expected, SLOTS);
    }
  }
}

static void
biases_of_scores_agree_however_slots_are_cut(void **const state)
{
  struct numbers *const n = *state;
  uint8_t classes[SLOTS];
  float highest = -0.25F;
  for (uint32_t s = 0; s < SLOTS; ++s) {
    classes[s] = (uint8_t)random_below(7, s, KERNEL_CLASSES);
    n->expected[s] = (n->matrix[s] + n->bias[classes[s]]) * 0.7F;
    highest = n->expected[s] > highest ? n->expected[s] : highest;
  }
  for (unsigned set = 0; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    for (uint32_t middle = 0; kernels && middle <= SLOTS; ++middle) {
      memcpy(n->y, n->matrix, sizeof(n->y));
      const float before = kernels->score_biases(n->y, n->bias, classes, 0.7F, -0.25F, 0, middle);
      assert_true(before <= highest);
      assert_true(kernels->score_biases(n->y, n->bias, classes, 0.7F, before, middle, SLOTS) == highest);
      assert_same_bits(n->y, n->expected, SLOTS);
      assert_true(n->y[SLOTS] == n->matrix[SLOTS]);
    }
    const float nothing[] = {NAN, NAN};
    memcpy(n->y, nothing, sizeof(nothing));
    assert_true(!kernels || kernels->score_biases(n->y, n->bias, classes, 1.0F, -3.0F, 0, 2) == -3.0F);
  }
}

static void
assert_weighted_sums(struct numbers *const n, const uint32_t heads, const uint32_t width)
{
  enum { STRIDE = 160, WEIGHTS = 48, ROWS_USED = ROWS - 1 };
  const struct slots values[] = {{n->matrix, PRECISION_F32, width, STRIDE}, {n->halves, PRECISION_F16, width, STRIDE}};
  for (uint32_t c = 0; c < width; ++c) {
    const float *const weights = n->many_x + (size_t)(c / (width / heads)) * WEIGHTS;
    n->expected[c] = 0.5F;
    for (uint32_t s = 0; s < ROWS_USED; ++s) {
      n->expected[c] = fmaf(weights[s], n->matrix[s * STRIDE + c], n->expected[c]);
    }
  }
  for (unsigned set = 0; set < SETS * 2; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)(set / 2));
    for (uint32_t middle = 0; kernels && middle <= ROWS_USED; ++middle) {
      for (uint32_t c = 0; c <= width; ++c) {
        n->y[c] = 0.5F;
      }
      kernels->weighted_sums(n->many_x, WEIGHTS, heads, &values[set % 2], n->y, 0, middle);
      kernels->weighted_sums(n->many_x, WEIGHTS, heads, &values[set % 2], n->y, middle, ROWS_USED);
      assert_same_bits(n->y, n->expected, width);
      assert_true(n->y[width] == 0.5F);
    }
  }
}

static void
weighted_sums_add_slot_after_slot_however_they_are_cut(void **const state)
{
  numbers_halve(*state);
  for (uint32_t width = 16; width <= 144; width += 16) {
    assert_weighted_sums(*state, 1, width);
  }
  assert_weighted_sums(*state, 2, 32);
  assert_weighted_sums(*state, 2, 96);
  assert_weighted_sums(*state, 4, 128);
  assert_weighted_sums(*state, 3, 144);
}

static void
finite_halves_are_widened_exactly(void **const state)
{
  struct numbers *const n = *state;
  uint16_t halves[KERNEL_LANES];
  for (unsigned set = 0; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    for (uint32_t bits = 0; kernels && bits <= 0xFFFF; bits += KERNEL_LANES) {
      for (uint32_t i = 0; i < KERNEL_LANES; ++i) {
        halves[i] = (uint16_t)(bits + i);
      }
      halves_to_floats(halves, n->expected, KERNEL_LANES);
      kernels->widen(halves, n->y, KERNEL_LANES);
      if (isfinite(n->expected[0])) {
        assert_same_bits(n->y, n->expected, KERNEL_LANES);
      }
    }
  }
}

static void
floats_are_narrowed_to_the_nearest_half_and_no_further_than_the_largest(void **const state)
{
  struct numbers *const n = *state;
  uint16_t halves[KERNEL_LANES];
  uint16_t expected[KERNEL_LANES];
  for (uint64_t bits = 0; bits < UINT64_C(1) << 32; bits += (uint64_t)KERNEL_LANES * 1021) {
    for (uint32_t i = 0; i < KERNEL_LANES; ++i) {
      const uint32_t number = (uint32_t)bits + i * 1021;
      memcpy(&n->x[i], &number, sizeof(number));
      n->bias[i] = n->x[i] < 65504.0F ? n->x[i] : 65504.0F;
      n->bias[i] = n->bias[i] > -65504.0F ? n->bias[i] : -65504.0F;
    }
    floats_to_halves(n->bias, expected, KERNEL_LANES);
    for (unsigned set = 0; set < SETS; ++set) {
      const struct kernels *const kernels = kernels_of((enum kernel_set)set);
      if (kernels) {
        kernels->narrow(n->x, halves, KERNEL_LANES);
        assert_memory_equal(halves, expected, sizeof(halves));
      }
    }
  }
}

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
      cmocka_unit_test_setup_teardown(matrix_vector_adds_in_sixteen_lanes_however_rows_are_cut, setup, teardown),
      cmocka_unit_test_setup_teardown(matrices_of_halves_give_the_bits_of_their_values_as_floats, setup, teardown),
      cmocka_unit_test_setup_teardown(several_vectors_give_the_bits_of_each_by_itself, setup, teardown),
      cmocka_unit_test_setup_teardown(matrix_vector_does_without_a_bias_and_is_near_the_true_product, setup, teardown),
      cmocka_unit_test_setup_teardown(energies_agree_however_slots_are_cut_and_are_near_the_true_ones, setup, teardown),
      cmocka_unit_test_setup_teardown(scores_are_dot_products_however_slots_are_cut, setup, teardown),
      cmocka_unit_test_setup_teardown(biases_of_scores_agree_however_slots_are_cut, setup, teardown),
      cmocka_unit_test_setup_teardown(finite_halves_are_widened_exactly, setup, teardown),
      cmocka_unit_test_setup_teardown(floats_are_narrowed_to_the_nearest_half_and_no_further_than_the_largest, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(weighted_sums_add_slot_after_slot_however_they_are_cut, setup, teardown),
      cmocka_unit_test_setup_teardown(sums_and_scaled_additions_agree, setup, teardown),
      cmocka_unit_test_setup_teardown(exponentials_are_those_of_kernel_exp, setup, teardown),
      cmocka_unit_test_setup_teardown(lstm_steps_are_those_of_the_scalar_functions_however_cut, setup, teardown),
      cmocka_unit_test(exp_is_near_enough),
      cmocka_unit_test(log_is_near_enough),
      cmocka_unit_test(tanh_is_near_enough),
      cmocka_unit_test(sigmoid_is_near_enough),
      cmocka_unit_test(elementary_functions_have_their_exact_points_and_ends),
      cmocka_unit_test(the_processors_mode_keeps_subnormals_and_is_given_back),
      cmocka_unit_test(the_best_kernels_are_among_those_offered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
