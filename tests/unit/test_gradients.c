// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Every gradient of the streaming network is the slope of the loss: each tensor against central differences, over two passes
// with carried state, with and without attention and backward encoder.

#include "batch.h"
#include "contrast.h"
#include "parameters.h"
#include "streaming_model.h"

#include "engine/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 12, STREAMS = 3, PASSES = 2 };

static const struct streaming_sizes sizes_attention = {.embedding = 16,
                                                       .hidden = 16,
                                                       .heads = 2,
                                                       .key = 16,
                                                       .value = 16,
                                                       .dense = 16,
                                                       .segment = 4,
                                                       .memory = 16,
                                                       .styles = 3};
static const struct streaming_sizes sizes_backward = {.embedding = 16,
                                                      .hidden = 16,
                                                      .backward = 16,
                                                      .heads = 2,
                                                      .key = 16,
                                                      .value = 32,
                                                      .dense = 32,
                                                      .segment = 4,
                                                      .memory = 16,
                                                      .styles = 3};
static const struct streaming_sizes sizes_plain = {.embedding = 32,
                                                   .hidden = 16,
                                                   .heads = 0,
                                                   .key = 16,
                                                   .value = 16,
                                                   .dense = 16,
                                                   .segment = 4,
                                                   .memory = 16,
                                                   .styles = 3};

// Random but plausible steps: stream 1 begins in pass 1, stream 2 ends in the middle of it and has untold fields.
static void
fill_batch(const struct parameters *const parameters, struct batch *const batch, const uint64_t pass)
{
  uint64_t draw = 0;
  batch->notes = 0;
  for (size_t b = 0; b < STREAMS; ++b) {
    batch->resets[b] = pass == 0 || b == 1;
    batch->keys[b] = random_key(pass, b);
  }
  for (size_t row = 0; row < STEPS * STREAMS; ++row) {
    const size_t b = row % STREAMS;
    const size_t t = row / STREAMS;
    const bool over = b == 2 && pass == 1 && t > 7;
    for (int i = 0; i < BATCH_INPUTS; ++i) {
      const uint32_t rows = parameters->shapes[i].columns ? parameters->shapes[i].rows : 1;
      batch->inputs[i][row] = (uint16_t)random_below(pass + 1, draw++, rows);
    }
    const bool start = batch->resets[b] && t == 0;
    for (int i = TENSOR_EMBED_HAND; i <= TENSOR_EMBED_ADVANCE; ++i) {
      batch->inputs[i][row] = start ? BATCH_NONE : batch->inputs[i][row];
    }
    batch->inputs[TENSOR_EMBED_START][row] = start ? 0 : BATCH_NONE;
    for (int field = 0; field < FIELD_COUNT; ++field) {
      const uint32_t target = random_below(pass + 1, draw++, field_classes((enum field)field));
      batch->targets[field][row] = over || (b == 2 && field == FIELD_HAND) ? BATCH_NONE : (uint16_t)target;
    }
    batch->bars[row] = (int32_t)((pass * STEPS + t) / 3);
    batch->slot_bars[row] = (int32_t)((pass * STEPS + t) / 3) - (t % 3 == 0);
    batch->notes += !over;
  }
}

struct setting {
  struct parameters parameters;
  struct batch batches[PASSES];
  float dropout;
  float contrast; // With stream 1 as a twin of stream 0
};

// What is learned from: the sum of all losses, or, of a pair of twins, the first one's and how hard it is to tell them apart.
static double
objective(const struct setting *const s, const float *const losses)
{
  double sums[STREAMS] = {0.0};
  for (size_t i = 0; i < (size_t)STEPS * STREAMS * FIELD_COUNT; ++i) {
    sums[i / FIELD_COUNT % STREAMS] += (double)losses[i];
  }
  return s->contrast > 0.0F ? sums[0] + (double)s->contrast * log1p(exp(sums[0] - sums[1])) + sums[2]
                            : sums[0] + sums[1] + sums[2];
}

