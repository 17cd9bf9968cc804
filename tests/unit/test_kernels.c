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
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 37, COLUMNS = 160, SLOTS = 45, VECTORS = 13, SETS = KERNEL_NEON + 1, GROUPS = 4, MOST_WIDTH = 80 };

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

// A memory of some heads, filled at random; softmax buffers of their own.
struct memory {
  _Alignas(KERNEL_ALIGNMENT) float floats[GROUPS * KERNEL_LANES * MOST_WIDTH * KERNEL_HEADS];
  _Alignas(KERNEL_ALIGNMENT) int16_t keys[GROUPS * KERNEL_LANES * MOST_WIDTH * KERNEL_HEADS];
  _Alignas(KERNEL_ALIGNMENT) int8_t values[GROUPS * KERNEL_LANES * MOST_WIDTH * KERNEL_HEADS];
  _Alignas(KERNEL_ALIGNMENT) float key_scales[GROUPS * KERNEL_LANES * KERNEL_HEADS];
  _Alignas(KERNEL_ALIGNMENT) float value_scales[GROUPS * KERNEL_LANES * KERNEL_HEADS];
  _Alignas(KERNEL_ALIGNMENT) float bias[KERNEL_HEADS * KERNEL_CLASSES];
  _Alignas(KERNEL_ALIGNMENT) float query_floats[KERNEL_HEADS * MOST_WIDTH];
  _Alignas(KERNEL_ALIGNMENT) int16_t query_integers[KERNEL_HEADS * MOST_WIDTH];
  float query_scales[KERNEL_HEADS];
  uint8_t classes[GROUPS * KERNEL_LANES];
  struct slots slots;
  struct query query;
};

// What attention makes of a memory.
struct result {
  _Alignas(KERNEL_ALIGNMENT) float numerators[GROUPS * KERNEL_LANES * KERNEL_HEADS];
  _Alignas(KERNEL_ALIGNMENT) float peaks[GROUPS * KERNEL_HEADS];
  _Alignas(KERNEL_ALIGNMENT) float highest[KERNEL_HEADS];
  _Alignas(KERNEL_ALIGNMENT) float largest[KERNEL_HEADS];
  _Alignas(KERNEL_ALIGNMENT) float lanes[KERNEL_HEADS * KERNEL_LANES];
  _Alignas(KERNEL_ALIGNMENT) int32_t sums[KERNEL_HEADS * MOST_WIDTH];
};

static struct memory *
memory_new(const enum precision precision, const uint32_t heads, const uint32_t key, const uint32_t value)
{
  struct memory *const m = aligned_alloc(KERNEL_ALIGNMENT, sizeof(*m));
  const size_t count = (size_t)GROUPS * KERNEL_LANES * heads;
  numbers_fill(m->floats, count * key, 11, 1.0F);
  numbers_fill(m->key_scales, count, 12, 3e-4F);
  numbers_fill(m->value_scales, count, 13, 1.0F);
  numbers_fill(m->bias, (size_t)heads * KERNEL_CLASSES, 14, 2.0F);
  numbers_fill(m->query_floats, (size_t)heads * key, 15, 1.0F);
  for (size_t i = 0; i < count * key; ++i) {
    m->keys[i] = (int16_t)((int)random_below(16, i, 2 * 2048 + 1) - 2048);
  }
  for (size_t i = 0; i < count * value; ++i) {
    m->values[i] = (int8_t)((int)random_below(17, i, 255) - 127);
  }
  for (size_t i = 0; i < (size_t)heads * key; ++i) {
    m->query_integers[i] = (int16_t)((int)random_below(18, i, 2 * 2048 + 1) - 2048);
  }
  for (size_t i = 0; i < count; ++i) {
    m->value_scales[i] = m->value_scales[i] < 0.0F ? -m->value_scales[i] : m->value_scales[i];
  }
  for (uint32_t s = 0; s < GROUPS * KERNEL_LANES; ++s) {
    m->classes[s] = (uint8_t)random_below(19, s, KERNEL_CLASSES);
  }
  for (uint32_t n = 0; n < heads; ++n) {
    m->query_scales[n] = 5e-4F + 1e-5F * (float)n;
  }
  const bool is_whole = precision == PRECISION_F16;
  m->slots = (struct slots){
      precision,     heads,           key,       value, is_whole ? (void *)m->keys : m->floats, m->values,
      m->key_scales, m->value_scales, m->classes};
  m->query = (struct query){is_whole ? (void *)m->query_integers : m->query_floats, m->query_scales, m->bias, 0.7F};
  return m;
}

