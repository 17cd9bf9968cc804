// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The trainer and the plugin's engine compute what PyTorch computes: tests/reference/streaming.py wrote the network a second
// time and left weights, steps, logits, losses and gradients in a fixture.

#include "batch.h"
#include "parameters.h"
#include "streaming_model.h"

#include "engine/network.h"
#include "engine/network_streaming.h"
#include "engine/safetensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 24, STREAMS = 2, ROWS = STEPS * STREAMS };

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
fill_row_numbers(uint16_t *const to, const char *const prefix, const char *const name)
{
  float *const values = values_of(prefix, name, ROWS);
  for (size_t r = 0; r < ROWS; ++r) {
    to[r] = values[r] < 0.0F ? BATCH_NONE : (uint16_t)values[r];
  }
  free(values);
}

static void
fill_batch(const struct parameters *const parameters, struct batch *const batch)
{
  assert_int_equal(batch_new(STEPS, STREAMS, batch, NULL), STATUS_SUCCESS);
  for (int i = 0; i < BATCH_INPUTS; ++i) {
    fill_row_numbers(batch->inputs[i], "input.", parameters->shapes[i].name);
  }
  for (int field = 0; field < FIELD_COUNT; ++field) {
    fill_row_numbers(batch->targets[field], "target.", field_name((enum field)field));
  }
  float *const bars = values_of("", "bar", ROWS);
  float *const slot_bars = values_of("", "slot_bar", ROWS);
  for (size_t r = 0; r < ROWS; ++r) {
    batch->bars[r] = (int32_t)bars[r];
    batch->slot_bars[r] = (int32_t)slot_bars[r];
  }
  free(bars);
  free(slot_bars);
  batch->resets[0] = batch->resets[1] = true;
  batch->notes = ROWS;
}