// The loss of the last pass after the passes before it; its gradients too if they are asked for.
static double
loss(const struct setting *const s, float *const gradients)
{
  struct streaming_model model;
  assert_int_equal(streaming_model_new(&s->parameters.sizes, STEPS, STREAMS, &model, NULL), STATUS_SUCCESS);
  for (int pass = 0; pass < PASSES; ++pass) {
    streaming_model_forward(&model, &s->parameters, &s->batches[pass], s->dropout);
    if (pass < PASSES - 1) {
      streaming_model_carry(&model);
    }
  }
  const double total = objective(s, model.heads.losses);
  if (gradients) {
    struct batch last = s->batches[PASSES - 1];
    if (s->contrast > 0.0F) {
      contrast_weigh(&last, model.heads.losses, s->contrast);
    }
    streaming_model_backward(&model, &s->parameters, &last, 1.0F, gradients);
  }
  streaming_model_free(&model);
  return total;
}

// What the earlier passes carry must not change with the weights, for gradients stop there: so all earlier passes are empty
// of difference by being made with the same weights - which central differences break. Hence the first pass is only used
// where `carried` is false for streams that reset; here every stream of the last pass begins anew.
static void
reset_last(struct setting *const s)
{
  for (size_t b = 0; b < STREAMS; ++b) {
    s->batches[PASSES - 1].resets[b] = true;
  }
}

static void
setting_new(struct setting *const s, const struct streaming_sizes *const sizes, const float dropout)
{
  s->dropout = dropout;
  s->contrast = 0.0F;
  assert_int_equal(parameters_new(sizes, &s->parameters, NULL), STATUS_SUCCESS);
  parameters_initialise(&s->parameters, 7);
  for (size_t i = 0; i < s->parameters.count; ++i) {
    s->parameters.values[i] += 0.1F * (random_uniform(99, i) - 0.5F); // nothing stays exactly zero
  }
  for (int pass = 0; pass < PASSES; ++pass) {
    assert_int_equal(batch_new(STEPS, STREAMS, &s->batches[pass], NULL), STATUS_SUCCESS);
    fill_batch(&s->parameters, &s->batches[pass], (uint64_t)pass);
  }
  reset_last(s);
}

static void
setting_free(struct setting *const s)
{
  for (int pass = 0; pass < PASSES; ++pass) {
    batch_free(&s->batches[pass]);
  }
  parameters_free(&s->parameters);
}

// Central difference of the loss along `direction` [count] at `values`, and what it should be.
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

// Along a direction near the gradient of one tensor, the loss changes as the gradient says. A long step suffers from
// curvature (and from ReLUs that switch), a short one from rounding: one of three must agree.
static void
check_tensor(struct setting *const s, const float *const gradients, const int tensor)
{
  static const double steps[] = {1.6e-2, 4e-3, 1e-3};
  const size_t count = tensor_shape_count(&s->parameters.shapes[tensor]);
  const float *const gradient = gradients + s->parameters.offsets[tensor];
  double *const direction = calloc(count, sizeof(double));
  double length = 0.0;
  for (size_t i = 0; i < count; ++i) {
    length += (double)gradient[i] * (double)gradient[i];
  }
  if (!(length > 1e-8)) {
    fail_msg("%s has no gradient", s->parameters.shapes[tensor].name);
  }
  double expected = 0.0;
  for (size_t i = 0; i < count; ++i) {
    direction[i] = (double)gradient[i] / sqrt(length) * (0.5 + (double)random_uniform((uint64_t)tensor, i));
    expected += direction[i] * (double)gradient[i];
  }
  float *const values = parameters_tensor(&s->parameters, s->parameters.values, tensor);
  double best = INFINITY;
  for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); ++i) {
    const double error = fabs(slope(s, values, count, direction, steps[i]) - expected);
    best = error < best ? error : best;
  }
  free(direction);
  if (best > 0.02 * fabs(expected) + 3e-3) {
    fail_msg("%s: gradient says %g, the nearest slope is %g off", s->parameters.shapes[tensor].name, expected, best);
  }
}

