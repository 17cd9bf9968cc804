// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Every gradient of a windowed network is the slope of the loss: each tensor of each layer against central differences.

#include "parameters.h"
#include "windowed_model.h"

#include "engine/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CONTEXT = 7, STREAMS = 3, VOCABULARY = 11 };

struct setting {
  struct parameters parameters;
  struct window_batch batch;
  bool training;
};

static void
setting_new(struct setting *const s, const char *const layers, const bool training)
{
  struct windowed_sizes sizes = {.context = CONTEXT, .vocabulary = VOCABULARY};
  struct error error;
  if (windowed_layers_parse(layers, &sizes, &error) || parameters_new_windowed(&sizes, &s->parameters, &error)) {
    fail_msg("%s", error.text);
  }
  s->training = training;
  parameters_initialise(&s->parameters, 7);
  for (size_t i = 0; i < s->parameters.count; ++i) {
    s->parameters.values[i] += 0.4F * (random_uniform(99, i) - 0.5F); // nothing stays zero, attention is not level
  }
  assert_int_equal(window_batch_new(CONTEXT, STREAMS, &s->batch, NULL), STATUS_SUCCESS);
  for (size_t i = 0; i < (size_t)CONTEXT * STREAMS; ++i) {
    s->batch.tokens[i] = (uint16_t)random_below(1, i, VOCABULARY);
  }
  for (size_t b = 0; b < STREAMS; ++b) {
    s->batch.targets[b] = b == 1 ? WINDOW_NONE : (uint16_t)random_below(2, b, VOCABULARY);
    s->batch.keys[b] = random_key(3, b);
  }
}

static void
setting_free(struct setting *const s)
{
  window_batch_free(&s->batch);
  parameters_free(&s->parameters);
}

// The loss, and its gradients if they are asked for
static double
loss(const struct setting *const s, float *const gradients)
{
  struct windowed_model model;
  assert_int_equal(windowed_model_new(&s->parameters.windowed, STREAMS, &model, NULL), STATUS_SUCCESS);
  windowed_model_forward(&model, &s->parameters, &s->batch, s->training);
  double total = 0.0;
  for (size_t b = 0; b < STREAMS; ++b) {
    total += (double)model.losses[b];
  }
  if (gradients) {
    windowed_model_backward(&model, &s->parameters, &s->batch, 1.0F, gradients);
  }
  windowed_model_free(&model);
  return total;
}

static double
slope(
    struct setting *const s, float *const values, const size_t count, const double *const direction, const double step)
{
  float *const kept = malloc(count * sizeof(float));
  memcpy(kept, values, count * sizeof(float));
  double losses[2];
  for (int side = 0; side < 2; ++side) {
    for (size_t i = 0; i < count; ++i) {
      values[i] = (float)((double)kept[i] + (side ? step : -step) * direction[i]);
    }
    losses[side] = loss(s, NULL);
  }
  memcpy(values, kept, count * sizeof(float));
  free(kept);
  return (losses[1] - losses[0]) / (2.0 * step);
}

// Along a direction near the gradient of one tensor the loss changes as the gradient says; where that is zero (as for the
// recurrent weights of a backward half that reads one token), along no direction at all. A long step suffers from curvature, a
// short one from rounding: one of the steps must agree.
static void
check_tensor(struct setting *const s, const float *const gradients, const size_t tensor)
{
  static const double steps[] = {0.3, 0.1, 3e-2, 1e-2, 3e-3};
  const size_t count = tensor_shape_count(&s->parameters.shapes[tensor]);
  const float *const gradient = gradients + s->parameters.offsets[tensor];
  double *const direction = calloc(count, sizeof(double));
  double length = 0.0;
  for (size_t i = 0; i < count; ++i) {
    length += (double)gradient[i] * (double)gradient[i];
  }
  length = sqrt(length);
  double expected = 0.0;
  for (size_t i = 0; i < count; ++i) {
    const double random = (double)random_uniform(tensor, i);
    direction[i] = length > 1e-6 ? (double)gradient[i] / length * (0.5 + random) : random - 0.5;
    expected += direction[i] * (double)gradient[i];
  }
  float *const values = parameters_tensor(&s->parameters, s->parameters.values, (int)tensor);
  double best = INFINITY;
  for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); ++i) {
    best = fmin(best, fabs(slope(s, values, count, direction, steps[i]) - expected));
  }
  free(direction);
  if (best > 0.01 * fabs(expected) + 3e-5) {
    fail_msg("%s: gradient says %g, the nearest slope is %g off", s->parameters.shapes[tensor].name, expected, best);
  }
}

