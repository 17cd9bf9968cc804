// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// From logits to a class: what a user of temperature and top_p relies on.

#include "engine/random.h"
#include "engine/sampler.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DRAWS = 100000 };

static struct sampler sampler;

static const struct sampling plain = {.temperature = 1.0F, .top_p = 1.0F};

static uint32_t
pick(const float *const logits,
     const uint8_t *const allowed,
     const uint32_t classes,
     const struct sampling sampling,
     const float uniform)
{
  return sampler_pick(&sampler, logits, allowed, classes, sampling, uniform);
}

// Draw often, and return each class's share in `shares`.
static void
draw_shares(const float *const logits,
            const uint8_t *const allowed,
            const uint32_t classes,
            const struct sampling sampling,
            double *const shares)
{
  memset(shares, 0, classes * sizeof(*shares));
  for (uint64_t i = 0; i < DRAWS; ++i) {
    shares[pick(logits, allowed, classes, sampling, random_uniform(7, i))] += 1.0 / DRAWS;
  }
}

static void
assert_near(const double value, const double expected, const double tolerance)
{
  if (!(fabs(value - expected) <= tolerance)) {
    fail_msg("%f is not within %f of %f", value, tolerance, expected);
  }
}

static void
temperature_zero_takes_the_likeliest(void **const state)
{
  (void)state;
  const float logits[] = {0.0F, 3.0F, 2.9F, -1.0F};
  for (uint64_t i = 0; i < 100; ++i) {
    assert_int_equal(pick(logits, NULL, 4, (struct sampling){0.0F, 1.0F}, random_uniform(1, i)), 1);
  }
}

static void
ties_go_to_the_lowest_class(void **const state)
{
  (void)state;
  const float logits[] = {0.0F, 3.0F, 3.0F, 3.0F};
  const uint8_t allowed[] = {1, 0, 1, 1};
  assert_int_equal(pick(logits, NULL, 4, (struct sampling){0.0F, 1.0F}, 0.99F), 1);
  assert_int_equal(pick(logits, allowed, 4, (struct sampling){0.0F, 1.0F}, 0.99F), 2);
  // In the nucleus too: a third of the probability is reached by the first of the three
  assert_int_equal(pick(logits, NULL, 4, (struct sampling){1.0F, 0.3F}, 0.99F), 1);
}

static void
a_temperature_that_is_no_number_takes_the_likeliest(void **const state)
{
  (void)state;
  const float logits[] = {0.0F, 3.0F};
  assert_int_equal(pick(logits, NULL, 2, (struct sampling){NAN, 1.0F}, 0.0F), 1);
  assert_int_equal(pick(logits, NULL, 2, (struct sampling){-1.0F, 1.0F}, 0.0F), 1);
}

static void
classes_come_as_often_as_the_softmax_says(void **const state)
{
  (void)state;
  const float logits[] = {1.0F, 0.0F, -1.0F, 2.0F, -30.0F};
  for (float temperature = 0.5F; temperature <= 2.0F; temperature *= 2.0F) {
    double expected[5];
    double sum = 0.0;
    for (int i = 0; i < 5; ++i) {
      expected[i] = exp((double)logits[i] / (double)temperature);
      sum += expected[i];
    }
    double shares[5];
    draw_shares(logits, NULL, 5, (struct sampling){temperature, 1.0F}, shares);
    for (int i = 0; i < 5; ++i) {
      assert_near(shares[i], expected[i] / sum, 0.006);
    }
  }
}

static void
barred_classes_never_come_and_the_others_share(void **const state)
{
  (void)state;
  const float logits[] = {5.0F, 0.0F, 0.0F, 5.0F};
  const uint8_t allowed[] = {0, 1, 1, 0};
  for (float top_p = 0.6F; top_p <= 1.0F; top_p += 0.4F) {
    double shares[4];
    draw_shares(logits, allowed, 4, (struct sampling){1.0F, top_p}, shares);
    assert_true(shares[0] == 0.0 && shares[3] == 0.0);
    assert_near(shares[1], 0.5, 0.006);
  }
}

static void
the_nucleus_is_the_fewest_likeliest_classes(void **const state)
{
  (void)state;
  const float logits[] = {logf(0.1F), logf(0.4F), logf(0.2F), logf(0.3F)};
  double shares[4];

  draw_shares(logits, NULL, 4, (struct sampling){1.0F, 0.65F}, shares); // 0.4 + 0.3 >= 0.65
  assert_true(shares[0] == 0.0 && shares[2] == 0.0);
  assert_near(shares[1], 4.0 / 7.0, 0.006);

  draw_shares(logits, NULL, 4, (struct sampling){1.0F, 0.75F}, shares);
  assert_true(shares[0] == 0.0);
  assert_near(shares[2], 2.0 / 9.0, 0.006);

  draw_shares(logits, NULL, 4, (struct sampling){1.0F, 0.0F}, shares);
  assert_near(shares[1], 1.0, 1e-9);
}