static void
blur_styles(struct setting *const s, const float style_noise)
{
  for (int pass = 0; pass < PASSES; ++pass) {
    s->batches[pass].style_noise = style_noise;
  }
}

static void
check_tensors(struct setting *const s)
{
  float *const gradients = calloc(s->parameters.count, sizeof(float));
  assert_true(loss(s, gradients) > 0.0);
  for (int tensor = 0; tensor < STREAMING_TENSORS; ++tensor) {
    if (s->parameters.shapes[tensor].rows) {
      check_tensor(s, gradients, tensor);
    }
  }
  free(gradients);
}

static void
check_all(const struct streaming_sizes *const sizes, const float dropout, const float style_noise)
{
  struct setting s;
  setting_new(&s, sizes, dropout);
  blur_styles(&s, style_noise);
  check_tensors(&s);
  setting_free(&s);
}

// Let streams 0 and 1 be the same, but for the style that they are told in the last pass.
static void
make_twins(struct setting *const s)
{
  for (int pass = 0; pass < PASSES; ++pass) {
    struct batch *const batch = &s->batches[pass];
    batch->keys[0] = batch->keys[1];
    batch->resets[0] = batch->resets[1];
    for (size_t row = 0; row < (size_t)STEPS * STREAMS; row += STREAMS) {
      for (int i = 0; i < BATCH_INPUTS; ++i) {
        batch->inputs[i][row] = batch->inputs[i][row + 1];
      }
      for (int field = 0; field < FIELD_COUNT; ++field) {
        batch->targets[field][row] = batch->targets[field][row + 1];
      }
      batch->bars[row] = batch->bars[row + 1];
      batch->slot_bars[row] = batch->slot_bars[row + 1];
      batch->inputs[TENSOR_CONDITION_STYLE][row] = 1;
      batch->inputs[TENSOR_CONDITION_STYLE][row + 1] = pass == PASSES - 1 ? 2 : 1;
    }
  }
}

static void
gradients_are_slopes_of_the_contrast_between_twins(void **const state)
{
  (void)state;
  struct setting s;
  setting_new(&s, &sizes_attention, 0.2F);
  make_twins(&s);
  s.contrast = 4.0F;
  check_tensors(&s);
  setting_free(&s);
}

// Twins that are told the same teach as one stream does.
static void
twins_without_a_difference_teach_nothing_more(void **const state)
{
  (void)state;
  struct setting s;
  setting_new(&s, &sizes_attention, 0.0F);
  make_twins(&s);
  struct batch *const batch = &s.batches[0];
  float losses[STEPS * STREAMS * FIELD_COUNT];
  for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); ++i) {
    losses[i] = 1.0F;
  }
  contrast_weigh(batch, losses, 4.0F);
  assert_true(batch->factors[0] == 1.0F && batch->factors[1] == 0.0F && batch->factors[2] == 1.0F);
  contrast_weigh(&s.batches[PASSES - 1], losses, 4.0F);
  assert_true(s.batches[PASSES - 1].factors[0] == 3.0F && s.batches[PASSES - 1].factors[1] == -2.0F);
  setting_free(&s);
}

static void
gradients_are_slopes_with_attention(void **const state)
{
  (void)state;
  check_all(&sizes_attention, 0.0F, 0.0F);
}

static void
gradients_are_slopes_with_a_backward_encoder(void **const state)
{
  (void)state;
  check_all(&sizes_backward, 0.0F, 0.0F);
}

static void
gradients_are_slopes_without_attention(void **const state)
{
  (void)state;
  check_all(&sizes_plain, 0.0F, 0.0F);
}

