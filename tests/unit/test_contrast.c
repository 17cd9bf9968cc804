// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Training with contrast: music becomes likelier told its own style than told another, and nothing is counted twice.

#include "evaluation.h"
#include "training_fixture.h"

#include "engine/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { TRAIN_COLUMN = 5 };

static void
train(const char *const name, const double contrast)
{
  struct training_options o = fixture_options(name);
  o.epochs = 12.0;
  o.contrast = contrast;
  fixture_train(&o);
}

// Nats per note of all music, told its own style or the other one
static double
nats(const char *const name, const bool told_right)
{
  struct safetensors *file = NULL;
  struct parameters parameters;
  struct corpus corpus;
  struct evaluation evaluation;
  struct workers *const workers = workers_new(1);
  const char *const path = fixture_path(name);
  const uint8_t map[CORPUS_STYLES] = {told_right ? 1 : 2, told_right ? 2 : 1};
  assert_int_equal(safetensors_read(path, &file, NULL), STATUS_SUCCESS);
  assert_int_equal(parameters_load(file, path, &parameters, NULL), STATUS_SUCCESS);
  assert_int_equal(corpus_read(fixture_path("music"), &corpus, NULL), STATUS_SUCCESS);
  assert_int_equal(corpus.style_count, 2);
  assert_int_equal(evaluate(&parameters, &corpus, NULL, 0, map, workers, &evaluation, NULL), STATUS_SUCCESS);
  workers_free(workers);
  corpus_free(&corpus);
  parameters_free(&parameters);
  safetensors_free(file);
  return evaluation_nats(&evaluation.all);
}

static void
other_styles_cost_more_than_without_it(void **const state)
{
  (void)state;
  train("plain.safetensors", 0.0);
  train("apart.safetensors", 20.0);
  const double plain = nats("plain.safetensors", false) - nats("plain.safetensors", true);
  const double apart = nats("apart.safetensors", false) - nats("apart.safetensors", true);
  print_message("told the other style: %.3f, with contrast %.3f nats more\n", plain, apart);
  assert_true(apart > 2.0 * plain && apart > 0.02);
}

// The figure of the log's first line is the mean of what was heard while it was learned: twins would double it.
static void
twins_are_not_counted(void **const state)
{
  (void)state;
  double first[2];
  static const char *const logs[] = {"plain.safetensors.run/log.csv", "apart.safetensors.run/log.csv"};
  for (int i = 0; i < 2; ++i) {
    double last = 0.0;
    int lines = 0;
    fixture_log_column(fixture_path(logs[i]), TRAIN_COLUMN, &first[i], &last, &lines);
    assert_true(lines > 0);
  }
  assert_true(first[1] > 0.75 * first[0] && first[1] < 1.33 * first[0]);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(other_styles_cost_more_than_without_it),
      cmocka_unit_test(twins_are_not_counted),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