static void
the_nucleus_of_many_classes_is_that_of_a_full_sort(void **const state)
{
  (void)state;
  enum { CLASSES = 1000 };
  float logits[CLASSES];
  for (uint32_t i = 0; i < CLASSES; ++i) {
    logits[i] = (float)random_below(3, i, 40) / 8.0F; // Many ties
  }
  const struct sampling sampling = {1.0F, 0.5F};
  double sum = 0.0;
  for (int i = 0; i < CLASSES; ++i) {
    sum += exp((double)logits[i]);
  }
  // Class i is in the nucleus if those before it in order have less than half
  for (uint64_t draw = 0; draw < 2000; ++draw) {
    const uint32_t chosen = pick(logits, NULL, CLASSES, sampling, random_uniform(4, draw));
    double before = 0.0;
    for (uint32_t i = 0; i < CLASSES; ++i) {
      if (logits[i] > logits[chosen] || (logits[i] == logits[chosen] && i < chosen)) {
        before += exp((double)logits[i]);
      }
    }
    assert_true(before < 0.5 * sum * 1.000001);
  }
}

static void
draws_at_both_ends_are_open_classes(void **const state)
{
  (void)state;
  const float logits[] = {-INFINITY, 0.0F, 1.0F, -INFINITY, -200.0F};
  const float last = 1.0F - 0x1p-24F;
  assert_int_equal(pick(logits, NULL, 5, plain, 0.0F), 1);
  assert_int_equal(pick(logits, NULL, 5, plain, last), 2);
  assert_int_equal(pick(logits, NULL, 5, (struct sampling){1.0F, 0.999F}, 0.0F), 2);
  assert_int_equal(pick(logits, NULL, 5, (struct sampling){1.0F, 0.999F}, last), 1);
}

static void
logits_that_are_no_numbers_are_barred(void **const state)
{
  (void)state;
  const float logits[] = {NAN, 0.0F, NAN, 0.0F};
  double shares[4];
  draw_shares(logits, NULL, 4, plain, shares);
  assert_true(shares[0] == 0.0 && shares[2] == 0.0);
  assert_near(shares[1], 0.5, 0.006);

  const float none[] = {NAN, NAN};
  assert_int_equal(pick(none, NULL, 2, plain, 0.5F), 0);
}

static void
infinite_logits_are_certain_or_impossible(void **const state)
{
  (void)state;
  const float high[] = {0.0F, INFINITY, INFINITY};
  const float low[] = {-INFINITY, -INFINITY};
  assert_int_equal(pick(high, NULL, 3, plain, 0.9F), 1);
  assert_int_equal(pick(low, NULL, 2, plain, 0.9F), 0);
  assert_int_equal(pick(low, NULL, 2, (struct sampling){1.0F, 0.5F}, 0.9F), 0);
}

static void
if_all_are_barred_the_likeliest_of_all_comes(void **const state)
{
  (void)state;
  const float logits[] = {0.0F, 1.0F, 9.0F};
  const uint8_t allowed[] = {0, 0, 0};
  assert_int_equal(pick(logits, allowed, 3, (struct sampling){0.0F, 1.0F}, 0.5F), 2);
}

static void
the_most_classes_and_the_least_temperature_are_fine(void **const state)
{
  (void)state;
  static float logits[SAMPLER_CLASSES];
  logits[SAMPLER_CLASSES - 1] = 1.0F;
  assert_int_equal(pick(logits, NULL, SAMPLER_CLASSES, (struct sampling){1e-30F, 1.0F}, 0.3F), SAMPLER_CLASSES - 1);
  assert_true(pick(logits, NULL, SAMPLER_CLASSES, (struct sampling){2.0F, 0.99F}, 0.99F) < SAMPLER_CLASSES);
}

static void
the_processors_instructions_change_nothing(void **const state)
{
  (void)state;
  enum { CLASSES = 333 };
  static float expected[CLASSES];
  float logits[CLASSES];
  uint8_t allowed[CLASSES];
  for (uint32_t i = 0; i < CLASSES; ++i) {
    logits[i] = 60.0F * random_uniform(5, i);
    allowed[i] = random_below(6, i, 3) > 0;
  }
  const struct sampling sampling = {.temperature = 0.7F, .top_p = 0.9F};
  sampler.kernels = NULL;
  const uint32_t picked = pick(logits, allowed, CLASSES, sampling, 0.6F);
  memcpy(expected, sampler.probabilities, sizeof(expected));
  for (unsigned set = 0; set <= KERNEL_NEON; ++set) {
    sampler.kernels = kernels_of((enum kernel_set)set);
    memset(sampler.probabilities, 0, sizeof(sampler.probabilities));
    assert_int_equal(pick(logits, allowed, CLASSES, sampling, 0.6F), picked);
    assert_memory_equal(sampler.probabilities, expected, sizeof(expected));
  }
  sampler.kernels = NULL;
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(temperature_zero_takes_the_likeliest),
      cmocka_unit_test(ties_go_to_the_lowest_class),
      cmocka_unit_test(a_temperature_that_is_no_number_takes_the_likeliest),
      cmocka_unit_test(classes_come_as_often_as_the_softmax_says),
      cmocka_unit_test(barred_classes_never_come_and_the_others_share),
      cmocka_unit_test(the_nucleus_is_the_fewest_likeliest_classes),
      cmocka_unit_test(the_nucleus_of_many_classes_is_that_of_a_full_sort),
      cmocka_unit_test(draws_at_both_ends_are_open_classes),
      cmocka_unit_test(logits_that_are_no_numbers_are_barred),
      cmocka_unit_test(infinite_logits_are_certain_or_impossible),
      cmocka_unit_test(if_all_are_barred_the_likeliest_of_all_comes),
      cmocka_unit_test(the_processors_instructions_change_nothing),
      cmocka_unit_test(the_most_classes_and_the_least_temperature_are_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
