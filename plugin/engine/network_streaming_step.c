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
  const uint32_t capacity = streaming_capacity(&network->sizes);
  const uint32_t slot = (state->events - state->slots + begin) % capacity;
  const uint32_t count = end - begin;
  const uint32_t first = count < capacity - slot ? count : capacity - slot;
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

// Find the rows that add up to x_t: those of the event, or embed.start, then those of the next onset's place and conditions.
static unsigned
embed_rows(const struct streaming *const network,
           const struct streaming_state *const state,
           const float *rows[STREAMING_TABLES]) REALTIME
{
  const struct event *const event = &state->fed;
  const struct moment *const moment = &state->moment;
  const struct place place = place_make(moment->metre, moment->tick);
  unsigned count = 0;
  if (state->has_event) {
    rows[count++] = table_row(network, TENSOR_EMBED_HAND, event_class(event, FIELD_HAND));
    rows[count++] = table_row(network, TENSOR_EMBED_PITCH, event_class(event, FIELD_PITCH));
    rows[count++] = table_row(network, TENSOR_EMBED_DURATION, event_class(event, FIELD_DURATION));
    rows[count++] = table_row(network, TENSOR_EMBED_VELOCITY, event_class(event, FIELD_VELOCITY));
    rows[count++] = table_row(network, TENSOR_EMBED_ADVANCE, event_class(event, FIELD_ADVANCE));
  } else {
    rows[count++] = table_row(network, TENSOR_EMBED_START, 0);
  }
  rows[count++] = table_row(network, TENSOR_PLACE_TICK, place.tick);
  rows[count++] = table_row(network, TENSOR_PLACE_BEAT, place.beat);
  rows[count++] = table_row(network, TENSOR_PLACE_LENGTH, place.length);
  rows[count++] = table_row(network, TENSOR_CONDITION_STYLE, moment->conditions.style);
  rows[count++] = table_row(network, TENSOR_CONDITION_KEY, moment->conditions.key);
  rows[count++] = table_row(network, TENSOR_CONDITION_DENSITY, moment->conditions.density);
  rows[count++] = table_row(network, TENSOR_CONDITION_METRE, moment->conditions.metre);
  return count;
}

static void
embed(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const uint32_t size = network->sizes.embedding;
  const float *rows[STREAMING_TABLES];
  const unsigned count = embed_rows(network, state, rows);
  for (unsigned i = 1; i < count; ++i) { // They are all over the place: ask for them before they are wanted
    for (uint32_t j = 0; j < size; j += KERNEL_LANES) {
      __builtin_prefetch(rows[i] + j);
    }
  }
  memcpy(state->forward_input, rows[0], size * sizeof(float));
  for (unsigned i = 1; i < count; ++i) {
    network->kernels->add_scaled(state->forward_input, rows[i], 1.0F, size);
  }
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
    const uint32_t *const bars = state->bars + spans[s].slot;
    uint8_t *const distances = state->distances + spans[s].order;
    for (uint32_t i = 0; i < spans[s].count; ++i) {
      const uint32_t ago = state->moment.bar > bars[i] ? state->moment.bar - bars[i] : 0;
      distances[i] = network->classes[ago < STREAMING_BARS ? ago : STREAMING_BARS - 1];
    }
  }
}

static float *
head_scores(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  return state->scores + (size_t)state->head * kernel_padded(network->sizes.memory);
}

float *
streaming_attended(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  return state->decoder_input + network->sizes.hidden;
}

static void
scores_find(const struct streaming *const network,
            const struct streaming_state *const state,
            const uint32_t begin,
            const uint32_t end) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t head = (size_t)state->head * kernel_padded(streaming_capacity(sizes)) * sizes->key;
  const struct slots keys = {(const char *)state->keys + head * precision_size(network->precision), network->precision,
                             sizes->key, 0};
  struct span spans[2];
  const unsigned count = spans_make(network, state, begin, end, spans);
  for (unsigned s = 0; s < count; ++s) {
    network->kernels->scores(state->query + (size_t)state->head * sizes->key, &keys, state->raw, spans[s].slot,
                             spans[s].slot + spans[s].count);
  }
}

// Put the scores in order of age, too.
static void
scores_bias(const struct streaming *const network,
            struct streaming_state *const state,
            const uint32_t begin,
            const uint32_t end) REALTIME
{
  const float *const bias = network->distance_bias.data + (size_t)state->head * network->distance_bias.padded;
  float *const scores = head_scores(network, state);
  struct span spans[2];
  const unsigned count = spans_make(network, state, begin, end, spans);
  for (unsigned s = 0; s < count; ++s) {
    memcpy(scores + spans[s].order, state->raw + spans[s].slot, spans[s].count * sizeof(*scores));
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
  const struct streaming_sizes *const sizes = &network->sizes;
  const uint32_t width = sizes->heads * sizes->value;
  struct span spans[2];
  const unsigned count = spans_make(network, state, begin, end, spans);
  for (unsigned s = 0; s < count; ++s) {
    const size_t place = (size_t)spans[s].slot * width * precision_size(network->precision);
    const struct slots values = {(const char *)state->values + place, network->precision, width, width};
    network->kernels->weighted_sums(state->scores + spans[s].order, kernel_padded(sizes->memory), sizes->heads, &values,
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
    embed(network, state);
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
  case PHASE_BIAS:
    scores_bias(network, state, begin, end);
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
