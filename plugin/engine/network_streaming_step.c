// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What a step of a `streaming` network does in each phase. The order of floating-point operations depends on the formulas
// alone, never on how the pieces were cut: rows, units and slots are independent, or added one after the other.

#include "network_streaming_private.h"

#include <string.h>

// Some slots that lie one behind the other: slot number, place in order of age (0 is the oldest), and how many.
struct span {
  uint32_t slot;
  uint32_t order;
  uint32_t count;
};

// Split slots [begin, end) in order of age into spans; return how many.
static unsigned
spans_make(const struct streaming *const network,
           const struct streaming_state *const state,
           const uint32_t begin,
           const uint32_t end,
           struct span spans[2]) REALTIME
{
  const uint32_t memory = network->sizes.memory;
  const uint32_t slot = (state->events - state->slots + begin) % memory;
  const uint32_t count = end - begin;
  const uint32_t first = count < memory - slot ? count : memory - slot;
  spans[0] = (struct span){slot, begin, first};
  spans[1] = (struct span){0, begin + first, count - first};
  return count > first ? 2 : 1;
}

static const float *
table_row(const struct streaming *const network, const enum streaming_tensor table, const uint32_t row) REALTIME
{
  const struct table *const rows = &network->tables[table];
  return rows->data + (size_t)(row < rows->rows ? row : 0) * rows->padded;
}

static void
embed_add(const struct streaming *const network,
          const struct streaming_state *const state,
          const enum streaming_tensor table,
          const uint32_t row) REALTIME
{
  network->kernels->add_scaled(state->forward_input, table_row(network, table, row), 1.0F, network->sizes.embedding);
}

static void
embed_event(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const size_t size = network->sizes.embedding * sizeof(float);
  if (!state->has_event) {
    memcpy(state->forward_input, table_row(network, TENSOR_EMBED_START, 0), size);
    return;
  }
  const struct event *const event = &state->fed;
  memcpy(state->forward_input, table_row(network, TENSOR_EMBED_HAND, event_class(event, FIELD_HAND)), size);
  embed_add(network, state, TENSOR_EMBED_PITCH, event_class(event, FIELD_PITCH));
  embed_add(network, state, TENSOR_EMBED_DURATION, event_class(event, FIELD_DURATION));
  embed_add(network, state, TENSOR_EMBED_VELOCITY, event_class(event, FIELD_VELOCITY));
  embed_add(network, state, TENSOR_EMBED_ADVANCE, event_class(event, FIELD_ADVANCE));
}

static void
embed_moment(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct moment *const moment = &state->moment;
  const struct place place = place_make(moment->metre, moment->tick);
  embed_add(network, state, TENSOR_PLACE_TICK, place.tick);
  embed_add(network, state, TENSOR_PLACE_BEAT, place.beat);
  embed_add(network, state, TENSOR_PLACE_LENGTH, place.length);
  embed_add(network, state, TENSOR_CONDITION_STYLE, moment->conditions.style);
  embed_add(network, state, TENSOR_CONDITION_KEY, moment->conditions.key);
  embed_add(network, state, TENSOR_CONDITION_DENSITY, moment->conditions.density);
  embed_add(network, state, TENSOR_CONDITION_METRE, moment->conditions.metre);
}

static void
distances_find(const struct streaming *const network,
               const struct streaming_state *const state,
               const uint32_t begin,
               const uint32_t end) REALTIME
{
  struct span spans[2];
  const unsigned count = spans_make(network, state, begin, end, spans);
  for (unsigned s = 0; s < count; ++s) {
    for (uint32_t i = 0; i < spans[s].count; ++i) {
      const int64_t bars = (int64_t)state->moment.bar - state->bars[spans[s].slot + i];
      state->distances[spans[s].order + i] = (uint8_t)attention_distance_class(bars);
    }
  }
}

// Return `count` slots of the present head, from `slot` on, in a memory [N][memory][width].
static struct slots
head_slots(const struct streaming *const network,
           const struct streaming_state *const state,
           const void *const memory,
           const uint32_t width,
           const uint32_t slot) REALTIME
{
  const size_t index = ((size_t)state->head * network->sizes.memory + slot) * width;
  return (struct slots){(const char *)memory + index * precision_size(network->precision), network->precision, width,
                        width};
}

static float *
head_scores(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  return state->scores + (size_t)state->head * kernel_padded(network->sizes.memory);
}

float *
streaming_attended(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  return state->decoder_input + network->sizes.hidden + (size_t)state->head * network->sizes.value;
}

