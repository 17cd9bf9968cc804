// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What a step of a `streaming` network does in each phase. The order of floating-point operations depends on the formulas
// alone, never on how the pieces were cut: rows, units and slots are independent, or added one after the other.

#include "network_streaming_private.h"

#include <assert.h>
#include <string.h>

// Some slots that lie one behind the other: [begin, end).
struct span {
  uint32_t begin;
  uint32_t end;
};

// Return the slot of the oldest event in memory.
static uint32_t
oldest_slot(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  return (state->events - state->slots) % streaming_capacity(&network->sizes);
}

// Split the slots from `begin` to `end`, which may lie behind the ring's end, into spans; return how many.
static unsigned
ring_split(const uint32_t capacity, const uint32_t begin, const uint32_t end, struct span spans[2]) REALTIME
{
  if (begin >= capacity || end <= capacity) {
    const uint32_t turn = begin >= capacity ? capacity : 0;
    spans[0] = (struct span){begin - turn, end - turn};
    return 1;
  }
  spans[0] = (struct span){begin, capacity};
  spans[1] = (struct span){0, end - capacity};
  return 2;
}

uint32_t
streaming_groups(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  return (oldest_slot(network, state) % KERNEL_LANES + state->slots + KERNEL_LANES - 1) / KERNEL_LANES;
}

struct slots
streaming_slots(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  return (struct slots){
      .precision = network->precision,
      .heads = sizes->heads,
      .key = sizes->key,
      .value = sizes->value,
      .keys = state->keys,
      .values = state->values,
      .key_scales = state->key_scales,
      .value_scales = state->value_scales,
      .classes = state->distances,
  };
}

// Split the slots in memory of groups [begin, end) into spans; return how many.
static unsigned
groups_split(const struct streaming *const network,
             const struct streaming_state *const state,
             const uint32_t begin,
             const uint32_t end,
             struct span spans[2]) REALTIME
{
  const uint32_t oldest = oldest_slot(network, state);
  const uint32_t first = oldest / KERNEL_LANES * KERNEL_LANES;
  const uint32_t from = begin == 0 ? oldest : first + begin * KERNEL_LANES;
  const uint32_t to = first + end * KERNEL_LANES;
  const uint32_t behind = oldest + state->slots;
  return ring_split(streaming_capacity(&network->sizes), from, to < behind ? to : behind, spans);
}

static const float *
table_row(const struct streaming *const network, const enum streaming_tensor table, const uint32_t row) REALTIME
{
  const struct table *const rows = &network->tables[table];
  return rows->data + (size_t)(row < rows->rows ? row : 0) * rows->padded;
}

uint32_t
streaming_embeds(const struct streaming_state *const state) REALTIME
{
  const uint32_t of_event = TENSOR_EMBED_ADVANCE - TENSOR_EMBED_HAND + 1;
  const uint32_t of_moment = TENSOR_CONDITION_METRE - TENSOR_PLACE_TICK + 1;
  return (state->has_event ? of_event : 1) + of_moment;
}

