// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "carried_state.h"

#include <stdlib.h>
#include <string.h>

enum { ATTENTION_KEYS = 4, ATTENTION_VALUES = 5 };

const char *
carried_name(const int index)
{
  static const char *const names[CARRIED_ARRAYS] = {
      "forward.cell", "forward.output", "decoder.cell", "decoder.output", "attention.keys", "attention.values",
  };
  return names[index];
}

void
carried_state_describe(const struct streaming_model *const models,
                       const size_t shards,
                       const size_t first,
                       const size_t own,
                       struct carried_state *const state)
{
  const struct streaming_sizes *const s = &models[0].sizes;
  const size_t memory = s->heads ? s->memory : 0;
  *state = (struct carried_state){
      .streams = shards * models[0].streams,
      .begin = first * models[0].streams,
      .end = (first + own) * models[0].streams,
      .memory = memory,
      .widths = {s->hidden, s->hidden, s->hidden, s->hidden, memory * s->heads * s->key, memory * s->heads * s->value},
  };
}

// Where a model keeps what array `index` holds for stream b
static float *
carried_at(const struct streaming_model *const model, const int index, const size_t b)
{
  const struct attention *const a = &model->attention;
  const size_t slots = a->memory + a->steps;
  switch (index) {
  case 0:
    return model->forward.cell + b * model->forward.hidden;
  case 1:
    return model->forward.output + b * model->forward.hidden;
  case 2:
    return model->decoder.cell + b * model->decoder.hidden;
  case 3:
    return model->decoder.output + b * model->decoder.hidden;
  case ATTENTION_KEYS:
    return a->keys + b * slots * a->heads * a->key;
  default:
    return a->values + b * slots * a->heads * a->value;
  }
}

void
carried_state_take(struct carried_state *const state, const struct streaming_model *const models)
{
  for (size_t stream = state->begin; stream < state->end; ++stream) {
    const struct streaming_model *const model = &models[(stream - state->begin) / models[0].streams];
    const size_t b = stream % models[0].streams;
    const struct attention *const a = &model->attention;
    for (int i = 0; i < CARRIED_ARRAYS; ++i) {
      if (state->widths[i]) {
        memcpy(state->arrays[i] + stream * state->widths[i], carried_at(model, i, b), state->widths[i] * sizeof(float));
      }
    }
    for (size_t m = 0; m < state->memory; ++m) {
      state->bars[stream * state->memory + m] = (uint64_t)a->slot_bars[b * (a->memory + a->steps) + m];
    }
    state->first[stream] = state->memory ? a->first[b] : 0;
  }
}

bool
carried_state_fits(const struct carried_state *const state)
{
  bool fits = true;
  for (size_t i = 0; i < state->streams * state->memory; ++i) {
    fits = fits && state->bars[i] <= INT32_MAX;
  }
  for (size_t stream = 0; stream < state->streams; ++stream) {
    fits = fits && state->first[stream] <= state->memory + 1;
  }
  return fits;
}

void
carried_state_put(const struct carried_state *const state, struct streaming_model *const models)
{
  for (size_t stream = state->begin; stream < state->end; ++stream) {
    struct streaming_model *const model = &models[(stream - state->begin) / models[0].streams];
    const size_t b = stream % models[0].streams;
    struct attention *const a = &model->attention;
    for (int i = 0; i < CARRIED_ARRAYS; ++i) {
      if (state->widths[i]) {
        memcpy(carried_at(model, i, b), state->arrays[i] + stream * state->widths[i], state->widths[i] * sizeof(float));
      }
    }
    for (size_t m = 0; m < state->memory; ++m) {
      a->slot_bars[b * (a->memory + a->steps) + m] = (int32_t)state->bars[stream * state->memory + m];
    }
    if (state->memory) {
      a->first[b] = (uint32_t)state->first[stream];
    }
  }
}
