// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What a `windowed` network does in each phase. The order of floating-point operations depends on the formulas alone, never
// on how the pieces were cut: rows, units and positions are independent, or added one after the other.

#include "network_windowed_private.h"

#include <string.h>

const float *
windowed_input(const struct windowed *const network, const struct windowed_state *const state, const uint32_t t)
    REALTIME
{
  return state->sequences[(state->part + 1) % 2] + (size_t)t * network->stride;
}

float *
windowed_output(const struct windowed *const network, const struct windowed_state *const state, const uint32_t t)
    REALTIME
{
  return state->sequences[state->part % 2] + (size_t)t * network->stride;
}

static void
tokens_input(const struct windowed *const network,
             const struct windowed_state *const state,
             const uint32_t begin,
             const uint32_t end) REALTIME
{
  const struct windowed_part *const part = &network->parts[0];
  for (uint32_t t = begin; t < end; ++t) {
    float *const output = windowed_output(network, state, t);
    const uint16_t token = state->window[t];
    if (part->kind == LAYER_EMBED) {
      memcpy(output, part->embed.data + (size_t)token * part->embed.padded, part->output * sizeof(float));
    } else {
      memset(output, 0, part->output * sizeof(float));
      output[0] = (float)token / (float)network->sizes.vocabulary;
    }
  }
}

static void
scores_sum(const struct windowed *const network, struct windowed_state *const state) REALTIME
{
  const uint32_t padded = kernel_padded(network->sizes.context);
  for (uint32_t s = network->sizes.context; s < padded; ++s) {
    state->scores[s] = 0.0F;
  }
  state->sum = network->kernels->sum(state->scores, padded);
}

// Add the weighted inputs at positions [begin, end).
static void
inputs_attend(const struct windowed *const network,
              const struct windowed_state *const state,
              const uint32_t begin,
              const uint32_t end) REALTIME
{
  const struct windowed_part *const part = &network->parts[state->part];
  float *const attended = windowed_output(network, state, part->gives_sequence ? state->position : 0);
  if (begin == 0) {
    memset(attended, 0, part->output * sizeof(float));
  }
  network->kernels->weighted_sums(state->scores, windowed_input(network, state, 0), network->stride, part->output,
                                  attended, begin, end);
}

// Rows [begin, end) of a matrix times the inputs of the present batch; y [T][rows].
static void
batch_multiply(const struct windowed *const network,
               const struct windowed_state *const state,
               const struct matrix *const matrix,
               const float *const bias,
               float *const y,
               const uint32_t begin,
               const uint32_t end) REALTIME
{
  const uint32_t count = windowed_batch(network, state);
  // The input is only read; it shares its type with what is written
  float *const first = state->sequences[(state->part + 1) % 2] + (size_t)state->position * network->stride;
  const struct vectors inputs = {first, network->stride, count};
  const struct vectors outputs = {y + (size_t)state->position * matrix->rows, matrix->rows, count};
  network->kernels->matrix_vectors(matrix, bias, &inputs, &outputs, begin, end);
}

void
windowed_pieces(const struct windowed *const network,
                struct windowed_state *const state,
                const uint32_t begin,
                const uint32_t end) REALTIME
{
  const struct kernels *const kernels = network->kernels;
  const struct windowed_part *const part = &network->parts[state->part];
  const struct windowed_lstm *const lstm = windowed_direction(network, state);
  const uint32_t t = state->position;
  switch (state->phase) {
  case WINDOW_INPUT:
    tokens_input(network, state, begin, end);
    break;
  case WINDOW_PROJECT:
    batch_multiply(network, state, &lstm->input, lstm->bias.data, state->projected, begin, end);
    break;
  case WINDOW_GATES:
    kernels->matrix_vector(&lstm->recurrent, state->projected + (size_t)t * 4 * part->size, state->output, state->gates,
                           begin, end);
    break;
  case WINDOW_UNITS:
    kernels->lstm_step(state->gates, part->size, state->cell, state->output, begin, end);
    break;
  case WINDOW_KEY:
    batch_multiply(network, state, &part->key, NULL, state->keys, begin, end);
    break;
  case WINDOW_QUERY:
    batch_multiply(network, state, &part->query, part->bias.data, state->queries, begin, end);
    break;
  case WINDOW_ENERGIES:
    kernels->energies(state->queries + (size_t)t * part->size, part->weight.data, state->keys, part->size, part->size,
                      state->scores, begin, end);
    break;
  case WINDOW_EXPONENTIALS: // Energies lie between 0 and 1, so that nothing has to be subtracted
    kernels->exponentials(state->scores, 0.0F, state->scores, begin, end);
    break;
  case WINDOW_SUM:
    scores_sum(network, state);
    break;
  case WINDOW_ATTEND:
    inputs_attend(network, state, begin, end);
    break;
  case WINDOW_DENSE:
    kernels->matrix_vector(&part->dense, part->bias.data, windowed_input(network, state, 0),
                           part->kind == LAYER_SOFTMAX ? state->logits : windowed_output(network, state, 0), begin,
                           end);
    break;
  case WINDOW_CHOICE:
  case WINDOW_STEP:
    break;
  }
}