static void
check_all(const char *const layers, const bool training)
{
  struct setting s;
  setting_new(&s, layers, training);
  float *const gradients = calloc(s.parameters.count, sizeof(float));
  assert_true(loss(&s, gradients) > 0.0);
  for (size_t tensor = 0; tensor < s.parameters.tensors; ++tensor) {
    check_tensor(&s, gradients, tensor);
  }
  free(gradients);
  setting_free(&s);
}

static void
gradients_are_slopes_in_the_article_s_network(void **const state)
{
  (void)state;
  check_all("index, bilstm:16, attention:16, lstm:16, dense:16, softmax", false);
}

static void
gradients_are_slopes_where_attention_comes_last(void **const state)
{
  (void)state;
  check_all("embed:16, bilstm:16, attention:16, dense:16, softmax", false);
}

static void
gradients_are_slopes_through_two_attentions(void **const state)
{
  (void)state;
  check_all("embed:16, bilstm:16, attention:16, bilstm:16, attention:16, softmax", false);
}

static void
gradients_are_slopes_where_a_bilstm_comes_last(void **const state)
{
  (void)state;
  check_all("embed:16, lstm:16, bilstm:16, softmax", false);
}

static void
gradients_are_slopes_of_plain_lstms_under_dropout(void **const state)
{
  (void)state;
  check_all("embed:16, lstm:16, dropout:0.3, lstm:16, dropout:0.3, dense:16, softmax", true);
}

// Windows do not know of each other: a batch of three gives what three batches of one give.
static void
windows_of_a_batch_are_independent(void **const state)
{
  (void)state;
  struct setting s;
  struct windowed_model three;
  struct windowed_model one;
  struct window_batch window;
  setting_new(&s, "embed:16, bilstm:16, attention:16, dropout:0.5, lstm:16, softmax", true);
  assert_int_equal(windowed_model_new(&s.parameters.windowed, STREAMS, &three, NULL), STATUS_SUCCESS);
  assert_int_equal(windowed_model_new(&s.parameters.windowed, 1, &one, NULL), STATUS_SUCCESS);
  assert_int_equal(window_batch_new(CONTEXT, 1, &window, NULL), STATUS_SUCCESS);
  windowed_model_forward(&three, &s.parameters, &s.batch, true);
  for (size_t b = 0; b < STREAMS; ++b) {
    for (size_t t = 0; t < CONTEXT; ++t) {
      window.tokens[t] = s.batch.tokens[t * STREAMS + b];
    }
    window.targets[0] = s.batch.targets[b];
    window.keys[0] = s.batch.keys[b];
    windowed_model_forward(&one, &s.parameters, &window, true);
    assert_float_equal(one.losses[0], three.losses[b], 1e-5);
    for (size_t v = 0; v < VOCABULARY; ++v) {
      assert_float_equal(windowed_model_probabilities(&one)[v],
                         windowed_model_probabilities(&three)[b * VOCABULARY + v], 1e-6);
    }
  }
  window_batch_free(&window);
  windowed_model_free(&one);
  windowed_model_free(&three);
  setting_free(&s);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_are_slopes_in_the_article_s_network),
      cmocka_unit_test(gradients_are_slopes_where_attention_comes_last),
      cmocka_unit_test(gradients_are_slopes_through_two_attentions),
      cmocka_unit_test(gradients_are_slopes_where_a_bilstm_comes_last),
      cmocka_unit_test(gradients_are_slopes_of_plain_lstms_under_dropout),
      cmocka_unit_test(windows_of_a_batch_are_independent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
