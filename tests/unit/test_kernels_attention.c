// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels that attention is made of: all instruction sets agree to the bit with what kernels.h says, number by number, however
// work is cut. Sets that this processor lacks are left out.

#include "engine/random.h"
#include "kernel_numbers.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GROUPS = 4, MOST_WIDTH = 80 };

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

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(energies_agree_however_slots_are_cut_and_are_near_the_true_ones, numbers_setup,
                                      numbers_teardown),
      cmocka_unit_test(attention_is_what_its_manual_says_however_groups_are_cut),
      cmocka_unit_test_setup_teardown(weighted_sums_add_slot_after_slot_however_they_are_cut, numbers_setup,
                                      numbers_teardown),
      cmocka_unit_test_setup_teardown(integers_are_the_nearest_of_a_scale_that_fits_the_largest, numbers_setup,
                                      numbers_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
