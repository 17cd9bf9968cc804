// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The order of a `windowed` network's work: from layer to layer, position to position and phase to phase, how many pieces
// each phase has, what they cost, and what is passed on when a phase is done.

#include "network_windowed_private.h"

#include <string.h>

// What a piece costs, in operations, as in network_streaming_phase.c
enum {
  UNIT_COST = 112,       // One LSTM unit: five exponentials and divisions
  EXPONENTIAL_COST = 48, // One of sixteen exponentials at once, but few of them
  ENERGY_COST = 24,      // One of sixteen hyperbolic tangents at once
  SUM_COST = 6,
  ATTEND_COST = 2,  // One multiplication by a number that is no weight
  DENSE_COST = 3,   // One multiplication by a weight that is used once per token, and has left the caches near
  OUTPUT_COST = 64, // Adding up the lanes of one product
};

uint32_t
windowed_piece_count(const struct windowed *const network,
                     const struct windowed_part *const part,
                     const enum window_phase phase) REALTIME
{
  switch (phase) {
  case WINDOW_INPUT:
  case WINDOW_ENERGIES:
  case WINDOW_EXPONENTIALS:
  case WINDOW_ATTEND:
    return network->sizes.context;
  case WINDOW_PROJECT:
  case WINDOW_GATES:
    return 4 * part->size;
  case WINDOW_UNITS:
  case WINDOW_KEY:
  case WINDOW_QUERY:
  case WINDOW_DENSE:
    return part->size;
  case WINDOW_SUM:
    return 1;
  case WINDOW_CHOICE:
  case WINDOW_STEP:
    break;
  }
  return 0;
}

// Return what a row of `matrix` costs: by the bytes to be read, and those of floats are twice as many.
static uint32_t
row_cost(const struct windowed *const network, const uint32_t columns) REALTIME
{
  return columns * (uint32_t)precision_size(network->precision) / (uint32_t)sizeof(uint16_t);
}

// Return what a row costs that is read once for a batch, and then waits for arithmetic only.
static uint32_t
batch_cost(const uint32_t columns, const uint32_t batch) REALTIME
{
  return batch * (columns * 5 / 8 + OUTPUT_COST);
}

uint32_t
windowed_piece_cost(const struct windowed *const network,
                    const struct windowed_part *const part,
                    const enum window_phase phase,
                    const uint32_t batch) REALTIME
{
  switch (phase) {
  case WINDOW_INPUT:
    return part->output;
  case WINDOW_PROJECT:
  case WINDOW_KEY:
  case WINDOW_QUERY:
    return batch_cost(part->input, batch);
  case WINDOW_GATES:
    return row_cost(network, part->size);
  case WINDOW_UNITS:
    return UNIT_COST;
  case WINDOW_ATTEND:
    return ATTEND_COST * part->input;
  case WINDOW_DENSE:
    return DENSE_COST * row_cost(network, part->input);
  case WINDOW_ENERGIES:
    return ENERGY_COST * part->size;
  case WINDOW_EXPONENTIALS:
    return EXPONENTIAL_COST;
  case WINDOW_SUM:
    return SUM_COST * network->sizes.context;
  case WINDOW_CHOICE:
  case WINDOW_STEP:
    break;
  }
  return 1;
}

const struct windowed_lstm *
windowed_direction(const struct windowed *const network, const struct windowed_state *const state) REALTIME
{
  const struct windowed_part *const part = &network->parts[state->part];
  return state->is_backward ? &part->backward : &part->forward;
}

uint32_t
windowed_batch(const struct windowed *const network, const struct windowed_state *const state) REALTIME
{
  const bool is_batch = state->phase == WINDOW_PROJECT || state->phase == WINDOW_KEY || state->phase == WINDOW_QUERY;
  const uint32_t left = network->sizes.context - state->position;
  return !is_batch ? 1 : left < WINDOW_BATCH ? left : (uint32_t)WINDOW_BATCH;
}

static void
phase_begin(struct windowed_state *const state, const enum window_phase phase) REALTIME
{
  state->phase = phase;
  state->piece = 0;
}

static const struct windowed_part *
part_of_state(const struct windowed *const network, const struct windowed_state *const state) REALTIME
{
  return &network->parts[state->part];
}

// Begin with a batch of positions, from t on.
static void
batch_begin(struct windowed_state *const state, const enum window_phase phase, const uint32_t t) REALTIME
{
  state->position = t;
  phase_begin(state, phase);
}

// Begin with one direction of an LSTM. Backwards, the first position read is the last one of the window, so that a layer
// that gives no more than that has no more to read.
static void
lstm_begin(const struct windowed *const network, struct windowed_state *const state, const bool is_backward) REALTIME
{
  const bool reads_one = is_backward && !part_of_state(network, state)->gives_sequence;
  state->is_backward = is_backward;
  batch_begin(state, WINDOW_PROJECT, reads_one ? network->sizes.context - 1 : 0);
}

