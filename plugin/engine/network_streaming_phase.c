// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The order of the phases of a `streaming` network's step: how many pieces each has, what they cost, and what is passed
// on when a phase is done. What the pieces compute is in network_streaming_step.c.

#include "network_streaming_private.h"

#include <string.h>

// What a piece costs, in operations. One operation is the multiplication and addition of a weight of half precision that
// comes from the cache that holds the network; the rest was measured in proportion to it, on a processor with AVX-512
// (tests/bench/bench_phases.c).
enum {
  ROW_COST = 32,    // Of a row, beside its weights: the sum of the lanes, and what becomes of it
  UNIT_COST = 84,   // One LSTM unit: five exponentials and divisions
  GROUP_COST = 256, // Of a group of slots and a head, beside what is multiplied: sixteen exponentials
  KEY_COST = 12,    // Of the same, per number of a key
  VALUE_COST = 6,   // and of a value
  DISTANCE_COST = 64,
  EMBED_COST = 7,  // One addition of a number that is in no cache near
  RECALL_COST = 8, // A byte of what was kept, to be copied from where no cache has it
  BETWEEN_COST =
      2000, // With each such row, for what lies between the phases: to keep the state, to begin the attention
};

uint32_t
streaming_piece_count(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  switch (state->phase) {
  case PHASE_RECALL:
    return streaming_recall_pieces(network, state);
  case PHASE_EMBED:
    return streaming_embeds(state);
  case PHASE_KEY:
    return state->has_event ? network->key.rows : 0;
  case PHASE_VALUE:
    return state->has_event ? network->value.rows : 0;
  case PHASE_FORWARD:
  case PHASE_DECODER:
    return 4 * sizes->hidden;
  case PHASE_FORWARD_UNITS:
  case PHASE_DECODER_UNITS:
    return sizes->hidden;
  case PHASE_BACKWARD:
    return 4 * sizes->backward;
  case PHASE_BACKWARD_UNITS:
    return sizes->backward;
  case PHASE_BACKWARD_VALUE:
    return network->backward_value.rows;
  case PHASE_QUERY:
    return network->query.rows;
  case PHASE_DISTANCES:
    return sizes->heads ? state->unclassed : 0;
  case PHASE_SCORES:
  case PHASE_ATTEND:
    return sizes->heads ? streaming_groups(network, state) : 0;
  case PHASE_DENSE:
    return sizes->dense;
  case PHASE_HEAD:
    return network->heads[state->field].rows;
  case PHASE_CHOICE:
  case PHASE_STEP:
    break;
  }
  return 0;
}

// Return what a row of `matrix` costs: by the bytes to be read, and those of floats are twice as many.
static uint32_t
row_cost(const struct matrix *const matrix) REALTIME
{
  return matrix->padded * (uint32_t)precision_size(matrix->precision) / (uint32_t)sizeof(uint16_t) + ROW_COST;
}

uint32_t
streaming_piece_cost(const struct streaming *const network, const enum phase phase) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  switch (phase) {
  case PHASE_RECALL:
    return RECALL_COST * STREAMING_RECALL;
  case PHASE_EMBED:
    return EMBED_COST * sizes->embedding + BETWEEN_COST;
  case PHASE_KEY:
    return row_cost(&network->key);
  case PHASE_VALUE:
    return row_cost(&network->value);
  case PHASE_FORWARD:
    return row_cost(&network->forward);
  case PHASE_BACKWARD:
    return row_cost(&network->backward);
  case PHASE_BACKWARD_VALUE:
    return row_cost(&network->backward_value);
  case PHASE_FORWARD_UNITS:
  case PHASE_BACKWARD_UNITS:
  case PHASE_DECODER_UNITS:
    return UNIT_COST;
  case PHASE_QUERY:
    return row_cost(&network->query);
  case PHASE_DISTANCES:
    return DISTANCE_COST;
  case PHASE_SCORES:
    return sizes->heads * (sizes->key * KEY_COST + GROUP_COST);
  case PHASE_ATTEND:
    return sizes->heads * (sizes->value * VALUE_COST + GROUP_COST);
  case PHASE_DECODER:
    return row_cost(&network->decoder);
  case PHASE_DENSE:
    return row_cost(&network->dense);
  case PHASE_HEAD:
    return row_cost(&network->heads[0]);
  case PHASE_CHOICE:
  case PHASE_STEP:
    break;
  }
  return 1;
}

uint32_t
streaming_keep_operations(const struct streaming *const network) REALTIME
{
  const size_t bytes = streaming_vectors_size(&network->sizes) * sizeof(float) + streaming_page_bytes(network);
  return RECALL_COST * (uint32_t)bytes;
}