// Find the rows that add up to x_t: those of the event, or embed.start without one, then those of the next onset's place and
// conditions. Return how many.
static unsigned
embed_rows(const struct streaming *const network,
           const struct event *const event,
           const struct moment *const moment,
           const float *rows[STREAMING_TABLES]) REALTIME
{
  const struct place place = place_make(moment->metre, moment->tick);
  unsigned count = 0;
  if (event) {
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

void
streaming_embed_fetch(const struct streaming *const network,
                      const struct event *const event,
                      const struct moment *const moment) REALTIME
{
  const float *rows[STREAMING_TABLES];
  const unsigned count = embed_rows(network, event, moment, rows);
  for (unsigned i = 0; i < count; ++i) {
    for (uint32_t j = 0; j < network->sizes.embedding; j += KERNEL_LANES) {
      __builtin_prefetch(rows[i] + j);
    }
  }
}

// Add rows [begin, end) of those.
static void
embed(const struct streaming *const network,
      const struct streaming_state *const state,
      const uint32_t begin,
      const uint32_t end) REALTIME
{
  const uint32_t size = network->sizes.embedding;
  const float *rows[STREAMING_TABLES];
  const unsigned count = embed_rows(network, state->has_event ? &state->fed : NULL, &state->moment, rows);
  assert(count == streaming_embeds(state));
  (void)count;
  for (uint32_t i = begin; i < end; ++i) {
    if (i == 0) {
      memcpy(state->forward_input, rows[0], size * sizeof(float));
    } else {
      network->kernels->add_scaled(state->forward_input, rows[i], 1.0F, size);
    }
  }
}

// Find the distance classes of the newest slots that have none, [begin, end) of them.
static void
distances_find(const struct streaming *const network,
               const struct streaming_state *const state,
               const uint32_t begin,
               const uint32_t end) REALTIME
{
  const uint32_t capacity = streaming_capacity(&network->sizes);
  const uint32_t first = (state->events - state->unclassed) % capacity;
  struct span spans[2];
  const unsigned count = ring_split(capacity, first + begin, first + end, spans);
  for (unsigned s = 0; s < count; ++s) {
    for (uint32_t i = spans[s].begin; i < spans[s].end; ++i) {
      const uint32_t ago = state->moment.bar > state->bars[i] ? state->moment.bar - state->bars[i] : 0;
      state->distances[i] = network->classes[ago < STREAMING_BARS ? ago : STREAMING_BARS - 1];
    }
  }
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
  const bool is_whole = network->precision == PRECISION_F16;
  const struct slots slots = streaming_slots(network, state);
  const struct query query = {
      .data = is_whole ? (const void *)state->query_integers : (const void *)state->query,
      .scales = state->query_scales,
      .bias = network->distance_bias.data,
      .sharpness = state->sharpness,
  };
  struct span spans[2];
  const unsigned count = groups_split(network, state, begin, end, spans);
  for (unsigned s = 0; s < count; ++s) {
    network->kernels->scores(&slots, &query, &state->softmax, spans[s].begin, spans[s].end);
  }
}

// Add what has come together in integers to a_t.
static void
integers_flush(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const uint32_t width = network->sizes.heads * network->sizes.value;
  float *const attended = streaming_attended(network, state);
  for (uint32_t i = 0; i < width; ++i) {
    attended[i] += (float)state->weighted[i];
    state->weighted[i] = 0;
  }
}

// Add the integers of groups [begin, end); they are flushed after each FLUSHED_GROUPS, and at the end.
static void
integers_attend(const struct streaming *const network,
                const struct streaming_state *const state,
                const uint32_t begin,
                const uint32_t end) REALTIME
{
  const struct slots slots = streaming_slots(network, state);
  struct span spans[2];
  for (uint32_t group = begin; group < end;) {
    const uint32_t flush = (group / FLUSHED_GROUPS + 1) * FLUSHED_GROUPS;
    const uint32_t stop = flush < end ? flush : end;
    const unsigned count = groups_split(network, state, group, stop, spans);
    for (unsigned s = 0; s < count; ++s) {
      network->kernels->integer_sums(&slots, &state->softmax, WEIGHT_MOST, state->weighted, spans[s].begin,
                                     spans[s].end);
    }
    if (stop == flush || stop == streaming_groups(network, state)) {
      integers_flush(network, state);
    }
    group = stop;
  }
}

// Add the values of slots [begin, end), which lie in one group.
static void
floats_attend(const struct streaming *const network,
              const struct streaming_state *const state,
              const uint32_t begin,
              const uint32_t end) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t stride = (size_t)sizes->heads * sizes->value;
  for (uint32_t n = 0; n < sizes->heads; ++n) {
    const float *const weights = state->softmax.numerators + slots_place(sizes->heads, begin, n);
    const float *const values = (const float *)state->values + begin * stride + (size_t)n * sizes->value;
    float *const attended = streaming_attended(network, state) + (size_t)n * sizes->value;
    network->kernels->weighted_sums(weights, values, stride, sizes->value, attended, 0, end - begin);
  }
}

static void
values_attend(const struct streaming *const network,
              const struct streaming_state *const state,
              const uint32_t begin,
              const uint32_t end) REALTIME
{
  if (network->precision == PRECISION_F16) {
    integers_attend(network, state, begin, end);
    return;
  }
  for (uint32_t group = begin; group < end; ++group) {
    struct span span[2];
    groups_split(network, state, group, group + 1, span);
    network->kernels->numerators(network->sizes.heads, &state->softmax, span[0].begin, span[0].end);
    floats_attend(network, state, span[0].begin, span[0].end);
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
  case PHASE_RECALL:
    streaming_recall(network, state, begin, end);
    break;
  case PHASE_EMBED:
    embed(network, state, begin, end);
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
