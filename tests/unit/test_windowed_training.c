// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Training networks of layers: they learn, the figures in the weight file are those that evaluating it finds, they repeat and
// go on to the bit, and lists that make no sense are refused with a sentence.

#define _XOPEN_SOURCE 700 // setitimer

#include "training_fixture.h"

#include "corpus.h"
#include "windowed_evaluation.h"

#include "engine/safetensors.h"
#include "engine/weights.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <cmocka.h>

static struct training_options
windowed_options(const char *const name)
{
  struct training_options o = fixture_options(name);
  o.network = "embed:16, bilstm:16, attention:16, dropout:0.1, lstm:16, dense:16, softmax";
  o.optimizer = "rmsprop";
  o.context = 8;
  o.streams = 16;
  o.shards = 2;
  o.rate = 0.01;
  o.epochs = 4.0;
  return o;
}

// Column `column` of line `line` of the log, both from 0; the header is line 0
static double
log_figure(const char *const output, const int line, const int column)
{
  char path[512];
  char *text = NULL;
  snprintf(path, sizeof(path), "%s.run/log.csv", output);
  fixture_read(path, &text);
  const char *at = text;
  for (int i = 0; i < line; ++i) {
    at = strchr(at, '\n') + 1;
  }
  for (int i = 0; i < column; ++i) {
    at = strchr(at, ',') + 1;
  }
  const double figure = strtod(at, NULL);
  free(text);
  return figure;
}

static void
training_lowers_the_loss_and_makes_weights_that_load(void **const state)
{
  (void)state;
  const struct training_options o = windowed_options("learned.safetensors");
  fixture_train(&o);
  assert_true(log_figure(o.output, 4, 5) < log_figure(o.output, 1, 5) - 1.0);

  struct weights *weights = NULL;
  struct error error;
  if (weights_load(o.output, &weights, &error)) {
    fail_msg("%s", error.text);
  }
  assert_string_equal(weights->network->class_->kind, "windowed");
  assert_int_equal(weights->style_count, 0);
  weights_free(weights);
}

// All that such a network is told of a token is one number, in which tokens lie close together.
static void
a_network_that_is_told_one_number_tells_tokens_apart(void **const state)
{
  (void)state;
  struct training_options o = windowed_options("index.safetensors");
  o.network = "index, bilstm:16, attention:16, lstm:16, dense:16, softmax";
  fixture_train(&o);
  const double first = log_figure(o.output, 1, 5);
  const double last = log_figure(o.output, 4, 5);
  print_message("from %.3f to %.3f nats per note in three epochs\n", first, last);
  assert_true(last < 3.2); // 3.7 where they begin alike
}

static void
evaluating_the_weight_file_finds_what_training_found(void **const state)
{
  (void)state;
  const struct training_options o = windowed_options("evaluated.safetensors");
  struct safetensors *file = NULL;
  struct parameters parameters;
  struct corpus corpus;
  struct evaluation *const evaluation = calloc(1, sizeof(*evaluation));
  struct workers *const workers = workers_new(1);
  struct error error;
  fixture_train(&o);
  assert_int_equal(safetensors_read(o.output, &file, &error), STATUS_SUCCESS);
  assert_int_equal(parameters_load(file, o.output, &parameters, &error), STATUS_SUCCESS);
  assert_int_equal(corpus_read(o.folder, &corpus, &error), STATUS_SUCCESS);
  uint8_t *const held = calloc(corpus.piece_count, 1);
  assert_int_equal(corpus_split(&corpus, o.validation, o.seed, held, NULL), STATUS_SUCCESS);
  if (windowed_evaluate_file(file, o.output, &parameters, &corpus, held, 1, 0, workers, evaluation, &error)) {
    fail_msg("%s", error.text);
  }
  double best = INFINITY;
  for (int line = 1; line <= 4; ++line) {
    best = fmin(best, log_figure(o.output, line, 11));
  }
  assert_float_equal(evaluation_nats(&evaluation->all), best, 0.01); // Weights are rounded to F16
  assert_int_equal(evaluation->all.notes, 240);
  free(held);
  free(evaluation);
  workers_free(workers);
  corpus_free(&corpus);
  parameters_free(&parameters);
  safetensors_free(file);
}

static void
the_number_of_threads_changes_nothing(void **const state)
{
  (void)state;
  struct training_options one = windowed_options("one.safetensors");
  struct training_options two = windowed_options("two.safetensors");
  one.epochs = two.epochs = 1.0;
  one.threads = 1;
  two.threads = 2;
  fixture_train(&one);
  fixture_train(&two);
  fixture_assert_same_training(one.output, two.output);
}

static volatile sig_atomic_t stop;

static void
ask_to_stop(const int number)
{
  (void)number;
  stop = 1;
}

// The alarm comes somewhere in the training; in the unlikely case that it comes too late, there is nothing to go on with.
static void
a_training_that_goes_on_ends_like_one_that_was_not_interrupted(void **const state)
{
  (void)state;
  struct training_options whole = windowed_options("whole.safetensors");
  struct training_options parts = windowed_options("parts.safetensors");
  whole.epochs = parts.epochs = 3.0;
  fixture_train(&whole);

  const struct itimerval soon = {.it_value = {.tv_usec = 60000}};
  const volatile sig_atomic_t *const never = parts.stop;
  parts.stop = &stop;
  assert_int_equal(signal(SIGALRM, ask_to_stop) == SIG_ERR, 0);
  assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
  fixture_train(&parts);
  parts.stop = never;
  parts.resume = true;
  fixture_train(&parts);
  fixture_assert_same_training(whole.output, parts.output);
}

static void
a_list_that_makes_no_sense_is_refused(void **const state)
{
  (void)state;
  struct training_options o = windowed_options("refused.safetensors");
  struct error error = {0};
  o.network = "embed:16, marimba:16, softmax";
  assert_int_not_equal(training_run(&o, &error), STATUS_SUCCESS);
  assert_non_null(strstr(error.text, "marimba"));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(training_lowers_the_loss_and_makes_weights_that_load),
      cmocka_unit_test(a_network_that_is_told_one_number_tells_tokens_apart),
      cmocka_unit_test(evaluating_the_weight_file_finds_what_training_found),
      cmocka_unit_test(the_number_of_threads_changes_nothing),
      cmocka_unit_test(a_training_that_goes_on_ends_like_one_that_was_not_interrupted),
      cmocka_unit_test(a_list_that_makes_no_sense_is_refused),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