// Keep the key of head `head` in `slot`: integers, two at a time, or floats.
static void
key_store(const struct slots *const slots,
          const struct streaming_state *const state,
          const uint32_t slot,
          const uint32_t head) REALTIME
{
  const size_t first = key_place(slots, slot, head, 0);
  if (slots->precision == PRECISION_F16) {
    const int16_t *const integers = state->integers + (size_t)head * slots->key;
    int16_t *const place = (int16_t *)state->keys + first;
    for (uint32_t k = 0; k < slots->key; k += 2) {
      memcpy(place + (size_t)k * KERNEL_LANES, integers + k, 2 * sizeof(*integers));
    }
  } else {
    const float *const row = state->rows + (size_t)head * slots->key;
    float *const place = (float *)state->keys + first;
    for (uint32_t k = 0; k < slots->key; ++k) {
      place[(size_t)k * KERNEL_LANES] = row[k];
    }
  }
}

// Keep the keys [N][K] of the last event.
static void
keys_store(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct slots slots = streaming_slots(network, state);
  const uint32_t slot = (state->events - 1) % streaming_capacity(&network->sizes);
  float scales[KERNEL_HEADS];
  if (!state->has_event) {
    return;
  }
  if (slots.precision == PRECISION_F16) {
    network->kernels->quantize(state->rows, slots.heads, slots.key, network->key_most, state->integers, scales);
  }
  for (uint32_t n = 0; n < slots.heads; ++n) {
    key_store(&slots, state, slot, n);
    state->key_scales[slots_place(slots.heads, slot, n)] = slots.precision == PRECISION_F16 ? scales[n] : 1.0F;
  }
}

void
streaming_store_values(const struct streaming *const network,
                       const struct streaming_state *const state,
                       const uint32_t slot,
                       const float *const values) REALTIME
{
  const struct slots slots = streaming_slots(network, state);
  float scales[KERNEL_HEADS];
  if (slots.precision == PRECISION_F32) {
    const size_t width = (size_t)slots.heads * slots.value;
    memcpy((float *)state->values + slot * width, values, width * sizeof(float));
    return;
  }
  network->kernels->quantize(values, slots.heads, slots.value, VALUE_MOST, state->integers, scales);
  for (uint32_t n = 0; n < slots.heads; ++n) {
    int8_t *const place = (int8_t *)state->values + value_place(&slots, slot, n, 0);
    for (uint32_t v = 0; v < slots.value; ++v) {
      place[(size_t)4 * v] = (int8_t)state->integers[n * slots.value + v];
    }
    state->value_scales[slots_place(slots.heads, slot, n)] = scales[n];
  }
}

// Keep the values [N][V] of the last event.
static void
values_store(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const uint32_t slot = (state->events - 1) % streaming_capacity(sizes);
  const size_t width = (size_t)sizes->heads * sizes->value;
  if (state->has_event && sizes->heads) {
    streaming_store_values(network, state, slot, state->rows);
  }
  if (state->has_event && sizes->backward) {
    memcpy(state->plain + slot * width, state->rows, width * sizeof(float));
  }
}

// Add the rows [N*V] that come from b_i to the values of step `item` of the segment that lies behind the present step. The
// first step of a piece has no slot, and if the memory is no longer than the segment, the segment's first has lost it.
static void
slot_add_backward(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const uint32_t width = sizes->heads * sizes->value;
  const uint32_t step = state->events - sizes->segment + state->item;
  if (step == 0 || state->events - step >= sizes->memory) {
    return;
  }
  const uint32_t slot = (step - 1) % streaming_capacity(sizes);
  memcpy(state->value, state->plain + (size_t)slot * width, width * sizeof(float));
  network->kernels->add_scaled(state->value, state->rows, 1.0F, width);
  streaming_store_values(network, state, slot, state->value);
}

static void
phase_begin(struct streaming_state *const state, const enum phase phase) REALTIME
{
  state->phase = phase;
  state->piece = 0;
}

// Begin to score, or go on to the decoder without attention.
static void
attention_begin(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t width = (size_t)sizes->heads * sizes->value;
  if (!sizes->heads) {
    phase_begin(state, PHASE_DECODER);
    return;
  }
  for (uint32_t n = 0; n < sizes->heads; ++n) {
    state->softmax.highest[n] = network->sink.data[n] * state->sharpness;
    state->softmax.largest[n] = 0.0F;
    state->query_scales[n] = network->precision == PRECISION_F16 ? state->query_scales[n] : 1.0F;
  }
  memset(state->softmax.lanes, 0, (size_t)sizes->heads * KERNEL_LANES * sizeof(float));
  memset(state->weighted, 0, width * sizeof(*state->weighted));
  memset(streaming_attended(network, state), 0, width * sizeof(float));
  phase_begin(state, PHASE_SCORES);
}

