// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The packed product equals the product, for every number of rows and columns, from a matrix or from its transposed.

#include "packed_product.h"

#include "engine/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct product {
  size_t rows;
  size_t depth;
  size_t columns;
  float *a;          // [rows][depth]
  float *matrix;     // [depth][columns]
  float *transposed; // [columns][depth]
  float *packed;
  float *c; // [rows][columns] and a guard
};

static float *
random_values(const size_t count, const uint64_t key)
{
  float *const values = calloc(count + 1, sizeof(float));
  assert_non_null(values);
  for (size_t i = 0; i < count; ++i) {
    values[i] = random_uniform(key, i) - 0.5F;
  }
  return values;
}

static struct product
product_new(const size_t rows, const size_t depth, const size_t columns)
{
  struct product p = {
      .rows = rows,
      .depth = depth,
      .columns = columns,
      .a = random_values(rows * depth, 1),
      .matrix = random_values(depth * columns, 2),
      .transposed = calloc(depth * columns, sizeof(float)),
      .packed = calloc(packed_size(depth, columns), sizeof(float)),
      .c = random_values(rows * columns, 3),
  };
  for (size_t k = 0; k < depth; ++k) {
    for (size_t column = 0; column < columns; ++column) {
      p.transposed[column * depth + k] = p.matrix[k * columns + column];
    }
  }
  p.c[rows * columns] = 42.0F;
  return p;
}

static void
product_free(struct product *const p)
{
  free(p->a);
  free(p->matrix);
  free(p->transposed);
  free(p->packed);
  free(p->c);
}

static void
assert_product(const struct product *const p, const float *const before)
{
  for (size_t r = 0; r < p->rows; ++r) {
    for (size_t column = 0; column < p->columns; ++column) {
      double expected = before ? (double)before[r * p->columns + column] : 0.0;
      for (size_t k = 0; k < p->depth; ++k) {
        expected += (double)p->a[r * p->depth + k] * (double)p->matrix[k * p->columns + column];
      }
      assert_true(fabs((double)p->c[r * p->columns + column] - expected) < 1e-5 * (double)p->depth);
    }
  }
  assert_true(p->c[p->rows * p->columns] == 42.0F);
}

static void
products_are_right_for_every_shape(void **const state)
{
  (void)state;
  static const size_t rows[] = {1, 3, 4, 7, 8, 9, 16, 21};
  static const size_t columns[] = {16, 32, 48, 128, 5};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    for (size_t j = 0; j < sizeof(columns) / sizeof(columns[0]); ++j) {
      struct product p = product_new(rows[i], 33, columns[j]);
      packed_pack(p.matrix, p.depth, p.columns, p.packed);
      packed_multiply(p.a, p.packed, p.rows, p.depth, p.columns, false, p.c);
      assert_product(&p, NULL);
      product_free(&p);
    }
  }
}

static void
products_are_added_to_what_is_there(void **const state)
{
  (void)state;
  struct product p = product_new(11, 40, 48);
  float *const before = random_values(p.rows * p.columns, 3);
  packed_pack(p.matrix, p.depth, p.columns, p.packed);
  packed_multiply(p.a, p.packed, p.rows, p.depth, p.columns, true, p.c);
  assert_product(&p, before);
  free(before);
  product_free(&p);
}

static void
a_transposed_matrix_packs_to_the_same(void **const state)
{
  (void)state;
  struct product p = product_new(2, 24, 80);
  float *const other = calloc(packed_size(p.depth, p.columns), sizeof(float));
  packed_pack(p.matrix, p.depth, p.columns, p.packed);
  packed_pack_transposed(p.transposed, p.depth, p.columns, other);
  assert_memory_equal(p.packed, other, packed_size(p.depth, p.columns) * sizeof(float));
  free(other);
  product_free(&p);
}

static void
a_row_is_the_same_to_the_bit_wherever_it_stands(void **const state)
{
  (void)state;
  struct product p = product_new(13, 65, 64);
  for (size_t r = 1; r < p.rows; ++r) {
    memcpy(p.a + r * p.depth, p.a, p.depth * sizeof(float));
  }
  packed_pack(p.matrix, p.depth, p.columns, p.packed);
  packed_multiply(p.a, p.packed, p.rows, p.depth, p.columns, false, p.c);
  for (size_t r = 1; r < p.rows; ++r) {
    assert_memory_equal(p.c, p.c + r * p.columns, p.columns * sizeof(float));
  }
  product_free(&p);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_are_right_for_every_shape),
      cmocka_unit_test(products_are_added_to_what_is_there),
      cmocka_unit_test(a_transposed_matrix_packs_to_the_same),
      cmocka_unit_test(a_row_is_the_same_to_the_bit_wherever_it_stands),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