// The score of a slot, or minus FLT_MAX beyond [begin, end), number by number.
static float
score_of(
    const struct memory *const m, const uint32_t slot, const uint32_t head, const uint32_t begin, const uint32_t end)
{
  const uint32_t width = m->slots.key;
  float lanes[2][MOST_WIDTH];
  int64_t whole = 0;
  for (uint32_t k = 0; k < width; ++k) {
    const size_t place = key_place(&m->slots, slot, head, k);
    lanes[0][k] = m->floats[place];
    lanes[1][k] = m->query_floats[head * width + k];
    whole += m->keys[place] * m->query_integers[head * width + k];
  }
  const float dot = m->slots.precision == PRECISION_F16 ? (float)whole : lanes_dot(lanes[0], lanes[1], width);
  const float factor = m->key_scales[slots_place(m->slots.heads, slot, head)] * m->query_scales[head];
  const float score = fmaf(dot, factor, m->bias[head * KERNEL_CLASSES + m->classes[slot]]) * m->query.sharpness;
  return slot >= begin && slot < end ? score : -FLT_MAX;
}

// What the kernels' manual says, number by number.
static void
attention_expect(const struct memory *const m, struct result *const r, const uint32_t begin, const uint32_t end)
{
  const uint32_t heads = m->slots.heads;
  const uint32_t first = begin / KERNEL_LANES * KERNEL_LANES;
  const uint32_t last = kernel_padded(end);
  memset(r, 0, sizeof(*r));
  for (uint32_t n = 0; n < heads; ++n) {
    r->highest[n] = -0.25F;
    for (uint32_t s = first; s < last; ++s) {
      float *const peak = &r->peaks[s / KERNEL_LANES * KERNEL_HEADS + n];
      const float score = score_of(m, s, n, begin, end);
      *peak = s % KERNEL_LANES == 0 || score > *peak ? score : *peak;
      r->highest[n] = score > r->highest[n] ? score : r->highest[n];
      const float scale = m->value_scales[slots_place(heads, s, n)];
      const bool counts = m->slots.precision == PRECISION_F16 && s >= begin && s < end;
      r->largest[n] = counts && scale > r->largest[n] ? scale : r->largest[n];
    }
    for (uint32_t s = first; s < last; ++s) {
      const size_t place = slots_place(heads, s, n);
      const float peak = r->peaks[s / KERNEL_LANES * KERNEL_HEADS + n];
      r->numerators[place] = kernel_exp(score_of(m, s, n, begin, end) - peak) * kernel_exp(peak - r->highest[n]);
      r->lanes[n * KERNEL_LANES + s % KERNEL_LANES] += r->numerators[place];
      const float weight = r->numerators[place] * (m->value_scales[place] * (16383.0F / r->largest[n]));
      for (uint32_t c = 0; c < m->slots.value && m->slots.precision == PRECISION_F16; ++c) {
        r->sums[n * m->slots.value + c] += (int32_t)lrintf(weight) * m->values[value_place(&m->slots, s, n, c)];
      }
    }
  }
}

// The same by kernels, cut at the group that begins at `middle`.
static void
attention_run(const struct kernels *const kernels,
              const struct memory *const m,
              struct result *const r,
              const uint32_t begin,
              const uint32_t middle,
              const uint32_t end)
{
  const struct softmax softmax = {r->numerators, r->peaks, r->highest, r->largest, r->lanes};
  const uint32_t ends[] = {begin, middle > begin ? middle : begin, end};
  memset(r, 0, sizeof(*r));
  for (uint32_t n = 0; n < m->slots.heads; ++n) {
    r->highest[n] = -0.25F;
  }
  for (unsigned i = 0; i < 2; ++i) {
    if (ends[i] < ends[i + 1]) {
      kernels->scores(&m->slots, &m->query, &softmax, ends[i], ends[i + 1]);
    }
  }
  for (unsigned i = 0; i < 2; ++i) {
    if (ends[i] < ends[i + 1] && m->slots.precision == PRECISION_F16) {
      kernels->integer_sums(&m->slots, &softmax, 16383, r->sums, ends[i], ends[i + 1]);
    } else if (ends[i] < ends[i + 1]) {
      kernels->numerators(m->slots.heads, &softmax, ends[i], ends[i + 1]);
    }
  }
}

