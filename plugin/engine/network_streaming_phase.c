// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The order of the phases of a `streaming` network's step: how many pieces each has, what they cost, and what is passed
// on when a phase is done. What the pieces compute is in network_streaming_step.c.

#include "network_streaming_private.h"

#include <string.h>

// What a piece costs, in operations. One operation is the multiplication and addition of a weight of half precision that
// comes from the cache that holds the network; the rest was measured in proportion to it, on a processor with AVX-512.
enum {
  UNIT_COST = 112,       // One LSTM unit: five exponentials and divisions
  EXPONENTIAL_COST = 16, // One of sixteen exponentials at once
  DISTANCE_COST = 36,
  BIAS_COST = 12,
  SUM_COST = 3,   // One of sixteen additions at once
  EMBED_COST = 4, // One addition of a number that is in no cache near
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
  case PHASE_BIAS:
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
    return EMBED_COST * STREAMING_TABLES * sizes->embedding;
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
    return sizes->key * 3 / 2;
  case PHASE_EXPONENTIALS:
    return EXPONENTIAL_COST;
  case PHASE_SUM:
    return SUM_COST * sizes->memory;
  case PHASE_BIAS:
    return BIAS_COST;
  case PHASE_ATTEND:
    return sizes->heads * sizes->value * 5 / 4;
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

// Keep the keys [N][K] of the last event.
static void
keys_store(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const uint32_t capacity = streaming_capacity(sizes);
  const uint32_t slot = (state->events - 1) % capacity;
  const size_t head_size = (size_t)kernel_padded(capacity) * sizes->key;
  uint16_t *const halves = (uint16_t *)(void *)state->slot;
  for (uint32_t n = 0; n < sizes->heads && state->has_event; ++n) {
    const float *const row = state->rows + (size_t)n * sizes->key;
    const size_t place = n * head_size + key_place(sizes->key, slot, 0);
    if (network->precision == PRECISION_F16) {
      network->kernels->narrow(row, halves, sizes->key);
      for (uint32_t k = 0; k < sizes->key; ++k) {
        ((uint16_t *)state->keys)[place + (size_t)k * KERNEL_LANES] = halves[k];
      }
    } else {
      for (uint32_t k = 0; k < sizes->key; ++k) {
        ((float *)state->keys)[place + (size_t)k * KERNEL_LANES] = row[k];
      }
    }
  }
}

// Keep `values` [N*V] in `slot` of a memory [capacity][N*V].
static void
values_store(const struct streaming *const network, void *const memory, const size_t slot, const float *const values)
    REALTIME
{
  const uint32_t width = network->sizes.heads * network->sizes.value;
  if (network->precision == PRECISION_F16) {
    network->kernels->narrow(values, (uint16_t *)memory + slot * width, width);
  } else {
    memcpy((float *)memory + slot * width, values, width * sizeof(*values));
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
  const size_t slot = (step - 1) % streaming_capacity(sizes);
  if (network->precision == PRECISION_F16) {
    network->kernels->widen((const uint16_t *)state->values + slot * width, state->slot, width);
  } else {
    memcpy(state->slot, (const float *)state->values + slot * width, width * sizeof(float));
  }
  network->kernels->add_scaled(state->slot, state->rows, 1.0F, width);
  values_store(network, state->values, slot, state->slot);
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

// Begin to score for head number `head`, or go on to attend when all heads are done.
static void
head_begin(const struct streaming *const network, struct streaming_state *const state, const uint32_t head) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  if (head == sizes->heads) {
    memset(streaming_attended(network, state), 0, (size_t)sizes->heads * sizes->value * sizeof(float));
    phase_begin(state, PHASE_ATTEND);
    return;
  }
  state->head = head;
  state->highest = network->sink.data[head] * state->sharpness;
  phase_begin(state, PHASE_SCORES);
}

static void
attend_finish(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  float *attended = streaming_attended(network, state);
  for (uint32_t n = 0; n < sizes->heads; ++n, attended += sizes->value) {
    for (uint32_t i = 0; i < sizes->value; ++i) {
      attended[i] /= state->sums[n];
    }
  }
  state->attended = state->slots;
  phase_begin(state, PHASE_DECODER);
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
    keys_store(network, state);
    phase_begin(state, PHASE_VALUE);
    break;
  case PHASE_VALUE:
    if (state->has_event && network->sizes.heads) {
      values_store(network, state->values, (state->events - 1) % streaming_capacity(&network->sizes), state->rows);
    }
    if (state->has_event && network->sizes.backward) {
      values_store(network, state->plain, (state->events - 1) % streaming_capacity(&network->sizes), state->rows);
    }
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
  case PHASE_SUM:
    head_begin(network, state, state->head + 1);
    break;
  case PHASE_ATTEND:
    attend_finish(network, state);
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