static void
attend_finish(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  float *attended = streaming_attended(network, state);
  float sinks[KERNEL_HEADS];
  for (uint32_t n = 0; n < sizes->heads; ++n) {
    sinks[n] = network->sink.data[n] * state->sharpness - state->softmax.highest[n];
  }
  network->kernels->exponentials(sinks, 0.0F, sinks, 0, sizes->heads);
  for (uint32_t n = 0; n < sizes->heads; ++n, attended += sizes->value) {
    const float sum = network->kernels->sum(state->softmax.lanes + (size_t)n * KERNEL_LANES, KERNEL_LANES) + sinks[n];
    const float scale =
        network->precision == PRECISION_F16 ? state->softmax.largest[n] / (float)WEIGHT_MOST / sum : 1.0F / sum;
    for (uint32_t i = 0; i < sizes->value; ++i) {
      attended[i] *= scale;
    }
    state->sums[n] = sum;
  }
  state->attended = state->slots;
  phase_begin(state, PHASE_DECODER);
}

// Scale the queries, and find out which slots want their distance classes.
static void
query_finish(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  const uint32_t width = network->sizes.key;
  for (uint32_t i = 0; i < network->query.rows; ++i) {
    state->query[i] *= network->query_scale;
  }
  if (network->precision == PRECISION_F16) {
    network->kernels->quantize(state->query, network->sizes.heads, width, network->key_most, state->query_integers,
                               state->query_scales);
  }
  const bool is_classed = state->is_classed && state->classed_bar == state->moment.bar;
  state->unclassed = is_classed ? state->has_event : state->slots;
  phase_begin(state, PHASE_DISTANCES);
}

// Begin to read step `item` of the segment with the backward encoder.
static void
item_begin(const struct streaming *const network, struct streaming_state *const state, const uint32_t item) REALTIME
{
  const size_t embedding = network->sizes.embedding;
  state->item = item;
  memcpy(state->backward_input, state->segment_inputs + item * embedding, embedding * sizeof(float));
  phase_begin(state, PHASE_BACKWARD);
}

// Keep x_t for its segment, now that the segment before has been read, and go on to the attention.
static void
query_begin(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  if (sizes->backward) {
    memcpy(state->segment_inputs + (size_t)(state->events % sizes->segment) * sizes->embedding, state->forward_input,
           sizes->embedding * sizeof(float));
  }
  phase_begin(state, state->is_bare ? PHASE_DENSE : PHASE_QUERY);
}

// Take over f_t, and read the segment that lies behind backwards if this step is the first of another.
static void
forward_finish(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  memcpy(state->decoder_input, state->forward_input + sizes->embedding, sizes->hidden * sizeof(float));
  if (sizes->backward && state->has_event && state->events % sizes->segment == 0) {
    memset(state->backward_input + sizes->embedding, 0, sizes->backward * sizeof(float));
    memset(state->backward_cell, 0, sizes->backward * sizeof(float));
    item_begin(network, state, sizes->segment - 1);
  } else {
    query_begin(network, state);
  }
}

void
streaming_phase_finish(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  switch (state->phase) {
  case PHASE_RECALL:
    phase_begin(state, PHASE_DENSE);
    break;
  case PHASE_KEY:
    keys_store(network, state);
    phase_begin(state, PHASE_VALUE);
    break;
  case PHASE_VALUE:
    values_store(network, state);
    phase_begin(state, PHASE_FORWARD);
    break;
  case PHASE_FORWARD_UNITS:
    forward_finish(network, state);
    break;
  case PHASE_BACKWARD_VALUE:
    slot_add_backward(network, state);
    if (state->item) {
      item_begin(network, state, state->item - 1);
    } else {
      query_begin(network, state);
    }
    break;
  case PHASE_QUERY:
    query_finish(network, state);
    break;
  case PHASE_DISTANCES:
    state->is_classed = true;
    state->classed_bar = state->moment.bar;
    attention_begin(network, state);
    break;
  case PHASE_ATTEND:
    attend_finish(network, state);
    break;
  case PHASE_DENSE:
    streaming_save_fetch(network, state);
    state->field = FIELD_HAND;
    network->kernels->rectify(state->dense, state->active, network->sizes.dense);
    phase_begin(state, PHASE_HEAD);
    break;
  case PHASE_CHOICE:
    if (state->field == FIELD_ADVANCE) {
      phase_begin(state, PHASE_STEP);
    } else {
      ++state->field;
      network->kernels->rectify(state->dense, state->active, network->sizes.dense);
      phase_begin(state, PHASE_HEAD);
    }
    break;
  case PHASE_STEP:
    break;
  default: // Those after which nothing is left to do
    phase_begin(state, (enum phase)(state->phase + 1));
  }
}