static void
assert_attention(const enum precision precision, const uint32_t heads, const uint32_t key, const uint32_t value)
{
  struct memory *const memory = memory_new(precision, heads, key, value);
  struct result *const expected = aligned_alloc(KERNEL_ALIGNMENT, sizeof(*expected));
  struct result *const found = aligned_alloc(KERNEL_ALIGNMENT, sizeof(*found));
  const uint32_t end = GROUPS * KERNEL_LANES - 5;
  for (uint32_t begin = 0; begin < 2 * KERNEL_LANES; begin += 5) {
    attention_expect(memory, expected, begin, end);
    for (unsigned set = 0; set < SETS; ++set) {
      const struct kernels *const kernels = kernels_of((enum kernel_set)set);
      for (uint32_t middle = 0; kernels && middle < end; middle += KERNEL_LANES) {
        attention_run(kernels, memory, found, begin, middle, end);
        assert_memory_equal(found, expected, sizeof(*found));
      }
    }
  }
  free(found);
  free(expected);
  free(memory);
}

static void
attention_is_what_its_manual_says_however_groups_are_cut(void **const state)
{
  (void)state;
  for (unsigned precision = PRECISION_F32; precision <= PRECISION_F16; ++precision) {
    assert_attention((enum precision)precision, 4, 32, 64);
    assert_attention((enum precision)precision, 1, 16, 16);
    assert_attention((enum precision)precision, 3, 48, 80);
    assert_attention((enum precision)precision, KERNEL_HEADS, 80, 48);
  }
}

static void
weighted_sums_add_slot_after_slot_however_they_are_cut(void **const state)
{
  struct numbers *const n = *state;
  enum { STRIDE = 160, USED = ROWS - 1 };
  for (uint32_t width = 16; width <= 144; width += 16) {
    for (uint32_t c = 0; c < width; ++c) {
      n->expected[c] = 0.5F;
      for (uint32_t s = 0; s < USED; ++s) {
        n->expected[c] = fmaf(n->many_x[s], n->matrix[s * STRIDE + c], n->expected[c]);
      }
    }
    for (unsigned set = 0; set < SETS; ++set) {
      const struct kernels *const kernels = kernels_of((enum kernel_set)set);
      for (uint32_t middle = 0; kernels && middle <= USED; ++middle) {
        for (uint32_t c = 0; c <= width; ++c) {
          n->y[c] = 0.5F;
        }
        kernels->weighted_sums(n->many_x, n->matrix, STRIDE, width, n->y, 0, middle);
        kernels->weighted_sums(n->many_x, n->matrix, STRIDE, width, n->y, middle, USED);
        assert_same_bits(n->y, n->expected, width);
        assert_true(n->y[width] == 0.5F);
      }
    }
  }
}

static void
integers_are_the_nearest_of_a_scale_that_fits_the_largest(void **const state)
{
  struct numbers *const n = *state;
  enum { WIDTH = 48, COUNT = 5, MOST = 127 };
  int16_t integers[COUNT * WIDTH];
  float scales[COUNT];
  numbers_fill(n->x, WIDTH, 8, 1e-20F);
  memcpy(n->many_x, n->x, WIDTH * sizeof(float));
  memset(n->many_x + WIDTH, 0, WIDTH * sizeof(float));
  numbers_fill(n->many_x + (size_t)2 * WIDTH, (size_t)3 * WIDTH, 9, 20.0F);
  n->many_x[3 * WIDTH + 7] = -INFINITY;
  n->many_x[4 * WIDTH + 9] = NAN;
  for (unsigned set = 0; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    if (!kernels) {
      continue;
    }
    kernels->quantize(n->many_x, COUNT, WIDTH, MOST, integers, scales);
    for (uint32_t v = 0; v < COUNT; ++v) {
      float largest = 0.0F;
      for (uint32_t i = 0; i < WIDTH; ++i) {
        float *const x = &n->many_x[v * WIDTH + i];
        *x = isnan(*x) || *x > 65504.0F ? 65504.0F : *x < -65504.0F ? -65504.0F : *x;
        largest = fmaxf(largest, fabsf(*x));
      }
      assert_true(scales[v] == largest / MOST);
      for (uint32_t i = 0; i < WIDTH; ++i) {
        const float factor = largest > 0.0F ? MOST / largest : 0.0F;
        assert_int_equal(integers[v * WIDTH + i], lrintf(n->many_x[v * WIDTH + i] * factor));
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
      cmocka_unit_test(attention_is_what_its_manual_says_however_groups_are_cut),
      cmocka_unit_test_setup_teardown(weighted_sums_add_slot_after_slot_however_they_are_cut, setup, teardown),
      cmocka_unit_test_setup_teardown(integers_are_the_nearest_of_a_scale_that_fits_the_largest, setup, teardown),
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
