// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The trainer and the plugin's engine compute for windowed networks what PyTorch computes: tests/reference/windowed.py wrote the networks a second
// time and left weights, windows, logits, losses and gradients in fixtures.

#include "parameters.h"
#include "windowed_model.h"

#include "engine/network.h"
#include "engine/network_windowed.h"
#include "engine/safetensors.h"
#include "engine/tokens.h"
#include "engine/vocabulary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CONTEXT = 9, WINDOWS = 3 };

static struct safetensors *fixture;

// All values of a tensor of the fixture; to be freed
static float *
values_of(const char *const prefix, const char *const name, const size_t count)
{
  char full[SAFETENSORS_NAME_SIZE];
  snprintf(full, sizeof(full), "%s%s", prefix, name);
  const struct tensor *const tensor = safetensors_find(fixture, full);
  if (!tensor) {
    fail_msg("the fixture has no tensor %s", full);
  }
  float *const values = malloc(count * sizeof(float));
  struct error error;
  if (tensor_floats(tensor, values, count, &error)) {
    fail_msg("%s: %s", full, error.text);
  }
  return values;
}

static void
fill_numbers(uint16_t *const to, const char *const name, const size_t count)
{
  float *const values = values_of("", name, count);
  for (size_t i = 0; i < count; ++i) {
    to[i] = (uint16_t)values[i];
  }
  free(values);
}

struct setting {
  struct parameters parameters;
  struct windowed_model model;
  struct window_batch batch;
};

static int
make_setting(void **const state)
{
  static struct setting setting;
  struct error error;
  if (parameters_load(fixture, "fixture", &setting.parameters, &error)) {
    fprintf(stderr, "%s\n", error.text);
    return -1;
  }
  if (windowed_model_new(&setting.parameters.windowed, WINDOWS, &setting.model, NULL) ||
      window_batch_new(CONTEXT, WINDOWS, &setting.batch, NULL)) {
    return -1;
  }
  fill_numbers(setting.batch.tokens, "windows", (size_t)CONTEXT * WINDOWS);
  fill_numbers(setting.batch.targets, "targets", WINDOWS);
  *state = &setting;
  return 0;
}

static int
free_setting(void **const state)
{
  struct setting *const s = *state;
  window_batch_free(&s->batch);
  windowed_model_free(&s->model);
  parameters_free(&s->parameters);
  return 0;
}

static void
logits_and_losses_are_those_of_pytorch(void **const state)
{
  struct setting *const s = *state;
  const size_t classes = s->parameters.windowed.vocabulary;
  windowed_model_forward(&s->model, &s->parameters, &s->batch, false);
  float *const logits = values_of("", "logits", WINDOWS * classes);
  float *const losses = values_of("", "losses", WINDOWS);
  for (size_t b = 0; b < WINDOWS; ++b) {
    double total = 0.0;
    for (size_t v = 0; v < classes; ++v) {
      total += exp((double)logits[b * classes + v]);
    }
    for (size_t v = 0; v < classes; ++v) {
      const double expected = exp((double)logits[b * classes + v]) / total;
      assert_float_equal(windowed_model_probabilities(&s->model)[b * classes + v], expected, 1e-5);
    }
    assert_float_equal(s->model.losses[b], losses[b], 1e-4);
  }
  free(losses);
  free(logits);
}

static void
gradients_are_those_of_pytorch(void **const state)
{
  struct setting *const s = *state;
  float *const gradients = calloc(s->parameters.count, sizeof(float));
  windowed_model_forward(&s->model, &s->parameters, &s->batch, false);
  windowed_model_backward(&s->model, &s->parameters, &s->batch, 1.0F, gradients);
  for (size_t tensor = 0; tensor < s->parameters.tensors; ++tensor) {
    const struct tensor_shape *const shape = &s->parameters.shapes[tensor];
    const size_t count = tensor_shape_count(shape);
    float *const expected = values_of("gradient.", shape->name, count);
    const float *const found = gradients + s->parameters.offsets[tensor];
    double difference = 0.0;
    double length = 0.0;
    for (size_t i = 0; i < count; ++i) {
      const double d = (double)found[i] - (double)expected[i];
      difference += d * d;
      length += (double)expected[i] * (double)expected[i];
    }
    if (!(sqrt(difference) <= 1e-4 * sqrt(length))) {
      fail_msg("gradient of %s: off by %g of %g", shape->name, sqrt(difference), sqrt(length));
    }
    free(expected);
  }
  free(gradients);
}

// Let the engine hear the tokens of window b, one after the other, and wait for what it says of the next.
static void
engine_hear(const struct network *const network,
            struct network_state *const memory,
            const struct vocabulary *const vocabulary,
            const struct window_batch *const batch,
            const size_t b)
{
  const struct moment moment = {.metre = {4, 4}};
  uint32_t operations = 0x7FFFFFFF;
  network_reset(network, memory);
  network_feed(network, memory, NULL, &moment);
  for (size_t t = 0; t < CONTEXT; ++t) {
    const uint16_t token = batch->tokens[t * WINDOWS + b];
    if (token != TOKEN_START) {
      struct step step;
      token_step(&vocabulary->tokens[token], &step);
      assert_true(network_absorb(network, memory, &operations));
      network_feed(network, memory, &step, &moment);
    }
  }
  assert_int_equal(network_work(network, memory, &operations), NETWORK_CHOICE);
}

static void
the_engine_gives_the_logits_of_pytorch(void **const state)
{
  struct setting *const s = *state;
  const size_t classes = s->parameters.windowed.vocabulary;
  struct network *network = NULL;
  struct vocabulary vocabulary;
  struct error error;
  if (network_windowed_new(fixture, "fixture", &network, &error) ||
      vocabulary_parse(safetensors_metadata(fixture, "vocabulary"), &vocabulary, &error)) {
    fail_msg("%s", error.text);
  }
  struct network_state *const memory = network_state_new(network);
  float *const logits = values_of("", "logits", WINDOWS * classes);
  for (size_t b = 0; b < WINDOWS; ++b) {
    struct choice choice;
    engine_hear(network, memory, &vocabulary, &s->batch, b);
    network_choice(network, memory, &choice);
    assert_int_equal(choice.field, FIELD_TOKEN);
    assert_int_equal(choice.classes, classes);
    for (size_t v = 0; v < classes; ++v) {
      assert_float_equal(choice.logits[v], logits[b * classes + v], 1e-4);
    }
  }
  free(logits);
  vocabulary_clear(&vocabulary);
  network_state_free(memory);
  network->class_->free(network);
}

int
main(const int argc, char **const argv)
{
  struct error error;
  if (argc < 2 || safetensors_read(argv[1], &fixture, &error)) {
    fprintf(stderr, "usage: test_windowed_reference FIXTURE%s%s\n", argc < 2 ? "" : "; ", argc < 2 ? "" : error.text);
    return 1;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(logits_and_losses_are_those_of_pytorch),
      cmocka_unit_test(gradients_are_those_of_pytorch),
      cmocka_unit_test(the_engine_gives_the_logits_of_pytorch),
  };
  const int failures = cmocka_run_group_tests(tests, make_setting, free_setting);
  safetensors_free(fixture);
  return failures;
}