static void
trainer_gives_the_losses_and_gradients_of_pytorch(void **const state)
{
  (void)state;
  struct parameters parameters;
  struct streaming_model model;
  struct batch batch;
  assert_int_equal(parameters_load(fixture, "fixture", &parameters, NULL), STATUS_SUCCESS);
  assert_int_equal(streaming_model_new(&parameters.sizes, STEPS, STREAMS, &model, NULL), STATUS_SUCCESS);
  fill_batch(&parameters, &batch);
  float *const gradients = calloc(parameters.count, sizeof(float));
  streaming_model_forward(&model, &parameters, &batch, 0.0F);

  float *const losses = values_of("", "losses", (size_t)ROWS * FIELD_COUNT);
  for (size_t i = 0; i < (size_t)ROWS * FIELD_COUNT; ++i) {
    assert_float_equal(model.heads.losses[i], losses[i], 1e-4 * (1.0 + fabs((double)losses[i])));
  }
  free(losses);

  streaming_model_backward(&model, &parameters, &batch, 1.0F, gradients);
  for (int tensor = 0; tensor < STREAMING_TENSORS; ++tensor) {
    const struct tensor_shape *const shape = &parameters.shapes[tensor];
    const size_t count = tensor_shape_count(shape);
    float *const expected = values_of("gradient.", shape->name, count);
    const float *const found = gradients + parameters.offsets[tensor];
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
  batch_free(&batch);
  streaming_model_free(&model);
  parameters_free(&parameters);
}

// The step that stream `b` of the fixture makes at time t, and the moment of its onset
static void
read_step(const struct batch *const batch,
          const float *const ticks,
          const size_t t,
          const size_t b,
          struct step *const step,
          struct moment *const moment)
{
  const size_t row = t * STREAMS + b;
  memset(step, 0, sizeof(*step));
  step->count = 1;
  for (int field = 0; field < FIELD_COUNT; ++field) {
    if (batch->targets[field][row] != BATCH_NONE) {
      event_set_class(&step->notes[0], (enum field)field, batch->targets[field][row]);
    }
  }
  if (batch->targets[FIELD_HAND][row] == BATCH_NONE) {
    step->notes[0].hand = HAND_UNTOLD;
    step->notes[0].velocity = VELOCITY_UNTOLD;
  }
  step->advance = step->notes[0].advance;
  *moment = (struct moment){
      .bar = (uint32_t)batch->bars[row],
      .tick = (uint16_t)ticks[row],
      .metre = {4, 4},
      .conditions = {.style = (uint8_t)batch->inputs[TENSOR_CONDITION_STYLE][row],
                     .key = (uint8_t)batch->inputs[TENSOR_CONDITION_KEY][row],
                     .density = (uint8_t)batch->inputs[TENSOR_CONDITION_DENSITY][row],
                     .metre = (uint8_t)batch->inputs[TENSOR_CONDITION_METRE][row]},
  };
}

static void
compare_logits(const struct choice *const choice, const float *const expected, const size_t row)
{
  for (size_t i = 0; i < choice->classes; ++i) {
    const double difference = fabs((double)choice->logits[i] - (double)expected[row * choice->classes + i]);
    if (!(difference <= 2e-4)) {
      fail_msg("stream %zu, step %zu, %s: off by %g", row % STREAMS, row / STREAMS, field_name(choice->field),
               difference);
    }
  }
}

static enum network_progress
work(const struct network *const network, struct network_state *const state)
{
  uint32_t operations = 0x7FFFFFFF;
  return network_work(network, state, &operations);
}

static void
engine_gives_the_logits_of_pytorch(void **const state)
{
  (void)state;
  struct parameters parameters;
  struct network *network = NULL;
  struct batch batch;
  struct error error;
  assert_int_equal(parameters_load(fixture, "fixture", &parameters, NULL), STATUS_SUCCESS);
  fill_batch(&parameters, &batch);
  if (network_streaming_new(fixture, "fixture", &network, &error)) {
    fail_msg("%s", error.text);
  }
  struct network_state *const memory = network_state_new(network);
  float *const ticks = values_of("", "tick", ROWS);
  float *logits[FIELD_COUNT];
  for (int field = 0; field < FIELD_COUNT; ++field) {
    logits[field] =
        values_of("logits.", field_name((enum field)field), (size_t)ROWS * field_classes((enum field)field));
  }
  // Stream 0 has all fields told; stream 1 is fed with untold ones too, and is compared up to what was chosen
  for (size_t b = 0; b < STREAMS; ++b) {
    struct step step;
    struct step before;
    struct moment moment;
    network_reset(network, memory);
    for (size_t t = 0; t < STEPS; ++t) {
      before = step;
      read_step(&batch, ticks, t, b, &step, &moment);
      network_feed(network, memory, t ? &before : NULL, &moment);
      for (int field = 0; field < FIELD_COUNT; ++field) {
        struct choice choice;
        const unsigned target = batch.targets[field][t * STREAMS + b];
        assert_int_equal(work(network, memory), NETWORK_CHOICE);
        network_choice(network, memory, &choice);
        assert_int_equal(choice.field, field);
        compare_logits(&choice, logits[field], t * STREAMS + b);
        if (target == BATCH_NONE) {
          break;
        }
        network_choose(network, memory, target);
      }
    }
  }
  for (int field = 0; field < FIELD_COUNT; ++field) {
    free(logits[field]);
  }
  free(ticks);
  network_state_free(memory);
  network->class_->free(network);
  batch_free(&batch);
  parameters_free(&parameters);
}

int
main(const int argc, char **const argv)
{
  struct error error;
  if (argc < 2 || safetensors_read(argv[1], &fixture, &error)) {
    fprintf(stderr, "usage: test_reference FIXTURE%s%s\n", argc < 2 ? "" : "; ", argc < 2 ? "" : error.text);
    return 1;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trainer_gives_the_losses_and_gradients_of_pytorch),
      cmocka_unit_test(engine_gives_the_logits_of_pytorch),
  };
  const int failures = cmocka_run_group_tests(tests, NULL, NULL);
  safetensors_free(fixture);
  return failures;
}