// Begin to read the window in that direction, from nothing.
static void
lstm_begin_positions(const struct windowed *const network, struct windowed_state *const state) REALTIME
{
  const struct windowed_part *const part = part_of_state(network, state);
  memset(state->cell, 0, part->size * sizeof(float));
  memset(state->output, 0, part->size * sizeof(float));
  batch_begin(state, WINDOW_GATES, state->is_backward ? network->sizes.context - 1 : 0);
}

// Begin to attend from position t, whose query is known.
static void
attention_begin_position(struct windowed_state *const state, const uint32_t t) REALTIME
{
  state->position = t;
  phase_begin(state, WINDOW_ENERGIES);
}

static void
part_begin(const struct windowed *const network, struct windowed_state *const state, const uint32_t part) REALTIME
{
  state->part = part;
  state->position = 0;
  if (part == network->part_count) {
    phase_begin(state, WINDOW_CHOICE);
    return;
  }
  switch (network->parts[part].kind) {
  case LAYER_LSTM:
  case LAYER_BILSTM:
    lstm_begin(network, state, false);
    break;
  case LAYER_ATTENTION:
    phase_begin(state, WINDOW_KEY);
    break;
  case LAYER_DENSE:
  case LAYER_SOFTMAX:
    phase_begin(state, WINDOW_DENSE);
    break;
  default:
    phase_begin(state, WINDOW_INPUT);
  }
}

void
windowed_begin(const struct windowed *const network, struct windowed_state *const state) REALTIME
{
  part_begin(network, state, 0);
}

// Keep the LSTM's output where it is wanted.
static void
lstm_store(const struct windowed *const network, const struct windowed_state *const state) REALTIME
{
  const struct windowed_part *const part = part_of_state(network, state);
  if (part->gives_sequence || state->position == network->sizes.context - 1) {
    float *const output = windowed_output(network, state, part->gives_sequence ? state->position : 0);
    memcpy(output + (state->is_backward ? part->size : 0), state->output, part->size * sizeof(float));
  }
}

// Go on to the next position, the other direction, or the next layer.
static void
lstm_go_on(const struct windowed *const network, struct windowed_state *const state) REALTIME
{
  const struct windowed_part *const part = part_of_state(network, state);
  const uint32_t t = state->position;
  if (!state->is_backward && t + 1 < network->sizes.context) {
    batch_begin(state, WINDOW_GATES, t + 1);
  } else if (!state->is_backward && part->kind == LAYER_BILSTM) {
    lstm_begin(network, state, true);
  } else if (state->is_backward && part->gives_sequence && t > 0) {
    batch_begin(state, WINDOW_GATES, t - 1);
  } else {
    part_begin(network, state, state->part + 1);
  }
}

// Go on to the next batch, or to what comes when all are done.
static void
batch_finish(const struct windowed *const network, struct windowed_state *const state) REALTIME
{
  const uint32_t context = network->sizes.context;
  const uint32_t first = part_of_state(network, state)->gives_sequence ? 0 : context - 1; // Of those that attend
  const uint32_t next = state->position + windowed_batch(network, state);
  if (next < context) {
    batch_begin(state, state->phase, next);
  } else if (state->phase == WINDOW_PROJECT) {
    lstm_begin_positions(network, state);
  } else if (state->phase == WINDOW_KEY) {
    batch_begin(state, WINDOW_QUERY, first);
  } else {
    attention_begin_position(state, first);
  }
}

// Divide what was attended to by the softmax' denominator.
static void
attend_finish(const struct windowed *const network, struct windowed_state *const state) REALTIME
{
  const struct windowed_part *const part = part_of_state(network, state);
  float *const attended = windowed_output(network, state, part->gives_sequence ? state->position : 0);
  for (uint32_t i = 0; i < part->output; ++i) {
    attended[i] /= state->sum;
  }
  if (state->position < network->sizes.context - 1) {
    attention_begin_position(state, state->position + 1);
  } else {
    part_begin(network, state, state->part + 1);
  }
}

void
windowed_phase_finish(const struct windowed *const network, struct windowed_state *const state) REALTIME
{
  switch (state->phase) {
  case WINDOW_INPUT:
  case WINDOW_DENSE:
    part_begin(network, state, state->part + 1);
    break;
  case WINDOW_UNITS:
    lstm_store(network, state);
    lstm_go_on(network, state);
    break;
  case WINDOW_PROJECT:
  case WINDOW_KEY:
  case WINDOW_QUERY:
    batch_finish(network, state);
    break;
  case WINDOW_ATTEND:
    attend_finish(network, state);
    break;
  case WINDOW_CHOICE:
  case WINDOW_STEP:
    break;
  default: // Those after which nothing is left to do
    phase_begin(state, (enum window_phase)(state->phase + 1));
  }
}