static void
gradients_are_slopes_under_dropout_and_noise(void **const state)
{
  (void)state;
  check_all(&sizes_backward, 0.3F, 0.3F);
}

// Where a style is told, it is blurred; where none is, nothing is.
static void
noise_on_styles_moves_those_that_are_told(void **const state)
{
  (void)state;
  for (uint16_t told = 0; told < 2; ++told) {
    struct setting s;
    setting_new(&s, &sizes_attention, 0.0F);
    for (int pass = 0; pass < PASSES; ++pass) {
      for (size_t row = 0; row < (size_t)STEPS * STREAMS; ++row) {
        s.batches[pass].inputs[TENSOR_CONDITION_STYLE][row] = told;
      }
    }
    const double without = loss(&s, NULL);
    blur_styles(&s, 0.5F);
    const double first = loss(&s, NULL);
    s.batches[PASSES - 1].keys[0] ^= 1;
    const double second = loss(&s, NULL);
    if (told) {
      assert_true(fabs(first - without) > 1e-3 && fabs(second - first) > 1e-3);
    } else {
      assert_true(first == without && second == without);
    }
    setting_free(&s);
  }
}

// A pass cut in two, with state and memory carried, gives the losses of the whole.
static void
carried_state_gives_the_losses_of_one_long_pass(void **const state)
{
  (void)state;
  struct setting s;
  setting_new(&s, &sizes_backward, 0.0F);
  struct batch whole;
  assert_int_equal(batch_new((size_t)STEPS * PASSES, STREAMS, &whole, NULL), STATUS_SUCCESS);
  for (size_t b = 0; b < STREAMS; ++b) {
    whole.resets[b] = true;
    s.batches[0].resets[b] = true;
    s.batches[1].resets[b] = false;
  }
  const size_t rows = (size_t)STEPS * STREAMS;
  for (size_t pass = 0; pass < PASSES; ++pass) {
    const struct batch *const part = &s.batches[pass];
    for (size_t row = 0; row < rows; ++row) {
      const size_t to = pass * rows + row;
      for (int i = 0; i < BATCH_INPUTS; ++i) {
        whole.inputs[i][to] = part->inputs[i][row];
      }
      for (int field = 0; field < FIELD_COUNT; ++field) {
        whole.targets[field][to] = part->targets[field][row];
      }
      whole.bars[to] = part->bars[row];
      whole.slot_bars[to] = part->slot_bars[row];
    }
  }

  struct streaming_model one;
  struct streaming_model two;
  assert_int_equal(streaming_model_new(&s.parameters.sizes, (size_t)STEPS * PASSES, STREAMS, &one, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(streaming_model_new(&s.parameters.sizes, STEPS, STREAMS, &two, NULL), STATUS_SUCCESS);
  streaming_model_forward(&one, &s.parameters, &whole, 0.0F);
  for (size_t pass = 0; pass < PASSES; ++pass) {
    streaming_model_forward(&two, &s.parameters, &s.batches[pass], 0.0F);
    for (size_t i = 0; i < rows * FIELD_COUNT; ++i) {
      assert_float_equal(two.heads.losses[i], one.heads.losses[pass * rows * FIELD_COUNT + i], 1e-4);
    }
    streaming_model_carry(&two);
  }
  streaming_model_free(&one);
  streaming_model_free(&two);
  batch_free(&whole);
  setting_free(&s);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_are_slopes_with_attention),
      cmocka_unit_test(gradients_are_slopes_with_a_backward_encoder),
      cmocka_unit_test(gradients_are_slopes_without_attention),
      cmocka_unit_test(gradients_are_slopes_under_dropout_and_noise),
      cmocka_unit_test(gradients_are_slopes_of_the_contrast_between_twins),
      cmocka_unit_test(twins_without_a_difference_teach_nothing_more),
      cmocka_unit_test(noise_on_styles_moves_those_that_are_told),
      cmocka_unit_test(carried_state_gives_the_losses_of_one_long_pass),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
