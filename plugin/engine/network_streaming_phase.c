// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The order of the phases of a `streaming` network's step: how many pieces each has, what they cost, and what is passed
// on when a phase is done. What the pieces compute is in network_streaming_step.c.

#include "network_streaming_private.h"

#include <string.h>

enum {
  UNIT_COST = 64,       // One LSTM unit: five exponentials and divisions
  EXPONENTIAL_COST = 8, // One of sixteen exponentials at once
  DISTANCE_COST = 4,
};

uint32_t
streaming_piece_count(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  switch (state->phase) {
  case PHASE_EMBED:
  case PHASE_SUM:
    return 1;
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
  case PHASE_SCORES:
  case PHASE_EXPONENTIALS:
  case PHASE_ATTEND:
    return sizes->heads ? state->slots : 0;
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
  return matrix->padded * (uint32_t)precision_size(matrix->precision) / (uint32_t)sizeof(uint16_t);
}

uint32_t
streaming_piece_cost(const struct streaming *const network, const enum phase phase) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  switch (phase) {
  case PHASE_EMBED:
    return STREAMING_TABLES * sizes->embedding;
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
    return sizes->key;
  case PHASE_EXPONENTIALS:
    return EXPONENTIAL_COST;
  case PHASE_SUM:
    return sizes->memory;
  case PHASE_ATTEND:
    return sizes->value;
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

// Return the number at `index` of a memory of floats or halves.
static void *
memory_place(const struct streaming *const network, void *const memory, const size_t index) REALTIME
{
  return (char *)memory + index * precision_size(network->precision);
}

// Write the `width` floats at `from` into the memory.
static void
memory_store(const struct streaming *const network,
             void *const memory,
             const size_t index,
             const float *const from,
             const uint32_t width) REALTIME
{
  void *const place = memory_place(network, memory, index);
  if (network->precision == PRECISION_F16) {
    network->kernels->narrow(from, place, width);
  } else {
    memcpy(place, from, width * sizeof(*from));
  }
}

// Copy rows [heads][width] into the slot of the last event: memory [heads][slots][width].
static void
slot_store(const struct streaming *const network,
           const struct streaming_state *const state,
           void *const memory,
           const uint32_t width) REALTIME
{
  const size_t slot = (state->events - 1) % network->sizes.memory;
  for (size_t n = 0; n < network->sizes.heads && state->has_event; ++n) {
    memory_store(network, memory, (n * network->sizes.memory + slot) * width, state->rows + n * width, width);
  }
}

// Add the rows [heads][V] that come from b_i to the values of step `item` of the segment that lies behind the present step.
// The first step of a piece has no slot, and if the memory is no longer than the segment, the segment's first has lost it.
static void
slot_add_backward(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const uint32_t step = state->events - sizes->segment + state->item;
  if (step == 0 || state->events - step >= sizes->memory) {
    return;
  }
  const size_t slot = (step - 1) % sizes->memory;
  for (size_t n = 0; n < sizes->heads; ++n) {
    const size_t index = (n * sizes->memory + slot) * sizes->value;
    void *const place = memory_place(network, state->values, index);
    if (network->precision == PRECISION_F16) {
      network->kernels->widen(place, state->slot, sizes->value);
    } else {
      memcpy(state->slot, place, sizes->value * sizeof(float));
    }
    network->kernels->add_scaled(state->slot, state->rows + n * sizes->value, 1.0F, sizes->value);
    memory_store(network, state->values, index, state->slot, sizes->value);
  }
}

static void
relu(const float *const x, float *const y, const uint32_t count) REALTIME
{
  for (uint32_t i = 0; i < count; ++i) {
    y[i] = x[i] > 0.0F ? x[i] : 0.0F;
  }
}

static void
phase_begin(struct streaming_state *const state, const enum phase phase) REALTIME
{
  state->phase = phase;
  state->piece = 0;
}

// Begin to attend with head number `head`, or go on to the decoder when all heads are done.
static void
head_begin(const struct streaming *const network, struct streaming_state *const state, const uint32_t head) REALTIME
{
  if (head == network->sizes.heads) {
    state->attended = state->slots;
    phase_begin(state, PHASE_DECODER);
    return;
  }
  state->head = head;
  state->highest = network->sink.data[head] * state->sharpness;
  memset(streaming_attended(network, state), 0, network->sizes.value * sizeof(float));
  phase_begin(state, PHASE_SCORES);
}

static void
head_finish(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  float *const attended = streaming_attended(network, state);
  for (uint32_t i = 0; i < network->sizes.value; ++i) {
    attended[i] /= state->sums[state->head];
  }
  head_begin(network, state, state->head + 1);
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
  phase_begin(state, PHASE_QUERY);
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
  case PHASE_KEY:
    slot_store(network, state, state->keys, network->sizes.key);
    phase_begin(state, PHASE_VALUE);
    break;
  case PHASE_VALUE:
    slot_store(network, state, state->values, network->sizes.value);
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
    for (uint32_t i = 0; i < network->query.rows; ++i) {
      state->query[i] *= network->query_scale;
    }
    phase_begin(state, PHASE_DISTANCES);
    break;
  case PHASE_DISTANCES:
    head_begin(network, state, 0);
    break;
  case PHASE_ATTEND:
    head_finish(network, state);
    break;
  case PHASE_DENSE:
    state->field = FIELD_HAND;
    relu(state->dense, state->active, network->sizes.dense);
    phase_begin(state, PHASE_HEAD);
    break;
  case PHASE_CHOICE:
    if (state->field == FIELD_ADVANCE) {
      phase_begin(state, PHASE_STEP);
    } else {
      ++state->field;
      relu(state->dense, state->active, network->sizes.dense);
      phase_begin(state, PHASE_HEAD);
    }
    break;
  case PHASE_STEP:
    break;
  default: // Those after which nothing is left to do
    phase_begin(state, (enum phase)(state->phase + 1));
  }
}