static void
scores_find(const struct streaming *const network,
            struct streaming_state *const state,
            const uint32_t begin,
            const uint32_t end) REALTIME
{
  const uint32_t width = network->sizes.key;
  const float *const query = state->query + (size_t)state->head * width;
  const float *const bias = network->distance_bias.data + (size_t)state->head * network->distance_bias.padded;
  float *const scores = head_scores(network, state);
  struct span spans[2];
  const unsigned count = spans_make(network, state, begin, end, spans);
  for (unsigned s = 0; s < count; ++s) {
    const struct slots keys = head_slots(network, state, state->keys, width, spans[s].slot);
    network->kernels->scores(query, &keys, scores + spans[s].order, 0, spans[s].count);
  }
  state->highest =
      network->kernels->score_biases(scores, bias, state->distances, state->sharpness, state->highest, begin, end);
}

static void
scores_sum(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  float *const scores = head_scores(network, state);
  const uint32_t padded = kernel_padded(state->slots);
  for (uint32_t i = state->slots; i < padded; ++i) {
    scores[i] = 0.0F;
  }
  const float sink = kernel_exp(network->sink.data[state->head] * state->sharpness - state->highest);
  state->sums[state->head] = network->kernels->sum(scores, padded) + sink;
}

static void
values_attend(const struct streaming *const network,
              const struct streaming_state *const state,
              const uint32_t begin,
              const uint32_t end) REALTIME
{
  struct span spans[2];
  const unsigned count = spans_make(network, state, begin, end, spans);
  for (unsigned s = 0; s < count; ++s) {
    const struct slots values = head_slots(network, state, state->values, network->sizes.value, spans[s].slot);
    network->kernels->weighted_sum(head_scores(network, state) + spans[s].order, &values,
                                   streaming_attended(network, state), 0, spans[s].count);
  }
}

void
streaming_pieces(const struct streaming *const network,
                 struct streaming_state *const state,
                 const uint32_t begin,
                 const uint32_t end) REALTIME
{
  const struct kernels *const kernels = network->kernels;
  const struct streaming_sizes *const sizes = &network->sizes;
  float *const forward_output = state->forward_input + sizes->embedding;
  float *const backward_output = state->backward_input + sizes->embedding;
  float *const decoder_output = state->decoder_input + sizes->hidden + (size_t)sizes->heads * sizes->value;
  switch (state->phase) {
  case PHASE_EMBED:
    embed_event(network, state);
    embed_moment(network, state);
    break;
  case PHASE_KEY:
    kernels->matrix_vector(&network->key, NULL, forward_output, state->rows, begin, end);
    break;
  case PHASE_VALUE:
    kernels->matrix_vector(&network->value, NULL, state->forward_input, state->rows, begin, end);
    break;
  case PHASE_FORWARD:
    kernels->matrix_vector(&network->forward, network->forward_bias.data, state->forward_input, state->gates, begin,
                           end);
    break;
  case PHASE_FORWARD_UNITS:
    kernels->lstm_step(state->gates, sizes->hidden, state->forward_cell, forward_output, begin, end);
    break;
  case PHASE_BACKWARD:
    kernels->matrix_vector(&network->backward, network->backward_bias.data, state->backward_input, state->gates, begin,
                           end);
    break;
  case PHASE_BACKWARD_UNITS:
    kernels->lstm_step(state->gates, sizes->backward, state->backward_cell, backward_output, begin, end);
    break;
  case PHASE_BACKWARD_VALUE:
    kernels->matrix_vector(&network->backward_value, NULL, backward_output, state->rows, begin, end);
    break;
  case PHASE_QUERY:
    kernels->matrix_vector(&network->query, NULL, forward_output, state->query, begin, end);
    break;
  case PHASE_DISTANCES:
    distances_find(network, state, begin, end);
    break;
  case PHASE_SCORES:
    scores_find(network, state, begin, end);
    break;
  case PHASE_EXPONENTIALS:
    kernels->exponentials(head_scores(network, state), state->highest, head_scores(network, state), begin, end);
    break;
  case PHASE_SUM:
    scores_sum(network, state);
    break;
  case PHASE_ATTEND:
    values_attend(network, state, begin, end);
    break;
  case PHASE_DECODER:
    kernels->matrix_vector(&network->decoder, network->decoder_bias.data, state->decoder_input, state->gates, begin,
                           end);
    break;
  case PHASE_DECODER_UNITS:
    kernels->lstm_step(state->gates, sizes->hidden, state->decoder_cell, decoder_output, begin, end);
    break;
  case PHASE_DENSE:
    kernels->matrix_vector(&network->dense, network->dense_bias.data, decoder_output, state->dense, begin, end);
    break;
  case PHASE_HEAD:
    kernels->matrix_vector(&network->heads[state->field], network->head_biases[state->field].data, state->active,
                           state->logits, begin, end);
    break;
  case PHASE_CHOICE:
  case PHASE_STEP:
    break;
  }
}
